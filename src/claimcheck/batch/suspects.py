"""The claims in which a check across lines can find anything, told from columns of numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import attrs
import numpy as np
import numpy.typing as npt

from claimcheck.batch.claims import Claims
from claimcheck.batch.columns import Columns, Rows
from claimcheck.batch.encode import Ids, KeyTable, Numbers
from claimcheck.batch.keys import mixed
from claimcheck.checks.definition import LISTS, Check, Codes, Lonely, Pairs, Repeats, Totals
from claimcheck.checks.definition import Suspects as Suspicion

__all__ = ["Suspects"]

_SMALL: Final = 32
_MOST_ASKED: Final = 1_000_000
_LARGEST_LIMIT: Final = 1 << 30
_NO_ROWS: Final = np.empty(0, np.int64)


@attrs.frozen(eq=False)
class _Group:
    """Rows of claims, one claim after the other: the claim of each, and how many of its rows follow."""

    rows: Rows
    claim: Rows
    left: Rows


@attrs.frozen(eq=False)
class Numbered:
    """A batch as the suspicions need it: its columns, and the number of each row's epoch."""

    columns: Columns
    epochs: Ids
    _sums: dict[str, npt.NDArray[np.uint64]] = attrs.field(factory=dict, init=False)

    def sums(self, field: str) -> npt.NDArray[np.uint64]:
        """Per row, a number that is the same for lists of the same values in any order."""
        found = self._sums.get(field)
        if found is None:
            found = self._sums[field] = np.zeros(self.columns.size, np.uint64)
            for slot in self.columns.slots.get(field, ()):
                rows = slice(None) if slot.rows is None else slot.rows
                found[rows] += mixed(slot.numbers.astype(np.uint64))
        return found


