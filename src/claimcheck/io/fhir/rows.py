"""Rows of a FHIR input: one for each line of a Claim, and one for each resource that gives none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import Any, Final

import attrs
import msgspec

from claimcheck.errors import InputError
from claimcheck.io.claims import ClaimKey
from claimcheck.io.fhir.claims import lines_of
from claimcheck.io.fhir.detect import object_of
from claimcheck.io.fhir.references import Index, index_of
from claimcheck.io.fhir.values import EMPTY, object_at, objects_at, text_at
from claimcheck.io.fhir.version import FhirVersion, version_of
from claimcheck.io.raw import RawLines
from claimcheck.io.rows import Row
from claimcheck.origin import Origin

__all__ = ["LARGEST", "FhirRows"]

LARGEST: Final = 512 << 20
"""Bytes that one resource may have: it is read as a whole."""

_POSITION: Final = re.compile(r"\(byte (\d+)\)")
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

Found = tuple[dict[str, Any], str, Index, FhirVersion | None]
"""A resource, its FHIRPath, the resources beside it, and the version of FHIR."""


class FhirRows:
    """The lines of the Claims of an input, as rows. Iterate it once.

    NDJSON is read resource by resource; anything else is one document, read as a whole.

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
        raw.longest = LARGEST
        self.damage: tuple[str, ...] = ()
        self.damage_count = 0

    def __iter__(self) -> Iterator[Row]:
        """Every line, readable or rejected, in order."""
        number = 0
        for resource, (at, read) in enumerate(self._documents(), 1):
            for fields, reason, key, origin in _rows_of(read, resource, self._version):
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

    def _documents(self) -> Iterator[tuple[int, _Read]]:
        """The JSON documents of the input, each with its first physical line.

        It is NDJSON if its first line is a document by itself; or its second, since a first line may
        be damaged.
        """
        first = next(self._raw, b"")
        at, read = self._raw.number, _parse(first)
        if read.refused is None or first is None:
            yield at, read
        else:
            second = next(self._raw, b"")
            if "resourceType" not in (object_of(second or b"") or EMPTY):
                yield at, _parse(self._rest(first, second))
                return
            yield at, read
            yield self._raw.number, _parse(second)
        for line in self._raw:
            if line is None or line.strip():
                yield self._raw.number, _parse(line)

    def _rest(self, first: bytes, second: bytes | None) -> bytes:
        """The whole input as one document.

        Raises:
            InputError: it is too long.
        """
        lines, size = [first], len(first)
        for line in chain([second], self._raw):
            size += LARGEST if line is None else len(line)
            if size > LARGEST:
                raise InputError(
                    f"{self._raw.name}: is one JSON document of more than {LARGEST:,} bytes; write its "
                    "Claims as NDJSON, one to a line"
                )
            lines.append(line or b"")
        return b"".join(lines)


@attrs.frozen
class _Read:
    """A JSON document, or why it is none."""

    document: dict[str, Any] = EMPTY
    refused: str | None = None


_Line = tuple[dict[str, Any] | None, str | None, ClaimKey | None, Origin]


def _parse(text: bytes | None) -> _Read:
    if text is None:
        return _Read(refused=f"the resource is longer than {LARGEST:,} bytes")
    try:
        read = msgspec.json.decode(text)
    except (ValueError, RecursionError) as error:
        return _Read(refused=_reason(error))
    if type(read) is not dict:
        return _Read(refused="the text is JSON, but no object")
    return _Read(read)


def _rows_of(read: _Read, resource: int, version: FhirVersion | None) -> Iterator[_Line]:
    """The lines of one document, and what is rejected in it."""
    if read.refused is not None:
        yield None, read.refused, None, Origin(resource, "")
        return
    for found, path, index, stated in _resources(read.document, version):
        reason = _refused(found)
        if reason is not None:
            yield None, reason, None, Origin(resource, path)
            continue
        for fields, key, origin in lines_of(found, index, resource, path, stated):
            yield fields, None, key, origin


def _resources(read: dict[str, Any], version: FhirVersion | None) -> Iterator[Found]:
    """What a document has to check: itself, or what matters of a Bundle."""
    kind = text_at(read, "resourceType") or ""
    if kind != "Bundle":
        yield read, kind if kind in _TYPES | {"Claim", "ExplanationOfBenefit"} else "", {}, version
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
    """The Claims of a Bundle, of Bundles in it, and what is like a Claim and none."""
    index = {**index, **index_of(bundle)}
    version = version or version_of(bundle)
    for at, entry in enumerate(objects_at(bundle, "entry")):
        resource, own = object_at(entry, "resource"), f"{path}.entry[{at}].resource"
        kind = resource.get("resourceType")
        if kind == "Bundle" and depth < _DEEPEST:
            yield from _entries(resource, own, index, version, depth + 1)
        elif kind in ("Claim", "ExplanationOfBenefit"):
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
    if kind == "ExplanationOfBenefit":
        return "the resource is an ExplanationOfBenefit, which is decided; give the Claim"
    if kind is None:
        return "the object is no FHIR resource: it has no resourceType"
    return f"the resource is {'of another type' if kind not in _TYPES else f'of type {kind}'}, not a Claim"


def _reason(error: Exception) -> str:
    """Why a text is rejected; only the position is taken from the parser's message."""
    if isinstance(error, RecursionError):
        return "the text is nested too deeply"
    position = _POSITION.search(str(error))
    if position:
        return f"the text is no JSON (byte {int(position[1]) + 1})"
    if isinstance(error, UnicodeDecodeError):
        return "the text has bytes that are not UTF-8"
    return "the text is no JSON"
