"""From orders to claim lines."""

from __future__ import annotations

from typing import Any

from lab_billing.orders import Order

CATALOG = {"poc-aneuploidy": "0252U", "microarray": "81229"}
OUR_LABORATORY = "291U00000X"


def line_of(order: Order) -> dict[str, Any]:
    """The claim line of an order.

    Two things of an order are of the visit and not of the test: the surgeon's modifiers, and where the
    specimen was taken. The line has neither; the place of service is where the test is performed.
    """
    line: dict[str, Any] = {
        "line_id": order.number,
        "claim_id": order.encounter,
        "code": CATALOG[order.test],
        "modifiers": [],
        "place_of_service": "81",
        "diagnoses": list(order.reasons),
        "taxonomy": OUR_LABORATORY,
        "billing_taxonomy": OUR_LABORATORY,
        "payer": order.payer,
        "service_date": order.collected,
        "units": 1,
    }
    if order.sent_out:
        # The contract with the reference laboratory is on file.
        line["modifiers"] = ["90"]
        line["conditions"] = ["performed-by-reference-laboratory"]
    return line
