"""What rule files must say together: names that are missing, twice, ambiguous or in a circle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import attrs

from claimcheck.ruleset.load import LoadedFile
from claimcheck.ruleset.model import SECTIONS
from claimcheck.ruleset.ruleset import plain_name
from claimcheck.ruleset.schema import near
from claimcheck.ruleset.shapes import KEBAB_CASE, LISTS, Problems, parts_of
from claimcheck.ruleset.yamlfile import TreePath

__all__ = ["Known", "check_links"]


@attrs.frozen
class Known:
    """What the rules below bring: names, each with the words that say where it is."""

    sources: Mapping[str, str] = attrs.field(factory=dict)
    families: Mapping[str, str] = attrs.field(factory=dict)
    codes: Mapping[str, str] = attrs.field(factory=dict)
    overlays: Mapping[str, str] = attrs.field(factory=dict)
    payers: Mapping[str, str] = attrs.field(factory=dict)
    """Payer keys by plain name."""
    broken: frozenset[str] = frozenset()
    """Names of files that could not be read: what they would have said is not missed."""


def check_links(files: Sequence[LoadedFile], below: Known) -> Problems:
    """Everything that files say of each other: names that are missing, twice, or in a circle."""
    sources = dict(below.sources)
    names: dict[str, dict[str, str]] = {
        "family": dict(below.families),
        "code": dict(below.codes),
        "overlay": dict(below.overlays),
    }
    for file in files:
        if file.kind == "sources":
            yield from _add_sources(file, sources)
        else:
            yield from _add_name(file, names[file.kind])
    for file in files:
        if file.kind != "sources":
            if "sources" not in below.broken:
                yield from _check_cites(file, sources)
            yield from _check_targets(file, names, below.broken)
    yield from _check_circles(files)
    yield from _check_payer_names(files, below.payers)


def _add_sources(file: LoadedFile, sources: dict[str, str]) -> Problems:
    model: Any = file.model
    mine = {}
    for number, source in enumerate(model.sources):
        if source.id in sources:
            message = (
                f"source `{source.id}` is in {sources[source.id]} already; allowed: another id"
            )
            yield file.problem(("sources", number, "id"), message)
        mine[source.id] = file.label
    sources.update(mine)


_SECOND = {
    "code": "a code has one file; to say more of it, write an overlay",
    "family": "a family has one file; to say more of it, write an overlay",
    "overlay": "an overlay has one file; allowed: another name",
}


def _add_name(file: LoadedFile, taken: dict[str, str]) -> Problems:
    name = getattr(file.model, file.kind)
    if name in taken:
        message = (
            f"a second file for {file.kind} {name}, besides {taken[name]}; {_SECOND[file.kind]}"
        )
        yield file.problem((file.kind,), message)
    taken.setdefault(name, file.label)


def _check_cites(file: LoadedFile, sources: Mapping[str, str]) -> Problems:
    own = getattr(file.model, "source", None)
    if own is not None and own not in sources:
        yield file.problem(("source",), _no_source(own, sources))
    for path, cite in _cites(file):
        if cite.source is None and own is None:
            message = "`source` is missing here, and the file has none either"
            yield file.problem(path, message)
        elif cite.source is not None and cite.source not in sources:
            yield file.problem((*path, "source"), _no_source(cite.source, sources))


def _no_source(name: str, sources: Mapping[str, str]) -> str:
    if not sources:
        return f"source `{name}` is in no sources.yaml; there is none"
    return f"source `{name}` is in no sources.yaml; {_some(name, sources)}"


def _some(name: str, known: Iterable[str]) -> str:
    """The allowed names; of many, the nearest only."""
    names = sorted(known)
    if len(names) <= 12:
        return near(name, names)
    nearest = near(name, names).partition(";")[0]
    return nearest if nearest.startswith("nearest") else f"there are {len(names)} others"


def _cites(file: LoadedFile) -> Iterator[tuple[TreePath, Any]]:
    """Every citation of a file, with its path."""
    for key in ("effective", "disputed"):
        thing = getattr(file.model, key, None)
        if thing is not None and not isinstance(thing, str):
            yield from _each_cite((key,), thing)
    for path, part in parts_of(file):
        for name in (*SECTIONS, *LISTS):
            for number, thing in enumerate(getattr(part, name, ())):
                at = (*path, name, number)
                yield from _each_cite(at, thing)
                dispute = getattr(thing, "disputed", None)
                if dispute is not None:
                    yield from _each_cite((*at, "disputed"), dispute)
                for index, exclusion in enumerate(getattr(thing, "excludes", ())):
                    yield from _each_cite((*at, "excludes", index), exclusion)


def _each_cite(path: TreePath, thing: Any) -> Iterator[tuple[TreePath, Any]]:
    if isinstance(thing.cite, list):
        for number, cite in enumerate(thing.cite):
            yield (*path, "cite", number), cite
    else:
        yield (*path, "cite"), thing.cite


def _check_targets(
    file: LoadedFile, names: Mapping[str, Mapping[str, str]], broken: frozenset[str]
) -> Problems:
    wanted: list[tuple[TreePath, str, str | None]] = []
    model: Any = file.model
    if file.kind == "code":
        wanted.append((("family",), "family", model.family))
    elif file.kind == "family":
        wanted.append((("extends",), "family", model.extends))
    else:
        for number, part in enumerate(model.statements):
            wanted.append((("statements", number, "family"), "family", part.family))
            wanted.append((("statements", number, "code"), "code", part.code))
    for path, kind, name in wanted:
        if name is not None and name not in names[kind] and name not in broken:
            have = names[kind]
            allowed = _some(name, have) if have else "there is none"
            yield file.problem(path, f"no rule file for {kind} {name}; {allowed}")


def _check_circles(files: Sequence[LoadedFile]) -> Problems:
    families: dict[str, Any] = {
        getattr(file.model, "family", ""): file for file in files if file.kind == "family"
    }
    for file in families.values():
        seen = [file.model.family]
        base = file.model.extends
        while base in families and base not in seen:
            seen.append(base)
            base = families[base].model.extends
        if base == file.model.family:
            circle = " extends ".join([*seen, base])
            yield file.problem(("extends",), f"a circle: {circle}; some family must extend none")


def _check_payer_names(files: Sequence[LoadedFile], below: Mapping[str, str]) -> Problems:
    known = dict(below)
    for file in files:
        key = getattr(file.model, "payer", None)
        if key is not None:
            yield from _add_payer(file, ("payer",), known, key, key)
        for path, part in parts_of(file):
            for number, payer in enumerate(getattr(part, "payers", ())):
                at = (*path, "payers", number)
                yield from _add_payer(file, (*at, "payer"), known, payer.payer, payer.payer)
                yield from _add_payer(file, (*at, "named"), known, payer.payer, payer.named)
                for index, text in enumerate(payer.also_written):
                    where = (*at, "also-written", index)
                    yield from _add_payer(file, where, known, payer.payer, text)


def _add_payer(
    file: LoadedFile, path: TreePath, known: dict[str, str], key: str, text: str
) -> Problems:
    plain = plain_name(text)
    if not plain:
        yield file.problem(path, f"`{text}` has no letter and no digit; a payer's name has some")
    elif KEBAB_CASE.fullmatch(key) and known.setdefault(plain, key) != key:
        message = f"`{text}` means payer {known[plain]} already; one name means one payer"
        yield file.problem(path, message)
