"""Claims that come again after other rows came between, counted in bounded memory."""

from __future__ import annotations

import numpy as np

from claimcheck.batch.keys import Hashes
from claimcheck.io.claims import MOST_HASHES

__all__ = ["ReturningHashes"]


class ReturningHashes:
    """``claimcheck.io.claims.ReturningClaims`` for whole columns of hashes."""

    def __init__(self) -> None:
        self._mask = np.uint64(0)
        self._seen = self._again = np.empty(0, np.uint64)  # sorted, each once

    def add(self, hashes: Hashes) -> None:
        """Take the hashes of the claims that begin, one for each time that one does."""
        kept = np.sort(self._sampled(hashes))
        both = np.sort(np.concatenate([self._seen, kept]), kind="stable")  # joins what is sorted
        same = np.zeros(both.size, np.bool_)
        same[1:] = both[1:] == both[:-1]
        if same.any():
            self._again = np.union1d(self._again, both[same])
            both = both[~same]
        self._seen = both
        while self._seen.size > MOST_HASHES:
            self._mask = self._mask * np.uint64(2) + np.uint64(1)
            self._seen, self._again = self._sampled(self._seen), self._sampled(self._again)

    def _sampled(self, hashes: Hashes) -> Hashes:
        return hashes[hashes & self._mask == 0] if self._mask else hashes

    @property
    def count(self) -> int:
        """How many claims came again; an estimate if there were many claims."""
        return int(self._again.size) * (int(self._mask) + 1)
