"""One page per finding, made from its check's docstring and from running the example in it."""

from __future__ import annotations

import ast
import inspect
import json
import textwrap
from collections.abc import Callable, Iterator
from typing import Any, Final

from claimcheck.authoring.documentation.markdown import (
    GENERATED,
    anchor,
    cell,
    citations,
    fact_table,
    table,
)
from claimcheck.checks import CHECKS, CLAIM_CHECKS, Check
from claimcheck.checks.wording import listed
from claimcheck.codesets import carc
from claimcheck.codesets.store.kinds import TITLES
from claimcheck.finding import Finding
from claimcheck.scalar import Checker
from claimcheck.verdict import Severity

__all__ = ["example_findings", "finding_pages", "needs_tables", "severities_of"]

GROUPS: Final = {
    "line": "The line as a whole",
    "code": "Procedure code",
    "modifier": "Modifiers",
    "place": "Place of service",
    "diagnosis": "Diagnoses",
    "taxonomy": "Provider taxonomies",
    "payer": "Payer",
    "units": "Units",
    "claim": "Across the lines of a claim",
}
"""First words of slugs, in the order in which findings are told."""

_DERIVED: Final = {
    "severity_of_refusal": {Severity.ERROR, Severity.WARNING},
    "severity_of_dispute": {Severity.WARNING, Severity.INFO},
    "table_severity": {Severity.ERROR, Severity.WARNING},
}
"""What a severity that comes from a rule file's words, or from the payer of a table, can be."""

_SOURCES_PAGE: Final = "../rules/sources.md"
_GIVES_WITH_TABLES: Final = (
    "gives, with the [extracts of official tables](../examples/tables/README.md) imported,"
)


def finding_pages(checker: Checker, with_tables: Checker) -> Iterator[tuple[str, str]]:
    """Path and text of the page of every finding, and of their index.

    Args:
        checker: without any imported table.
        with_tables: with the extracts of official tables imported.
    """
    checks = (*CHECKS, *CLAIM_CHECKS)
    for check in checks:
        yield f"findings/{check.finding}.md", _page(check, checker, with_tables)
    yield "findings/index.md", _index(checks)


def severities_of(check: Check) -> tuple[Severity, ...]:
    """The severities that a check can give, loudest first.

    Read from its function, and from those of its module that this calls.
    """
    found: set[Severity] = set()
    for function in _called(check.function):
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                if node.value.id == "Severity" and node.attr in Severity.__members__:
                    found.add(Severity[node.attr])
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                found |= _DERIVED.get(node.func.id, set())
    return tuple(sorted(found, key=lambda severity: -severity.rank))


def _called(function: Callable[..., Any]) -> list[Callable[..., Any]]:
    """A function, and the functions of its module that it calls, directly or not."""
    found = [function]
    for one in found:
        for name in one.__code__.co_names:
            other: Any = one.__globals__.get(name)
            own = inspect.isfunction(other) and other.__module__ == function.__module__
            if own and other not in found:
                found.append(other)
    return found


def needs_tables(check: Check, checker: Checker) -> bool:
    """Whether the example gives its finding only if tables are imported."""
    return all(one.code != check.finding for one in example_findings(check, checker))


def example_findings(check: Check, checker: Checker) -> tuple[Finding, ...]:
    """All findings of the line, or of the list of lines, in the docstring's example."""
    example = json.loads(check.sections["Example"])
    if isinstance(example, list):
        return checker.check_claim(example).findings
    return checker.check(example).findings


def _page(check: Check, plain: Checker, with_tables: Checker) -> str:
    sections = check.sections
    imported = needs_tables(check, plain)
    checker = with_tables if imported else plain
    found = example_findings(check, checker)
    own = next((finding for finding in found if finding.code == check.finding), None)
    if own is None:
        raise ValueError(f"the example of {check.finding} does not give {check.finding}")
    rows = [
        f"# {check.finding}",
        "",
        GENERATED,
        "",
        sections[""],
        "",
        *fact_table(_facts(check)),
        "",
        "## What it finds",
        "",
        sections["What it finds"],
        "",
        "## Why it matters",
        "",
        sections["Why it matters"],
        "",
        "## Example",
        "",
        "```json",
        *sections["Example"].splitlines(),
        "```",
        "",
        _GIVES_WITH_TABLES if imported else "gives",
        "",
        *fact_table(_told(own, checker)),
        "",
        *_others(check, found),
        "## What to do",
        "",
        sections["What to do"],
        "",
        "## Sources",
        "",
        sections["Sources"],
    ]
    return "\n".join(rows) + "\n"


def _facts(check: Check) -> Iterator[tuple[str, str]]:
    yield "Severity", ", ".join(severity.value for severity in severities_of(check))
    yield "Field", f"`{check.field}`"
    if check.carc is not None:
        yield "Denial it forestalls", f"CARC {check.carc}: {carc.meaning(check.carc)}"
    if check.tables:
        titles = listed([f"the {TITLES[kind]}" for kind in check.tables], "or")
        yield "Needs", f"an [imported table](../code-sets.md): {titles}"
    yield "The check reads", ", ".join(f"`{name}`" for name in check.reads)


def _told(finding: Finding, checker: Checker) -> Iterator[tuple[str, str]]:
    place = "" if finding.index is None else f", position {finding.index}"
    yield "severity", finding.severity.value
    yield "field", f"`{finding.field}`{place}"
    yield "value", f"`{finding.value}`" if finding.value is not None else ""
    yield "message", cell(finding.message)
    yield "hint", cell(finding.hint)
    if finding.fix is not None:
        yield "fix", f"{finding.fix}; see [fixes](../fixes.md)"
    yield "rule", _rule(finding.rule)
    imported = checker.tables.titles() if finding.rule.startswith("tables/") else {}
    yield "citations", citations(finding.citations, _SOURCES_PAGE, unlinked=imported)


def _rule(rule: str) -> str:
    """The rule's id, linked to the rule's page where it has one."""
    layer, _, entry = rule.partition("#")
    kind, _, name = layer.partition("/")
    if kind not in ("codes", "families"):
        return f"`{rule}`"
    section, _, value = entry.partition("/")
    fragment = f"#{anchor(section)}" if value else ""
    return f"[`{rule}`](../rules/{name}.md{fragment})"


def _others(check: Check, found: tuple[Finding, ...]) -> list[str]:
    others = dict.fromkeys(f.code for f in found if f.code != check.finding)
    if not others:
        return []
    links = ", ".join(f"[{slug}]({slug}.md)" for slug in others)
    return [f"The example also gives {links}.", ""]


def _index(checks: tuple[Check, ...]) -> str:
    rows = [
        "# Findings",
        "",
        GENERATED,
        "",
        f"The {len(checks)} findings, in the order in which they are told. "
        "A slug never changes its meaning.",
        "",
    ]
    for word, title in GROUPS.items():
        members = [check for check in checks if check.finding.split("-")[0] == word]
        listed = table(("Finding", "Severity", "In short"), [_entry(check) for check in members])
        if listed:
            rows += [f"## {title}", "", *listed, ""]
    return "\n".join(rows).rstrip("\n") + "\n"


def _entry(check: Check) -> tuple[Any, ...]:
    severities = ", ".join(severity.value for severity in severities_of(check))
    return f"[{check.finding}]({check.finding}.md)", severities, cell(check.sections[""])
