"""The entries of the rules that can decide for one code, over all layers, payers and dates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final, Literal, TypeAlias

import attrs

from claimcheck.checks.taxonomies import ROLES, roles_asked
from claimcheck.dates import Period, boundaries_of
from claimcheck.ruleset import RuleSet
from claimcheck.ruleset.model import (
    SECTIONS,
    CodeFile,
    Conflict,
    Entry,
    Exclusion,
    Section,
    Statements,
)
from claimcheck.ruleset.values import parse_pattern
from claimcheck.verdict import Role

__all__ = ["PARTS", "Part", "RuleEntry", "code_entry_id", "entries_of", "exclusion_id"]

Part: TypeAlias = Literal[
    "code", "modifiers", "conflicts", "places", "diagnoses", "exclusions", "taxonomies"
]
PARTS: Final[tuple[Part, ...]] = (
    "code",
    "modifiers",
    "conflicts",
    "places",
    "diagnoses",
    "exclusions",
    "taxonomies",
)
"""The parts of a rule that have entries, in the order in which they are told."""


@attrs.frozen
class RuleEntry:
    """One statement of the rules, as it counts for one code.

    Attributes:
        id: the entry's id, as findings name it; of an exclusion and of what a file says of the code
            itself, an id made from it.
        part: one of ``PARTS``.
        layer: the layer that says it.
        name: its value, written as in the id: ``80``, ``C34.-``, ``207P00000X/ordering``.
        says: the verdict, or what it says in place of one.
        overridden_by: id of the entry that decides in its place, always; None if it can decide.
    """

    id: str
    part: Part
    layer: str
    name: str
    says: str
    overridden_by: str | None = None


def code_entry_id(code: str, what: Literal["effective", "disputed"]) -> str:
    """The id of what a code file says of the code itself."""
    return f"codes/{code}#{what}"


def exclusion_id(entry: Entry, exclusion: Exclusion) -> str:
    """The id of one of an entry's exclusions."""
    return f"{entry.id}/excludes/{'+'.join(exclusion.codes)}"


def entries_of(rules: RuleSet, file: CodeFile) -> tuple[RuleEntry, ...]:
    """Every entry that can decide for a code: part by part, wide to narrow, in the order of the files.

    An entry of a family counts for each code that inherits it. The overlays of all payers count.
    """
    found = {entry.id: entry for entry in _of_code(file)}
    common = rules.layers(file, None)
    for entry in _of_layers(common, common):
        found[entry.id] = entry
    for payer in sorted({overlay.payer for overlay in rules.overlays if overlay.payer}):
        layers = rules.layers(file, payer)
        own = tuple(part for part in layers if part.kind == "payer")
        for entry in _of_layers(layers, own):
            found[entry.id] = entry
    return tuple(sorted(found.values(), key=lambda entry: PARTS.index(entry.part)))


def _of_code(file: CodeFile) -> Iterator[RuleEntry]:
    layer = file.statements.layer
    if file.period != Period():
        first, last = file.period.first or "unstated", file.period.last or "unstated"
        id_ = code_entry_id(file.code, "effective")
        yield RuleEntry(id_, "code", layer, "effective", f"from {first}, to {last}")
    if file.dispute is not None:
        id_ = code_entry_id(file.code, "disputed")
        yield RuleEntry(id_, "code", layer, "disputed", file.dispute.effect)


def _of_layers(layers: Sequence[Statements], own: Sequence[Statements]) -> Iterator[RuleEntry]:
    """The entries of some of the layers, each with what decides in its place."""
    for at, part in enumerate(layers):
        if not any(part is one for one in own):
            continue
        for section in SECTIONS:
            for entry in getattr(part, section):
                name = _name(entry.id, section)
                by = _overridden(entry.period, _asked_before(entry, section, at, layers))
                yield RuleEntry(entry.id, section, entry.layer, name, entry.verdict, by)
                for exclusion in entry.excludes:
                    id_ = exclusion_id(entry, exclusion)
                    named = f"{name}/{'+'.join(exclusion.codes)}"
                    yield RuleEntry(id_, "exclusions", entry.layer, named, "excludes", by)
        for conflict in part.conflicts:
            name = _name(conflict.id, "conflicts")
            by = _overridden(conflict.period, [_same_conflict(conflict, layers[at + 1 :])])
            yield RuleEntry(
                conflict.id, "conflicts", conflict.layer, name, "may not stand together", by
            )


def _name(id_: str, section: str) -> str:
    """The value with its role and first day, as the id has them."""
    return id_.partition("#")[2].partition(f"{section}/")[2]


_Rival: TypeAlias = tuple[str, Period]
"""Id and period of an entry that would be asked first."""


def _same_conflict(conflict: Conflict, narrower: Sequence[Statements]) -> list[_Rival]:
    alike = frozenset(conflict.modifiers)
    return [
        (other.id, other.period)
        for part in narrower
        for other in part.conflicts
        if frozenset(other.modifiers) == alike
    ]


def _asked_before(
    entry: Entry, section: Section, at: int, layers: Sequence[Statements]
) -> list[list[_Rival]]:
    """Per field in which an entry can decide, the entries that would always decide before it."""
    meant = parse_pattern(entry.value)

    def rivals(parts: Sequence[Statements], roles: Sequence[Role | None]) -> list[_Rival]:
        return [
            (other.id, other.period)
            for part in parts
            for other in getattr(part, section)
            if other.role in roles and parse_pattern(other.value).covers(meant)
        ]

    narrower = rivals(layers[at + 1 :], [entry.role])
    if entry.role is None:
        return [narrower]
    ways = []
    for field, own in ROLES.items():
        order = roles_asked(field)
        if entry.role in own or (entry.dispute is not None and entry.role in order):
            earlier = order[: order.index(entry.role)]
            ways.append([*rivals(layers, earlier), *narrower])
    return ways


def _overridden(period: Period, ways: Sequence[Sequence[_Rival]]) -> str | None:
    """The id of what decides in place of an entry, if something does on each day and in each way."""
    days = {period.first or date.min}
    for way in ways:
        for _, other in way:
            days |= {day for day in boundaries_of(other) if period.holds(day)}
    by = None
    for day in sorted(days):
        for way in ways:
            deciding = [id_ for id_, other in way if other.holds(day)]
            if not deciding:
                return None
            by = by or deciding[-1]
    return by
