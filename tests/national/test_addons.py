"""Add-on codes without their primary procedure."""

from __future__ import annotations

import pytest

import claimcheck

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


def test_an_add_on_is_no_primary_of_its_own(told_of_claim):
    lines = [{"code": "0071U"}, {"code": "0071U", "modifiers": ["59"]}]
    assert told_of_claim(*lines) == [(at, ALONE, "warning", "0071U") for at in (0, 1)]


def test_the_first_six_primaries_are_named(put, tmp_path):
    def hint(count):
        folder = tmp_path / str(count)
        rows = [("0071U", f"{10001 + at}", 1, "", None) for at in range(count)]
        put(folder, "addon", "2024Q3", None, "2024-09-30", {"addon": rows})
        claim = [{"code": "0071U", "service_date": "2024-08-01"}]
        report = claimcheck.Checker(data=folder).check_claim(claim)
        [finding] = [f for f in report.findings if f.code == ALONE]
        return finding.hint.removeprefix("Bill the primary procedure with it: ")

    assert hint(6) == "10001, 10002, 10003, 10004, 10005, 10006."
    assert hint(7) == "10001, 10002, 10003, 10004, 10005, 10006 and 1 more."
    assert hint(9) == "10001, 10002, 10003, 10004, 10005, 10006 and 3 more."


def test_a_payer_that_ignores_the_table_and_a_code_that_is_none_hide_no_other(folder):
    policy = claimcheck.Config(tables=claimcheck.TablePolicy(ignored=("cigna",)))
    lines = [
        {"code": "0071U", "service_date": "2024-08-01", "payer": "cigna"},
        {"code": "99213", "service_date": "2024-08-01"},
        {"code": "0054T", "service_date": "2024-08-01"},
        {"code": "0071U", "service_date": "2024-08-01"},
    ]
    reports = claimcheck.Checker(data=folder, config=policy).check_claim(lines).reports
    told = [[f.code for f in r.findings if f.code == ALONE] for r in reports]
    assert told == [[], [], [], [ALONE]]
