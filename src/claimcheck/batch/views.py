"""Arrow's view types, which Polars exports, as the plain types that Arrow can compute with."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

__all__ = ["without_views"]


def without_views(batch: Any) -> Any:
    """The batch with ``large_string`` for ``string_view``, in lists too; itself if it has none."""
    kinds = [_plain(field.type) for field in batch.schema]
    if not any(kinds):
        return batch
    arrays = [
        column if kind is None else column.cast(kind)
        for column, kind in zip(batch.columns, kinds, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, names=batch.schema.names)


def _plain(kind: Any) -> Any:
    if pa.types.is_string_view(kind):
        return pa.large_string()
    if pa.types.is_list(kind) and pa.types.is_string_view(kind.value_type):
        return pa.list_(pa.large_string())
    if pa.types.is_large_list(kind) and pa.types.is_string_view(kind.value_type):
        return pa.large_list(pa.large_string())
    return None
