"""What became of each field of a line: checked, or why not."""

from __future__ import annotations

from typing import Final, TypeAlias

from claimcheck.checks.taxonomies import ROLES
from claimcheck.codesets.bundle import CodeSets
from claimcheck.dates import Epoch
from claimcheck.line import ClaimLine
from claimcheck.line_report import COVERED_FIELDS, Coverage, CoverageState
from claimcheck.ruleset.model import Rule, Section

__all__ = ["States", "coverage_of", "states_if_given"]

_SECTIONS: Final[dict[str, Section]] = {
    "modifiers": "modifiers",
    "place_of_service": "places",
    "diagnoses": "diagnoses",
}


States: TypeAlias = tuple[CoverageState, ...]


def states_if_given(
    rule: Rule | None, epoch: Epoch, payer: str | None, code_sets: CodeSets
) -> States:
    """Per field, what becomes of it on a line that gives it.

    Args:
        rule: the rule for the line's code, payer and date of service.
        epoch: the epoch of its date of service.
        payer: key of its payer, or None.
        code_sets: the code sets that are used.
    """
    return tuple(_state(field, rule, epoch, payer, code_sets) for field in COVERED_FIELDS)


def coverage_of(line: ClaimLine, payer: str | None, given: States) -> Coverage:
    """The coverage of one line; ``given`` is what ``states_if_given`` tells for it."""
    values = (
        line.code,
        line.modifiers,
        line.place_of_service,
        line.diagnoses,
        line.taxonomy,
        line.billing_taxonomy,
        line.ordering_taxonomy,
        payer,
        line.service_date,
        line.units,
    )
    states: list[CoverageState] = [
        "no-value" if value is None or (type(value) is tuple and not any(value)) else state
        for value, state in zip(values, given, strict=True)
    ]
    for problem in line.problems:
        if problem.defect.endswith("-malformed"):
            at = COVERED_FIELDS.index(problem.field)
            if states[at] == "no-value":
                states[at] = "malformed"
    return Coverage(tuple(states))


def _state(
    field: str, rule: Rule | None, epoch: Epoch, payer: str | None, code_sets: CodeSets
) -> CoverageState:
    if field == "service_date":
        return "checked"
    if rule is None or field == "units":
        return "no-rule"
    if field == "code":
        return "checked" if rule.period.holds(epoch.day) else "out-of-date-range"
    if field == "payer":
        if not rule.payers:
            return "no-rule"
        return "checked" if payer in rule.payers else "payer-not-examined"
    if field in ROLES:
        return "checked" if any(rule.has_role(role) for role in ROLES[field]) else "no-rule"
    section = _SECTIONS[field]
    if not rule.has(section):
        return "out-of-date-range" if rule.had(section) else "no-rule"
    if field == "diagnoses" and not code_sets.diagnoses.vintage.covers(epoch.day):
        return "out-of-date-range"
    return "checked"
