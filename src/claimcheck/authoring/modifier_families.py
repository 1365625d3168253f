"""How many codes can take each family of modifiers, by the imported fee schedules.

``python -m claimcheck.authoring.modifier_families`` prints the table of ``docs/code-sets.md``.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Final

import attrs

from claimcheck.codesets.national import NationalTables, modifier_word, tables_of
from claimcheck.codesets.national.modifiers import MODIFIER_FAMILIES
from claimcheck.codesets.store import Kind
from claimcheck.dates import parse_date

__all__ = ["FamilyCount", "codes_of", "count_families", "markdown"]

_FEE_SCHEDULES: Final[tuple[Kind, ...]] = ("mpfs", "clfs")
_MOST_NAMED: Final = 6
_STRONGEST_FIRST: Final = ("accepted", "documentation", "refused")


@attrs.frozen
class FamilyCount:
    """Of how many codes the tables say what about the modifiers of a family.

    A code is counted once, by the best that is said of any modifier of the family.

    Attributes:
        family: its name.
        modifiers: its modifiers.
        accepted: codes with which at least one of them is paid.
        documentation: codes with which none is paid without supporting documentation.
        refused: codes with which none is paid.
        left_open: codes of which the tables decide about none of them.
    """

    family: str
    modifiers: tuple[str, ...]
    accepted: int
    documentation: int
    refused: int
    left_open: int


def codes_of(tables: NationalTables, day: date | None, kinds: Sequence[Kind]) -> tuple[str, ...]:
    """The codes that the editions of fee schedules that decide for a day have, sorted."""
    found: set[str] = set()
    for kind in kinds:
        vintage = tables.vintage(kind, day)
        if vintage is not None and tables.store is not None:
            query = f"SELECT DISTINCT code FROM {kind} WHERE vintage = ?"  # noqa: S608 - our own names
            found.update(code for (code,) in tables.store.rows(query, (vintage.id,)))
    return tuple(sorted(found))


def count_families(
    tables: NationalTables, day: date | None = None, kinds: Sequence[Kind] = _FEE_SCHEDULES
) -> tuple[FamilyCount, ...]:
    """The counts of every family of modifiers.

    Args:
        tables: the imported tables.
        day: date of service; None takes the newest edition of each fee schedule.
        kinds: the fee schedules whose codes are counted.
    """
    codes = codes_of(tables, day, kinds)
    return tuple(
        _count(tables, family, modifiers, codes, day)
        for family, modifiers in MODIFIER_FAMILIES.items()
    )


def _count(
    tables: NationalTables,
    family: str,
    modifiers: tuple[str, ...],
    codes: Sequence[str],
    day: date | None,
) -> FamilyCount:
    said = Counter(_best(tables, code, modifiers, day) for code in codes)
    return FamilyCount(
        family,
        modifiers,
        accepted=said["accepted"],
        documentation=said["documentation"],
        refused=said["refused"],
        left_open=said[None],
    )


def _best(
    tables: NationalTables, code: str, modifiers: Sequence[str], day: date | None
) -> str | None:
    words = (modifier_word(tables, code, modifier, day) for modifier in modifiers)
    said = {word.said for word in words if word is not None}
    return next((one for one in _STRONGEST_FIRST if one in said), None)


def markdown(counts: Sequence[FamilyCount]) -> Iterator[str]:
    """The counts as the rows of a Markdown table."""
    yield "| family | modifiers | accepted | only with documentation | refused | left open |"
    yield "|---|---|---:|---:|---:|---:|"
    for it in counts:
        numbers = (it.accepted, it.documentation, it.refused, it.left_open)
        cells = " | ".join(f"{number:,}" for number in numbers)
        yield f"| {it.family} | {_named(it.modifiers)} | {cells} |"


def _named(modifiers: tuple[str, ...]) -> str:
    if len(modifiers) <= _MOST_NAMED:
        return " ".join(modifiers)
    return f"{' '.join(modifiers[:_MOST_NAMED])} and {len(modifiers) - _MOST_NAMED} more"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 2 if no fee schedule is imported that covers the date."""
    parser = argparse.ArgumentParser(
        prog="python -m claimcheck.authoring.modifier_families",
        description="How many codes can take each family of modifiers, by imported fee schedules.",
    )
    parser.add_argument("--data", type=Path, help="the folder of imported code sets")
    parser.add_argument("--date", help="date of service; default: the newest editions")
    parser.add_argument(
        "--kind",
        action="append",
        choices=_FEE_SCHEDULES,
        help="the fee schedule whose codes are counted; may be given again; default: both",
    )
    given = parser.parse_args(arguments)
    kinds: Sequence[Kind] = given.kind or _FEE_SCHEDULES
    day = parse_date(given.date) if given.date else None
    if given.date and day is None:
        parser.error("--date is a day such as 2024-08-01")
    tables = tables_of(given.data)
    codes = codes_of(tables, day, kinds)
    if not codes:
        print("No imported fee schedule covers the date.", file=sys.stderr)
        return 2
    for row in markdown(count_families(tables, day, kinds)):
        print(row)
    asked = [one for kind in _FEE_SCHEDULES if (one := tables.edition(kind, day)) is not None]
    editions = " and ".join(edition.source for edition in asked)
    print(f"{len(codes):,} codes, by {editions}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
