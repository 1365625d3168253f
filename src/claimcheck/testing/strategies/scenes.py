"""Scenes: one code, one payer, one stretch of days, and what the checker takes on a line there.

A scene is made by asking the checker: a value fits if a line with it says no more than one without.
Nothing here knows a rule of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from datetime import date, timedelta
from typing import Any, Final, TypeAlias
from weakref import WeakKeyDictionary

import attrs

from claimcheck.checks import CHECKS
from claimcheck.line import FIELDS
from claimcheck.line_report import Report
from claimcheck.ruleset.model import Rule
from claimcheck.scalar import Checker
from claimcheck.testing.strategies import values
from claimcheck.verdict import Severity

__all__ = [
    "CLEAN",
    "MOST_LISTED",
    "UNDATED",
    "Extra",
    "Line",
    "Pool",
    "Scene",
    "Told",
    "Window",
    "Workbench",
    "in_order",
    "told_of",
    "with_extra",
    "workbench_of",
]

Line: TypeAlias = dict[str, Any]
"""A claim line as plain values: texts, lists of texts, whole numbers; absent fields are left out."""

Told: TypeAlias = tuple[str, tuple[str, ...]]
"""The status of a line and the slugs of its findings, sorted; those that a baseline knows say so."""

CLEAN: Final[Told] = ("clean", ())

MOST_LISTED: Final = 4
_LISTS: Final = ("modifiers", "diagnoses")
_TAXONOMIES: Final = ("taxonomy", "billing_taxonomy", "ordering_taxonomy")
_IN_ORDER: Final = {field: number for number, field in enumerate(FIELDS)}
_LONGEST: Final = timedelta(days=365)
_MOST_UNITS: Final = 4
_MOST_OTHERS: Final = 40
_UNITS_TRIED: Final = (1, 2, 3, 4, 5, 10, 15, 20, 30, 50, 100)
_NOTHING: Final = (False, 0, 0)
_IN_EVERY_X12: Final = ("diagnoses", "place_of_service", "units")
_IN_NO_X12: Final = ("ordering_taxonomy", "conditions")


@attrs.frozen
class Window:
    """A stretch of days in which no rule and no code set changes; both ends None: no date at all."""

    first: date | None = None
    last: date | None = None

    @property
    def days(self) -> int:
        """The number of its days; 0 if it has no date."""
        if self.first is None or self.last is None:
            return 0
        return (self.last - self.first).days + 1

    def day(self, number: int) -> str | None:
        """Its day of this number, counted from 0, as a line has it; None if it has no date."""
        return None if self.first is None else (self.first + timedelta(days=number)).isoformat()


UNDATED: Final = Window()


@attrs.frozen
class Extra:
    """A value that fits on a line of a scene, with the condition that it needs, if any."""

    field: str
    value: Any
    condition: str | None = None


@attrs.frozen
class Pool:
    """The values that fit on a line of a scene, by field, the simplest first.

    ``reasons`` are the diagnoses that may take the place of the first one.
    """

    extras: Mapping[str, tuple[Extra, ...]]
    reasons: tuple[str, ...]


def told_of(report: Report) -> Told:
    """What a report says, without the words. What a baseline knows is there, too."""
    known = (f"{finding.code} (known to the baseline)" for finding in report.known_findings)
    return report.status, tuple(sorted((*(finding.code for finding in report.findings), *known)))


def in_order(line: Mapping[str, Any]) -> Line:
    """The line with its fields in the usual order, those that are None left out."""
    names = sorted(line, key=lambda name: (_IN_ORDER.get(name, len(_IN_ORDER)), name))
    return {name: line[name] for name in names if line[name] is not None}


def with_extra(line: Line, extra: Extra, *, in_front: bool = False) -> Line | None:
    """The line with a further value; None if it has no room for it."""
    changed = dict(line)
    if extra.field in _LISTS:
        there = line.get(extra.field, [])
        if extra.value in there or len(there) >= MOST_LISTED:
            return None
        changed[extra.field] = [extra.value, *there] if in_front else [*there, extra.value]
    else:
        changed[extra.field] = extra.value
    if extra.condition is not None:
        changed["conditions"] = sorted({*line.get("conditions", ()), extra.condition})
    return changed


class Workbench:
    """What was learnt of one checker by asking it.

    A copy is asked: lines that are only tried count in no test run, and use up no exception.

    Args:
        checker: it is not kept alive.

    Attributes:
        checker: the copy.
    """

    def __init__(self, checker: Checker) -> None:
        self.checker = copy(checker)
        self.scenes: dict[object, Scene] = {}
        self.found: dict[object, Any] = {}
        self.windows = tuple(self._windows())
        self.usual_windows = (UNDATED, *self._covered())

    @property
    def payers(self) -> tuple[str, ...]:
        """Every payer that some rule or setting names, by its key."""
        return tuple(sorted({*self.checker.ruleset.payers, *self._excepted()}))

    def _excepted(self) -> Iterator[str]:
        """The payers for whom the configuration has exceptions."""
        for exception in self.checker.config.exceptions:
            payer = self.checker.payer_key(exception.payer) if exception.payer else None
            if payer is not None:
                yield payer

    @property
    def payers_apart(self) -> tuple[str, ...]:
        """Those for whom something else may hold than for a line that names no payer."""
        checker = self.checker
        if any("payer" in one.reads for one in checker.checks):  # a check of the user's own
            return self.payers
        apart = {overlay.payer for overlay in checker.ruleset.overlays} | {*self._excepted()}
        usual = checker.authority_of(checker.payer_key(None))
        return tuple(
            payer
            for payer in self.payers
            if payer in apart or (checker.tables.kinds and checker.authority_of(payer) != usual)
        )

    def _windows(self) -> Iterator[Window]:
        """Every stretch of days, the newest first; those without an end get a year."""
        starts = self.checker.epochs.starts
        ends = [start - timedelta(days=1) for start in starts]
        if not starts:
            return
        yield Window(starts[-1], starts[-1] + _LONGEST)
        for first, last in zip(reversed(starts[:-1]), reversed(ends[1:]), strict=True):
            yield Window(first, last)
        yield Window(ends[0] - _LONGEST, ends[0])

    def _covered(self) -> Iterator[Window]:
        """The stretches of days for which an edition of ICD-10-CM is at hand."""
        for window in self.windows:
            if self.checker.code_sets.diagnoses_on(window.first).vintage.covers(window.first):
                yield window

    def scene(self, code: str, payer: str | None, window: Window, for_x12: bool = False) -> Scene:
        """The scene of a code, a payer and a stretch of days."""
        key = (code, payer, window, for_x12)
        scene = self.scenes.get(key)
        if scene is None:
            scene = self.scenes[key] = Scene(self, code, payer, window, for_x12)
        return scene


_WORKBENCHES: WeakKeyDictionary[Checker, Workbench] = WeakKeyDictionary()


def workbench_of(checker: Checker) -> Workbench:
    """The workbench of a checker; it goes when the checker does."""
    bench = _WORKBENCHES.get(checker)
    if bench is None:
        bench = _WORKBENCHES[checker] = Workbench(checker)
    return bench


class Scene:
    """One code, one payer and one stretch of days.

    Attributes:
        for_x12: whether lines have all that an 837P needs, and nothing that it has no place for.
        base: the plainest line of which the checker says the least.
        told: what it says.
    """

    def __init__(
        self, bench: Workbench, code: str, payer: str | None, window: Window, for_x12: bool
    ) -> None:
        self.bench = bench
        self.code = code
        self.payer = payer
        self.window = window
        self.for_x12 = for_x12
        self._pool: Pool | None = None
        self.base = self._plainest()
        self.told = self.ask(self.base)

    @property
    def checker(self) -> Checker:
        """The checker that is asked."""
        return self.bench.checker

    @property
    def rule(self) -> Rule | None:
        """The rule for the scene's lines; None if no rule file speaks of the code."""
        epoch = self.checker.epochs.of(self.window.first)
        return self.checker.resolve(self.code, self.checker.payer_key(self.payer), epoch)

    @property
    def is_clean(self) -> bool:
        """Whether lines of the scene can be clean."""
        return self.told == CLEAN

    def ask(self, line: Line) -> Told:
        """What the checker says of a line."""
        return told_of(self.checker.check(line))

    def ask_alone(self, line: Line) -> Told:
        """What the checker says of a claim with this one line."""
        return told_of(self.checker.check_claim([line]).reports[0])

    def line(self, **changes: Any) -> Line:
        """The base with some fields changed; None leaves a field out."""
        return in_order({**self.base, **changes})

    @property
    def diagnoses(self) -> tuple[str, ...]:
        """Billable diagnoses worth trying."""
        return values.some_diagnoses(self.rule, self.checker.code_sets, self.window.first)

    @property
    def taxonomies(self) -> tuple[str, ...]:
        """Taxonomies worth trying."""
        return values.taxonomies_of(self.rule, self.checker.code_sets, self.window.first)

    @property
    def modifiers(self) -> tuple[tuple[str, str | None], ...]:
        """Modifiers worth trying, each with the condition that the rules tie it to."""
        rule = self.rule
        found = values.all_modifiers(rule, self.checker.code_sets)
        rulings = [None if rule is None else rule.modifier(modifier) for modifier in found]
        return tuple(
            (modifier, None if ruling is None else ruling.entry.when)
            for modifier, ruling in zip(found, rulings, strict=True)
        )

    # --- the plainest line -----------------------------------------------------------------------

    def _plainest(self) -> Line:
        """The line with the least to say; one with all fields only if that says less."""
        start = in_order(
            {"code": self.code, "payer": self.payer, "service_date": self.window.day(0)}
        )
        if self.for_x12:
            return self._filled(start, every=True)
        plain = self._filled(start, every=False)
        if self._weight(plain) == _NOTHING or not self._has_own_checks:
            return plain
        full = self._filled(start, every=True)
        return full if self._weight(full) < self._weight(plain) else plain

    def _filled(self, line: Line, *, every: bool) -> Line:
        for field, tried in self._worth_trying():
            needed = every and field in _IN_EVERY_X12
            # Of the bundled checks, none asks for a field but those of diagnoses.
            may_help = field == "diagnoses" or self._has_own_checks
            if needed or (may_help and self._weight(line) != _NOTHING):
                line = self._lightest(line, tried, needed=needed)
        return line

    @property
    def _has_own_checks(self) -> bool:
        return len(self.checker.checks) > len(CHECKS)

    def _worth_trying(self) -> Iterator[tuple[str, Iterable[Line]]]:
        """Fields that may be asked for, and what may be said there, the simplest first."""
        yield "diagnoses", ({"diagnoses": [diagnosis]} for diagnosis in self.diagnoses)
        yield "place_of_service", ({"place_of_service": place} for place in values.all_places())
        yield "units", ({"units": units} for units in _UNITS_TRIED)
        for field in _TAXONOMIES:
            if not (self.for_x12 and field in _IN_NO_X12):
                yield field, ({field: taxonomy} for taxonomy in self.taxonomies)
        yield "modifiers", self._single_modifiers()

    def _single_modifiers(self) -> Iterator[Line]:
        for modifier, condition in self.modifiers:
            if condition is None or self.for_x12:
                yield {"modifiers": [modifier]}
            else:
                yield {"modifiers": [modifier], "conditions": [condition]}

    def _weight(self, line: Line) -> tuple[bool, int, int]:
        """How bad a line is: whether it is unchecked, its errors, its findings."""
        report = self.checker.check(line)
        findings = report.findings + report.known_findings
        errors = sum(finding.severity is Severity.ERROR for finding in findings)
        return report.status == "not-checked", errors, len(findings)

    def _lightest(self, line: Line, tried: Iterable[Line], *, needed: bool) -> Line:
        """The line with the first change that leaves the least to say."""
        best, weight = line, None if needed else self._weight(line)
        for change in tried:
            changed = in_order({**line, **change})
            found = self._weight(changed)
            if weight is None or found < weight:
                best, weight = changed, found
            if weight == _NOTHING:
                break
        return best

    # --- what fits -------------------------------------------------------------------------------

    @property
    def pool(self) -> Pool:
        """The values that fit on the base."""
        if self._pool is None:
            extras = {
                field: tuple(extra for extra in tried if self._fits(extra))
                for field, tried in self._extras()
            }
            extras["modifiers"] = tuple(self._fitting_modifiers())
            self._pool = Pool(extras, tuple(self._reasons()))
        return self._pool

    def _extras(self) -> Iterator[tuple[str, list[Extra]]]:
        fields: list[tuple[str, Iterable[Any]]] = [
            ("diagnoses", self.diagnoses[:_MOST_OTHERS]),
            ("place_of_service", values.all_places()),
            ("units", range(1, 1 + self._most_units())),
        ]
        fields += [(field, self.taxonomies) for field in _TAXONOMIES]
        for field, tried in fields:
            if not (self.for_x12 and field in _IN_NO_X12):
                yield field, [Extra(field, value) for value in tried]

    def _most_units(self) -> int:
        limit = self.checker.tables.units_limit(self.code, self.window.first)
        return _MOST_UNITS if limit is None else min(limit.units, _MOST_UNITS)

    def _fits(self, extra: Extra) -> bool:
        line = with_extra(self.base, extra)
        return line is not None and self.ask(line) == self.told

    def _fitting_modifiers(self) -> Iterator[Extra]:
        for modifier, condition in self.modifiers:
            for needed in dict.fromkeys((None, None if self.for_x12 else condition)):
                extra = Extra("modifiers", modifier, needed)
                if self._fits(extra):
                    yield extra
                    break

    def _reasons(self) -> Iterator[str]:
        if "diagnoses" in self.base:
            for diagnosis in self.diagnoses:
                if self.ask(self.line(diagnoses=[diagnosis])) == self.told:
                    yield diagnosis
