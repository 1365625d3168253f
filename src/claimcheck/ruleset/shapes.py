"""What shows in one rule file alone: shapes of values, dates, overlaps, keys that go together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any, TypeAlias

from claimcheck.dates import Period
from claimcheck.errors import RuleProblem
from claimcheck.ruleset.compile import VALUE_KEYS, period_of
from claimcheck.ruleset.load import LoadedFile
from claimcheck.ruleset.model import SECTIONS, Section
from claimcheck.ruleset.values import Pattern, ValueKind, parse_pattern, what_is_allowed
from claimcheck.ruleset.yamlfile import TreePath

__all__ = ["KEBAB_CASE", "LISTS", "Problems", "check_file", "parts_of"]

Problems: TypeAlias = Iterator[RuleProblem]

KEBAB_CASE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_SOURCE_ID = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATES = '"YYYY-MM-DD", "YYYY-MM", "YYYY", unstated'
LISTS = ("conflicts", "payers", "related", "facts")


def parts_of(file: LoadedFile) -> list[tuple[TreePath, Any]]:
    """The parts of a file that have entries: the file itself, or an overlay's statements."""
    if file.kind == "overlay":
        found: Any = file.model
        return [(("statements", number), part) for number, part in enumerate(found.statements)]
    return [] if file.kind == "sources" else [((), file.model)]


def check_file(file: LoadedFile) -> Problems:
    """Every problem that shows in the file alone."""
    yield from _CHECKS[file.kind](file)
    for path, part in parts_of(file):
        for section in SECTIONS:
            entries = getattr(part, section)
            for number, entry in enumerate(entries):
                yield from _check_entry(file, (*path, section, number), section, entry)
            yield from _check_overlaps(file, (*path, section), section, entries)
        yield from _check_lists(file, path, part)


def _check_sources(file: LoadedFile) -> Problems:
    if file.stem != "sources":
        yield file.problem(("schema",), "a sources file is called sources.yaml")
    seen: dict[str, int] = {}
    model: Any = file.model
    for number, source in enumerate(model.sources):
        at: TreePath = ("sources", number)
        yield from _check_word(file, (*at, "id"), source.id, _SOURCE_ID)
        if source.id in seen:
            line = file.marks.value(("sources", seen[source.id], "id"))[0]
            message = f"source `{source.id}` stands twice; it stands in line {line} already"
            yield file.problem((*at, "id"), message)
        seen.setdefault(source.id, number)
        if not _is_partial_date(source.date):
            message = f'"{source.date}" is no date; allowed: {_DATES}'
            yield file.problem((*at, "date"), message)
        if source.sha256 is not None and not _SHA256.fullmatch(source.sha256):
            message = "`sha256` is no digest; allowed: 64 digits 0-9, a-f"
            yield file.problem((*at, "sha256"), message)


def _check_code(file: LoadedFile) -> Problems:
    model: Any = file.model
    yield from _check_value(file, ("code",), "code", model.code, exact=True)
    yield from _check_name(file, "code", model.code)
    yield from _check_effective(file, ("effective",), model.effective)
    yield from _check_dispute(file, ("disputed",), "code", model.disputed)
    if model.effective != "unstated" and model.effective.from_ == model.effective.to == "unstated":
        message = "neither `from` nor `to` is stated; write `effective: unstated`"
        yield file.problem(("effective",), message)


def _check_family(file: LoadedFile) -> Problems:
    model: Any = file.model
    yield from _check_word(file, ("family",), model.family)
    yield from _check_name(file, "family", model.family)


