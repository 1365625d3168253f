"""Modifiers: values written by hand from the mid-2024 list."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimcheck.codesets import Modifier, modifiers

# The numeric modifiers of CPT Appendix A, those for anesthesia status and for quality measures.
LEVEL_ONE = (  # noqa: SIM905 - a table reads better as text
    "1P 22 23 24 25 26 27 2P 32 33 3P 47 50 51 52 53 54 55 56 57 58 59 62 63 66 73 74 76 77 78 79 "
    "80 81 82 8P 90 91 92 93 95 96 97 99 P1 P2 P3 P4 P5 P6"
).split()


def found(code: str) -> Modifier:
    modifier = modifiers.lookup(code)
    assert modifier is not None
    return modifier


def test_level_one_is_complete() -> None:
    assert [each.code for each in modifiers.entries() if each.level == "I"] == LEVEL_ONE
    assert frozenset({"I"}) == modifiers.LEVELS_COMPLETE


@pytest.mark.parametrize("code", ["00", "21", "", "2", "022", "qk", "QK ", "ZZ"])
def test_what_is_not_in_the_list_is_absent(code: str) -> None:
    assert modifiers.lookup(code) is None


@pytest.mark.parametrize("code", ["AA", "AD", "QK", "QS", "QX", "QY", "QZ", "P1", "23", "47"])
def test_anesthesia(code: str) -> None:
    assert found(code).family == "anesthesia"


@pytest.mark.parametrize(
    ("code", "family"),
    [
        ("80", "surgical-team"),
        ("AS", "surgical-team"),
        ("56", "global-surgery"),
        ("26", "component"),
        ("TC", "component"),
        ("90", "laboratory"),
        ("XU", "distinct-service"),
    ],
)
def test_families(code: str, family: str) -> None:
    assert found(code).family == family


@pytest.mark.parametrize(
    ("code", "start"),
    [
        ("93", date(2022, 1, 1)),
        ("95", date(2017, 1, 1)),
        ("96", date(2018, 1, 1)),
        ("CQ", date(2020, 1, 1)),
        ("JZ", date(2023, 1, 1)),
        ("XE", date(2015, 1, 1)),
        ("26", None),
    ],
)
def test_starts(code: str, start: date | None) -> None:
    assert found(code).start == start


def test_in_force() -> None:
    assert not found("93").in_force(date(2021, 12, 31))
    assert found("93").in_force(date(2022, 1, 1))
    assert found("93").in_force(None)
    assert found("26").in_force(date(1990, 1, 1))


@pytest.mark.parametrize("code", ["L1", "CS"])
def test_an_unverified_retirement_is_not_an_end(code: str) -> None:
    assert found(code).end is None


def test_an_end_is_inclusive() -> None:
    retired = Modifier("Z9", "made up", "payer", "II", None, date(2020, 12, 31), False)
    assert retired.in_force(date(2020, 12, 31))
    assert not retired.in_force(date(2021, 1, 1))
    assert not retired.in_force(None)


@pytest.mark.parametrize(
    ("code", "bypasses"), [("59", True), ("91", True), ("LT", True), ("26", False), ("80", False)]
)
def test_ptp_associated(code: str, bypasses: bool) -> None:
    assert found(code).ptp_associated is bypasses


@pytest.mark.parametrize(
    ("code", "shape"),
    [
        ("00", True),
        ("22", True),
        ("1P", False),
        ("P1", False),
        ("2", False),
        ("\u0662\u0662", False),
    ],
)
def test_level_one_shape(code: str, shape: bool) -> None:
    assert modifiers.is_level_one_shape(code) is shape


@given(code=st.from_regex(r"[0-9]{2}", fullmatch=True))
def test_two_digits_are_known_only_as_level_one(code: str) -> None:
    modifier = modifiers.lookup(code)
    if modifiers.is_level_one_shape(code):
        assert modifier is None or modifier.level == "I"


def test_every_modifier_has_a_meaning_and_two_characters() -> None:
    for each in modifiers.entries():
        assert each.meaning
        assert len(each.code) == 2
        assert each.code == each.code.upper()


def test_vintage_is_unstated_at_both_ends() -> None:
    assert modifiers.VINTAGE.covers(date(2030, 1, 1))
    assert modifiers.VINTAGE.source == "modifier-list-2024"
