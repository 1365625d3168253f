"""The lines of a Claim: one for each item, and for each detail of an item."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import attrs

from claimcheck.io.claims import ClaimKey
from claimcheck.io.fhir.codings import code_in
from claimcheck.io.fhir.providers import (
    Member,
    billing_taxonomy,
    members_of,
    payer_of,
    taxonomies_of,
)
from claimcheck.io.fhir.references import Index, Resources
from claimcheck.io.fhir.values import EMPTY, number_of, object_at, objects_at, parts_at, text_at
from claimcheck.io.fhir.version import FhirVersion, version_of
from claimcheck.line import is_plain_id
from claimcheck.origin import Origin

__all__ = ["ReadItem", "Standing", "lines_of"]

_USES: Final = frozenset({"claim", "preauthorization", "predetermination"})
_TYPES: Final = frozenset({"institutional", "oral", "pharmacy", "professional", "vision"})
_MINUTES: Final = frozenset({"mj", "min", "minute", "minutes"})
_LONGEST_ID: Final = 64

ReadItem = tuple[dict[str, Any] | None, str | None, ClaimKey | None, Origin]
"""The fields of a line or why it is rejected, the key of its claim, and where it stands."""


@attrs.frozen
class Standing:
    """Where a Claim stands.

    Attributes:
        resource: number of the resource in the input, from 1.
        path: FHIRPath of the Claim in it.
        number: number of the Claim in the input, from 1.
    """

    resource: int
    path: str
    number: int


@attrs.frozen
class _Claim:
    """What the items of a Claim share."""

    resource: int
    path: str
    number: int
    claim_id: Any
    key: ClaimKey
    diagnoses: dict[int, Any]
    members: list[Member]
    billing: str | None
    payer: tuple[str | None, str]
    period: str | None
    use: str | None
    kind: str | None
    resources: Resources


def lines_of(
    claim: dict[str, Any],
    index: Index,
    standing: Standing,
    version: FhirVersion | None = None,
) -> Iterator[ReadItem]:
    """The lines of a Claim, in its order, and what is rejected of them.

    Args:
        claim: the Claim as JSON.
        index: resources of its Bundle, by full URL and ``Type/id``.
        standing: where the Claim stands.
        version: of FHIR; None to tell it by ``meta.profile``.
    """
    shared = _shared(claim, index, standing, version or version_of(claim))
    for item, number, path in _parts(claim, "item", shared.path):
        if item is None:
            yield _rejected(shared, "item", path)
        else:
            yield from _item(shared, item, number, path)


def _parts(
    parent: dict[str, Any], name: str, path: str
) -> Iterator[tuple[dict[str, Any] | None, str, str]]:
    """Items or details, each with a number that no other beside it has, and its FHIRPath.

    The number is the sequence. Where that is missing or was there before it is the position, with a
    ``#`` if it is the sequence of another.
    """
    parts = parts_at(parent, name)
    own = [None if part is None else number_of(part.get("sequence")) for part in parts]
    taken, seen = set(own), set[int]()
    for at, (part, sequence) in enumerate(zip(parts, own, strict=True)):
        if sequence is not None and sequence not in seen:
            seen.add(sequence)
            number = str(sequence)
        else:
            number = f"#{at + 1}" if at + 1 in taken else str(at + 1)
        yield part, number, f"{path}.{name}[{at}]"


def _rejected(shared: _Claim, name: str, path: str) -> ReadItem:
    """What stands where an item or a detail should."""
    where = Origin(shared.resource, path, {}, shared.use, shared.kind)
    return None, f"the {name} is no object", None, where


def _shared(
    claim: dict[str, Any], index: Index, standing: Standing, version: FhirVersion | None
) -> _Claim:
    resources = Resources(claim, index)
    claim_id = claim.get("id") or _identifier(claim)
    use = text_at(claim, "use")
    payer = payer_of(claim, resources, version)
    kinds = (text_at(coding, "code") for coding in objects_at(object_at(claim, "type"), "coding"))
    resource, path = standing.resource, standing.path
    return _Claim(
        resource=resource,
        path=path,
        number=standing.number,
        claim_id=claim_id,
        key=(claim_id if type(claim_id) is str else None, str(resource), path),
        diagnoses=_diagnoses(claim, resources),
        members=members_of(claim, resources, version),
        billing=billing_taxonomy(claim, resources),
        payer=(payer[0], f"{path}.{payer[1]}") if payer else (None, ""),
        period=text_at(object_at(claim, "billablePeriod"), "start"),
        use=use if use in _USES else None,
        kind=next((kind for kind in kinds if kind in _TYPES), None),
        resources=resources,
    )


def _identifier(claim: dict[str, Any]) -> str | None:
    found = (text_at(one, "value") for one in objects_at(claim, "identifier"))
    return next((value for value in found if value is not None), None)


def _diagnoses(claim: dict[str, Any], resources: Resources) -> dict[int, Any]:
    """The diagnoses of a Claim by their sequence."""
    found: dict[int, Any] = {}
    for at, diagnosis in enumerate(objects_at(claim, "diagnosis")):
        concept = object_at(diagnosis, "diagnosisCodeableConcept")
        if concept is EMPTY:
            concept = object_at(resources.of(object_at(diagnosis, "diagnosisReference")), "code")
        found.setdefault(_sequence(diagnosis, at), code_in(concept, "diagnosis", foreign=True))
    return found


def _sequence(part: dict[str, Any], at: int) -> int:
    return number_of(part.get("sequence")) or at + 1


def _item(shared: _Claim, item: dict[str, Any], number: str, path: str) -> Iterator[ReadItem]:
    """The line of an item, then those of its details and of their details.

    A detail has a code, modifiers and a quantity of its own; all else is that of its item. What only
    groups details (it has no code) is no line.
    """
    if "productOrService" in item or not parts_at(item, "detail"):
        yield _line(shared, item, item, number, path, path)
    for detail, within, own_path in _parts(item, "detail", path):
        own = f"{number}.{within}"
        if detail is None:
            yield _rejected(shared, "detail", own_path)
            continue
        if "productOrService" in detail or not parts_at(detail, "subDetail"):
            yield _line(shared, detail, item, own, own_path, path)
        for part, last, last_path in _parts(detail, "subDetail", own_path):
            if part is None:
                yield _rejected(shared, "subDetail", last_path)
            else:
                yield _line(shared, part, item, f"{own}.{last}", last_path, path)


def _line(
    shared: _Claim,
    part: dict[str, Any],
    item: dict[str, Any],
    number: str,
    path: str,
    item_path: str,
) -> ReadItem:
    """The line of an item, or of a part of it."""
    fields, paths = _fields(shared, part, item, path, item_path)
    fields["claim_id"] = shared.claim_id
    fields["line_id"] = _line_id(shared, number)
    return fields, None, shared.key, Origin(shared.resource, path, paths, shared.use, shared.kind)


def _line_id(shared: _Claim, number: str) -> str:
    """Claim and number with a slash between; the Claim's number if its id is absent or not repeated."""
    together = f"{shared.claim_id}/{number}"
    fits = is_plain_id(shared.claim_id) and len(together) <= _LONGEST_ID
    return together if fits else f"claim-{shared.number}/{number}"


