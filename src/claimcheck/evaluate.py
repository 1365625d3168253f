"""Running checks: the one caller of check functions, for both engines.

Checks that read the same things form an *axis*. An axis is evaluated once per distinct combination
of what it reads, and the outcome is remembered: checks are pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final, TypeAlias

import attrs

from claimcheck.checks import Check, Defect
from claimcheck.checks.definition import EXPLODED, LISTS
from claimcheck.finding import Finding
from claimcheck.ruleset.model import Rule

__all__ = [
    "Axis",
    "Outcome",
    "Placed",
    "Position",
    "axes_of",
    "diagnosis_verdict",
    "diagnosis_verdicts",
    "finding_of",
    "runs",
]

_REMEMBERED: Final = 65_536
_STANDARD_AXES: Final = (
    frozenset({"problem"}),
    frozenset({"code", "rule", "epoch", "table_authority"}),
    frozenset({"modifier", "rule", "epoch", "conditions", "table_authority"}),
    frozenset({"modifier", "code", "rule", "epoch", "table_authority"}),
    frozenset({"code", "units", "epoch", "table_authority"}),
    frozenset({"modifiers", "rule"}),
    frozenset({"place_of_service", "rule", "epoch"}),
    frozenset({"diagnosis", "rule", "epoch"}),
    frozenset({"diagnoses", "rule"}),
    frozenset({"diagnosis_pair", "rule", "epoch"}),
    frozenset({"diagnosis_verdicts", "primary_diagnosis", "rule"}),
    frozenset({"provider", "rule", "epoch"}),
    frozenset({"conditions"}),
)
"""What the bundled checks read together; a check joins the first axis that has all it reads."""

Placed: TypeAlias = tuple[int, int, Finding]
"""Order of the check, position in the field, finding: sorts into the order in which findings are told."""

Position: TypeAlias = int | tuple[int, int] | None
"""Where an exploded value stands in its list: a position, those of a pair, or None (where the checks say)."""


def finding_of(
    check: Check, defect: Defect, index: int | None = None, field: str | None = None
) -> Finding:
    """The finding that a check's defect stands for."""
    return Finding(
        code=check.finding,
        severity=defect.severity,
        field=defect.field or field or check.field,
        index=defect.index if defect.index is not None else index,
        value=defect.value,
        message=defect.message,
        hint=defect.hint,
        rule=defect.rule or f"checks#{check.finding}",
        citations=defect.citations,
        carc=defect.carc if defect.carc is not None else check.carc,
        fix=defect.fix,
    )


@attrs.frozen
class Outcome:
    """What an axis gave for one combination; ``at`` puts it at a position of the exploded field."""

    found: tuple[tuple[int, Finding], ...]
    _placed: dict[Position, tuple[Placed, ...]] = attrs.field(factory=dict, eq=False, repr=False)

    def at(self, index: Position) -> tuple[Placed, ...]:
        """The findings at position ``index``, with the order of their checks."""
        placed = self._placed.get(index)
        if placed is None:
            placed = tuple(self._place(order, finding, index) for order, finding in self.found)
            self._placed[index] = placed
        return placed

    @staticmethod
    def _place(order: int, finding: Finding, index: Position) -> Placed:
        if isinstance(index, tuple):
            finding = attrs.evolve(finding, index=index[finding.index or 0])
        elif index is not None and finding.index is None:
            finding = attrs.evolve(finding, index=index)
        return order, -1 if finding.index is None else finding.index, finding


NOTHING: Final = Outcome(())


def _nothing(_: Mapping[str, Any]) -> None:
    """The key of an axis that reads constants alone."""


