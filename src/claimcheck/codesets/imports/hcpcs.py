"""HCPCS Level II: the alpha-numeric file of CMS, as text of fixed columns, Excel or CSV.

A record says by its number what it is: 3 begins a code and 4 goes on with its text, 7 begins a
modifier and 8 goes on with its text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

import attrs

from claimcheck.codesets.imports.asked import Asked
from claimcheck.codesets.imports.cells import read_among, read_code, read_day, refuse
from claimcheck.codesets.imports.editions import from_names
from claimcheck.codesets.imports.headers import Column, read_table
from claimcheck.codesets.imports.published import Published
from claimcheck.codesets.imports.single import (
    Once,
    cell_at,
    edition,
    in_order,
    iso,
    only,
    read_modifier,
)
from claimcheck.codesets.store import Kind
from claimcheck.codesets.store.writing import Edition, Row
from claimcheck.errors import InputError

__all__ = ["read", "suits"]

_COLUMNS: Final = (
    Column("code", ("hcpc", "hcpcs", "hcpcs code")),
    Column("record", ("recid", "rec id", "record identification code")),
    Column("added", ("add dt", "add date", "code added date")),
    Column("ends", ("term dt", "term date", "termination date")),
    Column("description", ("long description",), required=False),
)
# The same fields in the text. A modifier stands in the last two places of the code's.
_FIXED: Final = (
    slice(0, 5),
    slice(10, 11),
    slice(268, 276),
    slice(284, 292),
    slice(11, 91),
)
# The date on which it ends is often blank, and blanks at the end of a line may be gone.
_SHORTEST: Final = 284
_LINE: Final = re.compile(r"(?:[A-Z][0-9]{4}|   [0-9A-Z]{2})[0-9 ]{5}[3478]")
_SEARCHED: Final = 40  # lines in which a text of fixed columns shows itself
_RECORDS: Final = ("3", "4", "7", "8")


@attrs.define
class _Record:
    row: int
    code: str
    first: str | None
    last: str | None
    text: list[str]

    def kept(self, descriptions: bool) -> Row:
        """The row of the store."""
        text = " ".join(filter(None, self.text)) if descriptions else ""
        return (self.code, self.first, self.last, text or None)


def suits(kind: Kind, name: str) -> int:
    """How well the name of a file in a ZIP suits; there are others on prices and notes beside it."""
    lowered = name.lower()
    if "hcpc" not in lowered or re.search(r"layout|trans|corr|note|noc", lowered):
        return 0
    return 2 if "anweb" in lowered else 1


def read(asked: Asked) -> Edition:
    """The edition in the file.

    Raises:
        InputError: the file cannot be used.
    """
    published = only(asked)
    if published.is_text and _is_fixed(published):
        records = _fixed(published)
    else:
        header, cells = read_table(published, _COLUMNS)
        places = [header.index(column.field) for column in _COLUMNS]
        records = ((number, [cell_at(row, at) for at in places]) for number, row in cells)
    codes, modifiers = _gathered(asked, records)
    if not codes:
        raise InputError(f"{published.name}: has no codes")
    if not modifiers:
        asked.tally.notes.append(f"{published.name} has no modifiers, only codes")
    keep = asked.keep_descriptions
    return edition(
        asked,
        asked.settle(from_names("hcpcs", [published])),
        {
            "hcpcs": [record.kept(keep) for record in codes],
            "hcpcs_modifier": [record.kept(keep) for record in modifiers],
        },
    )


def _is_fixed(published: Published) -> bool:
    return any(_LINE.match(line) for _, line in islice(published.lines(), _SEARCHED))


def _fixed(published: Published) -> Iterator[tuple[int, list[str]]]:
    for number, line in published.lines():
        if not line.strip("\x1a \t"):
            continue
        if _LINE.match(line) is None:
            raise refuse(
                published.name,
                number,
                "no record of HCPCS Level II: code, sequence number, then 3, 4, 7 or 8",
            )
        if line[10] in "37" and len(line) < _SHORTEST:
            raise refuse(
                published.name,
                number,
                f"{len(line)} characters, and at least {_SHORTEST} were expected; "
                "the file may be cut",
            )
        yield number, [line[part].strip() for part in _FIXED]


def _gathered(
    asked: Asked, records: Iterator[tuple[int, list[str]]]
) -> tuple[list[_Record], list[_Record]]:
    """Codes, and modifiers, each with the texts of the records that go on with it."""
    name = only(asked).name
    once = Once(name)
    codes: list[_Record] = []
    modifiers: list[_Record] = []
    for number, (text, record, added, ends, described) in records:
        asked.tally.read += 1
        read_among(name, number, record, _RECORDS, "the record number")
        into = codes if record in "34" else modifiers
        reader = read_code if record in "34" else read_modifier
        code = reader(name, number, text)
        if not code:
            raise refuse(name, number, "the modifier is empty")
        if record in "48":
            if not into or into[-1].code != code:
                raise refuse(
                    name, number, f"goes on with {code}, which does not stand directly above"
                )
            into[-1].text.append(described)
            continue
        once.see(number, code, code)
        first = read_day(name, number, added, "the date on which it was added")
        last = read_day(name, number, ends, "the date on which it ends")
        in_order(name, number, code, first, last)
        into.append(_Record(number, code, iso(first), iso(last), [described]))
    return codes, modifiers
