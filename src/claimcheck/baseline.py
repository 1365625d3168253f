"""Baselines: the findings that are known already, so that only what is new is told."""

from __future__ import annotations

import errno
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from os import PathLike
from pathlib import Path
from typing import Any, Final, TypeAlias

import attrs

from claimcheck.errors import BaselineError
from claimcheck.finding import Finding
from claimcheck.line_report import COVERED_FIELDS, ClaimReport, Report, RuleSetStamp
from claimcheck.verdict import Severity
from claimcheck.whole import whole_file

__all__ = ["Baseline", "BaselineTally", "KnownFinding"]

SCHEMA: Final = "claimcheck/baseline@1"

Key: TypeAlias = tuple[str | None, str, str, str | None, str]
"""What a finding says: procedure code of its line, slug, field, value, rule."""

# What stands in these fields is no code: a person's name has been seen in the one, a day in the other.
_WITHOUT_VALUE: Final = frozenset({"payer", "service_date"})


def key_of(finding: Finding, code: str | None) -> Key:
    """What a finding on a line with this procedure code says, whichever line it is."""
    value = None if finding.field in _WITHOUT_VALUE else finding.value
    return code, finding.code, finding.field, value or None, finding.rule


@attrs.frozen(kw_only=True)
class KnownFinding:
    """One entry of a baseline: what a finding says, on whichever line.

    Attributes:
        code: procedure code of the line, or None if it has none.
        finding: slug.
        field: name of the line's field.
        value: the normalised code found; None where there is none or where it may not be shown.
        rule: stable id of the rule entry; of a payer's overlay, it names the overlay.
        severity: the highest that is known; a louder finding is new.
        seen: how often it was found when the baseline was written. Nothing depends on it.
    """

    code: str | None
    finding: str
    field: str
    value: str | None
    rule: str
    severity: Severity
    seen: int = 1

    @property
    def key(self) -> Key:
        """What makes it another entry than the next."""
        return self.code, self.finding, self.field, self.value, self.rule

    def as_dict(self) -> dict[str, Any]:
        """The entry as JSON-ready values, in a fixed order."""
        return {
            "code": self.code,
            "finding": self.finding,
            "field": self.field,
            "value": self.value,
            "rule": self.rule,
            "severity": self.severity.value,
            "seen": self.seen,
        }


def _in_order(entries: Iterable[KnownFinding]) -> tuple[KnownFinding, ...]:
    return tuple(sorted(entries, key=lambda entry: tuple(part or "" for part in entry.key)))


@attrs.frozen
class Baseline:
    """A set of known findings, which ``Checker(baseline=...)`` leaves out of its reports.

    It holds procedure codes, the codes that findings are about, and rules: no ids, no dates of
    service, no payers, no messages.

    Attributes:
        entries: the known findings, sorted by what they say.
        ruleset: the rules that found them, or None if nothing was checked.
        written: the day that its maker gave, or None.
    """

    entries: tuple[KnownFinding, ...] = attrs.field(default=(), converter=_in_order)
    ruleset: RuleSetStamp | None = None
    written: date | None = None
    _by_key: dict[Key, KnownFinding] = attrs.field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        by_key = {entry.key: entry for entry in self.entries}
        if len(by_key) != len(self.entries):
            raise ValueError("two entries of a baseline say the same; keep the louder one")
        object.__setattr__(self, "_by_key", by_key)

    @classmethod
    def of(
        cls, reports: Iterable[Report | ClaimReport], *, written: date | None = None
    ) -> Baseline:
        """The baseline of everything that reports found, what they know already included.

        Args:
            reports: of lines and claims, checked by one rule set.
            written: the day to write into it; nothing looks at the clock here.

        Raises:
            ValueError: reports of different rule sets.
            TypeError: something else than reports.
        """
        tally = BaselineTally()
        for report in _reports_in(reports):
            for one in report.reports if isinstance(report, ClaimReport) else (report,):
                tally.add(one)
        return tally.baseline(written=written)

    def entry_of(self, finding: Finding, code: str | None) -> KnownFinding | None:
        """The entry that makes a finding known, or None if it is new.

        Args:
            finding: as it is told; one that is louder than its entry is new.
            code: procedure code of its line.
        """
        entry = self._by_key.get(key_of(finding, code))
        if entry is None or finding.severity.rank > entry.severity.rank:
            return None
        return entry

    def text(self) -> str:
        """The baseline as it stands in a file: JSON, with one entry on each line."""
        head = {
            "schema": SCHEMA,
            "written": None if self.written is None else self.written.isoformat(),
            "ruleset": None if self.ruleset is None else self.ruleset.as_dict(),
        }
        lines = [f'"{name}": {json.dumps(value)},' for name, value in head.items()]
        entries = ",\n".join(json.dumps(entry.as_dict()) for entry in self.entries)
        entries = f"\n{entries}\n" if entries else ""
        return "{\n" + "\n".join(lines) + f'\n"entries": [{entries}]\n}}\n'

    def write(self, path: str | PathLike[str]) -> None:
        """Write it to a file, which is either whole or as it was before.

        Raises:
            OSError: the file cannot be written, or is no ordinary file (a pipe, a device).
        """
        target = Path(path).resolve()
        if target.exists() and not (target.is_file() or target.is_dir()):
            raise OSError(errno.EINVAL, "is no ordinary file")
        with whole_file(target) as temporary:
            temporary.write_text(self.text(), encoding="utf-8", newline="\n")

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Baseline:
        """Read what ``write`` wrote.

        Raises:
            BaselineError: there is no such file, it is no baseline, a newer claimcheck wrote it, or
                it was damaged by hand; it lists every problem with its line.
        """
        if not isinstance(path, str | PathLike) or not str(path):
            told = "is none: a Baseline, or the path of the file of one, is needed"
            raise BaselineError("baseline", (told,))
        name = Path(path).name or str(path)
        try:
            text = Path(path).read_text("utf-8-sig")
        except FileNotFoundError:
            told = f"there is no such file; make it with: claimcheck check FILE --write-baseline {name}"
            raise BaselineError(name, (told,)) from None
        except (OSError, UnicodeDecodeError) as error:
            raise BaselineError(name, (f"cannot be read ({type(error).__name__})",)) from None
        return _Reading(name, text).baseline()


