"""Provider taxonomy: its format, and the few codes that the bundled rules name.

Source: the NUCC health care provider taxonomy, version 25.1 (July 2025 release). Codes, short
display names and sections are quoted as facts; the whole list, with its definitions, is NUCC's and
is to be imported later, from the user's own copy. So a code that :func:`lookup` lacks may well
exist (see :data:`COMPLETE`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Final, Literal, cast, get_args

import attrs

from claimcheck.codesets._data import read_rows
from claimcheck.codesets.vintage import Vintage

__all__ = [
    "COMPLETE",
    "KNOWN_ABSENT",
    "VINTAGE",
    "Section",
    "TaxonomyCode",
    "entries",
    "is_well_formed",
    "lookup",
]

Section = Literal["Individual", "Non-Individual"]

# A July release is in force from 1 October; the next one is not at hand, so the end is unstated.
VINTAGE: Final = Vintage(name="25.1", first=date(2025, 10, 1), last=None, source="nucc-25.1")

# Whether every code of the edition is here; false until the whole list can be imported.
COMPLETE: Final = False

# Code -> where it was looked for in vain. Documents name these, though no edition has them.
KNOWN_ABSENT: Final[Mapping[str, str]] = MappingProxyType(
    {"204V00000X": "in no NUCC version 9.0 to 25.1"}
)

_FORMAT: Final = re.compile(r"[0-9A-Z]{9}X")


@attrs.frozen
class TaxonomyCode:
    """One taxonomy code, its display name, and whether a person or an organisation has it."""

    code: str
    name: str
    section: Section


def is_well_formed(code: str) -> bool:
    """Whether the text has the shape of a taxonomy code: nine digits or capitals, then ``X``."""
    return _FORMAT.fullmatch(code) is not None


def lookup(code: str) -> TaxonomyCode | None:
    """Return the code if it is among those that the bundled rules name; ``None`` for any other."""
    return _table().get(code)


def entries() -> tuple[TaxonomyCode, ...]:
    """Return the codes at hand, in the order of the codes."""
    return tuple(_table().values())


@cache
def _table() -> dict[str, TaxonomyCode]:
    """Read the list: code -> taxonomy code."""
    return {row["code"]: _taxonomy_code(row) for row in read_rows("taxonomy.csv")}


def _taxonomy_code(row: dict[str, str]) -> TaxonomyCode:
    """Read one row of the data file. Raises ValueError for an unknown section."""
    if row["section"] not in get_args(Section):
        raise ValueError(f"taxonomy.csv, {row['code']}: unknown section")
    return TaxonomyCode(code=row["code"], name=row["name"], section=cast("Section", row["section"]))
