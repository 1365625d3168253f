"""Without ``checker=``, strategies draw from the rules of the test run, as the assertions check by them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import find

import claimcheck
from claimcheck.scalar import _default_checker
from claimcheck.testing.current import current_checker, current_run
from claimcheck.testing.strategies import claim_lines

pytest_plugins = ("pytester",)

OVERLAY = Path(__file__).parents[3] / "docs" / "examples" / "overlay"
TESTS = """
    from hypothesis import find, given, settings
    from claimcheck.testing import (
        assert_clean, assert_finding, claim_lines, claims, defective_lines, modifiers, x12_files
    )

    few = settings(max_examples=60, database=None, derandomize=True)

    @few
    @given(claim_lines("0252U"))
    def test_clean(line):
        assert_clean(line)

    @few
    @given(claims("0252U"))
    def test_claims(claim):
        assert_clean(claim)

    @few
    @given(defective_lines("modifier-unlisted", code="0252U"))
    def test_defective(line):
        assert_finding(line, "modifier-unlisted")

    @few
    @given(modifiers("0252U", "not-applicable"))
    def test_not_applicable(modifier):
        line = {"code": "0252U", "modifiers": [modifier], "diagnoses": ["N96"]}
        assert_finding(line, "modifier-not-applicable")

    def test_of_the_overlay():
        assert find(modifiers("0252U", "not-applicable"), lambda one: one == "90") == "90"

    def test_within_a_test():
        assert_clean(find(claim_lines("0252U"), lambda line: "modifiers" in line))
"""
INI = f"[pytest]\nclaimcheck_rules = {OVERLAY}\n"


def run(pytester: pytest.Pytester, *args: str) -> pytest.RunResult:
    return pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:xdist", *args)


def test_strategies_use_the_checker_of_the_run(pytester: pytest.Pytester) -> None:
    pytester.makeini(INI)
    pytester.makepyfile(TESTS)
    run(pytester).assert_outcomes(passed=6)


def test_without_the_plugin_they_use_the_bundled_rules(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\n")
    pytester.makepyfile(TESTS)
    result = run(pytester, "-p", "no:claimcheck")
    result.assert_outcomes(passed=5, failed=1)
    result.stdout.fnmatch_lines(["FAILED *::test_of_the_overlay*"])


def test_a_strategy_of_a_conftest_uses_the_checker_of_the_run(pytester: pytest.Pytester) -> None:
    pytester.makeini(INI)
    pytester.makeconftest(
        """
        from claimcheck.testing import claim_lines
        from claimcheck.testing.current import current_run

        WERE_EARLY = current_run() is None
        LINES = claim_lines("0252U")
        """
    )
    pytester.makepyfile(
        """
        from conftest import LINES, WERE_EARLY
        from hypothesis import given, settings
        from claimcheck.testing import assert_clean

        @settings(max_examples=200, database=None, derandomize=True)
        @given(LINES)
        def test_clean(line):
            assert WERE_EARLY
            assert_clean(line)
        """
    )
    run(pytester).assert_outcomes(passed=1)


def test_lines_that_are_only_tried_are_not_counted(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from hypothesis import given, settings
        from claimcheck.testing import assert_clean, claim_lines

        @settings(max_examples=10, database=None)
        @given(claim_lines("0252U"))
        def test_clean(line):
            pass

        @given(claim_lines("0252U"))
        def test_given(claimcheck_checker, line):
            pass

        def test_one(claimcheck_checker):
            from hypothesis import find
            find(claim_lines(checker=claimcheck_checker), lambda line: True)
            assert_clean({"code": "0252U", "diagnoses": ["N96"]})
        """
    )
    result = run(pytester)
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["1 line checked: 1 clean, 0 with findings; no finding"])


def test_settings_that_cannot_be_used_are_told(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nclaimcheck_payer = ---\n")
    pytester.makepyfile(TESTS)
    result = run(pytester)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["E *ConfigurationError: payer has no letter or digit*"])


def test_there_is_one_default_checker(monkeypatch: pytest.MonkeyPatch) -> None:
    run = current_run()
    assert run is not None
    assert current_checker() is run.checker
    monkeypatch.setattr("claimcheck.testing.current._RUNS", [])
    assert current_checker() is _default_checker()
    assert current_checker() is _default_checker()
    line = find(claim_lines("0252U"), lambda line: "modifiers" in line)
    assert claimcheck.check(line).status == "clean"
