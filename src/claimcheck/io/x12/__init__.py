"""X12 837P: the service lines of professional claims, read segment by segment in constant memory.

``segments`` cuts the file into segments, ``claims`` follows the loops and makes lines of them,
``damage`` keeps what was wrong. Needs the extra ``x12``.
"""

from __future__ import annotations

from claimcheck.io.x12.claims import X12Rows
from claimcheck.io.x12.segments import begins_like_x12

__all__ = ["X12Rows", "begins_like_x12"]
