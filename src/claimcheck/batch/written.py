"""The output files of one input, which get their names together when all of them are whole."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa

from claimcheck.batch.inputs import FileJob
from claimcheck.batch.judged import Judged
from claimcheck.batch.outputs import (
    Behind,
    OutputFormat,
    RejectsFile,
    TableFile,
    beside,
    format_of,
    open_table,
    settle,
)
from claimcheck.batch.pieces import Source
from claimcheck.batch.tally import STATUSES, statuses
from claimcheck.errors import DamagedInputError
from claimcheck.whole import whole_file

__all__ = ["Written"]


class Written:
    """Findings, lines and rejected rows on their way to files. A context manager.

    On any failure nothing of them is left, and what stood there before is as it was.

    Args:
        job: where they go.
        kind: format of the findings, and of the lines if their file's ending names none.
        schema: of the findings.
        source: the input.
    """

    def __init__(self, job: FileJob, kind: OutputFormat, schema: pa.Schema, source: Source) -> None:
        self._job = job
        self._kind = kind
        self._schema = schema
        self._source = source
        self._stack = ExitStack()
        self._paths: list[Path] = []
        self._open: list[TableFile | RejectsFile] = []
        self._lines: TableFile | None = None
        self._rejects: RejectsFile | None = None

    def __enter__(self) -> Written:
        with ExitStack() as stack:
            self._stack = stack
            table = open_table(self._path(self._job.findings), self._kind, self._schema)
            self._findings = Behind(table)
            self._close_later(self._findings)
            if self._job.lines is not None:
                kind = format_of(self._job.lines) or self._kind
                schema = _with_status(self._source.table_of(None), _NO_ROWS).schema
                self._lines = open_table(self._path(self._job.lines), kind, schema)
                self._close_later(self._lines)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, traceback)

    def judged(self, found: pa.RecordBatch, batch: Any, judged: Judged) -> None:
        """Write the findings of a batch, and its lines if they are wanted."""
        self._findings.write(found)
        if self._lines is not None:
            self._lines.write(_with_status(self._source.table_of(batch), statuses(judged)))

    def rejected(self, rows: list[tuple[int, str]]) -> None:
        """Write rejected rows; their file is made with the first of them."""
        if self._rejects is None:
            self._rejects = RejectsFile(self._path(self._job.rejects))
            self._close_later(self._rejects)
        self._rejects.write(rows)

    def settle(self, damage: DamagedInputError | None = None) -> None:
        """Close all files, and let the disk take them, before any gets its name.

        Args:
            damage: of the input; Parquet findings tell it in their metadata.
        """
        if damage is not None:
            told = json.dumps({"count": damage.count, "places": damage.problems})
            self._findings.describe({"claimcheck.damage": told})
        for file in self._open:
            file.close()
        settle(self._paths)
        if self._rejects is None:
            self._job.rejects.unlink(missing_ok=True)  # of an earlier run

    def _path(self, target: Path) -> Path:
        path = self._stack.enter_context(whole_file(target))
        self._paths.append(path)
        return path

    def _close_later(self, file: TableFile | RejectsFile) -> None:
        self._open.append(file)
        self._stack.callback(file.close)  # closing twice is harmless


_NO_ROWS: dict[str, Any] = {
    "status": np.empty(0, np.int8),
    "errors": np.empty(0, np.int32),
    "warnings": np.empty(0, np.int32),
}


def _with_status(table: pa.RecordBatch, rows: dict[str, Any]) -> pa.RecordBatch:
    extra = {
        "status": pa.DictionaryArray.from_arrays(rows["status"], list(STATUSES)).cast(pa.string()),
        "errors": pa.array(rows["errors"]),
        "warnings": pa.array(rows["warnings"]),
    }
    return beside(table, extra)
