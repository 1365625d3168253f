"""Modifiers of entries against the fee schedules: does the table allow what the entry allows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

import attrs

from claimcheck.authoring.audit.model import PERSON, Answer, agrees, disagrees, unknown
from claimcheck.checks.wording import edition_title, listed
from claimcheck.codesets.national import NationalTables, modifier_word
from claimcheck.codesets.national.modifiers import MODIFIER_FAMILIES
from claimcheck.codesets.store.kinds import Kind
from claimcheck.finding import Citation
from claimcheck.ruleset.model import Entry
from claimcheck.ruleset.values import parse_pattern

__all__ = ["Concerned", "fee_schedule_answers"]

_DECIDED: Final = tuple(one for family in MODIFIER_FAMILIES.values() for one in family)
_COMPONENTS: Final = frozenset({"26", "TC"})
_VERBS: Final = ("is ", "has ", "can ")
_FEE_SCHEDULES: Final[tuple[Kind, ...]] = ("mpfs", "clfs")


@attrs.frozen
class Concerned:
    """A code that an entry concerns, and whether a narrower layer speaks in the entry's place."""

    code: str
    overruled: bool = False


@attrs.frozen
class _Word:
    """What the fee schedules say of one modifier on one code."""

    allows: bool
    what: str
    citations: tuple[Citation, ...]


def fee_schedule_answers(
    tables: NationalTables, entry: Entry, codes: Sequence[Concerned], day: date | None
) -> Iterator[Answer]:
    """Whether the fee schedules bear out a modifier's verdict on the codes that the entry concerns.

    Nothing for a modifier of which fee schedules never tell, unless the entry is disputed: then
    somebody has to look. A code for which a narrower layer speaks can bear the entry out, and not
    contradict it.
    """
    pattern = parse_pattern(entry.value)
    asked = [modifier for modifier in _DECIDED if pattern.matches(modifier)]
    if not asked:
        if entry.dispute is not None:
            what = f"fee schedules do not tell whether modifier {entry.value} fits"
            yield unknown("verdict", what, f"{PERSON}: what the modifier means decides")
        return
    against: dict[str, _Word] = {}
    borne_out: dict[str, _Word] = {}
    for modifier in asked:
        for code in codes:
            word = _word(tables, code.code, modifier, day)
            if word is None:
                continue
            if _bears_out(entry, word):
                borne_out.setdefault(code.code, word)
            elif not code.overruled:
                against.setdefault(code.code, word)
    if against:
        what, citations = _told(entry, against)
        yield disagrees("verdict", what, *citations)
    elif borne_out:
        what, citations = _told(entry, borne_out)
        yield agrees("verdict", what, *citations)
    else:
        yield _no_word(tables, entry, codes, day)


def _bears_out(entry: Entry, word: _Word) -> bool:
    if entry.verdict == "not-applicable":
        # "Not typically" leaves room for the exception that the table pays.
        return not word.allows or entry.hedged
    return word.allows


def _told(entry: Entry, words: dict[str, _Word]) -> tuple[str, tuple[Citation, ...]]:
    first = next(iter(words.values()))
    others = list(words)[1:]
    more = f" (as for {listed(others)})" if others else ""
    return f"{first.what}{more}; the entry says {_said(entry)}", first.citations


def _said(entry: Entry) -> str:
    return f"{'hedged ' if entry.hedged else ''}{entry.verdict}"


def _word(tables: NationalTables, code: str, modifier: str, day: date | None) -> _Word | None:
    word = modifier_word(tables, code, modifier, day)
    if word is not None:
        fits = "does not fit" if word.said == "refused" else "fits"
        # Some reasons are whole sentences, some lack the code as their subject.
        subject = f"{code} " if word.because.startswith(_VERBS) else ""
        what = f"modifier {modifier} {fits} {code} by {edition_title(word.citation)}: {subject}{word.because}"
        return _Word(word.said != "refused", what, (word.citation,))
    if modifier not in _COMPONENTS:
        return None
    # A component is a row of a fee schedule; where no schedule has the code, none has its component.
    editions = [tables.edition(kind, day) for kind in _FEE_SCHEDULES]
    cited = tuple(edition.cite(f"no row {code}") for edition in editions if edition is not None)
    absent = all(tables.state_of(kind, code, day) == "no-row" for kind in _FEE_SCHEDULES)
    if not absent:
        return None
    told = " nor ".join(edition_title(one) for one in cited)
    return _Word(
        False, f"neither {told} has a row of {code}, with modifier {modifier} or without", cited
    )


def _no_word(
    tables: NationalTables, entry: Entry, codes: Sequence[Concerned], day: date | None
) -> Answer:
    if not codes:
        what = (
            f"no rule file of a code is in the family, so modifier {entry.value} was asked of none"
        )
        return unknown("verdict", what, f"{PERSON}: the family has no code here")
    what = f"no fee schedule at hand tells whether modifier {entry.value} fits"
    missing = [kind for kind in _FEE_SCHEDULES if tables.state(kind, day) != "no-row"]
    if missing:
        return unknown("verdict", what, " or ".join(missing))
    return unknown("verdict", what, f"{PERSON}: the fee schedules leave the modifier open")
