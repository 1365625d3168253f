"""Rows of a batch as lines, for the code that looks at single lines and single claims."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import numpy as np

from claimcheck.batch.columns import Columns, Fields, Rows, taken
from claimcheck.io.columns import Plan
from claimcheck.line import ClaimLine, Problem

__all__ = ["lines_of", "lines_read"]

_SCALARS: Final = ("taxonomy", "billing_taxonomy", "ordering_taxonomy", "payer", "units")


def lines_read(batch: Any, plan: Plan, rows: Rows) -> list[ClaimLine]:
    """Some rows as the engine for single lines reads them, cell by cell."""
    used = {at for at, _ in plan.scalars}
    used |= {at for _, slots in plan.lists for at in slots if at is not None}
    whole = {at: taken(batch.column(at), rows) for at in used}
    return [
        ClaimLine(**_cells(plan, {place: column[at] for place, column in whole.items()}))
        for at in range(rows.size)
    ]


def _cells(plan: Plan, cells: dict[int, Any]) -> dict[str, Any]:
    """The fields of one row, each cell as it is."""
    found = {field: cells[at] for at, field in plan.scalars}
    for field, slots in plan.lists:
        found[field] = [None if at is None else cells[at] for at in slots]
    return found


def lines_of(
    fields: Fields, columns: Columns, batch: Any, plan: Plan, rows: Rows
) -> list[ClaimLine]:
    """The same lines, of values that were read for the whole batch before.

    Args:
        fields: what the numbers in ``columns`` stand for.
        columns: the batch as numbers.
        batch: for the ids, and for rows whose cells do not fit columns of numbers.
        plan: which of its columns gives what.
        rows: rows of the batch, ascending.
    """
    if columns.odd is not None and columns.odd[rows].any():
        return lines_read(batch, plan, rows)
    count = rows.size
    columns_of = {field: at for at, field in plan.scalars}
    line_ids, claim_ids = (
        taken(batch.column(columns_of[name]), rows) if name in columns_of else [None] * count
        for name in ("line_id", "claim_id")
    )
    values = zip(
        _scalar(fields, columns, "code", rows),
        _list(fields, columns, "modifiers", rows),
        _scalar(fields, columns, "place_of_service", rows),
        _list(fields, columns, "diagnoses", rows),
        *(_scalar(fields, columns, name, rows) for name in _SCALARS),
        _conditions(fields, columns, rows),
        strict=True,
    )
    days = [None] * count if columns.days is None else _days(columns.days[rows].tolist())
    problems = _problems(fields, columns, rows)
    return [
        ClaimLine.of_values(line_id, claim_id, row, day, problems.get(at, ()))
        for at, (line_id, claim_id, row, day) in enumerate(
            zip(line_ids, claim_ids, values, days, strict=True)
        )
    ]


def _scalar(fields: Fields, columns: Columns, name: str, rows: Rows) -> list[Any]:
    numbers = columns.scalars.get(name)
    if numbers is None:
        return [None] * rows.size
    things = fields.values[name].things
    return [things[number] for number in numbers[rows].tolist()]


def _conditions(fields: Fields, columns: Columns, rows: Rows) -> list[Any]:
    if columns.conditions is None:
        return [()] * rows.size
    things = fields.conditions.things
    return [things[number] for number in columns.conditions[rows].tolist()]


def _list(fields: Fields, columns: Columns, name: str, rows: Rows) -> list[tuple[str, ...]]:
    filled = columns.filled.get(name)
    if filled is None:
        return [()] * rows.size
    lengths = filled[rows]
    table = np.zeros((rows.size, int(lengths.max(initial=0))), np.int32)
    for slot in columns.slots.get(name, ()):
        if slot.index >= table.shape[1]:
            continue
        if slot.rows is None:
            table[:, slot.index] = slot.numbers[rows]
        else:
            at = np.searchsorted(slot.rows, rows)
            at[at == slot.rows.size] = 0
            there = slot.rows[at] == rows
            table[there, slot.index] = slot.numbers[at[there]]
    things = fields.values[name].things
    return [
        tuple([things[number] for number in row[:length]])
        for row, length in zip(table.tolist(), lengths.tolist(), strict=True)
    ]


def _days(ordinals: list[int]) -> list[date | None]:
    return [date.fromordinal(day) if day else None for day in ordinals]


def _problems(fields: Fields, columns: Columns, rows: Rows) -> dict[int, tuple[Problem, ...]]:
    """Per position in ``rows``, the problems there, in the order in which a line tells them."""
    found: dict[int, tuple[Problem, ...]] = {}
    things = fields.problems.things
    for where, numbers in columns.problems:
        _, at, its = np.intersect1d(rows, where, assume_unique=False, return_indices=True)
        for position, number in zip(at.tolist(), numbers[its].tolist(), strict=True):
            found[position] = found.get(position, ()) + things[number]
    return found
