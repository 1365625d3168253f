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

__all__ = ["PAIR_BITS", "Pair", "Sieving", "pairs_of"]

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


class Sieving:
    """What a sieve says of the diagnoses and rules seen so far, all by their numbers.

    Args:
        sieve: tells which pairs its checks can find anything on.
    """

    __slots__ = (
        "_diagnoses",
        "_has_say",
        "_of_value",
        "_rules",
        "_sieve",
        "_spoken",
        "_standings",
        "_table",
    )

    def __init__(self, sieve: PairSieve) -> None:
        self._sieve = sieve
        self._standings: Numbers[Hashable] = Numbers(None)
        self._of_value = np.zeros(0, np.int32)
        self._has_say = np.zeros(0, np.bool_)
        self._diagnoses: Sequence[str] = ()
        self._rules: Sequence[Any] = ()
        self._table, self._spoken = KeyTable(), KeyTable()

    def learn(self, diagnoses: Sequence[str], rules: Sequence[Any], code_sets: Any) -> None:
        """Find out about the diagnoses and rules that are new."""
        self._diagnoses, self._rules = diagnoses, rules
        known = len(self._of_value)
        new = (self._sieve.standing(code_sets, it) if it else None for it in diagnoses[known:])
        numbers = np.fromiter((self._standings.of(it) if it else 0 for it in new), np.int32)
        self._of_value = np.append(self._of_value, numbers)
        say = [self._sieve.rules(rule) for rule in rules[len(self._has_say) :]]
        self._has_say = np.append(self._has_say, np.array(say, np.bool_))

    def rules_with_a_say(self, rules: Ids) -> Ids:
        """The numbers of rules, 0 (no rule) in place of those that have no say of their own."""
        kept = np.where(self._has_say, np.arange(len(self._has_say)), 0).astype(np.int32)
        found: Ids = kept[rules]
        return found

    def suspects(self, pair: Pair, rules: Ids) -> npt.NDArray[np.bool_]:
        """Per row of a pair whether it may give something, given the rules of all rows."""
        bits = max(self._standings.bits, PAIR_BITS)
        parts = [(self._of_value[pair.one], bits), (self._of_value[pair.other], bits)]
        found: npt.NDArray[np.bool_] = self._table.answers(parts, self._meet) > 0
        ruled = np.flatnonzero(rules[pair.rows])
        if ruled.size:
            by_rule = rules[pair.rows[ruled]]
            bits = max(len(self._diagnoses).bit_length(), PAIR_BITS)
            for diagnoses in (pair.one, pair.other):
                spoken = [
                    (by_rule, max(len(self._rules).bit_length(), 16)),
                    (diagnoses[ruled], bits),
                ]
                found[ruled] |= self._spoken.answers(spoken, self._speaks) > 0
        return found

    def _meet(self, combination: tuple[int, ...]) -> int:
        one, other = combination
        if not (one and other):
            return 0
        standings = self._standings.things
        return int(self._sieve.meet(standings[one], standings[other]))

    def _speaks(self, combination: tuple[int, ...]) -> int:
        rule, diagnosis = combination
        return int(self._sieve.speaks(self._rules[rule], self._diagnoses[diagnosis]))
