"""Which test run is going on, and whose checker counts: the plugin says, assertions and strategies ask.

Importing this imports nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from claimcheck.scalar import Checker
    from claimcheck.testing.run import Run

__all__ = ["current_checker", "current_run", "enter", "leave"]

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


def current_checker() -> Checker:
    """The checker of the test run that is going on; outside of one that of ``claimcheck.check``.

    Raises:
        ConfigurationError: the settings of the run cannot be used.
    """
    __tracebackhide__ = True
    run = current_run()
    if run is not None:
        return run.checker
    from claimcheck.scalar import _default_checker

    return _default_checker()
