"""Severities and verdicts, and the one place where the first is derived from the second.

Severity is never authored. A rule file says what its source says (a verdict, a hedge, a dispute);
the functions below decide how loud the finding is.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, TypeAlias

__all__ = [
    "DisputeEffect",
    "Role",
    "Severity",
    "Verdict",
    "severity_of_dispute",
    "severity_of_refusal",
]


class Severity(StrEnum):
    """How loud a finding is. Members compare by rank: ``INFO.rank < WARNING.rank < ERROR.rank``."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for info, 1 for warning, 2 for error."""
        return _RANK[self]


_RANK = {Severity.INFO: 0, Severity.WARNING: 1, Severity.ERROR: 2}

Verdict: TypeAlias = Literal[
    "applicable",
    "conditional",
    "not-applicable",
    "indicated",
    "secondary",
    "not-indicated",
]
"""What a rule file may say of a value. The engine alone adds *unlisted*."""

DisputeEffect: TypeAlias = Literal["unfit", "misnamed"]
"""What an official fact does to a disputed entry.

``unfit``: the value does not fit the line. ``misnamed``: only the source's name for it is wrong.
"""

Role: TypeAlias = Literal["ordering", "performing", "interpreting", "billing"]
"""In which role a provider taxonomy is spoken of."""


def severity_of_refusal(hedged: bool) -> Severity:
    """Severity of a ``not-applicable`` modifier: error, or warning where the source hedges."""
    return Severity.WARNING if hedged else Severity.ERROR


def severity_of_dispute(effect: DisputeEffect) -> Severity:
    """Severity of a disputed entry: warning if the value is unfit for the line, else info."""
    return Severity.WARNING if effect == "unfit" else Severity.INFO