def _reports_in(reports: Iterable[Report | ClaimReport]) -> Iterator[Report | ClaimReport]:
    told = "Baseline.of takes a list of reports of lines and claims"
    if isinstance(reports, Report | ClaimReport) or not isinstance(reports, Iterable):
        raise TypeError(f"{told}; put a single one into a list")
    for report in reports:
        if not isinstance(report, Report | ClaimReport):
            raise TypeError(f"{told}, and a {type(report).__name__} is none")
        yield report


class BaselineTally:
    """Counts findings by what they say. Its memory does not grow with the number of lines."""

    def __init__(self) -> None:
        self._seen: Counter[Key] = Counter()
        self._loudest: dict[Key, Severity] = {}
        self._ruleset: RuleSetStamp | None = None

    def add(self, report: Report) -> None:
        """Count the findings of a line, those that a baseline knows already included.

        Raises:
            ValueError: it was checked by another rule set than the one before.
        """
        self.checked_by(report.ruleset)
        for finding in (*report.findings, *report.known_findings):
            self.count(finding, report.code)

    def checked_by(self, ruleset: RuleSetStamp) -> None:
        """Take note of the rules.

        Raises:
            ValueError: they are others than before.
        """
        if self._ruleset not in (None, ruleset):
            raise ValueError(
                f"a baseline is made by one rule set, not by {self._ruleset} and {ruleset}"
            )
        self._ruleset = ruleset

    def count(self, finding: Finding, code: str | None, times: int = 1) -> None:
        """Count a finding on lines with this procedure code."""
        key = key_of(finding, code)
        self._seen[key] += times
        before = self._loudest.get(key)
        if before is None or finding.severity.rank > before.rank:
            self._loudest[key] = finding.severity

    def baseline(self, *, written: date | None = None) -> Baseline:
        """The baseline of what was counted."""
        entries = [
            KnownFinding(
                code=code,
                finding=finding,
                field=field,
                value=value,
                rule=rule,
                severity=self._loudest[code, finding, field, value, rule],
                seen=seen,
            )
            for (code, finding, field, value, rule), seen in self._seen.items()
        ]
        return Baseline(entries, self._ruleset, written)


_HEAD_KEYS: Final = ("schema", "written", "ruleset", "entries")
_STAMP_KEYS: Final = ("name", "version", "hash")
_TEXT: Final = "a text in quotation marks that is not empty"
_MAYBE_TEXT: Final = f"{_TEXT}, or null"
_SLUG: Final = re.compile(r"[a-z]+(-[a-z0-9]+)+")
_ENTRIES: Final = re.compile(r'"entries"\s*:\s*\[')
_BLANKS: Final = re.compile(r"[\s,]*")
_WRITE_AGAIN: Final = "write the baseline again (--write-baseline)"


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _is_maybe_text(value: object) -> bool:
    return value is None or _is_text(value)


def _is_slug(value: object) -> bool:
    return isinstance(value, str) and _SLUG.fullmatch(value) is not None


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 1


_ENTRY_VALUES: Final = {
    "code": (_is_maybe_text, _MAYBE_TEXT),
    "finding": (_is_slug, "a finding's name such as modifier-not-applicable"),
    "field": (lambda value: value in COVERED_FIELDS, f"one of {', '.join(COVERED_FIELDS)}"),
    "value": (_is_maybe_text, _MAYBE_TEXT),
    "rule": (_is_text, _TEXT),
    "severity": (lambda value: value in [*map(str, Severity)], "one of error, warning, info"),
    "seen": (_is_count, "a whole number from 1"),
}


