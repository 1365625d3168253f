"""Which test run is going on: the pytest plugin says so, the assertions ask. Imports nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from claimcheck.testing.run import Run

__all__ = ["current_run", "enter", "leave"]

# A stack: a test may itself run pytest in its process.
_RUNS: list[Callable[[], Run]] = []


def enter(run: Callable[[], Run]) -> None:
    """A test run begins; ``run`` makes or gives what is known of it, when it is asked for."""
    _RUNS.append(run)


def leave(run: Callable[[], Run]) -> None:
    """A test run is over."""
    if run in _RUNS:
        _RUNS.remove(run)


def current_run() -> Run | None:
    """The test run that is going on, or None outside pytest (or with ``-p no:claimcheck``)."""
    return _RUNS[-1]() if _RUNS else None
