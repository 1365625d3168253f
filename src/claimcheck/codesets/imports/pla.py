"""The AMA's list of proprietary laboratory analyses codes, with the days on which they begin and end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from claimcheck.codesets.imports.asked import Asked
from claimcheck.codesets.imports.cells import read_code, read_day, refuse
from claimcheck.codesets.imports.editions import Told, quarter_of
from claimcheck.codesets.imports.headers import Column, Header, read_table
from claimcheck.codesets.imports.single import Once, cell_at, edition, in_order, iso, only
from claimcheck.codesets.store import Kind
from claimcheck.codesets.store.writing import Edition, Row

__all__ = ["read", "suits"]

_COLUMNS: Final = (
    Column("code", ("hcpcs code", "cpt code", "pla code", "cpt pla code", "code", "hcpcs")),
    Column("effective", ("date effective", "effective date", "effective")),
    Column("deleted", ("date deleted", "deletion date", "deleted date", "deleted"), required=False),
    Column("description", ("proprietary name", "proprietary name *"), required=False),
)


def suits(kind: Kind, name: str) -> int:
    """How well the name of a file in a ZIP suits."""
    return 2 if "pla" in name.lower() else 1


def read(asked: Asked) -> Edition:
    """The edition in the file; its name and its end are those of the quarter of its latest code.

    Raises:
        InputError: the file cannot be used.
    """
    header, rows = read_table(only(asked), _COLUMNS)
    found = list(_rows(asked, header, rows))
    settled = asked.settle(_told(found), speaks_before=True)
    return edition(asked, settled, {"pla": found})


def _told(rows: list[Row]) -> Told | None:
    days = [date.fromisoformat(first) for _, first, *_ in rows]
    return quarter_of(max(days)) if days else None


def _rows(asked: Asked, header: Header, rows: Iterator[tuple[int, list[str]]]) -> Iterator[Row]:
    name = only(asked).name
    once = Once(name)
    places = [header.index(column.field) for column in _COLUMNS]
    for number, cells in rows:
        asked.tally.read += 1
        text, begins, ends, described = (cell_at(cells, at) for at in places)
        code = read_code(name, number, text)
        if not code.endswith("U"):
            raise refuse(name, number, f"{code} is no PLA code, which ends with U")
        once.see(number, code, code)
        first = read_day(name, number, begins, "the effective date")
        if first is None:
            raise refuse(name, number, f"{code} has no effective date")
        last = read_day(name, number, ends, "the deletion date")
        in_order(name, number, code, first, last)
        yield (
            code,
            iso(first),
            iso(last),
            (described or None) if asked.keep_descriptions else None,
        )
