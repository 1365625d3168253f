"""Assertions about claim lines and claims, for any test runner.

Each raises ``AssertionError`` with the line, its findings, the rules behind them and what to do. Misuse
(a finding that does not exist, for example) raises ``ValueError`` or ``TypeError`` instead, so that a
misspelt assertion neither passes nor fails. A line is read before anything else happens, and what
stands in memory after that is its normalised form: no traceback shows the line as it was given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from os import PathLike
from types import UnionType
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import attrs

from claimcheck.finding import Finding
from claimcheck.line import FIELDS, ClaimLine, read_line
from claimcheck.line_report import ClaimReport, Report
from claimcheck.report.text import counted
from claimcheck.scalar import Checker, LineLike
from claimcheck.testing.current import current_checker, current_run
from claimcheck.testing.slugs import CODE_NOT_LOOKED_UP, NO_RULE, nearest, slugs_of
from claimcheck.testing.telling import Told, findings_told, line_told, summed, table, wrapped
from claimcheck.verdict import Severity

if TYPE_CHECKING:
    from claimcheck.baseline import Baseline

__all__ = ["assert_clean", "assert_finding", "assert_no_finding", "assert_no_new_findings"]

LineOrClaim: TypeAlias = LineLike | Iterable[LineLike]
Allowed: TypeAlias = Literal["info", "warning"]

_ALLOWED: Final = ("info", "warning")
_TYPES: Final = {
    "code": "the slug of a finding, a text",
    "index": "a number, counted from 0",
    "checker": "a claimcheck.Checker",
}
_LONGEST_CODE: Final = 10
_MODIFIER: Final = 2


@attrs.frozen
class _Checked:
    """Lines that were given, normalised, with what checking them gave; ``whole`` if they are a claim."""

    lines: tuple[ClaimLine, ...]
    reports: tuple[Report, ...]
    result: Report | ClaimReport
    checker: Checker

    @property
    def whole(self) -> bool:
        return isinstance(self.result, ClaimReport)

    @property
    def what(self) -> str:
        return "claim" if self.whole else "line"

    def name(self, at: int) -> str:
        """What to call a line beside others."""
        return (self.lines[at].line_id or f"line {at + 1}") if self.whole else ""

    @property
    def findings(self) -> list[tuple[int, Finding]]:
        """Every finding that is told, with the position of its line."""
        return [(at, one) for at, report in enumerate(self.reports) for one in report.findings]

    @property
    def known_too(self) -> list[tuple[int, Finding]]:
        """The findings, and those that the checker's baseline knows."""
        return [
            (at, one)
            for at, report in enumerate(self.reports)
            for one in report.findings + report.known_findings
        ]

    @property
    def not_checked(self) -> list[int]:
        """Positions of the lines that were not checked: no rule has their code, or they have none."""
        return [
            at
            for at, (line, report) in enumerate(zip(self.lines, self.reports, strict=True))
            if report.status == "not-checked" or line.code is None
        ]

    def lines_told(self, positions: Iterable[int]) -> str:
        """The lines at these positions, in their normalised codes."""
        return "\n".join(
            line_told(self.lines[at], self.checker, f"line {at + 1}" if self.whole else "line")
            for at in sorted({*positions})
        )

    def instead(self, *, rules: bool) -> str:
        """What was found, as a table, with or without the rules behind it."""
        found = self.known_too
        if not found:
            return f"It gives no finding, checked against {self.checker.stamp}."
        rows = table([Told(finding, self.name(at)) for at, finding in found], rules=rules)
        return "\n".join(["It gives", "", *(f"  {row}" for row in rows)])

    def told(self, findings: Sequence[tuple[int, Finding]]) -> str:
        """Findings with their lines."""
        told = [Told(finding, self.name(at)) for at, finding in findings]
        lines = self.lines_told(at for at, _ in findings)
        return f"{lines}\n\n{findings_told(told, self.checker)}"


