"""What the lists that come in one table share."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from datetime import date

from claimcheck.codesets.imports.asked import Asked
from claimcheck.codesets.imports.cells import named, refuse
from claimcheck.codesets.imports.editions import Told
from claimcheck.codesets.imports.published import Published
from claimcheck.codesets.store.writing import Edition, Row
from claimcheck.errors import InputError
from claimcheck.line import MODIFIER_SHAPE

__all__ = ["Once", "cell_at", "edition", "in_order", "iso", "only", "read_modifier"]


class Once:
    """Sees to it that every key is in a table once; for tables that fit into memory.

    Args:
        name: the table.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._rows: dict[Hashable, int] = {}

    def see(self, row: int, key: Hashable, told: str) -> None:
        """Take note of a key, which messages call ``told``.

        Raises:
            InputError: it was there before.
        """
        before = self._rows.setdefault(key, row)
        if before != row:
            raise refuse(
                self._name, row, f"{told} is in row {before} already; each may be there once"
            )


def only(asked: Asked) -> Published:
    """The one table that was given.

    Raises:
        InputError: there are several.
    """
    if len(asked.files) > 1:
        names = ", ".join(file.name for file in asked.files)
        raise InputError(f"{names}: an edition of {asked.kind} is one table; give one file")
    return asked.files[0]


def edition(asked: Asked, told: Told, rows: Mapping[str, Iterable[Row]]) -> Edition:
    """The edition as the store takes it."""
    return Edition(
        kind=asked.kind,
        name=told.name,
        stated=told.stated,
        first=told.first,
        last=told.last,
        files=asked.sources,
        rows=rows,
        descriptions=asked.keep_descriptions,
        rows_read=asked.tally.rows_read,
    )


def read_modifier(name: str, row: int, cell: str) -> str:
    """A modifier in capitals, or "" for an empty cell.

    Raises:
        InputError: it has no shape of one.
    """
    modifier = cell.upper()
    if modifier and MODIFIER_SHAPE.fullmatch(modifier) is None:
        raise refuse(name, row, f"the modifier {named(cell)} has not two letters or digits")
    return modifier


def cell_at(cells: list[str], at: int | None) -> str:
    """A cell of a row, or "" where the table has no such column."""
    return "" if at is None else cells[at]


def in_order(
    name: str, row: int, code: str, first: date | None, last: date | None, ends: str = "ends"
) -> None:
    """See to it that something does not end before it begins.

    Raises:
        InputError: it does.
    """
    if first is not None and last is not None and last < first:
        raise refuse(name, row, f"{code} {ends} on {last}, before it begins on {first}")


def iso(day: date | None) -> str | None:
    """A date as the store has it."""
    return None if day is None else day.isoformat()
