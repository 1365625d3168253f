"""Codes, modifiers, taxonomies and diagnoses against imported lists, by date of service."""

from __future__ import annotations

import pytest

import claimcheck


def told_of(told, slugs, **line):
    return [it for it in told(**line) if it[0] in slugs]


@pytest.mark.parametrize(
    ("code", "day", "expected"),
    [
        ("0480U", "2024-06-30", ("code-not-in-effect", "error", "0480U")),
        ("0480U", "2024-07-01", None),
        ("C9803", "2024-08-01", ("code-not-in-effect", "error", "C9803")),
        ("G0452", "2024-08-01", None),
        ("G9999", "2024-08-01", ("code-unknown", "warning", "G9999")),
        ("G9999", "2025-08-01", None),
        ("D0120", "2024-08-01", None),  # dental codes are not in the list
        ("81454", "2024-08-01", ("code-unknown", "warning", "81454")),
        ("87880", "2024-08-01", None),
        ("0999U", "2024-08-01", ("code-unknown", "warning", "0999U")),
        ("0002M", "2024-08-01", None),
        ("0999T", "2024-08-01", ("code-unknown", "warning", "0999T")),
        ("9999F", "2024-08-01", ("code-unknown", "warning", "9999F")),
    ],
)
def test_codes(told, code, day, expected):
    given = told_of(told, ("code-unknown", "code-not-in-effect"), code=code, service_date=day)
    assert given == ([] if expected is None else [expected])


def test_a_code_whose_own_rule_file_disputes_it_is_told_once(told):
    given = told(code="81452", diagnoses=["C50.911"])
    assert [it[0] for it in given if it[0].startswith("code-")] == ["code-disputed"]


def test_whoever_ignores_medicares_tables_is_told_of_the_other_lists(folder):
    policy = claimcheck.Config(tables=claimcheck.TablePolicy(ignored=("cigna",)))
    checker = claimcheck.Checker(data=folder, config=policy)

    def told(code):
        line = {"code": code, "payer": "cigna", "service_date": "2024-08-01"}
        return [f.code for f in checker.check(line).findings if f.code == "code-unknown"]

    assert told("G9999") == ["code-unknown"]
    assert [told(code) for code in ("81454", "0999U", "0002M", "D0120")] == [[], [], [], []]


@pytest.mark.parametrize(
    ("modifier", "day", "expected"),
    [
        ("ZZ", "2024-07-31", []),
        ("ZZ", "2024-08-01", [("modifier-unknown", "error", "ZZ")]),
        ("YY", "2024-08-01", [("modifier-unknown", "error", "YY")]),
        ("YY", "2025-08-01", [("modifier-unknown", "info", "YY")]),
        ("LT", "2024-08-01", []),
    ],
)
def test_modifiers(told, modifier, day, expected):
    assert (
        told_of(told, ("modifier-unknown",), code="99213", modifiers=[modifier], service_date=day)
        == expected
    )


@pytest.mark.parametrize(
    ("taxonomy", "day", "expected"),
    [
        ("207P00000X", "2025-10-01", []),
        ("207PX0000X", "2025-10-01", [("taxonomy-unknown", "error", "207PX0000X")]),
        ("207PX0000X", "2026-04-01", [("taxonomy-unknown", "info", "207PX0000X")]),
        ("207PX0000X", None, [("taxonomy-unknown", "error", "207PX0000X")]),
        ("204V00000X", "2026-04-01", [("taxonomy-unknown", "error", "204V00000X")]),
    ],
)
def test_taxonomies(told, taxonomy, day, expected):
    given = told_of(told, ("taxonomy-unknown",), code="99213", taxonomy=taxonomy, service_date=day)
    assert given == expected


@pytest.mark.parametrize(
    ("diagnosis", "day", "expected"),
    [
        ("O03.9", "2024-08-01", []),
        ("E66.81", "2024-08-01", [("diagnosis-unknown", "error", "E66.81")]),
        ("E66.81", "2024-10-01", [("diagnosis-not-billable", "error", "E66.81")]),
        ("O03", "2024-09-30", [("diagnosis-not-billable", "error", "O03")]),
        ("O03", "2024-10-01", [("diagnosis-unknown", "error", "O03")]),
        ("O03", "2026-05-04", [("diagnosis-not-billable", "error", "O03")]),  # embedded
        ("O03.9", "2020-01-01", []),
    ],
)
def test_diagnoses_by_the_edition_of_the_date(told, diagnosis, day, expected):
    slugs = ("diagnosis-unknown", "diagnosis-not-billable")
    given = told_of(told, slugs, code="99213", diagnoses=[diagnosis], service_date=day)
    assert given == expected


def test_which_edition_is_named(checker):
    line = {"code": "99213", "diagnoses": ["E66.81"], "service_date": "2024-08-01"}
    [finding] = [f for f in checker.check(line).findings if f.code == "diagnosis-unknown"]
    assert finding.message == "Diagnosis E66.81 is not in ICD-10-CM FY2024."
    assert finding.citations[0].source == "icd10cm-FY2024"
