"""What becomes of the lists' answers where the source may be marked ``disputed``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from claimcheck.authoring.audit.model import Answer, Outcome
from claimcheck.ruleset.model import Dispute

__all__ = ["weighed"]

# Statements of the mark itself, and of ours: no mark excuses them.
_OURS = frozenset({"meant", "official-name", "excludes"})
_TO_MARK = "mark the entry disputed, or correct it"
_TO_CORRECT = "correct it"


def weighed(
    answers: Sequence[Answer], dispute: Dispute | None
) -> Iterator[tuple[Answer, Outcome, str]]:
    """Answer, outcome and words of each statement of one entry.

    A mark is stale where the lists agree with all that the source says; one answer that is not known
    leaves it undecided.
    """
    source = [answer for answer in answers if answer.subject not in _OURS]
    contradicted = any(answer.said == "disagrees" for answer in source)
    if dispute is not None and not contradicted and _stale(source, dispute):
        cited = tuple(dict.fromkeys(one for answer in source for one in answer.citations))
        told = "; ".join(answer.what for answer in source)
        what = (
            f"the entry is marked disputed, and the lists agree with it: {told}; take the mark away"
        )
        yield Answer("mark", "agrees", told, cited), "disputed-stale", what
        answers = [answer for answer in answers if answer.subject in _OURS]
    for answer in answers:
        outcome = _outcome(answer, dispute)
        what = answer.what
        if outcome == "disagrees":
            what = f"{what}; {_TO_CORRECT if answer.subject in _OURS else _TO_MARK}"
        yield answer, outcome, what


def _outcome(answer: Answer, dispute: Dispute | None) -> Outcome:
    if answer.said == "unknown":
        return "not-checkable"
    if answer.said == "agrees":
        return "agrees"
    marked = dispute is not None and answer.subject not in _OURS
    return "disputed-confirmed" if marked else "disagrees"


def _stale(source: Sequence[Answer], dispute: Dispute) -> bool:
    decides = list(source)
    if dispute.effect == "unfit" and any(answer.subject == "verdict" for answer in source):
        # The verdict is what the mark is about; that nobody has the name at hand changes nothing.
        decides = [answer for answer in source if answer.subject != "name"]
    return bool(decides) and all(answer.said == "agrees" for answer in decides)
