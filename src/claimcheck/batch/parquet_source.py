"""Parquet files as pieces; what is damaged costs its own rows only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

import attrs
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from claimcheck.batch.api import ROWS_AT_ONCE
from claimcheck.batch.columns import PythonBatch, Rows, plan_of
from claimcheck.batch.pieces import Batch, Piece
from claimcheck.errors import InputError
from claimcheck.io.columns import ColumnProblem, Plan, plan_columns

__all__ = ["ParquetSource"]

_IDS: Final = ("line_id", "claim_id")
_NOT_UTF8: Final = "the row has bytes that are not UTF-8"
_NOTHING: Final = PythonBatch({}, 0)

_Rows: TypeAlias = tuple[Batch, Rows, list[tuple[int, str]]]


class ParquetSource:
    """A Parquet file, read one row group at a time, so that a damaged one costs no other."""

    def __init__(
        self,
        path: Path,
        mapping: Mapping[str, str],
        constants: Mapping[str, str],
        group_by: Sequence[str] | None = None,
        *,
        whole: bool,
    ) -> None:
        try:
            schema = pq.read_schema(path)
            added = _added(schema.names, mapping, constants)
            plan = plan_of(_with_texts(schema, added), mapping, group_by)
            used = _used(plan).union(plan.keys)
            kept = [field for at, field in enumerate(schema) if whole or at in used]
            self._file = pq.ParquetFile(
                path,
                read_dictionary=_repeated_texts(schema, plan),
                page_checksum_verification=True,
            )
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            raise InputError(
                f"{path}: cannot be read as Parquet ({_cause(error)}); nothing of it was checked"
            ) from None
        except InputError as error:
            raise InputError(f"{path}: {error}") from None
        self._constants = added
        self._columns = None if whole else [field.name for field in kept]
        self._names = [field.name for field in kept]
        self._stored = _with_texts(kept, added)
        self.plan = attrs.evolve(
            plan if whole else plan_of(self._stored, mapping, group_by),
            not_read=plan.not_read,
            looks_like=plan.looks_like,
        )

    places_at = None
    damage = None
    notes = ()

    def pieces(self) -> Iterator[Piece]:
        """The rows of the file, row group by row group."""
        metadata, first = self._file.metadata, 0
        for group in range(metadata.num_row_groups):
            count = metadata.row_group(group).num_rows
            done = first
            for batch, positions, rejected in self._group(group, first, count):
                done += len(positions) + len(rejected)
                yield Piece(batch, positions, rejected, done / metadata.num_rows)
            first += count

    def _group(self, group: int, first: int, count: int) -> Iterator[_Rows]:
        """The rows of a row group; those that cannot be read are rejected."""
        done = 0
        reason = f"row group {group} is damaged (fewer rows than it should have)"
        try:
            for batch in self._file.iter_batches(
                ROWS_AT_ONCE,
                row_groups=[group],
                columns=self._columns,
                use_threads=False,  # reading is a thread of its own; more of them only contend
            ):
                if batch.schema.names != self._names:  # a name with a dot chose its neighbours too
                    batch = batch.select(self._names)
                batch = batch.slice(0, count - done)
                readable, positions, rejected = _readable(batch, first + done)
                done += batch.num_rows
                yield self._with_constants(readable), positions, rejected
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            reason = f"row group {group} is damaged ({_cause(error)})"
        for low in range(first + done, first + count, ROWS_AT_ONCE):
            high = min(low + ROWS_AT_ONCE, first + count)
            yield _NOTHING, np.empty(0, np.int64), [(row, reason) for row in range(low, high)]

    def _with_constants(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        for name, text in self._constants.items():
            zeros = np.zeros(batch.num_rows, np.int32)
            batch = batch.append_column(name, pa.DictionaryArray.from_arrays(zeros, [text]))
        return batch

    def table_of(self, batch: Batch | None) -> pa.RecordBatch:
        """The rows of a piece in the types of the file; None gives a table without rows."""
        if batch is None:
            return pa.RecordBatch.from_pylist([], schema=self._stored)
        columns = [
            column if column.type == field.type else column.cast(field.type)
            for column, field in zip(batch.columns, self._stored, strict=True)
        ]
        return pa.RecordBatch.from_arrays(columns, schema=self._stored)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _added(
    names: list[str], mapping: Mapping[str, str], constants: Mapping[str, str]
) -> dict[str, str]:
    """The constants that no column of the file gives."""
    try:
        plan = plan_columns(names, mapping, whole=False)
    except ColumnProblem as problem:
        raise InputError(str(problem)) from None
    given = {field for _, field in plan.scalars} | {field for field, _ in plan.lists}
    free = (name for name in constants if name not in given and name not in names)
    return {name: constants[name] for name in free}


def _with_texts(fields: Iterable[Any], added: Iterable[str]) -> pa.Schema:
    return pa.schema([*fields, *((name, pa.string()) for name in added)])


def _used(plan: Plan) -> set[int]:
    """The places of the columns that give fields."""
    used = {at for at, _ in plan.scalars}
    return used | {at for _, slots in plan.lists for at in slots if at is not None}


def _repeated_texts(schema: pa.Schema, plan: Plan) -> list[str]:
    """The columns that are best read as dictionaries: all used texts but the ids."""
    ids = {at for at, field in plan.scalars if field in _IDS}
    chosen = _used(plan) - ids
    return [field.name for at, field in enumerate(schema) if at in chosen and _is_text(field.type)]


def _readable(batch: pa.RecordBatch, start: int) -> _Rows:
    """The rows of a batch, without those whose text is not UTF-8."""
    positions = np.arange(start, start + batch.num_rows)
    try:
        batch.validate(full=True)
    except pa.ArrowInvalid:
        broken = np.zeros(batch.num_rows, np.bool_)
        for column in batch.columns:
            broken |= _broken_texts(column)
        kept = batch.filter(pa.array(~broken))
        rejected = [(start + row, _NOT_UTF8) for row in np.flatnonzero(broken).tolist()]
        return _recoded(kept), positions[~broken], rejected
    return batch, positions, []


def _broken_texts(column: Any) -> Any:
    """Which rows of a column have text that is not UTF-8."""
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        if not (pa.types.is_dictionary(column.type) or _is_text(column.type)):
            raise  # damaged in some other way
        if pa.types.is_dictionary(column.type):
            column.indices.validate(full=True)
            broken = np.append(_broken_texts(column.dictionary), False)  # the last is for nulls
            indices = column.indices.fill_null(-1).to_numpy(zero_copy_only=False)
            if indices.size and not -1 <= indices.min() <= indices.max() < len(broken) - 1:
                raise
            return broken[indices]
        wide = pa.types.is_large_string(column.type)
        raws = column.view(pa.large_binary() if wide else pa.binary()).to_pylist()
        return np.array([raw is not None and not _is_utf8(raw) for raw in raws], np.bool_)
    return np.zeros(len(column), np.bool_)


def _recoded(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch with dictionaries of its own, without the broken texts of rows that are gone."""
    columns = [
        column.cast(column.type.value_type).dictionary_encode()
        if pa.types.is_dictionary(column.type)
        else column
        for column in batch.columns
    ]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_text(kind: Any) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _cause(error: Exception) -> str:
    """The kind of the error; its text may hold a value of the file."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return type(error).__name__