class Suspects:
    """Finds suspect claims for some checks; keeps what it has asked their functions.

    Args:
        checks: checks across lines.
        code_sets: what their functions are given first.
        codes, epochs, units: what the numbers of codes, epochs and units stand for.
    """

    def __init__(
        self,
        checks: Sequence[Check],
        code_sets: Any,
        codes: Numbers[Any],
        epochs: Numbers[Any],
        units: Numbers[Any],
    ) -> None:
        self._code_sets = code_sets
        self._codes = codes
        self._epochs = epochs
        self._units = units
        self._checks = tuple(checks)
        self._kinds = dict.fromkeys(one.suspects for one in checks if one.suspects is not None)
        self._several = [kind for kind in self._kinds if not isinstance(kind, Codes | Lonely)]
        self._tables: dict[Any, KeyTable] = {}
        self._asked = 0

    def among(self, claims: Claims, batch: Numbered) -> list[npt.NDArray[np.bool_]]:
        """Per check, which of the claims are suspect to it."""
        if self._asked > _MOST_ASKED:
            self._tables, self._asked = {}, 0
        groups = _groups(claims) if self._several else None
        odd = batch.columns.odd  # numbers do not tell all of these
        more = [] if odd is None else [np.flatnonzero(odd)]
        of_kind: dict[Suspicion | None, npt.NDArray[np.bool_]] = {
            None: np.ones(claims.starts.size, np.bool_)
        }
        for kind in self._kinds:
            rows = [*self._rows(kind, claims, groups, batch), *more]
            of_kind[kind] = _having(claims, np.concatenate([*rows, _NO_ROWS]))
        return [of_kind[one.suspects] for one in self._checks]

    def _rows(
        self,
        kind: Suspicion,
        claims: Claims,
        groups: tuple[_Group, _Group] | None,
        batch: Numbered,
    ) -> Iterator[Rows]:
        """Rows of the claims that are suspect for one reason."""
        if isinstance(kind, Codes):
            yield self._with_code(kind, kind.function, batch)
        elif isinstance(kind, Lonely):
            yield self._alone(kind, claims, batch)
        elif groups is not None:
            usual, long = groups
            if isinstance(kind, Totals):
                yield self._over(kind, usual, long, batch)
            else:
                yield from self._with_pairs(usual, batch, kind)
                yield from self._in_long(long, batch, kind)

    def _with_code(
        self, kind: Codes | Lonely, function: Callable[[Any, str, Any], bool], batch: Numbered
    ) -> Rows:
        """The rows with a code that the function names."""

        def answer(combination: tuple[int, ...]) -> int:
            code, epoch = combination
            self._asked += 1
            told = self._codes.things[code]
            return int(
                told is not None and function(self._code_sets, told, self._epochs.things[epoch])
            )

        parts = [
            (batch.columns.scalars["code"], self._codes.bits),
            (batch.epochs, self._epochs.bits),
        ]
        return np.flatnonzero(self._table(kind).answers(parts, answer))

    def _alone(self, kind: Lonely, claims: Claims, batch: Numbered) -> Rows:
        """The rows whose code needs company, and has none."""
        needing = self._with_code(kind, kind.function, batch)
        if needing.size == 0:
            return needing
        needs = np.zeros(batch.columns.size, np.bool_)
        needs[needing] = True
        usual, _ = _groups(_holding(claims, needing))
        codes, bits = batch.columns.scalars["code"], self._codes.bits
        days = batch.columns.days

        def answer(combination: tuple[int, ...]) -> int:
            code, other, epoch = (
                things[number]
                for things, number in zip(
                    (self._codes.things, self._codes.things, self._epochs.things),
                    combination,
                    strict=True,
                )
            )
            self._asked += 1
            return int(other is not None and kind.company(self._code_sets, code, other, epoch))

        for one, other in _pairs(usual):
            for lonely, beside in ((one, other), (other, one)):
                wanted = needs[lonely] & (codes[lonely] != codes[beside])
                if days is not None:
                    wanted &= days[lonely] == days[beside]
                lonely, beside = lonely[wanted], beside[wanted]
                parts = [
                    *((codes[lonely], bits), (codes[beside], bits)),
                    (batch.epochs[lonely], self._epochs.bits),
                ]
                if lonely.size:
                    found = self._table((kind, "company")).answers(parts, answer)
                    needs[lonely[found > 0]] = False
        return np.flatnonzero(needs)

    def _over(self, kind: Totals, usual: _Group, long: _Group, batch: Numbered) -> Rows:
        """Rows of one claim, code and day whose units together pass the limit."""
        columns = batch.columns
        codes = columns.scalars["code"]
        same_day = [columns.days] if columns.days is not None else []
        several = []
        for one, other in _pairs(usual, codes):
            for days in same_day:
                agree = days[one] == days[other]
                one, other = one[agree], other[agree]
            several += [one, other]
        order, same = _sorted_alike(long, [codes, *same_day])
        repeated = long.rows[order[same]]
        rows = np.unique(np.concatenate([*several, _NO_ROWS]))
        if rows.size == 0:
            return repeated
        units = columns.scalars.get("units")
        values = np.array([1 if it is None else it for it in self._units.things], np.float64)
        each = np.ones(rows.size) if units is None else values[units[rows]]
        at = np.searchsorted(usual.rows, rows)
        group = _Group(rows, usual.claim[at], usual.left[at])
        order, same = _sorted_alike(group, [codes, *same_day])
        number = np.cumsum(~same) - 1
        totals = np.bincount(number, weights=each[order])
        limits = self._limits(kind, rows, batch)
        return np.concatenate([rows[order][totals[number] > limits[order]], repeated])

    def _limits(self, kind: Totals, rows: Rows, batch: Numbered) -> npt.NDArray[np.float64]:
        """Per row the limit of its code; infinite where there is none."""

        def answer(combination: tuple[int, ...]) -> int:
            code, epoch = combination
            self._asked += 1
            limit = kind.limit(
                self._code_sets, self._codes.things[code], self._epochs.things[epoch]
            )
            return 0 if limit is None else min(limit, _LARGEST_LIMIT) + 1

        parts = [
            (batch.columns.scalars["code"][rows], self._codes.bits),
            (batch.epochs[rows], self._epochs.bits),
        ]
        found = self._table(kind).answers(parts, answer)
        return np.where(found > 0, found - 1.0, np.inf)

    def _with_pairs(self, group: _Group, batch: Numbered, kind: Repeats | Pairs) -> Iterator[Rows]:
        """Of the pairs of a kind, the earlier rows."""
        if isinstance(kind, Repeats):
            columns = _columns_of(kind, batch.columns)
            for one, other in _pairs(group, columns[0]) if columns else ():
                yield _agreeing(columns, kind, batch, one, other)
        else:
            for one, other in _pairs(group):
                yield self._named(kind, batch, *_of_one_day(batch.columns, one, other))

    def _in_long(self, group: _Group, batch: Numbered, kind: Repeats | Pairs) -> Iterator[Rows]:
        """The same for long claims, in which not all rows can be held against all others."""
        if group.rows.size == 0:
            return
        if isinstance(kind, Pairs):
            yield from self._with_pairs(_distinct(group, batch.columns), batch, kind)
            return
        columns = _columns_of(kind, batch.columns)
        if columns:
            columns += [batch.sums(field) for field in kind.fields if field in LISTS]
            order, same = _sorted_alike(group, columns)
            repeated = group.rows[order[same]]
            yield repeated[columns[0][repeated] != 0]

    def _named(self, kind: Pairs, batch: Numbered, one: Rows, other: Rows) -> Rows:
        """The earlier rows of those pairs that the function names."""
        if one.size == 0:
            return one
        codes, bits = batch.columns.scalars["code"], self._codes.bits
        low, high = np.minimum(codes[one], codes[other]), np.maximum(codes[one], codes[other])
        epochs, later = batch.epochs[one], batch.epochs[other]

        def answer(combination: tuple[int, ...]) -> int:
            first, second, epoch = combination
            things = self._codes.things
            self._asked += 1
            return int(
                kind.function(
                    self._code_sets, things[first], things[second], self._epochs.things[epoch]
                )
            )

        def ask(chosen: Any, epochs: Ids) -> Ids:
            parts = [(low[chosen], bits), (high[chosen], bits), (epochs, self._epochs.bits)]
            return self._table(kind).answers(parts, answer)

        found = ask(slice(None), epochs) > 0
        differ = np.flatnonzero(epochs != later)  # only where one of them has no date
        if differ.size:
            found[differ] |= ask(differ, later[differ]) > 0
        return one[found]

    def _table(self, kind: Any) -> KeyTable:
        return self._tables.setdefault(kind, KeyTable())


