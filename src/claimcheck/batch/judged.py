"""What judging a batch gave: findings by number, in the order in which they are told."""

from __future__ import annotations

import attrs
import numpy as np
import numpy.typing as npt

from claimcheck.batch.columns import Rows
from claimcheck.batch.encode import Ids
from claimcheck.finding import Finding

__all__ = ["Judged", "Told", "with_told"]


@attrs.frozen(eq=False)
class Judged:
    """What a batch gave, as parallel arrays sorted by row, check and position.

    Attributes:
        size: number of rows of the batch.
        rows: per finding, its row in the batch.
        indexes: per finding, its position in a list field (-1: none).
        findings: per finding, its number in ``known`` if that is below ``shared``, else its number
            in ``own`` plus ``shared``.
        known: the findings on lines by number, kept from batch to batch; ``index`` in them says
            nothing.
        shared: how many of ``known`` there were when the batch was judged.
        own: the findings across lines, which name lines and so are of this batch alone. Each stands
            for one.
        without_rule: per row, whether it has a code of which no rule file speaks.
        suppressed: number of findings that the configuration switched off.
        held_rows, held: the findings on lines that the baseline knows: per finding its row, and its
            number in ``known``.
        held_own: the findings across lines that it knows, each with its row.
    """

    size: int
    rows: Rows
    indexes: Ids
    findings: Ids
    known: list[Finding]
    shared: int
    own: tuple[Finding, ...]
    without_rule: npt.NDArray[np.bool_]
    suppressed: int
    held_rows: Rows
    held: Ids
    held_own: tuple[tuple[int, Finding], ...] = ()

    @property
    def in_baseline(self) -> int:
        """Number of findings that the baseline knows, and that are not told therefore."""
        return len(self.held) + len(self.held_own)


@attrs.define(eq=False)
class Told:
    """Findings across lines, and their rows, claim by claim."""

    rows: list[int] = attrs.field(factory=list)
    findings: list[Finding] = attrs.field(factory=list)
    suppressed: int = 0
    held: list[tuple[int, Finding]] = attrs.field(factory=list)


def with_told(judged: Judged, told: Told) -> Judged:
    """The same with findings across lines, each after those of its row."""
    judged = attrs.evolve(
        judged, suppressed=judged.suppressed + told.suppressed, held_own=tuple(told.held)
    )
    if not told.rows:
        return judged
    order = np.argsort(np.array(told.rows), kind="stable")
    rows = np.array(told.rows, np.int64)[order]
    own = tuple(told.findings[at] for at in order.tolist())
    places = np.searchsorted(judged.rows, rows, "right")
    indexes = [-1 if finding.index is None else finding.index for finding in own]
    numbers = np.arange(judged.shared, judged.shared + len(own))
    return attrs.evolve(
        judged,
        rows=np.insert(judged.rows, places, rows),
        indexes=np.insert(judged.indexes, places, np.array(indexes, np.int32)),
        findings=np.insert(judged.findings, places, numbers.astype(np.int32)),
        own=own,
    )
