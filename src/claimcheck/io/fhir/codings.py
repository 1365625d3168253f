"""Codes of a CodeableConcept: the one in the system that a field takes."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final, Literal, TypeAlias

from claimcheck.io.fhir.values import objects_at, text_at
from claimcheck.line import ForeignCode

__all__ = ["System", "code_in", "has_code_in", "taxonomy_in"]

System: TypeAlias = Literal["procedure", "place", "diagnosis", "icd-9-cm", "taxonomy", "other"]

# Systems go by many URIs: HL7's own, those of guides, OIDs, and what data providers made up.
_SYSTEMS: Final[tuple[tuple[re.Pattern[str], System], ...]] = (
    (
        re.compile(
            r"ama-assn\.org/.*cpt|hcpcs|ada\.org/(?:cdt|snodent)"
            r"|2\.16\.840\.1\.113883\.6\.(?:12|13|14|285)$|x12\.org/.*/1339$"
        ),
        "procedure",
    ),
    (re.compile(r"place[-_]?of[-_]?s(?:er)?vi?r?ce?|place_of_srvc|ex-serviceplace"), "place"),
    (re.compile(r"icd-?9|2\.16\.840\.1\.113883\.6\.(?:103|104)$"), "icd-9-cm"),
    (re.compile(r"icd-?10(?:-cm)?(?:\W|$)|2\.16\.840\.1\.113883\.6\.90$"), "diagnosis"),
    (re.compile(r"nucc\.org|provider-taxonomy|2\.16\.840\.1\.113883\.6\.101$"), "taxonomy"),
)
_TAXONOMY: Final = re.compile(r"[0-9A-Z]{9}X")


@lru_cache(maxsize=1_024)
def system_of(uri: str) -> System:
    """Which system a URI means."""
    plain = uri.strip().lower().rstrip("/")
    for shape, system in _SYSTEMS:
        if shape.search(plain):
            return system
    return "other"


def code_in(concept: dict[str, Any], wanted: System, *, foreign: bool = False) -> Any:
    """The code of a concept in the wanted system; None if there is no code.

    Failing that, one whose system is not stated. If all are stated to be of other systems, one of
    them: as it stands, or with ``foreign`` as a ``ForeignCode``. Modifiers and places go by many
    local URIs, procedures and diagnoses by known ones. A concept's text is never taken for a code.
    """
    unstated: Any = None
    other: Any = None
    for coding in objects_at(concept, "coding"):
        code = coding.get("code")
        if code is None or code == "":
            continue
        uri = text_at(coding, "system")
        system = system_of(uri) if uri is not None else None
        if system == wanted:
            return code
        if system is None:
            unstated = code if unstated is None else unstated
        elif not foreign:
            other = code if other is None else other
        elif other is None or system == "icd-9-cm":
            named = "ICD-9-CM" if system == "icd-9-cm" else "another code set"
            other = ForeignCode(named, code if type(code) is str else "")
    return other if unstated is None else unstated


def has_code_in(concept: dict[str, Any], codes: frozenset[str]) -> bool:
    """Whether a concept has one of these codes, in whatever system."""
    found = (text_at(coding, "code") for coding in objects_at(concept, "coding"))
    return any(code is not None and code.strip().lower() in codes for code in found)


def taxonomy_in(concept: dict[str, Any]) -> str | None:
    """The provider taxonomy of a concept, or None.

    What else stands there (a licence, a role) is no taxonomy and nothing to tell. A code without
    system must have a taxonomy's shape.
    """
    for coding in objects_at(concept, "coding"):
        code, uri = text_at(coding, "code"), text_at(coding, "system")
        if code is None:
            continue
        if system_of(uri) == "taxonomy" if uri is not None else _TAXONOMY.fullmatch(code):
            return code
    return None
