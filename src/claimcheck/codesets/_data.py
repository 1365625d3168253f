"""Reading the data files that are shipped beside this package."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

__all__ = ["first_day", "read_bytes", "read_rows"]


def read_bytes(name: str) -> bytes:
    """Return the whole content of one shipped data file.

    Raises FileNotFoundError if the installation lacks the file.
    """
    # Imported late: it costs as much as all the rest of this package.
    from importlib.resources import files

    return (files("claimcheck.codesets") / "data" / name).read_bytes()


def read_rows(name: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a shipped CSV file (UTF-8, one header line), each by its column names."""
    # Imported late: whoever only needs ICD-10-CM should not pay for csv.
    from csv import DictReader

    yield from DictReader(read_bytes(name).decode("utf-8").splitlines())


def first_day(text: str) -> date | None:
    """Return the day from which something exists; ``None`` for an empty cell (unstated).

    Raises ValueError for a text that is neither a year nor an ISO date.
    """
    if not text:
        return None
    # A year alone becomes its first day: before that day the thing certainly did not exist.
    return date(int(text), 1, 1) if len(text) == 4 else date.fromisoformat(text)