def assert_clean(
    line: LineOrClaim,
    *,
    checker: Checker | None = None,
    allow: Allowed | None = None,
    allow_not_checked: bool = False,
) -> Report | ClaimReport:
    """Assert that a line, or every line of a claim, was checked and gave no finding.

    What the checker's baseline knows is let through.

    Args:
        line: a mapping of field names to values, or a ``ClaimLine``; several of them are a claim,
            which is also checked across its lines.
        checker: default is that of the pytest plugin where it runs, else the bundled rules.
        allow: findings up to this severity are let through.
        allow_not_checked: let lines through whose code neither a rule file nor a table has, or
            which have no code that can be looked up. What else was found on them still counts.

    Returns:
        The report of the line or of the claim.

    Raises:
        AssertionError: there are findings, a line was not checked, or a claim has no lines.
        ValueError: ``allow`` is no severity that can be allowed.
        TypeError: what was given is neither a line nor a claim, or the checker is none.
    """
    __tracebackhide__ = True
    _refuse_unknown("allow", allow, _ALLOWED)
    given = _given(line)
    del line
    if given.refused is not None:
        raise TypeError(given.refused)
    checked = _check(given, checker)
    if not checked.lines:
        raise AssertionError("Nothing was checked: the claim has no lines.")
    wrong = [
        (at, finding)
        for at, finding in checked.findings
        if not _is_allowed(finding, allow)
        and not (finding.code == NO_RULE and at in checked.not_checked)
    ]
    unchecked = [] if allow_not_checked else _besides(checked.not_checked, wrong)
    if wrong:
        let_through = _let_through(sum(_is_allowed(one, allow) for _, one in checked.findings))
        found = summed(finding for _, finding in wrong)
        text = f"The {checked.what} is not clean: {found}{let_through}.\n\n{checked.told(wrong)}"
        if unchecked:
            text += f"\n\n{_not_checked_told(checked, unchecked)}"
        raise AssertionError(text)
    if unchecked:
        lines_told = checked.lines_told(unchecked)
        raise AssertionError(f"{_not_checked_told(checked, unchecked)}\n\n{lines_told}")
    return checked.result


def assert_finding(
    line: LineOrClaim,
    code: str,
    *,
    value: str | None = None,
    field: str | None = None,
    index: int | None = None,
    severity: Severity | str | None = None,
    rule: str | None = None,
    checker: Checker | None = None,
) -> Finding:
    """Assert that a line or a claim gives a finding, whether a baseline knows it or not.

    Args:
        line: as for ``assert_clean``.
        code: slug of the finding, for example ``modifier-not-applicable``.
        value: the code found; case and the dot of ICD-10-CM do not matter.
        field: name of the field it stands in.
        index: position in a list field, counted from 0.
        severity: ``error``, ``warning`` or ``info``.
        rule: stable id of the rule entry, for example ``codes/0252U#modifiers/80``.
        checker: as for ``assert_clean``.

    Returns:
        The first finding that matches all that is given.

    Raises:
        AssertionError: there is none; it tells what was found instead.
        ValueError: there is no such finding, field or severity; it names the nearest.
        TypeError: what was given is neither a line nor a claim, or something asked is of no type
            that it can have.
    """
    __tracebackhide__ = True
    given = _given(line)
    del line
    if given.refused is not None:
        raise TypeError(given.refused)
    _refuse_type("code", code, str)
    for name, asked_for in (("value", value), ("field", field), ("severity", severity)):
        _refuse_type(name, asked_for, str | None)
    _refuse_type("index", index, int | None)
    _refuse_type("rule", rule, str | None)
    checker = _checker(checker)
    _refuse_unknown("finding", code, slugs_of(checker))
    _refuse_unknown("field", field, FIELDS)
    _refuse_unknown("severity", severity, [*map(str, Severity)])
    wanted = {
        "value": None if value is None else _comparable(value),
        "field": field,
        "index": index,
        "severity": None if severity is None else str(severity),
        "rule": rule,
    }
    checked = _check(given, checker)
    for _, finding in checked.known_too:
        if finding.code == code and _matches(finding, wanted):
            return finding
    asked = {**wanted, "value": None if value is None else _shown(value)}
    more = "".join(f", {name} {it}" for name, it in asked.items() if it is not None)
    text = f"The {checked.what} does not give {code}{more}."
    if checked.not_checked:
        text += f"\n{_not_checked_told(checked, checked.not_checked)}"
    text += f"\n\n{checked.lines_told(range(len(given.lines)))}\n\n"
    raise AssertionError(text + checked.instead(rules=rule is not None))


def assert_no_finding(
    line: LineOrClaim,
    code: str,
    *,
    checker: Checker | None = None,
    allow_not_checked: bool = False,
) -> Report | ClaimReport:
    """Assert that a line or a claim was checked and does not give a finding, not even a known one.

    Args:
        line: as for ``assert_clean``.
        code: slug of the finding, or the first word of slugs (``modifier`` means all of its findings).
        checker: as for ``assert_clean``.
        allow_not_checked: let lines through that were not checked, which cannot give most findings;
            a line without a code that can be looked up is one of them.

    Returns:
        The report of the line or of the claim.

    Raises:
        AssertionError: the finding is there, a line was not checked, or a claim has no lines.
        ValueError: there is no such finding; it names the nearest.
        TypeError: what was given is neither a line nor a claim, or ``code`` is no text.
    """
    __tracebackhide__ = True
    given = _given(line)
    del line
    if given.refused is not None:
        raise TypeError(given.refused)
    _refuse_type("code", code, str)
    checker = _checker(checker)
    slugs = slugs_of(checker)
    _refuse_unknown("finding", code, [*slugs, *{slug.split("-")[0] for slug in slugs}])
    checked = _check(given, checker)
    if not checked.lines:
        raise AssertionError("Nothing was checked: the claim has no lines.")
    wrong = [
        (at, finding)
        for at, finding in checked.known_too
        if finding.code == code or finding.code.startswith(f"{code}-")
    ]
    if wrong:
        raise AssertionError(f"The {checked.what} gives {code}.\n\n{checked.told(wrong)}")
    unchecked = [
        at for at in checked.not_checked if code != NO_RULE or checked.lines[at].code is None
    ]
    if unchecked and not allow_not_checked:
        lines_told = checked.lines_told(unchecked)
        raise AssertionError(f"{_not_checked_told(checked, unchecked)}\n\n{lines_told}")
    return checked.result


