from __future__ import annotations

import pytest

from claimcheck.checks import CHECKS, CLAIM_CHECKS
from claimcheck.codesets import carc


@pytest.mark.parametrize("number", sorted({c.carc for c in (*CHECKS, *CLAIM_CHECKS) if c.carc}))
def test_every_denial_that_a_check_names_has_a_meaning(number):
    assert carc.meaning(number)


def test_an_unknown_number():
    assert carc.meaning("9999") is None


def test_meanings_are_short_and_begin_small():
    for number, meaning in carc._table().items():
        assert number.isalnum()
        assert meaning == meaning.strip()
        assert len(meaning) < 70
