"""Drawing from a strategy in tests, the same things each time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from claimcheck.line import FIELDS


def in_table(lines: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Lines as a table with a column for every field."""
    rows = [{**dict.fromkeys(FIELDS), **line} for line in lines]
    return pa.Table.from_pylist(rows)


def drawn(strategy: st.SearchStrategy, count: int) -> list:
    """This many things, or fewer if the strategy has no more."""
    found = []

    @settings(max_examples=count, database=None, derandomize=True, phases=[Phase.generate])
    @given(strategy)
    def collect(thing):
        found.append(thing)

    collect()
    return found


def _any(thing: Any) -> bool:
    return True


def plainest(strategy: st.SearchStrategy, wanted: Callable[[Any], bool] = _any) -> Any:
    """The simplest thing that is wanted."""
    few = settings(
        max_examples=300 if wanted is _any else 3000,
        database=None,
        derandomize=True,
        report_multiple_bugs=False,
        phases=[Phase.generate, Phase.shrink],
    )
    return find(strategy, wanted, settings=few)
