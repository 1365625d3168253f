"""Counting findings by what their lines say, in memory that does not grow with the number of lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Final, Generic, TypeVar

import attrs

from claimcheck.report.page.sample import Sample, ShownLine
from claimcheck.verdict import Severity

__all__ = ["FEWEST_LINES", "YEARS_BACK", "Counted", "Nameable", "PageCounts", "named"]

MOST_KEYS: Final = 100_000
KEPT_KEYS: Final = 25_000
FEWEST_LINES: Final = 10
"""What may be about a person is told from so many lines on: a payer that no rule file names, and a
date so far off that it may be a date of birth.
"""
YEARS_BACK: Final = 7
YEARS_AHEAD: Final = 1

K = TypeVar("K")


@attrs.define(eq=False)
class Counted(Generic[K]):
    """Findings by something and severity; beyond 100,000 different things the rarest become others.

    Attributes:
        counts: by thing, then by severity.
        others: findings of the things that were dropped, by severity. With them the sum is exact.
    """

    counts: dict[K, Counter[Severity]] = attrs.field(factory=dict)
    others: Counter[Severity] = attrs.field(factory=Counter)

    def add(self, thing: K, severity: Severity, count: int = 1) -> None:
        """Count findings of a thing."""
        found = self.counts.get(thing)
        if found is None:
            if len(self.counts) >= MOST_KEYS:
                self._drop_rare()
            found = self.counts[thing] = Counter()
        found[severity] += count

    def _drop_rare(self) -> None:
        ordered = sorted(self.counts, key=lambda thing: -self.counts[thing].total())
        for thing in ordered[KEPT_KEYS:]:
            self.others += self.counts.pop(thing)

    @property
    def total(self) -> int:
        """All findings, those of dropped things included."""
        return sum(found.total() for found in self.counts.values()) + self.others.total()

    def top(self, number: int) -> tuple[list[tuple[K, Counter[Severity]]], Counter[Severity], int]:
        """The commonest things, then all others together, and how many those are."""
        ordered = sorted(self.counts.items(), key=lambda item: (-item[1].total(), str(item[0])))
        others = Counter(self.others)
        for _, found in ordered[number:]:
            others += found
        return ordered[:number], others, max(len(ordered) - number, 0)


@attrs.frozen
class Nameable:
    """What the page may name."""

    payers: frozenset[str]
    days: frozenset[date]


@attrs.define(eq=False)
class PageCounts:
    """What the report page tells of the lines, but for what the summary has.

    Attributes:
        codes: findings by procedure code (None: the line has none that can be read).
        payers: by the payer's key (None: no payer).
        days: by date of service (None: no date).
        fixes: by finding and hint.
        lines_of_payer: number of lines, those without findings included.
        lines_of_day: the same by date of service.
        sample: the findings that are shown one by one.
    """

    codes: Counted[str | None] = attrs.field(factory=Counted)
    payers: Counted[str | None] = attrs.field(factory=Counted)
    days: Counted[date | None] = attrs.field(factory=Counted)
    fixes: Counted[tuple[str, str]] = attrs.field(factory=Counted)
    lines_of_payer: Counter[str] = attrs.field(factory=Counter)
    lines_of_day: Counter[date] = attrs.field(factory=Counter)
    sample: Sample = attrs.field(factory=Sample)

    def add(self, line: ShownLine) -> None:
        """Count a line and its findings."""
        if line.payer is not None:
            self.add_payer_lines(line.payer, 1)
        if line.day is not None:
            self.lines_of_day[line.day] += 1
        for at, (finding, _) in enumerate(line.findings):
            severity = finding.severity
            self.codes.add(line.code, severity)
            self.payers.add(line.payer, severity)
            self.days.add(line.day, severity)
            self.fixes.add((finding.code, finding.hint), severity)
            self.sample.offer(finding, line, at)

    def add_payer_lines(self, payer: str, count: int) -> None:
        """Count lines of a payer."""
        if payer not in self.lines_of_payer and len(self.lines_of_payer) >= MOST_KEYS:
            self.lines_of_payer = Counter(dict(self.lines_of_payer.most_common(KEPT_KEYS)))
        self.lines_of_payer[payer] += count

    def nameable(self, payers: Iterable[str], today: date) -> Nameable:
        """What may be named: what is known or likely, and what many lines have.

        Args:
            payers: keys of the payers that rules or settings name.
            today: dates of service are likely from seven years before it to a year after it.
        """
        common = {payer for payer, n in self.lines_of_payer.items() if n >= FEWEST_LINES}
        return Nameable(
            frozenset(common) | frozenset(payers),
            frozenset(
                day
                for day, n in self.lines_of_day.items()
                if n >= FEWEST_LINES or -YEARS_BACK <= day.year - today.year <= YEARS_AHEAD
            ),
        )


def named(things: Counted[K | None], nameable: frozenset[K]) -> Counted[K | None]:
    """The same counts with what is not to be named among the others."""
    told = Counted[K | None](others=Counter(things.others))
    for thing, found in things.counts.items():
        if thing is None or thing in nameable:
            told.counts[thing] = found
        else:
            told.others += found
    return told
