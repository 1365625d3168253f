"""Verdicts on 0252U, written by hand from its document and the official lists."""

from __future__ import annotations

import pytest

CLEAN = {"code": "0252U", "place_of_service": "81", "diagnoses": ["O03.9"]}


def line(**changes):
    return {**CLEAN, **changes}


@pytest.mark.parametrize("diagnosis", ["O03.9", "O02.1", "N96"])
def test_a_named_reason_is_clean(checker, diagnosis):
    report = checker.check(line(diagnoses=[diagnosis]))
    assert report.findings == ()
    assert report.status == "clean"
    assert report.ok


@pytest.mark.parametrize("modifier", ["80", "82", "QK", "QX"])
def test_modifiers_that_the_document_refuses_are_errors(told, modifier):
    assert told(**line(modifiers=[modifier])) == [("modifier-not-applicable", "error", modifier)]


@pytest.mark.parametrize("modifier", ["62", "78"])
def test_hedged_refusals_are_warnings(told, modifier):
    assert told(**line(modifiers=[modifier])) == [("modifier-not-applicable", "warning", modifier)]


@pytest.mark.parametrize("modifier", ["22", "26", "53", "56", "AS"])
def test_what_the_document_allows_and_the_official_lists_refuse_is_a_warning(told, modifier):
    assert told(**line(modifiers=[modifier])) == [("modifier-disputed", "warning", modifier)]


def test_a_condition_that_only_the_document_names_is_an_info(told):
    assert told(**line(modifiers=["52"])) == [("modifier-needs-condition", "info", "52")]
    confirmed = line(modifiers=["52"], conditions=["partial-test-performed"])
    assert told(**confirmed) == []


def test_there_is_no_modifier_00(checker):
    unknown, disputed = checker.check(line(modifiers=["00"])).findings
    assert (unknown.code, unknown.severity, unknown.value) == ("modifier-unknown", "error", "00")
    assert unknown.message == "Modifier 00 does not exist: no CPT modifier has these two digits."
    assert disputed.code == "modifier-disputed"
    assert disputed.severity == "warning"


@pytest.mark.parametrize("modifier", ["59", "XE", "XS", "XP", "XU", "90", "91", "GA", "GX", "GY"])
def test_modifiers_of_laboratory_lines_ask_for_their_condition_only(checker, modifier):
    (finding,) = checker.check(line(modifiers=[modifier])).findings
    assert finding.code == "modifier-needs-condition"
    assert finding.severity == "info"
    name = finding.message.split("only when ")[1].split(" holds")[0]
    assert checker.check(line(modifiers=[modifier], conditions=[name])).status == "clean"


def test_the_finding_names_rule_row_and_denial(checker):
    (finding,) = checker.check(line(modifiers=["80"])).findings
    assert finding.field == "modifiers"
    assert finding.index == 0
    assert finding.rule == "codes/0252U#modifiers/80"
    assert [str(c) for c in finding.citations] == ["openpayer-0252u: modifier table, row 80"]
    assert finding.carc == "4"


def test_a_header_is_an_error_on_a_day_that_the_list_covers(checker):
    report = checker.check(line(diagnoses=["O00.9"], service_date="2026-05-04"))
    header = next(f for f in report.findings if f.code == "diagnosis-not-billable")
    assert header.severity == "error"
    assert header.hint.endswith("O00.90, O00.91.")
    assert not report.ok


@pytest.mark.parametrize("day", ["2026-03-31", "2026-10-01"])
def test_a_header_is_an_info_on_a_day_that_the_list_does_not_cover(checker, day):
    report = checker.check(line(diagnoses=["O00.9"], service_date=day))
    header = next(f for f in report.findings if f.code == "diagnosis-not-billable")
    assert header.severity == "info"
    assert report.coverage["diagnoses"] == "out-of-date-range"


@pytest.mark.parametrize(
    ("day", "severity"),
    [
        ("2026-03-31", "info"),
        ("2026-04-01", "error"),
        ("2026-09-30", "error"),
        ("2026-10-01", "info"),
        (None, "error"),
    ],
)
def test_an_unknown_diagnosis_is_judged_by_the_vintage(told, day, severity):
    findings = told(**line(diagnoses=["O03.9", "O99.999"], service_date=day))
    assert findings == [("diagnosis-unknown", severity, "O99.999")]


