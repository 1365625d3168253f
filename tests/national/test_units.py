"""Units against medically unlikely edits."""

from __future__ import annotations

import pytest

import claimcheck
from claimcheck.checks.units import units_told


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


def test_a_payer_that_ignores_the_table(folder):
    policy = claimcheck.Config(tables=claimcheck.TablePolicy(ignored=("cigna",)))
    checker = claimcheck.Checker(data=folder, config=policy)
    line = {"code": "81445", "units": 2, "service_date": "2024-08-01"}
    assert "units-over-limit" in [f.code for f in checker.check(line).findings]
    found = checker.check({**line, "payer": "cigna"}).findings
    assert "units-over-limit" not in [f.code for f in found]


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


def summed(told_of_claim, *modifiers, payer):
    """Whether lines of one code that is paid once a day, with these modifiers, are added up."""
    lines = [{"code": "27447", "modifiers": given} for given in modifiers]
    return [(it[0], it[3]) for it in told_of_claim(*lines, payer=payer)] == [(1, "2")]


@pytest.mark.parametrize("part", ["26", "TC", "54", "55", "56", "62", "66", "80", "81", "82", "AS"])
def test_each_part_of_a_service_is_added_up_with_its_like_alone(told_of_claim, part):
    for payer in ("medicare", "aetna"):
        assert not summed(told_of_claim, [part], [], payer=payer)
        assert summed(told_of_claim, [part, "59"], [part], payer=payer)


SIDES = ("LT", "RT", "E1", "E2", "E3", "E4", "LC", "LD", "LM", "RC", "RI")
DIGITS = ("FA", *(f"F{n}" for n in range(1, 10)), "TA", *(f"T{n}" for n in range(1, 10)))


@pytest.mark.parametrize("place", [*SIDES, *DIGITS])
def test_each_place_of_the_body_is_one_of_its_own_unless_medicare_pays(told_of_claim, place):
    assert summed(told_of_claim, [place], ["59"], payer="medicare")
    assert not summed(told_of_claim, [place], ["59"], payer="aetna")
    assert summed(told_of_claim, [place, "59"], [place], payer="aetna")


@pytest.mark.parametrize(
    ("units", "told"),
    [
        ([8, 8], []),  # exactly what is allowed
        ([8, 8.5], [(1, "16.5")]),
        ([6, 6, 6], [(2, "18")]),  # the line with which the sum passes it
        ([10, 7, 1], [(1, "18")]),
        ([16, None], [(1, "17")]),  # a line without units counts as one
        ([17, 1], []),  # told of the line by itself
    ],
)
def test_where_the_sum_passes_the_limit(told_of_claim, units, told):
    lines = [{"code": "88305", "units": number, "modifiers": ["59"]} for number in units]
    found = told_of_claim(*lines)
    assert [(it[0], it[3]) for it in found if it[1] == "claim-units-over-limit"] == told


def test_a_code_without_a_limit_hides_no_other(told_of_claim):
    without = [{"code": "99213"}, {"code": "99213", "modifiers": ["25"]}]
    hours = [{"code": "00100", "units": 60}, {"code": "00100", "units": 60, "modifiers": ["59"]}]
    below = [{"code": "88305"}, {"code": "88305", "modifiers": ["59"]}]
    over = [{"code": "81445"}, {"code": "81445", "modifiers": ["91"]}]
    found = told_of_claim(*without, *hours, *below, *over)
    assert [it for it in found if it[1] == "claim-units-over-limit"] == [
        (7, "claim-units-over-limit", "warning", "2")
    ]


def test_a_payer_that_ignores_the_tables_hides_no_other(folder):
    policy = claimcheck.Config(tables=claimcheck.TablePolicy(ignored=("cigna",)))
    given = {"service_date": "2024-08-01"}
    twice = [{"modifiers": ["91"], **given}, given]
    lines = [{"code": "0252U", "payer": "cigna", **line} for line in twice]
    lines += [{"code": "81445", **line} for line in twice]
    reports = claimcheck.Checker(data=folder, config=policy).check_claim(lines).reports
    told = [[f.code for f in r.findings if f.code.startswith("claim-")] for r in reports]
    assert told == [[], [], [], ["claim-units-over-limit"]]


def test_modifier_50_is_advised_where_one_of_the_lines_has_it(checker):
    lines = [{"code": "27447", "modifiers": [modifier]} for modifier in ("50", "59")]
    lines = [{**line, "service_date": "2024-08-01", "payer": "medicare"} for line in lines]
    [finding] = [
        f for f in checker.check_claim(lines).findings if f.code == "claim-units-over-limit"
    ]
    assert finding.hint.endswith(
        "A procedure on both sides is one line with modifier 50 and one unit."
    )


@pytest.mark.parametrize(
    ("code", "counted"), [("00099", True), ("00100", False), ("01999", False), ("02000", True)]
)
def test_anesthesia_is_00100_to_01999(put, tmp_path, code, counted):
    put(
        *(tmp_path, "mue-practitioner", "2024Q3", "2024-07-01", "2024-09-30"),
        {"mue": [(code, 1, 2, None)]},
    )
    line = {"code": code, "units": 2, "service_date": "2024-08-01"}
    found = claimcheck.Checker(data=tmp_path).check(line).findings
    assert ("units-over-limit" in [f.code for f in found]) is counted


@pytest.mark.parametrize(
    ("units", "told"), [(999_999, "999999"), (1_000_000, "1000000"), (0.5, "0.5"), (16.0, "16")]
)
def test_units_are_told_as_people_write_them(units, told):
    assert units_told(units) == told
