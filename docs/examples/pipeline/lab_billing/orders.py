"""Orders, as the hospitals' system sends them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path


@dataclass(frozen=True)
class Order:
    """One ordered test. ``visit_modifiers`` are those of the visit at which it was ordered."""

    number: str
    encounter: str
    collected: date
    test: str
    reasons: tuple[str, ...]
    site: str
    visit_modifiers: tuple[str, ...]
    sent_out: bool
    payer: str


def read_orders(path: Path) -> Iterator[Order]:
    """The orders of a file, in its order."""
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield Order(
                number=row["order"],
                encounter=row["encounter"],
                collected=date.fromisoformat(row["collected"]),
                test=row["test"],
                reasons=tuple(row["reasons"].split(";")),
                site=row["site"],
                visit_modifiers=tuple(row["visit_modifiers"].split()),
                sent_out=row["sent_out"] == "yes",
                payer=row["payer"],
            )
