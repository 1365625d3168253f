"""Strategy of 837P files."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

from claimcheck.errors import StrategyError
from claimcheck.scalar import Checker
from claimcheck.testing.strategies.claims import claims as drawn_claims
from claimcheck.testing.strategies.scenes import Line
from claimcheck.testing.strategies.x12 import write_x12

__all__ = ["x12_files"]

_MOST_CLAIMS: Final = 3


def x12_files(
    claims: st.SearchStrategy[list[Line]] | None = None,
    *,
    payer: str | None = None,
    checker: Checker | None = None,
) -> st.SearchStrategy[bytes]:
    """Draw 837P files of version 5010, with one to three claims.

    Who needs the claims beside the file draws them with ``claims(for_x12=True)`` and writes them with
    ``write_x12``.

    Args:
        claims: a strategy of claims that ``write_x12`` can write; None takes ``claims(for_x12=True)``,
            whose lines are clean.
        payer: the payer of all claims, for claims that are drawn here.
        checker: whose rules, settings and tables count, for claims that are drawn here; None takes
            that of the pytest plugin, else that of ``claimcheck.check``.

    Raises:
        StrategyError: no claim can be drawn, ``claims`` is no strategy, or payer or checker are given
            beside it.
        ConfigurationError: the settings of the test run cannot be used.
    """
    if claims is None:
        claims = drawn_claims(payer=payer, for_x12=True, checker=checker)
    elif not isinstance(claims, st.SearchStrategy):
        raise StrategyError("claims is a strategy, such as claims(for_x12=True); or None")
    elif payer is not None or checker is not None:
        raise StrategyError(
            "payer and checker are for claims that are drawn here; where claims are given, give both "
            "to claims(...)"
        )
    return st.lists(claims, min_size=1, max_size=_MOST_CLAIMS).map(write_x12)
