"""Pairs of procedure codes on one claim and day."""

from __future__ import annotations

from functools import cache

import pytest

import claimcheck
from claimcheck.checks.claim_tables import separating_modifiers

BUNDLED = "claim-bundled-pair"
POC = {"code": "0252U", "diagnoses": ["O03.9"]}


def test_column_2_beside_column_1(told_of_claim, checker):
    assert told_of_claim({"code": "81229"}, POC) == [(1, BUNDLED, "warning", "0252U")]
    assert told_of_claim(POC, {"code": "81229"}) == [(0, BUNDLED, "warning", "0252U")]
    reports = checker.check_claim([{"code": "81229", "line_id": "7"}, POC]).reports
    [finding] = [f for f in reports[1].findings if f.code == BUNDLED]
    assert finding.message == (
        "0252U is not paid beside 81229 (line 7) on one day: the NCCI PTP table for practitioners "
        "(2024Q3) has it in column 2 of that pair, and a modifier may separate them (indicator 1)."
    )
    assert finding.hint == (
        "Bill the column-1 code alone. If the record shows a distinct service, say so on the column-2 "
        "line with the modifier that describes it: 59, XE, XP, XS, XU or 91."
    )
    assert finding.rule == "tables/ptp-practitioner#81229/0252U"
    assert finding.carc == "236"


def test_medicare_denies_it(told_of_claim):
    assert told_of_claim({"code": "81229"}, POC, payer="medicare") == [
        (1, BUNDLED, "error", "0252U")
    ]


@pytest.mark.parametrize("modifier", ["25", "27", "57", "LT", "E1", "78"])
def test_a_modifier_that_describes_no_test_separates_no_test(told_of_claim, modifier):
    assert told_of_claim({"code": "81229"}, {**POC, "modifiers": [modifier]}) == [
        (1, BUNDLED, "warning", "0252U")
    ]
    assert told_of_claim({"code": "81229", "modifiers": [modifier]}, POC) == [
        (1, BUNDLED, "warning", "0252U")
    ]


@pytest.mark.parametrize(
    ("first", "second", "separated"),
    [([], ["25"], True), ([], ["57"], True), (["25"], [], False), (["LT"], [], True)],
)
def test_a_visit_beside_an_operation(told_of_claim, first, second, separated):
    lines = [{"code": "27447", "modifiers": first}, {"code": "99213", "modifiers": second}]
    assert told_of_claim(*lines) == ([] if separated else [(1, BUNDLED, "warning", "99213")])


@pytest.mark.parametrize("modifier", ["59", "XE", "XS", "XP", "XU", "91"])
def test_a_modifier_of_the_list_separates(told_of_claim, modifier):
    separated = {**POC, "modifiers": [modifier]}
    assert told_of_claim({"code": "81229"}, separated) == []
    assert told_of_claim({"code": "81229", "modifiers": [modifier]}, POC) == []


@pytest.mark.parametrize("modifier", ["90", "22", "26", "51", "76", "GA", "QW"])
def test_other_modifiers_do_not(told_of_claim, modifier):
    assert told_of_claim({"code": "81229"}, {**POC, "modifiers": [modifier]}) == [
        (1, BUNDLED, "warning", "0252U")
    ]


def test_indicator_0_is_lifted_by_no_modifier(told_of_claim):
    assert told_of_claim({"code": "81455"}, {"code": "81445", "modifiers": ["59"]}) == [
        (1, BUNDLED, "warning", "81445")
    ]


def test_indicator_9_is_no_edit(told_of_claim):
    day = {"service_date": "2023-01-01"}
    assert told_of_claim({"code": "81445", **day}, {"code": "88237", **day}) == []


def test_other_days_do_not_meet(told_of_claim):
    assert told_of_claim({"code": "81229"}, {**POC, "service_date": "2024-08-02"}) == []


@pytest.mark.parametrize(
    ("day", "bundled"),
    [("2019-12-31", False), ("2020-01-01", True), ("2024-06-30", True), ("2024-07-01", False)],
)
def test_a_pair_holds_from_its_first_day_to_its_last(told_of_claim, day, bundled):
    lines = [{"code": "81445", "service_date": day}, {"code": "88271", "service_date": day}]
    assert told_of_claim(*lines) == ([(1, BUNDLED, "warning", "88271")] if bundled else [])


def test_59_on_the_first_column_counts_since_july_2019(told_of_claim):
    first = {"code": "81229", "modifiers": ["59"]}
    assert told_of_claim(
        {**first, "service_date": "2019-06-30"}, {**POC, "service_date": "2019-06-30"}
    ) == [(1, BUNDLED, "warning", "0252U")]
    assert (
        told_of_claim(
            {**first, "service_date": "2019-07-01"}, {**POC, "service_date": "2019-07-01"}
        )
        == []
    )


def test_a_visit_is_told_its_own_modifiers(checker):
    lines = [{"code": "27447"}, {"code": "99213"}]
    [finding] = [f for f in checker.check_claim(lines).findings if f.code == BUNDLED]
    assert finding.hint.endswith(": 24, 25, 27 or 57.")


def test_each_line_of_column_2_is_judged_by_itself(told_of_claim):
    lines = [{"code": "81229"}, {**POC, "modifiers": ["59"]}, {**POC, "place_of_service": "81"}]
    assert [it for it in told_of_claim(*lines) if it[1] == BUNDLED] == [
        (2, BUNDLED, "warning", "0252U")
    ]


