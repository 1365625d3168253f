"""Claim adjustment reason codes (CARC): the denials that findings forestall.

Source: the numbers are X12's; the meanings are in this project's own words. Only the numbers that
checks name are here.
"""

from __future__ import annotations

from functools import cache

from claimcheck.codesets._data import read_rows

__all__ = ["meaning"]


def meaning(number: str) -> str | None:
    """Return what a reason code means, in our own words; ``None`` for one that no check names."""
    return _table().get(number)


@cache
def _table() -> dict[str, str]:
    """Code -> meaning, read at the first question."""
    return {row["code"]: row["meaning"] for row in read_rows("carc.csv")}
