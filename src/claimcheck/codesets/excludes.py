"""ICD-10-CM: which two diagnoses may not be coded together, by the Excludes1 notes of April 2026.

Source: the tabular list of the US National Center for Health Statistics (public domain), as the
PyPI package simple-icd-10-cm 1.5.0 carries it; ``claimcheck.authoring.extract_excludes`` makes the
data file from it and tells which notes it leaves out. Codes here are dotless and upper-case.

A note holds for everything below the place that it stands at: a code, a category, a block or a
chapter. It is read in both directions. What a note names is no part of its place for that note: a
block that excludes one of its own categories says nothing about two codes of that category.

The file is unpacked at the first question, and a code is placed at the first question about it.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Final, TypeAlias

import attrs

from claimcheck.codesets import icd10cm
from claimcheck.codesets._data import read_bytes

__all__ = ["VINTAGE", "Exclusion", "Standing", "excluded", "notes", "standing"]

VINTAGE: Final = icd10cm.VINTAGE
DATA_FILE: Final = "icd10cm-excludes1.bin"
# The first line of the unpacked file; a new layout gets a new number.
FORMAT: Final = "claimcheck icd10cm-excludes1 1"

_CATEGORY_LENGTH: Final = 3
_Bound: TypeAlias = tuple[str, str]
_Range: TypeAlias = tuple[_Bound, _Bound, int]


@attrs.frozen
class Exclusion:
    """Why two diagnoses exclude each other.

    ``holder`` is the one of the two that stands below ``place``, where the note is; ``other`` is the
    one that the note names by ``pattern``. Place and pattern are written as the tabular list does:
    ``Z34``, ``O02.1``, ``O00-O08``; ``O00-O9A``, ``Z34.-``, ``Z32.0-``.
    """

    holder: str
    other: str
    place: str
    pattern: str


@attrs.frozen(cache_hash=True)
class Standing:
    """A code as the notes see it; the same for all codes that every note treats alike.

    ``holds`` are numbers of the places that it stands below, ``named`` of those whose notes name it.
    """

    holds: frozenset[int]
    named: frozenset[int]

    def __bool__(self) -> bool:
        """Whether there is any code that it may not stand beside."""
        return bool(self.holds or self.named)

    def excludes(self, other: Standing) -> bool:
        """Whether the codes of the two may not be coded together."""
        return not (self.holds.isdisjoint(other.named) and other.holds.isdisjoint(self.named))


def excluded(one: str, other: str) -> Exclusion | None:
    """Say whether two codes may not be coded together, and which note says so.

    Where several notes do, it is the one that stands at the narrowest place. A code never excludes
    itself, and one that is not in the release excludes nothing. Any text may be asked for.
    """
    return _told(one, other) if standing(one).excludes(standing(other)) else None


def standing(code: str) -> Standing:
    """Say where a code stands among the notes; false in a condition if it excludes nothing."""
    known = _standings.get(code)
    if known is not None:
        return known
    if icd10cm.lookup(code) is None:
        # Not remembered: what a line says must not be able to fill the memory.
        return _NOWHERE
    table = _table()
    named = table.named.holding(code)
    found = Standing(table.below.holding(code) - named, named)
    return _standings.setdefault(code, _shared.setdefault(found, found))


def notes() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield every place that has a note, with the patterns that the note names."""
    table = _table()
    yield from zip(table.places, table.patterns, strict=True)


_NOWHERE: Final = Standing(frozenset(), frozenset())
_standings: dict[str, Standing] = {}
_shared: dict[Standing, Standing] = {_NOWHERE: _NOWHERE}


@lru_cache(maxsize=4096)
def _told(one: str, other: str) -> Exclusion:
    """The note by which two codes exclude each other."""
    first, second, table = standing(one), standing(other), _table()
    found = [(place, one, other) for place in first.holds & second.named]
    found += [(place, other, one) for place in second.holds & first.named]
    place, holder, named = max(found, key=lambda it: (table.depths[it[0]], -it[0]))
    pattern = table.patterns[place][min(_named_at(place).holding(named))]
    return Exclusion(holder, named, table.places[place], pattern)


@cache
def _named_at(place: int) -> _Patterns:
    """The patterns that one place's note names, by their order."""
    table = _table()
    return _Patterns(enumerate(table.patterns[place]), table.moved)


class _Patterns:
    """Numbered patterns, and the numbers of those that hold a code.

    Args:
        patterns: number and pattern: a code or category (``Z34.-``, ``Z32.0-``, ``N96``: all that begins so),
            or a range (``O00-O9A``, ``K57.0-K57.4``: both ends with all that begins like them).
        moved: category -> where it sorts, for those that do not stand in the order of their letters.
    """

    __slots__ = ("_begins", "_moved", "_ranges")

    def __init__(self, patterns: Iterable[tuple[int, str]], moved: Mapping[str, str]) -> None:
        self._moved = moved
        self._begins: dict[str, set[int]] = {}
        self._ranges: dict[str, list[_Range]] = {}
        for number, pattern in patterns:
            low, _, high = pattern.replace(".", "").partition("-")
            if not high:
                self._begins.setdefault(low, set()).add(number)
                continue
            span = (self._bound(low), self._bound(high), number)
            for letter in range(ord(low[0]), ord(high[0]) + 1):
                self._ranges.setdefault(chr(letter), []).append(span)

    def _bound(self, code: str) -> _Bound:
        category = code[:_CATEGORY_LENGTH]
        return self._moved.get(category, category), code[_CATEGORY_LENGTH:]

    def holding(self, code: str) -> frozenset[int]:
        """The numbers of the patterns that hold the code."""
        found: set[int] = set()
        for length in range(_CATEGORY_LENGTH, len(code) + 1):
            found.update(self._begins.get(code[:length], ()))
        at = category, rest = self._bound(code)
        for low, high, number in self._ranges.get(code[:1], ()):
            if low <= at and (category, rest[: len(high[1])]) <= high:
                found.add(number)
        return frozenset(found)


@attrs.frozen(eq=False)
class _Table:
    """The notes, numbered by their place."""

    places: tuple[str, ...]
    patterns: tuple[tuple[str, ...], ...]
    depths: tuple[int, ...]
    below: _Patterns
    named: _Patterns
    moved: Mapping[str, str]


@cache
def _table() -> _Table:
    """Read the data file. Raises ValueError if it is not one of this layout."""
    head, moved_line, *rows = zlib.decompress(read_bytes(DATA_FILE)).decode("ascii").splitlines()
    if head != FORMAT:
        raise ValueError(f"{DATA_FILE} does not begin with {FORMAT!r}; make it again")
    moved = dict(pair.split("=") for pair in moved_line.split())
    places, patterns = [], []
    for row in rows:
        place, *named = row.split(" ")
        places.append(place)
        patterns.append(tuple(named))
    return _Table(
        tuple(places),
        tuple(patterns),
        # A range of categories is wider than any category; among ranges the first named is told.
        tuple(0 if "-" in place else len(place) for place in places),
        _Patterns(enumerate(places), moved),
        _Patterns(((at, it) for at, named in enumerate(patterns) for it in named), moved),
        moved,
    )