def test_two_providers_are_no_pair(told_of_claim):
    surgeon, internist = "207P00000X", "291U00000X"
    lines = [{"code": "81455", "taxonomy": surgeon}, {"code": "81445", "taxonomy": internist}]
    assert told_of_claim(*lines) == []
    lines[1]["taxonomy"] = surgeon
    assert told_of_claim(*lines) == [(1, BUNDLED, "warning", "81445")]
    del lines[1]["taxonomy"]
    assert told_of_claim(*lines) == [(1, BUNDLED, "warning", "81445")]


def two_of_one_day(first, second, day="2024-08-01"):
    return [{"service_date": day, **first}, {"service_date": day, **second}]


@pytest.fixture(scope="module")
def told_of_pair(put, tmp_path_factory):
    """The claim findings of two lines whose codes are a pair with indicator 1."""

    @cache
    def checker_of(one, two):
        folder = tmp_path_factory.mktemp("pair")
        pairs = {"ptp": [(one, two, 0, 0, 1)]}
        put(folder, "ptp-practitioner", "2024Q3", None, "2024-09-30", pairs)
        return claimcheck.Checker(data=folder)

    def tell(first, second, day="2024-08-01"):
        checker = checker_of(first["code"], second["code"])
        found = checker.check_claim(two_of_one_day(first, second, day)).findings
        return [finding.code for finding in found if finding.code == BUNDLED]

    return tell


@pytest.mark.parametrize(
    ("code", "visit", "place_of_body"),
    [
        ("01999", True, True),  # anesthesia stands before the operations
        ("10004", False, True),  # the first operation
        ("69990", False, True),
        ("79999", False, True),  # the last image
        ("80047", False, False),  # the first test
        ("88299", False, False),  # the last test without a place of the body
        ("88300", True, True),  # pathology of a specimen has one
        ("99202", True, True),
        ("0252U", False, False),
        ("0011M", False, False),
    ],
)
def test_which_modifiers_can_describe_a_service(told_of_pair, code, visit, place_of_body):
    expected = {
        **dict.fromkeys(("24", "25", "27", "57"), visit),
        **dict.fromkeys(("58", "78", "79", "LT", "F1"), place_of_body),
        **dict.fromkeys(("59", "XE", "XS", "XP", "XU", "91"), True),
    }
    separates = {
        modifier: not told_of_pair({"code": "11042"}, {"code": code, "modifiers": [modifier]})
        for modifier in expected
    }
    assert separates == expected


def test_59_and_its_like_on_the_first_column_count_since_july_2019(told_of_pair):
    for modifier in ("59", "XE", "XP", "XS", "XU"):
        first = {"code": "11042", "modifiers": [modifier]}
        for day, bundled in (("2019-06-30", [BUNDLED]), ("2019-07-01", []), (None, [])):
            assert told_of_pair(first, {"code": "15002"}, day) == bundled
    repeated = {"code": "11042", "modifiers": ["91"]}
    assert told_of_pair(repeated, {"code": "15002"}, "2019-06-30") == []


VISIT, DISTINCT = ("24", "25", "27", "57"), ("59", "XE", "XP", "XS", "XU")
TESTS = (*DISTINCT, "91")
OPERATIONS = (*DISTINCT, "LT", "RT", "58", "78", "79")


@pytest.mark.parametrize(
    ("codes", "modifiers"),
    [
        (("99202", "99213", "99499", "92002", "92014"), VISIT),
        (("99201", "99500", "92001", "92015", "J1885", "G0452", "10003", "70010"), DISTINCT),
        (("80047", "81445", "88299", "0252U", "0011M"), TESTS),
        (("10004", "27447", "69990"), OPERATIONS),
    ],
)
def test_the_modifiers_that_the_hint_names(codes, modifiers):
    assert {code: separating_modifiers(code) for code in codes} == dict.fromkeys(codes, modifiers)


def test_every_line_of_column_1_must_be_separated(told_of_claim, checker):
    apart = {"code": "81229", "modifiers": ["59"]}
    assert told_of_claim(apart, {"code": "81229"}, POC) == [(2, BUNDLED, "warning", "0252U")]
    lines = two_of_one_day({**apart, "line_id": "A"}, {"code": "81229", "line_id": "B"})
    lines.append({**POC, "service_date": "2024-08-01"})
    [finding] = [f for f in checker.check_claim(lines).findings if f.code == BUNDLED]
    assert finding.message.startswith("0252U is not paid beside 81229 (line B) on one day")
    both = two_of_one_day({"code": "81229", "line_id": "A"}, {"code": "81229", "line_id": "B"})
    both.append({**POC, "service_date": "2024-08-01"})
    [finding] = [f for f in checker.check_claim(both).findings if f.code == BUNDLED]
    assert finding.message.startswith("0252U is not paid beside 81229 (line A) on one day")


def test_the_tables_of_each_line_are_a_matter_of_its_payer(told_of_claim, folder):
    other = claimcheck.Checker(
        data=folder, config=claimcheck.Config(tables=claimcheck.TablePolicy(ignored=("cigna",)))
    )
    reports = other.check_claim(
        [
            {"code": "81229", "service_date": "2024-08-01"},
            {**POC, "service_date": "2024-08-01", "payer": "cigna"},
            {**POC, "service_date": "2024-08-01"},
        ]
    ).reports
    told = [[f.code for f in report.findings if f.code == BUNDLED] for report in reports]
    assert told == [[], [], [BUNDLED]]


def test_lines_without_a_code_are_of_no_pair(told_of_claim):
    assert told_of_claim({"code": "81229"}, {"units": 1}, POC) == [(2, BUNDLED, "warning", "0252U")]
