"""The public functions of the batch engine on tables and streams in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa

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
from claimcheck.scalar import Checker

__all__ = ["ROWS_AT_ONCE", "check_batches", "check_table"]

ROWS_AT_ONCE: Final = 262_144
"""Rows that are judged at once; more costs memory, fewer costs time."""


def check_batches(
    batches: Iterable[pa.RecordBatch],
    checker: Checker | None = None,
    *,
    mapping: Mapping[str, str] | None = None,
    dictionaries: bool = True,
) -> Iterator[pa.RecordBatch]:
    """Check a stream of record batches; what is learnt from one is kept for the next.

    Args:
        batches: Arrow record batches of one schema, one row per line. Columns are found by name.
        checker: rules and configuration; default is the bundled rules. It may be built inside the
            worker, from paths: nothing of it needs to be sent there.
        mapping: column name to field, where the name does not say it.
        dictionaries: whether texts are dictionary-encoded. Spark's ``mapInArrow`` wants False.

    Yields:
        One findings batch per input batch, empty ones included, in ``FINDINGS_SCHEMA`` (or
        ``FINDINGS_SCHEMA_PLAIN``). ``row`` counts from 0 at the first row of the stream.

    Raises:
        InputError: no column gives the code, or two give one field; before the first row.
    """
    checker = Checker() if checker is None else checker
    engine = Engine(checker)
    schema = FINDINGS_SCHEMA if dictionaries else FINDINGS_SCHEMA_PLAIN
    writer = FindingsWriter(stamped(schema, checker.stamp))
    plan, seen, first_row = None, None, 0
    for batch in map(without_views, batches):
        if plan is None or batch.schema != seen:
            plan, seen = plan_of(batch.schema, mapping), batch.schema
        positions = np.arange(first_row, first_row + batch.num_rows)
        yield writer.batch(engine.judge(batch, plan), batch, plan, positions)
        first_row += batch.num_rows


def check_table(
    table: Any, checker: Checker | None = None, *, mapping: Mapping[str, str] | None = None
) -> pa.Table:
    """Check all lines of a table.

    Args:
        table: a pyarrow table or record batch, a Polars or pandas frame, a DuckDB relation, or
            anything else with the Arrow C stream interface; one row per line.
        checker: rules and configuration; default is the bundled rules.
        mapping: column name to field, where the name does not say it.

    Returns:
        The findings, in ``FINDINGS_SCHEMA``, with the rule set's name, version and hash as metadata.

    Raises:
        InputError: no column gives the code, or two give one field.
        TypeError: the table has no Arrow C stream interface.
    """
    checker = Checker() if checker is None else checker
    reader = _reader(table)
    plan_of(reader.schema, mapping)
    found = list(check_batches(_rechunked(reader), checker, mapping=mapping))
    return pa.Table.from_batches(found, stamped(FINDINGS_SCHEMA, checker.stamp))


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
