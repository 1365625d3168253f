"""Hypothesis strategies that draw claim lines, claims and 837P files from the loaded rules.

Every strategy asks a checker what it says, and nothing else; so overlays, payers, settings, checks of
your own and imported tables count. Needs the extra ``testing``.
"""

from __future__ import annotations

try:
    import hypothesis as _  # noqa: F401 - told here, in words, if it is missing
except ModuleNotFoundError as missing:
    raise ModuleNotFoundError(
        "the strategies need Hypothesis; install it with the extra testing: "
        "claimcheck-lines[testing]",
        name=missing.name,
    ) from None

from claimcheck.testing.strategies.claims import claims
from claimcheck.testing.strategies.files import x12_files
from claimcheck.testing.strategies.lines import claim_lines, defective_lines
from claimcheck.testing.strategies.single_values import diagnoses, modifiers
from claimcheck.testing.strategies.x12 import write_x12

__all__ = [
    "claim_lines",
    "claims",
    "defective_lines",
    "diagnoses",
    "modifiers",
    "write_x12",
    "x12_files",
]
