"""The kinds of official lists and tables that can be imported."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, TypeAlias, get_args

__all__ = ["KINDS", "TITLES", "Kind"]

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
        "mpfs": "Medicare physician fee schedule, relative value file",
        "clfs": "Medicare clinical laboratory fee schedule",
        "mue-practitioner": "Medically unlikely edits, practitioner",
        "mue-outpatient": "Medically unlikely edits, outpatient hospital",
        "mue-dme": "Medically unlikely edits, DME supplier",
        "ptp-practitioner": "NCCI procedure-to-procedure edits, practitioner",
        "ptp-outpatient": "NCCI procedure-to-procedure edits, outpatient hospital",
        "addon": "NCCI add-on code edits",
        "pla": "Proprietary laboratory analyses codes",
        "hcpcs": "HCPCS Level II",
    }
)