class Axis:
    """Checks that read the same names, and what they gave for the combinations seen so far.

    Attributes:
        reads: names whose values make the combination, in a fixed order, without constants.
        exploded: the one of ``reads`` that stands for one value of a list, or None.
        counted: the list of ``reads`` that must have ``at_least`` slots, or None.
        concerns: whether any of the checks can find anything under a rule; None means under any.
        sieve: on which pairs of diagnoses the checks can find anything; None means on any.
        late: those of ``reads`` that decide only about the words of all its checks.
    """

    __slots__ = (
        "_calls",
        "_constants",
        "_memory",
        "at_least",
        "checks",
        "concerns",
        "counted",
        "exploded",
        "key_of",
        "late",
        "reads",
        "sieve",
    )

    def __init__(
        self,
        reads: Iterable[str],
        checks: Sequence[tuple[int, Check]],
        constants: Mapping[str, Any],
    ) -> None:
        self.reads = tuple(sorted(reads))
        self.exploded = next((name for name in self.reads if name in EXPLODED), None)
        self.checks = tuple(checks)
        self.at_least = min(one.at_least for _, one in self.checks)
        self.counted = next(name for name in self.reads if name in LISTS) if self.at_least else None
        self.concerns = self.checks[0][1].concerns
        self.sieve = self.checks[0][1].sieve
        late = [frozenset(one.late) for _, one in self.checks]
        self.late = frozenset.intersection(*late)
        self.key_of: Callable[[Mapping[str, Any]], Any] = (
            itemgetter(*self.reads) if self.reads else _nothing
        )
        self._constants = dict(constants)
        self._memory: dict[object, Outcome] = {}
        # Per check: its parameters, each a constant or the name of what a combination gives.
        self._calls = tuple(
            (
                order,
                one,
                one.function,
                [(name in constants, constants.get(name, name)) for name in one.reads],
            )
            for order, one in checks
        )

    def outcome(self, keys: Mapping[str, Any], values: Mapping[str, Any]) -> Outcome:
        """The outcome for a combination.

        Args:
            keys: per name something hashable that stands for its value (a rule's number for the rule).
            values: per name its value; read only if the combination is new.
        """
        key = self.key_of(keys)
        outcome = self._memory.get(key)
        if outcome is None:
            outcome = self.evaluate(values)
            if len(self._memory) >= _REMEMBERED:
                self._memory.clear()
            self._memory[key] = outcome
        return outcome

    def evaluate(self, values: Mapping[str, Any]) -> Outcome:
        """What the checks give for a combination, without remembering it."""
        found = [
            (order, finding_of(one, defect))
            for order, one, function, parameters in self._calls
            for defect in function(
                *[given if constant else values[given] for constant, given in parameters]
            )
        ]
        return Outcome(tuple(found)) if found else NOTHING


def axes_of(
    checks: Sequence[Check],
    constants: Mapping[str, Any],
    tables: Set[str] = frozenset(),
    *,
    merge: bool = True,
) -> tuple[Axis, ...]:
    """Group checks into axes. Each check gets its place in ``checks`` as its order.

    Args:
        checks: checks of one line.
        constants: values of the names that are the same for every line.
        tables: kinds of imported tables; checks that ask others alone are left out.
        merge: whether checks may share an axis that reads more than any of them: fewer look-ups for
            a single line. Without it an axis reads just what one of its checks does: fewer
            combinations.
    """
    wants = [frozenset(one.reads).difference(constants) for one in checks]
    groups: dict[tuple[Any, ...], list[tuple[int, Check]]] = {}
    for order, one in enumerate(checks):
        if not runs(one, tables):
            continue
        homes = _STANDARD_AXES if merge else _wider(wants[order], one, checks, wants, tables)
        home = next((axis for axis in homes if _is_home(axis, wants[order])), wants[order])
        late = frozenset() if merge else frozenset(one.late)
        alike = (home, one.at_least, one.concerns, one.sieve, late)
        groups.setdefault(alike, []).append((order, one))
    return tuple(Axis(home, members, constants) for (home, *_), members in groups.items())


def runs(one: Check, tables: Set[str]) -> bool:
    """Whether a check can find anything with these kinds of tables imported."""
    return not one.tables or not tables.isdisjoint(one.tables)


def _wider(
    wanted: frozenset[str],
    one: Check,
    checks: Sequence[Check],
    wants: Sequence[frozenset[str]],
    tables: Set[str],
) -> list[frozenset[str]]:
    """What other checks of the same kind read, widest first: an axis for them serves this one too."""
    alike = {
        theirs
        for other, theirs in zip(checks, wants, strict=True)
        if wanted <= theirs
        and (other.at_least, other.concerns, other.sieve, other.late)
        == (one.at_least, one.concerns, one.sieve, one.late)
        and runs(other, tables)
    }
    return sorted(alike, key=lambda names: (-len(names), sorted(names)))


def _is_home(axis: frozenset[str], wanted: frozenset[str]) -> bool:
    """Whether an axis has all that a check reads, and is not asked per value if the check is not."""
    return wanted <= axis and axis & EXPLODED.keys() <= wanted


_UNREADABLE: Final = "unreadable"
_UNLISTED: Final = "unlisted"


@lru_cache(maxsize=_REMEMBERED)
def diagnosis_verdicts(rule: Rule | None, diagnoses: tuple[str, ...]) -> frozenset[str]:
    """What the rules say of a line's diagnoses, as a set of words."""
    return frozenset(diagnosis_verdict(rule, diagnosis) for diagnosis in diagnoses)


def diagnosis_verdict(rule: Rule | None, diagnosis: str) -> str:
    """What the rules say of one diagnosis: a verdict, ``unlisted``, or ``unreadable``."""
    if not diagnosis:
        return _UNREADABLE
    ruling = rule.diagnosis(diagnosis.replace(".", "")) if rule is not None else None
    return _UNLISTED if ruling is None else ruling.entry.verdict
