"""Rows of a CSV file: the standard library's reader, with every row accounted for.

A row that cannot be read is rejected with its reason. A quotation mark that is never closed would
swallow all rows that follow; such a row is given up after its first physical line, and reading goes
on with the next.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from claimcheck.errors import InputError
from claimcheck.io.columns import ColumnProblem, Plan, plan_columns, recognised
from claimcheck.io.raw import RawLines
from claimcheck.io.rows import Row

__all__ = ["CsvRows"]

DELIMITERS: Final = (",", ";", "\t", "|")
MOST_LINES_OF_A_ROW: Final = 100
_QUOTES: Final = "a quotation mark is not closed, or stands where none may stand"
_REASONS: Final = (
    ("field larger than field limit", "a cell is longer than 131,072 characters"),
    ("new-line character seen", "a carriage return stands inside a cell"),
)


class _TooManyLines(Exception):
    """A quoted cell that goes on and on."""


class _Feed:
    """Decoded lines for ``csv.reader``; remembers those of the row at hand, to give them again."""

    def __init__(self, raw: RawLines) -> None:
        self._raw = raw
        self._again: deque[tuple[int, str]] = deque()
        self.taken: list[tuple[int, str]] = []
        self.overlong = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= MOST_LINES_OF_A_ROW:
            raise _TooManyLines
        if self._again:
            at, text = self._again.popleft()
        else:
            line = next(self._raw)
            at = self._raw.number
            if line is None:
                self.overlong = True
                line = b"\n"
            text = line.decode("utf-8", "surrogateescape")
        self.taken.append((at, text))
        return text

    def give_up_first(self) -> None:
        """Give all lines of the row at hand once more, except its first."""
        self._again.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]


class CsvRows:
    """The rows of a CSV file with a header. Iterate it once.

    Args:
        raw: physical lines, the header first.
        mapping: column to field.
        group_by: columns that tell which claim a row belongs to; None for that of ``claim_id``.

    Attributes:
        header: the names of the columns, as they are written.

    Raises:
        InputError: the header cannot be read, or gives no line.
    """

    def __init__(
        self,
        raw: RawLines,
        mapping: Mapping[str, str],
        group_by: Sequence[str] | None = None,
    ) -> None:
        head = raw.first() or b""
        text = head.decode("utf-8", "surrogateescape")
        if "\r" in text.rstrip("\r\n"):
            raise InputError(
                f"{raw.name}: its lines end in a carriage return alone; save it with line feeds"
            )
        self._delimiter = _delimiter(text)
        self._feed = _Feed(raw)
        header = self._header(raw.name)
        self.header = tuple(header)
        self._width = len(header)
        try:
            self._plan: Plan = plan_columns(header, mapping, whole=True, group_by=group_by)
        except ColumnProblem as problem:
            raise InputError(f"{raw.name}: {problem}") from None

    @property
    def not_read(self) -> int:
        """Number of columns that give no field."""
        return self._plan.not_read

    @property
    def looks_like(self) -> str | None:
        """A field that a column not read seems to be meant for."""
        return self._plan.looks_like

    def __iter__(self) -> Iterator[Row]:
        """Every row, readable or rejected, in order."""
        number = 0
        feed = self._feed
        reader = self._reader()
        while True:
            feed.taken.clear()
            feed.overlong = False
            reason = None
            cells: list[str] = []
            try:
                cells = next(reader)
            except StopIteration:
                return
            except (csv.Error, _TooManyLines) as error:
                reason = _reason(error)
            if feed.overlong:
                reason = "a line is longer than 1,048,576 bytes"
            elif reason is None:
                if not cells or (len(cells) == 1 and not cells[0].strip() and self._width > 1):
                    continue
                reason = self._fault(cells)
            number += 1
            at = feed.taken[0][0] if feed.taken else 0
            if reason is None:
                yield Row(number, at, self._plan.fields(cells), None, self._plan.key(cells))
                continue
            if len(feed.taken) > 1:
                feed.give_up_first()
                reason = f"{reason} (a quoted cell runs over several lines)"
            reader = self._reader()
            yield Row(number, at, None, reason)

    def _reader(self) -> Any:
        return csv.reader(self._feed, delimiter=self._delimiter, strict=True)

    def _header(self, name: str) -> list[str]:
        try:
            header: list[str] = next(self._reader())
        except (StopIteration, csv.Error, _TooManyLines):
            raise InputError(f"{name}: the header cannot be read; {_QUOTES}") from None
        return header

    def _fault(self, cells: list[str]) -> str | None:
        if len(cells) != self._width:
            count = "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
            return f"the row has {count}, the header {self._width}"
        if any("\0" in text for _, text in self._feed.taken):
            return "the row has a NUL character"
        if any(not text.isascii() and _damaged(text) for _, text in self._feed.taken):
            return "the row has bytes that are not UTF-8"
        return None


def _damaged(text: str) -> bool:
    return any("\udc80" <= letter <= "\udcff" for letter in text)


def _reason(error: Exception) -> str:
    told = str(error)
    for beginning, reason in _REASONS:
        if told.startswith(beginning):
            return reason
    return _QUOTES


def _delimiter(header: str) -> str:
    """The delimiter that gives the header the most known columns, failing that the most columns."""

    def rank(delimiter: str) -> tuple[int, int]:
        try:
            cells = next(csv.reader([header], delimiter=delimiter), [])
        except csv.Error:
            return 0, 0
        return recognised(cells), len(cells)

    return max(DELIMITERS, key=rank)
