"""Vintages: inclusive ends, unstated ends, undated lines."""

from __future__ import annotations

import pickle
from datetime import date, timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimcheck.codesets import Vintage

SUMMER = Vintage(name="summer", first=date(2026, 6, 1), last=date(2026, 8, 31), source="s")


@pytest.mark.parametrize(
    ("day", "covered"),
    [
        (date(2026, 5, 31), False),
        (date(2026, 6, 1), True),
        (date(2026, 8, 31), True),
        (date(2026, 9, 1), False),
        (None, True),
    ],
)
def test_both_ends_are_inclusive(day: date | None, covered: bool) -> None:
    assert SUMMER.covers(day) is covered


@given(day=st.dates())
def test_an_unstated_end_excludes_nothing(day: date) -> None:
    assert Vintage(name="any", first=None, last=None, source="s").covers(day)
    assert Vintage(name="until", first=None, last=day, source="s").covers(day)
    assert Vintage(name="since", first=day, last=None, source="s").covers(day)


@given(first=st.dates(max_value=date(9000, 1, 1)), length=st.integers(0, 500))
def test_the_days_outside_are_not_covered(first: date, length: int) -> None:
    last = first + timedelta(days=length)
    vintage = Vintage(name="span", first=first, last=last, source="s")
    assert vintage.covers(first)
    assert vintage.covers(last)
    assert not vintage.covers(last + timedelta(days=1))


def test_it_is_frozen_and_survives_pickling() -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        SUMMER.name = "winter"  # type: ignore[misc]  # the point of the test
    assert pickle.loads(pickle.dumps(SUMMER)) == SUMMER  # noqa: S301 - our own bytes
