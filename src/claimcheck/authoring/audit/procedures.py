"""Procedure codes: is the code in a list that should have it, and since when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final, Literal

from claimcheck.authoring.audit.model import (
    PERSON,
    Answer,
    Subject,
    agrees,
    disagrees,
    unknown,
)
from claimcheck.checks.wording import edition_title
from claimcheck.codesets.national import NationalTables
from claimcheck.codesets.store.kinds import TITLES, Kind
from claimcheck.dates import Period

__all__ = ["period_answers", "procedure_answer"]

_WITH_CODES: Final[tuple[Kind, ...]] = ("pla", "hcpcs", "mpfs", "clfs")


def procedure_answer(
    tables: NationalTables, code: str, day: date | None, first: date | None, subject: Subject
) -> Answer:
    """Whether a list at hand has a procedure code.

    Args:
        tables: the imported tables.
        code: the procedure code.
        day: a day on which it should be there; None for the newest editions.
        first: the code's first day, if it is stated: an edition that ends before cannot have it.
        subject: which statement is answered.
    """
    for kind in (*_WITH_CODES, tables.mue_kind, "addon"):
        edition = tables.edition(kind, day)
        if edition is not None and tables.state_of(kind, code, day) == "checked":
            cited = edition.cite(code)
            return agrees(subject, f"{code} is in {edition_title(cited)}", cited)
    should = _lists_of(code)
    missing = [kind for kind in should if not _can_tell(tables, kind, day, first)]
    if missing:
        needs = " and ".join(missing)
        if missing == ["pla"] and tables.state("clfs", day) != "no-row":
            needs = "pla or clfs"
        return unknown(subject, f"no list at hand has {code}, or should have it", needs)
    editions = [tables.edition(kind, day) for kind in should]
    cited_all = tuple(edition.cite(f"no row {code}") for edition in editions if edition is not None)
    told = " nor in ".join(edition_title(cited) for cited in cited_all)
    if len(cited_all) > 1:
        return disagrees(subject, f"{code} is neither in {told}", *cited_all)
    return disagrees(subject, f"{code} is not in {told}", *cited_all)


def _lists_of(code: str) -> tuple[Kind, ...]:
    """The lists that together have every code of this shape."""
    if code.endswith("U"):
        return ("pla",)
    if code[0].isalpha():
        return ("hcpcs",)
    return ("mpfs", "clfs")


def _can_tell(tables: NationalTables, kind: Kind, day: date | None, first: date | None) -> bool:
    """Whether the absence of a code in this list says anything."""
    vintage = tables.vintage(kind, day)
    if vintage is None:
        return False
    return first is None or vintage.last is None or first <= vintage.last


def period_answers(
    tables: NationalTables, code: str, period: Period, day: date | None
) -> Iterator[Answer]:
    """Whether the dates of a code are those of the list that has them."""
    stated = period.first is not None or period.last is not None
    kind = _dates_in(code)
    if kind is None:
        if stated:
            what = f"no list at hand tells since when {code} is in effect"
            needs = f"{PERSON}: no list that can be imported has dates of CPT codes"
            yield unknown("period", what, needs)
        return
    span, edition = tables.span(kind, code, day), tables.edition(kind, day)
    if span is None or edition is None:
        if stated:
            what = f"no list at hand tells since when {code} is in effect"
            yield unknown("period", what, kind)
        return
    cited = edition.cite(code)
    first, last = span
    told = f"{edition_title(cited)} has {code} {_words(first, last)}"
    begins_apart = first is not None and period.first is not None and first != period.first
    ends_apart = last is not None and last != period.last
    if begins_apart or ends_apart:
        what = f"{told}, and the rule file {_words(period.first, period.last)}"
        yield disagrees("period", what, cited)
    elif stated and first is not None:
        yield agrees("period", told, cited)
    elif stated:
        yield unknown("period", f"the {TITLES[kind]} does not say since when {code} is", kind)


def _dates_in(code: str) -> Literal["pla", "hcpcs"] | None:
    kind = _lists_of(code)[0]
    return kind if kind == "pla" or kind == "hcpcs" else None


def _words(first: date | None, last: date | None) -> str:
    if first is None and last is None:
        return "without dates"
    if last is None:
        return f"from {first}"
    return f"to {last}" if first is None else f"from {first} to {last}"
