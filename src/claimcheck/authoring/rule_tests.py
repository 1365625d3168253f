"""Rule tests: the lines beside a rule file, and the findings that they must give.

``rules/codes/0252U.test.yaml`` stands beside ``rules/codes/0252U.yaml``. Each case is run with the
public checker; the findings must be exactly those expected, in any order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import attrs

from claimcheck.errors import RuleFileError, RuleProblem
from claimcheck.ruleset.load import LoadedFile, is_test_file, read_rule_file, rule_files
from claimcheck.ruleset.schema import TestCaseModel, TestFileModel
from claimcheck.scalar import Checker

__all__ = ["CaseResult", "case_lines", "run_rule_tests"]

_Told = tuple[str, str, str | None]


@attrs.frozen
class CaseResult:
    """What became of one case: where it stands, and how the findings differ, if they do."""

    place: RuleProblem
    name: str
    missing: tuple[_Told, ...]
    unexpected: tuple[_Told, ...]

    @property
    def passed(self) -> bool:
        """Whether the findings were exactly those expected."""
        return not self.missing and not self.unexpected

    def __str__(self) -> str:
        place = f"{self.place.file}:{self.place.line}:{self.place.column}: {self.name}"
        told = [f"missing {_worded(it)}" for it in self.missing]
        told += [f"unexpected {_worded(it)}" for it in self.unexpected]
        return f"{place}: {'; '.join(told) or 'passed'}"


def run_rule_tests(paths: Iterable[Path], checker: Checker) -> Iterator[CaseResult]:
    """Run every case of the ``*.test.yaml`` files in folders (or of the files given).

    Raises:
        RuleFileError: a test file cannot be used; it lists every problem of all of them.
    """
    for file, model in _test_files(paths):
        for number, case in enumerate(model.cases):
            yield _result(file, number, case, model.code, checker)


def case_lines(paths: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """The line of every case of the ``*.test.yaml`` files in folders (or of the files given).

    Raises:
        RuleFileError: a test file cannot be used; it lists every problem of all of them.
    """
    for _, model in _test_files(paths):
        for case in model.cases:
            yield _line(model.code, case)


def _test_files(paths: Iterable[Path]) -> Iterator[tuple[LoadedFile, TestFileModel]]:
    files, problems = [], []
    for path in paths:
        for found in rule_files(path) if path.is_dir() else (path,):
            if is_test_file(found):
                file, told = read_rule_file(found, ("test",))
                problems += told
                if file is not None:
                    files.append(file)
    if problems:
        raise RuleFileError(tuple(problems))
    for file in files:
        model = file.model
        if not isinstance(model, TestFileModel):
            raise TypeError(f"{file.label} is no test file")
        yield file, model


def _line(code: str, case: TestCaseModel) -> dict[str, Any]:
    return {"code": code, **case.line.model_dump(exclude_none=True)}


def _result(
    file: LoadedFile, number: int, case: TestCaseModel, code: str, checker: Checker
) -> CaseResult:
    report = checker.check(_line(code, case))
    given = Counter((f.code, f.severity.value, f.value) for f in report.findings)
    wanted: Counter[_Told] = Counter((f.finding, f.severity, f.value) for f in case.findings)
    return CaseResult(
        file.problem(("cases", number, "name"), case.name),
        case.name,
        tuple((wanted - given).elements()),
        tuple((given - wanted).elements()),
    )


def _worded(told: _Told) -> str:
    finding, severity, value = told
    return f"{severity} {finding}" + (f" on {value}" if value is not None else "")
