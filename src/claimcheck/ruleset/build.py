"""From folders to a rule set: read, check, compile, and put on top of what lies below."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs

from claimcheck.errors import RuleFileError, RuleProblem
from claimcheck.ruleset.compile import (
    compile_code,
    compile_family,
    compile_overlay,
    compile_sources,
)
from claimcheck.ruleset.load import LoadedFile, read_folder
from claimcheck.ruleset.model import Overlay, Source
from claimcheck.ruleset.replaced import check_replaced
from claimcheck.ruleset.resolve import Known, check_links
from claimcheck.ruleset.ruleset import (
    JoinedCodes,
    LoadedCodes,
    RuleSet,
    plain_name,
    summary_of,
)
from claimcheck.ruleset.shapes import check_file

__all__ = ["Assembly", "assemble"]


@attrs.frozen
class Assembly:
    """What came of reading folders: the rule set (None if there are problems), files, problems."""

    rules: RuleSet | None
    files: tuple[LoadedFile, ...]
    problems: tuple[RuleProblem, ...]

    def or_raise(self) -> RuleSet:
        """The rule set.

        Raises:
            RuleFileError: there are problems; it has all of them.
        """
        if self.rules is None:
            raise RuleFileError(self.problems)
        return self.rules


def assemble(folders: Sequence[Path], below: RuleSet, name: str) -> Assembly:
    """Read folders of YAML and put them on top of ``below``; all problems come together."""
    with _no_collector():
        readings = [read_folder(folder) for folder in folders]
        files = [file for reading in readings for file in reading.files]
        problems = [problem for reading in readings for problem in reading.problems]
        broken = {name for reading in readings for name in reading.broken}
        for file in files:
            problems += check_file(file)
        problems += check_links(files, _known(below, broken))
        rules = None
        if not problems:
            rules, overlays = _compile(files, below, name)
            for file, overlay in overlays:
                problems += check_replaced(file, overlay, rules)
    found = tuple(sorted(set(problems)))
    return Assembly(None if found else rules, tuple(files), found)


@contextmanager
def _no_collector() -> Iterator[None]:
    # Thousands of files make millions of objects and no garbage: the collector costs a third.
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _known(below: RuleSet, broken: set[str]) -> Known:
    here = f"{below.name} {below.version}"
    return Known(
        sources=dict.fromkeys(below.sources, here),
        families=dict.fromkeys(below.families, here),
        codes=dict.fromkeys(below.codes, here),
        overlays={overlay.name: here for overlay in below.overlays},
        payers={
            plain_name(text): words.key for words in below.summary.payers for text in words.written
        },
        broken=frozenset(broken),
    )


def _compile(
    files: Iterable[LoadedFile], below: RuleSet, name: str
) -> tuple[RuleSet, list[tuple[LoadedFile, Overlay]]]:
    sources: dict[str, Source] = dict(below.sources)
    families, codes, overlays = {}, [], []
    for file in files:
        model: Any = file.model
        if file.kind == "sources":
            sources.update({source.id: source for source in compile_sources(model)})
        elif file.kind == "family":
            families[model.family] = compile_family(model)
        elif file.kind == "code":
            codes.append(compile_code(model))
        else:
            overlays.append((file, compile_overlay(model)))
    new = [overlay for _, overlay in overlays]
    codes.sort(key=lambda code: code.code)
    store = LoadedCodes(codes)
    rules = RuleSet(
        name=name,
        version=below.version,
        sources=sources,
        families={**below.families, **families},
        overlays=(*below.overlays, *new),
        codes=JoinedCodes([below.store, store]) if below.codes else store,
        summary=below.summary.joined(summary_of(codes, families.values(), new)),
    )
    return rules, overlays
