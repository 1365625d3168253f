"""Assertions: what they let through, what they refuse, and in which words."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import claimcheck
from claimcheck.testing import (
    assert_clean,
    assert_finding,
    assert_no_finding,
    assert_no_new_findings,
)

CLEAN: dict[str, Any] = {
    "line_id": "A-1",
    "code": "0252U",
    "place_of_service": "81",
    "diagnoses": ["O03.9"],
    "taxonomy": "291U00000X",
    "payer": "Aetna",
    "service_date": "2026-05-04",
}
ASSISTED = {**CLEAN, "modifiers": ["80"]}  # not-applicable: an error
UNLISTED = {**CLEAN, "taxonomy": "207R00000X"}  # an info
HEDGED = {**CLEAN, "modifiers": ["62"]}  # not-applicable, hedged: a warning
NO_RULE = {"line_id": "N-1", "code": "88305", "diagnoses": ["O03.9"]}
PRIVATE = {
    "line_id": "Mary Poppins",
    "claim_id": "1975-05-04",
    "code": "Mary Poppins",
    "modifiers": ["Mary"],
    "place_of_service": "London",
    "diagnoses": ["Poppins, M."],
    "taxonomy": "02075551234",
    "payer": "Mary Poppins",
    "service_date": "1975-05-04",
    "conditions": ["mary-poppins"],
    "surname": "Poppins",
}


def failure_of(assertion: Callable[..., object], *args: Any, **named: Any) -> str:
    """The text with which an assertion fails."""
    with pytest.raises(AssertionError) as failed:
        assertion(*args, **named)
    return str(failed.value)


def test_a_clean_line_gives_its_report(checker: claimcheck.Checker) -> None:
    report = assert_clean(CLEAN, checker=checker)
    assert isinstance(report, claimcheck.Report)
    assert (report.line_id, report.status) == ("A-1", "clean")


def test_a_claim_line_serves_as_a_mapping_does(checker: claimcheck.Checker) -> None:
    line = claimcheck.ClaimLine(**CLEAN)
    assert assert_clean(line, checker=checker) == assert_clean(CLEAN, checker=checker)


def test_a_clean_claim_gives_its_report(checker: claimcheck.Checker) -> None:
    lines = [{**CLEAN, "claim_id": "A"}, {**CLEAN, "claim_id": "A", "service_date": "2026-05-05"}]
    report = assert_clean(iter(lines), checker=checker)
    assert isinstance(report, claimcheck.ClaimReport)
    assert (report.claim_id, report.status, len(report.reports)) == ("A", "clean", 2)


def test_what_a_failure_says(checker: claimcheck.Checker) -> None:
    line = {**ASSISTED, "taxonomy": "207R00000X"}
    assert (
        failure_of(assert_clean, line, checker=checker)
        == f"""\
The line is not clean: 1 error, 1 info.

line A-1: code 0252U; modifiers 80; place_of_service 81; diagnoses O03.9; taxonomy 207R00000X;
    payer aetna; service_date 2026-05-04

  severity  finding                  where         value
  error     modifier-not-applicable  modifiers[0]  80
  info      taxonomy-unlisted        taxonomy      207R00000X

error modifier-not-applicable on modifiers[0] 80
    Modifier 80 does not fit 0252U: An assistant surgeon belongs to the operation that supplied
        the specimen, not to the test. (families/laboratory speaks of it too.)
    do: Remove modifier 80 if it does not describe this service. It belongs to the operation
        that supplied the specimen.
    fix: remove 80 from modifiers (review)
    rule: codes/0252U#modifiers/80
    source: Billing code page for 0252U (openpayer-0252u): modifier table, row 80
    denial ahead: CARC 4 - procedure code and modifier do not go together

info taxonomy-unlisted on taxonomy 207R00000X
    No rule mentions taxonomy 207R00000X for 0252U as performing provider.
    do: Check that it is the taxonomy of the performing provider.
    rule: codes/0252U#taxonomies

