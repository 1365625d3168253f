"""Which values of a field are worth trying on a line: those that rules and code sets name."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from typing import Final, TypeVar
from weakref import WeakKeyDictionary

from claimcheck.codesets import icd10cm, modifiers, places, taxonomy
from claimcheck.codesets.bundle import CodeSets, DiagnosisCodes, ImportedDiagnosisCodes
from claimcheck.codesets.store.reading import Store
from claimcheck.ruleset.model import Entry, Rule, Section
from claimcheck.ruleset.values import Pattern, parse_pattern

__all__ = [
    "all_modifiers",
    "all_places",
    "codes_of_tables",
    "diagnoses_of",
    "entries_of",
    "icd_codes",
    "some_diagnoses",
    "spread",
    "taxonomies_of",
]

T = TypeVar("T")

_MOST_OF_PATTERN: Final = 12
_MOST_TAXONOMIES: Final = 16
_AFTER_ANY: Final = "~"  # sorts behind letters and digits

_COMMON_DIAGNOSES: Final = ("I10", "D64.9", "E03.9", "E66.9", "J06.9", "M54.50", "R05.9", "Z00.00")
_COMMON_TAXONOMIES: Final = (
    *("111N00000X", "122300000X", "152W00000X", "183500000X", "207Q00000X", "207R00000X"),
    *("207V00000X", "207ZP0102X", "208D00000X", "225100000X", "231H00000X", "282N00000X"),
    *("291U00000X", "332B00000X", "343900000X", "363A00000X", "363L00000X"),
)
"""Codes of the NUCC list for common providers; that list itself is not part of claimcheck."""


def spread(things: Sequence[T], most: int) -> tuple[T, ...]:
    """At most ``most`` of the things, the first one and others at even distances."""
    if len(things) <= most:
        return tuple(things)
    return tuple(things[number * len(things) // most] for number in range(most))


def entries_of(rule: Rule | None, section: Section) -> tuple[Entry, ...]:
    """The entries in force of one section, of every layer."""
    if rule is None:
        return ()
    return tuple(entry for part in rule.statements for entry in getattr(part, section))


def all_modifiers(rule: Rule | None, code_sets: CodeSets) -> tuple[str, ...]:
    """Every modifier that a list has or a rule names; those of two digits come first."""
    named = (parse_pattern(entry.value) for entry in entries_of(rule, "modifiers"))
    found = {entry.code for entry in modifiers.entries()}
    found |= {pattern.low for pattern in named if pattern.kind == "exact"}
    if code_sets.tables.store is not None:
        rows = code_sets.tables.store.rows("SELECT DISTINCT code FROM hcpcs_modifier")
        found |= {code for (code,) in rows}
    return tuple(sorted(found, key=lambda modifier: (not modifier.isdigit(), modifier)))


def all_places() -> tuple[str, ...]:
    """The digits 01 to 99, the unassigned ones too."""
    return tuple(place.code for place in places.entries())


@cache
def _embedded_icd() -> tuple[tuple[str, ...], tuple[str, ...]]:
    billable = tuple(code for code, kind in icd10cm.entries() if kind == "billable")
    headers = tuple(code for code, kind in icd10cm.entries() if kind == "header")
    return tuple(sorted(billable)), tuple(sorted(headers))


_IMPORTED: WeakKeyDictionary[Store, dict[tuple[int, bool], tuple[str, ...]]] = WeakKeyDictionary()


def _imported_icd(store: Store, vintage: int, billable: bool) -> tuple[str, ...]:
    known = _IMPORTED.setdefault(store, {})
    if (vintage, billable) not in known:
        query = "SELECT code FROM icd10cm WHERE vintage = ? AND billable = ? ORDER BY code"
        rows = store.rows(query, (vintage, int(billable)))
        known[vintage, billable] = tuple(code for (code,) in rows)
    return known[vintage, billable]


def icd_codes(codes: DiagnosisCodes, *, billable: bool = True) -> tuple[str, ...]:
    """Every billable code (or every header) of an edition, without dots, in order."""
    if isinstance(codes, ImportedDiagnosisCodes) and codes.tables.store is not None:
        return _imported_icd(codes.tables.store, codes.stored.id, billable)
    return _embedded_icd()[0 if billable else 1]


def diagnoses_of(pattern: Pattern, codes: Sequence[str]) -> Sequence[str]:
    """The codes (sorted, without dots) that a written value means."""
    start = bisect_left(codes, pattern.low)
    end = bisect_left(codes, pattern.high + _AFTER_ANY)
    if pattern.kind == "exact":
        end = min(end, start + 1)
    return [code for code in codes[start:end] if pattern.matches(code)]


def some_diagnoses(rule: Rule | None, code_sets: CodeSets, day: date | None) -> tuple[str, ...]:
    """Billable diagnoses with their dot: some of each entry of the rule, then common ones."""
    codes = icd_codes(code_sets.diagnoses_on(day))
    patterns = [parse_pattern(entry.value) for entry in entries_of(rule, "diagnoses")]
    found: list[str] = []
    for pattern in sorted(patterns, key=lambda pattern: (-pattern.rank, pattern.low)):
        found += spread(diagnoses_of(pattern, codes), _MOST_OF_PATTERN)
    common = [code.replace(".", "") for code in _COMMON_DIAGNOSES]
    found += [code for code in common if diagnoses_of(parse_pattern(code), codes)]
    found += spread(codes, 4)
    return tuple(icd10cm.dotted(code) for code in dict.fromkeys(found))


def taxonomies_of(rule: Rule | None, code_sets: CodeSets, day: date | None) -> tuple[str, ...]:
    """Taxonomies that rules name or mean, that stand for their prefixes, and common ones, in order."""
    entries = entries_of(rule, "taxonomies")
    patterns = [parse_pattern(entry.value) for entry in entries]
    found = {pattern.low for pattern in patterns if pattern.kind == "exact"}
    found |= {code for entry in entries if entry.dispute for code in entry.dispute.meant}
    found |= {*_COMMON_TAXONOMIES, *taxonomy.KNOWN_ABSENT}
    found |= {entry.code for entry in taxonomy.entries()}
    tables = code_sets.tables
    vintage = tables.vintage("nucc", day)
    if vintage is not None and tables.store is not None:
        query = "SELECT code FROM taxonomy WHERE vintage = ? ORDER BY code"
        listed = [code for (code,) in tables.store.rows(query, (vintage.id,))]
        found |= {*spread(listed, _MOST_TAXONOMIES)}
        for pattern in patterns:
            found |= {*spread([code for code in listed if pattern.matches(code)], 4)}
    return tuple(sorted(found))


def codes_of_tables(code_sets: CodeSets, tables: Iterable[str], most: int) -> tuple[str, ...]:
    """Some of the procedure codes that imported tables of these names have, in order."""
    store = code_sets.tables.store
    if store is None:
        return ()
    found: set[str] = set()
    for table in tables:
        query = f"SELECT DISTINCT code FROM {table} ORDER BY code"  # noqa: S608 - our own names
        found |= {*spread([code for (code,) in store.rows(query)], most)}
    return tuple(sorted(found))
