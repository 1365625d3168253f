"""Arrow's view and run-end types as the plain types that Arrow can compute with."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["without_views"]


def without_views(batch: Any) -> Any:
    """The batch with plain types for views (which Polars exports) and for run-end encoding.

    ``string_view`` becomes ``large_string``, in lists too, ``binary_view`` becomes ``large_binary``.
    A batch that has none of them is given back as it is.
    """
    columns = [_plain(column) for column in batch.columns]
    if [column.type for column in columns] == batch.schema.types:
        return batch
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _plain(column: Any) -> Any:
    if pa.types.is_run_end_encoded(column.type):
        column = pc.run_end_decode(column)
    kind = _plain_type(column.type)
    return column if kind is None else column.cast(kind)


def _plain_type(kind: Any) -> Any:
    if pa.types.is_string_view(kind):
        return pa.large_string()
    if pa.types.is_binary_view(kind):
        return pa.large_binary()
    if pa.types.is_list(kind) and pa.types.is_string_view(kind.value_type):
        return pa.list_(pa.large_string())
    if pa.types.is_large_list(kind) and pa.types.is_string_view(kind.value_type):
        return pa.large_list(pa.large_string())
    return None
