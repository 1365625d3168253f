"""A claim pipeline, as small as can be: an order becomes a claim line."""


def line_of(order):
    """The claim line of an order for a laboratory test."""
    return {
        "line_id": order["id"],
        "code": order["test"],
        "modifiers": ["80"] if order.get("assisted") else [],
        "place_of_service": "81",
        "diagnoses": order["reasons"],
        "service_date": order["collected"],
    }
