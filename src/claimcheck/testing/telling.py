"""How a failed assertion is told: the line, its findings as a table, and each finding in full.

Only what a ``ClaimLine`` holds is told: normalised codes, and ids that may be repeated. A payer or a
condition that no rule names, and a date that may be one of birth, could be about a person; they are
told as being there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Final

import attrs

from claimcheck.codesets import carc
from claimcheck.finding import Finding
from claimcheck.line import ClaimLine
from claimcheck.report.text import cited, counted, severities_told
from claimcheck.verdict import Severity

if TYPE_CHECKING:
    from claimcheck.scalar import Checker

__all__ = ["Told", "findings_told", "line_told", "summed", "table", "wrapped"]

_WIDTH: Final = 96
_INDENT: Final = "    "
_YEARS_BACK: Final = 7
_YEARS_AHEAD: Final = 1
_FIELDS: Final = (
    *("modifiers", "place_of_service", "diagnoses", "taxonomy", "billing_taxonomy"),
    *("ordering_taxonomy", "units"),
)


@attrs.frozen
class Told:
    """A finding, and what to call the line it stands on (``""`` where there is only one)."""

    finding: Finding
    line: str = ""


def summed(findings: Iterable[Finding]) -> str:
    """``1 error, 2 warnings``, or ``no finding``."""
    counts = Counter(finding.severity for finding in findings)
    return severities_told((severity, counts[severity]) for severity in Severity) or "no finding"


def line_told(line: ClaimLine, checker: Checker, name: str = "line") -> str:
    """A line in its normalised codes, wrapped."""
    parts = [f"code {line.code or '(not read)'}"]
    for field in _FIELDS:
        value = getattr(line, field)
        if isinstance(value, tuple):
            value = " ".join(slot or "(not read)" for slot in value)
        if value is not None and value != "":
            parts.append(f"{field} {value}")
    parts += _about_a_person(line, checker)
    ids = " ".join(filter(None, (line.claim_id, line.line_id)))
    return wrapped(f"{name}{' ' + ids if ids else ''}: {'; '.join(parts)}", "")


def _about_a_person(line: ClaimLine, checker: Checker) -> Iterator[str]:
    """Payer, date and conditions: told where they cannot be about a person."""
    if line.payer is not None:
        key = checker.payer_of(line)
        known = {words.key for words in checker.ruleset.summary.payers} | {checker.payer}
        yield f"payer {key if key in known else '(one that no rule names)'}"
    if line.service_date is not None:
        years = line.service_date.year - checker.today.year
        likely = -_YEARS_BACK <= years <= _YEARS_AHEAD
        yield f"service_date {line.service_date if likely else '(too far off to be shown)'}"
    if line.conditions:
        known_ones = [name for name in line.conditions if name in checker.ruleset.conditions]
        others = len(line.conditions) - len(known_ones)
        more = [f"({counted(others, 'other')})"] if others else []
        yield f"conditions {' '.join([*known_ones, *more])}"


def table(told: Sequence[Told], *, rules: bool = False) -> Iterator[str]:
    """The findings as an aligned table, one row each; with the rules behind them if asked."""
    several = any(each.line for each in told)
    head = [*(["line"] if several else []), "severity", "finding", "where", "value"]
    head += ["rule"] if rules else []
    rows = [head]
    for each in told:
        finding = each.finding
        cells = [finding.severity.value, finding.code, _place(finding), finding.value or "-"]
        cells += [finding.rule or "-"] if rules else []
        rows.append([*([each.line] if several else []), *cells])
    widths = [max(len(row[at]) for row in rows) for at in range(len(head))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def findings_told(told: Sequence[Told], checker: Checker) -> str:
    """The table of findings, then each finding in full, then which rules were asked."""
    titles = {
        **{source.id: source.title for source in checker.ruleset.sources.values()},
        **checker.tables.titles(),
    }
    parts = ["\n".join(f"  {row}" for row in table(told))]
    parts += ["\n".join(_in_full(each, titles)) for each in told]
    parts.append(f"checked against {checker.stamp}")
    return "\n\n".join(parts)


def _place(finding: Finding) -> str:
    return finding.field if finding.index is None else f"{finding.field}[{finding.index}]"


def _in_full(told: Told, titles: Mapping[str, str]) -> Iterator[str]:
    finding = told.finding
    value = f" {finding.value}" if finding.value else ""
    where = f", {told.line}" if told.line else ""
    yield f"{finding.severity.value} {finding.code} on {_place(finding)}{value}{where}"
    yield wrapped(finding.message)
    yield wrapped(f"do: {finding.hint}")
    if finding.fix is not None:
        yield wrapped(f"fix: {finding.fix}")
    yield wrapped(f"rule: {finding.rule}")
    for source in cited(finding.citations, titles):
        yield wrapped(f"source: {source}")
    if finding.carc is not None:
        meaning = carc.meaning(finding.carc)
        yield wrapped(f"denial ahead: CARC {finding.carc}" + (f" - {meaning}" if meaning else ""))


def wrapped(text: str, indent: str = _INDENT) -> str:
    """A text in rows of 96 columns; further rows hang."""
    rows = wrap(
        text,
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + _INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(rows)
