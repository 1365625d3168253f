"""Its tests."""

from claimcheck.testing import assert_clean, assert_finding
from pipeline import line_of

ORDER = {"id": "ORDER-7", "test": "0252U", "reasons": ["O03.9"], "collected": "2026-05-04"}


def test_an_order_becomes_a_clean_line():
    assert_clean(line_of(ORDER))


def test_a_reason_that_does_not_support_the_test_is_found():
    assert_finding(line_of({**ORDER, "reasons": ["J06.9"]}), "diagnosis-not-supporting")


def test_an_assisted_order_becomes_a_clean_line():
    assert_clean(line_of({**ORDER, "assisted": True}))
