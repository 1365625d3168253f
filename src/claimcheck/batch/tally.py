"""Counting what a job did, in memory that does not grow with the rows."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import attrs
import numpy as np

from claimcheck.batch.judged import Judged
from claimcheck.finding import Finding
from claimcheck.line_report import Status
from claimcheck.verdict import Severity

__all__ = ["REJECTED_SHOWN", "STATUSES", "Counts", "statuses"]

_MOST_PAIRS: Final = 200_000
_KEPT_PAIRS: Final = 50_000
_WRITTEN_PAIRS: Final = 2_000
REJECTED_SHOWN: Final = 20
STATUSES: Final[tuple[Status, ...]] = ("clean", "findings", "not-checked")


@attrs.define(eq=False)
class Counts:
    """What became of the rows of one file or of a whole job.

    Attributes:
        reported, rejected: numbers of rows; their sum is the number of rows read.
        lines: number of reported rows by status.
        findings: by severity and slug.
        pairs: by slug and value; beyond 200,000 different ones only the commonest are kept.
        suppressed: findings that the configuration switched off.
        in_baseline: findings that the baseline knows.
        claims_apart: claims that were not in one piece, so that not all their rows were checked
            together; an estimate if there were more than 200,000 claims in a file.
        rejected_rows: position and reason of the first 20.
    """

    reported: int = 0
    rejected: int = 0
    suppressed: int = 0
    in_baseline: int = 0
    claims_apart: int = 0
    lines: Counter[str] = attrs.field(factory=Counter)
    findings: Counter[tuple[str, str]] = attrs.field(factory=Counter)
    pairs: Counter[tuple[str, str]] = attrs.field(factory=Counter)
    rejected_rows: list[tuple[int, str]] = attrs.field(factory=list)
    _known: list[Finding] = attrs.field(factory=list, init=False)
    _by_number: Any = attrs.field(factory=lambda: np.zeros(0, np.int64), init=False)

    def add(self, judged: Judged) -> None:
        """Count a batch; ``settle`` when all are counted."""
        self.reported += judged.size
        self.suppressed += judged.suppressed
        self.in_baseline += judged.in_baseline
        if judged.known is not self._known:  # the engine has started anew
            self.settle()
            self._known = judged.known
        shared = judged.findings[judged.findings < judged.shared] if judged.own else judged.findings
        counts = np.bincount(shared, minlength=len(judged.known))
        counts[: len(self._by_number)] += self._by_number
        self._by_number = counts
        for finding in judged.own:
            self._count(finding, 1)
        self._forget_rare()
        with_findings = np.flatnonzero(np.diff(judged.rows, prepend=-1))  # they are sorted
        checked = ~judged.without_rule[judged.rows[with_findings]]
        not_checked, found = int(judged.without_rule.sum()), int(checked.sum())
        self.lines["not-checked"] += not_checked
        self.lines["findings"] += found
        self.lines["clean"] += judged.size - not_checked - found

    def settle(self) -> None:
        """Tell the findings counted by number by what they are."""
        for number in np.flatnonzero(self._by_number).tolist():
            self._count(self._known[number], int(self._by_number[number]))
        self._by_number = np.zeros(0, np.int64)
        self._forget_rare()

    def _count(self, finding: Finding, count: int) -> None:
        self.findings[finding.severity.value, finding.code] += count
        if finding.value is not None:
            self.pairs[finding.code, finding.value] += count

    def _forget_rare(self) -> None:
        if len(self.pairs) > _MOST_PAIRS:
            self.pairs = Counter(dict(self.pairs.most_common(_KEPT_PAIRS)))

    def reject(self, rejected: list[tuple[int, str]]) -> None:
        """Count rejected rows."""
        self.rejected += len(rejected)
        missing = REJECTED_SHOWN - len(self.rejected_rows)
        self.rejected_rows += rejected[: max(missing, 0)]

    def join(self, other: Counts, of: str | None = None) -> None:
        """Count what a file gave; ``of`` is its name, which is told with its rejected rows."""
        self.reported += other.reported
        self.rejected += other.rejected
        self.suppressed += other.suppressed
        self.in_baseline += other.in_baseline
        self.claims_apart += other.claims_apart
        self.lines += other.lines
        self.findings += other.findings
        self.pairs += other.pairs
        missing = REJECTED_SHOWN - len(self.rejected_rows)
        self._forget_rare()
        where = "" if of is None else f" ({of})"
        told = [(row, reason + where) for row, reason in other.rejected_rows]
        self.rejected_rows += told[: max(missing, 0)]

    def as_dict(self) -> dict[str, Any]:
        """The counts as JSON-ready values; ``Counts.from_dict`` reads them."""
        return {
            "reported": self.reported,
            "rejected": self.rejected,
            "suppressed": self.suppressed,
            "in_baseline": self.in_baseline,
            "claims_apart": self.claims_apart,
            "lines": dict(self.lines),
            "findings": [[*key, count] for key, count in self.findings.items()],
            "pairs": [[*key, count] for key, count in self.commonest(_WRITTEN_PAIRS)],
            "rejected_rows": self.rejected_rows,
        }

    def commonest(self, number: int) -> list[tuple[tuple[str, str], int]]:
        """The commonest pairs of finding and value, and how often each was told."""
        return sorted(self.pairs.items(), key=lambda pair: (-pair[1], pair[0]))[:number]

    @classmethod
    def from_dict(cls, told: dict[str, Any]) -> Counts:
        """Read what ``as_dict`` gave."""
        return cls(
            reported=told["reported"],
            rejected=told["rejected"],
            suppressed=told["suppressed"],
            in_baseline=told["in_baseline"],
            claims_apart=told["claims_apart"],
            lines=Counter(told["lines"]),
            findings=Counter({(a, b): count for a, b, count in told["findings"]}),
            pairs=Counter({(a, b): count for a, b, count in told["pairs"]}),
            rejected_rows=[(row, reason) for row, reason in told["rejected_rows"]],
        )

    @property
    def worst(self) -> Severity | None:
        """The highest severity that was told, or None."""
        told = (Severity(severity) for severity, _ in self.findings)
        return max(told, key=lambda severity: severity.rank, default=None)


def statuses(judged: Judged) -> dict[str, Any]:
    """Per row: number of its status in ``STATUSES``, and its errors and warnings."""
    told = [*judged.known[: judged.shared], *judged.own]
    ranks = np.fromiter((finding.severity.rank for finding in told), np.int8, len(told))
    of_finding = ranks[judged.findings]
    errors = np.bincount(judged.rows[of_finding == 2], minlength=judged.size)
    warnings = np.bincount(judged.rows[of_finding == 1], minlength=judged.size)
    some = np.bincount(judged.rows, minlength=judged.size) > 0
    status = np.where(judged.without_rule, 2, np.where(some, 1, 0))
    return {
        "status": status.astype(np.int8),
        "errors": errors.astype(np.int32),
        "warnings": warnings.astype(np.int32),
    }
