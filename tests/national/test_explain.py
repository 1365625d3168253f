"""What ``explain`` tells of the imported tables."""

from __future__ import annotations

from datetime import date

import pytest

from claimcheck.codesets.national import table_facts

DAY = date(2024, 8, 1)


@pytest.mark.parametrize(
    ("code", "modifiers", "expected"),
    [
        (
            "88305",
            ["26", "59"],
            [
                (
                    "status A, PC/TC 1, global days XXX, bilateral 0, assistant 0, co-surgeons 0, team "
                    "0, rows with 26, TC",
                    "mpfs-2024Q3",
                ),
                ("at most 16 units, adjudication indicator 3", "mue-practitioner-2024Q3"),
                ("modifier 26 accepted: 88305 has a professional component", "mpfs-2024Q3"),
            ],
        ),
        (
            "87880",
            [],
            [("paid as a laboratory test and with QW", "clfs-2024Q3")],
        ),
        (
            "0252U",
            [],
            [
                ("paid as a laboratory test", "clfs-2024Q3"),
                ("at most 1 unit, adjudication indicator 3", "mue-practitioner-2024Q3"),
                (
                    "column 1 of 1 pair: codes that are not paid beside it",
                    "ptp-practitioner-2024Q3",
                ),
                ("a PLA code from 2021-07-01", "pla-2024Q3"),
            ],
        ),
        ("0071U", [], [("an add-on code (type 1) to 0070U", "addon-2024Q3")]),
        ("0054T", [], [("an add-on code (type 2) to what the contractor says", "addon-2024Q3")]),
        ("C9803", [], [("a HCPCS Level II code from 2020-03-01 to 2023-12-31", "hcpcs-2024Q3")]),
        ("99999", ["26"], []),
    ],
)
def test_facts(checker, code, modifiers, expected):
    told = table_facts(checker.tables, code, modifiers, DAY)
    assert [(fact.says, fact.citation.source) for fact in told] == expected


def test_a_day_that_no_table_covers_has_no_facts(checker):
    assert [*table_facts(checker.tables, "88305", ["26"], date(2030, 1, 1))] == []


def test_an_explained_line_has_them(checker):
    explanation = checker.explain({"code": "99213", "modifiers": ["80"], "service_date": DAY})
    assert [fact.says for fact in explanation.tables][-1] == (
        "modifier 80 refused: 99213 has no global surgery days (XXX) and is no operation to assist at"
    )
    assert dict(explanation.sources)["mpfs-2024Q3"] == "Medicare physician fee schedule, 2024Q3"
    text = explanation.as_text()
    assert "Imported tables\n  status A, PC/TC 0" in text
    assert "source: Medicare physician fee schedule, 2024Q3 (mpfs-2024Q3): 99213" in text
