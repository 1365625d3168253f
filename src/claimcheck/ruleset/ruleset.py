"""The rule set: all compiled rules, with a version and a content hash, and the rule of one code."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Protocol

import attrs

from claimcheck._version import __version__
from claimcheck.dates import boundaries_of
from claimcheck.ruleset.codec import content_hash, digest, encode
from claimcheck.ruleset.model import (
    SECTIONS,
    CodeFile,
    Family,
    Overlay,
    Rule,
    Section,
    Source,
    Statements,
)

__all__ = [
    "CodeStore",
    "JoinedCodes",
    "LoadedCodes",
    "PayerWords",
    "RuleSet",
    "Summary",
    "empty_rules",
    "layers_below",
    "plain_name",
    "summary_of",
]


class CodeStore(Protocol):
    """Where a rule set has its code files: in memory, or still undecoded in a pack."""

    @property
    def names(self) -> tuple[str, ...]:
        """All codes, sorted."""

    def get(self, code: str) -> CodeFile | None:
        """The compiled file of a code, or None."""

    def blob(self, code: str) -> bytes:
        """The canonical bytes of a code that is there."""

    def digest(self, code: str) -> bytes:
        """The digest of those bytes."""


class LoadedCodes:
    """Code files in memory."""

    def __init__(self, files: Iterable[CodeFile]) -> None:
        found = {file.code: file for file in files}
        self._files = {code: found[code] for code in sorted(found)}
        self._digests: dict[str, bytes] = {}
        self.names = tuple(self._files)

    def get(self, code: str) -> CodeFile | None:
        """The compiled file of a code, or None."""
        return self._files.get(code)

    def blob(self, code: str) -> bytes:
        """The canonical bytes of a code that is there."""
        return encode(self._files[code])

    def digest(self, code: str) -> bytes:
        """The digest of those bytes."""
        found = self._digests.get(code)
        if found is None:
            found = self._digests[code] = digest(self.blob(code))
        return found


class JoinedCodes:
    """Several stores as one; of a code that two of them have, the first store's file."""

    def __init__(self, stores: Sequence[CodeStore]) -> None:
        self._by_code = {code: store for store in reversed(stores) for code in store.names}
        self.names = tuple(sorted(self._by_code))

    def get(self, code: str) -> CodeFile | None:
        """The compiled file of a code, or None."""
        store = self._by_code.get(code)
        return None if store is None else store.get(code)

    def blob(self, code: str) -> bytes:
        """The canonical bytes of a code that is there."""
        return self._by_code[code].blob(code)

    def digest(self, code: str) -> bytes:
        """The digest of those bytes."""
        return self._by_code[code].digest(code)


@attrs.frozen
class PayerWords:
    """A payer that rules name: its key, a name to show, and every way to write it."""

    key: str
    named: str
    written: tuple[str, ...]


@attrs.frozen
class Summary:
    """What the engine must know of all rules at once, without reading each."""

    conditions: tuple[str, ...] = ()
    boundaries: tuple[date, ...] = ()
    payers: tuple[PayerWords, ...] = ()

    def joined(self, other: Summary) -> Summary:
        """Both summaries as one; a payer that both name is shown under this one's name."""
        payers = {words.key: words for words in self.payers}
        for words in other.payers:
            known = payers.get(words.key, words)
            written = tuple(sorted({*known.written, *words.written}))
            payers[words.key] = attrs.evolve(known, written=written)
        return Summary(
            tuple(sorted({*self.conditions, *other.conditions})),
            tuple(sorted({*self.boundaries, *other.boundaries})),
            tuple(payers[key] for key in sorted(payers)),
        )


def summary_of(
    codes: Iterable[CodeFile], families: Iterable[Family], overlays: Iterable[Overlay]
) -> Summary:
    """The summary of compiled files."""
    periods, conditions, payers = set(), set(), dict[str, PayerWords]()
    parts = [family.statements for family in families]
    for code in codes:
        periods.add(code.period)
        parts.append(code.statements)
    for overlay in overlays:
        parts += [statement.statements for statement in overlay.statements]
        if overlay.payer is not None:
            _hear_of(payers, overlay.payer, overlay.payer, ())
    for part in parts:
        periods.update(part.periods())
        conditions |= {entry.when for entry in part.entries() if entry.when is not None}
        for payer in part.payers:
            _hear_of(payers, payer.payer, payer.named, payer.also_written)
    boundaries = {day for period in periods for day in boundaries_of(period)}
    known = tuple(payers[key] for key in sorted(payers))
    return Summary(tuple(sorted(conditions)), tuple(sorted(boundaries)), known)


