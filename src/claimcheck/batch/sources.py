"""Files as streams of pieces: opening them, and the rows of CSV, JSON Lines, X12 and FHIR."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, get_args

import attrs
import numpy as np
import pyarrow as pa

from claimcheck.batch.columns import PythonBatch
from claimcheck.batch.outputs import as_text
from claimcheck.batch.parquet_source import ParquetSource
from claimcheck.batch.pieces import Batch, Piece, Source
from claimcheck.errors import DamagedInputError
from claimcheck.io import InputFormat, LineSource, open_lines
from claimcheck.io.claims import claim_key
from claimcheck.io.columns import Plan
from claimcheck.line import FIELDS

__all__ = ["TextSource", "open_source"]

PYTHON_ROWS_AT_ONCE: Final = 32_768
_MAGIC: Final = b"PAR1"


def open_source(
    path: Path,
    mapping: Mapping[str, str],
    input_format: str | None,
    constants: Mapping[str, str],
    group_by: Sequence[str] | None = None,
    *,
    whole: bool,
) -> Source:
    """Open a file and decide how its columns map to fields, before the first row.

    Args:
        path: the file.
        mapping: column to field, as ``checked_mapping`` gives it.
        input_format: ``parquet`` or one of ``INPUT_FORMATS``; None to tell from the content.
        constants: fields that the names of the folders give (``payer=aetna/``); a column wins.
        group_by: columns that tell which claim a row belongs to; None for that of ``claim_id``.
        whole: whether the columns that give no field are needed too.

    Raises:
        InputError: the file cannot be read, or its columns give no line.
    """
    if input_format == "parquet" or (input_format is None and _begins_like_parquet(path)):
        return ParquetSource(path, mapping, constants, group_by, whole=whole)
    text_format = next((kind for kind in get_args(InputFormat) if kind == input_format), None)
    lines = open_lines(path, text_format, mapping, group_by)
    return TextSource(path, lines, constants, group_by)


def _begins_like_parquet(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(4) == _MAGIC
    except OSError:
        return False  # the reader of text says why


class TextSource:
    """A CSV, JSON Lines, X12 or FHIR file.

    Its batches have the fields, after them the keys of claims, and after these the places of the rows
    in the file, if they have any.
    """

    def __init__(
        self,
        path: Path,
        lines: LineSource,
        constants: Mapping[str, str],
        group_by: Sequence[str] | None = None,
    ) -> None:
        self._lines = lines
        self._constants = constants
        by_folder = group_by is None and "claim_id" in constants
        self._key = claim_key([constants["claim_id"]]) if by_folder else None
        self._size = max(path.stat().st_size, 1)
        self.plan = Plan(
            tuple(enumerate(FIELDS)),
            (),
            lines.columns_not_read,
            lines.looks_like,
            () if group_by == () else (len(FIELDS),),
        )

    @property
    def places_at(self) -> int | None:
        """The column with the places of the rows; None if a row's number is its place."""
        return len(FIELDS) + 1 if self._lines.has_places else None

    @property
    def damage(self) -> DamagedInputError | None:
        """What was wrong with the file as a whole so far."""
        return self._lines.damage

    @property
    def notes(self) -> tuple[str, ...]:
        """What is no damage and still worth knowing so far."""
        return self._lines.notes

    def pieces(self) -> Iterator[Piece]:
        """The rows of the file, some thousands at a time."""
        columns: list[list[Any]] = [[] for _ in FIELDS]
        cells = [
            (column.append, field, self._constants.get(field))
            for column, field in zip(columns, FIELDS, strict=True)
        ]
        keys: list[Any] = []
        places: list[Any] = []
        columns += [keys, places] if self._lines.has_places else [keys]
        positions: list[int] = []
        rejected: list[tuple[int, str]] = []
        for row in self._lines.rows():
            fields = row.fields
            if fields is None:
                rejected.append((row.number - 1, row.rejected or ""))
            else:
                # Into columns at once: kept as mappings, the rows would occupy the garbage collector.
                for append, field, constant in cells:
                    append(fields.get(field, constant))
                keys.append(row.key if "claim_id" in fields else row.key or self._key)
                places.append(row.place)
                positions.append(row.number - 1)
            if len(positions) + len(rejected) >= PYTHON_ROWS_AT_ONCE:
                yield self._piece(columns, positions, rejected)
                for column in (*columns, places):
                    column.clear()
                positions, rejected = [], []
        if positions or rejected:
            yield self._piece(columns, positions, rejected)
        self.plan = attrs.evolve(
            self.plan, not_read=self._lines.columns_not_read, looks_like=self._lines.looks_like
        )

    def _piece(
        self, columns: list[list[Any]], positions: list[int], rejected: list[tuple[int, str]]
    ) -> Piece:
        batch = PythonBatch({at: list(column) for at, column in enumerate(columns)}, len(positions))
        done = min(self._lines.bytes_read / self._size, 1.0)
        return Piece(batch, np.array(positions, np.int64), rejected, done)

    def table_of(self, batch: Batch | None) -> pa.RecordBatch:
        """The fields of the rows as text; None gives a table without rows."""
        columns = [_texts([] if batch is None else batch.column(at)) for at in range(len(FIELDS))]
        return pa.RecordBatch.from_arrays(columns, names=FIELDS)

    def close(self) -> None:
        """Close the file."""
        self._lines.close()


def _texts(cells: list[Any]) -> pa.Array:
    return pa.array([None if cell is None else as_text(cell) for cell in cells], pa.string())
