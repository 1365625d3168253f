"""Exceptions of the settings that should be looked at: unused, expired, nobody's, or for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

import click

from claimcheck.report.text import counted

if TYPE_CHECKING:
    from claimcheck.config import Config, FindingException
    from claimcheck.report import UnusedException

__all__ = [
    "judged",
    "strict_option",
    "suppressions_code",
    "tell_incomplete",
    "tell_unused",
]

Command = TypeVar("Command", bound=Callable[..., Any])


def strict_option(command: Command) -> Command:
    """``--strict-suppressions``."""
    return click.option(
        "--strict-suppressions",
        is_flag=True,
        help="End with 1 where an exception of the settings is unused, expired, or has no owner or "
        "last day.",
    )(command)


def judged(
    unused: Iterable[FindingException], filtered: bool, today: date
) -> Sequence[FindingException]:
    """Those of the unused exceptions of which something can be said.

    Where the command line leaves findings out (``filtered``), an exception of the settings that matched
    nothing may be in use; one that has expired is none.
    """
    return [e for e in unused if not filtered or not e.where or e.expired(today)]


def tell_unused(unused: Iterable[UnusedException]) -> None:
    """Name the exceptions that did nothing, with who answers for them."""
    for exception in unused:
        click.echo(f"claimcheck: exception {exception}", err=True)


def tell_incomplete(config: Config) -> None:
    """Count the exceptions that nobody answers for or that never end."""
    if incomplete := _incomplete(config):
        have = "has" if len(incomplete) == 1 else "have"
        click.echo(
            f"claimcheck: {counted(len(incomplete), 'exception')} of the settings {have} no owner or "
            f"no last day (until): {_places(incomplete)}",
            err=True,
        )


def suppressions_code(config: Config, unused: Iterable[FindingException], strict: bool) -> int:
    """The exit code that the exceptions of the settings ask for: 1 where they must be in order."""
    if not (strict or config.strict_suppressions):
        return 0
    wrong = [exception for exception in unused if exception.where]
    if not wrong and not _incomplete(config):
        return 0
    click.echo(
        "claimcheck: exceptions of the settings are not in order (strict-suppressions)", err=True
    )
    return 1


def _incomplete(config: Config) -> list[FindingException]:
    """Those of a settings file; what a command line says holds for one run."""
    return [e for e in config.exceptions if e.where and e.incomplete]


def _places(exceptions: list[FindingException]) -> str:
    return ", ".join(exception.where.rpartition(": ")[2] for exception in exceptions)
