"""Compiled rules: what the engine trusts. No YAML, no pydantic.

``RuleSet`` holds layers of entries. ``RuleSet.rule(code, payer, day)`` puts the layers that speak
of one code in one order and keeps the entries in force; the checks ask the resulting ``Rule``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, Literal, TypeAlias

import attrs

from claimcheck.dates import Period
from claimcheck.finding import Citation
from claimcheck.ruleset.values import Table, parse_pattern, value_matches
from claimcheck.verdict import DisputeEffect, Role, Verdict

__all__ = [
    "ALWAYS",
    "SECTIONS",
    "CodeFile",
    "Conflict",
    "Dispute",
    "Entry",
    "Exclusion",
    "Fact",
    "Family",
    "LayerKind",
    "Overlay",
    "OverlayStatement",
    "PayerName",
    "Related",
    "Rule",
    "Ruling",
    "Section",
    "Source",
    "Statements",
    "Status",
]

LayerKind: TypeAlias = Literal["family", "code", "payer", "site"]
Section: TypeAlias = Literal["modifiers", "places", "diagnoses", "taxonomies"]
Status: TypeAlias = Literal["draft", "reviewed", "retired"]

SECTIONS: tuple[Section, ...] = ("modifiers", "places", "diagnoses", "taxonomies")
ALWAYS = Period()
"""From unstated, to unstated."""

_DATED = (*SECTIONS, "conflicts", "payers", "related", "facts")


@attrs.frozen
class Source:
    """A document or table that citations name."""

    id: str
    title: str
    publisher: str
    kind: Literal["primary", "secondary"]
    date: str
    sha256: str | None = None
    note: str | None = None


@attrs.frozen
class Dispute:
    """An official fact that contradicts an entry."""

    effect: DisputeEffect
    because: str
    citations: tuple[Citation, ...]
    official_name: str | None = None
    meant: tuple[str, ...] = ()


@attrs.frozen
class Exclusion:
    """ICD-10-CM Excludes1: values that may not stand beside the entry's code."""

    codes: tuple[str, ...]
    because: str
    citations: tuple[Citation, ...]

    def holds(self, diagnosis: str) -> bool:
        """Whether the diagnosis (upper case, without its dot) is excluded."""
        return any(value_matches(written, diagnosis) for written in self.codes)


@attrs.frozen
class Entry:
    """One statement about one value: a code, a prefix ``C34.-`` or a range ``C81..C96``."""

    id: str
    layer: str  # "families/laboratory", "codes/0252U", "payers/aetna", "sites/my-lab"
    value: str
    verdict: Verdict
    because: str
    citations: tuple[Citation, ...]
    period: Period = ALWAYS
    hedged: bool = False
    when: str | None = None
    document: str | None = None
    belongs_to: str | None = None
    named: str | None = None
    role: Role | None = None
    derived: str | None = None
    dispute: Dispute | None = None
    excludes: tuple[Exclusion, ...] = ()
    replaces: str | None = None


@attrs.frozen
class Conflict:
    """Modifiers that may not stand together on one line."""

    id: str
    layer: str
    modifiers: tuple[str, ...]
    because: str
    citations: tuple[Citation, ...]
    period: Period = ALWAYS
    derived: str | None = None


@attrs.frozen
class PayerName:
    """A payer that a source examined, and the ways to write its name."""

    id: str
    payer: str
    named: str
    also_written: tuple[str, ...]
    citations: tuple[Citation, ...]
    period: Period = ALWAYS
    because: str | None = None
    derived: str | None = None


@attrs.frozen
class Related:
    """Another procedure code that a source relates to this one."""

    id: str
    code: str
    relation: str
    citations: tuple[Citation, ...]
    period: Period = ALWAYS
    because: str | None = None
    named: str | None = None
    derived: str | None = None
    dispute: Dispute | None = None


@attrs.frozen
class Fact:
    """A statement that no check reads; shown by ``explain`` and on the rule's page."""

    id: str
    layer: str
    fact: str
    says: str
    citations: tuple[Citation, ...]
    period: Period = ALWAYS
    because: str | None = None
    derived: str | None = None
    dispute: Dispute | None = None


