from __future__ import annotations

from collections import Counter
from datetime import date

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimcheck.finding import Finding
from claimcheck.report.page import counts as counting
from claimcheck.report.page.counts import Counted, PageCounts, named
from claimcheck.report.page.sample import Sample, ShownLine, kind_of
from claimcheck.verdict import Severity

ERROR = Finding(
    code="modifier-not-applicable",
    severity=Severity.ERROR,
    field="modifiers",
    message="No.",
    hint="Remove it.",
    rule="r",
)
INFO = attrs.evolve(ERROR, code="code-no-rule", severity=Severity.INFO, hint="Nothing to do.")
JANUARY, MAY = date(2026, 1, 31), date(2026, 5, 4)


def line(*findings, row=1, code="0252U", payer="aetna", day=MAY):
    found = tuple((finding, None) for finding in findings)
    return ShownLine(row, None, None, code, payer, day, "findings" if found else "clean", found)


def counted(*lines):
    counts = PageCounts()
    for one in lines:
        counts.add(one)
    return counts


def test_findings_are_counted_by_what_their_line_says():
    counts = counted(
        line(ERROR, INFO),
        line(ERROR, code="81452", payer=None, day=None),
        line(INFO, code=None, payer="medicare", day=JANUARY),
        line(),
    )
    error, info = Severity.ERROR, Severity.INFO
    assert counts.codes.counts == {
        "0252U": {error: 1, info: 1},
        "81452": {error: 1},
        None: {info: 1},
    }
    assert counts.payers.counts == {
        "aetna": {error: 1, info: 1},
        None: {error: 1},
        "medicare": {info: 1},
    }
    assert counts.days.counts == {MAY: {error: 1, info: 1}, None: {error: 1}, JANUARY: {info: 1}}
    assert counts.fixes.counts == {
        ("modifier-not-applicable", "Remove it."): {error: 2},
        ("code-no-rule", "Nothing to do."): {info: 2},
    }
    assert counts.lines_of_payer == {"aetna": 2, "medicare": 1}
    assert counts.lines_of_day == {MAY: 2, JANUARY: 1}


def test_the_commonest_and_the_others():
    counts = Counted()
    for name, number in (("a", 1), ("b", 5), ("c", 2), ("d", 1)):
        counts.add(name, Severity.WARNING, number)
    commonest, others, number = counts.top(2)
    assert [(name, found.total()) for name, found in commonest] == [("b", 5), ("c", 2)]
    assert (others, number) == (Counter({Severity.WARNING: 2}), 2)


def test_of_too_many_things_the_rare_ones_become_others_and_the_sum_stays(monkeypatch):
    monkeypatch.setattr(counting, "MOST_KEYS", 4)
    monkeypatch.setattr(counting, "KEPT_KEYS", 2)
    counts = Counted()
    for name in "aaabbcdefg":
        counts.add(name, Severity.ERROR)
    assert len(counts.counts) <= 4
    assert counts.counts["a"] == {Severity.ERROR: 3}
    assert counts.total == 10
    assert counts.others.total() > 0


@pytest.mark.parametrize(("lines", "told"), [(9, False), (10, True)])
def test_a_payer_that_no_rule_names_is_told_from_ten_lines_on(lines, told):
    counts = counted(line(ERROR, payer="jane-doe"), *[line(payer="jane-doe")] * (lines - 1))
    names = named(counts.payers, counts.nameable(["aetna"], MAY).payers)
    assert ("jane-doe" in names.counts) == told
    assert names.total == 1


def test_a_payer_that_a_rule_names_is_always_told():
    counts = counted(line(ERROR))
    assert list(named(counts.payers, counts.nameable(["aetna"], MAY).payers).counts) == ["aetna"]


@pytest.mark.parametrize(
    ("day", "lines", "told"),
    [
        (date(2018, 12, 31), 9, False),
        (date(2018, 12, 31), 10, True),
        (date(2019, 1, 1), 1, True),
        (date(2027, 12, 31), 1, True),
        (date(2028, 1, 1), 1, False),
    ],
)
def test_a_date_far_off_may_be_one_of_birth_and_is_told_from_ten_lines_on(day, lines, told):
    counts = counted(line(ERROR, day=day), *[line(day=day)] * (lines - 1))
    names = named(counts.days, counts.nameable([], date(2026, 11, 22)).days)
    assert (day in names.counts) == told
    assert names.total == 1


def test_lines_of_too_many_payers_are_not_all_kept(monkeypatch):
    monkeypatch.setattr(counting, "MOST_KEYS", 4)
    monkeypatch.setattr(counting, "KEPT_KEYS", 1)
    counts = counted(*[line(payer=name) for name in "aabcde"])
    assert len(counts.lines_of_payer) <= 4
    assert counts.lines_of_payer["a"] == 2


# --- the sample ----------------------------------------------------------------------------------


def sampled(size, *findings):
    sample = Sample(size)
    for row, finding in enumerate(findings, start=1):
        sample.offer(finding, line(finding, row=row), 0)
    return [(it.row, it.findings[at][0]) for it, at in sample.shown()]


def test_few_findings_are_all_shown_in_their_order():
    assert sampled(3, ERROR, INFO, ERROR) == [(1, ERROR), (2, INFO), (3, ERROR)]


def test_every_kind_has_an_equal_share_and_leaves_what_it_does_not_need():
    other = attrs.evolve(INFO, code="place-unlisted")
    shown = sampled(100, *[INFO] * 5000, *[other] * 5000, *[ERROR] * 10)
    assert Counter(kind_of(finding) for _, finding in shown) == {
        ("error", "modifier-not-applicable"): 10,
        ("info", "code-no-rule"): 45,
        ("info", "place-unlisted"): 45,
    }


def test_early_and_late_findings_have_the_same_chance():
    shown = sampled(1000, *[INFO] * 100_000)
    assert 430 < sum(row <= 50_000 for row, _ in shown) < 570


@given(st.lists(st.sampled_from([ERROR, INFO]), max_size=60), st.integers(1, 20))
def test_the_sample_is_as_large_as_it_may_be(findings, size):
    assert len(sampled(size, *findings)) == min(size, len(findings))


def test_the_same_lines_give_the_same_sample():
    findings = [INFO, ERROR] * 200
    assert sampled(50, *findings) == sampled(50, *findings)


def test_a_finding_with_a_number_drawn_elsewhere_is_kept_by_that_number():
    sample = Sample(1)
    for row, key in enumerate((0.5, 0.9, 0.1), start=1):
        sample.offer_drawn(kind_of(INFO), key, lambda at: line(INFO, row=at), row, 0)
    assert [it.row for it, _ in sample.shown()] == [3]
