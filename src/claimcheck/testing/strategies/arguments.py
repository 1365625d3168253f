"""What strategies are given: checker, procedure code and payer, read or refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from hypothesis import strategies as st

from claimcheck.errors import StrategyError
from claimcheck.line import CODE_SHAPE, LONGEST_PAYER, payer_slug
from claimcheck.scalar import Checker
from claimcheck.testing.current import current_checker, current_run
from claimcheck.testing.strategies.scenes import Workbench, workbench_of

__all__ = ["code_of", "of_checker", "payers_of"]

T = TypeVar("T")

_X12_PAYER: Final = "synthetic-payer"


def of_checker(
    checker: Checker | None, make: Callable[[Workbench], st.SearchStrategy[T]]
) -> st.SearchStrategy[T]:
    """A strategy of the checker that was given, or of the current one.

    Before a test run begins (at import of a ``conftest.py``) its checker cannot be had. So where there
    is no run, which checker it is counts when the first thing is drawn; what ``make`` refuses is told
    at once all the same.

    Raises:
        StrategyError: it is no checker.
        ConfigurationError: the settings of the test run cannot be used.
    """
    if checker is not None and not isinstance(checker, Checker):
        raise StrategyError("checker is a claimcheck.Checker")
    made = make(workbench_of(current_checker() if checker is None else checker))
    if checker is not None or current_run() is not None:
        return made
    return st.deferred(lambda: make(workbench_of(current_checker())))


def code_of(code: str | None) -> str | None:
    """A procedure code that was asked for, upper case.

    Raises:
        StrategyError: it has not the shape of one.
    """
    if code is None:
        return None
    upper = code.upper() if isinstance(code, str) else ""
    if not CODE_SHAPE.fullmatch(upper):
        raise StrategyError('code is a procedure code of five characters, such as "0252U", or None')
    return upper


def payers_of(
    bench: Workbench, payer: str | None, *, for_x12: bool = False
) -> tuple[tuple[str | None, ...], tuple[str, ...]]:
    """The payers to look at scenes of, and those that may take the first one's place on a line.

    For the payer asked for it is that one alone; else none, and those that rules name.

    Raises:
        StrategyError: the payer is no name.
    """
    if payer is None:
        apart = bench.payers_apart
        others = tuple(payer for payer in bench.payers if payer not in apart)
        return (_X12_PAYER if for_x12 else None, *apart), others
    if not isinstance(payer, str) or not payer_slug(payer) or len(payer) > LONGEST_PAYER:
        raise StrategyError(
            "payer is a name with a letter or digit, of at most "
            f"{LONGEST_PAYER} characters, such as aetna; or None"
        )
    return (payer,), ()
