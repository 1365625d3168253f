"""Checks of the payer's name."""

from __future__ import annotations

from collections.abc import Iterator

from claimcheck.checks.definition import Defect, check
from claimcheck.line import LONGEST_PAYER, Problem
from claimcheck.verdict import Severity


@check("payer-malformed", field="payer", carc="16")
def payer_malformed(problem: Problem) -> Iterator[Defect]:
    """The payer is no name.

    What it finds:
        A payer without a letter or digit, of more than 80 characters, or no text at all. The value
        is not shown.

    Why it matters:
        Rules of one payer are found by its name; without it they are not applied.

    Example:
        {"code": "0252U", "payer": "---", "diagnoses": ["O03.9"]}

    What to do:
        Give the payer's name or the key that your overlays use, for example ``aetna``.

    Sources:
        The names are those of the rule files.
    """
    if problem.defect != "payer-malformed":
        return
    yield Defect(
        severity=Severity.ERROR,
        message=f"The payer ({problem.shape}) is no name.",
        hint=f"Give a name of at most {LONGEST_PAYER} characters, for example aetna.",
    )