def assert_no_new_findings(
    lines: Iterable[LineLike],
    baseline: Baseline | str | PathLike[str],
    *,
    checker: Checker | None = None,
    allow: Allowed | None = None,
    allow_not_checked: bool = False,
) -> tuple[Report, ...]:
    """Assert that lines were checked and give no finding but those of a baseline.

    What the checker's own baseline knows is let through, too, and so is a line that was not checked if
    a baseline knows the finding that says so. Consecutive lines of one ``claim_id`` are checked as a claim,
    too, as ``claimcheck check`` does.

    Args:
        lines: mappings or ``ClaimLine``s.
        baseline: a ``claimcheck.Baseline``, or the path of its file.
        checker: as for ``assert_clean``.
        allow: new findings up to this severity are let through.
        allow_not_checked: let lines through that were not checked, as ``assert_clean`` does.

    Returns:
        One report per line, in order.

    Raises:
        AssertionError: there are new findings; it tells them, and no others. Or a line was not
            checked, or there are no lines.
        ValueError: ``allow`` is no severity that can be allowed; or the baseline cannot be used.
        TypeError: what was given are no lines.
    """
    __tracebackhide__ = True
    from claimcheck.baseline import Baseline

    _refuse_unknown("allow", allow, _ALLOWED)
    given = _given(lines)
    del lines
    if given.refused is not None:
        raise TypeError(given.refused)
    read = given.lines
    checker = _checker(checker)
    known = baseline if isinstance(baseline, Baseline) else Baseline.load(baseline)
    reports: list[Report] = []
    for claim_id, group in groupby(read, key=lambda each: each.claim_id):
        together = tuple(group)
        reports += (
            map(checker.check, together)
            if claim_id is None
            else checker.check_claim(together).reports
        )
    checked = _Checked(read, tuple(reports), ClaimReport(None, tuple(reports)), checker)
    if not read:
        raise AssertionError("Nothing was checked: there are no lines.")
    _note(checked)
    not_checked = {*checked.not_checked}
    new = [
        (at, finding)
        for at, finding in checked.findings
        if known.entry_of(finding, read[at].code) is None
        and not _is_allowed(finding, allow)
        and not (finding.code == NO_RULE and at in not_checked)
    ]
    unchecked = [
        at
        for at in _besides(checked.not_checked, new)
        if not allow_not_checked and not _known_as_not_checked(reports[at], read[at].code, known)
    ]
    not_checked_told = _not_checked_told(checked, unchecked, f"{len(read):,}") if unchecked else ""
    if new:
        more = f"\n\n{not_checked_told}" if unchecked else ""
        raise AssertionError(
            f"{counted(len(new), 'new finding')}, {summed(finding for _, finding in new)}, on "
            f"{counted(len({at for at, _ in new}), 'line')} of {len(read):,}.\n\n"
            f"{checked.told(new)}{more}\n\n"
            "To accept them, write the baseline again: claimcheck check FILE --write-baseline "
            "BASELINE, or claimcheck.Baseline.of(reports).write(BASELINE)."
        )
    if unchecked:
        raise AssertionError(f"{not_checked_told}\n\n{checked.lines_told(unchecked)}")
    return checked.reports


@attrs.frozen
class _Given:
    """What an assertion was given, read: its lines, whether they are a claim, or why it is neither."""

    lines: tuple[ClaimLine, ...] = ()
    whole: bool = False
    refused: str | None = None


def _given(line: object) -> _Given:
    """Read what was given. Nothing is raised here: the raw lines would stand in the traceback."""
    if isinstance(line, Mapping | ClaimLine):
        return _Given((read_line(line),))
    kind = type(line).__name__
    if isinstance(line, Iterable) and not isinstance(line, str | bytes | bytearray):
        lines = []
        for one in line:
            if not isinstance(one, Mapping | ClaimLine):
                kind = f"{kind} of {type(one).__name__}"
                break
            lines.append(read_line(one))
        else:
            return _Given(tuple(lines), whole=True)
    return _Given(
        refused="a line is a mapping or a ClaimLine, and a claim is a list of them; "
        f"this is a {kind}"
    )