def test_supervision_of_a_normal_pregnancy_alone_does_not_support_the_test(told):
    assert told(**line(diagnoses=["Z34.90"])) == [("diagnosis-not-supporting", "warning", "Z34.90")]


def test_supervision_of_a_normal_pregnancy_excludes_a_miscarriage(told):
    expected = [("diagnosis-excludes", "warning", "Z34.90")]
    assert told(**line(diagnoses=["O03.9", "Z34.90"])) == expected


def test_a_cold_does_not_support_the_test(told):
    assert told(**line(diagnoses=["J06.9"])) == [("diagnosis-not-supporting", "warning", "J06.9")]


def test_a_misnamed_diagnosis_still_supports_the_test(told):
    assert told(**line(diagnoses=["O03.4"])) == [("diagnosis-disputed", "info", "O03.4")]


def test_emergency_medicine_is_not_obstetrics(checker):
    (finding,) = checker.check(line(taxonomy="207P00000X")).findings
    assert (finding.code, finding.severity) == ("taxonomy-disputed", "warning")
    assert "Emergency Medicine" in finding.message
    assert "207V00000X" in finding.message
    (ordering,) = checker.check(line(ordering_taxonomy="207P00000X")).findings
    assert (ordering.code, ordering.severity) == ("taxonomy-disputed", "info")
    assert checker.check(line(ordering_taxonomy="207V00000X")).status == "clean"


def test_a_laboratory_performs_and_bills(told):
    assert told(**line(taxonomy="291U00000X", billing_taxonomy="291U00000X")) == []


def test_a_dentist_does_not_perform_it(told):
    expected = [("taxonomy-not-applicable", "warning", "122300000X")]
    assert told(**line(taxonomy="122300000X")) == expected


def test_a_taxonomy_of_no_version_is_an_error(told):
    assert told(**line(taxonomy="204V00000X")) == [
        ("taxonomy-unknown", "error", "204V00000X"),
        ("taxonomy-disputed", "warning", "204V00000X"),
    ]


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("97", [("place-unassigned", "error", "97")]),
        ("12", [("place-not-applicable", "warning", "12")]),
        ("02", [("place-not-applicable", "warning", "02")]),
        ("10", [("place-not-applicable", "warning", "10")]),
        ("41", [("place-not-applicable", "warning", "41")]),
        ("11", []),
        ("19", []),
        ("21", []),
        ("22", []),
        ("23", []),
        ("49", []),
        ("81", []),
    ],
)
def test_places(told, place, expected):
    assert told(**line(place_of_service=place)) == expected


def test_five_modifiers_are_an_error(checker):
    report = checker.check(line(modifiers=["59", "90", "GA", "KX", "Q0"]))
    finding = next(f for f in report.findings if f.code == "modifier-too-many")
    assert (finding.severity, finding.index) == ("error", 4)


@pytest.mark.parametrize(
    "given",
    [
        {"code": "0252u"},
        {"code": " 0252U "},
        {"diagnoses": ["O039"]},
        {"diagnoses": ["o03.9 "]},
        {"diagnoses": "o039"},
        {"diagnoses": "O03.9;N96"},
        {"place_of_service": "81 "},
        {"place_of_service": 81},
        {"place_of_service": 81.0},
        {"taxonomy": "291u00000x"},
        {"modifiers": []},
        {"modifiers": ""},
        {"modifiers": ["", None, "  "]},
        {"units": "1"},
        {"units": 1.0},
        {"service_date": "05/04/2026"},
        {"service_date": "20260504"},
        {"service_date": "2026-05-04T10:30:00"},
    ],
)
def test_usual_ways_of_writing_are_understood(told, given):
    assert told(**line(**given)) == []


@pytest.mark.parametrize("text", ["26,59", "26-59", "26 59", "26, 59", "26;59", ["26,59"]])
def test_modifiers_in_one_text_are_understood(checker, text):
    report = checker.check(line(modifiers=text))
    assert [(f.value, f.index) for f in report.findings] == [("26", 0), ("59", 1)]


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2021-06-30", [("code-not-in-effect", "error", "0252U")]),
        ("2021-07-01", []),
        ("2026-05-04", []),
    ],
)
def test_the_code_begins_on_its_effective_date(told, day, expected):
    assert told(**line(service_date=day)) == expected
