"""Modifiers: the two-character vocabulary of CPT (level I) and HCPCS (level II).

Source: a list of all modifiers as of mid 2024; the bit for NCCI is from the CMS list of modifiers
that may bypass a procedure-to-procedure edit. Meanings are in this project's own words: CPT
descriptors are the AMA's.

Level I is complete here. Level II is partial: a code of that level which is absent here may well
exist (see :data:`LEVELS_COMPLETE`).
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Final, Literal, cast, get_args

import attrs

from claimcheck.codesets._data import first_day, read_rows
from claimcheck.codesets.vintage import Vintage

__all__ = [
    "LEVELS_COMPLETE",
    "VINTAGE",
    "Family",
    "Level",
    "Modifier",
    "entries",
    "is_level_one_shape",
    "lookup",
]

Level = Literal["I", "II"]
Family = Literal[
    "anatomic",
    "anesthesia",
    "bilateral",
    "component",
    "distinct-service",
    "drug",
    "evaluation-management",
    "facility",
    "global-surgery",
    "informational",
    "laboratory",
    "multiple-procedure",
    "payer",
    "preventive",
    "quality",
    "reduced-discontinued",
    "repeat",
    "research",
    "surgical-effort",
    "surgical-team",
    "teaching",
    "telehealth",
    "therapy",
]

# The list says "mid 2024" and no day; each modifier's own start says since when it may be used.
VINTAGE: Final = Vintage(name="mid 2024", first=None, last=None, source="modifier-list-2024")

LEVELS_COMPLETE: Final[frozenset[Level]] = frozenset({"I"})


@attrs.frozen
class Modifier:
    """One modifier.

    ``meaning`` is in our own words. ``start`` and ``end`` are the first and last date of service on
    which it may be used; ``None`` is unstated. ``ptp_associated``: NCCI lets it bypass a
    procedure-to-procedure edit whose indicator allows that.
    """

    code: str
    meaning: str
    family: Family
    level: Level
    start: date | None
    end: date | None
    ptp_associated: bool

    def in_force(self, day: date | None) -> bool:
        """Whether it may be used on this date of service; true where nothing stated speaks against.

        Without a day (``None``), whether it is still in use in the edition at hand.
        """
        if day is None:
            return self.end is None
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


def lookup(code: str) -> Modifier | None:
    """Return the modifier with this upper-case code; ``None`` if it is not in the list."""
    return _table().get(code)


def is_level_one_shape(code: str) -> bool:
    """Whether the text is two digits, as most of level I is: such a code, if absent, is none.

    Level I has letters too (``1P``, ``P1``); those are not told from level II by their shape.
    """
    return len(code) == 2 and code.isascii() and code.isdigit()


def entries() -> tuple[Modifier, ...]:
    """Return all modifiers of the list, in the order of the codes."""
    return tuple(_table().values())


@cache
def _table() -> dict[str, Modifier]:
    """Read the list: code -> modifier."""
    return {row["code"]: _modifier(row) for row in read_rows("modifiers.csv")}


def _modifier(row: dict[str, str]) -> Modifier:
    """Read one row of the data file. Raises ValueError for an unknown family or level."""
    if row["family"] not in get_args(Family) or row["level"] not in get_args(Level):
        raise ValueError(f"modifiers.csv, {row['code']}: unknown family or level")
    return Modifier(
        code=row["code"],
        meaning=row["meaning"],
        family=cast("Family", row["family"]),
        level=cast("Level", row["level"]),
        start=first_day(row["start"]),
        end=date.fromisoformat(row["end"]) if row["end"] else None,
        ptp_associated=row["ptp_associated"] == "yes",
    )