@attrs.frozen
class Statements:
    """Everything that one layer says of one code or one family."""

    layer: str
    kind: LayerKind
    modifiers: tuple[Entry, ...] = ()
    places: tuple[Entry, ...] = ()
    diagnoses: tuple[Entry, ...] = ()
    taxonomies: tuple[Entry, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    payers: tuple[PayerName, ...] = ()
    related: tuple[Related, ...] = ()
    facts: tuple[Fact, ...] = ()

    def in_force(self, day: date | None) -> Statements:
        """The statements with only what holds on ``day`` (None: what is still open)."""
        changes: dict[str, Any] = {}
        for name in _DATED:
            things = getattr(self, name)
            kept = tuple(thing for thing in things if thing.period.holds(day))
            if len(kept) != len(things):
                changes[name] = kept
        return attrs.evolve(self, **changes) if changes else self

    def periods(self) -> list[Period]:
        """The period of every statement, in a fixed order."""
        return [thing.period for name in _DATED for thing in getattr(self, name)]

    def entries(self) -> Iterator[Entry]:
        """Every entry that has a verdict, section by section."""
        for section in SECTIONS:
            yield from getattr(self, section)


@attrs.frozen
class Family:
    """A compiled family file."""

    name: str
    title: str
    status: Status
    source: str | None
    extends: str | None
    statements: Statements


@attrs.frozen
class CodeFile:
    """A compiled code file."""

    code: str
    title: str
    status: Status
    source: str
    family: str | None
    period: Period
    period_citations: tuple[Citation, ...]
    dispute: Dispute | None
    statements: Statements


@attrs.frozen
class OverlayStatement:
    """What an overlay says of one code or one family (exactly one of the two is given)."""

    code: str | None
    family: str | None
    statements: Statements


@attrs.frozen
class Overlay:
    """A compiled overlay file; ``payer`` is None for a site overlay."""

    name: str
    payer: str | None
    source: str | None
    statements: tuple[OverlayStatement, ...]


@attrs.frozen
class Ruling:
    """What the layers say of one value: the deciding entry, and all that spoke, wide to narrow."""

    entry: Entry
    layers: tuple[str, ...]


_MEMO_SIZE = 8192
_UNSEEN: Any = object()


class Rule:
    """The layers that speak of one code for one payer, with the entries in force.

    Made by ``RuleSet.rule``: the same layers with the same entries in force are one object with one
    number. Look-ups are remembered, so asking twice costs a dictionary access.

    Attributes:
        number: dense number within the rule set, in order of first use.
        code: the procedure code.
        title: the title of its rule file, in the project's words.
        status: status of its rule file.
        families: the code's families, base first.
        period: when the code is in effect.
        period_citations: the places behind ``period``.
        dispute: the dispute of the code itself, or None.
        statements: the layers wide to narrow, with what is in force.
        conflicts: modifiers that may not stand together; of equal sets the narrowest layer's.
        related: codes that the source relates to this one.
        facts: statements that no check reads; of equal names the narrowest layer's.
        payers: keys of the payers that the sources examined.
    """

    __slots__ = (
        "_had",
        "_memo",
        "_tables",
        "code",
        "conflicts",
        "dispute",
        "facts",
        "families",
        "number",
        "payers",
        "period",
        "period_citations",
        "related",
        "statements",
        "status",
        "title",
    )

    def __init__(
        self,
        number: int,
        code_file: CodeFile,
        families: tuple[str, ...],
        statements: tuple[Statements, ...],
        had: frozenset[Section],
    ) -> None:
        self.number = number
        self.code = code_file.code
        self.title = code_file.title
        self.status = code_file.status
        self.families = families
        self.period = code_file.period
        self.period_citations = code_file.period_citations
        self.dispute = code_file.dispute
        self.statements = statements
        self.conflicts = _narrowest(statements, "conflicts", lambda c: frozenset(c.modifiers))
        self.related: tuple[Related, ...] = _narrowest(statements, "related", lambda r: r.code)
        self.facts = _narrowest(statements, "facts", lambda f: f.fact)
        examined = _narrowest(statements, "payers", lambda p: p.payer)
        self.payers: tuple[str, ...] = tuple(payer.payer for payer in examined)
        self._had = had
        self._tables: dict[tuple[Section, Role | None], _Layered] = {}
        self._memo: dict[tuple[Section, Role | None, str], Ruling | None] = {}

    def __repr__(self) -> str:
        layers = ", ".join(part.layer for part in self.statements)
        return f"<Rule {self.number}: {self.code} from {layers}>"

    def modifier(self, value: str) -> Ruling | None:
        """What the layers say of a modifier; None if it is unlisted."""
        return self._ruling("modifiers", None, value)

    def place(self, value: str) -> Ruling | None:
        """What the layers say of a place of service (two digits); None if it is unlisted."""
        return self._ruling("places", None, value)

    def diagnosis(self, value: str) -> Ruling | None:
        """What the layers say of a diagnosis (upper case, dotless); None if it is unlisted."""
        return self._ruling("diagnoses", None, value)

    def taxonomy(self, value: str, role: Role) -> Ruling | None:
        """What the layers say of a provider taxonomy in a role; None if it is unlisted there."""
        return self._ruling("taxonomies", role, value)

    def meant(self, value: str, role: Role) -> Entry | None:
        """The deciding entry of that role whose dispute names ``value`` as meant, or None."""
        for entry in self._section("taxonomies", role):
            if entry.dispute is None or value not in entry.dispute.meant:
                continue
            pattern = parse_pattern(entry.value)
            ruling = self.taxonomy(pattern.low, role) if pattern.kind == "exact" else None
            if ruling is None or ruling.entry is entry:
                return entry
        return None

    def has(self, section: Section) -> bool:
        """Whether any layer has an entry in force in the section."""
        return any(getattr(part, section) for part in self.statements)

    @property
    def has_exclusions(self) -> bool:
        """Whether any diagnosis in force may not stand beside others."""
        return any(entry.excludes for part in self.statements for entry in part.diagnoses)

    def has_role(self, role: Role) -> bool:
        """Whether any taxonomy entry in force speaks of the role."""
        return any(True for _ in self._section("taxonomies", role))

    def had(self, section: Section) -> bool:
        """Whether any layer has an entry in the section at all, whatever the date."""
        return section in self._had

    def entries(self) -> tuple[Entry, ...]:
        """All entries in force, layer by layer from wide to narrow, in the order of their files."""
        return tuple(
            entry
            for part in self.statements
            for section in SECTIONS
            for entry in getattr(part, section)
        )

    def _section(self, section: Section, role: Role | None) -> Iterator[Entry]:
        for part in reversed(self.statements):
            for entry in getattr(part, section):
                if role is None or entry.role == role:
                    yield entry

    def _ruling(self, section: Section, role: Role | None, value: str) -> Ruling | None:
        key = (section, role, value)
        found: Ruling | None = self._memo.get(key, _UNSEEN)
        if found is _UNSEEN:
            if len(self._memo) >= _MEMO_SIZE:
                self._memo.clear()
            found = self._memo[key] = self._look_up(section, role, value)
        return found

    def _look_up(self, section: Section, role: Role | None, value: str) -> Ruling | None:
        layered = self._tables.get((section, role))
        if layered is None:
            layered = self._tables[section, role] = _tables_of(self.statements, section, role)
        deciding = None
        layers: dict[str, None] = {}
        for layer, table in layered:
            entry = table.find(value)
            if entry is not None:
                deciding = entry
                layers[layer] = None
        return None if deciding is None else Ruling(deciding, tuple(layers))


_Layered: TypeAlias = tuple[tuple[str, Table[Entry]], ...]


def _tables_of(parts: tuple[Statements, ...], section: Section, role: Role | None) -> _Layered:
    return tuple(
        (
            part.layer,
            Table((e.value, e) for e in getattr(part, section) if role is None or e.role == role),
        )
        for part in parts
        if getattr(part, section)
    )


def _narrowest(
    parts: tuple[Statements, ...], section: str, key: Callable[[Any], object]
) -> tuple[Any, ...]:
    found: dict[object, Any] = {}
    for part in parts:
        for thing in getattr(part, section):
            found[key(thing)] = thing
    return tuple(found.values())