def _check_overlay(file: LoadedFile) -> Problems:
    model: Any = file.model
    yield from _check_word(file, ("overlay",), model.overlay)
    yield from _check_name(file, "overlay", model.overlay)
    if model.payer is not None:
        yield from _check_word(file, ("payer",), model.payer)
    seen: dict[tuple[str | None, str | None], int] = {}
    for number, part in enumerate(model.statements):
        at: TreePath = ("statements", number)
        if (part.code is None) == (part.family is None):
            have = "neither `code` nor `family`" if part.code is None else "`code` and `family`"
            yield file.problem(at, f"a statement has {have}; allowed: exactly one of the two")
            continue
        if part.code is not None:
            yield from _check_value(file, (*at, "code"), "code", part.code, exact=True)
        about = (part.code, part.family)
        if about in seen:
            line = file.marks.value(("statements", seen[about]))[0]
            what = f"code {part.code}" if part.code is not None else f"family {part.family}"
            message = f"a second statement about {what}; put its entries to the one in line {line}"
            yield file.problem(at, message)
        seen.setdefault(about, number)


_CHECKS: dict[str, Callable[[LoadedFile], Problems]] = {
    "sources": _check_sources,
    "code": _check_code,
    "family": _check_family,
    "overlay": _check_overlay,
}


def _check_name(file: LoadedFile, key: str, name: str) -> Problems:
    if file.stem != name:
        message = f"`{key}` is {name}, but the file is {file.path.name}; allowed: {name}.yaml"
        yield file.problem((key,), message)


def _check_word(
    file: LoadedFile, path: TreePath, word: str, shape: re.Pattern[str] = KEBAB_CASE
) -> Problems:
    if not shape.fullmatch(word):
        message = f"`{word}` is no kebab-case name; allowed: words of a-z and 0-9 with hyphens"
        yield file.problem(path, message)


def _check_value(
    file: LoadedFile, path: TreePath, kind: ValueKind, value: str, *, exact: bool = False
) -> Problems:
    allowed = what_is_allowed(kind, value, exact=exact)
    if allowed is not None:
        yield file.problem(path, f'"{value}" is no {kind}; allowed: {allowed}')


def _is_day(text: str) -> bool:
    try:
        return bool(_DAY.fullmatch(text) and date.fromisoformat(text))
    except ValueError:
        return False


def _is_partial_date(text: str) -> bool:
    rest = {4: "-01-01", 7: "-01"}.get(len(text), "")
    return text == "unstated" or _is_day(text + rest)


def _check_effective(file: LoadedFile, path: TreePath, effective: Any) -> Problems:
    if isinstance(effective, str):
        return
    bad = False
    for key, text in (("from", effective.from_), ("to", effective.to)):
        if text != "unstated" and not _is_day(text):
            bad = True
            message = f'"{text}" is no day of the calendar; allowed: "YYYY-MM-DD", unstated'
            yield file.problem((*path, key), message)
    stated = "unstated" not in (effective.from_, effective.to)
    if stated and not bad and effective.from_ > effective.to:
        message = f"`from` {effective.from_} is after `to` {effective.to}; both days are inclusive"
        yield file.problem((*path, "from"), message)


def period_like(effective: Any) -> Period | None:
    """The period of an ``effective`` key; None if it states no day, or none that is real."""
    if isinstance(effective, str):
        return None
    stated = [text for text in (effective.from_, effective.to) if text != "unstated"]
    return period_of(effective) if stated and all(map(_is_day, stated)) else None


def _check_entry(file: LoadedFile, path: TreePath, section: Section, entry: Any) -> Problems:
    key = VALUE_KEYS[section]
    kind: Any = key
    yield from _check_value(file, (*path, key), kind, getattr(entry, key))
    yield from _check_effective(file, (*path, "effective"), entry.effective)
    verdict = entry.verdict
    if verdict == "conditional" and entry.when is None:
        message = "`conditional` without `when`; name the condition that a line may confirm"
        yield file.problem((*path, "verdict"), message)
    for name in ("when", "document"):
        if verdict != "conditional" and getattr(entry, name) is not None:
            message = f"`{name}` with the verdict {verdict}; it stands with conditional only"
            yield file.problem((*path, name), message, at_key=True)
    if entry.when is not None:
        yield from _check_word(file, (*path, "when"), entry.when)
    if entry.hedged is not None and verdict != "not-applicable":
        message = f"`hedged` with the verdict {verdict}; it stands with not-applicable only"
        yield file.problem((*path, "hedged"), message, at_key=True)
    yield from _check_dispute(file, (*path, "disputed"), kind, getattr(entry, "disputed", None))
    for number, exclusion in enumerate(getattr(entry, "excludes", ())):
        for index, code in enumerate(exclusion.codes):
            where = (*path, "excludes", number, "codes", index)
            yield from _check_value(file, where, "diagnosis", code)


