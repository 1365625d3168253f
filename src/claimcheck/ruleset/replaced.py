"""Whether what overlays say that they replace still lies below; a stale overlay is an error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from claimcheck.dates import boundaries_of
from claimcheck.ruleset.load import LoadedFile
from claimcheck.ruleset.model import SECTIONS, Entry, Overlay, Section, Statements
from claimcheck.ruleset.ruleset import RuleSet, layers_below
from claimcheck.ruleset.shapes import Problems
from claimcheck.ruleset.values import Pattern, parse_pattern

__all__ = ["check_replaced"]


def check_replaced(file: LoadedFile, overlay: Overlay, rules: RuleSet) -> Problems:
    """Whether what lies below still says what the overlay's ``replaces`` says that it does."""
    for number, part in enumerate(overlay.statements):
        below: tuple[Statements, ...] | None = None
        for section in SECTIONS:
            for index, entry in enumerate(getattr(part.statements, section)):
                if entry.replaces is None:
                    continue
                if below is None:
                    below = layers_below(
                        rules,
                        part.statements,
                        code=part.code,
                        family=part.family,
                        payer=overlay.payer,
                    )
                said = _said_below(below, section, entry)
                if set(said) != ({entry.replaces} - {"unlisted"}):
                    path = ("statements", number, section, index, "replaces")
                    yield file.problem(path, _stale(entry, said))


def _stale(entry: Entry, said: Mapping[str, str]) -> str:
    found = " and ".join(f"{verdict} ({id_})" for verdict, id_ in said.items()) or "nothing of it"
    return (
        f"`replaces: {entry.replaces}`, but the layers below say {found}; "
        "the overlay is stale: read what lies below again"
    )


def _said_below(below: Sequence[Statements], section: Section, entry: Entry) -> dict[str, str]:
    """The verdicts that decide below on the days of an entry, each with an entry that says so."""
    meant = parse_pattern(entry.value)
    layers = [
        [
            e
            for e in getattr(part, section)
            if e.role == entry.role and _may_replace(e, entry, meant)
        ]
        for part in reversed(below)
    ]
    days = {entry.period.first or date.min}
    for other in (other for layer in layers for other in layer):
        days |= {day for day in boundaries_of(other.period) if entry.period.holds(day)}
    said: dict[str, str] = {}
    for day in sorted(days):
        for layer in layers:
            in_force = [other for other in layer if other.period.holds(day)]
            if in_force:
                decides = max(in_force, key=lambda other: parse_pattern(other.value).rank)
                said.setdefault(decides.verdict, decides.id)
                break
    return said


def _may_replace(other: Entry, entry: Entry, meant: Pattern) -> bool:
    same_days = other.role == entry.role and other.period.overlaps(entry.period)
    return same_days and parse_pattern(other.value).covers(meant)
