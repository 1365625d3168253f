"""``claimcheck batch``: files of any size to files of findings."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final, get_args

import click

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
from claimcheck.cli.progress import shown_progress
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
from claimcheck.cli.suppressions import judged, strict_option
from claimcheck.config import FailOn
from claimcheck.io import INPUT_FORMATS
from claimcheck.io.claims import returning_told
from claimcheck.report import Summary
from claimcheck.report.summary import FindingCount
from claimcheck.report.text import counted, write_summary
from claimcheck.verdict import Severity

if TYPE_CHECKING:
    from claimcheck.batch import JobResult
    from claimcheck.scalar import Checker

__all__ = ["FORMATS", "batch"]

FORMATS: Final = ("parquet", "csv", "jsonl")
COMMONEST: Final = 10
FILES_TOLD: Final = 20
_NEEDED: Final = ("numpy", "pyarrow", "rich")


@click.command(short_help="Check files of any size, and write the findings.")
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="OUT",
    help="Where the findings go: a file for one input file, else a folder.",
)
@click.option(
    "--format",
    "output_format",
    type=click.Choice(FORMATS),
    help="Format of the findings; default: by the ending of OUT, else parquet.",
)
@click.option(
    "--lines",
    metavar="OUT",
    help="Also write the input's lines, with status, errors and warnings: a file or folder, as OUT.",
)
@click.option(
    "--rejects",
    metavar="FILE",
    help="Where rejected rows of one input file go; default: beside the findings.",
)
@click.option(
    "--report",
    "page",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.html",
    help="Also write a report page over all inputs, to look at.",
)
@click.option("--resume", is_flag=True, help="Do not do again what an interrupted job has done.")
@click.option(
    "--input-format",
    type=click.Choice(("parquet", *INPUT_FORMATS)),
    help="Format of the input; default: told from its content.",
)
@click.option(
    "--fail-on",
    type=click.Choice(get_args(FailOn)),
    help="Severity from which the exit code is 1.  [default: error]",
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
def batch(
    inputs: tuple[str, ...],
    output: str,
    output_format: str | None,
    lines: str | None,
    rejects: str | None,
    page: Path | None,
    resume: bool,
    input_format: str | None,
    fail_on: FailOn | None,
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
    """Check files of claim lines (Parquet, CSV, JSON Lines, X12 837P) and write their findings.

    INPUT is a file, a pattern in quotation marks ('claims/*.parquet') or a folder. Every row is
    reported on, or rejected with its number and a reason. Every output is whole or not there.
    Consecutive rows of one claim_id in a file are checked as a claim, too.
    """
    _refuse_without_extra()
    _refuse_page(page, resume, inputs)
    _refuse_resumed(write_baseline, resume)
    selected, ignored = split_names(select), split_names(ignore)
    filtered = bool(selected or ignored)
    refuse_baseline(write_baseline, filtered, (*inputs, output, lines, rejects, page))
    config = read_settings(config_file, selected, ignored)
    mapping, grouping = column_mapping(mapped), grouping_columns(group_by)
    known = baseline_in_use(baseline, config, write_baseline)
    checker = make_checker(config, folders, payer, data, known)
    from claimcheck.batch import check_files

    with _told_how_to_go_on(output), shown_progress() as progress:
        result = check_files(
            inputs,
            output,
            checker,
            output_format=output_format,  # type: ignore[arg-type] # click has checked it
            lines=lines,
            rejects=rejects,
            mapping=mapping,
            group_by=grouping,
            input_format=input_format,
            resume=resume,
            progress=progress,
            page=page is not None,
            as_baseline=write_baseline is not None,
        )
    summary = _summary(result, checker, filtered)
    if page is not None:
        _write_page(page, result, summary, checker)
    _tell(result, summary, checker)
    finish(
        summary,
        config,
        judged(result.unused_exceptions, filtered, checker.today),
        fail_on=fail_on,
        strict=strict_suppressions,
        baseline=result.baseline,
        written=write_baseline,
        failure=_failure(result),
    )


def _failure(result: JobResult) -> str | None:
    """Why a part of the input could not be read, or None."""
    if result.failed:
        return f"{counted(len(result.failed), 'file')} could not be read"
    if result.damaged:
        files = counted(len(result.damaged), "file")
        return f"{files} with damage; the lines that could be read were checked"
    return None


def _refuse_without_extra() -> None:
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise Failure(
            f"batch needs {' and '.join(missing)}; install it with: "
            'pip install "claimcheck-lines[cli,batch]"'
        )


def _refuse_page(page: Path | None, resume: bool, inputs: tuple[str, ...]) -> None:
    if page is None:
        return
    if resume:
        raise click.UsageError(
            "--report counts while files are checked, and --resume does not check again what is done; "
            "leave out --report to go on, or --resume to check all files for the page"
        )
    if any(page.resolve() == Path(name).resolve() for name in inputs):
        raise Failure(f"{page}: is an input; name another file for --report")
    refuse_without_html()


def _refuse_resumed(written: Path | None, resume: bool) -> None:
    if written is not None and resume:
        raise click.UsageError(
            "--write-baseline takes what is found while files are checked; leave out --resume, or "
            "--write-baseline"
        )


def _write_page(page: Path, result: JobResult, summary: Summary, checker: Checker) -> None:
    from claimcheck.batch.paged import FIRST_ROW
    from claimcheck.report.page.build import write_page

    with writing(page, "-") as out:
        counts = result.page
        if counts is not None:
            apart = result.counts.claims_apart
            more = (returning_told(apart),) if apart else ()
            context = terminal_context(checker, out, False)
            write_page(out, context, summary, counts, FIRST_ROW, more)


@contextmanager
def _told_how_to_go_on(output: str) -> Iterator[None]:
    """Say how an interrupted job over several files is continued."""
    try:
        yield
    except KeyboardInterrupt:
        click.echo(f"claimcheck: interrupted; {_what_is_left(output)}", err=True)
        raise
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else type(error).__name__
        raise Failure(f"{output}: cannot be written ({why}); {_what_is_left(output)}") from None


def _what_is_left(output: str) -> str:
    if Path(output).is_dir():
        return "the files that were done stay, and --resume goes on from there"
    return "nothing was written"


def _summary(result: JobResult, checker: Checker, filtered: bool) -> Summary:
    """``filtered`` is whether the command line leaves findings out."""
    counts = result.counts
    findings = [
        FindingCount(Severity(severity), code, count)
        for (severity, code), count in counts.findings.items()
    ]
    findings.sort(key=lambda c: (-c.severity.rank, -c.count, c.code))
    return Summary(
        read=counts.reported + counts.rejected,
        checked=counts.reported,
        rejected=counts.rejected,
        lines=(
            ("clean", counts.lines["clean"]),
            ("findings", counts.lines["findings"]),
            ("not-checked", counts.lines["not-checked"]),
        ),
        findings=tuple(findings),
        suppressed=counts.suppressed,
        unused_exceptions=tuple(
            exceptions_told(checker, judged(result.unused_exceptions, filtered, checker.today))
        ),
        rejected_rows=tuple(counts.rejected_rows),
        columns_not_read=result.columns_not_read,
        looks_like=result.looks_like,
        ruleset=checker.stamp,
        code_sets=tuple(code_set_editions(checker)),
        worst=counts.worst,
        inputs=result.inputs,
        damage=result.damaged,
        notes=result.notes,
        not_read=result.failed,
        known=counts.in_baseline,
        baseline_unused=0 if filtered else len(result.unused_baseline_entries),
    )


def _tell(result: JobResult, summary: Summary, checker: Checker) -> None:
    """Write the closing summary to the standard error."""
    write_summary(
        sys.stderr,
        terminal_context(checker, sys.stderr),
        summary,
        _job_rows(result),
        [(code, value, n) for (code, value), n in result.counts.commonest(COMMONEST)],
    )
    if not summary.read and not result.failed:
        click.echo("claimcheck: the input has no rows; nothing was checked", err=True)
    if summary.looks_like:
        click.echo(f"claimcheck: {meant_column(summary.looks_like)}", err=True)


def _job_rows(result: JobResult) -> Iterator[tuple[str, str]]:
    """What only a job over files has to tell: label and text of each row."""
    done = [f"{result.files:,} done"]
    if result.skipped:
        done.append(f"{result.skipped:,} done earlier")
    if result.failed:
        done.append(f"{len(result.failed):,} could not be read")
    if result.passed_over:
        done.append(f"{result.passed_over:,} passed over (no ending of a table)")
    yield "files", ", ".join(done)
    rate = result.rows_now / result.seconds if result.seconds else 0.0
    yield "time", f"{result.seconds:,.1f} s, {rate:,.0f} rows/s"
    if result.counts.claims_apart:
        yield "claims", returning_told(result.counts.claims_apart)
    for number, (_, reason) in enumerate(result.failed[:FILES_TOLD]):
        yield "" if number else "not read", reason
    yield from _more(result.failed)
    for number, path in enumerate(result.rejects[:FILES_TOLD]):
        yield "" if number else "rejects in", path
    yield from _more(result.rejects)


def _more(things: tuple[object, ...]) -> Iterator[tuple[str, str]]:
    if len(things) > FILES_TOLD:
        yield "", f"and {counted(len(things) - FILES_TOLD, 'more file')}"
