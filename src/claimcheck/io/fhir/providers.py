"""Who provided, who bills and who pays: taxonomies and the payer's name, from references."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from claimcheck.io.fhir.codings import has_code_in, taxonomy_in
from claimcheck.io.fhir.references import Resources
from claimcheck.io.fhir.values import number_of, object_at, objects_at, text_at
from claimcheck.io.fhir.version import FhirVersion

__all__ = ["Member", "billing_taxonomy", "members_of", "payer_of", "taxonomies_of"]

# FHIR's own roles, those of CARIN Blue Button, and X12's entity codes.
_ORDERING: Final = frozenset({"ordering", "referring", "prescribing", "dk", "dn"})
_NOT_PERFORMING: Final = (
    frozenset({"assist", "supervisor", "supervising", "pcp", "site", "dq"}) | _ORDERING
)
# Where R4 and R5 say what a member of the care team is; that of the resource's version comes first.
_QUALIFICATIONS: Final = {
    "R5": ("specialty", "qualification"),
    "R4": ("qualification", "specialty"),
}
_PAYORS: Final = {"R5": ("insurer", "payor"), "R4": ("payor", "insurer")}

Member = tuple[int | None, str, str, bool, bool]
"""Of a member of the care team: sequence, taxonomy, FHIRPath in the Claim, performing, ordering."""


def members_of(
    claim: dict[str, Any], resources: Resources, version: FhirVersion | None
) -> list[Member]:
    """The members of the care team that have a taxonomy."""
    found = []
    for at, member in enumerate(objects_at(claim, "careTeam")):
        path = f"careTeam[{at}]"
        taxonomy = None
        for name in _QUALIFICATIONS[version or "R4"]:
            for concept in objects_at(member, name):
                taxonomy = taxonomy or taxonomy_in(concept)
            if taxonomy is not None:
                path = f"{path}.{name}"
                break
        else:
            taxonomy = _of_provider(object_at(member, "provider"), resources)
            path = f"{path}.provider"
        if taxonomy is not None:
            role = object_at(member, "role")
            ordering = has_code_in(role, _ORDERING)
            performing = not has_code_in(role, _NOT_PERFORMING)
            found.append((number_of(member.get("sequence")), taxonomy, path, performing, ordering))
    return found


def taxonomies_of(
    members: Sequence[Member], chosen: Sequence[int] | None
) -> tuple[Member | None, Member | None]:
    """The performing and the ordering member of one item.

    Args:
        members: of the Claim.
        chosen: sequences that the item names; None if it names none: then all of the Claim's are.
    """
    performing = ordering = None
    for member in members:
        if chosen is not None and member[0] not in chosen:
            continue
        if member[3]:
            performing = performing or member
        elif member[4]:
            ordering = ordering or member
    return performing, ordering


def billing_taxonomy(claim: dict[str, Any], resources: Resources) -> str | None:
    """The taxonomy of the Claim's provider, or None."""
    return _of_provider(object_at(claim, "provider"), resources)


def _of_provider(reference: dict[str, Any], resources: Resources) -> str | None:
    """The taxonomy of a PractitionerRole, a Practitioner or an Organization."""
    resource = resources.of(reference)
    for name in ("specialty", "code", "type"):
        for concept in objects_at(resource, name):
            taxonomy = taxonomy_in(concept)
            if taxonomy is not None:
                return taxonomy
    for qualification in objects_at(resource, "qualification"):
        taxonomy = taxonomy_in(object_at(qualification, "code"))
        if taxonomy is not None:
            return taxonomy
    organization = object_at(resource, "organization")
    return _of_organization(organization, resources) if organization else None


def _of_organization(reference: dict[str, Any], resources: Resources) -> str | None:
    found = (taxonomy_in(concept) for concept in objects_at(resources.of(reference), "type"))
    return next((taxonomy for taxonomy in found if taxonomy is not None), None)


def payer_of(
    claim: dict[str, Any], resources: Resources, version: FhirVersion | None
) -> tuple[str, str] | None:
    """Name of the payer and its FHIRPath in the Claim: the insurer, else that of the focal coverage."""
    insurer = object_at(claim, "insurer")
    name = _name_of(insurer, resources)
    if name is None and (_is_organization(insurer) or _points_nowhere(insurer)):
        name = text_at(insurer, "display")
    if name is not None:
        return name, "insurer"
    insurances = objects_at(claim, "insurance")
    focal = [at for at, one in enumerate(insurances) if one.get("focal") is True]
    if not focal and len(insurances) != 1:
        return None
    at = focal[0] if focal else 0
    coverage = resources.of(object_at(insurances[at], "coverage"))
    for element in _PAYORS[version or "R4"]:
        for payor in objects_at(coverage, element):
            name = _name_of(payor, resources)
            if name is None and _is_organization(payor):
                name = text_at(payor, "display")
            if name is not None:
                return name, f"insurance[{at}].coverage"
    return None


def _name_of(reference: dict[str, Any], resources: Resources) -> str | None:
    """The name of an Organization that is here. A person who pays is no payer, and not read."""
    resource = resources.of(reference)
    return text_at(resource, "name") if resource.get("resourceType") == "Organization" else None


def _points_nowhere(reference: dict[str, Any]) -> bool:
    """Whether a reference is a name alone: an insurer is an Organization, where nothing else is said."""
    return text_at(reference, "reference") is None and text_at(reference, "type") is None


def _is_organization(reference: dict[str, Any]) -> bool:
    named = text_at(reference, "reference") or ""
    return text_at(reference, "type") == "Organization" or "Organization/" in named
