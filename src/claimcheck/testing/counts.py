"""What a test run has checked: numbers only, which xdist can carry from process to process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs

from claimcheck.line import ClaimLine
from claimcheck.line_report import Report
from claimcheck.report.text import counted, severities_told
from claimcheck.verdict import Severity

__all__ = ["Counts"]

_CODES_TOLD: Final = 10
_COUNTERS: Final = ("lines", "severities", "not_checked", "rulesets")


@attrs.define(eq=False)
class Counts:
    """Counts of checked lines.

    Attributes:
        lines: by the status of their report.
        severities: of findings.
        not_checked: lines that were not checked, by procedure code.
        rulesets: lines, by the rule set that was asked.
        suppressed: findings that the configuration switched off.
        known: findings that a baseline left out.
        unused: exceptions of the configuration that matched nothing, as they are told; None if the
            run's own checker was not used.
        lost: processes that ended early, so that their counts are missing.
    """

    lines: Counter[str] = attrs.field(factory=Counter)
    severities: Counter[str] = attrs.field(factory=Counter)
    not_checked: Counter[str] = attrs.field(factory=Counter)
    rulesets: Counter[str] = attrs.field(factory=Counter)
    suppressed: int = 0
    known: int = 0
    unused: list[str] | None = None
    lost: int = 0

    def add(self, line: ClaimLine, report: Report) -> None:
        """Count a line."""
        self.lines[report.status] += 1
        if report.status == "not-checked":
            self.not_checked[line.code or "without code"] += 1
        self.severities.update(finding.severity.value for finding in report.findings)
        self.rulesets[str(report.ruleset)] += 1
        self.suppressed += report.suppressed
        self.known += report.known

    def as_dict(self) -> dict[str, Any]:
        """The counts as plain values."""
        return {
            **{name: dict(getattr(self, name)) for name in _COUNTERS},
            "suppressed": self.suppressed,
            "known": self.known,
            "unused": self.unused,
        }

    def merge(self, other: Mapping[str, Any]) -> None:
        """Add the counts of another process, as its ``as_dict`` gives them.

        An exception is unused if no process used it.
        """
        for name in _COUNTERS:
            getattr(self, name).update(other[name])
        self.suppressed += other["suppressed"]
        self.known += other["known"]
        theirs = other["unused"]
        if self.unused is None or theirs is None:
            self.unused = theirs if self.unused is None else self.unused
        else:
            self.unused = [one for one in self.unused if one in theirs]

    def __bool__(self) -> bool:
        return bool(self.lines)

    def brief(self) -> str:
        """One line."""
        return f"claimcheck: {self._checked()}{self._unchecked()}"

    def told(self) -> Iterator[str]:
        """The lines of the summary."""
        yield self._checked()
        if self.not_checked:
            codes = [f"{code} ({count:,})" for code, count in self.not_checked.most_common()]
            more = len(codes) - _CODES_TOLD
            codes = codes[:_CODES_TOLD] + (
                [f"and {counted(more, 'more code')}"] if more > 0 else []
            )
            total = counted(self.lines["not-checked"], "line")
            yield f"{total} not checked, which is not passed: {', '.join(codes)}"
        if self.known:
            yield f"{counted(self.known, 'finding')} known from the baseline, not told"
        if self.suppressed:
            yield f"{counted(self.suppressed, 'finding')} suppressed by the configuration"
        for exception in self.unused or ():
            yield f"unused suppression: {exception}"
        for ruleset, count in self.rulesets.most_common():
            which = f" ({counted(count, 'line')})" if len(self.rulesets) > 1 else ""
            yield f"rules: {ruleset}{which}"
        if self.lost:
            what = "1 process" if self.lost == 1 else f"{self.lost:,} processes"
            yield f"what {what} checked is missing here, since it ended early"

    def _checked(self) -> str:
        clean, with_findings = self.lines["clean"], self.lines["findings"]
        found = severities_told(
            (severity, self.severities[severity.value]) for severity in Severity
        )
        told = f"{counted(clean + with_findings, 'line')} checked"
        return f"{told}: {clean:,} clean, {with_findings:,} with findings; {found or 'no finding'}"

    def _unchecked(self) -> str:
        count = self.lines["not-checked"]
        return f"; {counted(count, 'line')} not checked" if count else ""
