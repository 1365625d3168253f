"""Checks across the lines of one claim."""

from __future__ import annotations

from collections.abc import Iterator

from claimcheck.checks.definition import Defect, Repeats, check
from claimcheck.checks.wording import named_line
from claimcheck.finding import Citation
from claimcheck.line import ClaimLine
from claimcheck.verdict import Severity


@check(
    "claim-duplicate-line",
    field="code",
    carc="18",
    suspects=Repeats(
        ("code", "modifiers", "place_of_service", "taxonomy", "service_date", "units")
    ),
)
def claim_duplicate_line(lines: tuple[ClaimLine, ...]) -> Iterator[Defect]:
    """A line repeats an earlier line of the same claim.

    What it finds:
        Lines that agree in procedure code, modifiers (in any order), place of service, provider,
        date of service and units. A line of which something could not be read is not compared.

    Why it matters:
        Payers deny an exact duplicate (CARC 18). A test that really was repeated carries modifier 91
        or 59 on the second line, and is then no duplicate.

    Example:
        [{"code": "0252U", "diagnoses": ["O03.9"], "service_date": "2026-05-04"},
         {"code": "0252U", "diagnoses": ["O03.9"], "service_date": "2026-05-04"}]

    What to do:
        Remove the repetition; or, if the service was rendered twice, say so with units or a modifier.

    Sources:
        CARC 18.
    """
    first: dict[tuple[object, ...], int] = {}
    for position, line in enumerate(lines):
        if line.code is None or any(it.defect.endswith("-malformed") for it in line.problems):
            continue
        key = (
            line.code,
            tuple(sorted(filter(None, line.modifiers))),
            line.place_of_service,
            line.taxonomy,
            line.service_date,
            line.units,
        )
        earlier = first.setdefault(key, position)
        if earlier != position:
            yield Defect(
                severity=Severity.WARNING,
                line=position,
                value=line.code,
                message=f"The line repeats {named_line(lines, earlier)}: "
                f"{line.code} with the same modifiers, place, provider, date and units.",
                hint="Remove the repetition, or tell a second service by units or a modifier.",
                citations=(Citation("carc", "18"),),
            )
