"""Rows of a FHIR input: one for each line of a Claim, and one for each resource that gives none."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any, Final

from claimcheck.io.fhir.claims import ReadItem, Standing, lines_of
from claimcheck.io.fhir.documents import Read, documents
from claimcheck.io.fhir.references import Index, index_of
from claimcheck.io.fhir.values import EMPTY, object_at, objects_at, parts_at, text_at
from claimcheck.io.fhir.version import FhirVersion, version_of
from claimcheck.io.raw import RawLines
from claimcheck.io.rows import Row
from claimcheck.origin import Origin

__all__ = ["FhirRows"]

_DAMAGE_KEPT: Final = 100
_DEEPEST: Final = 8
# Types that may be named in a message; anything else that stands there could be a person's.
_TYPES: Final = frozenset(
    [
        "ClaimResponse",
        "Condition",
        "Coverage",
        "CoverageEligibilityRequest",
        "Encounter",
        "Invoice",
        "Location",
        "Observation",
        "OperationOutcome",
        "Organization",
        "Parameters",
        "Patient",
        "Practitioner",
        "PractitionerRole",
        "Procedure",
        "RelatedPerson",
        "ServiceRequest",
    ]
)
# Claims that a payer decided already, under the names that they go by.
_DECIDED: Final = {
    "ExplanationOfBenefit": "an ExplanationOfBenefit",
    "ExplanationOfBenefitBase": "an ExplanationOfBenefitBase (an ExplanationOfBenefit in the flat form of "
    "Blue Button's samples)",
}
_LIKE_CLAIMS: Final = frozenset(["Claim", *_DECIDED])

Found = tuple[dict[str, Any] | str, str, Index, FhirVersion | None]
"""A resource or why it is none, its FHIRPath, the resources beside it, and the version of FHIR."""


class FhirRows:
    """The lines of the Claims of an input, as rows. Iterate it once.

    Resources are read one after the other, each as a whole.

    Args:
        raw: physical lines, of which the first was looked at.
        version: of FHIR; None to tell it by ``meta.profile``.
        together: whether the lines of a Claim are a claim.
    """

    not_read: Final = 0
    looks_like: Final = None

    def __init__(
        self, raw: RawLines, version: FhirVersion | None = None, *, together: bool = True
    ) -> None:
        self._raw = raw
        self._version = version
        self._together = together
        self.damage: tuple[str, ...] = ()
        self.damage_count = 0

    def __iter__(self) -> Iterator[Row]:
        """Every line, readable or rejected, in order."""
        number = 0
        claims = count(1)
        for resource, (at, read) in enumerate(documents(self._raw), 1):
            for fields, reason, key, origin in _rows_of(read, resource, self._version, claims):
                number += 1
                if read.refused is not None:
                    self._damaged(f"row {number:,}: {read.refused}")
                own = key if self._together else None
                yield Row(number, at, fields, reason, own, origin.path or None, origin)

    def _damaged(self, what: str) -> None:
        """Keep what is told of damage: text that is no JSON, where a resource was to be."""
        self.damage_count += 1
        if self.damage_count <= _DAMAGE_KEPT:
            self.damage = (*self.damage, what)


def _rows_of(
    read: Read, resource: int, version: FhirVersion | None, claims: Iterator[int]
) -> Iterator[ReadItem]:
    """The lines of one document, and what is rejected in it; ``claims`` numbers those of the input."""
    if read.refused is not None:
        yield None, read.refused, None, Origin(resource, "")
        return
    for found, path, index, stated in _resources(read.document, version):
        if isinstance(found, str):
            yield None, found, None, Origin(resource, path)
            continue
        reason = _refused(found)
        if reason is not None:
            yield None, reason, None, Origin(resource, path)
            continue
        yield from lines_of(found, index, Standing(resource, path, next(claims)), stated)


def _resources(read: dict[str, Any], version: FhirVersion | None) -> Iterator[Found]:
    """What a document has to check: itself, or what matters of a Bundle."""
    kind = text_at(read, "resourceType") or ""
    if kind != "Bundle":
        yield read, kind if kind in _TYPES or kind in _LIKE_CLAIMS else "", {}, version
        return
    empty = True
    for found in _entries(read, "Bundle", {}, version, 0):
        empty = False
        yield found
    if empty:
        yield read, "Bundle", {}, version


def _entries(
    bundle: dict[str, Any], path: str, index: Index, version: FhirVersion | None, depth: int
) -> Iterator[Found]:
    """The Claims of a Bundle, of Bundles in it, what is like a Claim and none, and what is no object."""
    index = {**index, **index_of(bundle)}
    version = version or version_of(bundle)
    for at, entry in enumerate(parts_at(bundle, "entry")):
        own = f"{path}.entry[{at}]"
        if entry is None:
            yield "the entry is no object", own, index, version
            continue
        resource, own = object_at(entry, "resource"), f"{own}.resource"
        kind = text_at(resource, "resourceType")
        if type(entry.get("resource", EMPTY)) is not dict:
            yield "the resource is no object", own, index, version
        elif kind == "Bundle" and depth < _DEEPEST:
            yield from _entries(resource, own, index, version, depth + 1)
        elif kind in _LIKE_CLAIMS:
            yield resource, own, index, version


def _refused(resource: dict[str, Any]) -> str | None:
    """Why a resource gives no line, or None."""
    kind = text_at(resource, "resourceType")
    if kind == "Claim":
        if resource.get("status") == "entered-in-error":
            return "the Claim is marked as entered in error"
        return None if objects_at(resource, "item") else "the Claim has no item"
    if kind == "Bundle":
        return "the Bundle has no Claim"
    if kind in _DECIDED:
        return f"the resource is {_DECIDED[kind]}, which is decided; give the Claim"
    if kind is None:
        return "the object is no FHIR resource: it has no resourceType"
    return f"the resource is {'of another type' if kind not in _TYPES else f'of type {kind}'}, not a Claim"
