"""Checks of the line as a whole: can it be read at all."""

from __future__ import annotations

from collections.abc import Iterator

from claimcheck.checks.definition import Defect, check
from claimcheck.line import FIELDS, Problem
from claimcheck.verdict import Severity

_WANTED = {
    "service_date": (
        "The date of service ({shape}) cannot be read.",
        "Write it as 2026-05-04, 20260504, 05/04/2026 (month first) or 04-MAY-2026.",
    ),
}


@check("line-malformed", field="code", carc="16")
def line_malformed(problem: Problem) -> Iterator[Defect]:
    """The line, its date of service or one of its conditions cannot be read.

    What it finds:
        A line that is no set of named fields, a date of service in a shape that is not understood,
        or a confirmed condition that is no name in kebab-case. The value is never shown, since a
        wrong value may be a person's.

    Why it matters:
        What cannot be read cannot be checked, and a payer's system will not read it either.

    Example:
        {"code": "0252U", "service_date": "sometime in May", "diagnoses": ["O03.9"]}

    What to do:
        Correct the field. Dates may be written 2026-05-04, 20260504, 05/04/2026 (month first) or
        04-MAY-2026.

    Sources:
        X12 005010X222A1: DTP*472 holds the date of service in the form D8 (CCYYMMDD) or RD8.
    """
    if problem.defect != "line-malformed":
        return
    message, hint = _WANTED.get(
        problem.field,
        (
            "The line cannot be read: {shape}.",
            "Give the line as fields with names; a condition is a name such as "
            "professional-component-only.",
        ),
    )
    yield Defect(
        severity=Severity.ERROR,
        field=problem.field,
        message=message.format(shape=problem.shape),
        hint=hint,
    )


@check("line-field-unknown", field="code")
def line_field_unknown(problem: Problem) -> Iterator[Defect]:
    """The line has fields that claimcheck does not read.

    What it finds:
        Fields whose names are not among those of a claim line. Their names and values are not
        shown. It is a warning if a name looks like a misspelt field, since that field then went
        unchecked, else an info.

    Why it matters:
        A misspelt field name is silence: the value is on the line, and nobody looks at it.

    Example:
        {"code": "0252U", "modifers": ["80"], "diagnoses": ["O03.9"]}

    What to do:
        Correct the field's name, or drop fields that are not for claimcheck.

    Sources:
        The field names are claimcheck's own; see the quickstart.
    """
    if problem.defect != "line-field-unknown":
        return
    several = problem.shape != "1"
    count = f"{problem.shape} fields that are" if several else "1 field that is"
    if problem.looks_like:
        yield Defect(
            severity=Severity.WARNING,
            message=f"The line has {count} not read; one looks like {problem.looks_like}, "
            "which is absent and so was not checked.",
            hint=f"Write the field's name as {problem.looks_like}.",
        )
    else:
        yield Defect(
            severity=Severity.INFO,
            message=f"The line has {count} not read.",
            hint=f"The fields are {', '.join(FIELDS)}.",
        )


@check("line-id-withheld", field="code")
def line_id_withheld(problem: Problem) -> Iterator[Defect]:
    """The line's own id looks like something about a person, and is not repeated.

    What it finds:
        A ``line_id`` or ``claim_id`` with blanks, commas, other unusual signs, the shape of a date,
        or more than 64 characters. The report then has no id, only its position.

    Why it matters:
        Reports repeat ids. A name or a date of birth in the id column would leak into them.

    Example:
        {"line_id": "1984-03-07", "code": "0252U", "diagnoses": ["O03.9"]}

    What to do:
        Give ids of letters, digits and ``. _ : / # | + = -``, for example ``CLM-1041/2``.

    Sources:
        claimcheck's own rule on protected health information.
    """
    if problem.defect != "line-id-withheld":
        return
    yield Defect(
        severity=Severity.INFO,
        message=f"An id of the line is not repeated in the report: {problem.shape}.",
        hint="Use up to 64 letters, digits and . _ : / # | + = - without blanks, not a date.",
    )


@check("line-condition-unknown", field="code")
def line_condition_unknown(
    conditions: tuple[str, ...], known_conditions: frozenset[str]
) -> Iterator[Defect]:
    """The line confirms a condition that no rule names.

    What it finds:
        A name in ``conditions`` that is the condition of no entry of the rule set, most often a
        misspelling. The name is not shown.

    Why it matters:
        The entry whose condition was meant still asks for it, or the caller believes that a
        condition is checked which no rule knows.

    Example:
        {"code": "0252U", "modifiers": ["90"], "conditions": ["performed-by-refrence-lab"],
         "diagnoses": ["O03.9"]}

    What to do:
        Take the name from the finding that asked for the condition, or from the rule's page.

    Sources:
        The conditions are those of the loaded rule files.
    """
    unknown = [name for name in conditions if name not in known_conditions]
    if unknown:
        count = "1 condition" if len(unknown) == 1 else f"{len(unknown)} conditions"
        yield Defect(
            severity=Severity.INFO,
            message=f"The line confirms {count} that no loaded rule names.",
            hint="Use the name that the finding modifier-needs-condition gives.",
        )
