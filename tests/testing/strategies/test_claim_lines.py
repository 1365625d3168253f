"""``claim_lines``: clean lines are clean in both engines, and come from what the rules say."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import weakref
from collections import Counter

import pytest
from hypothesis import given

import claimcheck
from claimcheck.batch import check_table
from claimcheck.errors import ClaimcheckError
from claimcheck.line import FIELDS
from claimcheck.testing import claim_lines, claims
from claimcheck.testing.strategies.scenes import workbench_of

from .drawing import drawn, in_table, plainest

PERMITTED = """schema: claimcheck/overlay@1
overlay: aetna
payer: aetna
source: my-policy
statements:
  - code: "0252U"
    modifiers:
      - modifier: "80"
        verdict: applicable
        because: The payer asks for it.
        cite: {at: "page 1"}
"""
REFUSED = """schema: claimcheck/overlay@1
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


def test_a_thousand_clean_lines_of_each_bundled_code_are_clean_in_both_engines(checker):
    without = []
    for code in checker.ruleset.codes:
        try:
            strategy = claim_lines(code, checker=checker)
        except claimcheck.StrategyError:
            without.append(code)
            continue
        lines = drawn(strategy, 1000)
        assert len(lines) == 1000
        assert {checker.check(line).status for line in lines} == {"clean"}
        assert {line["code"] for line in lines} == {code}
        # A drawn claim number may come twice; here every line is a claim of its own.
        alone = [{**line, "claim_id": f"C{at}"} for at, line in enumerate(lines)]
        assert check_table(in_table(alone), checker).num_rows == 0
    assert without == ["81452"]


def test_no_line_of_81452_can_be_clean(checker):
    with pytest.raises(claimcheck.StrategyError) as told:
        claim_lines("81452", checker=checker)
    assert str(told.value) == (
        "no clean line of 81452 was found: code-disputed stands on every line that was tried; "
        "claim_lines(..., clean=False) draws lines all the same"
    )
    # It is so on every day, and for every payer.
    for day in (None, *(epoch.day for epoch in checker.epochs.all)):
        for payer in (None, *checker.ruleset.payers):
            line = {"code": "81452", "service_date": day, "payer": payer}
            assert "code-disputed" in {f.code for f in checker.check(line).findings}


@given(claim_lines("81452", clean=False))
def test_every_drawn_line_of_81452_is_disputed(line):
    if line.get("code") == "81452":
        assert "code-disputed" in {f.code for f in claimcheck.check(line).findings}


def test_a_setting_that_settles_the_dispute_makes_81452_clean():
    settled = claimcheck.FindingException(
        finding="code-disputed", code="81452", payer="BCBS", reason="confirmed in writing"
    )
    checker = claimcheck.Checker(config=claimcheck.Config(exceptions=(settled,)))
    lines = drawn(claim_lines("81452", checker=checker), 50)
    assert {checker.check(line).status for line in lines} == {"clean"}
    assert {line["payer"] for line in lines} == {"blue-cross-blue-shield"}


def test_without_a_code_it_is_any_that_can_be_clean(checker, with_tables):
    for one in (checker, with_tables):
        lines = drawn(claim_lines(checker=one), 50)
        assert {line["code"] for line in lines} == {"0252U"}


def test_a_code_of_the_imported_tables_alone(checker, with_tables):
    lines = drawn(claim_lines("88305", checker=with_tables), 100)
    assert {with_tables.check(line).status for line in lines} == {"clean"}
    technical = claim_lines("88305", payer="Medicare", checker=with_tables)
    assert plainest(technical, lambda line: "TC" in line.get("modifiers", ()))
    with pytest.raises(claimcheck.StrategyError, match="code-no-rule stands on every line"):
        claim_lines("88305", checker=checker)


def test_lines_keep_within_the_imported_limits(checker, with_tables):
    # The extract of the MUE table allows one unit; it decides for lines without a date.
    units = {
        line.get("units")
        for line in drawn(claim_lines("0252U", checker=with_tables), 100)
        if "service_date" not in line
    }
    assert units == {None, 1}
    assert max(line.get("units", 0) for line in drawn(claim_lines("0252U"), 50)) > 1


def test_lines_are_plain_values_of_all_fields(checker):
    lines = drawn(claim_lines("0252U", checker=checker), 400)
    assert json.loads(json.dumps(lines)) == lines
    assert {name for line in lines for name in line} == set(FIELDS)
    assert all(list(line) == [name for name in FIELDS if name in line] for line in lines)
    for line in lines:
        assert line["line_id"].startswith("CLM-")
        assert line["line_id"] == f"{line['claim_id']}-1"
    assert len({line.get("place_of_service") for line in lines}) > 10
    assert len({line["diagnoses"][0] for line in lines}) == 5
    assert len({code for line in lines for code in line["diagnoses"]}) > 10
    assert len({m for line in lines for m in line.get("modifiers", ())}) > 20
    assert {len(line.get("modifiers", ())) for line in lines} == {0, 1, 2, 3}
    assert {line.get("payer") for line in lines} == {None, *checker.ruleset.payers}
    dated = [line["service_date"] for line in lines if "service_date" in line]
    assert 50 < len(dated) < 350
    assert min(dated) >= "2026-04-01"
    assert max(dated) <= "2026-09-30"


