"""Laws of rule coverage, over lines drawn from usual and awkward values."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import claimcheck
from claimcheck.coverage import RuleCoverage, measure
from claimcheck.errors import ConfigurationError, InputError

BUNDLED = claimcheck.Checker()
LINES = st.fixed_dictionaries(
    {"code": st.sampled_from(["0252U", "0252U", "81452", "99213", "252U", None])},
    optional={
        "line_id": st.sampled_from(["1", "2"]),
        "modifiers": st.lists(
            st.sampled_from(["80", "26", "TC", "59", "GA", "GZ", "90", "00", "62", "8", "", None]),
            max_size=5,
        ),
        "place_of_service": st.sampled_from(["81", "12", "97", "1", 81, None]),
        "diagnoses": st.lists(
            st.sampled_from(
                ["O03.9", "O02.1", "N96", "Z34.90", "O31.10X0", "O26.20", "C50.911", "C91.00", "?"]
            ),
            max_size=5,
        ),
        "taxonomy": st.sampled_from(["291U00000X", "207P00000X", "207ZP0102X", "5551234567"]),
        "billing_taxonomy": st.sampled_from(["291U00000X", "207ZP0102X", "122300000X"]),
        "ordering_taxonomy": st.sampled_from(["207P00000X", "207RX0202X", "207V00000X"]),
        "payer": st.sampled_from(["Aetna", "x"]),
        "service_date": st.sampled_from(["2026-05-04", "2021-06-30", "2019-01-01", "soon", None]),
        "conditions": st.just(["performed-by-reference-laboratory"]),
    },
)
MANY = st.lists(LINES, max_size=8)


def figures(coverage: RuleCoverage) -> dict[str, Any]:
    return coverage.as_dict()


@given(MANY)
def test_each_entry_is_in_one_state_and_no_count_exceeds_the_lines(lines: list[Any]) -> None:
    coverage = measure(lines, BUNDLED)
    for code in coverage.codes.values():
        assert sum(code.counts().values()) == len(code.entries)
        assert len({entry.id for entry in code.entries}) == len(code.entries)
        for entry in code.entries:
            assert entry.fired + entry.passed <= code.lines
            assert entry.overridden_by is None or entry.fired + entry.passed == 0
    assert sum(code.lines for code in coverage.codes.values()) + coverage.lines_elsewhere == len(
        lines
    )


@given(LINES)
def test_every_finding_that_names_an_entry_makes_it_fire(line: dict[str, Any]) -> None:
    coverage = measure([line], BUNDLED)
    entries = {e.id: e for code in coverage.codes.values() for e in code.entries}
    named = {finding.rule for finding in BUNDLED.check(line).findings} & entries.keys()
    fired = {id_ for id_, entry in entries.items() if entry.fired}
    assert named <= fired
    more = {id_ for id_ in fired - named if "/excludes/" not in id_}
    assert more <= {"codes/0252U#effective", "codes/81452#disputed"}
    # An exclusion fires with its entry, which the finding names.
    assert {id_.partition("/excludes/")[0] for id_ in fired if "/excludes/" in id_} <= named


@settings(max_examples=25)  # each makes seven coverages
@given(MANY, MANY, MANY)
def test_merging_adds_up_in_any_order(one: list[Any], two: list[Any], three: list[Any]) -> None:
    a, b, c = (measure(lines, BUNDLED) for lines in (one, two, three))
    before = figures(a)
    assert figures(a.merge(b)) == figures(b.merge(a)) == figures(measure([*one, *two], BUNDLED))
    assert figures(a.merge(b).merge(c)) == figures(a.merge(b.merge(c)))
    assert figures(a) == before


@given(MANY, st.randoms())
def test_the_order_of_lines_changes_nothing(lines: list[Any], random: Any) -> None:
    shuffled = list(lines)
    random.shuffle(shuffled)
    assert figures(measure(lines, BUNDLED)) == figures(measure(shuffled, BUNDLED))


@given(MANY)
def test_mappings_and_read_lines_count_alike(lines: list[Any]) -> None:
    read = [claimcheck.ClaimLine(**line) for line in lines]
    assert figures(measure(lines, BUNDLED)) == figures(measure(read, BUNDLED))


@settings(max_examples=25)
@given(MANY)
def test_figures_come_back_as_they_were_told(lines: list[Any]) -> None:
    coverage = measure(lines, BUNDLED)
    for copy in (
        RuleCoverage.from_dict(coverage.as_dict()),
        RuleCoverage.from_json(coverage.to_json()),
        pickle.loads(pickle.dumps(coverage)),  # noqa: S301 - our own
    ):
        assert figures(copy) == figures(coverage)
        assert figures(copy.merge(coverage)) == figures(measure([*lines, *lines], BUNDLED))


def test_a_copy_has_no_checker_and_records_nothing() -> None:
    copy = RuleCoverage.from_dict(measure([], BUNDLED).as_dict())
    assert copy.text() == measure([], BUNDLED).text()
    with pytest.raises(ConfigurationError, match="has no checker"):
        copy.record({"code": "0252U"})
    merged = copy.merge(measure([], BUNDLED))
    merged.record({"code": "0252U"})
    assert merged.lines == 1


def test_coverage_of_other_rules_or_codes_is_not_merged(small: claimcheck.Checker) -> None:
    with pytest.raises(ConfigurationError, match="different rules"):
        measure([], BUNDLED).merge(measure([], small))
    with pytest.raises(ConfigurationError, match="different codes"):
        measure([], small).merge(measure([], small, codes=["0001U"]))


@pytest.mark.parametrize("text", ["", "[]", '{"lines": 1}', b"\xff"])
def test_what_is_no_coverage_is_refused(text: str | bytes) -> None:
    with pytest.raises(InputError, match="rule coverage"):
        RuleCoverage.from_json(text)


def test_more_contents_than_are_remembered_are_counted_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("claimcheck.coverage.collect._REMEMBERED", 2)
    lines = [{"code": "0252U", "modifiers": [m]} for m in ("80", "59", "26", "80", "59", "80")]
    entries = {e.id: e for e in measure(lines, BUNDLED).codes["0252U"].entries}
    assert entries["codes/0252U#modifiers/80"].fired == 3
