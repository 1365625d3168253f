"""Which findings are shown one by one: all of them, or a fair choice of a stated number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Final, TypeAlias

import attrs

from claimcheck.finding import Finding
from claimcheck.line_report import Status

__all__ = ["ROWS_SHOWN", "Kind", "Sample", "ShownLine", "kind_of"]

ROWS_SHOWN: Final = 10_000
_SEED: Final = 5

Kind: TypeAlias = tuple[str, str]
_Kept: TypeAlias = tuple[float, int, "ShownLine", int]


@attrs.frozen(eq=False)
class ShownLine:
    """A line as the page tells it.

    Attributes:
        row: its number in the input.
        line_id, claim_id: the caller's own ids, or None.
        code, payer, day: procedure code, payer's key and date of service; None where there is none.
        status: of the line.
        findings: all of its findings, each with its position in a list field or None.
        file: name of its findings file, where there are several.
    """

    row: int
    line_id: str | None
    claim_id: str | None
    code: str | None
    payer: str | None
    day: date | None
    status: Status
    findings: tuple[tuple[Finding, int | None], ...]
    file: str | None = None


def kind_of(finding: Finding) -> Kind:
    """What shares its places in the sample: severity and slug."""
    return finding.severity.value, finding.code


class Sample:
    """Keeps at most so many findings; where there are more, every kind has an equal share of places.

    A kind that does not fill its share leaves the rest to the others. Within a kind each finding has
    the same chance. The same lines in the same order give the same sample.

    Args:
        size: how many findings are kept.
    """

    def __init__(self, size: int = ROWS_SHOWN) -> None:
        self.size = size
        self._random = Random(_SEED)  # noqa: S311 a choice, no secret
        self._heaps: dict[Kind, list[_Kept]] = {}  # the key that leaves first is on top
        self._bounds: dict[Kind, float] = {}
        self._kept = 0
        self._numbers = count()

    def __len__(self) -> int:
        return self._kept

    def offer(self, finding: Finding, line: ShownLine, at: int) -> None:
        """Offer the finding that is number ``at`` of a line."""
        kind = kind_of(finding)
        key = self._random.random()
        if key < self.bound(kind):
            self._keep(kind, key, line, at)

    def offer_drawn(
        self, kind: Kind, key: float, line_of: Callable[[int], ShownLine], row: int, at: int
    ) -> None:
        """Offer finding ``at`` of a row; its key, between 0 and 1, was drawn by the caller."""
        if key < self.bound(kind):
            self._keep(kind, key, line_of(row), at)

    def bound(self, kind: Kind) -> float:
        """The key from which a finding of a kind is not kept."""
        return self._bounds.get(kind, 1.0)

    def _keep(self, kind: Kind, key: float, line: ShownLine, at: int) -> None:
        heappush(self._heaps.setdefault(kind, []), (-key, next(self._numbers), line, at))
        self._kept += 1
        while self._kept > self.size:
            largest = max(self._heaps, key=lambda name: len(self._heaps[name]))
            self._bounds[largest] = -heappop(self._heaps[largest])[0]
            self._kept -= 1

    def shown(self) -> Iterator[tuple[ShownLine, int]]:
        """The kept findings in the order in which they came: their line, and which of its findings."""
        kept = [entry for heap in self._heaps.values() for entry in heap]
        for _, _, line, at in sorted(kept, key=lambda entry: entry[1]):
            yield line, at
