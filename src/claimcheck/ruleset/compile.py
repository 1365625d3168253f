"""From validated models to compiled rules. The files have been checked; nothing here reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from claimcheck.dates import Period
from claimcheck.finding import Citation
from claimcheck.ruleset.model import (
    CodeFile,
    Conflict,
    Dispute,
    Entry,
    Exclusion,
    Fact,
    Family,
    LayerKind,
    Overlay,
    OverlayStatement,
    PayerName,
    Related,
    Section,
    Source,
    Statements,
)

if TYPE_CHECKING:
    from claimcheck.ruleset.schema import (
        CodeFileModel,
        FamilyFileModel,
        OverlayFileModel,
        SourcesFileModel,
    )

__all__ = [
    "VALUE_KEYS",
    "compile_code",
    "compile_family",
    "compile_overlay",
    "compile_sources",
    "period_of",
]

VALUE_KEYS: dict[Section, str] = {
    "modifiers": "modifier",
    "places": "place",
    "diagnoses": "diagnosis",
    "taxonomies": "taxonomy",
}
"""The key of an entry that has its value, by section."""

T = TypeVar("T")


def compile_sources(model: SourcesFileModel) -> tuple[Source, ...]:
    """The sources of a sources file."""
    return tuple(
        Source(s.id, s.title, s.publisher, s.kind, s.date, s.sha256, s.note) for s in model.sources
    )


def compile_code(model: CodeFileModel) -> CodeFile:
    """A code file."""
    layer = f"codes/{model.code}"
    author = _Compiler(layer, "code", f"{layer}#", model.source)
    effective = model.effective
    return CodeFile(
        code=model.code,
        title=model.title or "untitled",
        status=model.status,
        source=model.source,
        family=model.family,
        period=period_of(effective),
        period_citations=() if isinstance(effective, str) else author.citations(effective.cite),
        dispute=author.dispute(model.disputed),
        statements=author.statements(model),
    )


def compile_family(model: FamilyFileModel) -> Family:
    """A family file."""
    layer = f"families/{model.family}"
    return Family(
        name=model.family,
        title=model.title or "untitled",
        status=model.status,
        source=model.source,
        extends=model.extends,
        statements=_Compiler(layer, "family", f"{layer}#", model.source).statements(model),
    )


def compile_overlay(model: OverlayFileModel) -> Overlay:
    """An overlay file."""
    kind: LayerKind = "site" if model.payer is None else "payer"
    layer = f"{kind}s/{model.overlay}"
    statements = []
    for part in model.statements:
        author = _Compiler(layer, kind, f"{layer}#{part.code or part.family}/", model.source)
        statements.append(OverlayStatement(part.code, part.family, author.statements(part)))
    return Overlay(model.overlay, model.payer, model.source, tuple(statements))


def period_of(effective: Any) -> Period:
    """The period of an ``effective`` key: ``unstated``, or a mapping with ``from`` and ``to``."""
    if isinstance(effective, str):
        return Period()
    return Period(_day(effective.from_), _day(effective.to))


def _day(text: str) -> date | None:
    return None if text == "unstated" else date.fromisoformat(text)


class _Compiler:
    """Compiles what one layer says of one thing."""

    def __init__(self, layer: str, kind: LayerKind, stem: str, source: str | None) -> None:
        self.layer = layer
        self.kind = kind
        self.stem = stem
        self.source = source or ""

    def statements(self, model: Any) -> Statements:
        return Statements(
            layer=self.layer,
            kind=self.kind,
            modifiers=self.entries("modifiers", model.modifiers),
            places=self.entries("places", model.places),
            diagnoses=self.entries("diagnoses", model.diagnoses),
            taxonomies=self.entries("taxonomies", model.taxonomies),
            conflicts=self.conflicts(model.conflicts),
            payers=self.payers(getattr(model, "payers", [])),
            related=self.related(getattr(model, "related", [])),
            facts=self.facts(model.facts),
        )

    def ids(self, section: str, names: Iterable[str], models: Iterable[Any]) -> list[str]:
        """Entry ids; where one name has several periods, with the day on which each begins."""
        names = list(names)
        often = Counter(names)
        return [
            f"{self.stem}{section}/{name}"
            + (f"@{period_of(model.effective).first or 'unstated'}" if often[name] > 1 else "")
            for name, model in zip(names, models, strict=True)
        ]

    def entries(self, section: Section, models: list[Any]) -> tuple[Entry, ...]:
        key = VALUE_KEYS[section]
        values = [getattr(model, key) for model in models]
        roles = [getattr(model, "role", None) for model in models]
        names = [f"{v}/{r}" if r else v for v, r in zip(values, roles, strict=True)]
        ids = self.ids(section, names, models)
        return tuple(
            Entry(
                id=id_,
                layer=self.layer,
                value=value,
                verdict=model.verdict,
                because=model.because,
                citations=self.citations(model.cite),
                period=period_of(model.effective),
                hedged=model.hedged is not None,
                when=model.when,
                document=model.document,
                belongs_to=model.belongs_to,
                named=model.named,
                role=role,
                derived=model.derived,
                dispute=self.dispute(getattr(model, "disputed", None)),
                excludes=self.exclusions(getattr(model, "excludes", ())),
                replaces=getattr(model, "replaces", None),
            )
            for id_, value, role, model in zip(ids, values, roles, models, strict=True)
        )

    def conflicts(self, models: list[Any]) -> tuple[Conflict, ...]:
        ids = self.ids("conflicts", ["+".join(model.modifiers) for model in models], models)
        return tuple(
            Conflict(
                id=id_,
                layer=self.layer,
                modifiers=tuple(model.modifiers),
                because=model.because,
                citations=self.citations(model.cite),
                period=period_of(model.effective),
                derived=model.derived,
            )
            for id_, model in zip(ids, models, strict=True)
        )

    def payers(self, models: list[Any]) -> tuple[PayerName, ...]:
        ids = self.ids("payers", [model.payer for model in models], models)
        return tuple(
            PayerName(
                id=id_,
                payer=model.payer,
                named=model.named,
                also_written=tuple(model.also_written),
                citations=self.citations(model.cite),
                period=period_of(model.effective),
                because=model.because,
                derived=model.derived,
            )
            for id_, model in zip(ids, models, strict=True)
        )

    def related(self, models: list[Any]) -> tuple[Related, ...]:
        ids = self.ids("related", [model.code for model in models], models)
        return tuple(
            Related(
                id=id_,
                code=model.code,
                relation=model.relation,
                citations=self.citations(model.cite),
                period=period_of(model.effective),
                because=model.because,
                named=model.named,
                derived=model.derived,
                dispute=self.dispute(model.disputed),
            )
            for id_, model in zip(ids, models, strict=True)
        )

    def facts(self, models: list[Any]) -> tuple[Fact, ...]:
        ids = self.ids("facts", [model.fact for model in models], models)
        return tuple(
            Fact(
                id=id_,
                layer=self.layer,
                fact=model.fact,
                says=model.says,
                citations=self.citations(model.cite),
                period=period_of(model.effective),
                because=model.because,
                derived=model.derived,
                dispute=self.dispute(model.disputed),
            )
            for id_, model in zip(ids, models, strict=True)
        )

    def citations(self, cite: Any) -> tuple[Citation, ...]:
        cites = cite if isinstance(cite, list) else [cite]
        return tuple(Citation(one.source or self.source, one.at) for one in cites)

    def dispute(self, model: Any) -> Dispute | None:
        if model is None:
            return None
        return Dispute(
            effect=model.effect,
            because=model.because,
            citations=self.citations(model.cite),
            official_name=model.official_name,
            meant=tuple(model.meant),
        )

    def exclusions(self, models: Iterable[Any]) -> tuple[Exclusion, ...]:
        return tuple(
            Exclusion(tuple(model.codes), model.because, self.citations(model.cite))
            for model in models
        )
