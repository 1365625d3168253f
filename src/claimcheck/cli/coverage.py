"""``claimcheck coverage``: which entries of the rules the lines of files exercise."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path

import click

from claimcheck.cli.closing import meant_column, refuse_without_html
from claimcheck.cli.group import Failure
from claimcheck.cli.output import text_width, writing
from claimcheck.cli.settings import (
    column_mapping,
    config_option,
    data_option,
    make_checker,
    payer_option,
    read_settings,
    rules_option,
    split_names,
)
from claimcheck.coverage import RuleCoverage
from claimcheck.coverage.told import told_percent
from claimcheck.errors import DamagedInputError
from claimcheck.io import INPUT_FORMATS, InputFormat, open_lines
from claimcheck.report.text import counted
from claimcheck.ruleset.load import is_test_file
from claimcheck.scalar import Checker

__all__ = ["coverage"]


def _not_nan(context: click.Context, option: click.Parameter, value: float | None) -> float | None:
    if value is not None and math.isnan(value):
        raise click.BadParameter("it is a number from 0 to 100", context, option)
    return value


@click.command(short_help="Tell which entries of the rules the lines of files exercise.")
@click.argument("files", nargs=-1, required=True, metavar="FILE|-...")
@click.option(
    "--input-format",
    type=click.Choice(INPUT_FORMATS),
    help="Format of the inputs; default: told from their content.",
)
@click.option(
    "--format",
    "output_format",
    type=click.Choice(("text", "json", "html")),
    default="text",
    show_default=True,
    help="Format of what is told.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="OUT",
    help="Write to a file, which is either whole or not there; default: stdout.",
)
@click.option(
    "--codes",
    multiple=True,
    metavar="CODE,...",
    help="Procedure codes to tell of, also without lines; all: every code of the rules.  "
    "[default: those that the lines have]",
)
@click.option(
    "--fail-under",
    type=click.FloatRange(0, 100),
    callback=_not_nan,
    metavar="PERCENT",
    help="End with 1 if less of the entries is exercised.",
)
@payer_option
@rules_option
@data_option
@click.option("--map", "mapped", multiple=True, metavar="COLUMN=FIELD", help="What a column gives.")
@config_option
def coverage(
    files: tuple[str, ...],
    input_format: InputFormat | None,
    output_format: str,
    output: Path | None,
    codes: tuple[str, ...],
    fail_under: float | None,
    payer: str | None,
    folders: tuple[Path, ...],
    data: Path | None,
    mapped: tuple[str, ...],
    config_file: Path | None,
) -> None:
    """Tell which entries of the rules the lines of FILEs exercise, and which are never asked.

    FILE is what `claimcheck check` takes (CSV, JSON Lines, X12 837P or FHIR Claims; - is standard input), or
    the tests beside a rule file (0252U.test.yaml). Findings that the settings switch off count.

    An entry fired (it gave a finding), passed (it decided, and gave none), was never exercised, or is
    overridden: for the code another entry always decides in its place.
    """
    if output_format == "html":
        refuse_without_html()
    if files.count("-") > 1:
        raise click.UsageError("the standard input can be read once")
    mapping = column_mapping(mapped)
    checker = make_checker(read_settings(config_file), folders, payer, data)
    collected = RuleCoverage(checker, _wanted(codes, checker))
    damage: list[DamagedInputError] = []
    with writing(output, *files) as out:
        rejected = 0
        for file in files:
            rejected += _record(collected, file, input_format, mapping, damage)
        if rejected and not collected.lines:
            raise Failure(f"nothing could be read: {counted(rejected, 'row')} rejected")
        if output_format != "text" and output is None and isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8", newline="\n")
        out.write(_told(collected, output_format, text_width() if output is None else 100))
    if rejected:
        click.echo(f"claimcheck: {counted(rejected, 'row')} rejected and not counted", err=True)
    if damage:
        raise Failure("; ".join(map(str, damage)))
    if fail_under is not None and collected.percent < fail_under:
        told = told_percent(collected.percent)
        click.echo(f"claimcheck: {told} % exercised, less than {fail_under:g} %", err=True)
        sys.exit(1)


def _wanted(codes: Sequence[str], checker: Checker) -> tuple[str, ...] | None:
    """What ``--codes`` says; None if it is not given."""
    named = split_names(codes)
    others = tuple(code for code in named if code.upper() != "ALL")
    return (*checker.ruleset.codes, *others) if len(others) < len(named) else others or None


def _record(
    collected: RuleCoverage,
    file: str,
    input_format: InputFormat | None,
    mapping: dict[str, str],
    damage: list[DamagedInputError],
) -> int:
    """Record the lines of an input. Returns the number of its rejected rows."""
    if is_test_file(Path(file)):
        from claimcheck.authoring.rule_tests import case_lines

        for line in case_lines([Path(file)]):
            collected.record(line)
        return 0
    with open_lines(file, input_format, mapping) as source:
        for row in source:
            if row.line is not None:
                collected.record(row.line)
        if not source.read:
            click.echo(f"claimcheck: {source.name} has no rows; nothing was recorded", err=True)
        if source.looks_like:
            click.echo(f"claimcheck: {source.name}: {meant_column(source.looks_like)}", err=True)
        for note in source.notes:
            click.echo(f"claimcheck: {source.name}: {note}", err=True)
        if source.damage is not None:
            damage.append(source.damage)
        return source.rejected


def _told(collected: RuleCoverage, output_format: str, width: int) -> str:
    if output_format == "html":
        return collected.html()
    if output_format == "json":
        return collected.to_json()
    return collected.text(width)
