"""The command ``claimcheck`` and how it ends; each subcommand is loaded when it is asked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Any, Final

import click

from claimcheck._version import __version__

__all__ = ["Failure", "LazyGroup", "cli", "nearest", "silence_stdout"]

CONTEXT: Final = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class Failure(click.ClickException):
    """The command could not do its work; ends with 2."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        """Tell why, on the standard error."""
        click.echo(f"claimcheck: {self.format_message()}", file=file, err=True)


class LazyGroup(click.Group):
    """A group that knows its subcommands by name and help, and imports one when it runs.

    ``lazy`` maps a name to ``module:attribute`` and a short help.
    """

    def __init__(
        self, *args: Any, lazy: dict[str, tuple[str, str]] | None = None, **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self.lazy = lazy or {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the subcommands."""
        return [*self.lazy, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a subcommand."""
        if cmd_name not in self.lazy:
            return super().get_command(ctx, cmd_name)
        module, _, name = self.lazy[cmd_name][0].partition(":")
        try:
            command: click.Command = getattr(import_module(module), name)
        except ModuleNotFoundError as error:
            if error.name != "rich":
                raise
            raise Failure('rich is missing; pip install "claimcheck-lines[cli]"') from None
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the subcommands without loading them."""
        own = [
            (name, command.get_short_help_str(80))
            for name, command in sorted(self.commands.items())
        ]
        with formatter.section("Commands"):
            formatter.write_dl([*((name, told) for name, (_, told) in self.lazy.items()), *own])

    def invoke(self, ctx: click.Context) -> Any:
        """Run, and turn every way to end into an exit code."""
        try:
            ended = super().invoke(ctx)
            sys.stdout.flush()
        except KeyboardInterrupt:
            raise click.exceptions.Exit(130) from None
        except BrokenPipeError:
            silence_stdout()
            raise click.exceptions.Exit(141) from None
        except OSError as error:
            silence_stdout()
            raise Failure(f"stopped: {error.strerror or type(error).__name__}") from None
        except Exception as error:
            # Imported late: --help has no use for it, and attrs takes a third of the start.
            from claimcheck.errors import ClaimcheckError

            if isinstance(error, click.ClickException | click.exceptions.Exit | click.Abort):
                raise
            if isinstance(error, ClaimcheckError):
                raise Failure(str(error)) from None
            raise Failure(_defect(error)) from None
        return ended


def _defect(error: Exception) -> str:
    """Tell an error that should not have happened: where, and of which kind; its text may be private."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = ""
    if place is not None:
        where = f" at {os.path.basename(place.tb_frame.f_code.co_filename)}:{place.tb_lineno}"
    return f"stopped by a defect of claimcheck itself ({type(error).__name__}{where})"


def silence_stdout() -> None:
    """Let nothing more be written when Python closes its files: that would fail again, loudly."""
    try:
        number = sys.stdout.fileno()
    except (OSError, ValueError, AttributeError):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.close(nowhere)


def nearest(word: str, known: Iterable[str]) -> str:
    """``; the nearest: a, b``, or nothing if none is near."""
    from difflib import get_close_matches

    close = get_close_matches(word, list(known), 3, 0.5)
    return f"; the nearest: {', '.join(close)}" if close else ""


@click.group(
    cls=LazyGroup,
    context_settings=CONTEXT,
    lazy={
        "check": ("claimcheck.cli.check:check", "Check the claim lines of a file."),
        "batch": ("claimcheck.cli.batch:batch", "Check files of any size, and write the findings."),
        "coverage": (
            "claimcheck.cli.coverage:coverage",
            "Tell which entries of the rules lines exercise.",
        ),
        "explain": ("claimcheck.cli.explain:explain", "Tell what the rules say, and why."),
        "rules": ("claimcheck.cli.rules:rules", "List, show, check and pack rule files."),
        "codesets": (
            "claimcheck.cli.codesets:codesets",
            "Import official lists and tables, and list what there is.",
        ),
    },
)
@click.version_option(__version__, "-V", "--version", message="claimcheck %(version)s")
def cli() -> None:
    """Check proposed healthcare claim lines against cited coding rules.

    \b
    Exit codes
      0  nothing at or above --fail-on
      1  findings
      2  the command could not do its work
    """  # noqa: D301 - click wants the sign itself, not its name