def _hear_of(payers: dict[str, PayerWords], key: str, named: str, also: tuple[str, ...]) -> None:
    known = payers.get(key)
    # A payer's own key is a name of last resort: `aetna` gives way to `Aetna`.
    shown = named if known is None or known.named == key else known.named
    written = () if known is None else known.written
    payers[key] = PayerWords(key, shown, tuple(sorted({*written, key, named, *also})))


def plain_name(text: str) -> str:
    """A payer's name for comparison: letters and digits only, without case."""
    return "".join(character for character in text.casefold() if character.isalnum())


class RuleSet:
    """All compiled rules. Immutable; the rules that it hands out are made on first use and kept.

    Attributes:
        name: the name of the rule set, for example ``claimcheck-bundled+my-rules``.
        version: its version.
        sources: the sources that citations name, by id.
        families: the compiled families, by name.
        overlays: the compiled overlays, payers' before sites', in the order of their loading.
        store: where the code files are; for packs and joins.
        summary: what the properties below are made of.
    """

    def __init__(
        self,
        *,
        name: str,
        version: str,
        sources: Mapping[str, Source],
        families: Mapping[str, Family],
        overlays: Iterable[Overlay],
        codes: CodeStore,
        summary: Summary,
        content: str | None = None,
    ) -> None:
        self.name = name
        self.version = version
        self.sources = MappingProxyType({key: sources[key] for key in sorted(sources)})
        self.families = MappingProxyType({key: families[key] for key in sorted(families)})
        self.overlays = tuple(sorted(overlays, key=lambda overlay: overlay.payer is None))
        self.store = codes
        self.summary = summary
        self._overlay_payers = {o.payer for o in self.overlays if o.payer is not None}
        self._stacks: dict[tuple[str, str | None], _Stack | None] = {}
        self._rules: dict[object, Rule] = {}
        self._lock = threading.RLock()
        self._content = content

    def __repr__(self) -> str:
        return f"<RuleSet {self.name} {self.version}: {len(self.codes)} codes>"

    @property
    def codes(self) -> tuple[str, ...]:
        """All codes that have a rule file, sorted."""
        return self.store.names

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the compiled content, hexadecimal; the set's name and place are not in it."""
        return self._content or content_hash(self._parts())

    def _parts(self) -> Iterator[tuple[str, bytes]]:
        for source in self.sources.values():
            yield f"source {source.id}", digest(encode(source))
        for family in self.families.values():
            yield f"family {family.name}", digest(encode(family))
        for code in self.codes:
            yield f"code {code}", self.store.digest(code)
        for overlay in self.overlays:
            yield f"overlay {overlay.name}", digest(encode(overlay))

    @cached_property
    def conditions(self) -> frozenset[str]:
        """Every condition that some entry names and that a line may confirm."""
        return frozenset(self.summary.conditions)

    @cached_property
    def boundaries(self) -> frozenset[date]:
        """Every day on which something begins to hold or has ceased to."""
        return frozenset(self.summary.boundaries)

    @cached_property
    def payers(self) -> Mapping[str, str]:
        """Every payer that some rule names: its key and a name to show."""
        return MappingProxyType({words.key: words.named for words in self.summary.payers})

    def payer_key(self, text: str) -> str | None:
        """The key of a payer written in some way (case, blanks and punctuation aside), or None."""
        return self._payer_keys.get(plain_name(text))

    @cached_property
    def _payer_keys(self) -> Mapping[str, str]:
        return {
            plain_name(text): words.key for words in self.summary.payers for text in words.written
        }

    def code_file(self, code: str) -> CodeFile | None:
        """The compiled file of a code, or None."""
        return self.store.get(code)

    def family_chain(self, family: str | None) -> tuple[Family, ...]:
        """A family and what it extends, base first."""
        chain: list[Family] = []
        while family is not None:
            chain.append(self.families[family])
            family = chain[-1].extends
        return tuple(reversed(chain))

    def rule(self, code: str, payer: str | None = None, day: date | None = None) -> Rule | None:
        """The rule of a code, or None if no file speaks of it.

        Args:
            code: procedure code, upper case.
            payer: a payer's key (see ``payer_key``); None, or one without overlay: none of them.
            day: date of service; None for an undated line, which takes what is still open.
        """
        if payer not in self._overlay_payers:
            payer = None
        try:
            stack = self._stacks[code, payer]
        except KeyError:
            stack = self._make_stack(code, payer)
        return None if stack is None else stack.on(day)

    def _make_stack(self, code: str, payer: str | None) -> _Stack | None:
        file = self.store.get(code)
        if file is None:
            return None
        chain = self.family_chain(file.family)
        layers = self.layers(file, payer)
        with self._lock:
            return self._stacks.setdefault((code, payer), _Stack(self, file, chain, layers))

    def layers(self, file: CodeFile, payer: str | None) -> tuple[Statements, ...]:
        """Everything that speaks of a code for a payer, wide to narrow, whatever the date."""
        chain = self.family_chain(file.family)
        found = [family.statements for family in chain]
        found.append(file.statements)
        for overlay in self.overlays:
            if overlay.payer is None or overlay.payer == payer:
                found += _of_overlay(overlay, chain, file.code)
        return tuple(found)

    def _rule_of(self, key: tuple[object, ...], stack: _Stack, day: date | None) -> Rule:
        with self._lock:
            rule = self._rules.get(key)
            if rule is None:
                parts = tuple(part.in_force(day) for part in stack.layers)
                names = tuple(family.name for family in stack.chain)
                rule = Rule(len(self._rules), stack.file, names, parts, stack.had)
                self._rules[key] = rule
            return rule

    def __eq__(self, other: object) -> bool:
        """Whether the other has the same name, version and content."""
        if not isinstance(other, RuleSet):
            return NotImplemented
        return (self.name, self.version, self.hash) == (other.name, other.version, other.hash)

    def __hash__(self) -> int:
        return hash(self.hash)

    def __reduce__(self) -> tuple[object, ...]:
        from claimcheck.ruleset.pack import pack_bytes, unpack

        return unpack, (pack_bytes(self), self.name)


