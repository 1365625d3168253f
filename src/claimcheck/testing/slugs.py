"""The findings that a test may name, and the nearest to one that there is not."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from claimcheck.scalar import Checker

__all__ = ["nearest", "slugs_of"]


def slugs_of(checker: Checker) -> list[str]:
    """Slugs of all findings that a checker can give, of lines and across them."""
    return [one.finding for one in (*checker.checks, *checker.claim_checks)]


def nearest(name: str, known: Sequence[str]) -> str:
    """That of the known names which is most like this one."""
    return get_close_matches(name, known, 1, 0.0)[0]
