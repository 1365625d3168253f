"""Verdicts on 81452, written by hand from its document and the official lists."""

from __future__ import annotations

import pytest

CLEAN = {"code": "81452", "place_of_service": "81", "diagnoses": ["C50.911"]}
ALWAYS = ("code-disputed", "warning", "81452")


@pytest.mark.parametrize("given", [{}, {"service_date": "2026-05-04"}, {"payer": "bcbs"}])
def test_the_code_is_always_disputed(told, given):
    assert told(**CLEAN, **given) == [ALWAYS]


def test_the_dispute_names_the_code_that_was_meant(checker):
    (finding,) = checker.check(CLEAN).findings
    assert "81445" in finding.message
    assert finding.rule == "codes/81452#code"


def test_both_components_together_are_an_error(told):
    assert told(**CLEAN, modifiers=["26", "TC"]) == [
        ALWAYS,
        ("modifier-conflict", "error", "TC"),
        ("modifier-disputed", "warning", "26"),
        ("modifier-disputed", "warning", "TC"),
    ]


def test_leukemia_is_no_solid_tumor(told):
    given = {**CLEAN, "diagnoses": ["C91.00"]}
    assert told(**given) == [ALWAYS, ("diagnosis-not-indicated", "warning", "C91.00")]


@pytest.mark.parametrize("diagnosis", ["C50.911", "C34.90", "C18.9", "C61", "C25.9", "C71.9"])
def test_a_solid_tumor_supports_the_panel(told, diagnosis):
    assert told(**{**CLEAN, "diagnoses": [diagnosis]}) == [ALWAYS]


@pytest.mark.parametrize(
    ("modifier", "severity"), [("62", "error"), ("QK", "error"), ("80", "error"), ("95", "error")]
)
def test_the_family_speaks_where_the_document_is_silent(checker, modifier, severity):
    finding = checker.check({**CLEAN, "modifiers": [modifier]}).findings[1]
    assert (finding.code, finding.severity) == ("modifier-not-applicable", severity)
    assert finding.rule == f"families/laboratory#modifiers/{modifier}"


def test_the_document_names_a_pathologist(told):
    assert told(**CLEAN, taxonomy="207ZP0102X") == [ALWAYS]


def test_coverage_says_whether_the_source_examined_the_payer(checker):
    assert checker.check({**CLEAN, "payer": "BCBS"}).coverage["payer"] == "checked"
    assert checker.check({**CLEAN, "payer": "Aetna"}).coverage["payer"] == "payer-not-examined"
    assert checker.check(CLEAN).coverage["payer"] == "no-value"
