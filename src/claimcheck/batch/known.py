"""Counting batches for a baseline: what was found, by procedure code and by what it says."""

from __future__ import annotations

import numpy as np

from claimcheck.baseline import BaselineTally
from claimcheck.batch.columns import Columns, Fields
from claimcheck.batch.judged import Judged

__all__ = ["count_for_baseline"]


def count_for_baseline(
    tally: BaselineTally, judged: Judged, fields: Fields, columns: Columns
) -> None:
    """Count the findings of a batch, those that a baseline knows already included.

    Args:
        tally: what was counted so far.
        judged: what the engine gave for the batch.
        fields: what the numbers of its columns stand for.
        columns: the batch as numbers.
    """
    told = [*judged.known[: judged.shared], *judged.own]
    codes, things = columns.scalars["code"], fields.values["code"].things
    rows = np.concatenate([judged.rows, judged.held_rows])
    numbers = np.concatenate([judged.findings, judged.held])
    keys = codes[rows].astype(np.int64) * max(len(told), 1) + numbers
    for key, times in zip(*np.unique(keys, return_counts=True), strict=True):
        code, number = divmod(int(key), max(len(told), 1))
        tally.count(told[number], things[code], int(times))
    for row, finding in judged.held_own:
        tally.count(finding, things[codes[row]])
