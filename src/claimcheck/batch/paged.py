"""Counting batches for the report page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

import attrs
import numpy as np

from claimcheck.batch.columns import Columns, Fields, Rows, taken
from claimcheck.batch.encode import Ids, read_field
from claimcheck.batch.judged import Judged
from claimcheck.batch.tally import STATUSES, statuses
from claimcheck.finding import Finding
from claimcheck.io.columns import Plan
from claimcheck.report.page.counts import PageCounts
from claimcheck.report.page.sample import ShownLine, kind_of
from claimcheck.scalar import Checker
from claimcheck.verdict import Severity

__all__ = ["FIRST_ROW", "Pager"]

FIRST_ROW: Final = 0
_SEVERITIES: Final = tuple(Severity)
_SEED: Final = 5
_MOST_COUNTERS: Final = 1 << 22


@attrs.frozen(eq=False)
class _Batch:
    """What a batch gave, beside what it holds."""

    judged: Judged
    told: list[Finding]
    fields: Fields
    columns: Columns
    cells: Any
    plan: Plan
    positions: Rows
    file: str | None

    def of_rows(self, name: str) -> Ids:
        """Number of the value of every row in a field; 0 is none."""
        found = self.columns.scalars.get(name)
        return np.zeros(self.judged.size, np.int32) if found is None else found

    def things(self, name: str) -> list[Any]:
        """What the numbers of a field stand for."""
        return self.fields.values[name].things

    @property
    def days(self) -> Any:
        """Ordinal of every row's date of service; 0 is none."""
        days = self.columns.days
        return np.zeros(self.judged.size, np.int64) if days is None else days


class Pager:
    """Counts what the report page tells, batch by batch.

    Args:
        checker: knows the payers' keys.
    """

    def __init__(self, checker: Checker) -> None:
        self.counts = PageCounts()
        self._checker = checker
        self._random = np.random.default_rng(_SEED)

    def add(
        self,
        judged: Judged,
        fields: Fields,
        columns: Columns,
        cells: Any,
        plan: Plan,
        positions: Rows,
        file: str | None,
    ) -> None:
        """Count a batch.

        Args:
            judged: what the engine gave for it.
            fields: what the numbers of the columns stand for.
            columns: the batch as numbers.
            cells: the batch itself, for the ids.
            plan: which of its columns are the ids.
            positions: position of each of its rows in the input.
            file: name of its findings file, where there are several.
        """
        told = [*judged.known[: judged.shared], *judged.own]
        batch = _Batch(judged, told, fields, columns, cells, plan, positions, file)
        payers = batch.of_rows("payer")
        for number, count in _counted(payers):
            if (payer := self._payer(batch, number)) is not None:
                self.counts.add_payer_lines(payer, count)
        for number, count in _counted(batch.days):
            if (day := _day(number)) is not None:
                self.counts.lines_of_day[day] += count
        if not judged.rows.size:
            return
        self._count(batch, payers)
        self._choose(batch)

    def _payer(self, batch: _Batch, number: int) -> str | None:
        return self._checker.payer_key(batch.things("payer")[number])

    def _count(self, batch: _Batch, payers: Ids) -> None:
        """Count the findings by what their lines say."""
        counts, rows = self.counts, batch.judged.rows
        codes = batch.things("code")
        ranks = np.array([_SEVERITIES.index(f.severity) for f in batch.told], np.int64)
        severities = ranks[batch.judged.findings]
        for number, severity, count in _by_severity(batch.of_rows("code")[rows], severities):
            counts.codes.add(codes[number], severity, count)
        for number, severity, count in _by_severity(payers[rows], severities):
            counts.payers.add(self._payer(batch, number), severity, count)
        for number, severity, count in _by_severity(batch.days[rows], severities):
            counts.days.add(_day(number), severity, count)
        for number, count in _counted(batch.judged.findings):
            finding = batch.told[number]
            counts.fixes.add((finding.code, finding.hint), finding.severity, count)

    def _choose(self, batch: _Batch) -> None:
        """Offer the findings to the sample; most are refused by the number drawn for them."""
        sample, judged = self.counts.sample, batch.judged
        keys = self._random.random(judged.rows.size)
        kinds = {kind: n for n, kind in enumerate({kind_of(f): None for f in batch.told})}
        of_finding = np.array([kinds[kind_of(f)] for f in batch.told], np.int64)[judged.findings]
        bounds = np.array([sample.bound(kind) for kind in kinds])
        left = np.flatnonzero(keys < bounds[of_finding])
        chosen = []
        for number in range(len(kinds)):
            its = left[of_finding[left] == number]
            if its.size > sample.size:
                its = its[np.argpartition(keys[its], sample.size)[: sample.size]]
            chosen.append(its)
        lines = _Lines(batch, self._checker)
        for place in np.sort(np.concatenate(chosen)).tolist():
            row = int(judged.rows[place])
            finding = batch.told[judged.findings[place]]
            at = place - int(np.searchsorted(judged.rows, row))
            sample.offer_drawn(kind_of(finding), float(keys[place]), lines.of, row, at)


def _counted(numbers: Any) -> Iterator[tuple[int, int]]:
    """Each distinct number, and how often it is there."""
    if numbers.size and int(numbers.max()) < _MOST_COUNTERS:  # far faster than sorting
        counts = np.bincount(numbers)
        distinct = np.flatnonzero(counts)
        counts = counts[distinct]
    else:
        distinct, counts = np.unique(numbers, return_counts=True)
    yield from zip(distinct.tolist(), counts.tolist(), strict=True)


def _by_severity(numbers: Any, severities: Any) -> Iterator[tuple[int, Severity, int]]:
    for key, count in _counted(numbers.astype(np.int64) * len(_SEVERITIES) + severities):
        number, severity = divmod(key, len(_SEVERITIES))
        yield number, _SEVERITIES[severity], count


def _day(ordinal: int) -> date | None:
    return date.fromordinal(ordinal) if ordinal else None


class _Lines:
    """The lines of a batch as the page tells them, each made once."""

    def __init__(self, batch: _Batch, checker: Checker) -> None:
        self._batch = batch
        self._checker = checker
        self._made: dict[int, ShownLine] = {}
        self._status = statuses(batch.judged)["status"]
        self._columns_of = {field: at for at, field in batch.plan.scalars}

    def of(self, row: int) -> ShownLine:
        """The line of a row."""
        line = self._made.get(row)
        if line is None:
            line = self._made[row] = self._line(row)
        return line

    def _line(self, row: int) -> ShownLine:
        batch, judged = self._batch, self._batch.judged
        first, last = np.searchsorted(judged.rows, [row, row + 1]).tolist()
        numbers, indexes = judged.findings[first:last].tolist(), judged.indexes[first:last].tolist()
        return ShownLine(
            int(batch.positions[row]),
            self._id("line_id", row),
            self._id("claim_id", row),
            batch.things("code")[batch.of_rows("code")[row]],
            self._checker.payer_key(batch.things("payer")[batch.of_rows("payer")[row]]),
            _day(int(batch.days[row])),
            STATUSES[self._status[row]],
            tuple(
                (batch.told[number], None if index < 0 else index)
                for number, index in zip(numbers, indexes, strict=True)
            ),
            batch.file,
        )

    def _id(self, field: str, row: int) -> str | None:
        at = self._columns_of.get(field)
        if at is None:
            return None
        raw = taken(self._batch.cells.column(at), np.array([row]))[0]
        told: str | None = read_field(field, raw)[0]
        return told
