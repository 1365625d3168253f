"""In a batch the claims that cannot have a finding are sorted out first; none that has one is."""

from __future__ import annotations

import pytest

from claimcheck.checks import CLAIM_CHECKS
from claimcheck.checks.definition import Lonely, Pairs, Repeats, Totals

pa = pytest.importorskip("pyarrow")
from claimcheck.batch import check_batches  # noqa: E402 - after the extra was found

BUNDLED, OVER = "claim-bundled-pair", "claim-units-over-limit"
ALONE, TWICE = "claim-addon-without-primary", "claim-duplicate-line"

CLAIMS = [
    (["81229", "0252U"], [BUNDLED]),
    (["0252U", "81229"], [BUNDLED]),
    (["81229", "88305"], []),
    (["0252U", "0252U"], [TWICE, OVER]),
    (["81445", "81445"], [TWICE, OVER]),  # by policy
    (["J1885", "J1885"], [TWICE]),  # a limit per line
    (["E0601", "E0601"], [TWICE]),  # a limit of 0 is told of each line
    (["00100", "00100"], [TWICE]),  # units may be minutes
    (["99213", "99213"], [TWICE]),  # no limit
    (["0071U"], [ALONE]),
    (["0071U", "0070U"], []),
    (["0071U", "88305"], [ALONE]),
    (["64727"], [ALONE]),  # the list is open
    (["0054T"], []),  # the contractor decides
]


def test_what_a_batch_of_claims_finds(checker):
    rows = [(f"C{at}", code) for at, (codes, _) in enumerate(CLAIMS) for code in codes]
    batch = pa.record_batch(
        {
            "claim_id": [claim for claim, _ in rows],
            "code": [code for _, code in rows],
            "service_date": ["2024-08-01"] * len(rows),
        }
    )
    found = [row for part in check_batches([batch], checker) for row in part.to_pylist()]
    told = [
        sorted(
            row["code"]
            for row in found
            if rows[row["row"]][0] == f"C{at}" and row["code"].startswith("claim-")
        )
        for at in range(len(CLAIMS))
    ]
    assert told == [expected for _, expected in CLAIMS]


def test_each_check_of_claims_says_which_are_suspect():
    kinds = {one.finding: type(one.suspects) for one in CLAIM_CHECKS}
    assert kinds == {TWICE: Repeats, BUNDLED: Pairs, OVER: Totals, ALONE: Lonely}
    assert CLAIM_CHECKS[0].suspects == Repeats(
        ("code", "modifiers", "place_of_service", "taxonomy", "service_date", "units")
    )
