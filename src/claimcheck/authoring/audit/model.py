"""The nouns of an audit: what a list answers, and what becomes of it for one statement."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, get_args

import attrs

from claimcheck.errors import RuleProblem
from claimcheck.finding import Citation

__all__ = [
    "OUTCOMES",
    "PERSON",
    "Answer",
    "Audit",
    "AuditItem",
    "AuditedList",
    "Outcome",
    "Subject",
    "agrees",
    "disagrees",
    "unknown",
]

Outcome: TypeAlias = Literal[
    "disagrees", "disputed-stale", "disputed-confirmed", "not-checkable", "agrees"
]
"""What the lists say of one statement.

``disagrees``: a list contradicts it, and it is not marked ``disputed``. ``disputed-stale``: it is
marked, and the lists agree with it. ``disputed-confirmed``: it is marked, and a list contradicts it.
``not-checkable``: no list at hand can tell. ``agrees``: a list says the same.
"""

OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)

Subject: TypeAlias = Literal[
    "value", "name", "verdict", "period", "excludes", "meant", "official-name", "mark", "words"
]
"""What of an entry is held against the lists; ``mark`` is the mark ``disputed`` as a whole."""

PERSON: Final = "a person"
"""What is needed where no list that can be imported tells."""


@attrs.frozen
class Answer:
    """What the lists at hand say of one statement, before the mark ``disputed`` is looked at.

    Attributes:
        subject: which statement of the entry it is.
        said: ``unknown`` where no list at hand can tell.
        what: what was found, without a full stop.
        citations: edition and place of each list that speaks.
        needs: for ``unknown``, what would tell.
    """

    subject: Subject
    said: Literal["agrees", "disagrees", "unknown"]
    what: str
    citations: tuple[Citation, ...] = ()
    needs: str | None = None


def agrees(subject: Subject, what: str, *citations: Citation) -> Answer:
    """A list says the same."""
    return Answer(subject, "agrees", what, citations)


def disagrees(subject: Subject, what: str, *citations: Citation) -> Answer:
    """A list contradicts the statement."""
    return Answer(subject, "disagrees", what, citations)


def unknown(subject: Subject, what: str, needs: str) -> Answer:
    """No list at hand can tell; ``needs`` says what could."""
    return Answer(subject, "unknown", what, (), needs)


@attrs.frozen
class AuditItem:
    """One statement of a rule file, and what the lists say of it.

    Attributes:
        place: file, line and column of the statement; its message is ``what``.
        entry: id of the entry, for example ``codes/0252U#modifiers/80``; of the code itself the layer.
        subject: which statement of the entry it is.
        outcome: what the lists say.
        what: what was found, and for ``disagrees`` and ``disputed-stale`` what to do.
        citations: edition and place of each list that speaks.
        needs: for ``not-checkable``, the kind of list that would tell.
    """

    place: RuleProblem
    entry: str
    subject: Subject
    outcome: Outcome
    what: str
    citations: tuple[Citation, ...] = ()
    needs: str | None = None


@attrs.frozen
class AuditedList:
    """A list that was asked: its title, its edition, and whether it was imported."""

    title: str
    edition: str
    imported: bool


@attrs.frozen
class Audit:
    """What became of an audit.

    Attributes:
        items: one per statement, in the order of files and entries.
        lists: the lists that were asked, for entries that are still in force.
        files: how many rule files were read.
    """

    items: tuple[AuditItem, ...]
    lists: tuple[AuditedList, ...]
    files: int

    def of(self, outcome: Outcome) -> tuple[AuditItem, ...]:
        """The items with one outcome."""
        return tuple(item for item in self.items if item.outcome == outcome)

    @property
    def passed(self) -> bool:
        """Whether nothing disagrees unmarked, and no mark is stale."""
        return not self.of("disagrees") and not self.of("disputed-stale")