def test_the_plainest_line_is_found(checker):
    line = {"line_id": "CLM-1-1", "claim_id": "CLM-1", "code": "0252U", "diagnoses": ["N96"]}
    strategy = claim_lines(checker=checker)
    assert plainest(strategy) == line
    assert plainest(strategy, lambda line: "modifiers" in line) == {
        **line,
        "modifiers": ["32"],
        "conditions": ["mandated-service"],
    }
    assert plainest(strategy, lambda line: line.get("place_of_service", "") > "80") == {
        **line,
        "place_of_service": "81",
    }
    assert plainest(strategy, lambda line: "service_date" in line) == {
        **line,
        "service_date": "2026-04-01",
    }


def test_an_overlay_that_permits_a_modifier_counts_for_its_payer(overlaid):
    checker = overlaid(PERMITTED)
    permitted = plainest(
        claim_lines("0252U", checker=checker), lambda line: "80" in line.get("modifiers", ())
    )
    assert (permitted["payer"], permitted["modifiers"]) == ("aetna", ["80"])
    assert checker.check(permitted).status == "clean"
    for_aetna = claim_lines("0252U", payer="Aetna", checker=checker)
    line = plainest(for_aetna, lambda line: "80" in line.get("modifiers", ()))
    assert (line["payer"], line["modifiers"]) == ("Aetna", ["80"])


def test_an_overlay_that_refuses_a_modifier_counts(overlaid, checker):
    usual = claim_lines("0252U", checker=checker)
    assert plainest(usual, lambda line: "59" in line.get("modifiers", ()))
    asked = overlaid(REFUSED)
    for line in drawn(claim_lines("0252U", checker=asked), 200):
        assert asked.check(line).status == "clean"
        assert "59" not in line.get("modifiers", ())


@claimcheck.define_check("units-absent", field="units")
def units_absent(units: float | None, place_of_service: str | None):
    """No units, or no place."""
    if units is None or place_of_service is None:
        yield claimcheck.Defect(severity=claimcheck.Severity.ERROR, message="No.", hint="Do.")


@claimcheck.define_check("units-single", field="units")
def units_single(units: float | None):
    """Less than two units."""
    if units is None or units < 2:
        yield claimcheck.Defect(severity=claimcheck.Severity.ERROR, message="No.", hint="Do.")


@claimcheck.define_check("modifier-absent", field="modifiers")
def modifiers_absent(modifiers: tuple[str, ...], conditions: tuple[str, ...]):
    """No modifier that is tied to a condition."""
    if not (modifiers and conditions):
        yield claimcheck.Defect(severity=claimcheck.Severity.ERROR, message="No.", hint="Do.")


@claimcheck.define_check("code-never", field="code")
def code_never(code: str | None):
    """Any line."""
    yield claimcheck.Defect(severity=claimcheck.Severity.INFO, message="No.", hint="Do.")


def test_checks_of_ones_own_count():
    checker = claimcheck.Checker(checks=[units_absent])
    lines = drawn(claim_lines(checker=checker), 50)
    assert all(line["units"] and line["place_of_service"] for line in lines)
    with pytest.raises(
        claimcheck.StrategyError, match="no clean line was found: code-never stands"
    ):
        claim_lines(checker=claimcheck.Checker(checks=[code_never]))


def test_a_check_of_ones_own_may_ask_for_units_and_modifiers():
    checker = claimcheck.Checker(checks=[units_single])
    strategy = claim_lines(checker=checker)
    assert plainest(strategy)["units"] == 2
    assert {checker.check(line).status for line in drawn(strategy, 50)} == {"clean"}
    for_x12 = drawn(claim_lines(for_x12=True, checker=checker), 20)
    assert {checker.check(line).status for line in for_x12} == {"clean"}
    checker = claimcheck.Checker(checks=[modifiers_absent])
    strategy = claim_lines(checker=checker)
    assert {checker.check(line).status for line in drawn(strategy, 50)} == {"clean"}
    assert plainest(strategy)["modifiers"] == ["32"]
    with pytest.raises(claimcheck.StrategyError, match="modifier-absent stands on every line"):
        claim_lines(for_x12=True, checker=checker)  # an 837P has no place for conditions


