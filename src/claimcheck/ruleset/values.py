"""Written values: a code, a prefix (``C34.-``) or a range (``C81..C96``), and tables of them.

Codes are compared without the dot that ICD-10-CM writes. Within one table an exact value beats a
prefix, a longer prefix beats a shorter one, and a prefix beats a range.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Generic, Literal, TypeVar

import attrs

__all__ = ["Pattern", "Table", "ValueKind", "parse_pattern", "value_matches", "what_is_allowed"]

T = TypeVar("T")
ValueKind = Literal["code", "modifier", "place", "diagnosis", "taxonomy"]


@attrs.frozen
class Pattern:
    """A written value, dotless. ``low`` is the code, the prefix or the start of the range."""

    kind: Literal["exact", "prefix", "range"]
    low: str
    high: str

    def matches(self, code: str) -> bool:
        """Whether the dotless ``code`` is meant."""
        if self.kind == "exact":
            return code == self.low
        if self.kind == "prefix":
            return code.startswith(self.low)
        return self.low <= code[: len(self.low)] and code[: len(self.high)] <= self.high

    def covers(self, other: Pattern) -> bool:
        """Whether every code that ``other`` means is meant here too."""
        if self == other:
            return True
        if self.kind == "exact":
            return False
        if other.kind == "range":
            return self.matches(other.low) and self.matches(other.high)
        long_enough = len(other.low) >= max(len(self.low), len(self.high))
        return (other.kind == "exact" or long_enough) and self.matches(other.low)

    def overlaps(self, other: Pattern) -> bool:
        """Whether two ranges share a code."""
        return not (_before(self.high, other.low) or _before(other.high, self.low))

    @property
    def rank(self) -> int:
        """How exactly the value is written: the higher rank decides."""
        if self.kind == "exact":
            return 1000
        return len(self.low) if self.kind == "prefix" else -1


def _before(left: str, right: str) -> bool:
    length = min(len(left), len(right))
    return left[:length] < right[:length]


@lru_cache(maxsize=65536)
def parse_pattern(text: str) -> Pattern:
    """Read a written value; its shape has been checked before."""
    if ".." in text:
        low, _, high = text.partition("..")
        return Pattern("range", low.replace(".", ""), high.replace(".", ""))
    bare = text.replace(".", "")
    if bare.endswith("-"):
        return Pattern("prefix", bare[:-1], bare[:-1])
    return Pattern("exact", bare, bare)


def value_matches(written: str, code: str) -> bool:
    """Whether the written value (code, prefix or range) means the dotless ``code``."""
    return parse_pattern(written).matches(code)


@attrs.frozen
class _Shape:
    exact: re.Pattern[str]
    prefix: re.Pattern[str]
    words: str


_SHAPES: dict[ValueKind, _Shape] = {
    "code": _Shape(
        re.compile(r"[0-9]{4}[0-9A-Z]|[A-Z][0-9]{4}"),
        re.compile(r"(?!)"),
        'a procedure code of five characters ("0252U")',
    ),
    "modifier": _Shape(
        re.compile(r"[0-9A-Z]{2}"),
        re.compile(r"[0-9A-Z]"),
        'two characters A-Z, 0-9 ("80"), a prefix ("P-") or a range ("P1..P6")',
    ),
    "place": _Shape(
        re.compile(r"[0-9]{2}"),
        re.compile(r"[0-9]"),
        'two digits ("81"), a prefix ("2-") or a range ("21..23")',
    ),
    "diagnosis": _Shape(
        re.compile(r"[A-Z][0-9A][0-9A-Z](\.[0-9A-Z]{1,4})?"),
        re.compile(r"[A-Z]([0-9A]([0-9A-Z](\.[0-9A-Z]{0,3})?)?)?"),
        'an ICD-10-CM code with its dot ("O03.9"), a prefix ("C34.-") or a range ("C81..C96")',
    ),
    "taxonomy": _Shape(
        re.compile(r"[0-9A-Z]{10}"),
        re.compile(r"[0-9A-Z]{1,9}"),
        'ten characters A-Z, 0-9 ("291U00000X"), a prefix ("207Z-") or a range',
    ),
}


def what_is_allowed(kind: ValueKind, text: str, *, exact: bool = False) -> str | None:
    """None if ``text`` has the shape of its kind, else the shapes that are allowed, in words."""
    shape = _SHAPES[kind]
    if shape.exact.fullmatch(text):
        return None
    if exact:
        return shape.words.partition(", a prefix")[0]
    low, dots, high = text.partition("..")
    if dots:
        both = shape.exact.fullmatch(low) and shape.exact.fullmatch(high)
        if both and not _before(high.replace(".", ""), low.replace(".", "")):
            return None
        return "a range from the lower to the higher code" if both else shape.words
    if text.endswith("-") and shape.prefix.fullmatch(text[:-1]):
        return None
    return shape.words


class Table(Generic[T]):
    """Things by written value. At most one thing per value; the caller has made sure of that."""

    __slots__ = ("_exact", "_prefixes", "_ranges")

    def __init__(self, items: Iterable[tuple[str, T]]) -> None:
        self._exact: dict[str, T] = {}
        prefixes: dict[int, dict[str, T]] = {}
        self._ranges: list[tuple[Pattern, T]] = []
        for written, thing in items:
            pattern = parse_pattern(written)
            if pattern.kind == "exact":
                self._exact[pattern.low] = thing
            elif pattern.kind == "prefix":
                prefixes.setdefault(len(pattern.low), {})[pattern.low] = thing
            else:
                self._ranges.append((pattern, thing))
        self._prefixes = sorted(prefixes.items(), reverse=True)

    def find(self, code: str) -> T | None:
        """What speaks of the dotless ``code``, the most exactly written first."""
        found = self._exact.get(code)
        if found is not None:
            return found
        for length, table in self._prefixes:
            found = table.get(code[:length])
            if found is not None:
                return found
        for pattern, thing in self._ranges:
            if pattern.matches(code):
                return thing
        return None
