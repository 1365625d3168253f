"""Proving fixes: a fix is told only if it removes its finding and adds no error.

Told is meant as the checker tells it: what its configuration switches off and what its baseline knows
is no error, before the fix as after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TypeAlias

import attrs

from claimcheck.errors import FixError
from claimcheck.finding import Finding
from claimcheck.fix import Fix
from claimcheck.fixing import apply
from claimcheck.line import ClaimLine
from claimcheck.line_report import Report
from claimcheck.verdict import Severity

if TYPE_CHECKING:
    from claimcheck.scalar import Checker

__all__ = ["with_proven_fixes", "with_proven_fixes_of_claim"]

Said: TypeAlias = tuple[str, str, str | None]
"""Slug, field and value of a finding."""


def with_proven_fixes(
    checker: Checker, findings: Iterable[Finding], line: ClaimLine, told: Sequence[Finding]
) -> tuple[Finding, ...]:
    """Findings of a line, without fixes that would leave the finding or give a new error.

    Args:
        checker: that found them.
        findings: those whose fixes are to be proved.
        line: the line.
        told: all findings that are told of the line.
    """
    return tuple(
        [
            finding if finding.fix is None else _proven(checker, finding, finding.fix, line, told)
            for finding in findings
        ]
    )


def _proven(
    checker: Checker, finding: Finding, fix: Fix, line: ClaimLine, told: Sequence[Finding]
) -> Finding:
    if checker.has_own_checks or fix.action == "replace":
        try:
            fixed = apply(line, fix)
        except FixError:  # of a check of the user's own
            return attrs.evolve(finding, fix=None)
        after = checker.findings_of(fixed)
        left = any(_says(other) == _says(finding) for other in after)
        if left or _errors(checker, after, fixed) - _errors(checker, told, line):
            return attrs.evolve(finding, fix=None)
        is_known = fix.field != "code" or checker.decides_on(fixed)
        if fix.kind == "safe" and not (is_known and _is_quiet(after, fix)):
            # Nobody knows the code that it would be, or something is said against it.
            return attrs.evolve(finding, fix=attrs.evolve(fix, kind="review"))
    # No bundled check of a line finds more where a modifier is gone.
    return finding


def _is_quiet(findings: Iterable[Finding], fix: Fix) -> bool:
    """Whether no more than an info stands on the field that a fix has written."""
    return all(f.field != fix.field or f.severity is Severity.INFO for f in findings)


def with_proven_fixes_of_claim(
    checker: Checker, reports: Sequence[Report], lines: tuple[ClaimLine, ...]
) -> list[Report]:
    """The reports of a claim, without fixes of a line that would give an error across lines."""
    if all(finding.fix is None for report in reports for finding in report.findings):
        return list(reports)
    before = _errors_across(checker, lines, checker.claim_findings(lines))

    def proven(finding: Finding, position: int) -> Finding:
        if finding.fix is None:
            return finding
        fixed = apply(lines[position], finding.fix)
        others = (*lines[:position], fixed, *lines[position + 1 :])
        after = checker.claim_findings(others)
        left = any(at == position and _says(f) == _says(finding) for at, f in after)
        if left or _errors_across(checker, others, after) - before:
            return attrs.evolve(finding, fix=None)
        return finding

    found: list[Report] = []
    for position, report in enumerate(reports):
        findings = tuple([proven(finding, position) for finding in report.findings])
        found.append(report.with_findings(findings))
    return found


def _errors_across(
    checker: Checker, lines: tuple[ClaimLine, ...], findings: Iterable[tuple[int, Finding]]
) -> set[tuple[int, Said]]:
    return {
        (position, said)
        for position, finding in findings
        for said in _errors(checker, [finding], lines[position])
    }


def _errors(checker: Checker, findings: Iterable[Finding], line: ClaimLine) -> set[Said]:
    """What those of the findings say that are told as errors."""
    told = (checker.would_tell(finding, line.code, line.payer) for finding in findings)
    return {_says(f) for f in told if f is not None and f.severity is Severity.ERROR}


def _says(finding: Finding) -> Said:
    return finding.code, finding.field, finding.value
