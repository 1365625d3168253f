from __future__ import annotations

import json

import pytest

from claimcheck.checks import CHECKS, CLAIM_CHECKS
from claimcheck.checks.definition import HEADINGS

CHECKS_BY_SLUG = {one.finding: one for one in (*CHECKS, *CLAIM_CHECKS)}


def test_a_code(run):
    result = run("explain", "0252U")
    assert result.exit_code == 0
    assert result.stderr == ""
    assert result.stdout.startswith("0252U: ")
    for heading in ("Modifiers", "Places of service", "Diagnoses", "Taxonomies", "Facts"):
        assert f"\n{heading}\n" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 100


def test_a_code_in_any_case(run):
    assert run("explain", "0252u").stdout == run("explain", "0252U").stdout


def test_values_of_a_code(run):
    text = run("explain", "0252U", "80", "12", "o039", "207V00000X").stdout
    assert "codes/0252U#modifiers/80" in text
    assert "families/laboratory#modifiers/80" in text
    assert "families/pla#places/12" in text
    assert "codes/0252U#diagnoses/O03.9" in text
    assert "names it as the code that was meant" in text
    assert "Facts" not in text


def test_a_value_that_no_rule_mentions(run):
    assert "  ZZ\n    no rule mentions it\n" in run("explain", "0252U", "ZZ").stdout


def test_json(run):
    told = json.loads(run("explain", "0252U", "80", "--format", "json").stdout)
    (value,) = told["values"]
    assert [(e["layer"], e["state"]) for e in value["entries"]] == [
        ("families/laboratory", "overruled"),
        ("codes/0252U", "decides"),
    ]


def test_a_date_before_the_code(run):
    told = json.loads(run("explain", "0252U", "--date", "2020-01-01", "--format", "json").stdout)
    assert told["in_effect"] is False


@pytest.mark.parametrize("slug", CHECKS_BY_SLUG)
def test_a_finding(run, slug):
    result = run("explain", slug)
    assert result.exit_code == 0
    assert result.stdout.startswith(f"{slug}: ")
    for heading in HEADINGS:
        assert f"\n{heading}\n  " in result.stdout


def test_a_finding_as_json(run):
    told = json.loads(run("explain", "modifier-not-applicable", "--format", "json").stdout)
    assert list(told["sections"]) == list(HEADINGS)
    assert (told["field"], told["carc"]) == ("modifiers", "4")


GALLERY = {
    ("modifier-unknwn",): "there is no finding modifier-unknwn; the nearest: modifier-unknown, "
    "code-unknown, modifier-unlisted",
    ("0253U",): "no rule file speaks of 0253U; the nearest: 0252U",
    ("zzz",): "zzz is neither a procedure code with rules nor a finding",
    ("0252U", "Quimby"): "a value is none of: a modifier (two characters), a place of service (two "
    "digits), a diagnosis such as O03.9, a taxonomy (ten characters, the last X)",
}


@pytest.mark.parametrize(("arguments", "message"), GALLERY.items())
def test_what_there_is_not(run, arguments, message):
    result = run("explain", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"claimcheck: {message}\n"


def test_a_code_without_rules_names_those_that_have(run):
    result = run("explain", "99213")
    assert result.exit_code == 2
    assert "no rule file speaks of 99213" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["0252U", "--date", "May"], "--date is a day such as 2026-05-04"),
        (["modifier-unknown", "80"], "a finding is explained without values"),
    ],
)
def test_usage(run, arguments, message):
    result = run("explain", *arguments)
    assert result.exit_code == 2
    assert result.stderr.rstrip().endswith(message)
