"""Add-on codes and their primaries.

Published quarterly as Excel, and as text of fixed width with the same columns: type (1), add-on code
(5), its deletion (7), primary code (5), its deletion (7), effective date (7) and deletion (7) of the
edit, then notes. Dates are a year and the day of the year. The last day of a row is the earliest
deletion in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import Final

from claimcheck.codesets.imports.asked import Asked
from claimcheck.codesets.imports.cells import read_among, read_code, read_day, refuse
from claimcheck.codesets.imports.editions import from_names
from claimcheck.codesets.imports.headers import Column, read_table
from claimcheck.codesets.imports.published import Published
from claimcheck.codesets.imports.single import Once, only
from claimcheck.codesets.store import Kind
from claimcheck.codesets.store.writing import Edition, Row

__all__ = ["CONTRACTOR", "read", "suits"]

CONTRACTOR: Final = "CCCCC"
"""The primary of an add-on code whose primaries the contractor defines."""

_COLUMNS: Final = (
    Column("AOC edit type", ("aoc edit type*", "edit type", "type")),
    Column("add-on code", ("add on code", "addon code", "aoc code")),
    Column("primary code", ("primary code",)),
    Column("effective date", ("aoc edit eff*", "effective date"), required=False),
    Column("deletion date", ("aoc edit del*", "deletion date"), required=False),
    Column("deletion of the add-on code", ("aoc del*", "add on code del*"), required=False),
    Column("deletion of the primary code", ("primary code del*",), required=False),
)
_DATES: Final = (
    "effective date",
    "deletion date",
    "deletion of the add-on code",
    "deletion of the primary code",
)
_FIXED: Final = re.compile(
    "([1-9])([0-9A-Z]{5})([0-9]{7}| {7})([0-9A-Z]{5})([0-9]{7}| {7})([0-9]{7}| {7})([0-9]{7}| {7}).*"
)
_FIXED_WIDTH: Final = 39
_BANNER: Final = 40  # lines that may stand above a text of fixed width

Cells = tuple[str, str, str, str, str, str, str]


def suits(kind: Kind, name: str) -> int:
    """The text of fixed width first: nothing else is needed to read it."""
    name = name.lower()
    if "aoc" not in name or any(word in name for word in ("change", "layout", "readme")):
        return 0
    return 1 + ("-f-" in name)


def read(asked: Asked) -> Edition:
    """The edition in one file.

    Raises:
        InputError: there is more than one file, or it cannot be used.
    """
    published = only(asked)
    fixed = published.is_text and any(
        _FIXED.fullmatch(line.ljust(_FIXED_WIDTH)) for _, line in islice(published.lines(), _BANNER)
    )
    dated, cells = (True, _fixed(published)) if fixed else _table(published)
    told = asked.settle(from_names(asked.kind, asked.files), speaks_before=dated)
    return Edition(
        asked.kind,
        told.name,
        told.stated,
        told.first,
        told.last,
        asked.sources,
        {"addon": _rows(asked, published.name, cells)},
        False,
        asked.tally.rows_read,
    )


def _table(published: Published) -> tuple[bool, Iterator[tuple[int, Cells]]]:
    """Whether the rows have effective dates, and their cells."""
    header, rows = read_table(published, _COLUMNS)
    places = [header.index(column.field) for column in _COLUMNS]

    def cells() -> Iterator[tuple[int, Cells]]:
        for number, row in rows:
            kind, code, primary, *dates = ("" if at is None else row[at] for at in places)
            first, last, code_last, primary_last = dates
            yield number, (kind, code, primary, first, last, code_last, primary_last)

    return header.index("effective date") is not None, cells()


def _fixed(published: Published) -> Iterator[tuple[int, Cells]]:
    begun = False
    for number, line in published.lines():
        match = _FIXED.fullmatch(line.ljust(_FIXED_WIDTH))
        if match is None:
            if not line.strip("\x1a \t") or (not begun and number <= _BANNER):
                continue
            raise refuse(
                published.name,
                number,
                "is no line of this table (type, add-on code, date, primary code, three dates); "
                "the file may be cut",
            )
        begun = True
        kind, code, code_last, primary, primary_last, first, last = map(str.strip, match.groups())
        yield number, (kind, code, primary, first, last, code_last, primary_last)


def _rows(asked: Asked, name: str, rows: Iterator[tuple[int, Cells]]) -> Iterator[Row]:
    keys = Once(name)
    for number, (kind, code_cell, primary_cell, *dates) in rows:
        asked.tally.read += 1
        read_among(name, number, kind, ("1", "2", "3"), "the AOC edit type")
        code = read_code(name, number, code_cell, "the add-on code")
        primary = primary_cell.upper()
        if primary != CONTRACTOR:
            primary = read_code(name, number, primary_cell, "the primary code")
        first, last = _period(name, number, dates)
        keys.see(number, (code, primary, first), f"{code} with the primary {primary}")
        yield code, primary, int(kind), first, last


def _period(name: str, number: int, dates: list[str]) -> tuple[str, str | None]:
    first, last, *others = (
        read_day(name, number, cell, f"the {what}")
        for cell, what in zip(dates, _DATES, strict=True)
    )
    if first is not None and last is not None and last < first:
        raise refuse(name, number, f"the edit ends on {last}, before it begins on {first}")
    ends: list[date] = [day for day in (last, *others) if day is not None]
    return first.isoformat() if first else "", min(ends).isoformat() if ends else None