def _having(claims: Claims, rows: Rows) -> npt.NDArray[np.bool_]:
    """Which of the claims have one of these rows."""
    found = np.zeros(claims.starts.size, np.bool_)
    at = np.searchsorted(claims.starts, rows, "right") - 1
    inside = at >= 0
    inside[inside] = rows[inside] < claims.ends[at[inside]]
    found[at[inside]] = True
    return found


def _holding(claims: Claims, rows: Rows) -> Claims:
    """The claims that have one of these rows."""
    at = np.flatnonzero(_having(claims, rows))
    return Claims(claims.starts[at], claims.ends[at])


def _groups(claims: Claims) -> tuple[_Group, _Group]:
    """The rows of the claims of several lines: of usual ones, and of long ones."""
    sizes = claims.sizes
    usual, long = (sizes > 1) & (sizes <= _SMALL), sizes > _SMALL
    return (
        _rows_of(claims.starts[usual], claims.ends[usual]),
        _rows_of(claims.starts[long], claims.ends[long]),
    )


def _rows_of(starts: Rows, ends: Rows) -> _Group:
    sizes = ends - starts
    before = np.cumsum(sizes) - sizes
    rows = np.arange(int(sizes.sum())) + np.repeat(starts - before, sizes)
    claim = np.repeat(np.arange(sizes.size), sizes)
    return _Group(rows, claim, np.repeat(ends, sizes) - rows - 1)


def _sorted_alike(group: _Group, columns: Sequence[Any]) -> tuple[Rows, npt.NDArray[np.bool_]]:
    """An order in which rows of one claim that agree stand together, and which agree with the last."""
    keys = [group.claim, *(column[group.rows] for column in columns)]
    order = np.lexsort((group.rows, *keys))
    same = np.zeros(order.size, np.bool_)
    same[1:] = True
    for key in keys:
        placed = key[order]
        same[1:] &= placed[1:] == placed[:-1]
    return order, same


def _distinct(group: _Group, columns: Columns) -> _Group:
    """One row of those of a claim that agree in code and day."""
    days = [] if columns.days is None else [columns.days]
    order, same = _sorted_alike(group, [columns.scalars["code"], *days])
    kept = np.sort(order[~same])
    _, sizes = np.unique(group.claim[kept], return_counts=True)
    left = np.repeat(np.cumsum(sizes), sizes) - np.arange(kept.size) - 1
    return _Group(group.rows[kept], group.claim[kept], left)


def _pairs(group: _Group, column: Any = None) -> Iterator[tuple[Rows, Rows]]:
    """All pairs of rows of one claim, those of one distance at a time.

    With a column of numbers, only those that agree in it and have something there.
    """
    numbers = None if column is None else column[group.rows]
    longest = int(group.left.max(initial=0))
    for distance in range(1, longest + 1):
        wanted = group.left[:-distance] >= distance
        if numbers is not None:
            wanted &= numbers[:-distance] == numbers[distance:]
            wanted &= numbers[distance:] != 0
        at = np.flatnonzero(wanted)
        yield group.rows[at], group.rows[at + distance]


def _columns_of(kind: Repeats, columns: Columns) -> list[npt.NDArray[Any]]:
    """The numbers of the fields that must agree but the lists; none if no line has the first.

    What no column gives agrees always.
    """
    known = {**columns.scalars, "service_date": columns.days, "conditions": columns.conditions}
    given = [known.get(field) for field in kind.fields]
    return [] if given[0] is None else [numbers for numbers in given if numbers is not None]


def _agreeing(
    columns: list[npt.NDArray[Any]], kind: Repeats, batch: Numbered, one: Rows, other: Rows
) -> Rows:
    """The earlier rows of those pairs that agree in the other columns and in the lists, too."""
    for column in columns[1:]:
        same = column[one] == column[other]
        one, other = one[same], other[same]
    for field in kind.fields:
        if field in LISTS and one.size:
            sums = batch.sums(field)
            same = sums[one] == sums[other]
            one, other = one[same], other[same]
    return one


def _of_one_day(columns: Columns, one: Rows, other: Rows) -> tuple[Rows, Rows]:
    """The pairs of two different codes that may be of one day."""
    codes, days = columns.scalars["code"], columns.days
    wanted = (codes[one] != codes[other]) & (codes[one] != 0) & (codes[other] != 0)
    if days is not None:
        wanted &= (days[one] == days[other]) | (days[one] == 0) | (days[other] == 0)
    return one[wanted], other[wanted]
