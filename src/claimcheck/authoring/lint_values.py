"""Values in rule files that no line could ever carry, held against the embedded code sets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from claimcheck.codesets.bundle import embedded_code_sets
from claimcheck.errors import RuleProblem
from claimcheck.ruleset.load import LoadedFile
from claimcheck.ruleset.shapes import parts_of
from claimcheck.ruleset.values import parse_pattern

__all__ = ["value_problems"]


def value_problems(file: LoadedFile) -> Iterator[RuleProblem]:
    """Diagnoses, places and modifiers that do not exist, where no dispute says so."""
    for path, part in parts_of(file):
        for section, key, tell in (
            ("diagnoses", "diagnosis", _diagnosis),
            ("places", "place", _place),
            ("modifiers", "modifier", _modifier),
        ):
            for number, entry in enumerate(getattr(part, section, ())):
                value = getattr(entry, key)
                if (
                    getattr(entry, "disputed", None) is None
                    and parse_pattern(value).kind == "exact"
                ):
                    message = tell(value, entry)
                    if message is not None:
                        yield file.problem((*path, section, number, key), message)


def _diagnosis(value: str, entry: Any) -> str | None:
    codes = embedded_code_sets().diagnoses
    kind = codes.lookup(value)
    if kind is None:
        return (
            f"`{value}` is not in ICD-10-CM, {codes.vintage.name}; mark it disputed, or correct it"
        )
    if kind == "header" and entry.verdict == "indicated":
        return (
            f"`{value}` is a header, which no line can carry; "
            f"write the prefix `{value}{'' if '.' in value else '.'}-` for all codes below it"
        )
    return None


def _place(value: str, entry: Any) -> str | None:
    if embedded_code_sets().places.assigned_on(value, None):
        return None
    return f"`{value}` is no assigned place of service; mark it disputed, or correct it"


def _modifier(value: str, entry: Any) -> str | None:
    codes = embedded_code_sets().modifiers
    if codes.lookup(value) is not None or not codes.is_complete_for(value):
        return None
    return f"`{value}` is no CPT modifier; mark it disputed, or correct it"
