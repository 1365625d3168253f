"""Make the data file of ICD-10-CM's Excludes1 notes from the PyPI package simple-icd-10-cm.

Run it again at any time; the same package and the same zlib give the same bytes::

    pip install simple-icd-10-cm==1.5.0
    python -m claimcheck.authoring.extract_excludes src/claimcheck/codesets/data/icd10cm-excludes1.bin

The tabular list is read from the package's XML and not by its functions: those know one place by one
name, and where a block and a category share a name (T07) they give the notes of the block alone.

A note is kept if it names codes in parentheses and nothing else decides about it. One that sends the
reader elsewhere (``see``, ``code to``), holds under a condition (``with fifth character 6``,
``unless``) or names no code is left out and counted: claimcheck says nothing about what it cannot
decide.

Layout of the file: one zlib stream of ASCII text. The first line names the layout, the second tells
where categories sort that do not stand in the order of their letters (``C4A=C43~``: after C43). Then
comes one line per place, in tabular order: the place, then the patterns that its note names.
"""

from __future__ import annotations

import re
import sys
import zlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import distribution
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias
from xml.etree import ElementTree

import attrs

from claimcheck.authoring.extract_icd10cm import PACKAGE, require_package, write_whole
from claimcheck.codesets.excludes import FORMAT

__all__ = ["Extract", "Reason", "decide", "extract", "main", "pack"]

TABULAR: Final = "simple_icd_10_cm/data/icd10c-tabular-April-1-2026.xml"

Reason: TypeAlias = Literal[
    "names no code in parentheses",
    "sends the reader elsewhere",
    "holds under a condition",
    "names codes in a way that is not read",
    "names no code of the release",
]

_CODE: Final = r"[A-Z]\d[0-9A-Z](?:\.[0-9A-Z]{1,4})?"
_PART: Final = re.compile(rf"({_CODE})(?:\.?-)?(?:\s*-\s*({_CODE})(?:\.?-)?)?")
_LOOKS_LIKE_A_CODE: Final = re.compile(r"\b[A-Z]\d[0-9A-Z](?![0-9A-Za-z])")
_GROUP: Final = re.compile(r"\(([^()]*)\)")
_ELSEWHERE: Final = re.compile(r"\b(see|code to|code the|omit code|classifi\w+)\b", re.IGNORECASE)
_CONDITION: Final = re.compile(r"\bunless\b|\bwithout mention\b|^when\b", re.IGNORECASE)
_CHAPTER_RANGE: Final = re.compile(r"\(([A-Z]\w\w-[A-Z]\w\w)\)\s*$")


@attrs.frozen
class Extract:
    """What the tabular list gave.

    Attributes:
        notes: place -> the patterns that its notes name, in tabular order.
        moved: category -> where it sorts, for those out of the order of their letters.
        kept: how many notes were kept.
        dropped: how many were left out, by reason.
    """

    notes: dict[str, list[str]]
    moved: dict[str, str]
    kept: int
    dropped: Counter[Reason]


def extract() -> Extract:
    """Return the Excludes1 notes of the tabular list.

    Raises ModuleNotFoundError if the package is absent, and ValueError if it has another version.
    """
    require_package()
    # Found without importing the package, which takes two seconds and warns.
    path = Path(str(distribution(PACKAGE).locate_file(TABULAR)))
    text = path.read_text(encoding="utf-8")
    return read_tabular(ElementTree.fromstring(text))  # noqa: S314 - of the pinned package


def read_tabular(root: Any) -> Extract:
    """Return the Excludes1 notes below the root element of a tabular list."""
    codes = [_name(it).replace(".", "") for it in root.iter("diag")]
    release = sorted(codes)
    found = Extract({}, _moved([code for code in codes if len(code) == 3]), 0, Counter())
    kept = 0
    for place, text in _notes(root):
        decided = decide(text)
        if isinstance(decided, str):
            found.dropped[decided] += 1
            continue
        real = [it for it in decided if _names_any(it, release)]
        if not real:
            found.dropped["names no code of the release"] += 1
            continue
        kept += 1
        patterns = found.notes.setdefault(place, [])
        patterns += [it for it in real if it not in patterns]
    return attrs.evolve(found, kept=kept)


