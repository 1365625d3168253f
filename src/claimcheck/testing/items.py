"""Files of claim lines as pytest collects them: one test item for each line."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from claimcheck.errors import ClaimcheckError, InputError
from claimcheck.finding import Finding
from claimcheck.line import ClaimLine
from claimcheck.line_report import Report
from claimcheck.report.text import counted
from claimcheck.testing.claim_files import Case, read_cases
from claimcheck.testing.slugs import CODE_NOT_LOOKED_UP, nearest, slugs_of
from claimcheck.testing.telling import Told, findings_told, line_told, summed
from claimcheck.verdict import Severity

if TYPE_CHECKING:
    from claimcheck.scalar import Checker
    from claimcheck.testing.run import CountingChecker

__all__ = ["ClaimFile", "ClaimLineItem", "cases_of"]


class _LineFailure(Exception):
    """A line of a file that does not give what it should; its text is the whole of the failure."""


def cases_of(path: Path) -> list[Case]:
    """The cases of a file.

    Raises:
        CollectError: the file cannot be read, or reading it needs a package that is not there.
    """
    try:
        return read_cases(path)
    except InputError as error:
        raise pytest.Collector.CollectError(str(error)) from None


class ClaimFile(pytest.File):
    """A file of claim lines."""

    _last: tuple[tuple[ClaimLine, ...], tuple[Report, ...]] = ((), ())

    def collect(self) -> Iterator[ClaimLineItem]:
        """One item for each row."""
        for case in cases_of(self.path):
            yield ClaimLineItem.from_parent(self, name=case.name, case=case)

    def reports(self, case: Case, checker: CountingChecker) -> tuple[Report, ...]:
        """The reports of the case's claim, which is checked once for all of its lines; uncounted."""
        claim, reports = self._last
        if claim is not case.claim:
            with checker.uncounted():
                if case.whole:
                    reports = checker.check_claim(case.claim).reports
                else:
                    reports = tuple(checker.check_lines(case.claim))
            self._last = case.claim, reports
        return reports


class ClaimLineItem(pytest.Item):
    """One line of a file. It passes if nothing at or above ``fail-on`` is found, or what it expects."""

    def __init__(self, *, case: Case, **given: Any) -> None:
        super().__init__(**given)
        self.case = case

    @property
    def _file(self) -> ClaimFile:
        file = self.getparent(ClaimFile)
        if file is None:
            raise TypeError("a claim line stands in a file")
        return file

    @property
    def _where(self) -> str:
        """What a failure calls the line, with its place as editors know it."""
        return self.case.where(self._file.nodeid)

    def runtest(self) -> None:
        """Check the line, with its claim.

        Raises:
            _LineFailure: it fails; Skipped: it was not checked.
        """
        from claimcheck.testing.plugin import run_of

        case = self.case
        if case.line is None:
            what = f"{self._where} was not checked" if case.row else "The file is damaged"
            raise _LineFailure(f"{what}: {case.problem}.")
        run = run_of(self.config)
        checker = run.checker
        if case.expected is not None:
            _refuse_unknown(self._where, case.expected, checker)
        report = self._file.reports(case, checker)[case.position]
        run.add(case.line, report)
        if case.expected is None:
            _hold_to_fail_on(self._where, case.line, report, checker)
        else:
            _hold_to_expected(self._where, case.expected, case.line, report, checker)
        unchecked = _not_checked(case.line, report)
        if unchecked is not None and not {*CODE_NOT_LOOKED_UP} & {*(case.expected or ())}:
            raise pytest.skip.Exception(f"not checked: {unchecked}", _use_item_location=True)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:
        """What is told of a failure: words, and never a traceback, which could show the line."""
        error = excinfo.value
        if isinstance(error, _LineFailure | ClaimcheckError):
            return str(error)
        last = excinfo.traceback[-1]
        place = f"{os.path.basename(str(last.path))}:{last.lineno + 1}"
        return f"stopped by a defect of claimcheck itself ({type(error).__name__} at {place})"

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the line stands, and the heading of its failure, which says so, too."""
        heading = f"{self.name} ({self.case.place_in(self.path.name)})"
        return self.path, self.case.at - 1, heading


def _not_checked(line: ClaimLine, report: Report) -> str | None:
    """Why a line was not checked, or None if it was."""
    if line.code is None:
        return "there is no procedure code that can be looked up"
    if report.status == "not-checked":
        return f"neither a rule file nor a national table decides on {line.code}"
    return None


def _hold_to_fail_on(where: str, line: ClaimLine, report: Report, checker: Checker) -> None:
    fail_on = checker.config.fail_on
    if fail_on == "never":
        return
    wrong = [f for f in report.findings if f.severity.rank >= Severity(fail_on).rank]
    if wrong:
        more = len(report.findings) - len(wrong)
        besides = f", and {counted(more, 'finding')} below {fail_on}" if more else ""
        raise _LineFailure(
            f"{where} gives {summed(wrong)}{besides}.\n\n{_told(line, wrong, checker)}"
        )


def _hold_to_expected(
    where: str, expected: Sequence[str], line: ClaimLine, report: Report, checker: Checker
) -> None:
    given = report.findings + report.known_findings  # what a line expects is not left to a baseline
    found, wanted = Counter(finding.code for finding in given), Counter(expected)
    missing, unexpected = sorted((wanted - found).elements()), sorted((found - wanted).elements())
    if not missing and not unexpected:
        return
    rows = [f"  missing     {slug}" for slug in missing]
    rows += [f"  unexpected  {slug}" for slug in unexpected]
    differences = "\n".join(rows)
    raise _LineFailure(
        f"{where} does not give exactly what it expects.\n\n{differences}\n\n"
        f"{_told(line, given, checker)}"
    )


def _told(line: ClaimLine, findings: Sequence[Finding], checker: Checker) -> str:
    if not findings:
        return f"{line_told(line, checker)}\n\nIt gives no finding."
    told = findings_told([Told(finding) for finding in findings], checker)
    return f"{line_told(line, checker)}\n\n{told}"


def _refuse_unknown(where: str, expected: tuple[str, ...], checker: Checker) -> None:
    """Refuse an ``expect`` that names findings that there are not.

    Raises:
        _LineFailure: it does; of each the place is told, and the nearest that there is.
    """
    slugs = slugs_of(checker)
    rows = [
        f"  expect[{at}]  the nearest is {nearest(name, slugs)}"
        for at, name in enumerate(expected)
        if name not in slugs
    ]
    if rows:
        what = "a finding that there is not" if len(rows) == 1 else "findings that there are not"
        told = "\n".join(rows)
        raise _LineFailure(f"{where} expects {what}.\n\n{told}")
