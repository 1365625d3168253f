"""From orders to lines: what must hold of every line that leaves the laboratory."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from claimcheck.testing import assert_clean, assert_finding

from lab_billing.lines import line_of
from lab_billing.orders import Order, read_orders

ORDERS = {order.number: order for order in read_orders(Path(__file__).parents[1] / "orders.csv")}


@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
def test_every_order_becomes_a_clean_line(order: Order) -> None:
    # No rule speaks of the microarray yet. The run's summary says so each time.
    assert_clean(line_of(order), allow_not_checked=order.test == "microarray")


def test_the_surgeons_modifiers_stay_on_the_surgeons_line() -> None:
    order = ORDERS["ORD-1001"]
    assert order.visit_modifiers == ("62", "80")
    carried_over = {**line_of(order), "modifiers": order.visit_modifiers}
    assert_finding(carried_over, "modifier-not-applicable", value="80")
    assert line_of(order)["modifiers"] == []


def test_the_place_is_where_the_test_is_performed() -> None:
    order = ORDERS["ORD-1003"]
    assert order.site == "home"
    assert_finding({**line_of(order), "place_of_service": "12"}, "place-not-applicable", value="12")
    assert line_of(order)["place_of_service"] == "81"


def test_a_test_that_is_sent_out_says_so() -> None:
    line = line_of(ORDERS["ORD-1004"])
    assert line["modifiers"] == ["90"]
    del line["conditions"]
    assert_finding(line, "modifier-needs-condition", value="90", severity="info")


def test_a_reason_that_is_none_is_found() -> None:
    order = replace(ORDERS["ORD-1002"], reasons=("J06.9",))
    assert_finding(line_of(order), "diagnosis-not-supporting")
