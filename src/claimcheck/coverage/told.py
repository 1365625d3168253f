"""What rule coverage tells: the state of each entry, by code. JSON-ready, and read back from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Literal, TypeAlias

import attrs

from claimcheck.coverage.entries import PARTS, Part
from claimcheck.line_report import RuleSetStamp

__all__ = [
    "STATES",
    "CodeCoverage",
    "EntryCoverage",
    "EntryState",
    "Told",
    "counts_of",
    "percent_of",
    "problem_of",
    "told_percent",
]

EntryState: TypeAlias = Literal["fired", "passed", "never-exercised", "overridden"]
"""What became of an entry.

``fired``: it gave a finding on a line. ``passed``: it decided about lines, and gave no finding.
``never-exercised``: no line asked it. ``overridden``: for this code another entry always decides in its
place.
"""

STATES: Final[tuple[EntryState, ...]] = ("fired", "passed", "never-exercised", "overridden")


_LAYERS: Final = ("families", "codes", "payers", "sites")
"""The kinds of layers, wide to narrow: what stands before the slash."""


def _kind_of(layer: str) -> str:
    return layer.partition("/")[0]


@attrs.frozen
class EntryCoverage:
    """What became of one entry for one code.

    Attributes:
        id, part, layer, name, says, overridden_by: as in ``RuleEntry``.
        fired: number of lines on which it gave a finding.
        passed: number of lines on which it decided and gave none.
    """

    id: str
    part: Part
    layer: str
    name: str
    says: str
    overridden_by: str | None
    fired: int
    passed: int

    @property
    def state(self) -> EntryState:
        """``fired`` goes before ``passed``: an entry that has both has been seen to speak."""
        if self.fired:
            return "fired"
        if self.passed:
            return "passed"
        return "never-exercised" if self.overridden_by is None else "overridden"

    def as_dict(self) -> dict[str, Any]:
        """The entry as JSON-ready values, in a fixed order."""
        return {
            "id": self.id,
            "part": self.part,
            "layer": self.layer,
            "name": self.name,
            "says": self.says,
            "state": self.state,
            "fired": self.fired,
            "passed": self.passed,
            "overridden_by": self.overridden_by,
        }


@attrs.frozen
class CodeCoverage:
    """What became of the entries of one code.

    Attributes:
        code, title: of its rule file.
        lines: number of lines with the code.
        entries: part by part, wide to narrow.
    """

    code: str
    title: str
    lines: int
    entries: tuple[EntryCoverage, ...]

    def counts(self, part: Part | None = None, layer: str | None = None) -> dict[EntryState, int]:
        """The number of entries in each state: all, or those of one part, or of one layer."""
        return counts_of(
            entry
            for entry in self.entries
            if part in (None, entry.part) and layer in (None, entry.layer)
        )

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers that have entries, wide to narrow."""
        there = dict.fromkeys(entry.layer for entry in self.entries)
        return tuple(sorted(there, key=lambda layer: _LAYERS.index(_kind_of(layer))))

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts that have entries."""
        there = {entry.part for entry in self.entries}
        return tuple(part for part in PARTS if part in there)

    def missed(self) -> Iterator[tuple[Part, str, tuple[EntryCoverage, ...]]]:
        """The entries that were never exercised, by part and layer; the narrowest layer first."""
        for part in self.parts:
            for layer in reversed(self.layers):
                found = tuple(
                    entry
                    for entry in self.entries
                    if (entry.part, entry.layer, entry.state) == (part, layer, "never-exercised")
                )
                if found:
                    yield part, layer, found

    @property
    def percent(self) -> float:
        """How many in a hundred of the entries that can decide were exercised."""
        return percent_of(self.counts())

    def as_dict(self) -> dict[str, Any]:
        """The code as JSON-ready values, in a fixed order."""
        counts = self.counts()
        return {
            "code": self.code,
            "title": self.title,
            "lines": self.lines,
            "counts": dict(counts),
            "percent": told_percent(percent_of(counts)),
            "entries": [entry.as_dict() for entry in self.entries],
        }


@attrs.frozen
class Told:
    """The figures that ``as_dict`` gives and ``from_dict`` takes; what is made of them is left out."""

    ruleset: RuleSetStamp
    asked: tuple[str, ...] | None
    lines: int
    lines_elsewhere: int
    codes: tuple[CodeCoverage, ...]
    codes_without_lines: tuple[str, ...]


def problem_of(told: Told) -> str | None:
    """What no recorded lines can have given, or None. Nothing of the figures is repeated."""
    if told.lines_elsewhere < 0 or any(code.lines < 0 for code in told.codes):
        return "a number of lines is less than 0"
    if told.lines != told.lines_elsewhere + sum(code.lines for code in told.codes):
        return "lines is not the sum of lines_elsewhere and the lines of all codes"
    if len({code.code for code in told.codes}) < len(told.codes):
        return "a code stands twice in codes"
    return next(filter(None, map(_problem_of_code, told.codes)), None)


def _problem_of_code(code: CodeCoverage) -> str | None:
    if len({entry.id for entry in code.entries}) < len(code.entries):
        return "an entry of a code stands twice"
    for entry in code.entries:
        if _kind_of(entry.layer) not in _LAYERS:
            return f"layer begins with none of {', '.join(_LAYERS)}"
        if min(entry.fired, entry.passed) < 0 or entry.fired + entry.passed > code.lines:
            return "an entry has fired and passed on less than 0 or more lines than its code has"
    return None


def counts_of(entries: Iterable[EntryCoverage]) -> dict[EntryState, int]:
    """The number of entries in each state."""
    counts: dict[EntryState, int] = dict.fromkeys(STATES, 0)
    for entry in entries:
        counts[entry.state] += 1
    return counts


def percent_of(counts: Mapping[EntryState, int]) -> float:
    """Exercised entries in a hundred of those that can decide; 0 if there are none."""
    exercised = counts["fired"] + counts["passed"]
    can_decide = exercised + counts["never-exercised"]
    return 100 * exercised / can_decide if can_decide else 0.0


def told_percent(percent: float) -> float:
    """A percentage with one decimal, rounded down: 100 means all of them."""
    return int(percent * 10) / 10
