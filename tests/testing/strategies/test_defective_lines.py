"""``defective_lines``: every finding of a line, exactly as promised."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

import claimcheck
from claimcheck.checks import CHECKS, CLAIM_CHECKS
from claimcheck.testing import defective_lines
from claimcheck.testing.strategies.defects import RECIPES

from .drawing import plainest

SLUGS = [one.finding for one in CHECKS]
NEED_TABLES = {
    "code-unknown",
    "modifier-needs-documentation",
    "modifier-not-payable",
    "units-over-limit",
}
UNAVOIDABLE = {"code-unknown": {"code-no-rule"}}
"""Findings that stand beside the promised one: of a code that no list has, no rule file speaks."""

OVERLAY = """schema: claimcheck/overlay@1
overlay: my-lab
source: my-policy
statements:
  - code: "0252U"
    modifiers:
      - modifier: "59"
        verdict: not-applicable
        because: We never bill it.
        cite: {at: "page 1"}
"""


def test_every_finding_of_a_line_can_be_drawn():
    assert set(RECIPES) == set(SLUGS)


@pytest.mark.parametrize("slug", SLUGS)
def test_lines_give_the_promised_finding_and_no_other(slug, checker, with_tables):
    asked = with_tables if slug in NEED_TABLES else checker
    others = set()

    @settings(max_examples=200, database=None)
    @given(defective_lines(slug, checker=asked))
    def promise(line):
        findings = asked.check(line).findings
        assert slug in {finding.code for finding in findings}
        beside = [finding for finding in findings if finding.code != slug]
        assert [finding for finding in beside if finding.severity == "error"] == []
        others.update(finding.code for finding in beside)

    promise()
    assert others == UNAVOIDABLE.get(slug, set())


@pytest.mark.parametrize("slug", SLUGS)
def test_lines_keep_the_promise_with_tables_and_for_medicare(slug, with_tables):
    @settings(max_examples=20, database=None)
    @given(defective_lines(slug, payer="Medicare", checker=with_tables))
    def promise(line):
        findings = with_tables.check(line).findings
        assert slug in {finding.code for finding in findings}
        assert {f.code for f in findings if f.severity == "error"} <= {slug}

    promise()


IDS = {"line_id": "CLM-1-1", "claim_id": "CLM-1"}
PLAINEST = {
    "modifier-not-applicable": {"code": "0252U", "modifiers": ["23"], "diagnoses": ["N96"]},
    "modifier-conflict": {
        "code": "0252U",
        "modifiers": ["GA", "GZ"],
        "diagnoses": ["N96"],
        "conditions": ["abn-on-file", "denial-expected-without-abn"],
    },
    "code-missing": {"diagnoses": ["N96"]},
    "code-not-in-effect": {
        "code": "0252U",
        "diagnoses": ["N96"],
        "service_date": "2020-01-01",
    },
    "diagnosis-missing": {"code": "0252U"},
    "diagnosis-excludes": {"code": "0252U", "diagnoses": ["N96", "O26.20"]},
    "place-digit-lost": {"code": "0252U", "place_of_service": "5", "diagnoses": ["N96"]},
    "units-malformed": {"code": "0252U", "diagnoses": ["N96"], "units": 0},
}


@pytest.mark.parametrize("slug", PLAINEST)
def test_the_plainest_line_is_found(slug, checker):
    strategy = defective_lines(slug, checker=checker)
    assert plainest(strategy) == {**IDS, **PLAINEST[slug]}


def test_the_plainest_line_with_tables(with_tables):
    over = defective_lines("units-over-limit", checker=with_tables)
    assert plainest(over) == {
        **IDS,
        "code": "0252U",
        "diagnoses": ["N96"],
        "units": 2,
    }


def test_an_overlay_counts(overlaid, checker):
    wanted = defective_lines("modifier-not-applicable", checker=overlaid(OVERLAY))
    line = plainest(wanted, lambda line: "59" in line["modifiers"])
    assert line == {**IDS, "code": "0252U", "modifiers": ["59"], "diagnoses": ["N96"]}
    assert checker.check(line).findings[0].code == "modifier-needs-condition"


def test_lines_of_a_code_and_a_payer(checker):
    @settings(max_examples=30, database=None)
    @given(defective_lines("place-unassigned", code="81452", payer="BCBS", checker=checker))
    def promise(line):
        assert (line["code"], line["payer"]) == ("81452", "BCBS")
        slugs = {finding.code for finding in checker.check(line).findings}
        assert slugs == {"place-unassigned", "code-disputed"}  # no line of it is without the second

    promise()


@pytest.mark.parametrize("slug", sorted(NEED_TABLES))
def test_the_import_that_is_needed_is_named(slug, checker):
    with pytest.raises(claimcheck.StrategyError) as told:
        defective_lines(slug, checker=checker)
    kinds = next(one.tables for one in CHECKS if one.finding == slug)
    assert str(told.value) == (
        f"no line can give {slug}: it is decided by imported tables, and none of "
        f"{', '.join(kinds)} is imported; import one with `claimcheck codesets import` and give the "
        "checker its folder (data=)"
    )


@claimcheck.define_check("payer-odd", field="payer")
def payer_odd(payer: str | None):
    """An odd payer."""
    if payer == "odd":
        yield claimcheck.Defect(severity=claimcheck.Severity.INFO, message="Odd.", hint="Look.")


def told_of(slug, **arguments):
    with pytest.raises(claimcheck.StrategyError) as told:
        defective_lines(slug, **arguments)
    return str(told.value)


def test_other_findings_are_refused_in_words():
    for one in CLAIM_CHECKS:
        assert told_of(one.finding).startswith(f"{one.finding} stands across the lines of a claim")
    own = claimcheck.Checker(checks=[payer_odd])
    assert told_of("payer-odd", checker=own).startswith("payer-odd is given by a check of your own")
    assert told_of("modifer-conflict") == (
        "no finding of a line is called 'modifer-conflict'; the nearest is modifier-conflict"
    )


def test_a_finding_is_a_slug_and_a_payer_a_name():
    assert told_of(["code-missing"]) == (
        "finding is the slug of a finding of a line, such as code-missing"
    )
    assert told_of("code-missing", payer=["aetna"]).startswith("payer is a name")


def test_what_nothing_can_give_is_refused_in_words(checker, with_tables):
    assert told_of("code-disputed", code="0252U") == (
        "every line of 0252U that was tried is without code-disputed, or has another error beside it; "
        "tried was what the rule set names"
    )
    assert "and the imported tables (addon, " in told_of(
        "units-over-limit", code="99999", checker=with_tables
    )
    selecting = claimcheck.Checker(config=claimcheck.Config(select=("place",)))
    assert told_of("code-missing", checker=selecting) == (
        "no line can give code-missing: the configuration does not select it"
    )
    off = claimcheck.FindingException(finding="payer-malformed", reason="never mind")
    without = claimcheck.Checker(config=claimcheck.Config(exceptions=(off,)))
    assert told_of("payer-malformed", checker=without).endswith(
        "or the configuration switches it off"
    )
    line = {"diagnoses": ["N96"]}
    baseline = claimcheck.Baseline.of([claimcheck.check(line)])
    knowing = claimcheck.Checker(baseline=baseline)
    assert knowing.check(line).findings == ()
    assert told_of("code-missing", checker=knowing).endswith("or the baseline knows it")


def test_what_a_baseline_knows_is_not_drawn():
    known = {"code": "0252U", "diagnoses": ["N96"], "modifiers": ["23"]}
    checker = claimcheck.Checker(baseline=claimcheck.Baseline.of([claimcheck.check(known)]))
    wanted = defective_lines("modifier-not-applicable", code="0252U", checker=checker)
    line = plainest(wanted)
    assert line["modifiers"] != ["23"]
    assert [finding.code for finding in checker.check(line).findings] == ["modifier-not-applicable"]


@claimcheck.define_check("units-single", field="units")
def units_single(units: float | None):
    """Less than two units."""
    if units is None or units < 2:
        yield claimcheck.Defect(severity=claimcheck.Severity.ERROR, message="No.", hint="Do.")


def test_a_check_of_ones_own_may_ask_for_units():
    checker = claimcheck.Checker(checks=[units_single])
    line = plainest(defective_lines("code-missing", checker=checker))
    assert (line.get("code"), line["units"]) == (None, 2)
    assert [finding.code for finding in checker.check(line).findings] == ["code-missing"]
