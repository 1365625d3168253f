"""What was wrong with an X12 file, told by segment and never by content."""

from __future__ import annotations

from typing import Final

import attrs

__all__ = ["Log"]

MOST_KEPT: Final = 100


@attrs.define(eq=False)
class Log:
    """Remarks, each with the number of its segment; the first 100 are kept, all are counted.

    Attributes:
        kept: the first remarks, as ``segment 57: what``.
        count: number of all.
    """

    kept: list[str] = attrs.field(factory=list)
    count: int = 0

    def add(self, segment: int, what: str) -> None:
        """Note what is wrong with a segment."""
        self.count += 1
        if len(self.kept) < MOST_KEPT:
            self.kept.append(f"segment {segment:,}: {what}")
