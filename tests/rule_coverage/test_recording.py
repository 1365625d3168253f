"""Recording what a checker checks, whoever asks it."""

from __future__ import annotations

import contextlib
import pickle

import pytest

import claimcheck
from claimcheck.authoring.rule_tests import run_rule_tests
from claimcheck.coverage import measure, recording
from claimcheck.ruleset import bundled_folder
from claimcheck.scalar import _default_checker

LINE = {"code": "0252U", "modifiers": ["80"]}
OTHER = {"code": "81452"}


@pytest.fixture
def own(checker: claimcheck.Checker) -> claimcheck.Checker:
    return claimcheck.Checker(rules=checker.ruleset)


def test_every_way_to_check_lines_is_heard(own: claimcheck.Checker) -> None:
    with recording(own) as coverage:
        report = own.check(LINE)
        own.check(claimcheck.ClaimLine(**LINE))
        assert len(list(own.check_lines([LINE, OTHER]))) == 2
        own.check_claim([LINE, OTHER])
    assert report == own.check(LINE)
    assert coverage.as_dict() == measure([LINE] * 4 + [OTHER] * 2, own).as_dict()


def test_nothing_is_heard_before_or_after(own: claimcheck.Checker) -> None:
    own.check(LINE)
    with recording(own) as coverage:
        pass
    own.check(LINE)
    assert coverage.lines == 0
    assert "check" not in vars(own)


def test_recordings_may_overlap_and_end_with_an_error(own: claimcheck.Checker) -> None:
    with recording(own) as outer:
        with contextlib.suppress(KeyError), recording(own, codes=["81452"]) as inner:
            own.check(OTHER)
            raise KeyError
        own.check(LINE)
    assert (inner.lines, list(inner.codes)) == (1, ["81452"])
    assert (outer.lines, sorted(outer.codes)) == (2, ["0252U", "81452"])
    assert "check" not in vars(own)


def test_the_functions_of_the_package_are_heard() -> None:
    with recording(_default_checker()) as coverage:
        claimcheck.check(LINE)
    claimcheck.check(LINE)
    assert coverage.lines == 1


def test_a_checker_that_is_recorded_can_be_pickled(own: claimcheck.Checker) -> None:
    with recording(own) as coverage:
        pickle.loads(pickle.dumps(own)).check(LINE)  # noqa: S301 - our own
        assert coverage.lines == 0


def test_a_listener_that_was_not_added_cannot_be_removed(own: claimcheck.Checker) -> None:
    with pytest.raises(ValueError, match="not in list"):
        own.remove_listener(print)


def test_rule_tests_can_be_recorded(own: claimcheck.Checker) -> None:
    with recording(own) as coverage:
        results = list(run_rule_tests([bundled_folder()], own))
    assert coverage.lines == len(results) > 0
