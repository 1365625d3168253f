"""Laws of the engine, as properties over lines drawn from a pool of usual and awkward values."""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from pathlib import Path

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import claimcheck
from claimcheck.checks.definition import FINDING_FIELDS
from claimcheck.codesets.store import KINDS
from claimcheck.dates import Epochs
from claimcheck.line import FIELDS

AWKWARD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.dates(),
    st.binary(max_size=4),
    st.lists(st.text(max_size=4), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
    st.sampled_from(
        ["Ａ", "８１", "\u0130", "ß", "\x00", "👩‍⚕️", "O03.9\u200b", "\ufeff81", "=1+1"]
    ),
)
CODES = st.sampled_from(["0252U", "81452", "99213", "0252u ", "252U", "O252U", "", None, 81452])
MODIFIERS = st.sampled_from(
    ["80", "26", "TC", "59", "QK", "00", "62", "GA", "GZ", "U1", "as", "", None, "8", 22, "26,59"]
)
PLACES = st.sampled_from(["81", "12", "97", "1", "27", 81, 81.0, "", None, "8A"])
DIAGNOSES = st.sampled_from(
    [
        *[
            "O03.9",
            "o039",
            "O00.9",
            "N96",
            "Z34.90",
            "J06.9",
            "C91.00",
            "C50.911",
            "003.9",
            "",
            None,
        ],
        *["E10.9", "E11.9", "R73.9", "O26.20"],  # exclude each other, in part
    ]
)
TAXONOMIES = st.sampled_from(
    ["291U00000X", "207P00000X", "204V00000X", "122300000X", "207V00000X", "5551234567", "", None]
)
EDGES = sorted(claimcheck.Checker().epochs.starts)
DATES = st.one_of(
    st.none(),
    st.sampled_from([day + timedelta(days=off) for day in EDGES for off in (-1, 0, 1)]),
    st.dates(),
    st.sampled_from(["2026-05-04", "05/04/2026", "20260504", "tomorrow"]),
)


def mostly(usual: st.SearchStrategy) -> st.SearchStrategy:
    return st.one_of(usual, usual, usual, usual, AWKWARD)


LINES = st.fixed_dictionaries(
    {},
    optional={
        "line_id": mostly(st.integers(1, 99).map(str)),
        "claim_id": mostly(st.integers(1, 9).map(str)),
        "code": mostly(CODES),
        "modifiers": mostly(st.lists(MODIFIERS, max_size=6)),
        "place_of_service": mostly(PLACES),
        "diagnoses": mostly(st.lists(DIAGNOSES, max_size=6)),
        "taxonomy": mostly(TAXONOMIES),
        "billing_taxonomy": mostly(TAXONOMIES),
        "ordering_taxonomy": mostly(TAXONOMIES),
        "payer": mostly(st.sampled_from(["Aetna", "BCBS", "blue cross blue shield", "x", None])),
        "service_date": mostly(DATES),
        "units": mostly(st.sampled_from([1, "2", 0, None])),
        "conditions": mostly(st.lists(st.sampled_from(["distinct-service", "x"]), max_size=2)),
    },
)

FRESH = claimcheck.Checker()


@given(LINES)
def test_a_line_never_raises_and_its_report_is_whole(line):
    report = FRESH.check(line)
    assert report.status in ("clean", "findings", "not-checked")
    assert report.ok == all(f.severity != "error" for f in report.findings)
    assert set(report.coverage) == set(FIELDS) - {"line_id", "claim_id", "conditions"} | {*KINDS}
    for finding in report.findings:
        assert finding.field in FINDING_FIELDS
        assert finding.message
        assert finding.hint
        assert finding.rule


@given(LINES)
def test_what_was_remembered_is_what_a_fresh_checker_says(line):
    first = FRESH.check(line)
    assert FRESH.check(line) == first
    assert FRESH.check(claimcheck.ClaimLine(**line)) == first
    FRESH._judged.clear()
    FRESH._judged_raw.clear()
    assert FRESH.check(dict(line)) == first


@given(st.lists(LINES, max_size=8), st.randoms())
def test_lines_are_judged_one_by_one(lines, random):
    reports = list(FRESH.check_lines(lines))
    order = list(range(len(lines)))
    random.shuffle(order)
    shuffled = list(FRESH.check_lines(lines[n] for n in order))
    assert shuffled == [reports[n] for n in order]


@given(LINES)
def test_findings_stand_in_the_order_check_then_position(line):
    order = [check.finding for check in FRESH.checks]
    places = [
        (order.index(f.code), -1 if f.index is None else f.index)
        for f in FRESH.check(line).findings
    ]
    assert places == sorted(places)


def errors_of(report):
    return {(f.code, f.field, f.value) for f in report.findings if f.severity == "error"}


@given(LINES)
def test_applying_a_fix_removes_its_finding_and_adds_no_error(line):
    report = FRESH.check(line)
    for finding in report.findings:
        if finding.fix is not None:
            after = FRESH.check(claimcheck.apply(line, finding.fix))
            said = (finding.code, finding.field, finding.value)
            assert said not in {(f.code, f.field, f.value) for f in after.findings}
            assert errors_of(after) <= errors_of(report)


