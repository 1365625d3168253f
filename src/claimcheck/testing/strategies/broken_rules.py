"""Lines with a readable value that a rule, a code set or an imported table has something against."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from claimcheck.codesets import icd10cm
from claimcheck.ruleset.values import parse_pattern
from claimcheck.testing.strategies import values
from claimcheck.testing.strategies.broken_text import Recipe
from claimcheck.testing.strategies.scenes import Line, Scene, Workbench

__all__ = ["ANY_DAY", "CODES", "OF_RULES"]

_TAXONOMY_FIELDS: Final = ("taxonomy", "billing_taxonomy", "ordering_taxonomy")
_DIGIT_PAIRS: Final = tuple(f"{number:02}" for number in range(100))
_NO_LEVEL_TWO: Final = ("ZZ", "ZY", "Q9")
_NO_TAXONOMIES: Final = ("000000000X", "999999999X")
_NO_DIAGNOSES: Final = ("U99.9", "E99.9", "Q99.99", "A99.9")
_HEADERS: Final = ("O03", "E11", "C34", "J06", "M54")
_MOST_REASONS: Final = 6
_MOST_OF_NOTE: Final = 3
_MOST_OF_TABLE: Final = 60

# Codes of many claims, then one of a kind that no imported table has: dental procedures.
_CODES_WITHOUT_RULE: Final = ("99213", "85025", "80053", "36415", "88305", "G0480", "D0120")
_CODES_OF_NO_LIST: Final = (
    *("0999U", "0998U", "00001", "09999", "99998", "0999T", "0999F"),
    *("A0001", "C0001", "E9999", "G9999", "J9998", "Q0001", "V9999"),
)

FEES: Final = ("mpfs", "clfs")


def _plain(scene: Scene) -> Iterator[Line]:
    """The base: for findings that stand on every line of a code, or of a day."""
    yield scene.line()


def _single_modifiers(scene: Scene) -> Iterator[Line]:
    for modifier, condition in scene.modifiers:
        yield scene.line(modifiers=[modifier])
        if condition is not None:
            yield scene.line(modifiers=[modifier], conditions=[condition])


def _modifier_unknown(scene: Scene) -> Iterator[Line]:
    known = [modifier for modifier, _ in scene.modifiers]
    for modifier in sorted({*_DIGIT_PAIRS, *known}):
        if not scene.checker.code_sets.modifiers.in_force(modifier, scene.window.first):
            yield scene.line(modifiers=[modifier])
    for modifier in _NO_LEVEL_TWO:
        yield scene.line(modifiers=[modifier])


def _modifier_conflict(scene: Scene) -> Iterator[Line]:
    conditions = dict(scene.modifiers)
    for conflict in scene.rule.conflicts if scene.rule is not None else ():
        needed = sorted({when for one in conflict.modifiers if (when := conditions.get(one))})
        yield scene.line(modifiers=list(conflict.modifiers), conditions=needed or None)


def _places(scene: Scene) -> Iterator[Line]:
    for place in values.all_places():
        yield scene.line(place_of_service=place)


def _with_diagnoses(scene: Scene, diagnoses: Sequence[str]) -> Iterator[Line]:
    """Each diagnosis alone, and behind the reason for the service."""
    for diagnosis in diagnoses:
        yield scene.line(diagnoses=[diagnosis])
    for diagnosis in diagnoses:
        if "diagnoses" in scene.base:
            yield scene.line(diagnoses=[*scene.base["diagnoses"], diagnosis])


def _any_diagnosis(scene: Scene) -> Iterator[Line]:
    yield from _with_diagnoses(scene, scene.diagnoses)


def _diagnosis_unknown(scene: Scene) -> Iterator[Line]:
    longer = [f"{code.replace('.', '')}ZZZZ"[:7] for code in scene.pool.reasons]
    yield from _with_diagnoses(scene, [*map(icd10cm.dotted, longer), *_NO_DIAGNOSES])


def _diagnosis_not_billable(scene: Scene) -> Iterator[Line]:
    edition = scene.checker.code_sets.diagnoses_on(scene.window.first)
    shorter = dict.fromkeys(code[:3] for code in scene.pool.reasons)
    some = values.spread(values.icd_codes(edition, billable=False), 8)
    headers = [*shorter, *_HEADERS, *map(icd10cm.dotted, some)]
    yield from _with_diagnoses(
        scene, [code for code in headers if edition.lookup(code) == "header"]
    )


def _diagnosis_excludes(scene: Scene) -> Iterator[Line]:
    others = [*_named_in_notes(scene), *scene.diagnoses]
    for reason in values.spread(scene.pool.reasons, _MOST_REASONS):
        for other in dict.fromkeys(others):
            yield scene.line(diagnoses=[reason, other])
    for reason in values.spread(scene.diagnoses, _MOST_REASONS):
        for other in dict.fromkeys(others):
            yield scene.line(diagnoses=[reason, other])


def _named_in_notes(scene: Scene) -> Iterator[str]:
    """Some diagnoses of every exclusion that the rules cite."""
    codes = values.icd_codes(scene.checker.code_sets.diagnoses_on(scene.window.first))
    for entry in values.entries_of(scene.rule, "diagnoses"):
        for written in (written for note in entry.excludes for written in note.codes):
            for code in values.spread(
                values.diagnoses_of(parse_pattern(written), codes), _MOST_OF_NOTE
            ):
                yield icd10cm.dotted(code)


def _taxonomies(scene: Scene) -> Iterator[Line]:
    for taxonomy in (*scene.taxonomies, *_NO_TAXONOMIES):
        for field in _TAXONOMY_FIELDS:
            yield scene.line(**{field: taxonomy})


def _units_over_limit(scene: Scene) -> Iterator[Line]:
    limit = scene.checker.tables.units_limit(scene.code, scene.window.first)
    if limit is not None:
        for over in (1, 2, 10, 100):
            yield scene.line(units=limit.units + over)


OF_RULES: Final[dict[str, Recipe]] = {
    "code-no-rule": _plain,
    "code-unknown": _plain,
    "code-not-in-effect": _plain,
    "code-disputed": _plain,
    "modifier-unknown": _modifier_unknown,
    "modifier-conflict": _modifier_conflict,
    "modifier-not-applicable": _single_modifiers,
    "modifier-not-payable": _single_modifiers,
    "modifier-disputed": _single_modifiers,
    "modifier-needs-condition": _single_modifiers,
    "modifier-needs-documentation": _single_modifiers,
    "modifier-unlisted": _single_modifiers,
    "place-unassigned": _places,
    "place-not-applicable": _places,
    "place-unlisted": _places,
    "diagnosis-unknown": _diagnosis_unknown,
    "diagnosis-not-billable": _diagnosis_not_billable,
    "diagnosis-excludes": _diagnosis_excludes,
    "diagnosis-not-indicated": _any_diagnosis,
    "diagnosis-not-supporting": _any_diagnosis,
    "diagnosis-disputed": _any_diagnosis,
    "taxonomy-unknown": _taxonomies,
    "taxonomy-not-applicable": _taxonomies,
    "taxonomy-disputed": _taxonomies,
    "taxonomy-unlisted": _taxonomies,
    "units-over-limit": _units_over_limit,
}
"""By finding, the lines that may give it."""

ANY_DAY: Final = frozenset({"code-not-in-effect"})
"""Findings that need days on which no edition of ICD-10-CM may be at hand."""


def _ruled(bench: Workbench) -> tuple[str, ...]:
    return bench.checker.ruleset.codes


def _and_of_tables(bench: Workbench, *tables: str) -> tuple[str, ...]:
    of_tables = values.codes_of_tables(bench.checker.code_sets, tables, _MOST_OF_TABLE)
    return tuple(dict.fromkeys((*_ruled(bench), *of_tables)))


CODES: Final[dict[str, Callable[[Workbench], tuple[str, ...]]]] = {
    "code-no-rule": lambda bench: _CODES_WITHOUT_RULE,
    "code-unknown": lambda bench: (*_ruled(bench), *_CODES_OF_NO_LIST),
    "code-not-in-effect": lambda bench: _and_of_tables(bench, "pla", "hcpcs"),
    "modifier-not-payable": lambda bench: _and_of_tables(bench, *FEES),
    "modifier-needs-documentation": lambda bench: _and_of_tables(bench, "mpfs"),
    "units-over-limit": lambda bench: _and_of_tables(bench, "mue"),
}
"""By finding, the procedure codes that may give it; of the others the codes that have a rule file."""
