"""Add-on codes without their primary procedure."""

from __future__ import annotations

import pytest

ALONE = "claim-addon-without-primary"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([{"code": "0071U"}], [(0, ALONE, "warning", "0071U")]),
        ([{"code": "0070U"}, {"code": "0071U"}], []),
        ([{"code": "0071U"}, {"code": "0070U"}], []),
        (
            [{"code": "0070U", "service_date": "2024-08-02"}, {"code": "0071U"}],
            [(1, ALONE, "warning", "0071U")],
        ),
        ([{"code": "0054T"}], []),  # the contractor decides
        ([{"code": "64727"}], [(0, ALONE, "info", "64727")]),  # the list is open
        ([{"code": "22845", "service_date": "2019-12-31"}], [(0, ALONE, "warning", "22845")]),
        ([{"code": "22845", "service_date": "2020-01-01"}], []),  # deleted from the table
        ([{"code": "99213"}], []),
    ],
)
def test_claims(told_of_claim, lines, expected):
    assert told_of_claim(*lines) == expected


def test_medicare_denies_it(told_of_claim):
    assert told_of_claim({"code": "0071U"}, payer="medicare") == [(0, ALONE, "error", "0071U")]


def test_the_words(checker):
    [finding] = [f for f in checker.check_claim([{"code": "0071U"}]).findings if f.code == ALONE]
    assert finding.message == (
        "0071U is an add-on code, and none of the primary codes that the NCCI add-on code table "
        "(2024Q3) lists for it is on the claim for the same day."
    )
    assert finding.hint == "Bill the primary procedure with it: 0070U."
