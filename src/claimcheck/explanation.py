"""Explanations: everything that the rules say of a line or of a code, whether it decided or not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import attrs

from claimcheck.checks.taxonomies import ROLES
from claimcheck.codesets.national import TableFact, table_facts
from claimcheck.dates import Period
from claimcheck.deciding import deciding_entry, values_of
from claimcheck.finding import Citation, Finding
from claimcheck.line import (
    DIAGNOSIS_SHAPE,
    MODIFIER_SHAPE,
    PLACE_SHAPE,
    TAXONOMY_SHAPE,
    ClaimLine,
    dotted,
    payer_slug,
)
from claimcheck.line_report import Report
from claimcheck.ruleset.model import (
    SECTIONS,
    Conflict,
    Dispute,
    Entry,
    Fact,
    Related,
    Rule,
    Ruling,
    Section,
    Statements,
)
from claimcheck.ruleset.values import parse_pattern, value_matches
from claimcheck.verdict import Role

if TYPE_CHECKING:
    from claimcheck.scalar import Checker

__all__ = [
    "EntryExplained",
    "EntryState",
    "Explanation",
    "ValueExplained",
    "explain_code",
    "explain_family",
    "explain_line",
]

EntryState: TypeAlias = Literal["decides", "overruled", "not-in-force", "other-role", "meant"]
"""What part an entry has in the outcome.

