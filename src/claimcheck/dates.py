"""Dates of service: reading them, and cutting time into epochs.

An *epoch* is a stretch of days in which no rule and no code set changes. Checks read the epoch and
not the day, so that lines of one epoch share their outcomes.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from datetime import date, datetime, timedelta
from typing import Final

import attrs

__all__ = ["Epoch", "Epochs", "Period", "parse_date"]


@attrs.frozen
class Period:
    """A stretch of days, inclusive on both ends; ``None`` is an end that the source leaves unstated."""

    first: date | None = None
    last: date | None = None

    def holds(self, day: date | None) -> bool:
        """Whether ``day`` lies in the period. An undated line (``None``) takes what is still open."""
        if day is None:
            return self.last is None
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)

    def overlaps(self, other: Period) -> bool:
        """Whether the two periods share a day."""
        return (self.first is None or other.last is None or self.first <= other.last) and (
            other.first is None or self.last is None or other.first <= self.last
        )


@attrs.frozen
class Epoch:
    """One epoch: its number, and a day that stands for all its days (``None`` for undated lines)."""

    number: int
    day: date | None


class Epochs:
    """All epochs of a rule set and its code sets.

    Args:
        boundaries: days on which something begins to hold (for an end on day *d*, that is *d* + 1).
    """

    __slots__ = ("_epochs", "_starts")

    UNDATED = Epoch(-1, None)

    def __init__(self, boundaries: frozenset[date] | set[date]) -> None:
        starts = sorted(boundaries)
        self._starts = [day.toordinal() for day in starts]
        before = (starts[0] - timedelta(days=1)) if starts and starts[0] > date.min else date.min
        self._epochs = (Epoch(0, before), *(Epoch(n + 1, day) for n, day in enumerate(starts)))

    def of(self, day: date | None) -> Epoch:
        """The epoch that holds ``day``; ``Epochs.UNDATED`` for ``None``."""
        if day is None:
            return self.UNDATED
        return self._epochs[bisect_right(self._starts, day.toordinal())]

    @property
    def all(self) -> tuple[Epoch, ...]:
        """Every epoch of dated lines, in order of time."""
        return self._epochs

    @property
    def starts(self) -> tuple[date, ...]:
        """The first day of every epoch but the first, ascending."""
        return tuple(date.fromordinal(number) for number in self._starts)


def boundaries_of(period: Period) -> set[date]:
    """The days on which a period begins to hold, and on which it has ceased to."""
    found = set()
    if period.first is not None:
        found.add(period.first)
    if period.last is not None and period.last < date.max:
        found.add(period.last + timedelta(days=1))
    return found


# English whatever the locale: it is how SAS writes dates, and CMS with it.
MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED_MONTH: Final = re.compile(rf"(?i)([0-9]{{1,2}})(-?)({'|'.join(MONTHS)})\2([0-9]{{4}})")


def parse_date(text: str) -> date | None:
    """Read a date of service; ``None`` if the text is not one of the four shapes.

    Shapes: ``2026-05-04``, ``20260504``, ``05/04/2026`` (month first, one digit allowed), each of
    which may be followed by a time of day (``T`` or a blank, then anything that ISO 8601 allows), and
    ``04-MAY-2026`` as CMS writes it (``04MAY2026`` too, in any case; the month in English).
    """
    text = text.strip()
    try:
        named = _NAMED_MONTH.fullmatch(text)
        if named:
            return date(int(named[4]), MONTHS.index(named[3].lower()) + 1, int(named[1]))
        if len(text) == 8 and text.isdigit():
            return date(int(text[:4]), int(text[4:6]), int(text[6:]))
        if "/" in text:
            month, day, year = text.split(" ", 1)[0].split("/")
            if len(year) != 4:
                return None
            return date(int(year), int(month), int(day))
        if len(text) == 10:
            return date.fromisoformat(text)
        if len(text) > 10 and text[10] in "T ":
            return datetime.fromisoformat(text).date()
    except ValueError:
        return None
    return None
