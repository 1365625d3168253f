"""``--baseline`` and ``--write-baseline``: what is known, and writing down what a run found."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from claimcheck.baseline import Baseline
from claimcheck.cli.group import Failure
from claimcheck.errors import BaselineError
from claimcheck.report.text import counted

if TYPE_CHECKING:
    from claimcheck.config import Config

__all__ = [
    "baseline_in_use",
    "baseline_options",
    "did_not_occur",
    "refuse_baseline",
    "tell_not_written",
    "write_baseline_file",
]

Command = TypeVar("Command", bound=Callable[..., Any])


def baseline_options(command: Command) -> Command:
    """``--baseline`` and ``--write-baseline``."""
    known = click.option(
        "--baseline",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Tell only findings that are not in this baseline; default: that of the settings.",
    )
    write = click.option(
        "--write-baseline",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Write everything found into a baseline, and end with 0.",
    )
    return known(write(command))


def baseline_in_use(given: Path | None, config: Config, written: Path | None) -> Path | None:
    """The baseline of the run: the one given, else that of the settings.

    One that is about to be written is none if it is not there yet, or cannot be used any more.
    """
    chosen = given or config.baseline
    if chosen is None or written is None or chosen.resolve() != written.resolve():
        return chosen
    try:
        Baseline.load(chosen)
    except BaselineError:
        return None
    return chosen


def refuse_baseline(
    written: Path | None, filtered: bool, others: Iterable[str | Path | None]
) -> None:
    """Find out now, not after the last row, that the baseline cannot be written.

    Args:
        written: where it is to be written, if it is.
        filtered: whether the command line leaves findings out.
        others: what the run reads and writes besides.

    Raises:
        Failure: its folder is not there, it is no ordinary file, or it is an input or another output
            of the run.
        UsageError: it would hold only a part of what is found.
    """
    if written is None:
        return
    if filtered:
        raise click.UsageError(
            "--write-baseline writes everything that is found, and --select and --ignore leave out a "
            "part of it; leave them out"
        )
    if str(written) == "-" or (written.exists() and not (written.is_file() or written.is_dir())):
        raise Failure(f"{written}: is no ordinary file, which a baseline is; name another file")
    if not written.resolve().parent.is_dir() or written.is_dir():
        raise Failure(f"{written}: cannot be written; name a file in a folder that is there")
    for other in others:
        if other is not None and written.resolve() == Path(other).resolve():
            raise Failure(f"{written}: is read or written already; name another --write-baseline")


def write_baseline_file(baseline: Baseline, path: Path) -> None:
    """Write it, and say how much it holds.

    Raises:
        Failure: it cannot be written.
    """
    try:
        baseline.write(path)
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else type(error).__name__
        raise Failure(f"{path}: cannot be written ({why})") from None
    entries = counted(len(baseline.entries), "entry", "entries")
    found = sum(entry.seen for entry in baseline.entries)
    click.echo(
        f"claimcheck: {path}: baseline written, {entries} for {counted(found, 'finding')}", err=True
    )


def tell_not_written(path: Path | None) -> None:
    """Say that a baseline that was asked for is as it was, since not all could be read."""
    if path is not None:
        click.echo(f"claimcheck: {path}: no baseline written, since not all was read", err=True)


def did_not_occur(count: int) -> str:
    """What to do about entries that are of no use any more."""
    entries = counted(count, "entry", "entries")
    return f"{entries} of the baseline did not occur; if they are mended, write it again"
