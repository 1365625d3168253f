"""ICD-10-CM: every category and code of the April 2026 release, and whether it can be billed.

Source: the tabular list of the US National Center for Health Statistics (public domain), as the
PyPI package simple-icd-10-cm 1.5.0 carries it; ``claimcheck.authoring.extract_icd10cm`` makes the
data file from it. Codes here are dotless and upper-case; :func:`dotted` is for display.

The file is unpacked at the first question, and a category is split at the first question about it.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from typing import Final, Literal

from claimcheck.codesets._data import read_bytes
from claimcheck.codesets.vintage import Vintage

__all__ = [
    "DATA_FILE",
    "FORMAT",
    "HEADER_MARK",
    "VINTAGE",
    "Kind",
    "billable_children",
    "counts",
    "dotted",
    "entries",
    "lookup",
]

Kind = Literal["billable", "header"]

VINTAGE: Final = Vintage(
    name="April 2026 (fiscal year 2026)",
    first=date(2026, 4, 1),
    last=date(2026, 9, 30),
    source="icd-10-cm-2026-04",
)

DATA_FILE: Final = "icd10cm.bin"
# The first line of the unpacked file; a new layout gets a new number.
FORMAT: Final = "claimcheck icd10cm 1"
# Ends a code that has codes below it: such a header cannot be billed.
HEADER_MARK: Final = "-"

_CATEGORY_LENGTH: Final = 3
_split: dict[str, dict[str, Kind]] = {}


def lookup(code: str) -> Kind | None:
    """Say what a dotless, upper-case code is in this release.

    ``"billable"`` is a code at the end of its branch, ``"header"`` one that needs more characters,
    and ``None`` is not in the release. Any text may be asked for; nothing is raised for it.
    """
    category = code[:_CATEGORY_LENGTH]
    kinds = _split.get(category)
    if kinds is None:
        kinds = _kinds(category)
    return kinds.get(code)


def billable_children(code: str, limit: int = 4) -> tuple[str, ...]:
    """Return the first ``limit`` billable codes below a header, at any depth, in code order.

    Empty for a billable code and for one that is not in the release. Raises ValueError if ``limit``
    is negative.
    """
    if limit < 0:
        raise ValueError("limit must be 0 or more")
    if lookup(code) != "header":
        return ()
    found: list[str] = []
    # The release nests codes by prefix without exception; the extract script proves it.
    for other, kind in _kinds(code[:_CATEGORY_LENGTH]).items():
        if len(found) == limit:
            break
        if kind == "billable" and other.startswith(code):
            found.append(other)
    return tuple(found)


def dotted(code: str) -> str:
    """Write the code as people do: a dot after the third character, where more follow."""
    if len(code) <= _CATEGORY_LENGTH:
        return code
    return f"{code[:_CATEGORY_LENGTH]}.{code[_CATEGORY_LENGTH:]}"


def entries() -> Iterator[tuple[str, Kind]]:
    """Yield every category and code (dotless) with its kind, in the order of the codes."""
    for category in _lines():
        yield from _kinds(category).items()


def counts() -> dict[Kind, int]:
    """Count the codes of each kind in the release."""
    total: dict[Kind, int] = {"billable": 0, "header": 0}
    for _, kind in entries():
        total[kind] += 1
    return total


@cache
def _lines() -> Mapping[str, str]:
    """Read the data file: category -> its line, in the order of the codes.

    Raises ValueError if the file is not one of this layout.
    """
    head, _, body = zlib.decompress(read_bytes(DATA_FILE)).decode("ascii").partition("\n")
    if head != FORMAT:
        raise ValueError(f"{DATA_FILE} does not begin with {FORMAT!r}; make it again")
    return {line[:_CATEGORY_LENGTH]: line for line in body.splitlines()}


def _kinds(category: str) -> dict[str, Kind]:
    """Split one category: code -> kind, in the order of the codes; empty for an unknown one."""
    known = _split.get(category)
    if known is not None:
        return known
    line = _lines().get(category)
    if line is None:
        # Not remembered: what a line says must not be able to fill the memory.
        return {}
    kinds: dict[str, Kind] = {}
    for suffix in line[_CATEGORY_LENGTH:].split(" "):
        if suffix.endswith(HEADER_MARK):
            kinds[category + suffix[:-1]] = "header"
        else:
            kinds[category + suffix] = "billable"
    return _split.setdefault(category, kinds)
