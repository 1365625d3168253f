"""``claimcheck check``: the lines of a file, checked one after the other."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from importlib.util import find_spec
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO, get_args

import attrs
import click

from claimcheck.baseline import BaselineTally
from claimcheck.cli.baselines import (
    baseline_in_use,
    baseline_options,
    refuse_baseline,
)
from claimcheck.cli.closing import (
    code_set_editions,
    exceptions_told,
    finish,
    meant_column,
    refuse_without_html,
    terminal_context,
)
from claimcheck.cli.group import Failure
from claimcheck.cli.output import writing
from claimcheck.cli.settings import (
    column_mapping,
    config_option,
    data_option,
    group_by_option,
    grouping_columns,
    make_checker,
    payer_option,
    read_settings,
    rules_option,
    split_names,
)
from claimcheck.cli.suppressions import (
    judged,
    strict_option,
    tell_unused,
)
from claimcheck.config import FailOn
from claimcheck.io import INPUT_FORMATS, InputFormat, LineSource, ReadRow, open_lines
from claimcheck.io.claims import (
    LONGEST_CLAIM,
    ClaimKey,
    ReturningClaims,
    returning_told,
)
from claimcheck.line import ClaimLine
from claimcheck.line_report import Report
from claimcheck.report import (
    FORMATS,
    Damage,
    Note,
    Pointing,
    Summary,
    Tally,
    open_writer,
)
from claimcheck.report.text import counted, severities_told
from claimcheck.scalar import Checker

__all__ = ["check"]


@click.command(short_help="Check the claim lines of a file.")
@click.argument("file", metavar="FILE|-")
@click.option(
    "--input-format",
    type=click.Choice(INPUT_FORMATS),
    help="Format of the input; default: told from its content.",
)
@click.option(
    "--format",
    "output_format",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    help="Format of the report.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="OUT",
    help="Write the report to a file, which is either whole or not there; default: stdout.",
)
@click.option(
    "--fail-on",
    type=click.Choice(get_args(FailOn)),
    help="Severity from which the exit code is 1.  [default: error]",
)
@click.option(
    "--show-fixes",
    is_flag=True,
    help="Tell the fix of each finding that has one (text, csv; json always does).",
)
@click.option("--select", multiple=True, metavar="FINDING", help="Tell only these findings.")
@click.option("--ignore", multiple=True, metavar="FINDING", help="Do not tell these findings.")
@payer_option
@rules_option
@data_option
@click.option("--map", "mapped", multiple=True, metavar="COLUMN=FIELD", help="What a column gives.")
@group_by_option
@baseline_options
@strict_option
@config_option
def check(
    file: str,
    input_format: InputFormat | None,
    output_format: str,
    output: Path | None,
    fail_on: FailOn | None,
    show_fixes: bool,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    payer: str | None,
    folders: tuple[Path, ...],
    data: Path | None,
    mapped: tuple[str, ...],
    group_by: tuple[str, ...],
    baseline: Path | None,
    write_baseline: Path | None,
    strict_suppressions: bool,
    config_file: Path | None,
) -> None:
    """Check the claim lines of FILE (CSV, JSON Lines, X12 837P or FHIR Claims; - is standard input).

    Consecutive rows of one claim_id are checked as a claim, too (--group-by). A row that cannot be read is
    rejected with its number and a reason, and the others are checked. Damage of an 837 file is told at the
    end, and ends with 2.

    FINDING is a finding's name, or its first word: --ignore modifier means all about modifiers.
    """
    _make_ready(output_format)
    selected, ignored = split_names(select), split_names(ignore)
    filtered = bool(selected or ignored)
    config = read_settings(config_file, selected, ignored)
    refuse_baseline(write_baseline, filtered, (file, output))
    known = baseline_in_use(baseline, config, write_baseline)
    found = None if write_baseline is None else BaselineTally()
    returning = ReturningClaims()
    grouping = grouping_columns(group_by)
    with open_lines(file, input_format, column_mapping(mapped), grouping) as source:
        checker = make_checker(config, folders, payer, data, known)
        with writing(output, file) as out:
            summary = _run(
                *(source, checker, output_format, out, output is None, returning, show_fixes),
                *(found, filtered),
            )
    if output_format != "text" or output is not None:
        click.echo(_one_line(summary), err=True)
        tell_unused(summary.unused_exceptions)
    if not summary.read:
        click.echo(f"claimcheck: {source.name} has no rows; nothing was checked", err=True)
    if summary.looks_like:
        click.echo(f"claimcheck: {meant_column(summary.looks_like)}", err=True)
    if returning.count:
        click.echo(f"claimcheck: {returning_told(returning.count)}", err=True)
    for note in source.notes:
        click.echo(f"claimcheck: {source.name}: {note}", err=True)
    finish(
        summary,
        config,
        judged(checker.unused_exceptions(), filtered, checker.today),
        fail_on=fail_on,
        strict=strict_suppressions,
        baseline=None if found is None else found.baseline(written=checker.today),
        written=write_baseline,
        failure=None if source.damage is None else str(source.damage),
    )


def _make_ready(output_format: str) -> None:
    """Find out now, not after the last row, that text cannot be written; let data be UTF-8."""
    if output_format == "html":
        refuse_without_html()
    if output_format == "text":
        if find_spec("rich") is None:
            raise Failure('text needs rich; install it with: pip install "claimcheck-lines[cli]"')
    elif isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")


def _run(
    source: LineSource,
    checker: Checker,
    output_format: str,
    out: TextIO,
    to_stdout: bool,
    returning: ReturningClaims,
    show_fixes: bool,
    found: BaselineTally | None,
    filtered: bool,
) -> Summary:
    """Check every row and write the report.

    ``found`` counts what a baseline of it holds; ``filtered`` is whether the command line leaves
    findings out, so that what did not occur is not told.
    """
    context = terminal_context(checker, out, to_stdout, source.has_places)
    path = None if source.name == "standard input" else source.name
    writer = open_writer(output_format, out, attrs.evolve(context, source=path, fixes=show_fixes))
    pointing = writer if isinstance(writer, Pointing) else None
    tally = Tally()
    writer.start()
    for row, report in _reports(source, checker, returning):
        if pointing is not None:
            pointing.stands(row.at, row.origin, source.unit)
        if report is None:
            tally.reject(row.number, row.rejected or "")
            writer.rejected(row.number, row.rejected or "")
        else:
            tally.add(report)
            if found is not None:
                found.add(report)
            code, payer, day = _facts(row.line, checker)
            writer.line(row.number, report, code, row.place, payer, day)
    summary = tally.summary(
        ruleset=checker.stamp,
        code_sets=code_set_editions(checker),
        unused_exceptions=exceptions_told(
            checker, judged(checker.unused_exceptions(), filtered, checker.today)
        ),
        columns_not_read=source.columns_not_read,
        looks_like=source.looks_like,
        inputs=[source.name],
        damage=[] if source.damage is None else [Damage.of(source.name, source.damage)],
        notes=[Note(source.name, text) for text in _notes(source, returning)],
        baseline_unused=0 if filtered else len(checker.unused_baseline_entries()),
    )
    writer.finish(summary)
    return summary


def _notes(source: LineSource, returning: ReturningClaims) -> Iterator[str]:
    """What is no damage of the input and still worth knowing."""
    yield from source.notes
    if returning.count:
        yield returning_told(returning.count)


def _facts(line: ClaimLine | None, checker: Checker) -> tuple[str | None, str | None, date | None]:
    """Procedure code, payer and date of service of a line."""
    if line is None:
        return None, None, None
    return line.code, checker.payer_of(line), line.service_date


def _reports(
    rows: Iterable[ReadRow], checker: Checker, returning: ReturningClaims
) -> Iterator[tuple[ReadRow, Report | None]]:
    """Each row with its report (None if it is rejected), in order."""
    for key, group in _claims(rows, returning):
        lines: list[ClaimLine] = [row.line for row in group if row.line is not None]
        together = checker.check_claim(lines).reports if key is not None else ()
        reports = iter(together or map(checker.check, lines))
        for row in group:
            yield row, None if row.line is None else next(reports)


def _claims(
    rows: Iterable[ReadRow], returning: ReturningClaims
) -> Iterator[tuple[ClaimKey | None, Sequence[ReadRow]]]:
    """Consecutive rows of one claim with its key, and the rejected rows among them.

    A row without key stands alone; more rows than any claim has are cut, to bound the memory.
    """
    group: list[ReadRow] = []
    key: ClaimKey | None = None
    for row in rows:
        goes_on = key is not None and (row.line is None or row.key == key)
        if group and (not goes_on or len(group) >= LONGEST_CLAIM):
            yield key, group
            group = []
        if not goes_on:
            key = row.key
            if key is not None:
                returning.add(key)
        group.append(row)
    if group:
        yield key, group


def _one_line(summary: Summary) -> str:
    rejected = f", {summary.rejected:,} rejected" if summary.rejected else ""
    told = severities_told(summary.by_severity()) or "no findings"
    not_checked = dict(summary.lines)["not-checked"]
    unchecked = f"; {counted(not_checked, 'line')} not checked" if not_checked else ""
    known = f"; {summary.known:,} known from the baseline" if summary.known else ""
    return f"claimcheck: {counted(summary.read, 'row')} read{rejected}: {told}{known}{unchecked}"
