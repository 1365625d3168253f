"""The states of single entries, written by hand from the rule files."""

from __future__ import annotations

from typing import Any

import pytest

import claimcheck
from claimcheck.coverage import RuleCoverage, measure
from claimcheck.errors import ConfigurationError

DAY = "2026-05-04"


def states(coverage: RuleCoverage, code: str) -> dict[str, str]:
    """The state of each entry that is not never exercised, and not overridden."""
    told = coverage.codes[code].entries
    return {e.id: e.state for e in told if e.state in ("fired", "passed")}


def by_id(coverage: RuleCoverage, code: str) -> dict[str, Any]:
    return {entry.id: entry for entry in coverage.codes[code].entries}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            {"modifiers": ["80"], "place_of_service": "81", "diagnoses": ["O03.9"]},
            {
                "codes/0252U#effective": "passed",
                "codes/0252U#modifiers/80": "fired",
                "families/laboratory#places/81": "passed",
                "codes/0252U#diagnoses/O03.9": "passed",
            },
        ),
        (
            {"modifiers": ["90"], "diagnoses": ["N96"], "service_date": None},
            {
                "families/laboratory#modifiers/90": "fired",
                "codes/0252U#diagnoses/N96": "passed",
            },
        ),
        (
            {"modifiers": ["90"], "conditions": ["performed-by-reference-laboratory"]},
            {"codes/0252U#effective": "passed", "families/laboratory#modifiers/90": "passed"},
        ),
        (
            {"diagnoses": ["O03.9", "O31.10X0"]},
            {
                "codes/0252U#effective": "passed",
                "codes/0252U#diagnoses/O03.9": "fired",
                "codes/0252U#diagnoses/O03.9/excludes/O31.1-+O31.3-": "fired",
            },
        ),
        (
            {"diagnoses": ["O03.9", "N96"]},
            {
                "codes/0252U#effective": "passed",
                "codes/0252U#diagnoses/O03.9": "passed",
                "codes/0252U#diagnoses/O03.9/excludes/O31.1-+O31.3-": "passed",
                "codes/0252U#diagnoses/N96": "passed",
                "codes/0252U#diagnoses/N96/excludes/O26.2-": "passed",
            },
        ),
        ({"service_date": "2021-06-30"}, {"codes/0252U#effective": "fired"}),
        ({"modifiers": ["LR"], "place_of_service": "09"}, {"codes/0252U#effective": "passed"}),
        (  # disputed, and listed in another role than the field's: told all the same
            {"taxonomy": "207P00000X"},
            {
                "codes/0252U#effective": "passed",
                "codes/0252U#taxonomies/207P00000X/ordering": "fired",
            },
        ),
        (
            {"ordering_taxonomy": "207P00000X"},
            {
                "codes/0252U#effective": "passed",
                "codes/0252U#taxonomies/207P00000X/ordering": "fired",
            },
        ),
    ],
)
def test_0252u(checker: claimcheck.Checker, line: dict[str, Any], expected: dict[str, str]) -> None:
    coverage = measure([{"code": "0252U", "service_date": DAY, **line}], checker)
    assert states(coverage, "0252U") == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            {"modifiers": ["26", "TC"], "diagnoses": ["C50.911"]},
            {
                "codes/81452#disputed": "fired",
                "codes/81452#modifiers/26": "fired",
                "codes/81452#modifiers/TC": "fired",
                "families/laboratory#conflicts/26+TC": "fired",
                "codes/81452#diagnoses/C50.-": "passed",
            },
        ),
        (
            {"modifiers": ["26", "GA"], "diagnoses": ["C91.00", "C73"]},
            {
                "codes/81452#disputed": "fired",
                "codes/81452#modifiers/26": "fired",
                "families/laboratory#modifiers/GA": "fired",
                "families/laboratory#conflicts/26+TC": "passed",
                "families/laboratory#conflicts/GA+GZ": "passed",
                "codes/81452#diagnoses/C81..C96": "fired",
                "codes/81452#diagnoses/C00..C80": "passed",
            },
        ),
        (
            {"taxonomy": "207ZP0102X", "place_of_service": "81"},
            {
                "codes/81452#disputed": "fired",
                "codes/81452#places/81": "passed",
                "codes/81452#taxonomies/207ZP0102X/performing": "passed",
            },
        ),
    ],
)
def test_81452(checker: claimcheck.Checker, line: dict[str, Any], expected: dict[str, str]) -> None:
    coverage = measure([{"code": "81452", "service_date": DAY, **line}], checker)
    assert states(coverage, "81452") == expected


