"""The lists at hand, asked for what only an audit wants: titles, and whether a prefix has any code."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import attrs

from claimcheck.codesets import icd10cm, taxonomy
from claimcheck.codesets.bundle import CodeSets, ImportedDiagnosisCodes
from claimcheck.codesets.store.kinds import Kind
from claimcheck.finding import Citation

if TYPE_CHECKING:
    from claimcheck.codesets.store.reading import StoredVintage

__all__ = ["Lists", "Title"]


@attrs.frozen
class Title:
    """The official name of a code (or several that are as good), and where it stands."""

    names: tuple[str, ...]
    citation: Citation

    def __str__(self) -> str:
        return self.names[0]


@attrs.frozen(eq=False)
class Lists:
    """The embedded and the imported lists."""

    sets: CodeSets

    def has_diagnosis(self, low: str, day: date | None) -> bool:
        """Whether a code of the deciding edition of ICD-10-CM is, or begins with, ``low`` (no dot)."""
        codes = self.sets.diagnoses_on(day)
        if codes.lookup(low) is not None or codes.billable_children(low, 1):
            return True
        if isinstance(codes, ImportedDiagnosisCodes):
            return False
        return any(code.startswith(low) for code, _ in icd10cm.entries())

    def diagnosis_title(self, code: str) -> Title | None:
        """The title of a diagnosis (no dot), from the newest edition that has titles and the code."""
        for stored in self._with_descriptions("icd10cm"):
            found = self.sets.tables.diagnosis(code, stored)
            if found is not None and found[1]:
                return Title((found[1],), _cite(stored, icd10cm.dotted(code)))
        return None

    def modifier_title(self, code: str) -> Title | None:
        """The name of a HCPCS modifier, from the newest list that has names and the modifier."""
        for stored in self._with_descriptions("hcpcs"):
            rows = self._rows("hcpcs_modifier", "code, description", stored)
            named = dict(rows).get(code)
            if named:
                return Title((named,), _cite(stored, f"modifier {code}"))
        return None

    def taxonomy_title(self, code: str, day: date | None) -> Title | None:
        """The names that NUCC gives a code: of the imported list, else of the embedded extract."""
        found = self.sets.tables.taxonomy(code, day)
        edition = self.sets.tables.edition("nucc", day)
        if found is not None and edition is not None:
            display, classification, specialization, _ = found
            whole = f"{classification} {specialization}".strip()
            return Title(
                tuple(name for name in (display, whole) if name) or (code,), edition.cite(code)
            )
        known = None if edition is not None else taxonomy.lookup(code)
        if known is None:
            return None
        return Title((known.name,), Citation(taxonomy.VINTAGE.source, code))

    def taxonomies(self, day: date | None) -> tuple[str, ...]:
        """Every code of the NUCC list that decides for the day, else of the embedded extract."""
        return self._codes("nucc", "taxonomy", day) or tuple(
            known.code for known in taxonomy.entries()
        )

    def modifiers(self, day: date | None) -> tuple[str, ...]:
        """Every modifier of the imported HCPCS list that decides for the day."""
        return self._codes("hcpcs", "hcpcs_modifier", day)

    def _codes(
        self, kind: Kind, table: Literal["taxonomy", "hcpcs_modifier"], day: date | None
    ) -> tuple[str, ...]:
        stored = self.sets.tables.vintage(kind, day)
        return () if stored is None else tuple(row[0] for row in self._rows(table, "code", stored))

    def _rows(self, table: str, columns: str, stored: StoredVintage) -> list[tuple[Any, ...]]:
        store = self.sets.tables.store
        if store is None:
            return []
        query = f"SELECT {columns} FROM {table} WHERE vintage = ?"  # noqa: S608 - our own names
        return store.rows(query, (stored.id,))

    def _with_descriptions(self, kind: Kind) -> list[StoredVintage]:
        """The editions of a kind whose titles were kept, the newest first."""
        found = [it for it in self.sets.tables.vintages() if it.kind == kind and it.descriptions]
        return sorted(found, key=lambda it: (it.stated, it.last or date.max, it.name), reverse=True)


def _cite(stored: StoredVintage, at: str) -> Citation:
    return Citation(f"{stored.kind}-{stored.name}".replace(" ", "-"), at)
