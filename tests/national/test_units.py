"""Units against medically unlikely edits."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("code", "units", "over"),
    [
        ("81445", 1, False),
        ("81445", 2, True),
        ("88305", 16, False),
        ("88305", 16.5, True),
        ("J1885", 9, True),
        ("00100", 45, False),  # anesthesia: units may be minutes
        ("99213", 50, False),  # no published limit
    ],
)
def test_a_line(told, code, units, over):
    given = [it for it in told(code=code, units=units) if it[0] == "units-over-limit"]
    assert given == ([("units-over-limit", "warning", f"{units:g}")] if over else [])


def test_medicare_denies(told):
    assert ("units-over-limit", "error", "2") in told(code="81445", units=2, payer="medicare")


def test_the_words(checker):
    [finding] = checker.check({"code": "0252U", "units": 2, "diagnoses": ["O03.9"]}).findings
    assert finding.field == "units"
    assert finding.message == (
        "The line has 2 units of 0252U; the MUE table for practitioners (2024Q3) allows 1 for the day "
        "(adjudication indicator 3)."
    )
    assert finding.rule == "tables/mue-practitioner#0252U"
    assert finding.carc == "151"


def test_units_of_a_day_are_summed_over_the_lines_of_a_claim(told_of_claim):
    one = {"code": "0252U", "units": 1, "diagnoses": ["O03.9"]}
    other = {**one, "modifiers": ["59"], "conditions": ["distinct-service"]}
    assert told_of_claim(one, other) == [(1, "claim-units-over-limit", "warning", "2")]
    assert told_of_claim(one, {**other, "service_date": "2024-08-02"}) == []
    assert told_of_claim(one, other, payer="medicare") == [
        (1, "claim-units-over-limit", "error", "2")
    ]


def test_lines_without_units_count_as_one(told_of_claim):
    assert told_of_claim({"code": "81445"}, {"code": "81445", "modifiers": ["91"]}) == [
        (1, "claim-units-over-limit", "warning", "2")
    ]


def test_a_line_over_the_limit_by_itself_is_told_once(checker):
    lines = [{"code": "81445", "units": 2}, {"code": "81445", "units": 1, "modifiers": ["91"]}]
    reports = checker.check_claim(lines).reports
    told = [f.code for report in reports for f in report.findings if "over-limit" in f.code]
    assert told == ["units-over-limit"]


def test_a_limit_per_line_is_not_summed(told_of_claim):
    lines = [{"code": "J1885", "units": 8}, {"code": "J1885", "units": 8, "modifiers": ["76"]}]
    assert told_of_claim(*lines) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["26"], ["TC"]),
        (["54"], ["55"]),
        ([], ["AS"]),
        ([], ["80"]),
        (["62"], ["80"]),
    ],
)
def test_parts_of_one_service_are_not_added_up(told_of_claim, one, other):
    lines = [{"code": "27447", "modifiers": one}, {"code": "27447", "modifiers": other}]
    for payer in ("medicare", "aetna"):
        assert told_of_claim(*lines, payer=payer) == []


def test_providers_are_not_added_up(told_of_claim):
    lines = [
        {"code": "27447", "modifiers": ["59"], "taxonomy": "207P00000X"},
        {"code": "27447", "modifiers": ["59"], "taxonomy": "291U00000X"},
    ]
    assert told_of_claim(*lines, payer="medicare") == []


def test_two_sides_are_one_line_for_medicare_and_two_for_others(told_of_claim, checker):
    lines = [{"code": "27447", "modifiers": ["LT"]}, {"code": "27447", "modifiers": ["RT"]}]
    assert told_of_claim(*lines, payer="aetna") == []
    assert told_of_claim(*lines, payer="medicare") == [(1, "claim-units-over-limit", "error", "2")]
    report = checker.check_claim([{**line, "payer": "medicare"} for line in lines])
    [finding] = [f for f in report.findings if f.code == "claim-units-over-limit"]
    assert finding.hint == (
        "Check the units against the record. A procedure on both sides is one line with modifier 50 "
        "and one unit."
    )


@pytest.mark.parametrize(("payer", "severity"), [("medicare", "warning"), ("aetna", "info")])
def test_a_limit_of_0_says_that_the_setting_does_not_pay(told, checker, payer, severity):
    line = {"code": "E0601", "units": 1, "payer": payer, "service_date": "2024-08-01"}
    assert ("units-over-limit", severity, "1") in told(**line)
    [finding] = [f for f in checker.check(line).findings if f.code == "units-over-limit"]
    assert finding.message == (
        "The MUE table for practitioners (2024Q3) allows no unit of E0601: in this setting it is not "
        "paid."
    )
