"""References of a Claim to other resources: contained ones, and those of its Bundle."""

from __future__ import annotations

from typing import Any

from claimcheck.io.fhir.values import EMPTY, object_at, objects_at, text_at

__all__ = ["Resources", "index_of"]

Index = dict[str, dict[str, Any]]


def index_of(bundle: dict[str, Any]) -> Index:
    """The resources of a Bundle by full URL and by ``Type/id``."""
    index: Index = {}
    for entry in objects_at(bundle, "entry"):
        resource = object_at(entry, "resource")
        url = text_at(entry, "fullUrl")
        if url is not None:
            index.setdefault(url, resource)
        kind, own = text_at(resource, "resourceType"), text_at(resource, "id")
        if kind is not None and own is not None:
            index.setdefault(f"{kind}/{own}", resource)
    return index


class Resources:
    """What the references of one Claim may mean.

    Args:
        claim: the Claim.
        index: resources of its Bundle.
    """

    __slots__ = ("_contained", "_index")

    def __init__(self, claim: dict[str, Any], index: Index) -> None:
        self._index = index
        self._contained = {
            own: resource
            for resource in objects_at(claim, "contained")
            if (own := text_at(resource, "id")) is not None
        }

    def of(self, reference: dict[str, Any]) -> dict[str, Any]:
        """The resource that a Reference names; an empty one if it is not here."""
        named = text_at(reference, "reference")
        if named is None:
            return EMPTY
        if named.startswith("#"):
            return self._contained.get(named[1:], EMPTY)
        named = named.split("/_history/", 1)[0]
        found = self._index.get(named)
        if found is None and "/" in named:
            found = self._index.get("/".join(named.rsplit("/", 2)[-2:]))
        return EMPTY if found is None else found
