"""Place of service: the two-digit codes 01 to 99 of CMS.

Source: the CMS place of service code set (public domain) as it stood in the second half of 2024. A
start is given only where the set states the full day; an empty one means unstated, not "always".
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Final

import attrs

from claimcheck.codesets._data import first_day, read_rows
from claimcheck.codesets.vintage import Vintage

__all__ = ["VINTAGE", "Place", "assigned_on", "entries", "lookup"]

VINTAGE: Final = Vintage(name="2024", first=None, last=None, source="cms-place-of-service")


@attrs.frozen
class Place:
    """One place of service code.

    ``name`` is the name that CMS gives it, empty where the code is unassigned. ``start`` is the
    first date of service on which it may be used; ``None`` is unstated.
    """

    code: str
    name: str
    assigned: bool
    start: date | None


def lookup(code: str) -> Place | None:
    """Return the place with this two-digit code; ``None`` if it is not one of 01 to 99."""
    return _table().get(code)


def assigned_on(code: str, day: date | None) -> bool:
    """Whether the code stood for a place on this date of service.

    Without a day (``None``), whether it does in the edition at hand.
    """
    place = _table().get(code)
    if place is None or not place.assigned:
        return False
    return day is None or place.start is None or place.start <= day


def entries() -> tuple[Place, ...]:
    """Return all 99 codes, the unassigned ones too, in the order of the codes."""
    return tuple(_table().values())


@cache
def _table() -> dict[str, Place]:
    """Read the list: code -> place."""
    return {
        row["code"]: Place(
            code=row["code"],
            name=row["name"],
            assigned=row["assigned"] == "yes",
            start=first_day(row["start"]),
        )
        for row in read_rows("places.csv")
    }
