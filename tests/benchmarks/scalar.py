"""What one line costs: claimcheck beside a hand-written dictionary check, and beside pydantic.

Everything is measured in one run, interleaved, and told as ratios of medians:

    python tests/benchmarks/scalar.py

*prebuilt* is ``Checker.check`` of a ``ClaimLine`` against a hand-written loop over dictionaries of
the same five fields (which knows nothing of dates, payers, layers or malformed values).
*from a mapping* is ``Checker.check`` of a mapping against pydantic's validation of it, no check made.
*recurring* lines repeat a content seen before, as most lines of a night's claims do; *distinct* lines
have a content never seen before, so that every check runs.
"""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from pydantic import BaseModel

import claimcheck

ROUNDS = 9
LINES = 20_000


class PydanticLine(BaseModel):
    """The fields of a claim line, as pydantic would validate them."""

    line_id: str | None = None
    claim_id: str | None = None
    code: str
    modifiers: list[str] = []
    place_of_service: str | None = None
    diagnoses: list[str] = []
    taxonomy: str | None = None
    payer: str | None = None
    service_date: date | None = None
    units: int | None = None


MODIFIERS = ["59", "90", "91", "GA", "KX", "Q0", "80", "26", "QK", "TC"]
PLACES = ["81", "81", "81", "22", "19", "11", "12"]
DIAGNOSES = ["O03.9", "O02.1", "N96", "O03.4", "J06.9", "C50.911", "C34.90", "Z34.90"]
TAXONOMIES = ["291U00000X", "207ZP0102X", "207P00000X"]
PAYERS = ["Aetna", "Cigna Health", "Medicare", "Blue Cross Blue Shield"]


def mappings(distinct: bool, seed: int) -> list[dict[str, Any]]:
    """Lines: of some 1,500 contents that recur, or each with a content of its own (by its units)."""
    draw = random.Random(seed)
    made = []
    for number in range(LINES):
        made.append(
            {
                "line_id": f"L{number}",
                "claim_id": f"C{number // 3}",
                "code": draw.choice(["0252U", "81452"]),
                "modifiers": draw.choices(MODIFIERS, k=draw.choice([0, 0, 0, 1, 1, 2])),
                "place_of_service": draw.choice(PLACES),
                "diagnoses": draw.sample(DIAGNOSES, k=draw.choice([1, 1, 2])),
                "taxonomy": draw.choice(TAXONOMIES),
                "payer": draw.choice(PAYERS),
                "service_date": f"2026-0{draw.randint(4, 9)}-{draw.randint(10, 28)}",
                "units": seed * 100_000 + number + 1 if distinct else 1,
            }
        )
    return made if distinct else [dict(line) for line in draw.choices(made[:1500], k=LINES)]


def hand_written(rules: dict[str, dict[str, dict[str, str]]]) -> Callable[[Any], list[Any]]:
    """A dictionary check of five fields: code, modifiers, place, diagnoses, taxonomy."""

    def check(line: Any) -> list[Any]:
        found: list[Any] = []
        rule = rules.get(line.code)
        if rule is None:
            return [("code", line.code)]
        modifiers = rule["modifiers"]
        for index, modifier in enumerate(line.modifiers):
            if modifiers.get(modifier) != "applicable":
                found.append(("modifiers", index, modifier, modifiers.get(modifier)))
        if rule["places"].get(line.place_of_service) != "applicable":
            found.append(("place_of_service", None, line.place_of_service, None))
        diagnoses = rule["diagnoses"]
        if not any(diagnoses.get(code) == "indicated" for code in line.diagnoses):
            found.append(("diagnoses", None, None, None))
        if rule["taxonomies"].get(line.taxonomy) != "applicable":
            found.append(("taxonomy", None, line.taxonomy, None))
        return found

    return check


def rules_by_hand(ruleset: claimcheck.RuleSet) -> dict[str, dict[str, dict[str, str]]]:
    """The bundled rules, flattened into dictionaries for the hand-written check."""
    flat: dict[str, dict[str, dict[str, str]]] = {}
    for code in ruleset.codes:
        rule = ruleset.rule(code, None, date(2026, 5, 4))
        assert rule is not None
        sections: dict[str, dict[str, str]] = {
            name: {} for name in ("modifiers", "places", "diagnoses", "taxonomies")
        }
        for part in rule.statements:
            for name, section in sections.items():
                section.update({entry.value: entry.verdict for entry in getattr(part, name)})
        flat[code] = sections
    return flat


def timed(function: Callable[[Any], Any], lines: Iterable[Any]) -> float:
    """Microseconds per line."""
    started = time.perf_counter()
    for line in lines:
        function(line)
    return (time.perf_counter() - started) / LINES * 1e6


def start_up(arguments: list[str]) -> float:
    """Milliseconds of a fresh interpreter."""
    started = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return (time.perf_counter() - started) * 1e3


def main() -> None:
    """Measure and print."""
    checker = claimcheck.Checker()
    by_hand = hand_written(rules_by_hand(checker.ruleset))
    recurring = mappings(distinct=False, seed=0)
    prebuilt = [claimcheck.ClaimLine(**line) for line in recurring]
    checked: dict[str, list[float]] = {}

    def note(name: str, value: float) -> None:
        checked.setdefault(name, []).append(value)

    for round_number in range(ROUNDS):
        distinct = mappings(distinct=True, seed=round_number + 1)
        fresh = [claimcheck.ClaimLine(**line) for line in distinct]
        note("hand", timed(by_hand, prebuilt))
        note("prebuilt recurring", timed(checker.check, prebuilt))
        note("hand, distinct", timed(by_hand, fresh))
        note("prebuilt distinct", timed(checker.check, fresh))
        note("pydantic", timed(PydanticLine.model_validate, recurring))
        note("mapping recurring", timed(checker.check, recurring))
        note("bare python", start_up(["-c", "pass"]))
        note("import claimcheck", start_up(["-c", "import claimcheck"]))
        note("claimcheck --help", start_up(["-m", "claimcheck", "--help"]))
    median = {name: statistics.median(values) for name, values in checked.items()}
    for name, value in median.items():
        unit = "ms" if name in ("bare python", "import claimcheck", "claimcheck --help") else "us"
        print(f"{name:22} {value:8.2f} {unit}")
    for name, over, bar in (
        ("prebuilt recurring", "hand", 3),
        ("prebuilt distinct", "hand, distinct", None),
        ("mapping recurring", "pydantic", 2),
        ("import claimcheck", "bare python", 5),
        ("claimcheck --help", "bare python", 8),
    ):
        bar_text = f"(bar {bar})" if bar else "(no bar)"
        print(f"{name} / {over}: {median[name] / median[over]:.2f} {bar_text}")


if __name__ == "__main__":
    main()