def _check_dispute(file: LoadedFile, path: TreePath, kind: ValueKind, dispute: Any) -> Problems:
    for number, code in enumerate(dispute.meant if dispute is not None else ()):
        yield from _check_value(file, (*path, "meant", number), kind, code, exact=True)


def _check_overlaps(
    file: LoadedFile, path: TreePath, section: Section, entries: Sequence[Any]
) -> Problems:
    key = VALUE_KEYS[section]
    seen: dict[object, list[tuple[int, Pattern, Any]]] = {}
    for number, entry in enumerate(entries):
        written = getattr(entry, key)
        if what_is_allowed(key, written) is not None:  # type: ignore[arg-type]
            continue
        pattern = parse_pattern(written)
        role = getattr(entry, "role", None)
        group = ("range", role) if pattern.kind == "range" else (pattern, role)
        for other, known, first in seen.get(group, ()):
            if pattern.kind == "range" and not pattern.overlaps(known):
                continue
            if _share_days(entry, first):
                line = file.marks.value((*path, other))[0]
                message = f"{key} {written} overlaps {getattr(first, key)} in line {line}"
                message += "; one value has one entry on one day"
                yield file.problem((*path, number, key), message)
                break
        seen.setdefault(group, []).append((number, pattern, entry))


def _share_days(one: Any, other: Any) -> bool:
    first, second = (period_like(thing.effective) or Period() for thing in (one, other))
    return first.overlaps(second)


def _check_lists(file: LoadedFile, path: TreePath, part: Any) -> Problems:
    for name in LISTS:
        seen: dict[object, list[tuple[int, Any]]] = {}
        for number, thing in enumerate(getattr(part, name, ())):
            at = (*path, name, number)
            yield from _check_effective(file, (*at, "effective"), thing.effective)
            yield from _LIST_CHECKS[name](file, at, thing)
            key = _LIST_KEYS[name](thing)
            for other, first in seen.get(key, ()):
                if _share_days(thing, first):
                    line = file.marks.value((*path, name, other))[0]
                    message = (
                        f"the same in `{name}` stands in line {line} already, for the same days"
                    )
                    yield file.problem(at, message)
                    break
            seen.setdefault(key, []).append((number, thing))


def _check_conflict(file: LoadedFile, at: TreePath, conflict: Any) -> Problems:
    for number, modifier in enumerate(conflict.modifiers):
        yield from _check_value(file, (*at, "modifiers", number), "modifier", modifier, exact=True)
    if len(set(conflict.modifiers)) < len(conflict.modifiers):
        message = "one modifier stands twice; a conflict names different modifiers"
        yield file.problem((*at, "modifiers"), message)


def _check_payer(file: LoadedFile, at: TreePath, payer: Any) -> Problems:
    yield from _check_word(file, (*at, "payer"), payer.payer)


def _check_related(file: LoadedFile, at: TreePath, related: Any) -> Problems:
    yield from _check_value(file, (*at, "code"), "code", related.code, exact=True)
    yield from _check_dispute(file, (*at, "disputed"), "code", related.disputed)


def _check_fact(file: LoadedFile, at: TreePath, fact: Any) -> Problems:
    yield from _check_word(file, (*at, "fact"), fact.fact)


_LIST_CHECKS: dict[str, Callable[[LoadedFile, TreePath, Any], Problems]] = {
    "conflicts": _check_conflict,
    "payers": _check_payer,
    "related": _check_related,
    "facts": _check_fact,
}
_LIST_KEYS: dict[str, Callable[[Any], object]] = {
    "conflicts": lambda conflict: frozenset(conflict.modifiers),
    "payers": lambda payer: payer.payer,
    "related": lambda related: related.code,
    "facts": lambda fact: fact.fact,
}