checked against {checker.stamp}"""
    )


def test_what_a_failure_says_of_a_claim(checker: claimcheck.Checker) -> None:
    line = {"line_id": "C-1", "code": "0252U", "diagnoses": ["O03.9"], "service_date": "2026-05-04"}
    claim = [line, {**line, "line_id": None}]
    told = failure_of(assert_clean, claim, checker=checker)
    assert told.startswith(
        """\
The claim is not clean: 1 warning.

line 2: code 0252U; diagnoses O03.9; service_date 2026-05-04

  line    severity  finding               where  value
  line 2  warning   claim-duplicate-line  code   0252U

warning claim-duplicate-line on code 0252U, line 2
    """
    )


def test_what_a_failure_says_of_a_line_that_was_not_checked(checker: claimcheck.Checker) -> None:
    assert (
        failure_of(assert_clean, NO_RULE, checker=checker)
        == """\
The line was not checked, and not checked is not passed: neither a rule file nor a national
    table decides on 88305.

line N-1: code 88305; diagnoses O03.9"""
    )


def test_what_a_failure_says_of_a_finding_that_is_not_there(checker: claimcheck.Checker) -> None:
    told = failure_of(
        assert_finding,
        ASSISTED,
        "modifier-disputed",
        value="26",
        severity="warning",
        checker=checker,
    )
    assert (
        told
        == """\
The line does not give modifier-disputed, value 26, severity warning.

line A-1: code 0252U; modifiers 80; place_of_service 81; diagnoses O03.9; taxonomy 291U00000X;
    payer aetna; service_date 2026-05-04

It gives

  severity  finding                  where         value
  error     modifier-not-applicable  modifiers[0]  80"""
    )


@pytest.mark.parametrize(
    ("line", "allow", "passes"),
    [
        (UNLISTED, None, False),
        (UNLISTED, "info", True),
        (UNLISTED, "warning", True),
        (HEDGED, None, False),
        (HEDGED, "info", False),
        (HEDGED, "warning", True),
        (ASSISTED, "warning", False),
    ],
)
def test_findings_up_to_a_severity_are_let_through(
    checker: claimcheck.Checker, line: dict[str, Any], allow: Any, passes: bool
) -> None:
    if passes:
        assert assert_clean(line, checker=checker, allow=allow).status == "findings"
    else:
        assert "is not clean" in failure_of(assert_clean, line, checker=checker, allow=allow)


def test_what_was_let_through_is_counted(checker: claimcheck.Checker) -> None:
    line = {**ASSISTED, "taxonomy": "207R00000X"}
    told = failure_of(assert_clean, line, checker=checker, allow="info")
    assert told.startswith("The line is not clean: 1 error (1 other let through).")
    assert "taxonomy-unlisted" not in told


def test_a_line_that_was_not_checked_is_let_through_only_if_told(
    checker: claimcheck.Checker,
) -> None:
    assert "was not checked" in failure_of(assert_clean, NO_RULE, checker=checker, allow="warning")
    report = assert_clean(NO_RULE, checker=checker, allow_not_checked=True)
    assert report.status == "not-checked"
    wrong = {**NO_RULE, "modifiers": ["8"]}
    told = failure_of(assert_clean, wrong, checker=checker, allow_not_checked=True)
    assert "modifier-malformed" in told
    assert "code-no-rule" not in told


def test_one_unchecked_line_of_a_claim_is_enough(checker: claimcheck.Checker) -> None:
    told = failure_of(assert_clean, [CLEAN, NO_RULE, {"code": "99213"}], checker=checker)
    assert told.startswith("2 lines of the claim were not checked, and not checked is not passed")
    assert "decides on 88305 (line 2 N-1), 99213 (line 3)." in " ".join(told.split())
    assert "line 2 N-1: code 88305" in told
    assert "A-1" not in told
    both = failure_of(assert_clean, [ASSISTED, NO_RULE], checker=checker)
    assert both.startswith("The claim is not clean: 1 error.\n")
    assert (
        both.rpartition("\n\n")[2]
        == """\
