"""Applying a fix to a line. The line that is given stays as it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar, overload

import attrs

from claimcheck.errors import FixError
from claimcheck.fix import LISTS, Fix
from claimcheck.line import CONTENT, ClaimLine, Problem, Slots, raw_slots, read_line

__all__ = ["apply"]

T = TypeVar("T")


@overload
def apply(line: ClaimLine, fix: Fix) -> ClaimLine: ...
@overload
def apply(line: Mapping[str, Any], fix: Fix) -> dict[str, Any]: ...
def apply(line: Mapping[str, Any] | ClaimLine, fix: Fix) -> dict[str, Any] | ClaimLine:
    """A line with one fix applied to it.

    Calling this for a fix of the kind ``review`` is the decision that the line told something that was
    not so. Never make it only to be paid: look at the record first.

    Args:
        line: the line that the fix's finding was given for: a mapping, or a ``ClaimLine``.
        fix: of one of its findings.

    Returns:
        A ``dict`` for a mapping, with the other fields as they were; else a ``ClaimLine``.

    Raises:
        FixError: what the fix replaces or removes is not on the line, or its new value is no code of
            the field.
    """
    if not isinstance(fix, Fix):
        raise FixError("the fix is the fix of a finding (finding.fix); this finding may have none")
    if isinstance(line, ClaimLine):
        return _on_line(line, fix)
    if not isinstance(line, Mapping):
        raise FixError("the line is a mapping of fields or a ClaimLine")
    changed = {
        name: list(value) if isinstance(value, Iterator) else value for name, value in line.items()
    }
    places = _places(read_line(changed), fix)
    _read_value(fix)
    if fix.field in LISTS:
        changed[fix.field] = _edited(raw_slots(fix.field, changed[fix.field]), places, fix.value)
    else:
        changed[fix.field] = fix.value
    return changed


def _places(line: ClaimLine, fix: Fix) -> frozenset[int]:
    """The positions in the field (0 for a single value) that the fix changes; at least one."""
    given = getattr(line, fix.field)
    slots: Slots = given if fix.field in LISTS else (given,)
    if fix.action == "replace":
        wanted = {i for i, slot in enumerate(slots) if slot == fix.old and fix.index in (None, i)}
        wanted |= {problem.index or 0 for problem in line.problems if _settles(fix, problem)}
    else:
        wanted = {i for i, slot in enumerate(slots) if slot == fix.old}
        if fix.action == "remove-repeats":
            wanted -= {min(wanted, default=0)}
    if not wanted:
        raise FixError(
            f"the fix does not belong to this line: it changes {fix.old} in {fix.field}, "
            "and the line does not have that"
        )
    return frozenset(wanted)


def _read_value(fix: Fix) -> str | None:
    """The new value as a line would have it; None where there is none."""
    if fix.value is None:
        return None
    read = read_line({fix.field: fix.value})
    found = getattr(read, fix.field)
    value: str | None = "".join(found) if fix.field in LISTS and len(found) == 1 else found
    if not value or not isinstance(value, str):
        raise FixError(f"the new value of the fix is no code of the field {fix.field}")
    return value


def _settles(fix: Fix, problem: Problem) -> bool:
    """Whether a problem is the one that a replacement settles."""
    if problem.value is None or (problem.field, problem.index) != (fix.field, fix.index):
        return False
    return problem.value == fix.old or (
        problem.defect == "place-digit-lost" and problem.value == fix.value
    )


def _edited(slots: Sequence[T], places: frozenset[int], value: T | None) -> list[T]:
    """A list with what stands at some places replaced, or taken out if there is nothing instead."""
    if value is not None:
        return [value if i in places else slot for i, slot in enumerate(slots)]
    return [slot for i, slot in enumerate(slots) if i not in places]


def _on_line(line: ClaimLine, fix: Fix) -> ClaimLine:
    places = _places(line, fix)
    value = _read_value(fix)
    values = {name: getattr(line, name) for name in CONTENT}
    problems = [problem for problem in line.problems if not _settles(fix, problem)]
    if fix.field not in LISTS:
        values[fix.field] = value
    else:
        if value is None:
            problems = [_moved(problem, fix.field, places) for problem in problems]
        slots = _edited(values[fix.field], places, value)
        told = {problem.index for problem in problems if problem.field == fix.field}
        while slots and not slots[-1] and len(slots) - 1 not in told:
            slots.pop()
        values[fix.field] = tuple(slots)
    return ClaimLine.of_values(
        line.line_id, line.claim_id, tuple(values.values()), line.service_date, tuple(problems)
    )


def _moved(problem: Problem, field: str, removed: frozenset[int]) -> Problem:
    """A problem of a slot, where slots ahead of it have gone."""
    if problem.field != field or problem.index is None:
        return problem
    ahead = sum(place < problem.index for place in removed)
    return attrs.evolve(problem, index=problem.index - ahead)
