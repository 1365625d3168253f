"""Pairs of diagnoses of each row, and which of them are worth a look."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from itertools import combinations
from typing import Any, Final

import attrs
import numpy as np
import numpy.typing as npt

from claimcheck.batch.columns import Rows, SlotColumn
from claimcheck.batch.encode import Ids, KeyTable, Numbers
from claimcheck.checks.definition import PairSieve

__all__ = ["PAIR_BITS", "Pair", "Standings", "pairs_of"]

# Room for the numbers from the start: most come up in the first batches, and a table that has to make
# room again and again costs more than a sparse one.
PAIR_BITS: Final = 20


@attrs.frozen(eq=False)
class Pair:
    """Two slots of a list field: the rows that have both, and the numbers of both there."""

    indexes: tuple[int, int]
    rows: Rows
    one: Ids
    other: Ids

    def only(self, kept: npt.NDArray[np.bool_]) -> Pair:
        """The same with only some of its rows."""
        at = np.flatnonzero(kept)
        return Pair(self.indexes, self.rows[at], self.one[at], self.other[at])


def pairs_of(slots: Sequence[SlotColumn], size: int) -> Iterator[Pair]:
    """Every two slots, the earlier one first, with the rows that have something in both."""
    for first, second in combinations(slots, 2):
        indexes = first.index, second.index
        if first.rows is None:  # every row has the first
            rows = np.arange(size) if second.rows is None else second.rows
            one = first.numbers if second.rows is None else first.numbers[rows]
            yield Pair(indexes, rows, one, second.numbers)
        elif second.rows is None:
            yield Pair(indexes, first.rows, first.numbers, second.numbers[first.rows])
        else:
            rows, left, right = np.intersect1d(
                first.rows, second.rows, assume_unique=True, return_indices=True
            )
            yield Pair(indexes, rows, first.numbers[left], second.numbers[right])


class Standings:
    """Where diagnoses stand for a sieve, by the number of the diagnosis; kept from batch to batch.

    Args:
        sieve: tells where a diagnosis stands, and which two standings may give something together.
    """

    __slots__ = ("_of_value", "_sieve", "_standings", "_table")

    def __init__(self, sieve: PairSieve) -> None:
        self._sieve = sieve
        self._standings: Numbers[Hashable] = Numbers(None)
        self._of_value = np.zeros(0, np.int32)
        self._table = KeyTable()

    def learn(self, values: Sequence[str], code_sets: Any) -> None:
        """Find out where the diagnoses stand that are new among ``values``."""
        known = len(self._of_value)
        if known == len(values):
            return
        new = (self._sieve.standing(code_sets, it) if it else None for it in values[known:])
        numbers = np.fromiter(
            (self._standings.of(it) if it else 0 for it in new), np.int32, len(values) - known
        )
        self._of_value = np.append(self._of_value, numbers)

    def may_meet(self, one: Ids, other: Ids) -> npt.NDArray[np.bool_]:
        """Whether two diagnoses, given by number, may give something together; per row."""
        bits = max(self._standings.bits, PAIR_BITS)
        parts = [(self._of_value[one], bits), (self._of_value[other], bits)]
        found: npt.NDArray[np.bool_] = self._table.answers(parts, self._meet) > 0
        return found

    def _meet(self, combination: tuple[int, ...]) -> int:
        one, other = combination
        if not (one and other):
            return 0
        standings = self._standings.things
        return int(self._sieve.meet(standings[one], standings[other]))