def decide(text: str) -> tuple[str, ...] | Reason:
    """The patterns that a note names, or why it is left out."""
    text = text.strip()
    groups = [it for it in _GROUP.findall(text) if _LOOKS_LIKE_A_CODE.search(it)]
    if _ELSEWHERE.search(text):
        return "sends the reader elsewhere"
    if not groups:
        return "names no code in parentheses"
    if _CONDITION.search(text) or any(" with " in f" {it}" or "-with" in it for it in groups):
        return "holds under a condition"
    parts = [part.strip() for it in groups for part in it.split(",") if part.strip()]
    patterns = [_pattern(part) for part in parts]
    read = tuple(it for it in patterns if it is not None)
    return read if len(read) == len(patterns) else "names codes in a way that is not read"


def _pattern(part: str) -> str | None:
    """A code or range as the data file writes it; None if it cannot be read for certain."""
    match = _PART.fullmatch(part)
    if match is None:
        return None
    low, high = match.groups()
    if high is None:
        if not part.endswith("-"):
            return low
        return f"{low}.-" if len(low) == 3 else f"{low}-"
    # "I69.01-I69.11-" is a list gone wrong: ends of one length differ in their last character alone.
    alike = len(low) == 3 or len(low) != len(high) or low[:-1] == high[:-1]
    return f"{low}-{high}" if alike and low < high else None


def _names_any(pattern: str, release: Sequence[str]) -> bool:
    """Whether a pattern names any of the codes, which are in the order of their letters."""
    low, _, high = pattern.replace(".", "").partition("-")
    at = bisect_left(release, low)
    if at == len(release):
        return False
    return release[at][: len(high)] <= high if high else release[at].startswith(low)


def _notes(root: Any) -> Iterator[tuple[str, str]]:
    """Every single note with the place it stands at: ``Z34``, ``O02.1``, ``O00-O08``."""
    for tag in ("chapter", "section", "diag"):
        for element in root.iter(tag):
            for note in element.findall("excludes1/note"):
                yield _name(element), note.text or ""


def _name(element: Any) -> str:
    """What an element of the list is called: a range of categories, a category or a code."""
    if element.tag == "section":
        return str(element.get("id"))
    if element.tag == "diag":
        return str(element.findtext("name"))
    title = str(element.findtext("desc"))
    match = _CHAPTER_RANGE.search(title)
    if match is None:
        raise ValueError("a chapter's title does not end with its range of categories")
    return match[1]


def _moved(categories: Sequence[str]) -> dict[str, str]:
    """Where categories sort that stand before one with a smaller name: C4A stands before C44."""
    moved: dict[str, str] = {}
    before = ""
    for at, category in enumerate(categories):
        later = (it for it in categories[at + 1 :] if it[0] == category[0])
        if min(later, default=category) < category:
            before += "~"
            moved[category] = before
        else:
            before = category
    _prove_order([moved.get(it, it) for it in categories])
    return moved


def _prove_order(keys: Iterable[str]) -> None:
    """Raise ValueError unless the keys of each letter ascend."""
    for one, following in pairwise(keys):
        if one[0] == following[0] and one >= following:
            raise ValueError(f"{following} stands after {one} in the source list")


def pack(found: Extract) -> bytes:
    """Lay out the data file."""
    moved = " ".join(f"{category}={key}" for category, key in found.moved.items())
    rows = (" ".join([place, *patterns]) for place, patterns in found.notes.items())
    return zlib.compress("\n".join([FORMAT, moved, *rows, ""]).encode("ascii"), level=9)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the script; ``arguments`` are those of the command line. Returns the exit code."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if len(given) != 1 or given[0].startswith("-"):
        print("usage: python -m claimcheck.authoring.extract_excludes OUT", file=sys.stderr)
        return 2
    try:
        found = extract()
        content = pack(found)
        write_whole(Path(given[0]), content)
    except (ModuleNotFoundError, ValueError, OSError) as error:
        print(f"extract_excludes: {error}", file=sys.stderr)
        return 2
    total = found.kept + found.dropped.total()
    print(f"{total} notes, {found.kept} kept, at {len(found.notes)} places", file=sys.stderr)
    for reason, count in found.dropped.most_common():
        print(f"{count} left out: {reason}", file=sys.stderr)
    print(f"{len(content)} bytes", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
