"""Medically unlikely edits: how many units of a code one patient can have.

Published per setting as CSV and Excel in a ZIP: a notice, then code, value, adjudication indicator
(``2 Date of Service Edit: Policy``) and rationale. No row has dates: the edition is a quarter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from claimcheck.codesets.imports.asked import Asked
from claimcheck.codesets.imports.cells import read_code, refuse, shown
from claimcheck.codesets.imports.editions import from_names
from claimcheck.codesets.imports.headers import Column, Header, read_table
from claimcheck.codesets.imports.published import Published
from claimcheck.codesets.imports.single import Once, only
from claimcheck.codesets.store import Kind
from claimcheck.codesets.store.writing import Edition, Row
from claimcheck.errors import InputError

__all__ = ["read", "suits"]

_COLUMNS: Final = (
    Column("code", ("hcpcs cpt code", "cpt hcpcs code", "hcpcs code", "cpt code", "code")),
    Column("MUE value", ("* mue values", "* mue value", "mue values", "mue value", "mue")),
    Column("MUE adjudication indicator", ("mue adjudication indicator*", "mai")),
    Column("rationale", ("mue rationale", "rationale"), required=False),
)
_SETTINGS: Final[Mapping[Kind, str]] = MappingProxyType(
    {"mue-practitioner": "practitioner", "mue-outpatient": "outpatient", "mue-dme": "dme"}
)
_INDICATOR: Final = re.compile(r"([123])(?![0-9]).*", re.DOTALL)
_VALUE: Final = re.compile(r"[0-9]{1,7}")


def suits(kind: Kind, name: str) -> int:
    """Files of the setting first, then any of these edits, which ``read`` then refuses by name."""
    name = name.lower()
    return 2 * ("mue" in name and _SETTINGS[kind] in name) + ("mue" in name)


def read(asked: Asked) -> Edition:
    """The edition in one file.

    Raises:
        InputError: there is more than one file, or one of another setting, or it cannot be used.
    """
    published = only(asked)
    header, rows = read_table(published, _COLUMNS)
    _refuse_other_setting(asked.kind, published, header)
    told = asked.settle(from_names(asked.kind, asked.files))
    return Edition(
        asked.kind,
        told.name,
        told.stated,
        told.first,
        told.last,
        asked.sources,
        {"mue": _rows(asked, published, header, rows)},
        asked.keep_descriptions,
        asked.tally.rows_read,
    )


def _refuse_other_setting(kind: Kind, published: Published, header: Header) -> None:
    """By the name of the value's column, else by the name of the file."""
    for text in (header.names[header.columns["MUE value"]], published.name.lower()):
        found = [other for other, word in _SETTINGS.items() if word in text]
        if len(found) == 1 and found[0] != kind:
            raise InputError(
                f"{published.name}: is of the kind {found[0]}, and {kind} was expected"
            )
        if found:
            return


def _rows(
    asked: Asked, published: Published, header: Header, rows: Iterator[tuple[int, list[str]]]
) -> Iterator[Row]:
    name = published.name
    keys = Once(name)
    at_code, at_value = header.columns["code"], header.columns["MUE value"]
    at_indicator = header.columns["MUE adjudication indicator"]
    at_rationale = header.index("rationale") if asked.keep_descriptions else None
    for number, cells in rows:
        asked.tally.read += 1
        code = read_code(name, number, cells[at_code])
        keys.see(number, code, code)
        value = cells[at_value]
        if _VALUE.fullmatch(value) is None:
            raise refuse(
                name, number, f"the MUE value is {shown(value)}, and a whole number was expected"
            )
        indicator = _INDICATOR.fullmatch(cells[at_indicator])
        if indicator is None:
            raise refuse(
                name,
                number,
                f"the adjudication indicator is {shown(cells[at_indicator])}, "
                "and 1, 2 or 3 was expected",
            )
        rationale = None if at_rationale is None else cells[at_rationale] or None
        yield code, int(value), int(indicator[1]), rationale