def _check(given: _Given, checker: Checker | None) -> _Checked:
    """Check a line or a claim, and let the test run count it."""
    __tracebackhide__ = True
    checker = _checker(checker)
    lines = given.lines
    if given.whole:
        claim = checker.check_claim(lines)
        checked = _Checked(lines, claim.reports, claim, checker)
    else:
        report = checker.check(lines[0])
        checked = _Checked(lines, (report,), report, checker)
    _note(checked)
    return checked


def _note(checked: _Checked) -> None:
    run = current_run()
    if run is not None:
        run.note(checked.checker, zip(checked.lines, checked.reports, strict=True))


def _checker(given: Checker | None) -> Checker:
    """The checker that was given, else that of the test run, else one of the bundled rules."""
    __tracebackhide__ = True
    _refuse_type("checker", given, Checker | None)
    return current_checker() if given is None else given


def _refuse_unknown(what: str, given: object, known: Sequence[str]) -> None:
    """Refuse a word that there is not, with the nearest that there is.

    Raises:
        ValueError: it is not among those known.
    """
    __tracebackhide__ = True
    if given is None or given in known:
        return
    if what == "allow":
        raise ValueError(f"allow is one of {', '.join(known)}, or None")
    raise ValueError(f"there is no such {what}; the nearest is {nearest(str(given), known)}")


def _refuse_type(name: str, given: object, wanted: type | UnionType) -> None:
    """Refuse an argument of a type that it cannot have, which would fail late or never match.

    Raises:
        TypeError: it is one.
    """
    __tracebackhide__ = True
    if not isinstance(given, wanted) or isinstance(given, bool):
        kind = type(given).__name__
        raise TypeError(f"{name} is {_TYPES.get(name, 'a text')}; this is of type {kind}")


def _shown(value: str) -> str:
    """A value that was asked for, if it could be a code; a test may ask for what a line says."""
    plain = _comparable(value)
    could_be = plain.isascii() and plain.isalnum() and len(plain) <= _LONGEST_CODE
    coded = could_be and (any(map(str.isdigit, plain)) or len(plain) <= _MODIFIER)
    return value.strip() if coded else "(no code)"


def _comparable(value: str) -> str:
    return value.strip().upper().replace(".", "")


def _matches(finding: Finding, wanted: Mapping[str, object]) -> bool:
    own = {
        "value": None if finding.value is None else _comparable(finding.value),
        "field": finding.field,
        "index": finding.index,
        "severity": finding.severity.value,
        "rule": finding.rule,
    }
    return all(it is None or own[name] == it for name, it in wanted.items())


def _is_allowed(finding: Finding, allow: Allowed | None) -> bool:
    return allow is not None and finding.severity.rank <= Severity(allow).rank


def _let_through(count: int) -> str:
    return f" ({counted(count, 'other')} let through)" if count else ""


def _known_as_not_checked(report: Report, code: str | None, known: Baseline) -> bool:
    """Whether a baseline has the finding that says that the line's code was not looked up."""
    return any(finding.code in CODE_NOT_LOOKED_UP for finding in report.known_findings) or any(
        finding.code in CODE_NOT_LOOKED_UP and known.entry_of(finding, code) is not None
        for finding in report.findings
    )


def _besides(positions: Sequence[int], wrong: Sequence[tuple[int, Finding]]) -> list[int]:
    """Positions of lines that were not checked, but for those whose code is told as wrong anyway."""
    told = {at for at, finding in wrong if finding.code in CODE_NOT_LOOKED_UP}
    return [at for at in positions if at not in told]


def _not_checked_told(checked: _Checked, positions: Sequence[int], among: str = "the claim") -> str:
    what = f"{counted(len(positions), 'line')} of {among}" if checked.whole else "The line"
    were = "were" if checked.whole and len(positions) > 1 else "was"
    without_rule: dict[str, list[str]] = {}
    without_code: list[str] = []
    for at in positions:
        name = f"line {at + 1} {checked.lines[at].line_id or ''}".rstrip()
        code = checked.lines[at].code
        if code is None:
            without_code.append(name)
        else:
            without_rule.setdefault(code, []).append(name)
    causes = []
    if without_rule:
        codes = [
            f"{code} ({', '.join(names)})" if checked.whole else code
            for code, names in without_rule.items()
        ]
        causes.append(f"neither a rule file nor a national table decides on {', '.join(codes)}")
    if without_code:
        names = f" ({', '.join(without_code)})" if checked.whole else ""
        causes.append(f"there is no procedure code that can be looked up{names}")
    return wrapped(
        f"{what} {were} not checked, and not checked is not passed: {'; '.join(causes)}.", ""
    )