1 line of the claim was not checked, and not checked is not passed: neither a rule file nor a
    national table decides on 88305 (line 2 N-1)."""
    )


@pytest.mark.parametrize("named", [(assert_clean,), (assert_no_finding, "modifier")])
def test_a_claim_without_lines_was_not_checked(named: tuple[Any, ...]) -> None:
    assertion, *args = named
    assert failure_of(assertion, [], *args) == "Nothing was checked: the claim has no lines."


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"value": "80"},
        {"field": "modifiers", "index": 0},
        {"severity": "error"},
        {"severity": claimcheck.Severity.ERROR},
        {"rule": "codes/0252U#modifiers/80"},
    ],
)
def test_a_finding_that_matches_is_given(
    checker: claimcheck.Checker, asked: dict[str, Any]
) -> None:
    finding = assert_finding(ASSISTED, "modifier-not-applicable", checker=checker, **asked)
    assert (finding.code, finding.value) == ("modifier-not-applicable", "80")


@pytest.mark.parametrize(
    "asked",
    [
        {"value": "82"},
        {"field": "diagnoses"},
        {"index": 1},
        {"severity": "warning"},
        {"rule": "codes/0252U#modifiers/82"},
    ],
)
def test_a_finding_that_differs_in_one_thing_does_not_match(
    checker: claimcheck.Checker, asked: dict[str, Any]
) -> None:
    told = failure_of(assert_finding, ASSISTED, "modifier-not-applicable", checker=checker, **asked)
    name, value = next(iter(asked.items()))
    assert told.startswith(f"The line does not give modifier-not-applicable, {name} {value}.")


def test_values_match_whatever_their_case_and_dot(checker: claimcheck.Checker) -> None:
    line = {**CLEAN, "diagnoses": ["J06.9"]}
    finding = assert_finding(line, "diagnosis-not-supporting", checker=checker)
    assert finding.value is None or finding.value == "J06.9"
    line = {**CLEAN, "diagnoses": ["O03.9", "O99.999"]}
    for written in ("O99.999", "o99999", " o99.999 "):
        found = assert_finding(line, "diagnosis-unknown", value=written, checker=checker)
        assert (found.value, found.index) == ("O99.999", 1)


def test_a_finding_across_lines_is_found_on_a_claim(checker: claimcheck.Checker) -> None:
    finding = assert_finding([CLEAN, CLEAN], "claim-duplicate-line", checker=checker)
    assert finding.severity == "warning"
    told = failure_of(assert_finding, CLEAN, "claim-duplicate-line", checker=checker)
    assert told.endswith(f"It gives no finding, checked against {checker.stamp}.")


def test_the_absence_of_a_finding(checker: claimcheck.Checker) -> None:
    assert assert_no_finding(UNLISTED, "modifier", checker=checker).status == "findings"
    assert assert_no_finding(UNLISTED, "taxonomy-unknown", checker=checker).status == "findings"
    told = failure_of(assert_no_finding, ASSISTED, "modifier", checker=checker)
    assert told.startswith("The line gives modifier.\n")
    assert "codes/0252U#modifiers/80" in told
    told = failure_of(assert_no_finding, NO_RULE, "modifier", checker=checker)
    assert "not checked is not passed" in told
    report = assert_no_finding(NO_RULE, "modifier", checker=checker, allow_not_checked=True)
    assert report.status == "not-checked"


@pytest.mark.parametrize("slug", ["modifer-not-applicable", "modifier", ""])
def test_a_misspelt_finding_neither_passes_nor_fails(
    checker: claimcheck.Checker, slug: str
) -> None:
    with pytest.raises(ValueError, match=r"^there is no such finding; the nearest is [a-z-]+$"):
        assert_finding(ASSISTED, slug, checker=checker)


@pytest.mark.parametrize("code", ["O252U", None, {"system": "SNOMED", "code": "123"}])
def test_a_line_without_a_code_that_can_be_looked_up_was_not_checked(
    checker: claimcheck.Checker, code: object
) -> None:
    line = {"line_id": "U-1", "code": code, "modifiers": ["80"], "diagnoses": ["O03.9"]}
    assert (
        failure_of(assert_no_finding, line, "modifier-not-applicable", checker=checker)
        == """\
