"""One page per bundled rule file, as a coder reads it; and the page of the sources."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

from claimcheck.authoring.documentation.disputes import dispute_section
from claimcheck.authoring.documentation.markdown import (
    GENERATED,
    cell,
    citations,
    fact_table,
    table,
)
from claimcheck.codesets import modifiers, places, taxonomy
from claimcheck.dates import Period
from claimcheck.ruleset import RuleSet
from claimcheck.ruleset.load import read_rule_file
from claimcheck.ruleset.model import CodeFile, Entry, Family, Statements

__all__ = ["rule_pages"]

SOURCES: Final = "sources.md"

_VERDICTS: Final = {
    "applicable": "fits",
    "not-applicable": "does not fit",
    "indicated": "is a reason for the service",
    "secondary": "gives context only",
    "not-indicated": "is no reason for the service",
}


def rule_pages(rules: RuleSet, folder: Path) -> Iterator[tuple[str, str]]:
    """Path and text of every page about the rules; ``folder`` has the rule files' tests."""
    for code in rules.codes:
        file = rules.code_file(code)
        if file is not None:
            yield f"rules/{code}.md", _join(_code_page(file, rules, folder))
    for family in rules.families.values():
        yield f"rules/{family.name}.md", _join(_family_page(family, rules))
    yield "rules/sources.md", _join(_sources_page(rules))
    yield "rules/index.md", _join(_index_page(rules))


def _join(rows: Sequence[str]) -> str:
    return "\n".join(rows).rstrip("\n") + "\n"


def _head(name: str, title: str) -> list[str]:
    return [f"# {name}", "", GENERATED, "", f"{title}.", ""]


def _code_page(file: CodeFile, rules: RuleSet, folder: Path) -> list[str]:
    chain = [family.name for family in reversed(rules.family_chain(file.family))]
    families = ", which extends ".join(f"[{name}]({name}.md)" for name in chain)
    facts = (
        ("Family", families),
        ("Source", f"[{file.source}]({SOURCES}#{file.source})"),
        ("Status", file.status),
        ("In effect", _period(file.period)),
        ("Cited from", citations(file.period_citations, SOURCES)),
        ("Rule file", f"`rules/codes/{file.code}.yaml`"),
    )
    note = "What this page does not mention may be said by its family. The narrowest layer decides."
    return [
        *_head(file.code, file.title),
        *fact_table(facts),
        "",
        note,
        "",
        *dispute_section(file.statements, file),
        *_sections(file.statements),
        *_test_section(folder / "codes" / f"{file.code}.test.yaml"),
    ]


def _family_page(family: Family, rules: RuleSet) -> list[str]:
    members = [c for c in rules.codes if (f := rules.code_file(c)) and f.family == family.name]
    narrower = [f.name for f in rules.families.values() if f.extends == family.name]
    facts = (
        ("Extends", f"[{family.extends}]({family.extends}.md)" if family.extends else ""),
        ("Extended by", ", ".join(f"[{name}]({name}.md)" for name in narrower)),
        ("Codes", ", ".join(f"[{code}]({code}.md)" for code in members)),
        ("Status", family.status),
        ("Rule file", f"`rules/families/{family.name}.yaml`"),
    )
    return [
        *_head(family.name, family.title),
        *fact_table(facts),
        "",
        *dispute_section(family.statements, None),
        *_sections(family.statements),
    ]


def _sections(said: Statements) -> list[str]:
    parts = (
        ("Modifiers", ("Modifier", "Meaning"), map(_modifier, said.modifiers)),
        ("Places", ("Place", "Name"), map(_place, said.places)),
        ("Diagnoses", ("Diagnosis", "The source's name"), map(_diagnosis, said.diagnoses)),
        ("Taxonomies", ("Taxonomy", "NUCC name", "Role"), map(_taxonomy, said.taxonomies)),
    )
    rows: list[str] = []
    for title, heads, found in parts:
        rows += _section(title, (*heads, "The rule says", "Why", "Source and row"), found)
    because = ("Why", "Source and row")
    rows += _section(
        "Conflicts",
        ("Modifiers that may not stand together", *because),
        ((" + ".join(c.modifiers), *_why(c)) for c in said.conflicts),
    )
    rows += _section("Excludes", ("Diagnosis", "Excludes", *because), _excludes(said))
    rows += _section(
        "Payers",
        ("Payer", "Key", "Also written", "Source and row"),
        (
            (cell(p.named), f"`{p.payer}`", ", ".join(p.also_written), _cited(p))
            for p in said.payers
        ),
    )
    rows += _section(
        "Related",
        ("Code", "Relation", "What the source takes it for", *because),
        ((r.code, cell(r.relation), cell(r.named or ""), *_why(r)) for r in said.related),
    )
    rows += _section(
        "Facts",
        ("Fact", "What is said", "Source and row"),
        ((fact.fact, _text(fact.says, fact.derived), _cited(fact)) for fact in said.facts),
    )
    return rows


