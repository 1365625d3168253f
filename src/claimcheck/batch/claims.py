"""Claims in a stream of batches: which rows are one claim, and holding back one that may go on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import attrs
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from claimcheck.batch.columns import PythonBatch, Rows
from claimcheck.batch.keys import Keys, keys_of
from claimcheck.batch.pieces import Batch, Piece
from claimcheck.batch.returning import ReturningHashes
from claimcheck.io.claims import LONGEST_CLAIM
from claimcheck.io.columns import Plan

__all__ = ["Claims", "Grouped", "Grouper", "grouped_pieces"]

_NO_ROWS: Final = np.empty(0, np.int64)


@attrs.frozen(eq=False)
class Claims:
    """The claims of a batch: the rows from each of ``starts`` to before its one of ``ends``.

    Rows without a key are in none.
    """

    starts: Rows
    ends: Rows

    @property
    def sizes(self) -> Rows:
        """Number of lines of each."""
        return self.ends - self.starts


@attrs.frozen(eq=False)
class Grouped:
    """Rows of which no claim goes on in others.

    Attributes:
        batch: the rows.
        positions: position of each of them in the input.
        claims: which of them are one claim; None if claims are switched off.
    """

    batch: Batch
    positions: Rows
    claims: Claims | None


@attrs.define(eq=False)
class Grouper:
    """Puts the rows of a stream of batches of one schema together as claims.

    Args:
        plan: tells the columns whose cells are the key.
        returning: is told every claim that begins, or None.
    """

    _plan: Plan
    _returning: ReturningHashes | None = None
    _held: Grouped | None = attrs.field(default=None, init=False)
    _first: int = attrs.field(default=0, init=False)  # position of the held claim's first row

    def whole(self, batch: Batch, positions: Rows) -> Grouped:
        """The rows of a batch, after those that were held back and without those to hold back."""
        places = [at for at in self._plan.keys if at is not None]
        if not places or not batch.num_rows:
            return Grouped(batch, positions, Claims(_NO_ROWS, _NO_ROWS) if places else None)
        held = self._held
        if held is not None:
            batch = _joined(held.batch, batch)
            positions = np.concatenate([held.positions, positions])
        keys = keys_of([batch.column(at) for at in places])
        starts = self._starts(keys, positions, goes_on=held is not None)
        ends = np.append(starts[1:], batch.num_rows)
        kept = batch.num_rows if keys.blank[-1] else int(starts[-1])
        self._held = None if keys.blank[-1] else _part(batch, positions, kept)
        told = ~keys.blank[starts] & (starts < kept)
        return Grouped(batch.slice(0, kept), positions[:kept], Claims(starts[told], ends[told]))

    def rest(self) -> Grouped | None:
        """The rows that are still held back, when no more batches follow."""
        held, self._held = self._held, None
        return held

    def _starts(self, keys: Keys, positions: Rows, *, goes_on: bool) -> Rows:
        """The rows with which claims (or parts of very long ones) start."""
        cut = keys.changed.copy()
        starts = np.flatnonzero(cut)
        firsts = positions[starts]
        if goes_on:
            firsts[0] = self._first
        if self._returning is not None:
            begun = starts[1:] if goes_on else starts
            self._returning.add(keys.hashes(begun[~keys.blank[begun]]))
        self._first = int(firsts[-1])
        sizes = np.diff(starts, append=cut.size)
        if (positions[starts + sizes - 1] - firsts >= LONGEST_CLAIM).any():
            parts = (positions - np.repeat(firsts, sizes)) // LONGEST_CLAIM
            cut[1:] |= parts[1:] != parts[:-1]
            starts = np.flatnonzero(cut)
        return starts


def grouped_pieces(pieces: Iterable[Piece], grouper: Grouper) -> Iterator[Piece]:
    """The pieces of a file with whole claims in each; a last one may follow the last of the file."""
    for piece in pieces:
        if not piece.batch.num_rows:
            yield piece
            continue
        rows = grouper.whole(piece.batch, piece.positions)
        yield Piece(rows.batch, rows.positions, piece.rejected, piece.done, rows.claims)
    rest = grouper.rest()
    if rest is not None:
        yield Piece(rest.batch, rest.positions, [], 1.0, rest.claims)


def _part(batch: Batch, positions: Rows, start: int) -> Grouped:
    """The rows from ``start``, copied, so that the others need not be kept in memory."""
    rows = np.arange(start, batch.num_rows)
    part = batch.slice(start) if isinstance(batch, PythonBatch) else batch.take(pa.array(rows))
    one = Claims(np.zeros(1, np.int64), np.array([rows.size]))
    return Grouped(part, positions[start:].copy(), one)


def _joined(one: Batch, other: Batch) -> Batch:
    """The rows of two batches of the same columns."""
    if isinstance(one, PythonBatch):
        return PythonBatch(
            {at: one.column(at) + other.column(at) for at in one.columns},
            one.num_rows + other.num_rows,
        )
    columns = [_chained(a, b) for a, b in zip(one.columns, other.columns, strict=True)]
    return pa.RecordBatch.from_arrays(columns, names=other.schema.names)


def _chained(one: Any, other: Any) -> Any:
    """A few cells and many. The dictionary stays that of the many, if it has all values of the few."""
    if pa.types.is_dictionary(one.type) and not one.dictionary.equals(other.dictionary):
        kind = one.type.value_type
        few, values = one.cast(kind), other.dictionary
        missing = pc.unique(few.filter(pc.invert(pc.is_in(few, values)))).drop_null()
        if len(missing):
            values = pa.concat_arrays([values, missing])
        numbers = pc.index_in(few, values)
        one = pa.DictionaryArray.from_arrays(numbers, values)
        other = pa.DictionaryArray.from_arrays(other.indices.cast(pa.int32()), values)
    return pa.concat_arrays([one, other])
