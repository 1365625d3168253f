"""Places of service: values written by hand from the CMS set."""

from __future__ import annotations

from datetime import date

import pytest

from claimcheck.codesets import places

UNASSIGNED = (  # noqa: SIM905 - a table reads better as text
    "28 29 30 35 36 37 38 39 40 43 44 45 46 47 48 59 63 64 67 68 69 70 73 74 75 76 77 78 79 80 82 "
    "83 84 85 86 87 88 89 90 91 92 93 94 95 96 97 98"
).split()


def test_all_ninety_nine_codes_are_there() -> None:
    assert [place.code for place in places.entries()] == [f"{n:02}" for n in range(1, 100)]


def test_forty_seven_are_unassigned() -> None:
    assert len(UNASSIGNED) == 47
    assert [place.code for place in places.entries() if not place.assigned] == UNASSIGNED


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("10", "Telehealth Provided in Patient's Home"),
        ("11", "Office"),
        ("72", "Rural Health Clinic"),
        ("81", "Independent Laboratory"),
        ("99", "Other Place of Service"),
        ("97", ""),
    ],
)
def test_names(code: str, name: str) -> None:
    place = places.lookup(code)
    assert place is not None
    assert place.name == name


@pytest.mark.parametrize("code", ["00", "1", "100", "", "AA", " 11", "11.0"])
def test_what_is_not_a_code_is_absent(code: str) -> None:
    assert places.lookup(code) is None
    assert not places.assigned_on(code, None)


@pytest.mark.parametrize(
    ("code", "start"),
    [
        ("10", date(2022, 1, 1)),
        ("19", date(2016, 1, 1)),
        ("27", date(2023, 10, 1)),
        ("58", date(2020, 1, 1)),
        ("66", date(2024, 8, 1)),
        ("81", None),
    ],
)
def test_starts(code: str, start: date | None) -> None:
    place = places.lookup(code)
    assert place is not None
    assert place.start == start


@pytest.mark.parametrize(
    ("code", "day", "assigned"),
    [
        ("27", date(2023, 9, 30), False),
        ("27", date(2023, 10, 1), True),
        ("27", None, True),
        ("81", date(1999, 1, 1), True),
        ("97", date(2024, 1, 1), False),
        ("97", None, False),
    ],
)
def test_assigned_on(code: str, day: date | None, assigned: bool) -> None:
    assert places.assigned_on(code, day) is assigned
