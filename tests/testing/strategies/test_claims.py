"""``claims``: lines that are clean beside each other."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings

import claimcheck
from claimcheck.batch import check_table
from claimcheck.testing import claims

from .drawing import drawn, in_table, plainest


@pytest.mark.parametrize("tables", [False, True])
def test_claims_are_clean_in_both_engines(tables, checker, with_tables):
    asked = with_tables if tables else checker
    found = drawn(claims(checker=asked), 200)
    for claim in found:
        assert {report.status for report in asked.check_claim(claim).reports} == {"clean"}
    lines = [
        {**line, "claim_id": f"C{at}", "line_id": f"C{at}-{number}"}
        for at, claim in enumerate(found)
        for number, line in enumerate(claim)
    ]
    assert check_table(in_table(lines), asked).num_rows == 0
    assert set(Counter(map(len, found))) == {1, 2, 3, 4}


def test_the_lines_of_a_claim_share_what_a_claim_has(checker):
    for claim in drawn(claims(checker=checker), 100):
        number = claim[0]["claim_id"]
        assert [line["line_id"] for line in claim] == [
            f"{number}-{at}" for at in range(1, len(claim) + 1)
        ]
        for field in ("claim_id", "payer", "billing_taxonomy"):
            assert len({line.get(field) for line in claim}) == 1
        assert len({code for line in claim for code in line["diagnoses"]}) <= 12


def test_the_plainest_claim_is_one_line(checker):
    line = {"line_id": "CLM-1-1", "claim_id": "CLM-1", "code": "0252U", "diagnoses": ["N96"]}
    assert plainest(claims(checker=checker)) == [line]
    two = plainest(claims(checker=checker), lambda claim: len(claim) > 1)
    assert len(two) == 2
    assert sum(map(len, two)) <= 2 * len(line) + 2  # what keeps the two from being one twice


def test_an_add_on_code_alone_is_no_clean_claim(with_tables):
    addon = next(
        code
        for (code,) in with_tables.tables.store.rows("SELECT DISTINCT code FROM addon")
        if with_tables.tables.fee_schedule(code, None)
        and 1 in with_tables.tables.addon(code, None).types
    )
    with pytest.raises(claimcheck.StrategyError, match="was found: claim-addon-without-primary"):
        claims(addon, checker=with_tables)


@settings(max_examples=50, database=None)
@given(claims(clean=False, most_lines=2))
def test_realistic_claims_have_one_payer_and_ids_of_their_own(claim):
    assert 1 <= len(claim) <= 2
    assert len({line.get("payer") for line in claim}) == 1
    assert [line["line_id"] for line in claim] == [
        f"{claim[0]['claim_id']}-{at}" for at in range(1, len(claim) + 1)
    ]


@pytest.mark.parametrize("most", [0, 51, "2"])
def test_the_number_of_lines_has_bounds(most):
    with pytest.raises(claimcheck.StrategyError, match="a whole number from 1 to 50"):
        claims(most_lines=most)
