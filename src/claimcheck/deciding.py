"""Which entry decides about each value of a line; what explanations and rule coverage share."""

from __future__ import annotations

from collections.abc import Iterator

from claimcheck.checks import provider_of
from claimcheck.checks.taxonomies import ROLES, deciding_taxonomy
from claimcheck.line import ClaimLine
from claimcheck.ruleset.model import Entry, Rule, Section

__all__ = ["deciding_entry", "values_of"]


def values_of(line: ClaimLine) -> Iterator[tuple[Section, str, int | None, str]]:
    """Every value that rules may speak of: its section, field, position in a list field, and text."""
    for index, modifier in enumerate(line.modifiers):
        if modifier:
            yield "modifiers", "modifiers", index, modifier
    if line.place_of_service is not None:
        yield "places", "place_of_service", None, line.place_of_service
    for index, diagnosis in enumerate(line.diagnoses):
        if diagnosis:
            yield "diagnoses", "diagnoses", index, diagnosis
    for field in ROLES:
        taxonomy = getattr(line, field)
        if taxonomy is not None:
            yield "taxonomies", field, None, taxonomy


def deciding_entry(rule: Rule, section: Section, field: str, value: str) -> Entry | None:
    """The entry that decides about a value in a field of a line; None if no entry does."""
    if section == "taxonomies":
        return deciding_taxonomy(rule, provider_of(field, value))
    if section == "modifiers":
        ruling = rule.modifier(value)
    elif section == "places":
        ruling = rule.place(value)
    else:
        ruling = rule.diagnosis(value.replace(".", ""))
    return None if ruling is None else ruling.entry
