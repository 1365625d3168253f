"""Which statements an entry makes, and what the lists at hand answer to each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from claimcheck.authoring.audit.fees import Concerned, fee_schedule_answers
from claimcheck.authoring.audit.lists import Lists
from claimcheck.authoring.audit.model import PERSON, Answer, unknown
from claimcheck.authoring.audit.procedures import procedure_answer
from claimcheck.authoring.audit.values import name_answers, value_answer
from claimcheck.ruleset.model import Conflict, Dispute, Entry, Fact, Related, Section

__all__ = [
    "conflict_answers",
    "entry_answers",
    "fact_answers",
    "mark_answers",
    "related_answers",
]


def entry_answers(
    lists: Lists, section: Section, entry: Entry, codes: Sequence[Concerned], day: date | None
) -> Iterator[Answer]:
    """What the lists say of an entry: its value, its name, its verdict, its exclusions, its mark.

    Whether a diagnosis supports a service, and what a provider or a place may do, stands in no list
    that can be imported; such verdicts are no statements here.
    """
    yield value_answer(lists, section, entry.value, day)
    yield from name_answers(lists, section, entry.value, day, entry.named)
    if section == "modifiers":
        yield from fee_schedule_answers(lists.sets.tables, entry, codes, day)
    if section == "taxonomies" and entry.dispute is not None and entry.named is None:
        what = f"no list tells whether {entry.value} fits the role {entry.role}"
        yield unknown("verdict", what, f"{PERSON}: no list tells what a provider may do")
    for exclusion in entry.excludes:
        for code in exclusion.codes:
            yield value_answer(lists, "diagnoses", code, day, "excludes")
    yield from mark_answers(lists, section, entry.value, entry.dispute, day)


def conflict_answers(lists: Lists, conflict: Conflict, day: date | None) -> Iterator[Answer]:
    """Whether the modifiers of a conflict are in force."""
    for modifier in conflict.modifiers:
        yield value_answer(lists, "modifiers", modifier, day)


def related_answers(lists: Lists, related: Related, day: date | None) -> Iterator[Answer]:
    """Whether a related code is in a list; its name is for a person to compare."""
    yield procedure_answer(lists.sets.tables, related.code, day, None, "value")
    if related.named is not None:
        what = f"no list at hand has a name of {related.code} to hold `{related.named}` against"
        yield unknown("name", what, f"{PERSON}: names of procedure codes are the AMA's")
    yield from mark_answers(lists, None, related.code, related.dispute, day)


def fact_answers(lists: Lists, fact: Fact, day: date | None) -> Iterator[Answer]:
    """The mark of a fact; the fact itself is a sentence, and is told only where it is disputed."""
    if fact.dispute is None:
        return
    what = "a sentence is disputed, and no list has sentences"
    yield unknown("words", what, f"{PERSON}: a list does not tell whether a sentence holds")
    yield from mark_answers(lists, None, fact.fact, fact.dispute, day)


def mark_answers(
    lists: Lists, section: Section | None, value: str, dispute: Dispute | None, day: date | None
) -> Iterator[Answer]:
    """Whether the codes that a mark says are meant exist, and whether its official name is one.

    ``section`` is None where the value is a procedure code.
    """
    if dispute is None:
        return
    for meant in dispute.meant:
        if section is None:
            yield procedure_answer(lists.sets.tables, meant, day, None, "meant")
        else:
            yield value_answer(lists, section, meant, day, "meant")
    if section is not None:
        yield from name_answers(lists, section, value, day, dispute.official_name, "official-name")
