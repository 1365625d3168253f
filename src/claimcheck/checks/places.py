"""Checks of the place of service."""

from __future__ import annotations

from collections.abc import Iterator

from claimcheck.checks.definition import Defect, check
from claimcheck.checks.wording import layers_note
from claimcheck.codesets.bundle import CodeSets
from claimcheck.dates import Epoch
from claimcheck.finding import Citation
from claimcheck.fix import Fix
from claimcheck.line import Problem
from claimcheck.ruleset.model import Rule
from claimcheck.verdict import Severity


@check("place-malformed", field="place_of_service", carc="58")
def place_malformed(problem: Problem) -> Iterator[Defect]:
    """The place of service is not two digits.

    What it finds:
        A place of service that is not two digits. One digit alone is read with the leading zero and
        told as ``place-digit-lost``.

    Why it matters:
        A claim with a place of service of the wrong shape is rejected.

    Example:
        {"code": "0252U", "place_of_service": "8A", "diagnoses": ["O03.9"]}

    What to do:
        Write the two digits of the CMS list, for example ``81`` for an independent laboratory.

    Sources:
        CMS place of service code set.
    """
    if problem.defect != "place-malformed":
        return
    what = f"Place of service {problem.value}" if problem.value else "The place of service"
    yield Defect(
        severity=Severity.ERROR,
        value=problem.value,
        message=f"{what} ({problem.shape}) is not two digits.",
        hint="Write the two digits of the CMS list, with the leading zero.",
        citations=(Citation("cms-place-of-service", "codes 01 to 99"),),
    )


@check("place-digit-lost", field="place_of_service", carc="58")
def place_digit_lost(problem: Problem) -> Iterator[Defect]:
    """The place of service has one digit; a leading zero seems to be lost.

    What it finds:
        A place of service of one digit, as a spreadsheet leaves it. It is read with its zero and
        checked as such.

    Why it matters:
        On the claim itself one digit is rejected; and ``1`` may have been ``11`` once.

    Example:
        {"code": "0252U", "place_of_service": 6, "diagnoses": ["O03.9"]}

    What to do:
        Store the place of service as text of two digits.

    Sources:
        CMS place of service code set.
    """
    if problem.defect != "place-digit-lost" or problem.value is None:
        return
    yield Defect(
        severity=Severity.INFO,
        value=problem.value,
        message=f"Place of service {problem.value[1]} is read as {problem.value}: "
        "a leading zero seems to be lost.",
        hint="Store the place of service as text of two digits.",
        citations=(Citation("cms-place-of-service", problem.value),),
        fix=Fix(
            kind="safe",
            action="replace",
            field="place_of_service",
            old=problem.value[1],
            value=problem.value,
        ),
    )


@check("place-unassigned", field="place_of_service", carc="58")
def place_unassigned(
    place_of_service: str | None, epoch: Epoch, code_sets: CodeSets
) -> Iterator[Defect]:
    """The place of service is not assigned on the date of service.

    What it finds:
        Two digits that CMS has not assigned to a place, or had not yet on the date of service.

    Why it matters:
        An unassigned place of service is denied (CARC 58).

    Example:
        {"code": "0252U", "place_of_service": "97", "diagnoses": ["O03.9"]}

    What to do:
        Use the place where the test was performed; for an independent laboratory that is 81.

    Sources:
        CMS place of service code set.
    """
    if place_of_service is None or code_sets.places.assigned_on(place_of_service, epoch.day):
        return
    place = code_sets.places.lookup(place_of_service)
    if place is not None and place.assigned:
        why = f"is assigned from {place.start} on; the line's date of service is earlier"
    else:
        why = "is not assigned to any place"
    yield Defect(
        severity=Severity.ERROR,
        value=place_of_service,
        message=f"Place of service {place_of_service} {why}.",
        hint="Use the place where the service was performed.",
        rule=f"codesets/places#{place_of_service}",
        citations=(Citation(code_sets.places.vintage.source, place_of_service),),
    )


@check("place-not-applicable", field="place_of_service", carc="5")
def place_not_applicable(
    rule: Rule | None, place_of_service: str | None, code_sets: CodeSets
) -> Iterator[Defect]:
    """A rule says that the service cannot be performed at this place.

    What it finds:
        A place of service for which the deciding entry says ``not-applicable``, for example a
        patient's home for a laboratory test.

    Why it matters:
        Payers deny a procedure code that does not fit the place (CARC 5). For a laboratory test the
        place is where the test is done, not where the specimen was taken.

    Example:
        {"code": "0252U", "place_of_service": "12", "diagnoses": ["O03.9"]}

    What to do:
        Give the place where the test was performed: 81 for an independent laboratory, 11 for an
        office's own, 19, 21 or 22 for a hospital's.

    Sources:
        The cited row of the rule file or of its family.
    """
    if rule is None or place_of_service is None:
        return
    ruling = rule.place(place_of_service)
    if ruling is None or ruling.entry.verdict != "not-applicable":
        return
    place = code_sets.places.lookup(place_of_service)
    name = f" ({place.name})" if place is not None and place.assigned else ""
    yield Defect(
        severity=Severity.WARNING,
        value=place_of_service,
        message=f"Place of service {place_of_service}{name} does not fit {rule.code}: "
        f"{ruling.entry.because}{layers_note(ruling)}",
        hint="Give the place where the test was performed, not where the specimen was taken.",
        rule=ruling.entry.id,
        citations=ruling.entry.citations,
    )


@check("place-unlisted", field="place_of_service")
def place_unlisted(
    rule: Rule | None, place_of_service: str | None, epoch: Epoch, code_sets: CodeSets
) -> Iterator[Defect]:
    """No rule mentions the place of service for this procedure code.

    What it finds:
        An assigned place of service of which no layer says anything, where the rules do speak of
        places.

    Why it matters:
        Silence is not permission and no ban. It never is more than an info.

    Example:
        {"code": "0252U", "place_of_service": "09", "diagnoses": ["O03.9"]}

    What to do:
        Check that the place is where the service was performed.

    Sources:
        The loaded rule set, named in every report.
    """
    if rule is None or place_of_service is None or not rule.has("places"):
        return
    if rule.place(place_of_service) is not None:
        return
    if not code_sets.places.assigned_on(place_of_service, epoch.day):
        return
    yield Defect(
        severity=Severity.INFO,
        value=place_of_service,
        message=f"No rule mentions place of service {place_of_service} for {rule.code}.",
        hint="Check that it is the place where the service was performed.",
        rule=f"codes/{rule.code}#places",
    )
