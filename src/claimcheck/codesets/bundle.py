"""The code sets that a checker uses, in one hand.

Checks ask this bundle and never a module, so that imported lists can take the place of embedded ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Final, Literal

import attrs

from claimcheck.codesets import excludes, icd10cm, modifiers, places, taxonomy
from claimcheck.codesets.excludes import Exclusion, Standing
from claimcheck.codesets.modifiers import Modifier
from claimcheck.codesets.national.tables import NO_TABLES, Edition, NationalTables
from claimcheck.codesets.places import Place
from claimcheck.codesets.vintage import Vintage
from claimcheck.dates import Period

if TYPE_CHECKING:
    from claimcheck.codesets.store.reading import StoredVintage

__all__ = ["CodeSets", "code_sets_with", "embedded_code_sets"]

_MOST_DAYS: Final = 10_000
# A modifier that every HCPCS list has: where it is, the list came with its modifiers.
_ANY_LEVEL_TWO: Final = "LT"


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


@attrs.frozen(eq=False)
class ImportedDiagnosisCodes(DiagnosisCodes):
    """An imported edition of ICD-10-CM."""

    tables: NationalTables = attrs.field(repr=False)
    stored: StoredVintage = attrs.field(repr=False)

    def lookup(self, code: str) -> Literal["billable", "header"] | None:
        """What a code is in this edition; None if it is not in it."""
        found = self.tables.diagnosis(code.replace(".", ""), self.stored)
        if found is None:
            return None
        return "billable" if found[0] else "header"

    def billable_children(self, code: str, limit: int) -> tuple[str, ...]:
        """The first billable codes below a header, with their dot."""
        found = self.tables.billable_below(code.replace(".", ""), self.stored, limit)
        return tuple(icd10cm.dotted(child) for child in found)


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
    """CPT and HCPCS modifiers: the embedded ones, and those of an imported HCPCS list."""

    vintage: Vintage
    tables: NationalTables = attrs.field(default=NO_TABLES, eq=False, repr=False)

    def lookup(self, code: str) -> Modifier | None:
        """The modifier, or None if the embedded list does not have it."""
        return modifiers.lookup(code)

    def in_force(self, code: str, day: date | None) -> bool:
        """Whether a list has the modifier and it may be used on the day."""
        found = modifiers.lookup(code)
        if found is not None:
            return found.in_force(day)
        span = self.tables.span("hcpcs_modifier", code, day)
        return span is not None and Period(*span).holds(day)

    def is_complete_for(self, code: str) -> bool:
        """Whether the embedded list has every modifier of this shape, so that an absent one is none."""
        return modifiers.is_level_one_shape(code)

    def imported(self, day: date | None) -> Edition | None:
        """The imported HCPCS list that has every Level II modifier of the day, or None."""
        has_any = self.tables.span("hcpcs_modifier", _ANY_LEVEL_TWO, day) is not None
        return self.tables.edition("hcpcs", day) if has_any else None


@attrs.frozen
class TaxonomyCodes:
    """NUCC provider taxonomy: the codes that the bundled rules name, or an imported list."""

    vintage: Vintage
    tables: NationalTables = attrs.field(default=NO_TABLES, eq=False, repr=False)

    def known_absent(self, code: str) -> bool:
        """Whether it is known that no NUCC version has the code."""
        return code in taxonomy.KNOWN_ABSENT

    def imported(self, day: date | None) -> Edition | None:
        """The imported list that covers the day, or None."""
        return self.tables.edition("nucc", day)

    def newest(self) -> Edition | None:
        """The newest imported list, whatever days it covers, or None."""
        return self.tables.edition("nucc", None)

    def has(self, code: str, day: date | None) -> bool:
        """Whether the imported list that decides for the day has the code; for None the newest."""
        return self.tables.taxonomy(code, day) is not None


@attrs.frozen
class CodeSets:
    """The official lists that checks ask, each with its vintage."""

    diagnoses: DiagnosisCodes
    places: PlaceCodes
    modifiers: ModifierCodes
    taxonomies: TaxonomyCodes
    boundaries: frozenset[date] = attrs.field(repr=False)
    tables: NationalTables = attrs.field(default=NO_TABLES, eq=False, repr=False)
    _on: dict[date | None, DiagnosisCodes] = attrs.field(
        factory=dict, init=False, eq=False, repr=False
    )

    def diagnoses_on(self, day: date | None) -> DiagnosisCodes:
        """The ICD-10-CM edition that decides for a day: of those that cover it, the one that begins last.

        For an undated line the newest; for a day that no edition covers, the embedded one.
        """
        found = self._on.get(day)
        if found is None:
            if len(self._on) > _MOST_DAYS:
                self._on.clear()
            found = self._on[day] = self._diagnoses_on(day)
        return found

    def _diagnoses_on(self, day: date | None) -> DiagnosisCodes:
        stored = self.tables.vintage("icd10cm", day)
        own = self.diagnoses
        if stored is None or (day is None and not stored.stated):
            return own
        end = own.vintage.last or date.max
        if day is None and (stored.last or date.max) < end:
            return own
        if day is not None and own.vintage.covers(day):
            begins = stored.first or date.min
            if (own.vintage.first or date.min) > begins:
                return own
        vintage = Vintage(stored.name, stored.first, stored.last, f"icd10cm-{stored.name}")
        return ImportedDiagnosisCodes(
            attrs.evolve(
                vintage,
                name=f"ICD-10-CM {stored.name}",
                source=vintage.source.replace(" ", "-"),
            ),
            self.tables,
            stored,
        )

    def editions(self, day: date | None) -> tuple[tuple[str, str], ...]:
        """Name and edition of every list that is asked for a line of this day, in a fixed order."""
        imported = [
            (kind, edition.name)
            for kind in self.tables.relevant
            if kind != "icd10cm" and (edition := self.tables.edition(kind, day)) is not None
        ]
        diagnoses = self.diagnoses_on(day).vintage
        return (
            *((("icd10cm", diagnoses.name),) if diagnoses.covers(day) else ()),
            ("places", self.places.vintage.name),
            ("modifiers", self.modifiers.vintage.name),
            *imported,
        )

    def vintages(self) -> tuple[tuple[str, Vintage], ...]:
        """Kind and vintage of every list, in a fixed order: the embedded ones, then the imported."""
        embedded = (
            ("ICD-10-CM", self.diagnoses.vintage),
            ("CMS place of service", self.places.vintage),
            ("modifiers", self.modifiers.vintage),
            ("NUCC taxonomy", self.taxonomies.vintage),
        )
        imported = tuple(
            (it.kind, Vintage(it.name, it.first, it.last, _digest(it)))
            for it in self.tables.vintages()
        )
        return embedded + imported


def _digest(stored: StoredVintage) -> str:
    """Stands for the content of an imported edition."""
    return "+".join(file.sha256 for file in stored.files)


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


def code_sets_with(tables: NationalTables) -> CodeSets:
    """The lists that the package carries, and imported ones on top of them."""
    embedded = embedded_code_sets()
    if not tables.kinds:
        return attrs.evolve(embedded, tables=tables)
    return CodeSets(
        embedded.diagnoses,
        embedded.places,
        ModifierCodes(modifiers.VINTAGE, tables),
        TaxonomyCodes(taxonomy.VINTAGE, tables),
        embedded.boundaries | tables.boundaries(),
        tables,
    )


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
