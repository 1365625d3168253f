"""The explanation of a line, as the library gives it."""

from __future__ import annotations

import json

import pytest

import claimcheck
from claimcheck.explanation import explain_code, explain_family, explain_line
from claimcheck.line import read_line

LINE = {
    "code": "0252U",
    "modifiers": ["80", "22", "", "XX"],
    "place_of_service": "81",
    "diagnoses": ["O03.9", "J06.9"],
    "taxonomy": "207P00000X",
    "payer": "Aetna",
    "service_date": "2026-05-04",
}


@pytest.fixture(scope="module")
def explained(checker):
    return explain_line(checker, read_line(LINE))


def test_every_value_is_there(explained):
    assert [(v.field, v.index, v.value) for v in explained.values] == [
        ("modifiers", 0, "80"),
        ("modifiers", 1, "22"),
        ("modifiers", 3, "XX"),
        ("place_of_service", None, "81"),
        ("diagnoses", 0, "O03.9"),
        ("diagnoses", 1, "J06.9"),
        ("taxonomy", None, "207P00000X"),
    ]


def test_every_layer_that_speaks_is_there(explained):
    eighty = explained.values[0]
    assert [(e.entry.id, e.state) for e in eighty.entries] == [
        ("families/laboratory#modifiers/80", "overruled"),
        ("codes/0252U#modifiers/80", "decides"),
    ]
    assert [finding.code for finding in eighty.findings] == ["modifier-not-applicable"]


def test_values_that_no_layer_mentions(explained):
    assert [value.value for value in explained.unlisted] == ["XX", "J06.9"]


def test_every_finding_is_told_once(explained):
    told = [f for value in explained.values for f in value.findings]
    assert sorted(map(repr, [*told, *explained.other_findings])) == sorted(
        map(repr, explained.report.findings)
    )


def test_the_deciding_entry_is_that_of_the_finding(checker):
    for modifier in ("80", "22", "26", "90", "62", "QK"):
        explained = checker.explain({"code": "0252U", "modifiers": [modifier], "diagnoses": "N96"})
        (value,) = [v for v in explained.values if v.field == "modifiers"]
        deciding = [e.entry.id for e in value.entries if e.state == "decides"]
        assert len(deciding) == 1
        rules = {f.rule for f in value.findings if f.rule.startswith(("codes/", "families/"))}
        assert rules <= set(deciding)


def test_the_rest_is_there(explained):
    assert explained.layers == ("families/laboratory", "families/pla", "codes/0252U")
    assert explained.payer == "aetna"
    assert "aetna" in explained.payers_examined
    assert {related.code for related in explained.related} >= {"88271", "81229"}
    assert any(fact.fact == "single-laboratory" for fact in explained.facts)
    assert dict(explained.sources)["openpayer-0252u"]


def test_it_is_json(explained):
    assert json.loads(json.dumps(explained.as_dict()))["values"][0]["value"] == "80"


@pytest.mark.parametrize("width", [60, 80, 100])
def test_its_text_keeps_to_the_width(explained, width):
    text = explained.as_text(width)
    too_wide = [row for row in text.splitlines() if len(row) > width]
    # An id is one word and is never broken.
    assert all(" " not in row.strip() for row in too_wide)


def test_what_is_no_part_of_the_rules_is_not_told(checker):
    line = {**LINE, "payer": "Quimby Zanzibar", "diagnoses": ["Quimby Zanzibar"]}
    explained = checker.explain(line)
    assert explained.payer is None
    for told in (explained.as_text(), json.dumps(explained.as_dict()), repr(explained)):
        assert "uimby" not in told
        assert "2026-05-04" not in told


def test_a_line_without_a_rule(checker):
    explained = checker.explain({"code": "99213", "modifiers": ["25"]})
    assert explained.title is None
    assert explained.in_effect is None
    assert [value.entries for value in explained.values] == [()]
    assert explained.as_text().startswith("99213: no rule file speaks of it\n")


def test_a_line_without_a_code(checker):
    assert checker.explain({}).as_text().startswith("no readable procedure code: ")


def test_a_code_before_it_began(checker):
    import datetime

    explained = explain_code(checker, "0252U", day=datetime.date(2020, 1, 1))
    assert explained.in_effect is False


def test_a_conflict_is_told_with_its_modifiers(checker):
    explained = checker.explain({"code": "81452", "modifiers": ["26", "TC"]})
    assert [conflict.modifiers for conflict in explained.conflicts] == [("26", "TC")]
    assert not checker.explain({"code": "81452", "modifiers": ["26"]}).conflicts


def test_a_value_may_stand_in_two_sections(checker):
    fields = {value.field for value in explain_code(checker, "0252U", ["22"]).values}
    assert fields >= {"modifiers"}
    with pytest.raises(ValueError, match=r"^a value is none of"):
        explain_code(checker, "0252U", ["Quimby Zanzibar"])


def test_an_ordering_taxonomy_is_judged_as_such_alone(checker):
    # Disputed, and listed as performing: told of the performing provider only.
    states = {}
    for field in ("taxonomy", "ordering_taxonomy"):
        told = checker.explain({"code": "0252U", field: "363A00000X"}).as_dict()
        (value,) = told["values"]
        (entry,) = value["entries"]
        states[field] = entry["state"], [finding["code"] for finding in value["findings"]]
    assert states == {
        "taxonomy": ("decides", ["taxonomy-disputed"]),
        "ordering_taxonomy": ("other-role", ["taxonomy-unlisted"]),
    }


def test_a_family(checker):
    explained = explain_family(checker, "pla")
    assert (explained.code, explained.family) == (None, "pla")
    assert explained.layers == ("families/laboratory", "families/pla")
    assert explained.as_text().startswith("pla: ")
    with pytest.raises(KeyError):
        explain_family(checker, "none")


def test_the_public_name():
    assert claimcheck.Explanation is type(claimcheck.Checker().explain({"code": "0252U"}))
