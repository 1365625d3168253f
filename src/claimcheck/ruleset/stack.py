"""Folders and packs on top of each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from claimcheck.errors import RuleFileError, RuleProblem
from claimcheck.ruleset.codec import encode
from claimcheck.ruleset.model import Overlay
from claimcheck.ruleset.pack import is_pack, open_pack
from claimcheck.ruleset.ruleset import JoinedCodes, RuleSet, empty_rules

__all__ = ["join_rules", "stack_rules"]


def stack_rules(paths: Sequence[Path], below: RuleSet | None) -> RuleSet:
    """Put folders, files and packs on top of ``below``, in order; neighbours are read together.

    Raises:
        RuleFileError: with every problem found.
    """
    rules = below
    run: list[Path] = []
    for path in paths:
        if not is_pack(path):
            run.append(path)
            continue
        rules = _with_folders(rules, run)
        run = []
        pack = open_pack(path)
        rules = pack if rules is None else join_rules(rules, pack, str(path))
    return _with_folders(rules, run) or empty_rules()


def _with_folders(rules: RuleSet | None, folders: list[Path]) -> RuleSet | None:
    if not folders:
        return rules
    from claimcheck.ruleset.build import assemble

    names = [folder.resolve().name for folder in folders]
    name = "+".join(names if rules is None else [rules.name, *names])
    return assemble(folders, rules or empty_rules(), name).or_raise()


def join_rules(below: RuleSet, above: RuleSet, label: str) -> RuleSet:
    """Two rule sets as one. What both have must be the same in both.

    Raises:
        RuleFileError: a source, a code, a family or an overlay is in both and differs.
    """
    twice = [
        *_differing("source", below.sources, above.sources),
        *_differing("family", below.families, above.families),
        *_differing("overlay", _by_name(below), _by_name(above)),
        *(
            f"code {code}"
            for code in sorted({*below.codes} & {*above.codes})
            if below.store.digest(code) != above.store.digest(code)
        ),
    ]
    if twice:
        where = f"{below.name} {below.version}"
        raise RuleFileError(
            tuple(
                RuleProblem(label, 1, 1, f"{what} is in {where} too, and differs; say it once")
                for what in twice
            )
        )
    # A pack made on top of the bundled rules has their name in its own.
    own = above.name.removeprefix(f"{below.name}+")
    return RuleSet(
        name=f"{below.name}+{own}",
        version=below.version,
        sources={**below.sources, **above.sources},
        families={**below.families, **above.families},
        overlays={**_by_name(below), **_by_name(above)}.values(),
        codes=JoinedCodes([below.store, above.store]),
        summary=below.summary.joined(above.summary),
    )


def _by_name(rules: RuleSet) -> dict[str, Overlay]:
    return {overlay.name: overlay for overlay in rules.overlays}


def _differing(
    what: str, below: Mapping[str, object], above: Mapping[str, object]
) -> Iterator[str]:
    for name in sorted({*below} & {*above}):
        if encode(below[name]) != encode(above[name]):
            yield f"{what} {name}"
