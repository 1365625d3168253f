"""Bad rule files, each in a folder with the exact words that are said of it in ``expected.txt``.

Every folder is put on top of ``gallery/_base``.
"""

from functools import cache
from pathlib import Path

import pytest

from claimcheck.ruleset.build import assemble
from claimcheck.ruleset.ruleset import RuleSet, empty_rules

GALLERY = Path(__file__).parent / "gallery"
CASES = sorted(case for case in GALLERY.iterdir() if case.is_dir() and case.name != "_base")


@cache
def base() -> RuleSet:
    return assemble([GALLERY / "_base"], empty_rules(), "the rules below").or_raise()


def problems_of(case: Path) -> str:
    assembly = assemble([case], base(), "case")
    text = "\n".join(str(problem) for problem in assembly.problems)
    below = f"{base().name} {base().version}"
    return text.replace(f"{case}/", "").replace(str(case), ".").replace(below, base().name)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_problems_are_told_in_these_words(case):
    assert problems_of(case) == (case / "expected.txt").read_text().rstrip("\n")


def test_there_are_many_cases_and_each_has_a_problem():
    assert len(CASES) >= 40
    assert all((case / "expected.txt").read_text().strip() for case in CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_words_are_borrowed(case):
    words = (case / "expected.txt").read_text().lower()
    for borrowed in ("pydantic", "http", "input should", "field required", "<unicode string>"):
        assert borrowed not in words