The line was not checked, and not checked is not passed: there is no procedure code that can be
    looked up.

line U-1: code (not read); modifiers 80; diagnoses O03.9"""
    )
    report = assert_no_finding(line, "modifier", checker=checker, allow_not_checked=True)
    assert report.status == "findings"


def test_what_is_allowed_does_not_stand_for_what_was_not_checked(
    checker: claimcheck.Checker,
) -> None:
    foreign = {"code": {"system": "SNOMED", "code": "123"}}
    assert (
        failure_of(assert_clean, [CLEAN, foreign, NO_RULE], checker=checker, allow="info")
        == """\
2 lines of the claim were not checked, and not checked is not passed: neither a rule file nor a
    national table decides on 88305 (line 3 N-1); there is no procedure code that can be looked
    up (line 2).

line 2: code (not read)
line 3 N-1: code 88305; diagnoses O03.9"""
    )
    assert_clean(foreign, checker=checker, allow="info", allow_not_checked=True)
    told = failure_of(assert_clean, foreign, checker=checker)
    assert told.startswith("The line is not clean: 1 info.\n")
    assert "was not checked, and" not in told  # the finding says it


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"code": None}, "code is the slug of a finding, a text; this is of type NoneType"),
        ({"value": 80}, "value is a text; this is of type int"),
        ({"field": ["modifiers"]}, "field is a text; this is of type list"),
        ({"severity": 1}, "severity is a text; this is of type int"),
        ({"index": "0"}, "index is a number, counted from 0; this is of type str"),
        ({"index": False}, "index is a number, counted from 0; this is of type bool"),
        ({"rule": 80}, "rule is a text; this is of type int"),
        ({"checker": "x"}, "checker is a claimcheck.Checker; this is of type str"),
    ],
)
def test_what_can_never_match_is_refused_by_its_type(
    checker: claimcheck.Checker, asked: dict[str, Any], told: str
) -> None:
    given = {"code": "modifier-not-applicable", "checker": checker, **asked}
    with pytest.raises(TypeError) as refused:
        assert_finding(ASSISTED, **given)
    assert str(refused.value) == told


def test_every_assertion_refuses_what_is_no_checker(checker: claimcheck.Checker) -> None:
    told = r"^checker is a claimcheck\.Checker; this is of type str$"
    with pytest.raises(TypeError, match=told):
        assert_clean(CLEAN, checker="x")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=told):
        assert_no_finding(CLEAN, "modifier", checker="x")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=told):
        assert_no_new_findings([CLEAN], claimcheck.Baseline(), checker="x")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"^code is the slug of a finding, a text; this is of type"):
        assert_no_finding(CLEAN, None, checker=checker)  # type: ignore[arg-type]


def test_rules_are_told_where_a_rule_was_asked(checker: claimcheck.Checker) -> None:
    told = failure_of(
        assert_finding,
        ASSISTED,
        "modifier-not-applicable",
        rule="codes/0252U#modifiers/81",
        checker=checker,
    )
    assert (
        told.partition("It gives")[2]
        == """

  severity  finding                  where         value  rule
  error     modifier-not-applicable  modifiers[0]  80     codes/0252U#modifiers/80"""
    )


