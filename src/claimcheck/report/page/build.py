"""The report page as one HTML file that asks for nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TextIO

import attrs
import msgspec

from claimcheck.codesets import carc
from claimcheck.finding import Finding
from claimcheck.report.page.assets import own, table_library
from claimcheck.report.page.charts import Bar, Chart, chart_of, chart_of_days, drawn
from claimcheck.report.page.counts import (
    FEWEST_LINES,
    YEARS_BACK,
    Counted,
    Nameable,
    PageCounts,
    named,
)
from claimcheck.report.page.sample import ShownLine
from claimcheck.report.summary import Note, Summary
from claimcheck.report.text import counted
from claimcheck.report.writing import Context

__all__ = ["data_of", "write_page"]

FIXES: Final = 15
INPUTS_TOLD: Final = 1_000
WRONG_TOLD: Final = 20
PLACES_TOLD: Final = 10
_UNSAFE: Final = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
)


@attrs.frozen
class Fix:
    """What to do, for which finding, and how often."""

    finding: str
    hint: str
    count: int


@attrs.frozen
class Wrong:
    """What could not be read of an input: its name, what is wrong, and the places."""

    file: str
    what: str
    places: tuple[str, ...] = ()


def write_page(
    out: TextIO,
    context: Context,
    summary: Summary,
    counts: PageCounts,
    first_row: int = 1,
    notes: Sequence[str] = (),
) -> None:
    """Write the page.

    Args:
        out: text file.
        context: rules, titles of sources, and which payers and days are likely.
        summary: of the whole run; the page tells all of it.
        counts: what else is told of the lines.
        first_row: the number that the input's first row has.
        notes: what is worth knowing of all inputs together.
    """
    from jinja2 import DictLoader, Environment, StrictUndefined

    environment = Environment(
        loader=DictLoader({"page": own("page.html")}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["grouped"] = lambda number: f"{number:,}"
    library = table_library()
    script = _inline(f"{library.script}\n;const $ = {library.jquery};\n{own('page.js')}")
    told = counts.nameable(context.payers, context.today)
    names = shown_names(summary.inputs)
    wrong = wrong_of(summary, names)
    page = environment.get_template("page").generate(
        context=context,
        summary=summary,
        lines=dict(summary.lines),
        severities=[(severity.value, count) for severity, count in summary.by_severity()],
        total=sum(count for _, count in summary.by_severity()),
        used=[edition for edition in summary.code_sets if edition.edition is not None],
        absent=[edition for edition in summary.code_sets if edition.edition is None],
        charts=[drawn(chart) for chart in charts_of(summary, counts, told)],
        fixes=fixes_of(counts),
        shown=len(counts.sample),
        first_row=first_row,
        inputs=list(names.values())[:INPUTS_TOLD],
        wrong=wrong[:WRONG_TOLD],
        more_wrong=max(len(wrong) - WRONG_TOLD, 0),
        notes=[*(_noted(note, names) for note in summary.notes), *notes],
        fewest=FEWEST_LINES,
        years=YEARS_BACK,
        script=script,
        hash=_hash(script),
        style=f"{library.style}\n{own('base.css')}\n{own('page.css')}",
        data=_data(data_of(counts, context, told)),
    )
    out.writelines(page)


def shown_names(inputs: Iterable[str]) -> dict[str, str]:
    """What the page calls the inputs: their last names, and where two share one all that was given."""
    last = {path: Path(path).name or path for path in inputs}
    often = Counter(last.values())
    return {path: name if often[name] == 1 else path for path, name in last.items()}


def wrong_of(summary: Summary, names: Mapping[str, str]) -> list[Wrong]:
    """What could not be read: whole inputs, then places in others."""
    wrong = [
        Wrong(names.get(path, path), f"could not be read: {why.removeprefix(f'{path}: ')}")
        for path, why in summary.not_read
    ]
    return wrong + [
        Wrong(
            names.get(damage.file, damage.file),
            f"is damaged in {counted(damage.count, 'place')}",
            tuple(damage.told(PLACES_TOLD)),
        )
        for damage in summary.damage
    ]


def _noted(note: Note, names: Mapping[str, str]) -> str:
    return note.text if len(names) == 1 else f"{names.get(note.file, note.file)}: {note.text}"


def charts_of(summary: Summary, counts: PageCounts, told: Nameable) -> list[Chart]:
    """The charts of the page, in order."""
    findings = Counted[str]()
    for found in summary.findings:
        findings.add(found.code, found.severity, found.count)
    severities = [
        Bar(severity.value, _only(at, count), severity.value)
        for at, (severity, count) in enumerate(summary.by_severity())
    ]
    return [
        chart_of("finding", "Findings by kind", "Finding", findings, "", "findings"),
        Chart("severity", "Findings by severity", "Severity", tuple(severities)),
        chart_of(
            "code",
            "Findings by procedure code",
            "Procedure code",
            counts.codes,
            "no readable code",
            "codes",
        ),
        chart_of(
            "payer",
            "Findings by payer",
            "Payer",
            named(counts.payers, told.payers),
            "no payer",
            "payers",
        ),
        chart_of_days(named(counts.days, told.days)),
    ]


def _only(at: int, count: int) -> tuple[int, int, int]:
    errors, warnings, infos = (count if at == place else 0 for place in range(3))
    return errors, warnings, infos


def fixes_of(counts: PageCounts) -> list[Fix]:
    """The commonest hints."""
    commonest, _, _ = counts.fixes.top(FIXES)
    return [Fix(finding, hint, found.total()) for (finding, hint), found in commonest]


def data_of(counts: PageCounts, context: Context, told: Nameable) -> dict[str, Any]:
    """What the table shows, each distinct text once.

    Returns:
        ``findings`` as the page's script reads them, ``lines``, and ``shown``: per row of the table
        the number of its line and which of the line's findings it is.
    """
    findings: dict[Finding, int] = {}
    lines: dict[int, int] = {}
    told_lines: list[Any] = []
    shown = []
    for line, at in counts.sample.shown():
        number = lines.get(id(line))
        if number is None:
            number = lines[id(line)] = len(told_lines)
            told_lines.append(_line(line, findings, told))
        shown.append([number, at])
    return {
        "findings": [_finding(finding, context) for finding in findings],
        "lines": told_lines,
        "shown": shown,
    }


def _line(line: ShownLine, findings: dict[Finding, int], told: Nameable) -> list[Any]:
    payer = "other payer" if line.payer and line.payer not in told.payers else line.payer
    day = line.day if line.day in told.days else None
    return [
        line.row,
        line.line_id or "",
        line.claim_id or "",
        line.code or "",
        payer or "",
        day.isoformat() if day else "",
        line.status,
        line.file or "",
        [[findings.setdefault(found, len(findings)), index] for found, index in line.findings],
    ]


def _finding(finding: Finding, context: Context) -> list[Any]:
    places: dict[str, list[str]] = {}
    for citation in finding.citations:
        places.setdefault(citation.source, []).append(citation.at)
    meaning = carc.meaning(finding.carc) if finding.carc else None
    return [
        finding.code,
        finding.severity.value,
        finding.field,
        finding.value or "",
        finding.message,
        finding.hint,
        finding.rule,
        finding.carc or "",
        meaning or "",
        [
            [context.sources.get(source) or "", source, list(dict.fromkeys(at))]
            for source, at in places.items()
        ],
    ]


def _data(told: dict[str, Any]) -> str:
    """JSON that can stand inside a script element, whatever its texts are."""
    return msgspec.json.encode(told).decode("utf-8").translate(_UNSAFE)


def _inline(script: str) -> str:
    """A script that can stand inside a script element."""
    return script.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"
