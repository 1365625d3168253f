"""Rows of a JSON Lines file: one object per line, blank lines passed over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from claimcheck.io.columns import ColumnProblem, Plan, plan_columns
from claimcheck.io.raw import RawLines
from claimcheck.io.rows import Row

__all__ = ["JsonlRows"]

_PLANS_KEPT: Final = 1_000
_POSITION: Final = re.compile(r"\(byte (\d+)\)")


class JsonlRows:
    """The objects of a JSON Lines file, as rows. Iterate it once.

    Keys are mapped as columns are. ``not_read`` counts the different keys that gave no field so far
    (at most 1,000 kinds of object are remembered).

    Args:
        raw: physical lines.
        mapping: key to field.
        group_by: keys that tell which claim an object belongs to; None for that of ``claim_id``.
    """

    def __init__(
        self,
        raw: RawLines,
        mapping: Mapping[str, str],
        group_by: Sequence[str] | None = None,
    ) -> None:
        self._raw = raw
        self._mapping = mapping
        self._group_by = group_by
        self._plans: dict[tuple[str, ...], Plan] = {}
        self._unread: set[str] = set()
        self.looks_like: str | None = None

    @property
    def not_read(self) -> int:
        """Number of different keys that gave no field."""
        return len(self._unread)

    def __iter__(self) -> Iterator[Row]:
        """Every row, readable or rejected, in order."""
        decode = msgspec.json.Decoder().decode
        number = 0
        for line in self._raw:
            at = self._raw.number
            if line is not None and not line.strip():
                continue
            number += 1
            if line is None:
                yield Row(number, at, None, "the line is longer than 1,048,576 bytes")
                continue
            try:
                record = decode(line)
                if not isinstance(record, dict):
                    yield Row(number, at, None, "the line is JSON, but no object")
                    continue
                keys = tuple(record)
                plan = self._plans.get(keys) or self._plan(keys)
            except (ValueError, RecursionError) as error:
                yield Row(number, at, None, _reason(error))
                continue
            cells = list(record.values())
            yield Row(number, at, plan.fields(cells), None, plan.key(cells))

    def _plan(self, keys: tuple[str, ...]) -> Plan:
        plan = plan_columns(keys, self._mapping, whole=False, group_by=self._group_by)
        if len(self._plans) < _PLANS_KEPT:
            self._plans[keys] = plan
            used = {at for at, _ in plan.scalars} | set(plan.keys)
            used.update(at for _, slots in plan.lists for at in slots if at is not None)
            self._unread.update(key for at, key in enumerate(keys) if at not in used)
        self.looks_like = self.looks_like or plan.looks_like
        return plan


def _reason(error: Any) -> str:
    """Why the line is rejected; only the position is taken from the parser's message."""
    if isinstance(error, ColumnProblem):
        return str(error).replace("columns", "keys")
    if isinstance(error, RecursionError):
        return "the line is nested too deeply"
    position = _POSITION.search(str(error))
    if position:
        return f"the line is no JSON (byte {int(position[1]) + 1})"
    if isinstance(error, UnicodeDecodeError):
        return "the line has bytes that are not UTF-8"
    return "the line is no JSON"
