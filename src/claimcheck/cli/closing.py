"""What commands that check files tell at their end, and the exit code."""

from __future__ import annotations

import os
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Final, TextIO

from claimcheck.cli.group import Failure
from claimcheck.codesets.store.kinds import TITLES
from claimcheck.config import FailOn
from claimcheck.report import CodeSetEdition, Context, Summary, UnusedException
from claimcheck.report.text import counted
from claimcheck.verdict import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from claimcheck.config import FindingException
    from claimcheck.scalar import Checker

__all__ = [
    "code_set_editions",
    "exceptions_told",
    "exit_code",
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


def exit_code(summary: Summary, fail_on: FailOn) -> int:
    """0 or 1 by the worst finding.

    Raises:
        Failure: every row was rejected.
    """
    if summary.rejected and not summary.checked:
        raise Failure(f"nothing could be read: {counted(summary.rejected, 'row')} rejected")
    if fail_on == "never" or summary.worst is None:
        return 0
    return int(summary.worst.rank >= Severity(fail_on).rank)
