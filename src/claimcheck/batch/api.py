"""The public functions of the batch engine on tables and streams in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa

from claimcheck.batch.claims import Grouped, Grouper
from claimcheck.batch.columns import plan_of
from claimcheck.batch.engine import Engine
from claimcheck.batch.findings import (
    FINDINGS_SCHEMA,
    FINDINGS_SCHEMA_PLAIN,
    FindingsWriter,
    stamped,
)
from claimcheck.batch.views import without_views
from claimcheck.errors import InputError
from claimcheck.io.claims import checked_grouping
from claimcheck.io.columns import Plan
from claimcheck.scalar import Checker

__all__ = ["ROWS_AT_ONCE", "check_batches", "check_table", "findings_of"]

ROWS_AT_ONCE: Final = 262_144
"""Rows that are judged at once; more costs memory, fewer costs time."""


def check_batches(
    batches: Iterable[pa.RecordBatch],
    checker: Checker | None = None,
    *,
    mapping: Mapping[str, str] | None = None,
    group_by: Sequence[str] | None = None,
    dictionaries: bool = True,
) -> Iterator[pa.RecordBatch]:
    """Check a stream of record batches; what is learnt from one is kept for the next.

    Args:
        batches: Arrow record batches of one schema, one row per line. Columns are found by name.
        checker: rules and configuration; default is the bundled rules. It may be built inside the
            worker, from paths: nothing of it needs to be sent there.
        mapping: column name to field, where the name does not say it.
        group_by: names of the columns that together tell which claim a row belongs to: consecutive
            rows with the same values are one claim. Default is the column that gives ``claim_id``;
            ``()`` looks at each row by itself only.
        dictionaries: whether texts are dictionary-encoded. Spark's ``mapInArrow`` wants False.

    Yields:
        Findings batches in ``FINDINGS_SCHEMA`` (or ``FINDINGS_SCHEMA_PLAIN``), one per input batch,
        empty ones included. The findings of a claim's rows come when the claim is whole; so a batch
        may have findings of rows of an earlier one, and a last batch may follow the last input
        batch. ``row`` counts from 0 at the first row of the stream.

    Raises:
        InputError: no column gives the code, two give one field, or a grouping column is not there;
            before the first row.
    """
    checker = Checker() if checker is None else checker
    schema = FINDINGS_SCHEMA if dictionaries else FINDINGS_SCHEMA_PLAIN
    writer = FindingsWriter(stamped(schema, checker))
    yield from findings_of(batches, Engine(checker), writer, mapping, group_by)


def findings_of(
    batches: Iterable[pa.RecordBatch],
    engine: Engine,
    writer: FindingsWriter,
    mapping: Mapping[str, str] | None,
    group_by: Sequence[str] | None,
) -> Iterator[pa.RecordBatch]:
    """The findings of a stream of batches, with rows counted from its first."""

    def told(rows: Grouped, plan: Plan) -> pa.RecordBatch:
        judged = engine.judge(rows.batch, plan, rows.claims)
        return writer.batch(judged, rows.batch, plan, rows.positions)

    grouping = checked_grouping(group_by)
    plan, seen, grouper, first_row = None, None, None, 0
    for batch in map(without_views, batches):
        if plan is None or grouper is None or batch.schema != seen:
            if plan is not None and grouper is not None and (rest := grouper.rest()) is not None:
                yield told(rest, plan)
            plan, seen = plan_of(batch.schema, mapping, grouping), batch.schema
            grouper = Grouper(plan)
        positions = np.arange(first_row, first_row + batch.num_rows)
        yield told(grouper.whole(batch, positions), plan)
        first_row += batch.num_rows
    if plan is not None and grouper is not None and (rest := grouper.rest()) is not None:
        yield told(rest, plan)


def check_table(
    table: Any,
    checker: Checker | None = None,
    *,
    mapping: Mapping[str, str] | None = None,
    group_by: Sequence[str] | None = None,
) -> pa.Table:
    """Check all lines of a table.

    Args:
        table: a pyarrow table or record batch, a Polars or pandas frame, a DuckDB relation, or
            anything else with the Arrow C stream interface; one row per line.
        checker: rules and configuration; default is the bundled rules.
        mapping: column name to field, where the name does not say it.
        group_by: names of the columns that together tell which claim a row belongs to: consecutive
            rows with the same values are one claim. Default is the column that gives ``claim_id``;
            ``()`` looks at each row by itself only.

    Returns:
        The findings, in ``FINDINGS_SCHEMA``, with the rule set's name, version and hash as metadata.

    Raises:
        InputError: no column gives the code, two give one field, or a grouping column is not there.
        TypeError: the table has no Arrow C stream interface.
    """
    checker = Checker() if checker is None else checker
    reader = _reader(table)
    plan_of(reader.schema, mapping, group_by)
    batches = _rechunked(reader)
    found = list(check_batches(batches, checker, mapping=mapping, group_by=group_by))
    return pa.Table.from_batches(found, stamped(FINDINGS_SCHEMA, checker))


def _reader(table: Any) -> pa.RecordBatchReader:
    if isinstance(table, pa.RecordBatchReader):
        return table
    if isinstance(table, pa.RecordBatch):
        return pa.RecordBatchReader.from_batches(table.schema, [table])
    if not hasattr(table, "__arrow_c_stream__"):
        raise TypeError(
            f"check_table takes a table with the Arrow C stream interface (pyarrow, Polars, pandas, "
            f"DuckDB), not {type(table).__name__}"
        )
    try:
        return pa.RecordBatchReader.from_stream(table)
    except pa.ArrowException as error:
        raise InputError(f"the table cannot be read as Arrow ({type(error).__name__})") from None


def _rechunked(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    """Batches of at most ``ROWS_AT_ONCE`` rows."""
    for batch in reader:
        for start in range(0, batch.num_rows, ROWS_AT_ONCE):
            yield batch.slice(start, ROWS_AT_ONCE)
