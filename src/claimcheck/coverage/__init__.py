"""Rule coverage: which entries of the rules a set of lines exercises, and which it never asks.

``measure`` records lines, ``recording`` records whatever a checker checks in the meantime, and
``RuleCoverage`` collects, merges and tells.
"""

from __future__ import annotations

from claimcheck.coverage.collect import RuleCoverage, measure, recording
from claimcheck.coverage.told import CodeCoverage, EntryCoverage, EntryState

__all__ = [
    "CodeCoverage",
    "EntryCoverage",
    "EntryState",
    "RuleCoverage",
    "measure",
    "recording",
]
