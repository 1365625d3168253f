"""Modifiers against the fee schedules; what is expected is written by hand from their indicators."""

from __future__ import annotations

import pytest

NOT_PAYABLE, DOCUMENT = "modifier-not-payable", "modifier-needs-documentation"


@pytest.mark.parametrize(
    ("code", "modifier", "expected"),
    [
        # 26 and TC by the PC/TC indicator, and by rows of their own
        ("88305", "26", None),
        ("88305", "TC", None),
        ("84165", "26", None),
        ("84165", "TC", NOT_PAYABLE),
        ("81445", "26", NOT_PAYABLE),
        ("81445", "TC", NOT_PAYABLE),
        ("99213", "26", NOT_PAYABLE),
        ("J1885", "26", NOT_PAYABLE),
        ("43842", "26", None),  # not covered by Medicare: its 9 tells nothing
        ("77387", "26", None),  # not Medicare's: no indicator of it tells anything
        # 50 by the bilateral indicator
        ("27447", "50", None),
        ("11042", "50", NOT_PAYABLE),
        ("92014", "50", NOT_PAYABLE),
        ("81445", "50", NOT_PAYABLE),
        # assistants
        ("27447", "80", None),
        ("27447", "AS", None),
        ("11042", "80", NOT_PAYABLE),
        ("99213", "80", NOT_PAYABLE),
        ("99213", "AS", NOT_PAYABLE),
        ("59400", "82", NOT_PAYABLE),
        ("81445", "81", NOT_PAYABLE),
        ("43842", "80", None),
        # co-surgeons and teams
        ("27447", "62", DOCUMENT),
        ("33533", "62", NOT_PAYABLE),
        ("33533", "66", DOCUMENT),
        ("27447", "66", NOT_PAYABLE),
        # global days
        ("27447", "54", None),
        ("27447", "55", None),
        ("11042", "56", NOT_PAYABLE),
        ("99213", "54", NOT_PAYABLE),
        ("59400", "54", None),  # maternity: left to its own rules
        ("27447", "78", None),
        ("11042", "58", None),  # a procedure without global days may follow another
        ("99213", "79", NOT_PAYABLE),
        ("99213", "24", None),
        ("99213", "57", None),
        ("27447", "24", NOT_PAYABLE),
        ("27447", "57", NOT_PAYABLE),
        ("88305", "57", NOT_PAYABLE),
        # anesthesia
        ("00100", "QK", None),
        ("00100", "P3", None),
        ("27447", "QK", NOT_PAYABLE),
        ("99213", "P3", NOT_PAYABLE),
        ("99100", "AA", None),
        ("81445", "23", NOT_PAYABLE),
        # waived tests
        ("87880", "QW", None),
        ("81445", "QW", NOT_PAYABLE),
        ("99213", "QW", NOT_PAYABLE),
        # work of a procedure
        ("81445", "22", NOT_PAYABLE),
        ("27447", "22", None),
        ("27447", "51", None),
        # what the tables leave open
        ("99213", "25", None),
        ("27447", "LT", None),
        ("81445", "59", None),
        ("81445", "90", None),
    ],
)
def test_a_code_without_rule_file(told, code, modifier, expected):
    level = "info" if expected == DOCUMENT else "warning"
    assert told(code=code, modifiers=[modifier]) == (
        [] if expected is None else [(expected, level, modifier)]
    )


@pytest.mark.parametrize(
    ("payer", "severity"),
    [
        ("medicare", "error"),
        ("Medicare", "error"),
        ("Medicare Part B", "error"),
        ("Aetna", "warning"),
        (None, "warning"),
    ],
)
def test_how_loud_the_tables_are_is_a_matter_of_the_payer(told, payer, severity):
    given = told(code="99213", modifiers=["80"], payer=payer)
    assert given == [(NOT_PAYABLE, severity, "80")]


def test_the_words(checker):
    [finding] = checker.check(
        {"code": "99213", "modifiers": ["25", "80"], "payer": "medicare", "diagnoses": ["J06.9"]}
    ).findings
    assert finding.index == 1
    assert finding.message == (
        "Modifier 80 does not fit 99213: by the Medicare physician fee schedule (2024Q3), 99213 has "
        "no global surgery days (XXX) and is no operation to assist at."
    )
    assert finding.hint == "Remove modifier 80 if it does not describe this service."
    assert finding.rule == "tables/mpfs#99213/global-days"
    assert [(c.source, c.at) for c in finding.citations] == [("mpfs-2024Q3", "99213, global days")]
    assert finding.carc == "4"


def test_a_laboratory_code_that_no_physician_fee_schedule_has(told):
    assert told(code="0252U", modifiers=["81"], diagnoses=["O03.9"]) == [
        ("modifier-not-applicable", "error", "81")
    ]
    assert told(code="0252U", modifiers=["QW"], diagnoses=["O03.9"])[0][0] in (
        "modifier-not-applicable",
        "modifier-not-payable",
    )


def test_a_rule_that_speaks_of_the_modifier_comes_first(told):
    """0252U with 80: one finding, the rule's; the table agrees and is not told twice."""
    assert told(code="0252U", modifiers=["80"], diagnoses=["O03.9"]) == [
        ("modifier-not-applicable", "error", "80")
    ]


def test_outside_the_quarter_nothing_is_claimed(told, checker):
    for day in ("2024-06-30", "2024-10-01"):
        line = {"code": "99213", "modifiers": ["80"], "payer": "medicare", "service_date": day}
        assert told(**line) == [("code-no-rule", "info", "99213")]
        report = checker.check(line)
        assert report.status == "not-checked"
        assert report.coverage["mpfs"] == "out-of-date-range"


def test_first_and_last_day_of_the_quarter(told):
    for day in ("2024-07-01", "2024-09-30"):
        assert told(code="99213", modifiers=["80"], service_date=day) == [
            (NOT_PAYABLE, "warning", "80")
        ]