def test_the_entries_of_a_small_rule_set_and_what_overrides_them(
    small: claimcheck.Checker,
) -> None:
    told = by_id(RuleCoverage(small, ["0001U"]), "0001U")
    overridden = {id_: e.overridden_by for id_, e in told.items() if e.state == "overridden"}
    assert overridden == {
        "families/base#modifiers/80": "sites/our-lab#0001U/modifiers/80",
        "families/base#modifiers/P1": "codes/0001U#modifiers/P-",
        "families/base#places/21..23": "families/special#places/2-",
        "families/base#conflicts/26+TC": "families/special#conflicts/TC+26",
        "payers/acme-policy#0001U/modifiers/80": "sites/our-lab#0001U/modifiers/80",
        "codes/0001U#taxonomies/291U00000X/interpreting": "codes/0001U#taxonomies/291U-/performing",
    }
    assert {id_ for id_, entry in told.items() if entry.state == "never-exercised"} == {
        "codes/0001U#effective",
        "families/base#modifiers/26",  # decides before 2026
        "families/base#modifiers/59",  # decides for other payers
        "codes/0001U#modifiers/P-",
        "codes/0001U#modifiers/90@unstated",
        "codes/0001U#modifiers/90@2024-01-01",
        "sites/our-lab#0001U/modifiers/80",
        "sites/our-lab#0001U/modifiers/26",
        "payers/acme-policy#base/modifiers/59",
        "families/special#conflicts/TC+26",
        "families/base#places/11",
        "families/special#places/2-",
        "codes/0001U#diagnoses/O03.-",
        "codes/0001U#diagnoses/N96",
        "codes/0001U#diagnoses/O03.-/excludes/N96",
        "codes/0001U#taxonomies/291U-/performing",
        "codes/0001U#taxonomies/291U00000X/ordering",
    }
    assert told["codes/0001U#effective"].says == "from 2020-01-01, to unstated"
    assert told["codes/0001U#modifiers/90@unstated"].name == "90@unstated"
    assert told["sites/our-lab#0001U/modifiers/26"].layer == "sites/our-lab"


def test_layers_payers_and_dates_choose_the_entry(small: claimcheck.Checker) -> None:
    def one(**line: Any) -> dict[str, str]:
        return states(measure([{"code": "0001U", **line}], small), "0001U")

    assert one(modifiers=["80"]) == {"sites/our-lab#0001U/modifiers/80": "fired"}
    assert one(modifiers=["59"]) == {"families/base#modifiers/59": "passed"}
    assert one(modifiers=["59"], payer="ACME") == {"payers/acme-policy#base/modifiers/59": "fired"}
    assert one(modifiers=["P1"]) == {"codes/0001U#modifiers/P-": "fired"}
    assert one(modifiers=["26"]) == {"sites/our-lab#0001U/modifiers/26": "passed"}
    assert one(modifiers=["26"], service_date="2025-05-04") == {
        "codes/0001U#effective": "passed",
        "families/base#modifiers/26": "fired",
    }
    assert one(modifiers=["90"], service_date="2023-12-31") == {
        "codes/0001U#effective": "passed",
        "codes/0001U#modifiers/90@unstated": "passed",
    }
    assert one(modifiers=["90"], service_date="2024-01-01") == {
        "codes/0001U#effective": "passed",
        "codes/0001U#modifiers/90@2024-01-01": "fired",
    }
    assert one(diagnoses=["O03.9", "N96"]) == {
        "codes/0001U#diagnoses/O03.-": "fired",
        "codes/0001U#diagnoses/O03.-/excludes/N96": "fired",
        "codes/0001U#diagnoses/N96": "passed",
    }
    assert one(ordering_taxonomy="291U00000X", taxonomy="291U00000X") == {
        "codes/0001U#taxonomies/291U-/performing": "passed",
        "codes/0001U#taxonomies/291U00000X/ordering": "passed",
    }


