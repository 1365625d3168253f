"""What commands that check files tell at their end, and the exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Final, NoReturn, TextIO

import click

from claimcheck.cli.baselines import did_not_occur, tell_not_written, write_baseline_file
from claimcheck.cli.group import Failure
from claimcheck.cli.suppressions import suppressions_code, tell_incomplete
from claimcheck.codesets.store.kinds import TITLES
from claimcheck.config import FailOn
from claimcheck.report import CodeSetEdition, Context, Summary, UnusedException
from claimcheck.report.text import counted
from claimcheck.verdict import Severity

if TYPE_CHECKING:
    from claimcheck.baseline import Baseline
    from claimcheck.config import Config, FindingException
    from claimcheck.scalar import Checker

__all__ = [
    "code_set_editions",
    "exceptions_told",
    "finish",
    "meant_column",
    "refuse_without_html",
    "terminal_context",
]

WIDTH_WITHOUT_TERMINAL: Final = 100


def terminal_context(
    checker: Checker, out: TextIO, may_be_terminal: bool = True, places: bool = False
) -> Context:
    """Width and colour for text that goes to ``out``; ``places`` is whether rows tell theirs."""
    terminal = may_be_terminal and out.isatty()
    return Context(
        ruleset=checker.stamp,
        sources={
            **{source.id: source.title for source in checker.ruleset.sources.values()},
            **checker.tables.titles(),
        },
        width=get_terminal_size((WIDTH_WITHOUT_TERMINAL, 24)).columns
        if terminal
        else WIDTH_WITHOUT_TERMINAL,
        places=places,
        payers=frozenset(words.key for words in checker.ruleset.summary.payers)
        | frozenset([checker.payer_key(None) or ""]),
        today=checker.today,
        colour=terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb",
    )


def code_set_editions(checker: Checker) -> list[CodeSetEdition]:
    """The official lists that the checker uses, and those of its setting that are not imported."""
    tables = checker.tables
    titles = {str(kind): title for kind, title in TITLES.items()}
    used = [
        CodeSetEdition(
            titles.get(name, name),
            vintage.name,
            vintage.first.isoformat() if vintage.first else None,
            vintage.last.isoformat() if vintage.last else None,
        )
        for name, vintage in checker.code_sets.vintages()
    ]
    absent = [
        CodeSetEdition(TITLES[kind], None, None, None)
        for kind in tables.relevant
        if kind != "icd10cm" and kind not in tables.kinds
    ]
    return used + absent


def exceptions_told(checker: Checker, unused: Iterable[FindingException]) -> list[UnusedException]:
    """Exceptions of the configuration that did nothing, each with why."""
    return [
        UnusedException(
            str(exception),
            exception.reason,
            f"expired on {exception.until}"
            if exception.expired(checker.today)
            else "matched nothing",
            exception.owner,
            exception.until.isoformat() if exception.until else None,
        )
        for exception in unused
    ]


def meant_column(field: str) -> str:
    """What to do about a column that is not read and looks like a field."""
    return f"a column that is not read looks like {field}; map it with --map COLUMN={field}"


def refuse_without_html() -> None:
    """Find out now, not after the last row, that the report page cannot be written.

    Raises:
        Failure: a package of the extra ``html`` is not installed.
    """
    from claimcheck.report.page.assets import missing

    if names := missing():
        raise Failure(
            f"html needs {' and '.join(names)}; install it with: "
            'pip install "claimcheck-lines[cli,html]"'
        )


def finish(
    summary: Summary,
    config: Config,
    unused: Iterable[FindingException],
    *,
    fail_on: FailOn | None,
    strict: bool,
    baseline: Baseline | None,
    written: Path | None,
    failure: str | None,
) -> NoReturn:
    """Write the baseline if one is asked for, and end with the exit code.

    Args:
        summary: of all lines.
        config: the settings.
        unused: exceptions that did nothing, as far as that can be said.
        fail_on: what the command line says, before the settings.
        strict: whether the command line asks for exceptions that are in order.
        baseline: everything that was found; None if none is to be written.
        written: where the baseline goes, or None.
        failure: why a part of the input could not be read, or None.

    Raises:
        Failure: not all could be read, or the baseline cannot be written.
    """
    tell_incomplete(config)
    if summary.baseline_unused and written is None:
        click.echo(f"claimcheck: {did_not_occur(summary.baseline_unused)}", err=True)
    if failure is None and summary.rejected and not summary.checked:
        failure = f"nothing could be read: {counted(summary.rejected, 'row')} rejected"
    if failure is not None:
        tell_not_written(written)
        raise Failure(failure)
    if written is not None and baseline is not None:
        if not summary.read:
            raise Failure(f"{written}: no baseline written, since there were no rows")
        write_baseline_file(baseline, written)
        sys.exit(0)
    code = _exit_code(summary, fail_on or config.fail_on)
    sys.exit(code or suppressions_code(config, unused, strict))


def _exit_code(summary: Summary, fail_on: FailOn) -> int:
    """0 or 1 by the worst finding."""
    if fail_on == "never" or summary.worst is None:
        return 0
    return int(summary.worst.rank >= Severity(fail_on).rank)
