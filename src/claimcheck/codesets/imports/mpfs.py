"""The relative value file of the Medicare physician fee schedule (PPRRVU).

CMS publishes it as CSV and Excel, with a banner and a header that is wrapped over rows, and as a text
of fixed columns. All have one row per code and, where professional and technical component can be
billed apart, one for each modifier.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from claimcheck.codesets.imports.asked import Asked
from claimcheck.codesets.imports.cells import read_among, read_code, refuse
from claimcheck.codesets.imports.editions import Told, from_names, quarter
from claimcheck.codesets.imports.headers import Column, read_table
from claimcheck.codesets.imports.published import Published
from claimcheck.codesets.imports.single import Once, cell_at, edition, only, read_modifier
from claimcheck.codesets.store import Kind
from claimcheck.codesets.store.writing import Edition, Row
from claimcheck.line import CODE_SHAPE

__all__ = ["read", "suits"]

_COLUMNS: Final = (
    Column("code", ("hcpcs", "hcpcs code", "cpt hcpcs", "hcpcs cpt code")),
    Column("modifier", ("mod", "modifier")),
    Column("status", ("status code", "status")),
    Column("pctc", ("pctc ind", "pctc", "pc tc ind", "pctc indicator")),
    Column("global_days", ("glob days", "global days", "global")),
    Column("multiple", ("mult proc",)),
    Column("bilateral", ("bilat surg",)),
    Column("assistant", ("asst surg",)),
    Column("co_surgeon", ("co surg",)),
    Column("team", ("team surg",)),
    Column("description", ("description",), required=False),
)
# What each field is called and may be, in the order of the columns after code and modifier.
_ALLOWED: Final = (
    ("the status", tuple("ABCDEFGHIJLMNPQRTX")),
    ("the PC/TC indicator", tuple("0123456789")),
    ("the global days cell", ("000", "010", "090", "MMM", "XXX", "YYY", "ZZZ")),
    ("the multiple procedure indicator", tuple("012345679")),
    ("the bilateral indicator", tuple("01239")),
    ("the assistant indicator", tuple("0129")),
    ("the co-surgeon indicator", tuple("0129")),
    ("the team indicator", tuple("0129")),
)
# Where the fields stand in the text, in the order of the columns.
_FIXED: Final = (
    slice(0, 5),
    slice(5, 7),
    slice(57, 58),
    slice(102, 103),
    slice(103, 106),
    slice(115, 116),
    slice(116, 117),
    slice(117, 118),
    slice(118, 119),
    slice(119, 120),
    slice(7, 57),
)
_FIXED_WIDTH: Final = 120
_LINE: Final = re.compile(rf"(?:{CODE_SHAPE.pattern})(?:[0-9A-Z]{{2}}|  )[^,\t]{{50}}[A-Z] ")
_SEARCHED: Final = 40  # lines in which a text of fixed columns shows itself
_BANNER: Final = re.compile(
    r"(?<!\d)(20\d\d)\b.*?\b(january|april|july|october)\b[^a-z]*release", re.IGNORECASE | re.DOTALL
)
_MONTHS: Final = ("january", "april", "july", "october")


def suits(kind: Kind, name: str) -> int:
    """How well the name of a file in a ZIP suits.

    Releases since 2026 have two files, which differ in the conversion factor only.
    """
    lowered = name.lower()
    if "pprrvu" not in lowered:
        return 1 if "mpfs" in lowered else 0
    return 2 if re.search(r"(?<!non)qp", lowered) else 3


def read(asked: Asked) -> Edition:
    """The edition in the file.

    Raises:
        InputError: the file cannot be used; for its rows, when they are read.
    """
    published = only(asked)
    told = from_names("mpfs", [published])
    if published.is_text and _is_fixed(published):
        rows = _fixed(published)
    else:
        header, cells = read_table(published, _COLUMNS)
        told = told or _banner(header.banner)
        rows = _picked(cells, [header.index(column.field) for column in _COLUMNS])
    return edition(asked, asked.settle(told), {"mpfs": _rows(asked, rows)})


def _banner(banner: Iterable[Iterable[str]]) -> Told | None:
    """The edition that the rows above the header tell: year, and month of the release."""
    match = _BANNER.search(" ".join(cell for row in banner for cell in row if cell))
    return quarter(int(match[1]), _MONTHS.index(match[2].lower()) + 1) if match else None


def _is_fixed(published: Published) -> bool:
    return any(_LINE.match(line) for _, line in islice(published.lines(), _SEARCHED))


def _fixed(published: Published) -> Iterator[tuple[int, list[str]]]:
    """Rows of the text of fixed columns; its banner has HDR before every line."""
    for number, line in published.lines():
        if not line.strip() or line.startswith("HDR"):
            continue
        if len(line) < _FIXED_WIDTH:
            raise refuse(
                published.name,
                number,
                f"{len(line)} characters, and at least {_FIXED_WIDTH} were expected; "
                "the file may be cut",
            )
        yield number, [line[part].strip() for part in _FIXED]


def _picked(
    rows: Iterator[tuple[int, list[str]]], places: list[int | None]
) -> Iterator[tuple[int, list[str]]]:
    for number, cells in rows:
        yield number, [cell_at(cells, at) for at in places]


def _rows(asked: Asked, rows: Iterator[tuple[int, list[str]]]) -> Iterator[Row]:
    name = only(asked).name
    once = Once(name)
    for number, (code, modifier, status, pctc, days, *surgery, description) in rows:
        asked.tally.read += 1
        key = read_code(name, number, code), read_modifier(name, number, modifier)
        once.see(number, key, " ".join(filter(None, key)))
        indicators = (status.upper(), pctc, _padded(days), *surgery)
        yield (
            *key,
            *(
                read_among(name, number, cell, allowed, what)
                for (what, allowed), cell in zip(_ALLOWED, indicators, strict=True)
            ),
            (description or None) if asked.keep_descriptions else None,
        )


def _padded(days: str) -> str:
    """Global days with the zeros that a spreadsheet drops."""
    return days.zfill(3) if days.isdigit() else days.upper()