class _WithRepeatedKey(dict[str, Any]):
    """An object of the file in which a key stands twice."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    return value if len(value) == len(pairs) else _WithRepeatedKey(value)


class _Reading:
    """A baseline file on its way in; collects every problem, and repeats nothing of its content."""

    def __init__(self, name: str, text: str) -> None:
        self._name = name
        self._text = text
        self._problems: list[tuple[int | None, str]] = []

    def baseline(self) -> Baseline:
        """What the file holds.

        Raises:
            BaselineError: it has a problem.
        """
        whole = self._document()
        written = self._written(whole["written"])
        ruleset = self._stamp(whole["ruleset"])
        entries = self._entries(whole["entries"])
        if self._problems:
            raise self._error()
        return Baseline(entries, ruleset, written)

    def _document(self) -> dict[str, Any]:
        """The whole as an object with the keys of a baseline, of a version that is read here."""
        try:
            whole = json.loads(self._text, object_pairs_hook=_object)
        except json.JSONDecodeError as error:
            raise self._failed(
                f"line {error.lineno}: is no JSON ({error.msg}); take back what was changed by hand "
                f"or left by a merge, or {_WRITE_AGAIN}"
            ) from None
        except (RecursionError, ValueError):
            raise self._failed(f"is no baseline; {_WRITE_AGAIN}") from None
        if isinstance(whole, _WithRepeatedKey):
            raise self._failed(f"a key stands twice beside entries; {_WRITE_AGAIN}")
        if not isinstance(whole, dict) or not isinstance(whole.get("schema"), str):
            raise self._failed(f'is no baseline: it does not say "schema": "{SCHEMA}"')
        if whole["schema"] != SCHEMA:
            raise self._failed(
                f"is of another version than {SCHEMA}, which this claimcheck reads; use the "
                f"claimcheck that wrote it, or {_WRITE_AGAIN}"
            )
        missing = [name for name in _HEAD_KEYS if name not in whole]
        if missing or len(whole) != len(_HEAD_KEYS):
            raise self._failed(f"has other keys than {', '.join(_HEAD_KEYS)}; {_WRITE_AGAIN}")
        return whole

    def _written(self, value: object) -> date | None:
        if value is None:
            return None
        try:
            return date.fromisoformat(value)  # type: ignore[arg-type] # no text is a TypeError
        except (TypeError, ValueError):
            self._problems.append((None, "written is a date such as 2027-03-31, or null"))
            return None

    def _stamp(self, value: object) -> RuleSetStamp | None:
        if value is None:
            return None
        if (
            not isinstance(value, dict)
            or isinstance(value, _WithRepeatedKey)
            or sorted(value) != sorted(_STAMP_KEYS)
            or not all(map(_is_text, value.values()))
        ):
            told = f"ruleset is an object with the texts {', '.join(_STAMP_KEYS)}, or null"
            self._problems.append((None, told))
            return None
        return RuleSetStamp(**value)

    def _entries(self, values: object) -> list[KnownFinding]:
        if not isinstance(values, list):
            self._problems.append((None, "entries is a list"))
            return []
        found: dict[Key, int] = {}
        entries = []
        for number, value in enumerate(values):
            problems = list(_problems_of(value))
            self._problems += [(number, problem) for problem in problems]
            if problems:
                continue
            entry = KnownFinding(**{**value, "severity": Severity(value["severity"])})
            first = found.setdefault(entry.key, number)
            if first == number:
                entries.append(entry)
            else:
                line = self._lines()[first]
                self._problems.append(
                    (number, f"says the same as line {line}; keep the louder one")
                )
        return entries

    def _lines(self) -> list[int]:
        """The line of each entry. Only asked of whole JSON with a list of entries."""
        decoder, text = json.JSONDecoder(), self._text
        start = _ENTRIES.search(text)
        at = start.end() if start else len(text)
        line = 1 + text.count("\n", 0, at)
        lines: list[int] = []
        while (begin := _after_blanks(text, at)) < len(text) and text[begin] != "]":
            lines.append(line + text.count("\n", at, begin))
            _, end = decoder.raw_decode(text, begin)
            line += text.count("\n", at, end)
            at = end
        return lines

    def _error(self) -> BaselineError:
        lines = self._lines() if any(at is not None for at, _ in self._problems) else []
        return BaselineError(
            self._name,
            tuple(
                told if at is None else f"line {lines[at]}: {told}" for at, told in self._problems
            ),
        )

    def _failed(self, told: str) -> BaselineError:
        return BaselineError(self._name, (told,))


def _after_blanks(text: str, at: int) -> int:
    """Where the next entry begins."""
    blanks = _BLANKS.match(text, at)
    return blanks.end() if blanks else at


def _problems_of(entry: object) -> Iterator[str]:
    """What is wrong with an entry, without repeating any of it."""
    if not isinstance(entry, dict):
        yield f"an entry is an object with {', '.join(_ENTRY_VALUES)}"
        return
    if isinstance(entry, _WithRepeatedKey):
        yield "a key stands twice; keep the right one"
        return
    for name, (fits, allowed) in _ENTRY_VALUES.items():
        if name not in entry:
            yield f"{name} is missing"
        elif not fits(entry[name]):
            yield f"{name} is {allowed}"
    if any(name not in _ENTRY_VALUES for name in entry):
        yield f"has a key that is none of {', '.join(_ENTRY_VALUES)}"
