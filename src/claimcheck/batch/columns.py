"""The columns of a batch, as numbers: what each row gives for each field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final, TypeAlias

import attrs
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from claimcheck.batch.encode import Ids, Numbers, RawTable, read_field, to_python
from claimcheck.errors import InputError
from claimcheck.io.claims import checked_grouping
from claimcheck.io.columns import ColumnProblem, Plan, checked_mapping, plan_columns
from claimcheck.line import Problem, holds_several, is_plain_id

__all__ = ["Columns", "Fields", "PythonBatch", "Rows", "SlotColumn", "plan_of", "taken"]

Rows = npt.NDArray[np.int64]
SCALARS: Final = (
    "code",
    "place_of_service",
    "taxonomy",
    "billing_taxonomy",
    "ordering_taxonomy",
    "payer",
    "units",
)
LISTS: Final = ("modifiers", "diagnoses")
MOST_SLOTS: Final = 64
_Items: TypeAlias = list[tuple[int, Rows | None, Any]]
_EPOCH: Final = date(1970, 1, 1).toordinal()


@attrs.frozen(eq=False)
class SlotColumn:
    """One slot of a list field: the rows that have something in it, and its numbers there.

    ``rows`` is None where every row has the slot.
    """

    index: int
    rows: Rows | None
    numbers: Ids


@attrs.define(eq=False)
class Columns:
    """A batch as numbers.

    Attributes:
        size: number of rows.
        scalars: per scalar field with a column, the number of each row's value.
        slots: per list field, its slots.
        filled: per list field, how many slots of each row are filled up to the last.
        conditions: number of each row's set of confirmed conditions, or None without the column.
        days: ordinal of each row's date of service (0: none), or None without the column.
        problems: field, rows and numbers of the problems there, in the order in which a line tells
            them, with the position in a list field or None.
        odd: rows that the engine for single lines must judge, since a cell of a list holds several.
    """

    size: int
    scalars: dict[str, Ids] = attrs.field(factory=dict)
    slots: dict[str, list[SlotColumn]] = attrs.field(factory=dict)
    filled: dict[str, Ids] = attrs.field(factory=dict)
    conditions: Ids | None = None
    days: Ids | None = None
    problems: list[tuple[Rows, Ids]] = attrs.field(factory=list)
    odd: npt.NDArray[np.bool_] | None = None


@attrs.frozen(eq=False)
class PythonBatch:
    """A batch whose columns are lists of raw values, as readers of text give them."""

    columns: Mapping[int, list[Any]]
    num_rows: int

    @property
    def num_columns(self) -> int:
        """Number of columns."""
        return len(self.columns)

    def column(self, at: int) -> list[Any]:
        """The raw values of one column."""
        return self.columns[at]

    def slice(self, start: int, length: int | None = None) -> PythonBatch:
        """Some of its rows: ``length`` from ``start`` on, or all from there."""
        end = self.num_rows if length is None else start + length
        if (start, end) == (0, self.num_rows):
            return self
        return PythonBatch({at: it[start:end] for at, it in self.columns.items()}, end - start)


def taken(column: Any, rows: Rows) -> list[Any]:
    """The raw values of some rows of a column."""
    if isinstance(column, list):
        return [column[row] for row in rows.tolist()]
    chosen = column.take(pa.array(rows))
    return to_python(chosen.dictionary_decode() if pa.types.is_dictionary(chosen.type) else chosen)


def plan_of(
    schema: pa.Schema,
    mapping: Mapping[str, str] | None,
    group_by: Sequence[str] | None = None,
) -> Plan:
    """Decide which column gives which field, and which tell the claim.

    Raises:
        InputError: no column for ``code``, two for one field, or a grouping column that is not
            there; told before the first row.
    """
    grouping = checked_grouping(group_by)
    try:
        return plan_columns(schema.names, checked_mapping(mapping), whole=True, group_by=grouping)
    except ColumnProblem as problem:
        raise InputError(str(problem)) from None


class Fields:
    """The values seen so far in every field, by number; makes ``Columns`` of batches."""

    def __init__(self) -> None:
        self.values: dict[str, Numbers[Any]] = {field: Numbers(None) for field in SCALARS}
        self.values |= {field: Numbers("") for field in LISTS}
        self.conditions: Numbers[tuple[str, ...]] = Numbers(())
        self.problems: Numbers[tuple[Problem, ...]] = Numbers(())
        self._tables = {field: RawTable(self._reader(field)) for field in SCALARS}
        self._tables["service_date"] = RawTable(self._read_day)
        self._tables["conditions"] = RawTable(self._read_conditions)
        self._items: dict[tuple[str, int], RawTable] = {}
        self._texts: dict[str, Numbers[tuple[int, ...]]] = {f: Numbers(()) for f in LISTS}
        self._whole = {field: RawTable(self._list_reader(field)) for field in LISTS}

    @property
    def remembered(self) -> int:
        """How many distinct raw values and problems are kept."""
        tables = [*self._tables.values(), *self._items.values(), *self._whole.values()]
        texts = sum(len(known) for known in self._texts.values())
        return sum(len(table) for table in tables) + len(self.problems) + texts

    def columns(self, batch: Any, plan: Plan) -> Columns:
        """The batch as numbers."""
        found = Columns(batch.num_rows)
        sources = {field: batch.column(at) for at, field in plan.scalars}
        slots = {
            field: [None if at is None else batch.column(at) for at in places]
            for field, places in plan.lists
        }
        # The order in which a line tells its problems.
        for field in ("line_id", "claim_id"):
            if field in sources:
                self._identifiers(found, field, sources[field])
        self._scalar(found, "code", sources)
        self._list(found, "modifiers", sources, slots)
        self._scalar(found, "place_of_service", sources)
        self._list(found, "diagnoses", sources, slots)
        for field in ("taxonomy", "billing_taxonomy", "ordering_taxonomy", "payer"):
            self._scalar(found, field, sources)
        if "service_date" in sources:
            found.days = self._days(found, sources["service_date"])
        self._scalar(found, "units", sources)
        if "conditions" in sources:
            numbers, problems = self._tables["conditions"].encode(sources["conditions"])
            found.conditions = numbers
            self._tell(found, problems)
        elif "conditions" in slots:
            found.odd = np.ones(found.size, np.bool_)
        return found

    # --- scalar fields ---------------------------------------------------------------------------

    def _reader(self, field: str) -> Any:
        def read(raw: object) -> tuple[int, int]:
            value, problems = read_field(field, raw)
            return self.values[field].of(value), self.problems.of(problems)

        return read

    def _scalar(self, found: Columns, field: str, sources: Mapping[str, Any]) -> None:
        column = sources.get(field)
        if column is None:
            return
        numbers, problems = self._tables[field].encode(column)
        found.scalars[field] = numbers
        self._tell(found, problems)

    def _read_conditions(self, raw: object) -> tuple[int, int]:
        value, problems = read_field("conditions", raw)
        return self.conditions.of(value), self.problems.of(problems)

    def _read_day(self, raw: object) -> tuple[int, int]:
        value, problems = read_field("service_date", raw)
        return (0 if value is None else value.toordinal()), self.problems.of(problems)

    def _days(self, found: Columns, column: Any) -> Ids:
        if isinstance(column, list):
            numbers, problems = self._tables["service_date"].encode(column)
            self._tell(found, problems)
            return numbers
        kind = column.type
        try:
            if pa.types.is_timestamp(kind):
                if kind.tz is not None:
                    column = pc.local_timestamp(column)
                column = column.cast(pa.date32(), safe=False)
            elif pa.types.is_date64(kind):
                column = column.cast(pa.date32())
        except pa.ArrowException:  # a day that no calendar has
            return self._days(found, to_python(column))
        if not pa.types.is_date32(column.type):
            numbers, problems = self._tables["service_date"].encode(column)
            self._tell(found, problems)
            return numbers
        days = column.cast(pa.int32()).fill_null(-_EPOCH).to_numpy(zero_copy_only=False)
        ordinals: Ids = days + np.int32(_EPOCH)
        if ordinals.size and (ordinals.min() < 0 or ordinals.max() > date.max.toordinal()):
            found.odd = _or(found.odd, (ordinals < 0) | (ordinals > date.max.toordinal()))
            ordinals = np.clip(ordinals, 0, date.max.toordinal())
        return ordinals

    def _tell(self, found: Columns, problems: Ids | None) -> None:
        if problems is not None:
            rows = np.flatnonzero(problems)
            found.problems.append((rows, problems[rows]))

    # --- ids -------------------------------------------------------------------------------------

    def _identifiers(self, found: Columns, field: str, column: pa.Array) -> None:
        rows = suspicious_identifiers(column)
        if rows is None or rows.size == 0:
            return
        numbers = np.zeros(rows.size, np.int32)
        for at, raw in enumerate(taken(column, rows)):
            _, problems = read_field(field, raw)
            numbers[at] = self.problems.of(problems)
        told = np.flatnonzero(numbers)
        if told.size:
            found.problems.append((rows[told], numbers[told]))

    # --- list fields -----------------------------------------------------------------------------

    def _list(
        self,
        found: Columns,
        field: str,
        sources: Mapping[str, Any],
        slots: Mapping[str, Sequence[Any]],
    ) -> None:
        if field in slots:
            columns = slots[field]
            if len(columns) > MOST_SLOTS:
                found.odd = np.ones(found.size, np.bool_)
                return
            items: _Items = [
                (at, None, column) for at, column in enumerate(columns) if column is not None
            ]
        elif field in sources:
            column = sources[field]
            if isinstance(column, list) or not (
                pa.types.is_list(column.type) or pa.types.is_large_list(column.type)
            ):
                self._list_as_text(found, field, column)
                return
            items = self._unnested(found, column)
        else:
            return
        self._list_as_items(found, field, items)

    def _unnested(self, found: Columns, column: Any) -> _Items:
        lengths = pc.list_value_length(column).fill_null(0).to_numpy(zero_copy_only=False)
        longest = int(lengths.max()) if lengths.size else 0
        if longest > MOST_SLOTS:
            found.odd = _or(found.odd, lengths > MOST_SLOTS)
            lengths = np.where(lengths > MOST_SLOTS, 0, lengths)
            longest = int(lengths.max())
        starts = column.offsets.to_numpy()[:-1]
        items: _Items = []
        for at in range(longest):
            rows = np.flatnonzero(lengths > at)
            items.append((at, rows, column.values.take(pa.array(starts[rows] + at))))
        return items

    def _list_as_items(self, found: Columns, field: str, items: _Items) -> None:
        filled = np.zeros(found.size, np.int32)
        slots = []
        for at, rows, column in items:
            numbers, problems = self._item_table(field, at).encode(column)
            if numbers.size and numbers.min() < 0:  # a cell that holds several
                several = np.flatnonzero(numbers < 0)
                odd = np.zeros(found.size, np.bool_)
                odd[several if rows is None else rows[several]] = True
                found.odd = _or(found.odd, odd)
                numbers = np.maximum(numbers, 0)
            has = numbers > 0
            if problems is not None:
                told = np.flatnonzero(problems)
                found.problems.append((told if rows is None else rows[told], problems[told]))
                filled[told if rows is None else rows[told]] = at + 1
            if has.all():
                kept = rows
            else:
                within = np.flatnonzero(has)
                kept = within if rows is None else rows[within]
                numbers = numbers[within]
            if kept is None:
                filled[:] = at + 1
            else:
                filled[kept] = at + 1
            if numbers.size:
                slots.append(SlotColumn(at, kept, numbers))
        found.slots[field] = slots
        found.filled[field] = filled

    def _item_table(self, field: str, at: int) -> RawTable:
        table = self._items.get((field, at))
        if table is None:

            def read(raw: object) -> tuple[int, int]:
                if holds_several(field, raw):
                    return -1, 0
                value, problems = read_field(field, [raw])
                moved = tuple(attrs.evolve(problem, index=at) for problem in problems)
                return self.values[field].of(value[0] if value else ""), self.problems.of(moved)

            table = self._items[field, at] = RawTable(read)
        return table

    def _list_reader(self, field: str) -> Any:
        def read(raw: object) -> tuple[int, int]:
            value, problems = read_field(field, raw)
            numbers = tuple(self.values[field].of(slot) for slot in value)
            return self._texts[field].of(numbers), self.problems.of(problems)

        return read

    def _list_as_text(self, found: Columns, field: str, column: pa.Array) -> None:
        texts, problems = self._whole[field].encode(column)
        self._tell(found, problems)
        used, inverse = np.unique(texts, return_inverse=True)
        inverse = inverse.reshape(-1)
        known = [self._texts[field].things[number] for number in used.tolist()]
        filled = np.array([len(numbers) for numbers in known], np.int32)[inverse]
        longest = int(filled.max()) if filled.size else 0
        if longest > MOST_SLOTS:
            found.odd = _or(found.odd, filled > MOST_SLOTS)
            longest = MOST_SLOTS
        slots = []
        for at in range(longest):
            at_slot = [numbers[at] if len(numbers) > at else 0 for numbers in known]
            numbers = np.array(at_slot, np.int32)[inverse]
            rows = np.flatnonzero(numbers)
            if rows.size:
                dense = rows.size == found.size
                slots.append(SlotColumn(at, None if dense else rows, numbers[rows]))
        found.slots[field] = slots
        found.filled[field] = filled


def _or(one: npt.NDArray[np.bool_] | None, other: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    return other if one is None else one | other


# Per byte: 1 where an id may not hold it, 2 where it separates the parts of a date.
_BYTES: Final = np.ones(256, np.uint8)
for _letter in b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789":
    _BYTES[_letter] = 0
for _letter in b"_:#|+=":
    _BYTES[_letter] = 4
for _letter in b"-/.":
    _BYTES[_letter] = 2


def suspicious_identifiers(column: Any) -> Rows | None:
    """Rows whose id may have to be withheld; None if it is certain that there are none."""
    if isinstance(column, list):
        odd = [at for at, raw in enumerate(column) if raw is not None and not is_plain_id(raw)]
        return np.array(odd, np.int64) if odd else None
    kind = column.type
    if pa.types.is_integer(kind):
        lowest = pc.min(column).as_py()
        return None if lowest is None or lowest >= 0 else np.arange(len(column))
    if pa.types.is_dictionary(kind) or pa.types.is_string_view(kind):
        column = column.cast(pa.large_string())
    elif not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        return np.arange(len(column))
    wide = pa.types.is_large_string(column.type)
    offsets = np.frombuffer(column.buffers()[1], np.int64 if wide else np.int32)
    offsets = offsets[column.offset : column.offset + len(column) + 1]
    if len(column) == 0 or column.buffers()[2] is None:
        return None
    text = np.frombuffer(column.buffers()[2], np.uint8)[offsets[0] : offsets[-1]]
    lengths = np.diff(offsets)
    kinds = _BYTES[text]
    worst = np.bitwise_or.reduce(kinds) if kinds.size else 0
    blank = lengths == 0
    if column.null_count:
        blank &= pc.is_valid(column).to_numpy(zero_copy_only=False)
    if not worst and lengths.max() <= 64 and not blank.any():
        return None
    suspects = (lengths > 64) | blank
    starts = offsets[:-1] - offsets[0]
    some = np.flatnonzero(lengths)
    for sign, least in ((1, 1), (2, 2)):
        if worst & sign:
            count = np.add.reduceat((kinds & sign) > 0, starts[some], dtype=np.int32)
            suspects[some[count >= least]] = True
    suspects[some[kinds[starts[some]] > 0]] = True  # the first sign is a letter or digit
    rows = np.flatnonzero(suspects)
    return rows if rows.size else None
