"""Text for people: one block per line that has findings, then the summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from io import StringIO
from textwrap import wrap
from typing import Any, Final, TextIO

from claimcheck.codesets import carc
from claimcheck.finding import Citation, Finding
from claimcheck.line_report import Report
from claimcheck.report.summary import Summary
from claimcheck.report.writing import Context
from claimcheck.verdict import Severity

__all__ = ["TextWriter", "cited", "counted", "severities_told", "write_summary"]

_REMEMBERED: Final = 8_192
_INDENT: Final = 11  # two blanks, the longest severity, two blanks
_COLOURS: Final = {Severity.ERROR: "1;31", Severity.WARNING: "33", Severity.INFO: "36"}
_STYLES: Final = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
_FILES_TOLD: Final = 20
_PLACES_TOLD: Final = 10
_BOLD: Final = "1"
_DIM: Final = "2"


def counted(number: int, one: str, many: str | None = None) -> str:
    """``1 error``, ``1,204 errors``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def severities_told(counts: Iterable[tuple[Severity, int]]) -> str:
    """``1 error, 2 warnings``; those that are none are left out."""
    return ", ".join(counted(count, severity.value) for severity, count in counts if count)


def cited(citations: Iterable[Citation], titles: Any) -> Iterator[str]:
    """Each cited source once: its title, its id, and the places in it."""
    places: dict[str, list[str]] = {}
    for citation in citations:
        places.setdefault(citation.source, []).append(citation.at)
    for source, at in places.items():
        title = titles.get(source)
        name = f"{title} ({source})" if title else source
        yield f"{name}: {'; '.join(dict.fromkeys(at))}"


class TextWriter:
    """What a biller reads. A line that no rule speaks of is counted only, unless something is wrong."""

    def __init__(self, out: TextIO, context: Context) -> None:
        self._out = out
        self._context = context
        self._blocks: dict[Finding, str] = {}
        self._width = max(40, context.width)

    def start(self) -> None:
        """Nothing stands before the first row."""

    def line(
        self,
        number: int,
        report: Report,
        code: str | None = None,
        place: str | None = None,
        payer: str | None = None,
        day: date | None = None,
    ) -> None:
        """Write the block of a row, if it has findings and was checked."""
        if not report.findings:
            return
        if report.status == "not-checked" and report.worst is Severity.INFO:
            return
        counts = Counter(finding.severity for finding in report.findings)
        names = [name for name in (report.claim_id, report.line_id, code) if name]
        head = self._ink(_BOLD, "  ".join([f"line {number}", *names]))
        head += f"  {place}" if place else ""
        told = severities_told((severity, counts[severity]) for severity in Severity)
        self._out.write(f"{head}  findings: {told}\n\n")
        for finding in report.findings:
            self._out.write(self._block(finding))

    def rejected(self, number: int, reason: str) -> None:
        """Rejected rows are told in the summary."""

    def finish(self, summary: Summary) -> None:
        """Write the summary."""
        write_summary(self._out, self._context, summary)

    def _block(self, finding: Finding) -> str:
        block = self._blocks.get(finding)
        if block is None:
            if len(self._blocks) >= _REMEMBERED:
                self._blocks.clear()
            block = self._blocks[finding] = "\n".join([*self._rows(finding), "\n"])
        return block

    def _rows(self, finding: Finding) -> Iterator[str]:
        severity = self._ink(_COLOURS[finding.severity], f"{finding.severity.value:<7}")
        place = finding.field if finding.index is None else f"{finding.field}[{finding.index}]"
        value = f" {finding.value}" if finding.value else ""
        yield f"  {severity}  {self._ink(_BOLD, finding.code)}  {place}{value}"
        yield from self._wrapped(finding.message)
        yield from self._labelled("do", finding.hint)
        if finding.fix is not None and self._context.fixes:
            yield from self._labelled("fix", str(finding.fix))
        yield from self._labelled("rule", finding.rule)
        for source in cited(finding.citations, self._context.sources):
            yield from self._labelled("source", source)
        if finding.carc is not None:
            meaning = carc.meaning(finding.carc)
            told = f"CARC {finding.carc}" + (f" - {meaning}" if meaning else "")
            yield from self._labelled("denial ahead", told)

    def _wrapped(self, text: str, hang: int = 0) -> list[str]:
        margin = " " * _INDENT
        return wrap(
            text,
            self._width,
            initial_indent=margin,
            subsequent_indent=margin + " " * hang,
            break_long_words=False,
            break_on_hyphens=False,
        )

    def _labelled(self, label: str, text: str) -> Iterator[str]:
        first, *rest = self._wrapped(f"{label}: {text}", hang=4)
        dimmed = self._ink(_DIM, f"{label}:")
        yield first.replace(f"{label}:", dimmed, 1)
        yield from rest

    def _ink(self, style: str, text: str) -> str:
        return _ink(text, self._context.colour, style)


