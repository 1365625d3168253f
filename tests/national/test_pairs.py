"""Pairs of procedure codes on one claim and day."""

from __future__ import annotations

import pytest

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
