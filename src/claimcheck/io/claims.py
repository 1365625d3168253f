"""Which rows are one claim: consecutive rows with the same key, for every reader and both engines.

A key is what a row's grouping columns say, by default the column that gives ``claim_id``. It is
compared and never told, so that any column serves. A row that is blank in all of them stands alone.
A claim is cut after ``LONGEST_CLAIM`` rows, counted from its first one with rejected rows included.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeAlias

from claimcheck.errors import InputError
from claimcheck.line import key_text

__all__ = [
    "LONGEST_CLAIM",
    "MOST_HASHES",
    "ClaimKey",
    "ReturningClaims",
    "checked_grouping",
    "claim_key",
    "key_hash",
    "returning_told",
]

LONGEST_CLAIM: Final = 1_000
"""Rows that are checked as one claim; more are more than any claim has, and would cost memory."""

ClaimKey: TypeAlias = tuple[str | None, ...]
MOST_HASHES: Final = 200_000


def claim_key(cells: Iterable[Any]) -> ClaimKey | None:
    """The key of a row, from what it has in the grouping columns; None if it stands alone."""
    key = tuple(map(key_text, cells))
    return None if key.count(None) == len(key) else key


def key_hash(key: ClaimKey) -> int:
    """A number of 64 bits that stands for a key, the same in every process."""
    return int.from_bytes(hashlib.blake2b(repr(key).encode(), digest_size=8).digest(), "big")


def checked_grouping(group_by: Sequence[str] | None) -> tuple[str, ...] | None:
    """The names of the grouping columns, once it is certain that they are names.

    Raises:
        InputError: one text instead of several, or what is no text.
    """
    if group_by is None:
        return None
    if isinstance(group_by, str) or not all(isinstance(name, str) for name in group_by):
        raise InputError(
            'group_by is no list of column names; write it as ["claim_id"], or () for no claims'
        )
    return tuple(group_by)


class ReturningClaims:
    """Counts claims that come again after other rows came between, as in input that is not sorted.

    Keeps the hashes of 200,000 claims. Of more claims than that only every second is looked at, then
    every fourth, and so on, and the number is an estimate.
    """

    def __init__(self) -> None:
        self._mask = 0
        self._seen: set[int] = set()
        self._again: set[int] = set()

    def add(self, key: ClaimKey) -> None:
        """Take the key of a claim that begins."""
        number = key_hash(key)
        if number & self._mask:
            return
        (self._again if number in self._seen else self._seen).add(number)
        while len(self._seen) > MOST_HASHES:
            self._mask = self._mask * 2 + 1
            self._seen = {number for number in self._seen if not number & self._mask}
            self._again = {number for number in self._again if not number & self._mask}

    @property
    def count(self) -> int:
        """How many claims came again; an estimate if there were many claims."""
        return len(self._again) * (self._mask + 1)


def returning_told(count: int) -> str:
    """What a closing summary says of claims that were not in one piece."""
    claims = "1 claim was" if count == 1 else f"{count:,} claims were"
    return f"{claims} not in one piece and not checked as a whole; sort the input by claim"
