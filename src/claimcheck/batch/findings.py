"""The findings table: its schema, and making it from what the engine gave."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pyarrow as pa

from claimcheck.batch.columns import Rows, suspicious_identifiers
from claimcheck.batch.encode import read_field, to_python
from claimcheck.batch.judged import Judged
from claimcheck.finding import Finding
from claimcheck.io.columns import Plan
from claimcheck.line import is_plain_id
from claimcheck.scalar import Checker

__all__ = [
    "FINDINGS_SCHEMA",
    "FINDINGS_SCHEMA_PLAIN",
    "PLACE",
    "FindingsWriter",
    "editions_told",
    "stamped",
]

_WORD: Final = pa.dictionary(pa.int32(), pa.string())


def _schema(text: pa.DataType) -> pa.Schema:
    return pa.schema(
        [
            pa.field("row", pa.int64(), nullable=False),
            pa.field("line_id", pa.string()),
            pa.field("claim_id", pa.string()),
            pa.field("code", text, nullable=False),
            pa.field("severity", text, nullable=False),
            pa.field("field", text, nullable=False),
            pa.field("index", pa.int32()),
            pa.field("value", text),
            pa.field("rule", text, nullable=False),
            pa.field("carc", text),
            pa.field("message", text, nullable=False),
            pa.field("hint", text, nullable=False),
        ]
    )


FINDINGS_SCHEMA: Final = _schema(_WORD)
"""One row per finding, sorted by ``row``, check and position.

``row`` is the position in the input, counted from 0. ``line_id`` and ``claim_id`` are the caller's.
``code`` is the finding's slug. ``index`` is the position in a list field, else null. The other columns
are those of ``claimcheck.Finding``. Texts are dictionary-encoded, but for the ids.
"""

FINDINGS_SCHEMA_PLAIN: Final = _schema(pa.string())
"""The same with plain strings, for consumers that do not read dictionaries, such as Spark."""

PLACE: Final = pa.field("place", pa.string())
"""A last column of the findings of files whose lines have a place of their own: ``segment 57``."""

_TEXTS: Final[tuple[tuple[str, Callable[[Finding], str | None]], ...]] = (
    ("code", lambda finding: finding.code),
    ("severity", lambda finding: finding.severity.value),
    ("field", lambda finding: finding.field),
    ("value", lambda finding: finding.value),
    ("rule", lambda finding: finding.rule),
    ("carc", lambda finding: finding.carc),
    ("message", lambda finding: finding.message),
    ("hint", lambda finding: finding.hint),
)


def stamped(schema: pa.Schema, checker: Checker) -> pa.Schema:
    """The schema, with the rule set and the editions of all official lists in its metadata.

    The editions are JSON: a list of objects with ``list``, ``edition``, ``from`` and ``to``.
    """
    stamp = checker.stamp
    return schema.with_metadata(
        {
            "claimcheck.ruleset.name": stamp.name,
            "claimcheck.ruleset.version": stamp.version,
            "claimcheck.ruleset.hash": stamp.hash,
            "claimcheck.code_sets": json.dumps(editions_told(checker)),
        }
    )


def editions_told(checker: Checker) -> list[dict[str, str | None]]:
    """The editions of the official lists that a checker asks, as JSON-ready values."""
    return [
        {
            "list": name,
            "edition": vintage.name,
            "from": vintage.first.isoformat() if vintage.first else None,
            "to": vintage.last.isoformat() if vintage.last else None,
        }
        for name, vintage in checker.code_sets.vintages()
    ]


class FindingsWriter:
    """Makes findings batches; keeps the distinct texts of the findings seen so far.

    Args:
        schema: ``FINDINGS_SCHEMA`` or ``FINDINGS_SCHEMA_PLAIN``, stamped or not.
    """

    def __init__(self, schema: pa.Schema) -> None:
        self.schema = schema
        self._known: list[Finding] | None = None
        self._columns: dict[str, _TextColumn] = {}

    def batch(
        self,
        judged: Judged,
        source: Any,
        plan: Plan,
        positions: Rows,
        places: list[str] | None = None,
    ) -> pa.RecordBatch:
        """The findings of one batch.

        Args:
            judged: what the engine gave for it.
            source: the batch itself, for the ids.
            plan: which of its columns are the ids.
            positions: position of each of its rows in the input.
            places: where in the file each of them stands, if the schema has a column for it.
        """
        if self._known is not judged.known:  # the engine has started anew
            self._known = judged.known
            self._columns = {name: _TextColumn(read) for name, read in _TEXTS}
        made: dict[str, Any] = {
            "row": pa.array(positions[judged.rows]),
            "index": pa.array(judged.indexes, mask=judged.indexes < 0),
        }
        if places is not None:
            made["place"] = pa.array([places[row] for row in judged.rows.tolist()], pa.string())
        columns = {field: source.column(at) for at, field in plan.scalars}
        for field in ("line_id", "claim_id"):
            made[field] = _identifiers(columns.get(field), field, judged.rows)
        for name, column in self._columns.items():
            made[name] = column.array(judged)
        arrays = []
        for field in self.schema:
            array = made[field.name]
            arrays.append(array if array.type == field.type else array.cast(field.type))
        return pa.RecordBatch.from_arrays(arrays, schema=self.schema)


class _TextColumn:
    """One text of the findings: its distinct values, and which of them each finding has."""

    def __init__(self, read: Callable[[Finding], str | None]) -> None:
        self._read = read
        self._numbers: dict[str, int] = {}
        self._of_finding: list[int] = []
        self._table = np.empty(0, np.int32)

    def array(self, judged: Judged) -> pa.DictionaryArray:
        """The texts of the findings of a batch; those of its own are not kept."""
        for finding in judged.known[len(self._of_finding) :]:
            text = self._read(finding)
            number = -1 if text is None else self._numbers.setdefault(text, len(self._numbers))
            self._of_finding.append(number)
        if len(self._table) != len(self._of_finding):
            self._table = np.array(self._of_finding, np.int32)
        table, further = self._table, dict[str, int]()
        if judged.own:
            own = [self._own(finding, further) for finding in judged.own]
            table = np.append(table[: judged.shared], np.array(own, np.int32))
        numbers = table[judged.findings]
        indices = pa.array(numbers, mask=numbers < 0)
        texts = pa.array([*self._numbers, *further], pa.string())
        return pa.DictionaryArray.from_arrays(indices, texts)

    def _own(self, finding: Finding, further: dict[str, int]) -> int:
        """The number of the text of a finding that is not kept."""
        text = self._read(finding)
        if text is None:
            return -1
        known = self._numbers.get(text)
        after = len(self._numbers) + len(further)
        return further.setdefault(text, after) if known is None else known


def _identifiers(column: Any, field: str, rows: Any) -> pa.Array:
    """The ids of rows as reports repeat them; null where there is none or it is withheld."""
    if column is None:
        return pa.nulls(len(rows), pa.string())
    if isinstance(column, list):
        raws = [column[row] for row in rows.tolist()]
        return pa.array(
            [raw if is_plain_id(raw) else read_field(field, raw)[0] for raw in raws], pa.string()
        )
    chosen = column.take(pa.array(rows))
    if suspicious_identifiers(chosen) is None and not pa.types.is_floating(chosen.type):
        return chosen.cast(pa.string())
    return pa.array([read_field(field, raw)[0] for raw in to_python(chosen)], pa.string())
