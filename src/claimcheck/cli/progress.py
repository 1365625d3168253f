"""How far a job is, on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from claimcheck.batch import Progress

__all__ = ["shown_progress"]


@contextmanager
def shown_progress() -> Iterator[Callable[[Progress], None] | None]:
    """A function that shows the progress on the standard error; None if that is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (BarColumn(20), TaskProgressColumn(), TextColumn("{task.description}"))
    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    with Bar(*columns, TimeRemainingColumn(), console=console, transient=True) as bar:
        task = bar.add_task("", total=1.0)

        def show(progress: Progress) -> None:
            bar.update(task, completed=progress.done, description=_told(progress))

        yield show


def _told(progress: Progress) -> str:
    """Rows and findings so far, and the file if there are several."""
    rate = progress.rows / progress.seconds if progress.seconds else 0.0
    files = f", file {progress.files_done + 1} of {progress.files}" if progress.files > 1 else ""
    return f"{progress.rows:,} rows, {rate:,.0f}/s, {progress.findings:,} findings{files}"
