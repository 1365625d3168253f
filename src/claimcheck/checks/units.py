"""Checks of the units of service."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from claimcheck.checks.definition import Defect, check
from claimcheck.checks.wording import edition_title, table_severity
from claimcheck.codesets.bundle import CodeSets
from claimcheck.dates import Epoch
from claimcheck.finding import Citation
from claimcheck.line import Problem
from claimcheck.table_policy import Authority
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


@check(
    "units-over-limit",
    field="units",
    carc="151",
    tables=("mue-practitioner", "mue-outpatient", "mue-dme"),
)
def units_over_limit(
    code: str | None,
    units: int | float | None,
    epoch: Epoch,
    table_authority: Authority,
    code_sets: CodeSets,
) -> Iterator[Defect]:
    """A line has more units than are paid for its procedure code.

    What it finds:
        Units above the medically unlikely edit of the code, whatever its adjudication indicator: a
        single line passes the limit per line (1) and the limit per date of service (2, 3) alike. An
        error if the tables bind the payer, else a warning. Where the edit is 0, the code is not paid
        in this setting at all: a warning if the tables bind the payer, else an info. Anesthesia codes
        are left out, since their units may be minutes.

    Why it matters:
        All units of the line are denied (CARC 151), not only those above the limit.

    Example:
        {"code": "0252U", "units": 2, "diagnoses": ["O03.9"]}

    What to do:
        Check the units against the record. Over an indicator of 1, a second line with a modifier that
        describes the repetition may be right; over 3, the denial may be appealed with documentation;
        over 2, it may not.

    Sources:
        The imported edition of the medically unlikely edits for the setting. Some limits are not
        published: no row is not no limit.
    """
    if code is None or units is None or table_authority == "ignored" or counts_time(code):
        return
    limit = code_sets.tables.units_limit(code, epoch.day)
    if limit is None or units <= limit.units:
        return
    citation = limit.edition.cite(code)
    if limit.units == 0:
        binding = table_authority == "binding"
        yield Defect(
            severity=Severity.WARNING if binding else Severity.INFO,
            value=units_told(units),
            message=f"T{edition_title(citation)[1:]} allows no unit of {code}: in this setting "
            "it is not paid.",
            hint="Bill it in the setting where it belongs (supplier, hospital), or ask the payer; the "
            "setting national-tables.setting says whose claims these are.",
            rule=f"tables/{limit.edition.kind}#{code}",
            citations=(citation,),
        )
        return
    span = "line" if limit.indicator == 1 else "day"
    yield Defect(
        severity=table_severity(table_authority),
        value=units_told(units),
        message=f"The line has {units_told(units)} units of {code}; {edition_title(citation)} allows "
        f"{limit.units} for the {span} (adjudication indicator {limit.indicator}).",
        hint="Check the units against the record. " + _WAYS_OUT[limit.indicator],
        rule=f"tables/{limit.edition.kind}#{code}",
        citations=(citation,),
    )


_WAYS_OUT: Final = {
    1: "A repetition may stand on a line of its own with the modifier that describes it.",
    2: "This limit follows from policy; no modifier and no appeal lifts it.",
    3: "If the record supports them, a denial may be appealed.",
}


def counts_time(code: str) -> bool:
    """Whether the units of a code may be minutes: anesthesia, 00100 to 01999."""
    return "00100" <= code <= "01999"


def units_told(units: int | float) -> str:
    """Units as people write them: 2, 0.5."""
    return f"{units:g}" if units < 1_000_000 else str(units)