def test_misuse_names_what_there_is(checker: claimcheck.Checker) -> None:
    with pytest.raises(ValueError, match=r"the nearest is modifier-not-applicable$"):
        assert_finding(ASSISTED, "modifer-not-aplicable", checker=checker)
    with pytest.raises(ValueError, match=r"the nearest is modifiers$"):
        assert_finding(ASSISTED, "modifier-not-applicable", field="modifier", checker=checker)
    with pytest.raises(ValueError, match=r"no such severity; the nearest is error$"):
        assert_finding(ASSISTED, "modifier-not-applicable", severity="errors", checker=checker)
    with pytest.raises(ValueError, match=r"no such finding; the nearest is modifier$"):
        assert_no_finding(ASSISTED, "modifer", checker=checker)
    with pytest.raises(ValueError, match=r"^allow is one of info, warning, or None$"):
        assert_clean(ASSISTED, allow="error", checker=checker)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "kind"),
    [("Mary", "str"), (7, "int"), (["Mary"], "list of str"), (None, "NoneType")],
)
def test_what_is_neither_a_line_nor_a_claim_is_refused_by_its_type(
    given: Any, kind: str, checker: claimcheck.Checker
) -> None:
    with pytest.raises(TypeError, match=f"this is a {kind}$"):
        assert_clean(given, checker=checker)


def test_a_failure_tells_nothing_about_a_person(checker: claimcheck.Checker) -> None:
    claim = [{**PRIVATE, "code": "0252U"}, PRIVATE]
    for text in (
        failure_of(assert_clean, claim, checker=checker),
        failure_of(assert_clean, PRIVATE, checker=checker),
        failure_of(assert_finding, claim, "modifier-unlisted", value="Poppins", checker=checker),
        failure_of(assert_no_finding, claim, "line", checker=checker),
    ):
        told = " ".join(text.split())
        assert "payer (one that no rule names)" in told
        assert "service_date (too far off to be shown)" in told
        assert "conditions (1 other)" in told
        for word in ("mary", "poppins", "1975", "london", "5551234", "surname"):
            assert word not in told.lower()


@pytest.mark.parametrize(
    ("service_date", "told"),
    [
        ("2012-12-31", "(too far off to be shown)"),
        ("2013-01-01", "2013-01-01"),
        ("2021-12-31", "2021-12-31"),
        ("2022-01-01", "(too far off to be shown)"),
    ],
)
def test_dates_are_told_by_the_day_of_the_checker(service_date: str, told: str) -> None:
    own = claimcheck.Checker(today=date(2020, 6, 1))
    line = {"code": "88305", "service_date": service_date}
    text = failure_of(assert_clean, line, checker=own)
    assert text.endswith(f"line: code 88305; service_date {told}")


def test_a_payer_that_the_checker_was_given_is_told() -> None:
    own = claimcheck.Checker(payer="Little Lab Fund")
    line = {**ASSISTED, "payer": "Little lab fund", "conditions": ["distinct-service"]}
    told = failure_of(assert_clean, line, checker=own)
    assert "payer little-lab-fund; service_date 2026-05-04;" in told
    assert "conditions distinct-service" in told


# --- baselines ----------------------------------------------------------------------------------


def test_only_what_is_new_fails(checker: claimcheck.Checker, tmp_path: Path) -> None:
    lines = [ASSISTED, NO_RULE, CLEAN]
    baseline = claimcheck.Baseline.of(checker.check_lines(lines))
    reports = assert_no_new_findings(lines, baseline, checker=checker)
    assert [report.status for report in reports] == ["findings", "not-checked", "clean"]
    baseline.write(tmp_path / "known.json")
    new = [*lines, {**UNLISTED, "line_id": "A-9"}]
    told = failure_of(assert_no_new_findings, new, tmp_path / "known.json", checker=checker)
    assert told.startswith("1 new finding, 1 info, on 1 line of 4.\n\nline 4 A-9: code 0252U;")
    assert "modifier-not-applicable" not in told
    assert "--write-baseline" in told
    assert_no_new_findings(new, baseline, checker=checker, allow="info")


def test_without_lines_nothing_was_checked(checker: claimcheck.Checker) -> None:
    told = failure_of(assert_no_new_findings, [], claimcheck.Baseline(), checker=checker)
    assert told == "Nothing was checked: there are no lines."


