"""Checks of the units of service."""

from __future__ import annotations

from collections.abc import Iterator

from claimcheck.checks.definition import Defect, check
from claimcheck.finding import Citation
from claimcheck.line import Problem
from claimcheck.verdict import Severity


@check("units-malformed", field="units", carc="16")
def units_malformed(problem: Problem) -> Iterator[Defect]:
    """The units are not a positive number.

    What it finds:
        Units that are zero, negative, a million or more, or no number.

    Why it matters:
        A line must say how often the service was rendered; zero units are rejected.

    Example:
        {"code": "0252U", "units": 0, "diagnoses": ["O03.9"]}

    What to do:
        Give the number of times the service was rendered, 1 for a single test.

    Sources:
        X12 005010X222A1: SV104 holds the quantity.
    """
    if problem.defect != "units-malformed":
        return
    what = f"Units {problem.value}" if problem.value else "The units"
    yield Defect(
        severity=Severity.ERROR,
        value=problem.value,
        message=f"{what} ({problem.shape}) are not a positive number.",
        hint="Give the number of times the service was rendered.",
        citations=(Citation("x12-837p", "SV104"),),
    )
