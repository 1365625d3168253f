"""Rule coverage as text: figures part by part, then the entries that were never exercised."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from claimcheck.coverage.told import CodeCoverage, EntryState, percent_of, told_percent
from claimcheck.report.explained import wrapped
from claimcheck.report.text import counted

if TYPE_CHECKING:
    from claimcheck.coverage.collect import RuleCoverage

__all__ = ["coverage_text", "exercised_told"]

_PART: Final = 12
"""Columns of the longest part's name and a blank."""


def coverage_text(coverage: RuleCoverage, width: int) -> str:
    """The coverage for people.

    Args:
        coverage: what to tell.
        width: columns that the text may take.
    """
    codes = coverage.codes
    rows = [*_head(coverage, len(codes), width)]
    for code in codes.values():
        rows += ["", *_code(code, width)]
    return "\n".join(rows) + "\n"


def exercised_told(counts: Mapping[EntryState, int]) -> str:
    """``12 of 17 exercised (9 fired, 3 passed), 4 overridden``."""
    exercised = counts["fired"] + counts["passed"]
    can_decide = exercised + counts["never-exercised"]
    told = f"{exercised:,} of {can_decide:,} exercised"
    if exercised:
        told += f" ({counts['fired']:,} fired, {counts['passed']:,} passed)"
    return told + (f", {counts['overridden']:,} overridden" if counts["overridden"] else "")


def _head(coverage: RuleCoverage, codes: int, width: int) -> Iterator[str]:
    counts = coverage.counts
    yield from wrapped(f"Rule coverage of {coverage.ruleset}", width, 0, 2)
    elsewhere = coverage.lines_elsewhere
    yield from wrapped(
        f"{counted(coverage.lines, 'line')} recorded"
        + (f", {elsewhere:,} of them of none of the codes below" if elsewhere else ""),
        *(width, 2, 2),
    )
    percent = told_percent(percent_of(counts))
    yield from wrapped(
        f"{counted(codes, 'code')}, {percent} %: {exercised_told(counts)}", width, 2, 2
    )
    without = coverage.codes_without_lines
    if without:
        yield from wrapped(f"rules without any line: {_some(without)}", width, 2, 2)


def _some(codes: tuple[str, ...], most: int = 20) -> str:
    more = f" and {len(codes) - most:,} more" if len(codes) > most else ""
    return ", ".join(codes[:most]) + more


def _code(code: CodeCoverage, width: int) -> Iterator[str]:
    yield from wrapped(f"{code.code}: {code.title}", width, 0, 4)
    told = f"{counted(code.lines, 'line')}, {told_percent(code.percent)} % exercised"
    yield f"  {told}"
    for part in code.parts:
        yield from wrapped(f"{part:<{_PART}}{exercised_told(code.counts(part))}", width, 2, _PART)
    yield "  by layer"
    longest = max((len(layer) for layer in code.layers), default=0)
    for layer in code.layers:
        told = f"{layer:<{longest}}  {exercised_told(code.counts(layer=layer))}"
        yield from wrapped(told, width, 4, longest + 2)
    missed = list(code.missed())
    if missed:
        yield "  never exercised"
    for part, layer, entries in missed:
        names = ", ".join(entry.name for entry in entries)
        yield from wrapped(f"{part:<{_PART}}{layer}: {names}", width, 4, _PART)