def _section(title: str, heads: Sequence[str], rows: Iterator[Sequence[str]]) -> list[str]:
    listed = table(heads, rows)
    return [f"## {title}", "", *listed, ""] if listed else []


def _modifier(entry: Entry) -> tuple[str, ...]:
    known = modifiers.lookup(entry.value)
    return entry.value, cell(known.meaning if known else ""), *_said(entry)


def _place(entry: Entry) -> tuple[str, ...]:
    known = places.lookup(entry.value)
    return entry.value, cell(known.name if known else ""), *_said(entry)


def _diagnosis(entry: Entry) -> tuple[str, ...]:
    return entry.value, cell(entry.named or ""), *_said(entry)


def _taxonomy(entry: Entry) -> tuple[str, ...]:
    known = taxonomy.lookup(entry.value)
    return entry.value, cell(known.name if known else ""), entry.role or "", *_said(entry)


def _said(entry: Entry) -> tuple[str, ...]:
    return _verdict(entry), *_why(entry)


def _verdict(entry: Entry) -> str:
    if entry.verdict == "conditional":
        said = f"fits when `{entry.when}`" + (
            f"; document {cell(entry.document)}" if entry.document else ""
        )
    else:
        said = "does not usually fit" if entry.hedged else _VERDICTS[entry.verdict]
    if entry.belongs_to:
        said += f"; belongs to {cell(entry.belongs_to)}"
    if entry.period != Period():
        said += f" ({_period(entry.period)})"
    return f"**disputed**: {said}" if entry.dispute else said


def _why(thing: Any) -> tuple[str, str]:
    return _text(thing.because or "", thing.derived), _cited(thing)


def _text(words: str, derived: str | None) -> str:
    return cell(words) + (f" *Derived: {cell(derived)}*" if derived else "")


def _cited(thing: Any) -> str:
    return citations(thing.citations, SOURCES)


def _excludes(said: Statements) -> Iterator[tuple[str, ...]]:
    for entry in said.diagnoses:
        for exclusion in entry.excludes:
            codes = ", ".join(exclusion.codes)
            yield entry.value, codes, cell(exclusion.because), _cited(exclusion)


def _period(period: Period) -> str:
    first = f"from {period.first}" if period.first else "start unstated"
    last = f"to {period.last}" if period.last else "end unstated"
    return "dates unstated" if period == Period() else f"{first}, {last}"


def _test_section(path: Path) -> list[str]:
    model: Any = None
    if path.is_file():
        file, _ = read_rule_file(path, ("test",))
        model = file.model if file is not None else None
    if model is None:
        return []
    return _section(
        "Test cases", ("Case", "Line", "Findings"), (_case(case) for case in model.cases)
    )


def _case(case: Any) -> tuple[str, str, str]:
    line = json.dumps(case.line.model_dump(exclude_none=True))
    findings = "<br>".join(
        f"{told.severity} [{told.finding}](../findings/{told.finding}.md)"
        + (f" `{told.value}`" if told.value else "")
        for told in case.findings
    )
    return cell(case.name), f"`{line}`", findings or "none"


def _sources_page(rules: RuleSet) -> list[str]:
    rows = [
        "# Sources",
        "",
        GENERATED,
        "",
        "Every document and table that a citation names. A primary source is an official list; "
        "a secondary one is compared with the official lists.",
        "",
    ]
    for source in rules.sources.values():
        facts = attrs.asdict(source)
        facts["sha256"] = f"`{source.sha256}`" if source.sha256 else "none"
        listed = ((name.upper() if name == "sha256" else name.capitalize(), name) for name in facts)
        rows += [
            f"## {source.id}",
            "",
            *fact_table((label, cell(facts[name] or "")) for label, name in listed if name != "id"),
            "",
        ]
    return rows


def _index_page(rules: RuleSet) -> list[str]:
    codes = [file for code in rules.codes if (file := rules.code_file(code)) is not None]
    return [
        "# Rules",
        "",
        GENERATED,
        "",
        "The bundled rule files, and the [sources](sources.md) that they cite.",
        "",
        "## Codes",
        "",
        *table(
            ("Code", "Title", "Family", "Status"),
            [(f"[{f.code}]({f.code}.md)", cell(f.title), f.family or "", f.status) for f in codes],
        ),
        "",
        "## Families",
        "",
        *table(
            ("Family", "Title", "Extends", "Status"),
            [
                (f"[{f.name}]({f.name}.md)", cell(f.title), f.extends or "", f.status)
                for f in rules.families.values()
            ],
        ),
    ]