def empty_rules() -> RuleSet:
    """A rule set without rules, to put others on."""
    return RuleSet(
        name="empty",
        version=__version__,
        sources={},
        families={},
        overlays=(),
        codes=LoadedCodes(()),
        summary=Summary(),
    )


def _of_overlay(overlay: Overlay, chain: Sequence[Family], code: str | None) -> list[Statements]:
    found = []
    for family in chain:
        found += [part.statements for part in overlay.statements if part.family == family.name]
    found += [part.statements for part in overlay.statements if code and part.code == code]
    return found


def layers_below(
    rules: RuleSet, part: Statements, *, code: str | None, family: str | None, payer: str | None
) -> tuple[Statements, ...]:
    """The layers below what an overlay says of a code, or of a family, wide to narrow."""
    file = None if code is None else rules.code_file(code)
    if file is not None:
        layers = rules.layers(file, payer)
    else:
        chain = rules.family_chain(family)
        layers = tuple(family.statements for family in chain)
        for overlay in rules.overlays:
            if overlay.payer is None or overlay.payer == payer:
                layers += tuple(_of_overlay(overlay, chain, None))
    at = next(number for number, layer in enumerate(layers) if layer is part)
    return layers[:at]


class _Stack:
    """The layers of one code for one payer, cut into stretches in which nothing changes."""

    __slots__ = ("_by_stretch", "_key", "_rules", "_starts", "chain", "file", "had", "layers")

    def __init__(
        self,
        rules: RuleSet,
        file: CodeFile,
        chain: tuple[Family, ...],
        layers: tuple[Statements, ...],
    ) -> None:
        self._rules = rules
        self.file = file
        self.chain = chain
        self.layers = layers
        self.had: frozenset[Section] = frozenset(
            section for section in SECTIONS if any(getattr(part, section) for part in layers)
        )
        periods = {period for part in layers for period in part.periods()}
        self._starts = sorted({day for period in periods for day in boundaries_of(period)})
        # Layers live as long as the rule set does, so their identity names them.
        self._key = (file.code, *map(id, layers))
        self._by_stretch: dict[int, Rule] = {}

    def on(self, day: date | None) -> Rule:
        stretch = -1 if day is None else bisect_right(self._starts, day)
        rule = self._by_stretch.get(stretch)
        if rule is None:
            periods = (period for part in self.layers for period in part.periods())
            in_force = tuple(period.holds(day) for period in periods)
            rule = self._rules._rule_of((self._key, in_force), self, day)
            self._by_stretch[stretch] = rule
        return rule