def test_what_a_baseline_knows_is_not_clean():
    known = [{"code": "0252U", "diagnoses": ["N96"], "modifiers": ["23"]}]
    baseline = claimcheck.Baseline.of(map(claimcheck.Checker().check, known))
    checker = claimcheck.Checker(baseline=baseline)
    assert checker.check(known[0]).status == "clean"
    lines = drawn(claim_lines("0252U", checker=checker), 200)
    assert {claimcheck.check(line).status for line in lines} == {"clean"}
    claim = [line for claim in drawn(claims("0252U", checker=checker), 30) for line in claim]
    assert {claimcheck.check(line).status for line in claim} == {"clean"}
    assert checker.unused_baseline_entries() == ()  # that of the line above; drawing uses up none


def test_a_code_whose_findings_a_baseline_knows_has_no_clean_line():
    known = claimcheck.Checker().check({"code": "81452", "diagnoses": ["C34.90"]})
    checker = claimcheck.Checker(baseline=claimcheck.Baseline.of([known]))
    with pytest.raises(claimcheck.StrategyError) as told:
        claim_lines("81452", checker=checker)
    assert "code-disputed (known to the baseline) stands on every line" in str(told.value)


def test_lines_that_are_tried_use_up_no_exception():
    exception = claimcheck.FindingException(finding="modifier-not-applicable", reason="settled")
    checker = claimcheck.Checker(config=claimcheck.Config(exceptions=(exception,)))
    drawn(claim_lines("0252U", checker=checker), 50)
    assert checker.unused_exceptions() == (exception,)


def test_lines_for_x12_have_what_it_needs_and_no_more(checker):
    for line in drawn(claim_lines(for_x12=True, checker=checker), 100):
        assert {"payer", "service_date", "place_of_service", "units", "diagnoses"} <= set(line)
        assert not {"conditions", "ordering_taxonomy"} & set(line)
        assert checker.check(line).status == "clean"


def test_realistic_lines_are_clean_and_defective(checker):
    reports = [
        checker.check(line) for line in drawn(claim_lines(clean=False, checker=checker), 200)
    ]
    statuses = Counter(report.status for report in reports)
    assert statuses["clean"] > 20  # half of them, as far as they are of 0252U
    slugs = {f.code for report in reports for f in report.findings}
    assert len(slugs) > 15


def test_realistic_lines_of_a_code_without_rules(checker):
    lines = drawn(claim_lines("99213", clean=False, checker=checker), 50)
    assert {checker.check(line).status for line in lines} <= {"not-checked", "clean", "findings"}


def test_the_same_checker_gives_the_same_lines():
    one, other = (
        drawn(claim_lines(checker=claimcheck.Checker(payer="aetna")), 40) for _ in range(2)
    )
    assert one == other


def test_what_was_learnt_goes_with_the_checker():
    checker = claimcheck.Checker()
    drawn(claim_lines(checker=checker), 5)
    bench = weakref.ref(workbench_of(checker))
    seen = weakref.ref(checker)
    assert bench() is not None
    del checker
    gc.collect()  # lets the checker go, and with it what is kept for it
    gc.collect()
    assert (seen(), bench()) == (None, None)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"code": "252U"}, "code is a procedure code of five characters"),
        ({"code": 81452}, "code is a procedure code of five characters"),
        ({"payer": "---"}, "payer is a name with a letter or digit"),
        ({"payer": ["aetna"]}, "payer is a name with a letter or digit"),
        ({"payer": "x" * 81}, "of at most 80 characters"),
        ({"checker": "mine"}, "checker is a claimcheck.Checker"),
        ({"clean": False, "for_x12": True}, "for_x12 is for clean lines"),
    ],
)
def test_misuse_is_told_at_once(arguments, message):
    with pytest.raises(claimcheck.StrategyError, match=message) as told:
        claim_lines(**arguments)
    assert isinstance(told.value, ValueError)
    assert isinstance(told.value, ClaimcheckError)


def test_a_rule_set_without_codes_has_no_lines():
    from claimcheck.ruleset.ruleset import empty_rules

    checker = claimcheck.Checker(rules=empty_rules())
    with pytest.raises(claimcheck.StrategyError, match="the rule set has no codes"):
        claim_lines(checker=checker)


def ran(program: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )


def test_hypothesis_is_loaded_with_the_first_strategy_only():
    done = ran(
        "import sys, claimcheck.testing\n"
        "print('hypothesis' in sys.modules, sorted(dir(claimcheck.testing)) != [])\n"
        "claimcheck.testing.claim_lines\n"
        "print('hypothesis' in sys.modules)"
    )
    assert done.stdout.split() == ["False", "True", "True"]


def test_without_hypothesis_the_extra_is_named():
    done = ran(
        "import sys\nsys.modules['hypothesis'] = None\n"
        "import claimcheck.testing\nclaimcheck.testing.claim_lines"
    )
    assert "install it with the extra testing: claimcheck-lines[testing]" in done.stderr


def test_there_is_nothing_else():
    import claimcheck.testing

    with pytest.raises(AttributeError, match="no attribute 'claim_line'"):
        claimcheck.testing.claim_line  # noqa: B018 - asking for it is the test
