from __future__ import annotations

from datetime import date

import pytest

import claimcheck
from claimcheck.dates import parse_date

DAY = date(2026, 5, 4)


@pytest.mark.parametrize(
    "text",
    [
        "2026-05-04",
        " 2026-05-04 ",
        "2026-05-04T23:59:59",
        "2026-05-04 08:00",
        "2026-05-04T08:00:00Z",
        "20260504",
        "05/04/2026",
        "5/4/2026",
        "05/04/2026 08:00",
        "04-MAY-2026",
        "04-May-2026",
        "4-may-2026",
        "04MAY2026",
        "4May2026",
    ],
)
def test_the_shapes_of_a_date(text):
    assert parse_date(text) == DAY


@pytest.mark.parametrize(
    "text",
    [
        "",
        "04.05.2026",
        "04-05-2026",
        "2026-13-01",
        "31-FEB-2026",
        "00-MAY-2026",
        "04-MAI-2026",
        "04-MAY2026",
        "04MAY-2026",
        "04-MAY-26",
        "04-MAY-2026 08:00",
        "MAY-04-2026",
        "５-MAY-2026",
        "05/04/26",
        "202605040",
        "soon",
    ],
)
def test_what_is_no_date(text):
    assert parse_date(text) is None


def test_every_month_by_name():
    months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
    read = [parse_date(f"27-{month}-1999") for month in months]
    assert read == [date(1999, number, 27) for number in range(1, 13)]


@pytest.mark.parametrize("text", ["04-MAY-1961", "1961-may-04", "04/May/1961"])
def test_a_date_with_a_month_by_name_is_no_id(text):
    report = claimcheck.check({"line_id": text, "code": "0252U"})
    assert report.line_id is None
    assert "line-id-withheld" in {finding.code for finding in report.findings}


def test_an_id_with_letters_between_dashes_is_one():
    assert claimcheck.check({"line_id": "2024-ABC-12", "code": "0252U"}).line_id == "2024-ABC-12"
