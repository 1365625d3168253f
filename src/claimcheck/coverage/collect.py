"""The collector: counts, line by line, what the entries of the rules did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, Final

import attrs
import msgspec

from claimcheck.coverage.entries import RuleEntry, entries_of
from claimcheck.coverage.exercised import exercised
from claimcheck.coverage.told import (
    CodeCoverage,
    EntryCoverage,
    EntryState,
    Told,
    counts_of,
    percent_of,
    problem_of,
    told_percent,
)
from claimcheck.errors import ConfigurationError, InputError
from claimcheck.line import ClaimLine, raw_key, read_line
from claimcheck.line_report import RuleSetStamp
from claimcheck.scalar import Checker, LineLike

__all__ = ["RuleCoverage", "measure", "recording"]

_REMEMBERED: Final = 65_536


@attrs.frozen
class _CodeEntries:
    """The entries of one code."""

    title: str
    entries: tuple[RuleEntry, ...]
    ids: frozenset[str] = attrs.field(init=False, repr=False, eq=False)

    @ids.default
    def _ids(self) -> frozenset[str]:
        return frozenset(entry.id for entry in self.entries)


@attrs.define
class _Counts:
    """How many lines a code had, and on how many of them each entry fired or passed."""

    lines: int = 0
    fired: Counter[str] = attrs.field(factory=Counter)
    passed: Counter[str] = attrs.field(factory=Counter)

    def add(self, other: _Counts) -> None:
        self.lines += other.lines
        self.fired.update(other.fired)
        self.passed.update(other.passed)


@attrs.frozen
class _Outcome:
    """What every line of one content adds, and to which code."""

    counts: _Counts
    fired: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()


class RuleCoverage:
    """Collects which entries of a checker's rules fired, passed, or were never exercised.

    Findings that the configuration switches off count. Only ids of entries and numbers are kept of the
    lines.

    Args:
        checker: whose rules and settings are asked.
        codes: procedure codes to tell of, in any case; None for those that the lines have.

    Raises:
        ConfigurationError: no rule file speaks of one of the codes, or they are no list of texts.
    """

    def __init__(self, checker: Checker, codes: Iterable[str] | None = None) -> None:
        self._checker: Checker | None = checker
        self._stamp = checker.stamp
        self._asked = None if codes is None else _codes_in(codes)
        self._known = frozenset(checker.ruleset.codes)
        self._entries: dict[str, _CodeEntries] = {}
        self._counts: dict[str, _Counts] = {}
        self._elsewhere = _Counts()
        self._seen: dict[object, _Outcome] = {}
        for code in self._asked or ():
            if code not in self._known:
                raise ConfigurationError(f"no rule file speaks of {code}")
            self._open(checker, code)

    def __repr__(self) -> str:
        return f"<RuleCoverage of {self._stamp}: {self.lines} lines, {len(self._counts)} codes>"

    def __reduce__(self) -> tuple[Any, ...]:
        # What is remembered of lines stays here; a copy has the figures and records nothing.
        return RuleCoverage.from_dict, (self.as_dict(),)

    def record(self, line: LineLike) -> None:
        """Count what a line exercises. Nothing that the line says raises.

        Args:
            line: a mapping of field names to values, or a ``ClaimLine``.

        Raises:
            ConfigurationError: the coverage was made from figures and has no checker.
        """
        if self._checker is None:
            raise ConfigurationError(
                "this rule coverage was made from figures and has no checker; merge it instead"
            )
        outcome = self._outcome(self._checker, line)
        counts = outcome.counts
        counts.lines += 1
        for entry in outcome.fired:
            counts.fired[entry] += 1
        for entry in outcome.passed:
            counts.passed[entry] += 1

    def merge(self, other: RuleCoverage) -> RuleCoverage:
        """Both together, as if one had recorded all lines. Neither of the two is changed.

        Raises:
            ConfigurationError: the two are of different rules, or of different ``codes``.
        """
        if self._stamp.hash != other._stamp.hash:
            raise ConfigurationError(
                f"rule coverage of different rules cannot be merged: {self._stamp} and {other._stamp}"
            )
        if self._asked != other._asked:
            raise ConfigurationError("rule coverage of different codes cannot be merged")
        merged = RuleCoverage.__new__(RuleCoverage)
        merged._checker = self._checker or other._checker
        merged._stamp, merged._asked, merged._known = self._stamp, self._asked, self._known
        merged._entries = {**self._entries, **other._entries}
        merged._elsewhere = _Counts()
        merged._counts = {code: _Counts() for code in merged._entries}
        merged._seen = {}
        for one in (self, other):
            merged._elsewhere.add(one._elsewhere)
            for code, counts in one._counts.items():
                merged._counts[code].add(counts)
        return merged

    @property
    def ruleset(self) -> RuleSetStamp:
        """Name, version and hash of the rules."""
        return self._stamp

    @property
    def lines(self) -> int:
        """Number of lines recorded."""
        return self.lines_elsewhere + sum(counts.lines for counts in self._counts.values())

    @property
    def lines_elsewhere(self) -> int:
        """Number of lines without a code that is told here: without rules, or not asked for."""
        return self._elsewhere.lines

    @property
    def codes(self) -> Mapping[str, CodeCoverage]:
        """What became of the entries, by procedure code; made anew each time it is asked."""
        return MappingProxyType({code: self._told(code) for code in sorted(self._counts)})

    @property
    def codes_without_lines(self) -> tuple[str, ...]:
        """The codes of the rules that no line has; empty if certain codes were asked for."""
        if self._asked is not None:
            return ()
        return tuple(sorted(self._known.difference(self._counts)))

    @property
    def counts(self) -> Mapping[EntryState, int]:
        """The number of entries in each state, over all codes."""
        return counts_of(entry for code in self.codes.values() for entry in code.entries)

    @property
    def percent(self) -> float:
        """How many in a hundred of the entries that can decide were exercised; 0 without entries."""
        return percent_of(self.counts)

    def as_dict(self) -> dict[str, Any]:
        """The coverage as JSON-ready values, in a fixed order."""
        counts = self.counts
        return {
            "ruleset": self._stamp.as_dict(),
            "asked": None if self._asked is None else list(self._asked),
            "lines": self.lines,
            "lines_elsewhere": self.lines_elsewhere,
            "counts": dict(counts),
            "percent": told_percent(percent_of(counts)),
            "codes": [code.as_dict() for code in self.codes.values()],
            "codes_without_lines": list(self.codes_without_lines),
        }

    @classmethod
    def from_dict(cls, figures: Mapping[str, Any]) -> RuleCoverage:
        """The coverage that ``as_dict`` told; it can be merged and told, and records nothing.

        Raises:
            InputError: the figures are not those of a rule coverage.
        """
        try:
            told = msgspec.convert(figures, Told)
        except msgspec.ValidationError as error:
            raise InputError(f"these are not the figures of a rule coverage: {error}") from None
        problem = problem_of(told)
        if problem is not None:
            raise InputError(f"these are not the figures of a rule coverage: {problem}")
        read = cls.__new__(cls)
        read._checker, read._stamp, read._asked = None, told.ruleset, told.asked
        read._known = frozenset([*(c.code for c in told.codes), *told.codes_without_lines])
        read._entries = {c.code: _CodeEntries(c.title, _rule_entries(c)) for c in told.codes}
        read._counts = {c.code: _counts(c) for c in told.codes}
        read._elsewhere = _Counts(told.lines_elsewhere)
        read._seen = {}
        return read

    def to_json(self) -> str:
        """What ``as_dict`` tells, as indented JSON."""
        return msgspec.json.format(msgspec.json.encode(self.as_dict()), indent=2).decode() + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> RuleCoverage:
        """The coverage that ``to_json`` told.

        Raises:
            InputError: the text is no JSON, or not that of a rule coverage.
        """
        try:
            return cls.from_dict(msgspec.json.decode(text))
        except msgspec.DecodeError as error:
            raise InputError(f"this is not the JSON of a rule coverage: {error}") from None

    def text(self, width: int = 100) -> str:
        """The coverage for people, ``width`` columns wide."""
        from claimcheck.coverage.text import coverage_text

        return coverage_text(self, width)

    def html(self) -> str:
        """The coverage as one HTML page that asks for nothing from elsewhere; needs the extra ``html``."""
        from claimcheck.coverage.page import coverage_page

        return coverage_page(self)

    def _outcome(self, checker: Checker, line: LineLike) -> _Outcome:
        raw = None if type(line) is ClaimLine else raw_key(line)
        key: object = None if raw is None else raw[2]
        outcome = None if key is None else self._seen.get(key)
        if outcome is not None:
            return outcome
        read = read_line(line)
        if key is None:
            key = (read._content, checker.epochs.of(read.service_date).number)
            outcome = self._seen.get(key)
        if outcome is None:
            outcome = self._found(checker, read)
            if not read.problems:  # what could not be read may be a person's: it is not kept
                if len(self._seen) >= _REMEMBERED:
                    self._seen.clear()
                self._seen[key] = outcome
        return outcome

    def _found(self, checker: Checker, line: ClaimLine) -> _Outcome:
        rule = checker.rule_of(line)
        if rule is None or (self._asked is not None and rule.code not in self._asked):
            return _Outcome(self._elsewhere)
        counts = self._counts.get(rule.code) or self._open(checker, rule.code)
        done = exercised(checker, rule, line)
        known = self._entries[rule.code].ids
        return _Outcome(counts, tuple(done.fired & known), tuple(done.passed & known))

    def _open(self, checker: Checker, code: str) -> _Counts:
        """Begin to tell of a code that a rule file speaks of."""
        file = checker.ruleset.code_file(code)
        if file is None:
            raise ConfigurationError(f"no rule file speaks of {code}")
        self._entries[code] = _CodeEntries(file.title, entries_of(checker.ruleset, file))
        self._counts[code] = _Counts()
        return self._counts[code]

    def _told(self, code: str) -> CodeCoverage:
        known, counts = self._entries[code], self._counts[code]
        return CodeCoverage(
            code,
            known.title,
            counts.lines,
            tuple(
                EntryCoverage(
                    *(entry.id, entry.part, entry.layer, entry.name, entry.says),
                    overridden_by=entry.overridden_by,
                    fired=counts.fired[entry.id],
                    passed=counts.passed[entry.id],
                )
                for entry in known.entries
            ),
        )


def _codes_in(codes: Iterable[str]) -> tuple[str, ...]:
    """The codes asked for, as the rules write them."""
    given = None if isinstance(codes, str) or not isinstance(codes, Iterable) else [*codes]
    if given is None or not all(isinstance(code, str) for code in given):
        raise ConfigurationError("codes is a list of procedure codes, each of them a text")
    return tuple(sorted({code.strip().upper() for code in given}))


def _rule_entries(code: CodeCoverage) -> tuple[RuleEntry, ...]:
    return tuple(
        RuleEntry(e.id, e.part, e.layer, e.name, e.says, e.overridden_by) for e in code.entries
    )


def _counts(code: CodeCoverage) -> _Counts:
    return _Counts(
        code.lines,
        Counter({entry.id: entry.fired for entry in code.entries if entry.fired}),
        Counter({entry.id: entry.passed for entry in code.entries if entry.passed}),
    )


def measure(
    lines: Iterable[LineLike], checker: Checker | None = None, codes: Iterable[str] | None = None
) -> RuleCoverage:
    """Which entries of the rules a set of lines exercises.

    Args:
        lines: mappings of field names to values, or ``ClaimLine``s.
        checker: whose rules and settings are asked; None for the bundled rules.
        codes: procedure codes to tell of; None for those that the lines have.

    Raises:
        ConfigurationError: no rule file speaks of one of the codes.
    """
    coverage = RuleCoverage(checker or Checker(), codes)
    for line in lines:
        coverage.record(line)
    return coverage


@contextmanager
def recording(checker: Checker, codes: Iterable[str] | None = None) -> Iterator[RuleCoverage]:
    """Record every line that a checker checks while the block runs.

    ``check``, ``check_lines`` and ``check_claim`` are heard, whoever calls them, and the functions of
    ``claimcheck`` if the checker is their default one; whole tables in ``claimcheck.batch`` are not. Outside
    of the block nothing is slower.

    Args:
        checker: the checker.
        codes: procedure codes to tell of; None for those that the lines have.

    Raises:
        ConfigurationError: no rule file speaks of one of the codes.
    """
    coverage = RuleCoverage(checker, codes)
    checker.add_listener(coverage.record)
    try:
        yield coverage
    finally:
        checker.remove_listener(coverage.record)
