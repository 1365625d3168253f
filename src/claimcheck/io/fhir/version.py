"""Which version of FHIR a resource is of."""

from __future__ import annotations

import re
from typing import Any, Final, Literal, TypeAlias

from claimcheck.io.fhir.values import texts_of

__all__ = ["FhirVersion", "version_of"]

FhirVersion: TypeAlias = Literal["R4", "R5"]

# Version in a canonical URL, or a guide that is of one version.
_VERSIONS: Final[tuple[tuple[re.Pattern[str], FhirVersion], ...]] = (
    (re.compile(r"\|5\.|/5\.0(?:\.\d+)?/|/R5/"), "R5"),
    (re.compile(r"\|4\.|/4\.[0-3](?:\.\d+)?/|/R4B?/|/us/(?:davinci|carin|core)"), "R4"),
)


def version_of(resource: dict[str, Any]) -> FhirVersion | None:
    """The version that ``meta.profile`` names, or None: the content alone does not tell."""
    meta = resource.get("meta")
    if type(meta) is dict:
        for profile in texts_of(meta.get("profile")):
            for shape, version in _VERSIONS:
                if shape.search(profile):
                    return version
    return None
