"""What a reader gives for one row, before it is a claim line."""

from __future__ import annotations

from typing import Any, NamedTuple

from claimcheck.io.claims import ClaimKey
from claimcheck.origin import Origin

__all__ = ["Row"]


class Row(NamedTuple):
    """One row: its number from 1, its physical line, and either its fields or why it is rejected.

    ``key`` is that of its claim, or None if it is rejected or stands alone. ``place`` tells where in
    the file the line stands, where a row's number does not: ``segment 57``. ``origin`` is that place
    in a FHIR resource, for outputs that point into it.
    """

    number: int
    at: int
    fields: dict[str, Any] | None
    rejected: str | None
    key: ClaimKey | None = None
    place: str | None = None
    origin: Origin | None = None
