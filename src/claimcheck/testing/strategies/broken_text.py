"""Lines with a field that cannot be read, is missing, or says more than a line may."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, TypeAlias

from claimcheck.line import LONGEST_PAYER
from claimcheck.testing.strategies.scenes import MOST_LISTED, Line, Scene

__all__ = ["OF_TEXT", "Recipe", "misspelt_codes"]

Recipe: TypeAlias = Callable[[Scene], Iterator[Line]]
"""Lines of a scene that may give a finding, the plainest first; whether they do, the checker says."""

_NO_DATES: Final = ("2026-02-30", "13/45/2026", "2026", "someday")
_NO_CONDITIONS: Final = ("?", "not a condition!")
_OTHER_FIELDS: Final = ("remark", "modifers", "dx", "place", "units_billed")
_NO_IDS: Final = ("A B", "2026-05-04", "A,B", "X" * 65)
_NO_MODIFIERS: Final = ("8", "A", "123", "26X", "?", "8%")
_NO_PLACES: Final = ("8A", "811", "ABC", "8.5", "?")
_DIGITS: Final = ("1", "2", "3", "4", "5", "6", "7", "8", "9")
_NO_DIAGNOSES: Final = ("O3", "123", "O03.9.1", "ABCDEFGHIJ", "O03.99999", "?")
_NO_TAXONOMIES: Final = ("291U0000X", "LAB", "291U000000", "291U00000XX", "?")
_TAXONOMY_FIELDS: Final = ("taxonomy", "billing_taxonomy", "ordering_taxonomy")
_NO_PAYERS: Final = ("---", "?", "x" * (LONGEST_PAYER + 1))
_NO_UNITS: Final = (0, -1, "one", 1_000_000, "1/2")


def _each(field: str, *given: Any) -> Recipe:
    """The base with each of some values in a field."""

    def recipe(scene: Scene) -> Iterator[Line]:
        for value in given:
            yield scene.line(**{field: value})

    return recipe


def _line_malformed(scene: Scene) -> Iterator[Line]:
    for text in _NO_DATES:
        yield scene.line(service_date=text)
    for text in _NO_CONDITIONS:
        yield scene.line(conditions=[text])


def _line_field_unknown(scene: Scene) -> Iterator[Line]:
    for name in _OTHER_FIELDS:
        yield scene.line(**{name: "1"})


def _line_condition_unknown(scene: Scene) -> Iterator[Line]:
    yield scene.line(conditions=["no-such-condition"])
    for known in sorted(scene.checker.ruleset.conditions):
        yield scene.line(conditions=[known[:-1]])


def _code_missing(scene: Scene) -> Iterator[Line]:
    yield scene.line(code=None)
    for text in ("", "  "):
        yield scene.line(code=text)


def misspelt_codes(code: str) -> tuple[str, ...]:
    """What a procedure code becomes by the usual slips."""
    with_letters = code.replace("0", "O", 1), code.replace("1", "I", 1)
    return (code[:4], code[1:], f"{code}0", *with_letters, code[::-1], "?????")


def _code_malformed(scene: Scene) -> Iterator[Line]:
    for text in misspelt_codes(scene.code):
        yield scene.line(code=text)


def _code_other_code_set(scene: Scene) -> Iterator[Line]:
    for code in (scene.code, "BDBAA"):
        yield scene.line(code={"system": "qualifier WK", "code": code})


def _modifier_too_many(scene: Scene) -> Iterator[Line]:
    fitting = scene.pool.extras["modifiers"]
    for start in range(len(fitting)):
        some = (*fitting[start:], *fitting[:start])
        for count in (5, 6):
            chosen = some[:count]
            conditions = sorted({extra.condition for extra in chosen if extra.condition})
            modifiers = [extra.value for extra in chosen]
            yield scene.line(modifiers=modifiers, conditions=conditions or None)


def _modifier_duplicate(scene: Scene) -> Iterator[Line]:
    for extra in scene.pool.extras["modifiers"]:
        conditions = [extra.condition] if extra.condition else None
        yield scene.line(modifiers=[extra.value, extra.value], conditions=conditions)


def _beside_the_reason(scene: Scene, diagnosis: Any) -> Iterator[Line]:
    """A diagnosis alone, and behind the one that is the reason for the service."""
    yield scene.line(diagnoses=[diagnosis])
    if "diagnoses" in scene.base:
        yield scene.line(diagnoses=[*scene.base["diagnoses"], diagnosis])


def _diagnosis_malformed(scene: Scene) -> Iterator[Line]:
    with_digits = (code.replace("O", "0", 1).replace("I", "1", 1) for code in scene.pool.reasons)
    for text in (*_NO_DIAGNOSES, *with_digits):
        yield from _beside_the_reason(scene, text)


def _diagnosis_other_code_set(scene: Scene) -> Iterator[Line]:
    for code in ("63490", "V700"):
        yield from _beside_the_reason(scene, {"system": "ICD-9-CM", "code": code})


def _diagnosis_missing(scene: Scene) -> Iterator[Line]:
    yield scene.line(diagnoses=None)
    for nothing in ([], [""]):
        yield scene.line(diagnoses=nothing)


def _diagnosis_too_many(scene: Scene) -> Iterator[Line]:
    others = [extra.value for extra in scene.pool.extras["diagnoses"]]
    for start in range(len(others)):
        chosen = list(scene.base.get("diagnoses", ()))
        for diagnosis in (*others[start:], *others[:start]):
            if _goes_with(scene, chosen, diagnosis):
                chosen.append(diagnosis)
            if len(chosen) == MOST_LISTED + 1:
                yield scene.line(diagnoses=chosen)
                break


def _goes_with(scene: Scene, chosen: list[str], diagnosis: str) -> bool:
    """Whether a further diagnosis adds nothing beside each two of the others."""
    return all(
        scene.ask(scene.line(diagnoses=[chosen[0], *another, diagnosis])) == scene.told
        for another in ([], *([one] for one in chosen[1:]))
        if chosen
    )


def _taxonomy_malformed(scene: Scene) -> Iterator[Line]:
    for text in _NO_TAXONOMIES:
        for field in _TAXONOMY_FIELDS:
            yield scene.line(**{field: text})


OF_TEXT: Final[dict[str, Recipe]] = {
    "line-malformed": _line_malformed,
    "line-field-unknown": _line_field_unknown,
    "line-id-withheld": _each("line_id", *_NO_IDS),
    "line-condition-unknown": _line_condition_unknown,
    "code-missing": _code_missing,
    "code-malformed": _code_malformed,
    "code-other-code-set": _code_other_code_set,
    "modifier-malformed": _each("modifiers", *([text] for text in _NO_MODIFIERS)),
    "modifier-too-many": _modifier_too_many,
    "modifier-duplicate": _modifier_duplicate,
    "place-malformed": _each("place_of_service", *_NO_PLACES),
    "place-digit-lost": _each("place_of_service", *_DIGITS),
    "diagnosis-missing": _diagnosis_missing,
    "diagnosis-malformed": _diagnosis_malformed,
    "diagnosis-other-code-set": _diagnosis_other_code_set,
    "diagnosis-too-many": _diagnosis_too_many,
    "taxonomy-malformed": _taxonomy_malformed,
    "payer-malformed": _each("payer", *_NO_PAYERS),
    "units-malformed": _each("units", *_NO_UNITS),
}
"""By finding, the lines that may give it."""