@pytest.mark.parametrize("allow", [None, "info", "warning"])
def test_a_line_that_was_not_checked_is_not_without_new_findings(
    checker: claimcheck.Checker, allow: Any
) -> None:
    nothing = claimcheck.Baseline()
    lines = [CLEAN, NO_RULE]
    assert (
        failure_of(assert_no_new_findings, lines, nothing, checker=checker, allow=allow)
        == """\
1 line of 2 was not checked, and not checked is not passed: neither a rule file nor a national
    table decides on 88305 (line 2 N-1).

line 2 N-1: code 88305; diagnoses O03.9"""
    )
    reports = assert_no_new_findings(
        lines, nothing, checker=checker, allow=allow, allow_not_checked=True
    )
    assert [report.status for report in reports] == ["clean", "not-checked"]
    told = failure_of(assert_no_new_findings, [ASSISTED, NO_RULE], nothing, checker=checker)
    assert told.startswith("1 new finding, 1 error, on 1 line of 2.\n")
    assert "1 line of 2 was not checked, and not checked is not passed" in told


@pytest.mark.parametrize(
    "line", [NO_RULE, {"code": {"system": "SNOMED", "code": "123"}}, {"code": "O252U"}]
)
def test_a_baseline_may_know_what_was_not_checked(
    checker: claimcheck.Checker, line: dict[str, Any]
) -> None:
    baseline = claimcheck.Baseline.of([checker.check(line)])
    (report,) = assert_no_new_findings([line], baseline, checker=checker)
    assert report.status != "clean"
    own = claimcheck.Checker(baseline=baseline)
    (report,) = assert_no_new_findings([line], claimcheck.Baseline(), checker=own)
    assert report.findings == ()


def test_lines_of_one_claim_are_checked_together(checker: claimcheck.Checker) -> None:
    claim = [{**CLEAN, "claim_id": "C"}, {**CLEAN, "claim_id": "C"}]
    nothing = claimcheck.Baseline()
    told = failure_of(assert_no_new_findings, claim, nothing, checker=checker)
    assert "claim-duplicate-line" in told
    assert_no_new_findings([CLEAN, CLEAN], nothing, checker=checker)


def test_a_baseline_that_is_not_there_is_an_error(
    checker: claimcheck.Checker, tmp_path: Path
) -> None:
    with pytest.raises(claimcheck.BaselineError, match=r"none\.json: there is no such file"):
        assert_no_new_findings([CLEAN], tmp_path / "none.json", checker=checker)


def test_what_names_a_finding_sees_known_ones(checker: claimcheck.Checker) -> None:
    known = claimcheck.Checker(baseline=claimcheck.Baseline.of([checker.check(ASSISTED)]))
    assert assert_clean(ASSISTED, checker=known).known == 1  # type: ignore[union-attr]
    assert assert_finding(ASSISTED, "modifier-not-applicable", checker=known).value == "80"
    assert "modifier-not-applicable" in failure_of(
        assert_no_finding, ASSISTED, "modifier", checker=known
    )


# --- without pytest -----------------------------------------------------------------------------

PROGRAM = """
import sys
import claimcheck.testing
assert not {"pytest", "hypothesis", "claimcheck.scalar"} & {*sys.modules}
from claimcheck.testing import assert_clean
assert assert_clean({"code": "0252U", "diagnoses": ["O03.9"]}).status == "clean"
assert not {"pytest", "_pytest", "hypothesis"} & {*sys.modules}
try:
    assert_clean({"code": "0252U", "modifiers": ["80"], "diagnoses": ["O03.9"]})
except AssertionError as error:
    print(str(error).splitlines()[0])
"""


def test_the_assertions_need_neither_pytest_nor_hypothesis() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout == "The line is not clean: 1 error.\n"


def test_every_name_is_there() -> None:
    assert set(dir(claimcheck.testing)) == set(claimcheck.testing.__all__)
    for name in claimcheck.testing.__all__:
        assert callable(getattr(claimcheck.testing, name))
    with pytest.raises(AttributeError, match="no attribute 'assert_dirty'"):
        _ = claimcheck.testing.assert_dirty  # type: ignore[attr-defined]