def _fields(
    shared: _Claim, part: dict[str, Any], item: dict[str, Any], path: str, item_path: str
) -> tuple[dict[str, Any], dict[str, str]]:
    """The fields of a line, and where those that are there stand."""
    performing, ordering = taxonomies_of(shared.members, _numbers(item, "careTeamSequence"))
    day, day_path = _day(shared, item, item_path)
    found: dict[str, tuple[Any, str]] = {
        "code": (
            code_in(object_at(part, "productOrService"), "procedure", foreign=True),
            f"{path}.productOrService",
        ),
        "modifiers": (
            [code_in(modifier, "procedure") for modifier in objects_at(part, "modifier")] or None,
            f"{path}.modifier",
        ),
        "place_of_service": (_place(shared, item), f"{item_path}.location"),
        "diagnoses": (_pointed(shared, item), f"{item_path}.diagnosisSequence"),
        "taxonomy": _told(shared, performing),
        "billing_taxonomy": (shared.billing, f"{shared.path}.provider"),
        "ordering_taxonomy": _told(shared, ordering),
        "payer": shared.payer,
        "service_date": (day, day_path),
        "units": (_units(part), f"{path}.quantity"),
    }
    fields = {field: value for field, (value, _) in found.items()}
    return fields, {field: where for field, (value, where) in found.items() if value is not None}


def _told(shared: _Claim, member: Member | None) -> tuple[str | None, str]:
    return (None, "") if member is None else (member[1], f"{shared.path}.{member[2]}")


def _numbers(item: dict[str, Any], name: str) -> list[int] | None:
    """The sequences under a name; None if there is no list. What is no number keeps its place as 0."""
    value = item.get(name)
    if type(value) is not list:
        return None
    return [number_of(one) or 0 for one in value]


def _pointed(shared: _Claim, item: dict[str, Any]) -> list[Any] | None:
    """The diagnoses that an item points to; a pointer to none that is there is a blank."""
    numbers = _numbers(item, "diagnosisSequence")
    return None if not numbers else [shared.diagnoses.get(number) for number in numbers]


def _place(shared: _Claim, item: dict[str, Any]) -> Any:
    concept = object_at(item, "locationCodeableConcept")
    if concept is not EMPTY:
        return code_in(concept, "place")
    location = shared.resources.of(object_at(item, "locationReference"))
    found = (code_in(concept, "place") for concept in objects_at(location, "type"))
    return next((code for code in found if type(code) is str), None)


def _day(shared: _Claim, item: dict[str, Any], path: str) -> tuple[str | None, str]:
    """The first day of service, without time of day."""
    own = text_at(item, "servicedDate") or text_at(object_at(item, "servicedPeriod"), "start")
    day, where = (
        (own, f"{path}.serviced") if own else (shared.period, f"{shared.path}.billablePeriod")
    )
    return None if day is None else day.split("T", 1)[0], where


def _units(part: dict[str, Any]) -> Any:
    """The number of units; minutes are no units."""
    quantity = object_at(part, "quantity")
    units = (text_at(quantity, name) or "" for name in ("code", "unit"))
    minutes = any(unit.strip().lower() in _MINUTES for unit in units)
    return None if minutes else quantity.get("value")
