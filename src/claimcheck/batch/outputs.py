"""Writing findings, rejected rows and judged lines to files, batch by batch."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, Literal, Protocol, TypeAlias

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from claimcheck.batch.encode import to_python
from claimcheck.report.csvout import harmless

__all__ = [
    "OUTPUT_FORMATS",
    "OutputFormat",
    "RejectsFile",
    "TableFile",
    "as_text",
    "beside",
    "format_of",
    "open_table",
    "settle",
]

OutputFormat: TypeAlias = Literal["parquet", "csv", "jsonl"]
OUTPUT_FORMATS: Final[tuple[OutputFormat, ...]] = ("parquet", "csv", "jsonl")
_ENDINGS: Final[dict[str, OutputFormat]] = {
    ".parquet": "parquet",
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}


class TableFile(Protocol):
    """A table that is written batch by batch."""

    def write(self, batch: pa.RecordBatch) -> None:
        """Write a batch."""

    def describe(self, metadata: Mapping[str, str]) -> None:
        """Say something of the whole file, where its format has a place for it."""

    def close(self) -> None:
        """Write what is left, and close the file."""


def format_of(path: Path) -> OutputFormat | None:
    """The format that a file's name asks for, or None."""
    return _ENDINGS.get(path.suffix.lower())


def open_table(path: Path, kind: OutputFormat, schema: pa.Schema) -> TableFile:
    """Open a file for a table of this schema."""
    if kind == "parquet":
        return _ParquetFile(path, schema)
    return _CsvFile(path, schema) if kind == "csv" else _JsonlFile(path)


class Behind:
    """A table that is written in another thread, one batch behind."""

    def __init__(self, table: TableFile) -> None:
        self._table = table
        self._thread = ThreadPoolExecutor(1, "claimcheck-writer")
        self._writing: Future[None] | None = None

    def write(self, batch: pa.RecordBatch) -> None:
        """Have a batch written; raises what went wrong with the one before."""
        self._wait()
        self._writing = self._thread.submit(self._table.write, batch)

    def describe(self, metadata: Mapping[str, str]) -> None:
        """Say something of the whole file, after the last batch."""
        self._wait()
        self._table.describe(metadata)

    def close(self) -> None:
        """Wait for the last batch, and close the file; raises what went wrong."""
        try:
            self._wait()
        finally:
            self._thread.shutdown()
            self._table.close()

    def _wait(self) -> None:
        writing, self._writing = self._writing, None
        if writing is not None:
            writing.result()


class _ParquetFile:
    def __init__(self, path: Path, schema: pa.Schema) -> None:
        repeated = [field.name for field in schema if pa.types.is_dictionary(field.type)]
        self._writer = pq.ParquetWriter(
            path,
            schema,
            compression="zstd",
            compression_level=1,
            use_dictionary=repeated or True,
            write_statistics=["row"] if "row" in schema.names else True,
        )

    def write(self, batch: pa.RecordBatch) -> None:
        if batch.num_rows:  # each batch becomes a row group
            self._writer.write_batch(batch)

    def describe(self, metadata: Mapping[str, str]) -> None:
        self._writer.add_key_value_metadata(dict(metadata))

    def close(self) -> None:
        self._writer.close()


class _CsvFile:
    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._stream = path.open("w", encoding="utf-8", newline="")
        self._csv = csv.writer(self._stream, lineterminator="\n")
        self._csv.writerow(map(harmless, schema.names))

    def write(self, batch: pa.RecordBatch) -> None:
        columns = [map(_cell, to_python(column)) for column in batch.columns]
        self._csv.writerows(zip(*columns, strict=True))

    def describe(self, metadata: Mapping[str, str]) -> None:
        """A table of text has no place for it."""

    def close(self) -> None:
        self._stream.close()


class _JsonlFile:
    def __init__(self, path: Path) -> None:
        self._stream = path.open("wb")
        self._encode = msgspec.json.Encoder(enc_hook=str).encode_lines

    def write(self, batch: pa.RecordBatch) -> None:
        columns = [to_python(column) for column in batch.columns]
        rows = [
            dict(zip(batch.schema.names, cells, strict=True))
            for cells in zip(*columns, strict=True)
        ]
        self._stream.write(self._encode(rows))

    def describe(self, metadata: Mapping[str, str]) -> None:
        """Rows have no place for it."""

    def close(self) -> None:
        self._stream.close()


class RejectsFile:
    """Rows that could not be read: CSV with ``row`` (counted from 0) and ``reason``."""

    def __init__(self, path: Path) -> None:
        self._stream = path.open("w", encoding="utf-8", newline="")
        self._csv = csv.writer(self._stream, lineterminator="\n")
        self._csv.writerow(["row", "reason"])

    def write(self, rejected: Iterable[tuple[int, str]]) -> None:
        """Write some rejected rows."""
        self._csv.writerows(rejected)

    def close(self) -> None:
        """Close the file."""
        self._stream.close()


def settle(paths: Iterable[Path]) -> None:
    """Let the disk say now whether it could take the files, before any of them gets its name."""
    for path in paths:
        with path.open("rb+") as stream:
            os.fsync(stream.fileno())


def beside(table: pa.RecordBatch, extra: Mapping[str, pa.Array]) -> pa.RecordBatch:
    """The table with columns beside its own; one whose name is taken gets ``claimcheck_`` before it."""
    taken = set(table.schema.names)
    names = [f"claimcheck_{name}" if name in taken else name for name in extra]
    return pa.RecordBatch.from_arrays(
        [*table.columns, *extra.values()], names=[*table.schema.names, *names]
    )


def as_text(cell: Any) -> str:
    """A value as text: a list with commas between its items, anything else as JSON has it."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, list):
        return ",".join("" if item is None else as_text(item) for item in cell)
    return msgspec.json.encode(cell, enc_hook=str).decode("utf-8")


def _cell(cell: Any) -> Any:
    """A value for a CSV file, which a spreadsheet does not run."""
    if cell is None or isinstance(cell, int | float):
        return cell
    return harmless(cell if isinstance(cell, str) else _plain(cell))


def _plain(cell: Any) -> str:
    return as_text(cell) if isinstance(cell, list | dict | bytes) else str(cell)
