"""What a reader gives for one row, before it is a claim line."""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["Row"]


class Row(NamedTuple):
    """One row: its number from 1, its physical line, and either its fields or why it is rejected."""

    number: int
    at: int
    fields: dict[str, Any] | None
    rejected: str | None
