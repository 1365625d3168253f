"""The code sets that a checker uses, in one hand.

Checks ask this bundle and never a module, so that imported lists can take the place of embedded ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from typing import Literal

import attrs

from claimcheck.codesets import excludes, icd10cm, modifiers, places, taxonomy
from claimcheck.codesets.excludes import Exclusion, Standing
from claimcheck.codesets.modifiers import Modifier
from claimcheck.codesets.places import Place
from claimcheck.codesets.vintage import Vintage

__all__ = ["CodeSets", "embedded_code_sets"]


@attrs.frozen
class DiagnosisCodes:
    """ICD-10-CM. Codes are given and taken with their dot."""

    vintage: Vintage

    def lookup(self, code: str) -> Literal["billable", "header"] | None:
        """What a code is in this release; None if it is not in it."""
        return icd10cm.lookup(code.replace(".", ""))

    def billable_children(self, code: str, limit: int) -> tuple[str, ...]:
        """The first billable codes below a header, with their dot."""
        found = icd10cm.billable_children(code.replace(".", ""), limit)
        return tuple(icd10cm.dotted(child) for child in found)

    def excluded(self, one: str, other: str) -> Exclusion | None:
        """The Excludes1 note by which two codes may not be coded together; None if none says so."""
        found = excludes.excluded(one.replace(".", ""), other.replace(".", ""))
        if found is None:
            return None
        holder, named = icd10cm.dotted(found.holder), icd10cm.dotted(found.other)
        return Exclusion(holder, named, found.place, found.pattern)

    def standing(self, code: str) -> Standing:
        """Where a code stands among the Excludes1 notes; false if it excludes nothing."""
        return excludes.standing(code.replace(".", ""))


@attrs.frozen
class PlaceCodes:
    """CMS place of service."""

    vintage: Vintage

    def lookup(self, code: str) -> Place | None:
        """The place, or None if the digits are none of 01 to 99."""
        return places.lookup(code)

    def assigned_on(self, code: str, day: date | None) -> bool:
        """Whether the code stands for a place on the day."""
        return places.assigned_on(code, day)


@attrs.frozen
class ModifierCodes:
    """CPT and HCPCS modifiers."""

    vintage: Vintage

    def lookup(self, code: str) -> Modifier | None:
        """The modifier, or None if the list does not have it."""
        return modifiers.lookup(code)

    def in_force(self, code: str, day: date | None) -> bool:
        """Whether the list has the modifier and it may be used on the day."""
        found = modifiers.lookup(code)
        return found is not None and found.in_force(day)

    def is_complete_for(self, code: str) -> bool:
        """Whether the list has every modifier of this shape, so that an absent one does not exist."""
        return modifiers.is_level_one_shape(code)


@attrs.frozen
class TaxonomyCodes:
    """NUCC provider taxonomy: only the codes that the bundled rules name."""

    vintage: Vintage

    def known_absent(self, code: str) -> bool:
        """Whether it is known that no NUCC version has the code."""
        return code in taxonomy.KNOWN_ABSENT


@attrs.frozen
class CodeSets:
    """The official lists that checks ask, each with its vintage."""

    diagnoses: DiagnosisCodes
    places: PlaceCodes
    modifiers: ModifierCodes
    taxonomies: TaxonomyCodes
    boundaries: frozenset[date] = attrs.field(repr=False)

    def vintages(self) -> tuple[tuple[str, Vintage], ...]:
        """Kind and vintage of every list, in a fixed order."""
        return (
            ("ICD-10-CM", self.diagnoses.vintage),
            ("CMS place of service", self.places.vintage),
            ("modifiers", self.modifiers.vintage),
            ("NUCC taxonomy", self.taxonomies.vintage),
        )


def _boundaries() -> Iterator[date]:
    """Every day on which an answer of one of the lists can change."""
    for place in places.entries():
        if place.start is not None:
            yield place.start
    for modifier in modifiers.entries():
        if modifier.start is not None:
            yield modifier.start
        if modifier.end is not None:
            yield modifier.end + timedelta(days=1)
    vintage = icd10cm.VINTAGE
    if vintage.first is not None:
        yield vintage.first
    if vintage.last is not None:
        yield vintage.last + timedelta(days=1)


@cache
def embedded_code_sets() -> CodeSets:
    """The lists that the package carries."""
    return CodeSets(
        DiagnosisCodes(icd10cm.VINTAGE),
        PlaceCodes(places.VINTAGE),
        ModifierCodes(modifiers.VINTAGE),
        TaxonomyCodes(taxonomy.VINTAGE),
        frozenset(_boundaries()),
    )