@given(LINES)
def test_a_fix_does_the_same_to_a_mapping_and_to_a_claim_line(line):
    read = claimcheck.ClaimLine(**line)
    for finding in FRESH.check(line).findings:
        if finding.fix is not None:
            changed = claimcheck.apply(line, finding.fix)
            assert {name for name in line if changed[name] is not line[name]} == {finding.fix.field}
            assert claimcheck.ClaimLine(**changed) == claimcheck.apply(read, finding.fix)


@given(LINES)
def test_reading_is_stable(line):
    """What was read, read again, is the same."""
    read = claimcheck.ClaimLine(**line)
    fields = {name: getattr(read, name) for name in FIELDS}
    # An unreadable slot was told once; read again it is a blank one.
    for name in ("modifiers", "diagnoses"):
        while fields[name] and not fields[name][-1]:
            fields[name] = fields[name][:-1]
    again = claimcheck.ClaimLine(**fields)
    assert {name: getattr(again, name) for name in FIELDS} == fields


@given(LINES)
def test_a_layer_that_says_nothing_changes_nothing(quiet, line):
    mine, theirs = quiet.check(line), FRESH.check(line)
    assert mine.findings == theirs.findings
    assert mine.status == theirs.status
    assert mine.coverage == theirs.coverage


@pytest.fixture(scope="module")
def quiet(tmp_path_factory):
    folder = tmp_path_factory.mktemp("quiet")
    (folder / "quiet.yaml").write_text(
        "schema: claimcheck/overlay@1\n"
        "overlay: quiet\n"
        "source: openpayer-0252u\n"
        "statements:\n"
        '  - code: "0252U"\n'
        "    facts:\n"
        "      - fact: nothing\n"
        "        says: Nothing about any value.\n"
        '        cite: {at: "nowhere"}\n',
        encoding="utf-8",
    )
    return claimcheck.Checker(rules=[folder])


@given(st.dates(), st.sets(st.dates(), max_size=5))
def test_days_of_one_epoch_have_no_boundary_between_them(day, boundaries):
    epochs = Epochs(boundaries)
    epoch = epochs.of(day)
    assert epochs.of(epoch.day).number == epoch.number
    low, high = sorted([day, epoch.day])
    assert not any(low < boundary <= high for boundary in boundaries)


@given(st.dates())
def test_undated_lines_have_an_epoch_of_their_own(day):
    epochs = Epochs({day})
    assert epochs.of(None).number == -1
    assert epochs.of(None).day is None
    assert epochs.of(date.min).number == (0 if day > date.min else 1)


def but_for_fixes(finding):
    """A finding in words; a fix depends on what else is known."""
    return repr(attrs.evolve(finding, fix=None))


def knowing(report):
    """A checker that knows what a report found."""
    return claimcheck.Checker(rules=FRESH.ruleset, baseline=claimcheck.Baseline.of([report]))


@given(LINES)
def test_a_line_is_clean_or_not_checked_under_its_own_baseline(line):
    found = FRESH.check(line)
    report = knowing(found).check(line)
    assert report.findings == ()
    assert [*map(but_for_fixes, report.known_findings)] == [*map(but_for_fixes, found.findings)]
    assert report.coverage == found.coverage
    assert (report.status == "not-checked") == (found.status == "not-checked")


@given(LINES, LINES)
def test_known_and_new_are_everything(line, other):
    found = FRESH.check(other)
    report = knowing(FRESH.check(line)).check(other)
    assert sorted(map(but_for_fixes, [*report.findings, *report.known_findings])) == sorted(
        map(but_for_fixes, found.findings)
    )


@given(LINES, LINES)
def test_a_fix_adds_no_error_that_a_baseline_does_not_know(line, other):
    checker = knowing(FRESH.check(line))
    report = checker.check(other)
    for finding in report.findings:
        if finding.fix is not None:
            after = checker.check(claimcheck.apply(other, finding.fix))
            assert errors_of(after) <= errors_of(report)


def test_a_fix_is_held_against_what_the_baseline_knows_of_the_new_code():
    """Known is modifier 8 on lines without a code; on 0252U it would be new."""
    known = FRESH.check({"code": "99XXX", "modifiers": ["8"], "diagnoses": ["O03.9"]})
    line = {"code": "O252U", "modifiers": ["8"], "diagnoses": ["O03.9"]}
    assert [(f.code, f.fix) for f in knowing(known).check(line).findings] == [
        ("code-malformed", None)
    ]
    assert [f.fix.value for f in FRESH.check(line).findings if f.fix] == ["0252U"]


@settings(max_examples=50)
@given(LINES)
def test_what_is_written_is_what_is_read(line):
    baseline = claimcheck.Baseline.of([FRESH.check(line)], written=date(2026, 11, 22))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "known.json"
        baseline.write(path)
        assert claimcheck.Baseline.load(path) == baseline
