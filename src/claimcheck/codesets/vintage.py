"""Which days a stored copy of a code set speaks for."""

from __future__ import annotations

from datetime import date

import attrs

__all__ = ["Vintage"]


@attrs.frozen
class Vintage:
    """The edition of a code set that is at hand.

    ``name`` is the edition as its publisher calls it. ``first`` and ``last`` are dates of service,
    inclusive on both ends; ``None`` is an end that the source leaves unstated. ``source`` is a
    source id, as citations use it.
    """

    name: str
    first: date | None
    last: date | None
    source: str

    def covers(self, day: date | None) -> bool:
        """Whether a line of this date of service can be judged by this edition.

        An undated line (``None``) is judged by the list at hand, so the answer is true.
        """
        if day is None:
            return True
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)
