"""Everything that can be said against rule files: what stops them from loading, and their style."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs

from claimcheck.authoring.lint_values import value_problems
from claimcheck.errors import RuleFileError, RuleProblem
from claimcheck.ruleset.build import Assembly, assemble
from claimcheck.ruleset.bundled import bundled_rules
from claimcheck.ruleset.load import LoadedFile, is_test_file, read_rule_file, rule_files
from claimcheck.ruleset.model import ALWAYS, SECTIONS, Entry, Statements
from claimcheck.ruleset.ruleset import RuleSet, empty_rules, layers_below
from claimcheck.ruleset.shapes import LISTS, parts_of
from claimcheck.ruleset.values import parse_pattern

__all__ = ["LONGEST_REASON", "lint_rules"]

LONGEST_REASON = 300
"""Characters that a `because` may have."""

# A full stop that ends a sentence: after a word of three letters or more, or after a bracket.
_NEXT_SENTENCE = re.compile(r"(?:[a-z]{3}|[)\]\"])[.!?] +[A-Z]")


def lint_rules(folders: Sequence[Path], *, bundled: bool | None = None) -> tuple[RuleProblem, ...]:
    """Find every problem of the rule files in folders, in the order of files and places.

    Args:
        folders: folders of rule files, or single files.
        bundled: whether the bundled rules lie below. None: they do, unless a folder brings a family
            that they have, and so is a rule set of its own (as the bundled folder itself is).
    """
    folders = [Path(folder) for folder in folders]
    problems: list[RuleProblem] = []
    try:
        below = empty_rules() if bundled is False else bundled_rules()
    except RuleFileError as error:
        below = empty_rules()
        problems += error.problems if bundled else ()
    if bundled is None and _brings_families(folders, below):
        below = empty_rules()
    assembly = assemble(folders, below, "linted")
    problems += assembly.problems
    for file in assembly.files:
        problems += _style(file)
        problems += value_problems(file)
    problems += _repeated(assembly)
    problems += _check_tests(folders)
    return tuple(sorted(set(problems)))


def _brings_families(folders: Iterable[Path], below: RuleSet) -> bool:
    return any(
        (folder / "families" / f"{name}.yaml").is_file()
        for folder in folders
        for name in below.families
    )


def _style(file: LoadedFile) -> Iterator[RuleProblem]:
    model: Any = file.model
    if file.kind in ("code", "family") and model.title is None:
        yield file.problem((), f"`title` is missing; a {file.kind} file says what it is about")
    if file.kind == "code" and model.family is None:
        yield file.problem((), "`family` is missing; a code has the entries of its family, too")
    if file.kind in ("code", "family") and model.status == "reviewed" and not _has_entries(model):
        message = "the file is reviewed and has no entry; allowed: draft, or some entries"
        yield file.problem(("status",), message)
    for path, part in parts_of(file):
        for name in (*SECTIONS, *LISTS):
            for number, thing in enumerate(getattr(part, name, ())):
                at = (*path, name, number)
                yield from _reason(file, (*at, "because"), thing.because)
                dispute = getattr(thing, "disputed", None)
                if dispute is not None:
                    yield from _reason(file, (*at, "disputed", "because"), dispute.because)


def _has_entries(model: Any) -> bool:
    return any(getattr(model, name, ()) for name in (*SECTIONS, *LISTS))


def _reason(
    file: LoadedFile, path: tuple[str | int, ...], because: str | None
) -> Iterator[RuleProblem]:
    if because is None:
        return
    if len(because) > LONGEST_REASON:
        message = f"`because` has {len(because)} characters; allowed: {LONGEST_REASON}"
        yield file.problem(path, message)
    elif _NEXT_SENTENCE.search(because):
        message = "`because` has two sentences; one says why, the rest goes to `document` or a fact"
        yield file.problem(path, message)


def _repeated(assembly: Assembly) -> Iterator[RuleProblem]:
    """Entries that say word for word what the layers below say."""
    rules = assembly.rules
    if rules is None:
        return
    overlays = {overlay.name: overlay for overlay in rules.overlays}
    for file in assembly.files:
        model: Any = file.model
        if file.kind == "code":
            code = rules.code_file(model.code)
            if code is not None and code.family is not None:
                chain = rules.family_chain(code.family)
                below = tuple(family.statements for family in chain)
                yield from _repeats(file, (), code.statements, below)
        elif file.kind == "family":
            *bases, family = rules.family_chain(model.family)
            below = tuple(base.statements for base in bases)
            yield from _repeats(file, (), family.statements, below)
        elif file.kind == "overlay":
            overlay = overlays[model.overlay]
            for number, part in enumerate(overlay.statements):
                below = layers_below(
                    rules,
                    part.statements,
                    code=part.code,
                    family=part.family,
                    payer=overlay.payer,
                )
                yield from _repeats(file, ("statements", number), part.statements, below)


def _repeats(
    file: LoadedFile,
    path: tuple[str | int, ...],
    statements: Statements,
    below: Sequence[Statements],
) -> Iterator[RuleProblem]:
    for section in SECTIONS:
        for number, entry in enumerate(getattr(statements, section)):
            key = _key(entry)
            known = next(
                (
                    other
                    for part in reversed(below)
                    for other in getattr(part, section)
                    if _key(other) == key
                ),
                None,
            )
            if known is not None and _words(known) == _words(entry):
                message = f"the entry says word for word what {known.id} says below; leave it out"
                yield file.problem((*path, section, number), message)


def _key(entry: Entry) -> tuple[object, ...]:
    return parse_pattern(entry.value), entry.role, entry.period


def _words(entry: Entry) -> Entry:
    return attrs.evolve(
        entry, id="", layer="", value="", citations=(), period=ALWAYS, replaces=None, derived=None
    )


def _check_tests(folders: Iterable[Path]) -> Iterator[RuleProblem]:
    for folder in folders:
        for path in rule_files(folder) if folder.is_dir() else ():
            if is_test_file(path):
                yield from _check_test(path)


def _check_test(path: Path) -> Iterator[RuleProblem]:
    file, problems = read_rule_file(path, ("test",))
    yield from problems
    if file is None:
        return
    model: Any = file.model
    if model.code != file.stem:
        message = f"`code` is {model.code}, but the file is {path.name}"
        yield file.problem(("code",), f"{message}; allowed: {model.code}.test.yaml")
    seen: dict[str, int] = {}
    for number, case in enumerate(model.cases):
        if case.name in seen:
            line = file.marks.value(("cases", seen[case.name]))[0]
            message = f"a second case of this name, besides the one in line {line}"
            yield file.problem(("cases", number, "name"), message)
        seen.setdefault(case.name, number)
