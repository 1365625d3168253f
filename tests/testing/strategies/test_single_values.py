"""``modifiers`` and ``diagnoses``: by what the rules say of them."""

from __future__ import annotations

from datetime import date

import pytest

import claimcheck
from claimcheck.codesets import icd10cm
from claimcheck.testing import diagnoses, modifiers

from .drawing import drawn, plainest


def all_of(strategy, count=300):
    return set(drawn(strategy, count))


def test_modifiers_by_what_the_rules_say():
    assert all_of(modifiers("0252U", "disputed")) == {"00", "22", "26", "53", "56", "AS"}
    assert all_of(modifiers("81452", "disputed")) == {"26", "TC"}
    refused = all_of(modifiers("0252U", "not-applicable"), 1000)
    assert {"62", "78", "80", "82", "QK", "QX", "QW"} <= refused
    conditional = all_of(modifiers("0252U", "conditional"), 1000)
    assert {"52", "59", "90", "91", "GA"} <= conditional
    assert not refused & conditional
    with pytest.raises(claimcheck.StrategyError, match="there is no modifier of which the rules"):
        modifiers("0252U", "applicable")


def test_unlisted_modifiers_give_that_finding(checker):
    for modifier in all_of(modifiers("0252U", "unlisted")):
        line = {"code": "0252U", "diagnoses": ["N96"], "modifiers": [modifier]}
        assert [f.code for f in checker.check(line).findings] == ["modifier-unlisted"]


def test_any_modifier_is_in_force_on_the_day():
    in_force = claimcheck.Checker().code_sets.modifiers.in_force
    for day in (None, date(2015, 1, 1)):
        found = all_of(modifiers(on=day))
        assert len(found) > 90
        assert all(in_force(modifier, day) for modifier in found)
    assert plainest(modifiers(), lambda modifier: modifier.isalpha()) == "AA"


def test_diagnoses_by_what_the_rules_say():
    assert all_of(diagnoses("0252U", "indicated")) == {"N96", "O02.1", "O03.1", "O03.6", "O03.9"}
    assert all_of(diagnoses("0252U", "disputed")) == {"O03.4"}
    assert all_of(diagnoses("0252U", "secondary")) == {"Z34.90"}
    assert all(code.startswith("O00.") for code in all_of(diagnoses("0252U", "not-indicated")))
    assert all_of(diagnoses("0252U", "disputed", billable=False)) == {"O00.9"}
    tumors = all_of(diagnoses("81452", "indicated"))
    assert len(tumors) > 100
    assert all("C00" <= code <= "C80.9" for code in tumors)
    assert not {"N96", "O03.4"} & all_of(diagnoses("0252U", "unlisted"))


def test_any_diagnosis_is_in_the_edition():
    for billable, kind in ((True, "billable"), (False, "header")):
        found = all_of(diagnoses(billable=billable))
        assert {icd10cm.lookup(code.replace(".", "")) for code in found} == {kind}


def test_an_imported_edition_counts(tmp_path):
    from claimcheck.codesets.store import SourceFile
    from claimcheck.codesets.store.writing import Edition, add_edition

    rows = {"icd10cm": [("O039", 1, None), ("O03", 0, None)]}
    source = (SourceFile("codes.txt", "0" * 64),)
    days = date(2023, 10, 1), date(2024, 9, 30)
    add_edition(tmp_path, Edition("icd10cm", "FY2024", True, *days, source, rows, False, lambda: 2))
    checker = claimcheck.Checker(data=tmp_path)
    assert all_of(diagnoses(on="2024-08-01", checker=checker)) == {"O03.9"}
    assert all_of(diagnoses(on="2024-08-01", billable=False, checker=checker)) == {"O03"}
    assert all_of(diagnoses("0252U", "indicated", on="2024-08-01", checker=checker)) == {"O03.9"}
    assert len(all_of(diagnoses(on="2026-05-04", checker=checker))) > 100
    from claimcheck.testing import claim_lines

    dated = claim_lines("0252U", checker=checker)
    line = plainest(dated, lambda line: line.get("service_date", "2026") < "2025")
    assert line["diagnoses"] == ["O03.9"]
    assert "2023-10-01" <= line["service_date"] <= "2024-09-30"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"verdict": "conditional"}, "verdict conditional is said of a procedure code"),
        (
            {"code": "0252U", "verdict": "not-aplicable"},
            "verdict is one of applicable, conditional, not-applicable, disputed, unlisted, and not "
            "'not-aplicable'; the nearest is not-applicable",
        ),
        ({"code": "99213"}, "no rule file speaks of 99213; the rule set has 0252U, 81452"),
        ({"on": "someday"}, "on is a date of service such as 2026-05-04"),
        ({"code": "0252U", "payer": "?"}, "payer is a name"),
    ],
)
def test_misuse_is_told_at_once(arguments, message):
    with pytest.raises(claimcheck.StrategyError) as told:
        modifiers(**arguments)
    assert message in str(told.value)