``decides``: the narrowest in force. ``overruled``: in force, a narrower or more exact one decides.
``not-in-force``: not on the date of service. ``other-role``: speaks of the taxonomy in a role that
the field does not stand for. ``meant``: its dispute names the value as the code that was meant.
"""

_FIELD_OF: Final[Mapping[Section, str]] = {
    "modifiers": "modifiers",
    "places": "place_of_service",
    "diagnoses": "diagnoses",
    "taxonomies": "taxonomy",
}


@attrs.frozen
class EntryExplained:
    """One entry that speaks of a value, and its part in the outcome."""

    entry: Entry
    state: EntryState


@attrs.frozen
class ValueExplained:
    """One value, and every entry of every layer that speaks of it, wide to narrow.

    Attributes:
        field: name of the line's field.
        index: position in a list field, else None.
        value: the value; of a code explained as a whole, as its rule writes it (``C34.-``).
        entries: what the layers say; empty if no rule mentions the value.
        findings: what came of it; empty without a line.
    """

    field: str
    index: int | None
    value: str
    entries: tuple[EntryExplained, ...]
    findings: tuple[Finding, ...] = ()


@attrs.frozen(kw_only=True)
class Explanation:
    """Everything that the rules say.

    Attributes:
        code: the procedure code, or None if the line has none that could be read.
        family: the family, if a family was explained instead of a code.
        title, status: of its rule file; None if no rule file speaks of the code.
        layers: the layers that speak of the code, wide to narrow.
        effective: when the code is in effect.
        in_effect: whether it is on the date of service; None without a rule file.
        dispute: the dispute of the code itself, or None.
        payer: key of the line's payer, if some rule names it.
        payers_examined: keys of the payers that the sources examined.
        values: every value, in the order of the line's fields.
        conflicts: modifiers that may not stand together.
        related, facts: codes that the source relates to this one, and statements that no check reads;
            empty if only some values of a code were asked for.
        tables: what the imported tables have of the code, and of the modifiers that are asked for.
        report: the report of the line; None if a code was explained.
        sources: titles of the sources that are cited, by id.
    """

    code: str | None
    family: str | None = None
    title: str | None
    status: str | None
    layers: tuple[str, ...]
    effective: Period
    in_effect: bool | None
    dispute: Dispute | None
    payer: str | None
    payers_examined: tuple[str, ...]
    values: tuple[ValueExplained, ...]
    conflicts: tuple[Conflict, ...]
    related: tuple[Related, ...]
    facts: tuple[Fact, ...]
    tables: tuple[TableFact, ...] = ()
    report: Report | None
    sources: tuple[tuple[str, str], ...]

    @property
    def unlisted(self) -> tuple[ValueExplained, ...]:
        """The values that no layer mentions."""
        return tuple(value for value in self.values if not value.entries)

    @property
    def other_findings(self) -> tuple[Finding, ...]:
        """The findings that belong to no single value."""
        if self.report is None:
            return ()
        of_values = {id(finding) for value in self.values for finding in value.findings}
        return tuple(f for f in self.report.findings if id(f) not in of_values)

    def as_dict(self) -> dict[str, Any]:
        """The explanation as JSON-ready values, in a fixed order."""
        return {
            "code": self.code,
            "family": self.family,
            "title": self.title,
            "status": self.status,
            "layers": list(self.layers),
            "effective": _period(self.effective),
            "in_effect": self.in_effect,
            "disputed": _dispute(self.dispute),
            "payer": self.payer,
            "payers_examined": list(self.payers_examined),
            "values": [_value(value) for value in self.values],
            "unlisted": [
                {"field": v.field, "index": v.index, "value": v.value} for v in self.unlisted
            ],
            "conflicts": [_thing(thing) for thing in self.conflicts],
            "related": [_thing(thing) for thing in self.related],
            "facts": [_thing(thing) for thing in self.facts],
            "tables": [
                {"says": fact.says, "citations": _citations([fact.citation])}
                for fact in self.tables
            ],
            "other_findings": [finding.as_dict() for finding in self.other_findings],
            "report": None if self.report is None else self.report.as_dict(),
            "sources": dict(self.sources),
        }

    def as_text(self, width: int = 100) -> str:
        """The explanation for people, ``width`` columns wide."""
        from claimcheck.report.explained import explained_text

        return explained_text(self.as_dict(), width)


def explain_line(checker: Checker, line: ClaimLine) -> Explanation:
    """Tell every entry that was considered for a line, whether it decided or not.

    Args:
        checker: whose rules and settings are asked.
        line: the line.
    """
    epoch = checker.epochs.of(line.service_date)
    report = checker.check(line)
    payer = checker.payer_of(line)
    rule = checker.rule_of(line, epoch)
    layers = _layers(checker, line.code, payer)
    values = []
    for section, field, index, value in values_of(line):
        entries = tuple(_entries(layers, rule, section, field, value, epoch.day))
        own = tuple(f for f in report.findings if f.field == field and _is_of(f, index, value))
        values.append(ValueExplained(field, index, value, entries, own))
    return _explanation(checker, line.code, rule, layers, payer, epoch.day, values, report)


def explain_code(
    checker: Checker,
    code: str,
    values: Sequence[str] = (),
    day: date | None = None,
    payer: str | None = None,
) -> Explanation:
    """Tell what the rules say of a code: all of it, or only of some values.

    Args:
        checker: whose rules are asked.
        code: procedure code, upper case.
        values: modifiers, places, diagnoses or taxonomies; each is looked for in every section whose
            shape it has.
        day: date of service; None takes what is still open.
        payer: the payer, in any way of writing that a rule knows; None for the checker's own.

    Raises:
        ValueError: a value has the shape of none of the four.
    """
    slug = payer_slug(payer) if payer else checker.payer
    key = (checker.ruleset.payer_key(slug) or slug) if slug else None
    epoch = checker.epochs.of(day)
    rule = checker.resolve(code, key, epoch)
    layers = _layers(checker, code, key)
    explained = (
        [one for value in values for one in _one_value(layers, rule, value, epoch.day)]
        if values
        else list(_all_values(layers, rule, epoch.day))
    )
    return _explanation(checker, code, rule, layers, key, epoch.day, explained, some=bool(values))


def explain_family(checker: Checker, family: str) -> Explanation:
    """Tell what a family and those that it extends say.

    Args:
        checker: whose rules are asked.
        family: name of the family.

    Raises:
        KeyError: there is no such family.
    """
    *_, own = chain = checker.ruleset.family_chain(family)
    layers = tuple(member.statements for member in chain)
    explanation = _explanation(
        checker, None, None, layers, None, None, list(_all_values(layers, None, None))
    )
    facts = tuple(fact for part in layers for fact in part.facts)
    conflicts = tuple(conflict for part in layers for conflict in part.conflicts)
    cited = {c.source for thing in (*facts, *conflicts) for c in _all_citations(thing)}
    titles = {name: checker.ruleset.sources[name].title for name in cited}
    return attrs.evolve(
        explanation,
        family=family,
        title=own.title,
        status=own.status,
        facts=facts,
        conflicts=conflicts,
        sources=tuple(sorted({**dict(explanation.sources), **titles}.items())),
    )


def _is_of(finding: Finding, index: int | None, value: str) -> bool:
    """Whether a finding of the field belongs to the value at a position, not to the whole list."""
    if index is None:
        return True
    return finding.index == index if finding.index is not None else finding.value == value


def _layers(checker: Checker, code: str | None, payer: str | None) -> tuple[Statements, ...]:
    file = checker.ruleset.code_file(code) if code else None
    return () if file is None else checker.ruleset.layers(file, payer)


def _entries(
    layers: Iterable[Statements],
    rule: Rule | None,
    section: Section,
    field: str,
    value: str,
    day: date | None,
) -> Iterator[EntryExplained]:
    """Every entry of every layer that speaks of one value, wide to narrow."""
    bare = value.replace(".", "")
    roles = ROLES.get(field)
    deciding = deciding_entry(rule, section, field, value) if rule and roles else None
    for part in layers:
        for entry in getattr(part, section):
            if not value_matches(entry.value, bare):
                if entry.dispute is not None and value in entry.dispute.meant:
                    yield EntryExplained(entry, "meant")
                continue
            ruling = _ruling(rule, section, bare, entry.role)
            if not entry.period.holds(day):
                yield EntryExplained(entry, "not-in-force")
            elif ruling is None or ruling.entry.id != entry.id:
                yield EntryExplained(entry, "overruled")
            elif roles is None or (deciding is not None and entry.id == deciding.id):
                yield EntryExplained(entry, "decides")
            else:
                state: EntryState = "overruled" if entry.role in roles else "other-role"
                yield EntryExplained(entry, state)


def _ruling(rule: Rule | None, section: Section, bare: str, role: Role | None) -> Ruling | None:
    if rule is None:
        return None
    if section == "modifiers":
        return rule.modifier(bare)
    if section == "places":
        return rule.place(bare)
    if section == "diagnoses":
        return rule.diagnosis(bare)
    return None if role is None else rule.taxonomy(bare, role)


def _one_value(
    layers: Sequence[Statements], rule: Rule | None, text: str, day: date | None
) -> list[ValueExplained]:
    """What every section says of a value that could stand in it."""
    value = text.strip().upper()
    fitting: list[tuple[Section, str]] = []
    if MODIFIER_SHAPE.fullmatch(value):
        fitting.append(("modifiers", value))
    if PLACE_SHAPE.fullmatch(value):
        fitting.append(("places", value))
    dotless = value[:3] + value[4:] if value[3:4] == "." else value
    if DIAGNOSIS_SHAPE.fullmatch(dotless):
        fitting.append(("diagnoses", dotted(dotless)))
    if TAXONOMY_SHAPE.fullmatch(value):
        fitting.append(("taxonomies", value))
    if not fitting:
        raise ValueError(
            "a value is none of: a modifier (two characters), a place of service (two digits), "
            "a diagnosis such as O03.9, a taxonomy (ten characters, the last X)"
        )
    told = []
    for section, written in fitting:
        field = "" if section == "taxonomies" else _FIELD_OF[section]
        entries = tuple(_entries(layers, rule, section, field, written, day))
        told.append(ValueExplained(_FIELD_OF[section], None, written, entries))
    return [one for one in told if one.entries] or told[:1]


def _all_values(
    layers: Sequence[Statements], rule: Rule | None, day: date | None
) -> Iterator[ValueExplained]:
    """Every written value of every section, with the entries of all layers."""
    for section in SECTIONS:
        groups: dict[tuple[object, Role | None], list[Entry]] = {}
        for part in layers:
            for entry in getattr(part, section):
                groups.setdefault((parse_pattern(entry.value), entry.role), []).append(entry)
        for entries in groups.values():
            explained = tuple(_states(entries, rule, section, day))
            yield ValueExplained(_FIELD_OF[section], None, entries[0].value, explained)


def _states(
    entries: Sequence[Entry], rule: Rule | None, section: Section, day: date | None
) -> Iterator[EntryExplained]:
    """The part of each of the entries that all layers have for one written value."""
    in_force = [entry for entry in entries if entry.period.holds(day)]
    pattern = parse_pattern(entries[0].value)
    ruling = _ruling(rule, section, pattern.low, entries[0].role)
    narrower = pattern.kind == "exact" and ruling is not None
    decides = ruling.entry.id if narrower and ruling is not None else None
    if decides is None and in_force:
        decides = in_force[-1].id
    for entry in entries:
        if entry not in in_force:
            yield EntryExplained(entry, "not-in-force")
        else:
            yield EntryExplained(entry, "decides" if entry.id == decides else "overruled")


def _explanation(
    checker: Checker,
    code: str | None,
    rule: Rule | None,
    layers: Sequence[Statements],
    payer: str | None,
    day: date | None,
    values: Sequence[ValueExplained],
    report: Report | None = None,
    some: bool = False,
) -> Explanation:
    conflicts: tuple[Conflict, ...] = rule.conflicts if rule else ()
    if report is not None or some:
        asked = {value.value for value in values if value.field == "modifiers"}
        conflicts = tuple(c for c in conflicts if asked.issuperset(c.modifiers))
    related, facts = (rule.related, rule.facts) if rule and not some else ((), ())
    cited = {
        citation.source
        for thing in (*conflicts, *related, *facts, *(e.entry for v in values for e in v.entries))
        for citation in _all_citations(thing)
    }
    if rule is not None:
        cited.update(citation.source for citation in _all_citations(rule))
    known = checker.ruleset.sources
    asked_for = [value.value for value in values if value.field == "modifiers"]
    if report is None and not some:
        asked_for = []
    tables = tuple(table_facts(checker.tables, code, asked_for, day)) if code else ()
    titles = checker.tables.titles()
    titles = {fact.citation.source: titles[fact.citation.source] for fact in tables}
    return Explanation(
        code=code,
        title=rule.title if rule else None,
        status=rule.status if rule else None,
        layers=tuple(dict.fromkeys(part.layer for part in layers)),
        effective=rule.period if rule else Period(),
        in_effect=rule.period.holds(day) if rule else None,
        dispute=rule.dispute if rule else None,
        payer=payer if payer in checker.ruleset.payers else None,
        payers_examined=rule.payers if rule else (),
        values=tuple(values),
        conflicts=conflicts,
        related=related,
        facts=facts,
        tables=tables,
        report=report,
        sources=(
            *((name, known[name].title) for name in sorted(cited) if name in known),
            *sorted(titles.items()),
        ),
    )


def _all_citations(thing: Any) -> tuple[Citation, ...]:
    own = thing.period_citations if isinstance(thing, Rule) else thing.citations
    dispute = getattr(thing, "dispute", None)
    return (*own, *(dispute.citations if dispute else ()))


def _period(period: Period) -> dict[str, str]:
    return {
        "from": period.first.isoformat() if period.first else "unstated",
        "to": period.last.isoformat() if period.last else "unstated",
    }


def _citations(citations: Iterable[Citation]) -> list[dict[str, str]]:
    return [{"source": citation.source, "at": citation.at} for citation in citations]


def _dispute(dispute: Dispute | None) -> dict[str, Any] | None:
    if dispute is None:
        return None
    return {
        "effect": dispute.effect,
        "because": dispute.because,
        "official_name": dispute.official_name,
        "meant": list(dispute.meant),
        "citations": _citations(dispute.citations),
    }


def _value(value: ValueExplained) -> dict[str, Any]:
    return {
        "field": value.field,
        "index": value.index,
        "value": value.value,
        "entries": [{"state": e.state, **_thing(e.entry)} for e in value.entries],
        "findings": [finding.as_dict() for finding in value.findings],
    }


def _thing(thing: Entry | Conflict | Related | Fact) -> dict[str, Any]:
    """An entry of any kind as JSON-ready values; what it leaves unsaid is left out."""
    told: dict[str, Any] = {}
    for name, value in attrs.asdict(thing, recurse=False).items():
        if name == "period":
            told["effective"] = _period(value)
        elif name == "dispute":
            told["disputed"] = _dispute(value)
        elif name == "citations":
            told["citations"] = _citations(value)
        elif name == "excludes":
            told["excludes"] = [code for exclusion in value for code in exclusion.codes]
        else:
            told[name] = list(value) if isinstance(value, tuple) else value
    return {name: value for name, value in told.items() if value not in (None, [], False)}