def test_a_familys_entry_counts_once_for_each_code(small: claimcheck.Checker) -> None:
    lines = [{"code": "0001U", "modifiers": ["59"]}, {"code": "0002U", "modifiers": ["80"]}]
    codes = measure(lines, small).codes
    assert states(measure(lines, small), "0001U") == {"families/base#modifiers/59": "passed"}
    assert states(measure(lines, small), "0002U") == {"families/base#modifiers/80": "fired"}
    assert codes["0002U"].layers == ("families/base", "families/special", "payers/acme-policy")


def test_an_entry_may_fire_on_one_line_and_pass_on_another(small: claimcheck.Checker) -> None:
    line = {"code": "0002U", "modifiers": ["26"]}
    lines = [line, line, {**line, "conditions": ["read-only"]}]
    entry = by_id(measure(lines, small), "0002U")["families/base#modifiers/26"]
    assert (entry.fired, entry.passed, entry.state) == (2, 1, "fired")


def test_a_line_counts_once_for_an_entry_that_it_asks_twice(small: claimcheck.Checker) -> None:
    line = {"code": "0001U", "diagnoses": ["O03.9", "O03.4"]}
    entry = by_id(measure([line], small), "0001U")["codes/0001U#diagnoses/O03.-"]
    assert (entry.fired, entry.passed) == (0, 1)


def test_findings_that_the_settings_switch_off_count(small_rules: claimcheck.RuleSet) -> None:
    quiet = claimcheck.Config(select=("code",))
    checker = claimcheck.Checker(rules=small_rules, config=quiet)
    line = {"code": "0001U", "modifiers": ["P3"]}
    assert checker.check(line).findings == ()
    assert states(measure([line], checker), "0001U") == {"codes/0001U#modifiers/P-": "fired"}


def test_a_check_of_ones_own_that_names_an_entry_makes_it_fire(
    small_rules: claimcheck.RuleSet,
) -> None:
    @claimcheck.define_check("modifier-our-own", field="modifiers")
    def our_own(modifier: str) -> Any:
        yield claimcheck.Defect(
            severity=claimcheck.Severity.INFO,
            message="A message.",
            hint="A hint.",
            rule="families/base#modifiers/59",
        )

    checker = claimcheck.Checker(rules=small_rules, checks=[our_own])
    coverage = measure([{"code": "0002U", "modifiers": ["59"]}], checker)
    assert states(coverage, "0002U") == {"families/base#modifiers/59": "fired"}


def test_only_codes_with_lines_are_told_unless_others_are_asked_for(
    small: claimcheck.Checker,
) -> None:
    lines = [{"code": "0001U"}, {"code": "99213"}, {}]
    coverage = measure(lines, small)
    assert list(coverage.codes) == ["0001U"]
    assert (coverage.lines, coverage.lines_elsewhere) == (3, 2)
    assert coverage.codes_without_lines == ("0002U",)
    asked = measure(lines, small, codes=["0002U"])
    assert [(code.code, code.lines) for code in asked.codes.values()] == [("0002U", 0)]
    assert (asked.lines, asked.lines_elsewhere, asked.percent) == (3, 3, 0.0)
    assert asked.codes_without_lines == ()


def test_a_code_without_rules_cannot_be_asked_for(small: claimcheck.Checker) -> None:
    with pytest.raises(ConfigurationError, match="no rule file speaks of 99213"):
        measure([], small, codes=["99213"])


def test_the_percentage_leaves_overridden_entries_out(small: claimcheck.Checker) -> None:
    coverage = measure([{"code": "0001U", "modifiers": ["59", "P2"]}], small)
    # 26+TC stands with neither of the two: 2 of the 17 entries that can decide.
    assert dict(coverage.counts) == {
        "fired": 1,
        "passed": 1,
        "never-exercised": 15,
        "overridden": 6,
    }
    assert coverage.percent == pytest.approx(200 / 17)
    assert coverage.as_dict()["percent"] == 11.7
    assert measure([], small).percent == 0.0


def test_without_a_checker_the_bundled_rules_are_asked(checker: claimcheck.Checker) -> None:
    assert measure([{"code": "0252U"}]).ruleset == checker.stamp
