"""Findings: what a check found, and the words it is told in."""

from __future__ import annotations

from typing import Any

import attrs

from claimcheck.fix import Fix
from claimcheck.verdict import Severity

__all__ = ["Citation", "Finding"]


@attrs.frozen
class Citation:
    """A place in a source: the id of the source (``rules/sources.yaml``) and where in it."""

    source: str
    at: str

    def __str__(self) -> str:
        return f"{self.source}: {self.at}"


@attrs.frozen(kw_only=True)
class Finding:
    """One defect of one line.

    Attributes:
        code: slug of the finding, for example ``modifier-not-applicable``.
        severity: ``error``, ``warning`` or ``info``.
        field: name of the line's field; a finding about the whole line stands on ``code``.
        index: position in a list field, counted from 0; None for other fields.
        value: the normalised code found; None where there is none or where it may not be shown.
        message: what was found, and why it is wrong under which rule.
        hint: what to do.
        rule: stable id of the rule entry, for example ``codes/0252U#modifiers/80``.
        citations: the places in the sources behind the finding.
        carc: number of the claim adjustment reason code of the denial that it forestalls, or None.
        fix: the edit of the line that settles it, where there is one; see ``claimcheck.apply``.
    """

    code: str
    severity: Severity
    field: str
    index: int | None = None
    value: str | None = None
    message: str
    hint: str
    rule: str
    citations: tuple[Citation, ...] = ()
    carc: str | None = None
    fix: Fix | None = None

    @property
    def url(self) -> str:
        """The finding's page in the documentation, relative to the repository."""
        return f"docs/findings/{self.code}.md"

    def as_dict(self) -> dict[str, Any]:
        """The finding as JSON-ready values, in a fixed order."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "field": self.field,
            "index": self.index,
            "value": self.value,
            "message": self.message,
            "hint": self.hint,
            "rule": self.rule,
            "citations": [{"source": c.source, "at": c.at} for c in self.citations],
            "carc": self.carc,
            "fix": None if self.fix is None else self.fix.as_dict(),
            "url": self.url,
        }
