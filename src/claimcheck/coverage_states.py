"""What became of each field of a line: checked, or why not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final, TypeAlias

import attrs

from claimcheck.checks.taxonomies import ROLES
from claimcheck.codesets.bundle import CodeSets
from claimcheck.codesets.store.kinds import KINDS, MEDICARE_KINDS, Kind
from claimcheck.dates import Epoch
from claimcheck.line import ClaimLine
from claimcheck.line_report import COVERED_FIELDS, Coverage, CoverageState
from claimcheck.ruleset.model import Rule, Section
from claimcheck.table_policy import Authority

__all__ = ["Given", "coverage_of", "states_if_given"]

_SECTIONS: Final[dict[str, Section]] = {
    "modifiers": "modifiers",
    "place_of_service": "places",
    "diagnoses": "diagnoses",
}
_LISTS_OF: Final[dict[str, tuple[Kind, ...]]] = {
    "code": ("mpfs", "clfs", "pla", "hcpcs"),
    "modifiers": ("mpfs", "clfs"),
    "taxonomy": ("nucc",),
    "billing_taxonomy": ("nucc",),
    "ordering_taxonomy": ("nucc",),
    "units": ("mue-practitioner", "mue-outpatient", "mue-dme"),
}
"""The lists that hold a field, if they have the code."""


States: TypeAlias = tuple[CoverageState, ...]


@attrs.frozen
class Given:
    """What becomes of the fields of a line that gives them all, and which editions are asked."""

    fields: States
    lists: States
    editions: tuple[tuple[str, str], ...]


def states_if_given(
    rule: Rule | None,
    code: str | None,
    epoch: Epoch,
    payer: str | None,
    authority: Authority,
    code_sets: CodeSets,
) -> Given:
    """Per field, what becomes of it on a line that gives it; per list, what it has to say.

    Args:
        rule: the rule for the line's code, payer and date of service.
        code: the procedure code, or None.
        epoch: the epoch of its date of service.
        payer: key of its payer, or None.
        authority: what Medicare's tables are to the payer.
        code_sets: the code sets that are used.
    """
    lists = {kind: _list_state(kind, code, epoch.day, authority, code_sets) for kind in KINDS}
    return Given(
        tuple(_state(field, rule, epoch, payer, code_sets, lists) for field in COVERED_FIELDS),
        tuple(lists.values()),
        code_sets.editions(epoch.day),
    )


def coverage_of(line: ClaimLine, payer: str | None, given: Given) -> Coverage:
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
        for value, state in zip(values, given.fields, strict=True)
    ]
    for problem in line.problems:
        if problem.defect.endswith("-malformed"):
            at = COVERED_FIELDS.index(problem.field)
            if states[at] == "no-value":
                states[at] = "malformed"
    return Coverage((*states, *given.lists), given.editions)


def _list_state(
    kind: Kind, code: str | None, day: date | None, authority: Authority, code_sets: CodeSets
) -> CoverageState:
    if kind == "icd10cm":
        covers = code_sets.diagnoses_on(day).vintage.covers(day)
        return "checked" if covers else "out-of-date-range"
    tables = code_sets.tables
    state = tables.state_of(kind, code, day)
    if state in ("checked", "no-row") and kind in MEDICARE_KINDS:
        if authority == "ignored":
            return "ignored"
        if kind not in tables.relevant:  # imported, and of another setting
            return "ignored"
    return state


def _state(
    field: str,
    rule: Rule | None,
    epoch: Epoch,
    payer: str | None,
    code_sets: CodeSets,
    lists: Mapping[Kind, CoverageState],
) -> CoverageState:
    own = _state_by_rule(field, rule, epoch, payer, code_sets)
    if own in ("no-rule", "out-of-date-range"):
        for kind in _LISTS_OF.get(field, ()):
            if lists[kind] == "checked" and code_sets.tables.vintage(kind, epoch.day) is not None:
                return "checked"
    return own


def _state_by_rule(
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
    if field == "diagnoses" and not code_sets.diagnoses_on(epoch.day).vintage.covers(epoch.day):
        return "out-of-date-range"
    return "checked"
