"""The kinds of official lists and tables that can be imported."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, TypeAlias, get_args

__all__ = ["KINDS", "MEDICARE_KINDS", "TITLES", "Kind"]

Kind: TypeAlias = Literal[
    "nucc",
    "icd10cm",
    "mpfs",
    "clfs",
    "mue-practitioner",
    "mue-outpatient",
    "mue-dme",
    "ptp-practitioner",
    "ptp-outpatient",
    "addon",
    "pla",
    "hcpcs",
]

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

TITLES: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        "nucc": "NUCC provider taxonomy",
        "icd10cm": "ICD-10-CM",
        "mpfs": "Medicare physician fee schedule",
        "clfs": "Medicare clinical laboratory fee schedule",
        "mue-practitioner": "MUE table for practitioners",
        "mue-outpatient": "MUE table for outpatient hospitals",
        "mue-dme": "MUE table for DME suppliers",
        "ptp-practitioner": "NCCI PTP table for practitioners",
        "ptp-outpatient": "NCCI PTP table for outpatient hospitals",
        "addon": "NCCI add-on code table",
        "pla": "AMA list of PLA codes",
        "hcpcs": "HCPCS Level II list",
    }
)

MEDICARE_KINDS: Final[frozenset[Kind]] = frozenset(KINDS) - {"nucc", "icd10cm", "pla", "hcpcs"}
"""The tables that are Medicare's own, which other payers may or may not follow."""
