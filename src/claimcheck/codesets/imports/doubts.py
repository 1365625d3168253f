"""What speaks against an import that can be read: a text that was cut, few rows, rows that differ."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from claimcheck.codesets.imports.published import Published
from claimcheck.codesets.store import Kind, Store, StoredVintage
from claimcheck.errors import InputError

__all__ = ["few_rows", "notes_on", "refuse_if_cut"]

_ROWS_OF_A_WHOLE: Final[Mapping[Kind, int]] = MappingProxyType(
    {
        "nucc": 800,
        "icd10cm": 90_000,
        "mpfs": 15_000,
        "clfs": 1_800,
        "mue-practitioner": 12_000,
        "mue-outpatient": 12_000,
        "mue-dme": 1_000,
        "ptp-practitioner": 500_000,
        "ptp-outpatient": 500_000,
        "addon": 5_000,
        "pla": 300,
        "hcpcs": 6_000,
    }
)
"""Rows that an edition of a kind has at least, by those of 2023 to 2026."""

_COMPARED: Final = 50
_MOST_VALUES: Final = 20_000


def refuse_if_cut(file: Published) -> None:
    """Refuse a text without a last line end whose last cell looks like the beginning of one.

    Raises:
        InputError: the last cell is shorter than all like it, or the beginning of another one.
    """
    if file.ends_whole or not file.is_text:
        return
    shapes: deque[str] = deque(maxlen=_COMPARED)
    seen: set[str] = set()
    number, last = 0, ""
    try:
        for number, cells in file.rows():
            if number > 1:
                shapes.append(_shape(last))
                if len(seen) < _MOST_VALUES:
                    seen.add(last)
            last = cells[-1] if cells else ""
    except InputError:
        return  # what is wrong there is told by whoever reads it for good
    odd_one = len(shapes) > 2 and len({*list(shapes)[1:]}) == 1 and _shape(last) != shapes[-1]
    begins = last and last not in seen and any(value.startswith(last) for value in seen)
    if odd_one or begins:
        raise InputError(
            f"{file.name}, row {number}: the last cell looks cut, and the last line has no end; "
            "download the file again"
        )


def _shape(text: str) -> str:
    return re.sub(r"[A-Za-z]", "A", re.sub(r"[0-9]", "9", text))


def few_rows(vintage: StoredVintage) -> str | None:
    """A note for an edition that has fewer rows than any whole one; None for others."""
    whole = _ROWS_OF_A_WHOLE[vintage.kind]
    if vintage.rows >= whole:
        return None
    return (
        f"it has {vintage.rows:,} rows, and the whole list more than {whole:,}; what it lacks is taken "
        "to be absent"
    )


def notes_on(vintage: StoredVintage, path: Path) -> Iterator[str]:
    """What the user should know of the rows of an edition that is in the store."""
    if vintage.kind.startswith("ptp-"):
        differing = _differing_pairs(vintage, path)
        if differing:
            pairs = "pair has" if differing == 1 else "pairs have"
            yield (
                f"{differing:,} {pairs} two rows with different indicators for the same days; the row "
                "that begins last decides"
            )


def _differing_pairs(vintage: StoredVintage, path: Path) -> int:
    """Pairs with two edits in force on one day that say different things."""
    store = Store(path)
    try:
        [(count,)] = store.rows(
            "SELECT count(*) FROM ptp AS one JOIN ptp AS two USING (vintage, column1, column2) "
            "WHERE one.vintage = ? AND one.first > 0 AND one.first < two.first "
            "AND (one.last = 0 OR one.last >= two.first) AND one.indicator <> two.indicator "
            "AND one.indicator <> 9 AND two.indicator <> 9",
            (vintage.id,),
        )
    finally:
        store.close()
    return int(count)
