"""What became of a whole input: rows, lines, findings, and what was not looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

import attrs

from claimcheck.errors import DamagedInputError
from claimcheck.line_report import Report, RuleSetStamp, Status
from claimcheck.verdict import Severity

__all__ = [
    "CodeSetEdition",
    "Damage",
    "FindingCount",
    "Note",
    "Summary",
    "Tally",
    "UnusedException",
]

REJECTED_SHOWN: Final = 20
DAMAGE_TOLD: Final = 100


@attrs.frozen
class FindingCount:
    """How often a finding was told with a severity."""

    severity: Severity
    code: str
    count: int


@attrs.frozen
class CodeSetEdition:
    """An official list: which, its edition, and the days it speaks for (ISO or None).

    An edition of None: the list is not imported, so nothing of it was asked.
    """

    name: str
    edition: str | None
    first: str | None = None
    last: str | None = None


@attrs.frozen
class UnusedException:
    """An exception of the configuration that did nothing.

    Attributes:
        what: what it says.
        reason: its reason.
        why: why it did nothing.
        owner: who answers for it, or None.
        until: its last day, or None.
    """

    what: str
    reason: str
    why: str
    owner: str | None = None
    until: str | None = None

    def __str__(self) -> str:
        owner = f"; owner: {self.owner}" if self.owner else ""
        until = f"; until {self.until}" if self.until and self.until not in self.why else ""
        return f"{self.what}: {self.why}; reason: {self.reason}{owner}{until}"


@attrs.frozen
class Damage:
    """What was wrong with an input as a whole, told by place and never by content.

    Attributes:
        file: what the input is called.
        places: place and cause of the first problems, as ``segment 57: what``.
        count: number of problems.
    """

    file: str
    places: tuple[str, ...]
    count: int

    @classmethod
    def of(cls, file: str, error: DamagedInputError) -> Damage:
        """The damage that a reader tells of a file."""
        return cls(file, error.problems, error.count)

    def told(self, most: int) -> list[str]:
        """The first ``most`` places; the last text says how many more there are, if there are."""
        shown = list(self.places[:most])
        more = self.count - len(shown)
        return [*shown, f"and {more:,} more"] if more else shown


@attrs.frozen
class Note:
    """What is no damage of an input and still worth knowing."""

    file: str
    text: str


@attrs.frozen(kw_only=True)
class Summary:
    """The outcome of a run.

    Attributes:
        read, checked, rejected: numbers of rows; ``read`` is the sum of the others.
        lines: number of checked lines by status.
        findings: by severity and slug, errors first, most frequent first.
        suppressed: number of findings that the configuration switched off.
        known: number of findings that the baseline knows.
        baseline_unused: number of entries of the baseline that did not occur.
        unused_exceptions: exceptions of the configuration that did nothing.
        rejected_rows: number and reason of the first 20 rejected rows.
        columns_not_read: number of columns that give no field.
        looks_like: a field that one of those seems to be meant for, or None.
        ruleset: which rules.
        code_sets: which official lists.
        worst: highest severity that was told, or None.
        inputs: what the inputs are called, as the caller names them.
        damage: what was wrong with each input that has damage.
        notes: what is no damage of an input and still worth knowing.
        not_read: inputs that could not be read at all, each with the reason.
    """

    read: int
    checked: int
    rejected: int
    lines: tuple[tuple[Status, int], ...]
    findings: tuple[FindingCount, ...]
    suppressed: int
    unused_exceptions: tuple[UnusedException, ...]
    rejected_rows: tuple[tuple[int, str], ...]
    columns_not_read: int
    looks_like: str | None
    ruleset: RuleSetStamp
    code_sets: tuple[CodeSetEdition, ...]
    worst: Severity | None
    inputs: tuple[str, ...] = ()
    damage: tuple[Damage, ...] = ()
    notes: tuple[Note, ...] = ()
    not_read: tuple[tuple[str, str], ...] = ()
    known: int = 0
    baseline_unused: int = 0

    def by_severity(self) -> tuple[tuple[Severity, int], ...]:
        """Number of findings of each severity, errors first."""
        return tuple(
            (severity, sum(c.count for c in self.findings if c.severity is severity))
            for severity in Severity
        )

    def as_dict(self) -> dict[str, Any]:
        """The summary as JSON-ready values, in a fixed order."""
        return {
            "rows": {"read": self.read, "checked": self.checked, "rejected": self.rejected},
            "lines": dict(self.lines),
            "severities": {severity.value: count for severity, count in self.by_severity()},
            "findings": [
                {"severity": c.severity.value, "code": c.code, "count": c.count}
                for c in self.findings
            ],
            "suppressed": self.suppressed,
            "known": self.known,
            "baseline_unused": self.baseline_unused,
            "unused_exceptions": [attrs.asdict(e) for e in self.unused_exceptions],
            "columns_not_read": self.columns_not_read,
            "column_looks_like": self.looks_like,
            "code_sets": [attrs.asdict(edition) for edition in self.code_sets],
            "damage": [text for one in self.damage for text in one.told(DAMAGE_TOLD)],
            "notes": [note.text for note in self.notes],
        }


class Tally:
    """Counts what comes by. Its memory does not grow with the number of lines."""

    def __init__(self) -> None:
        self.checked = 0
        self.rejected = 0
        self.suppressed = 0
        self.known = 0
        self._lines: Counter[Status] = Counter()
        self._findings: Counter[tuple[Severity, str]] = Counter()
        self._rejected_rows: list[tuple[int, str]] = []

    def add(self, report: Report) -> None:
        """Count a line."""
        self.checked += 1
        self._lines[report.status] += 1
        self.suppressed += report.suppressed
        self.known += report.known
        for finding in report.findings:
            self._findings[finding.severity, finding.code] += 1

    def reject(self, number: int, reason: str) -> None:
        """Count a rejected row."""
        self.rejected += 1
        if len(self._rejected_rows) < REJECTED_SHOWN:
            self._rejected_rows.append((number, reason))

    def summary(
        self,
        *,
        ruleset: RuleSetStamp,
        code_sets: Iterable[CodeSetEdition] = (),
        unused_exceptions: Iterable[UnusedException] = (),
        columns_not_read: int = 0,
        looks_like: str | None = None,
        inputs: Iterable[str] = (),
        damage: Iterable[Damage] = (),
        notes: Iterable[Note] = (),
        baseline_unused: int = 0,
    ) -> Summary:
        """The summary of what was counted, and of what the caller knows."""
        counts = [FindingCount(*key, count) for key, count in self._findings.items()]
        counts.sort(key=lambda c: (-c.severity.rank, -c.count, c.code))
        statuses: tuple[Status, ...] = ("clean", "findings", "not-checked")
        return Summary(
            read=self.checked + self.rejected,
            checked=self.checked,
            rejected=self.rejected,
            lines=tuple((status, self._lines[status]) for status in statuses),
            findings=tuple(counts),
            suppressed=self.suppressed,
            unused_exceptions=tuple(unused_exceptions),
            rejected_rows=tuple(self._rejected_rows),
            columns_not_read=columns_not_read,
            looks_like=looks_like,
            ruleset=ruleset,
            code_sets=tuple(code_sets),
            worst=counts[0].severity if counts else None,
            inputs=tuple(inputs),
            damage=tuple(damage),
            notes=tuple(notes),
            known=self.known,
            baseline_unused=baseline_unused,
        )
