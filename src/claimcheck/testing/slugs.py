"""The findings that a test may name, and the nearest to one that there is not."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from claimcheck.scalar import Checker

__all__ = ["CODE_NOT_LOOKED_UP", "NO_RULE", "nearest", "slugs_of"]

NO_RULE: Final = "code-no-rule"
"""The finding that says of a line that neither a rule file nor a table decides on its code."""
CODE_NOT_LOOKED_UP: Final = (NO_RULE, "code-missing", "code-malformed", "code-other-code-set")
"""The findings that say of a line that nothing decided on its code."""


def slugs_of(checker: Checker) -> list[str]:
    """Slugs of all findings that a checker can give, of lines and across them."""
    return [one.finding for one in (*checker.checks, *checker.claim_checks)]


def nearest(name: str, known: Sequence[str]) -> str:
    """That of the known names which is most like this one."""
    return get_close_matches(name, known, 1, 0.0)[0]