def _ink(text: str, colour: bool, style: str = _BOLD) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if colour else text


def write_summary(
    out: TextIO,
    context: Context,
    summary: Summary,
    more: Iterable[tuple[str, str]] = (),
    commonest: Iterable[tuple[str, str, int]] = (),
) -> None:
    """Write the summary of a run.

    Args:
        out: text file.
        context: tells width and colour.
        summary: what to tell.
        more: further rows, label and text, which stand first.
        commonest: finding, value and number of the commonest pairs.
    """
    # Imported late: rich is an extra, and takes longer to load than a small file to check.
    from rich.console import Console

    drawn = StringIO()
    console = Console(
        file=drawn,
        width=max(40, context.width) - 2,
        force_terminal=context.colour,
        color_system="standard" if context.colour else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    table = _grid()
    table.add_column(style="dim" if context.colour else "", no_wrap=True)
    table.add_column(overflow="fold")
    for label, told in (*more, *_summary_rows(summary)):
        table.add_row(label, told)
    console.print(table)
    counts = [
        (_styled(c.severity.value, _STYLES[c.severity] if context.colour else ""), c.code, c.count)
        for c in summary.findings
    ]
    for told_counts in (counts, list(commonest)):
        if told_counts:
            console.print()
            console.print(_counts(told_counts))
    rows = (f"  {row.rstrip()}".rstrip() for row in drawn.getvalue().splitlines())
    out.write("\n".join([_ink("Summary", context.colour), *rows, ""]))


def _grid() -> Any:
    from rich.table import Table

    return Table.grid(padding=(0, 2), pad_edge=False)


def _counts(rows: Iterable[tuple[Any, str, int]]) -> Any:
    table = _grid()
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(justify="right", no_wrap=True)
    for first, second, count in rows:
        table.add_row(first, second, f"{count:,}")
    return table


def _styled(text: str, style: str) -> Any:
    from rich.text import Text

    return Text(text, style=style)


def _summary_rows(summary: Summary) -> Iterator[tuple[str, str]]:
    """Label and text of each row of the summary; what is nothing to tell is left out."""
    checked, rejected = f"{summary.checked:,} checked", f"{summary.rejected:,} rejected"
    yield "rows", f"{summary.read:,} read: {checked}, {rejected}"
    for number, damage in enumerate(summary.damage[:_FILES_TOLD]):
        places = "; ".join(damage.told(_PLACES_TOLD))
        yield (
            "" if number else "damaged",
            f"{damage.file}: {counted(damage.count, 'problem')}: {places}",
        )
    yield from _more_files(len(summary.damage))
    for number, note in enumerate(summary.notes[:_FILES_TOLD]):
        yield "" if number else "notes", f"{note.file}: {note.text}"
    yield from _more_files(len(summary.notes))
    lines = dict(summary.lines)
    yield (
        "lines",
        f"{lines['clean']:,} clean, {lines['findings']:,} with findings, "
        f"{lines['not-checked']:,} not checked (neither a rule file nor a table has the code)",
    )
    yield "findings", severities_told(summary.by_severity()) or "none"
    if summary.suppressed:
        yield "suppressed", counted(summary.suppressed, "finding") + " by the configuration"
    if summary.known:
        yield "known", counted(summary.known, "finding") + " from the baseline"
    if summary.baseline_unused:
        entries = counted(summary.baseline_unused, "entry", "entries")
        yield "baseline", f"{entries} did not occur"
    for number, exception in enumerate(summary.unused_exceptions):
        label = "" if number else "exceptions"
        yield label, str(exception)
    for number, (row, reason) in enumerate(summary.rejected_rows):
        yield "" if number else "rejected", f"row {row}: {reason}"
    more = summary.rejected - len(summary.rejected_rows)
    if more > 0:
        yield "", f"and {counted(more, 'more row')}"
    if summary.columns_not_read:
        hint = f"; one looks like {summary.looks_like}" if summary.looks_like else ""
        yield "columns", f"{summary.columns_not_read:,} not read{hint}"
    stamp = summary.ruleset
    yield "rules", f"{stamp.name} {stamp.version}, content {stamp.hash[:16]}"
    used = [edition for edition in summary.code_sets if edition.edition is not None]
    for number, edition in enumerate(used):
        days = _days(edition.first, edition.last)
        yield "" if number else "code sets", f"{edition.name}: {edition.edition}{days}"
    absent = [edition.name for edition in summary.code_sets if edition.edition is None]
    if absent:
        yield "absent", "not imported: " + ", ".join(absent)


def _more_files(count: int) -> Iterator[tuple[str, str]]:
    if count > _FILES_TOLD:
        yield "", f"and {count - _FILES_TOLD:,} more"


def _days(first: str | None, last: str | None) -> str:
    if first and last:
        return f", in force {first} to {last}"
    if first or last:
        return f", in force from {first}" if first else f", in force to {last}"
    return ""
