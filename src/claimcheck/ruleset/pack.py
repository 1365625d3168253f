"""Packs: a rule set in one file, opened without reading it all.

Layout: eight bytes of magic, the format's number (4 bytes, big-endian), the length of the head (8
bytes), the SHA-256 digest of the head (32 bytes), the head (MessagePack), then one blob per code in
the order of the head's index. The head has everything but the code files, and each code's digest.
A code is decoded, and its digest verified, when it is first asked for.
"""

from __future__ import annotations

import mmap
import os
import struct
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import attrs
import msgspec

from claimcheck.errors import RuleFileError, RuleProblem
from claimcheck.ruleset.codec import decode, digest, encode
from claimcheck.ruleset.model import CodeFile, Family, Overlay, Source
from claimcheck.ruleset.ruleset import RuleSet, Summary

__all__ = ["FORMAT", "is_pack", "open_pack", "pack_bytes", "unpack", "write_pack"]

FORMAT = 1
_MAGIC = b"\x89CLMPACK"
_START = struct.Struct(">8sIQ32s")
T = TypeVar("T")


@attrs.frozen
class _Head:
    name: str
    version: str
    hash: str
    sources: tuple[Source, ...]
    families: tuple[Family, ...]
    overlays: tuple[Overlay, ...]
    summary: Summary
    codes: tuple[str, ...]
    lengths: tuple[int, ...]
    digests: bytes  # 32 bytes per code


class _PackedCodes:
    """Code files that are still bytes."""

    def __init__(self, data: bytes | mmap.mmap, start: int, head: _Head, label: str) -> None:
        self._data = data
        self._label = label
        self._digests = head.digests
        self._places: dict[str, tuple[int, int, int]] = {}
        for number, (code, length) in enumerate(zip(head.codes, head.lengths, strict=True)):
            self._places[code] = (number, start, start + length)
            start += length
        self._files: dict[str, CodeFile] = {}
        self.names = head.codes

    def get(self, code: str) -> CodeFile | None:
        """The compiled file of a code, or None; verified and decoded on first use."""
        file = self._files.get(code)
        if file is None and code in self._places:
            blob = self.blob(code)
            if digest(blob) != self.digest(code):
                raise _damaged(self._label, f"the rules for {code} are not what was written")
            # Two threads may both decode; the first one's outcome is kept, for identity's sake.
            file = self._files.setdefault(code, _decoded(blob, CodeFile, self._label))
        return file

    def blob(self, code: str) -> bytes:
        """The bytes of a code that is there."""
        _, begin, end = self._places[code]
        return self._data[begin:end]

    def digest(self, code: str) -> bytes:
        """The digest that those bytes must have."""
        number = self._places[code][0]
        return self._digests[32 * number : 32 * number + 32]


def _damaged(label: str, what: str) -> RuleFileError:
    return RuleFileError((RuleProblem(label, 1, 1, f"{what}; build the pack again"),))


def _decoded(blob: bytes, kind: type[T], label: str) -> T:
    try:
        return decode(blob, kind)
    except msgspec.MsgspecError:
        pass
    raise _damaged(label, "the pack has another shape than this version of claimcheck reads")


def _chunks(rules: RuleSet) -> Iterable[bytes]:
    head = encode(
        _Head(
            name=rules.name,
            version=rules.version,
            hash=rules.hash,
            sources=tuple(rules.sources.values()),
            families=tuple(rules.families.values()),
            overlays=rules.overlays,
            summary=rules.summary,
            codes=rules.codes,
            lengths=tuple(len(rules.store.blob(code)) for code in rules.codes),
            digests=b"".join(rules.store.digest(code) for code in rules.codes),
        )
    )
    yield _START.pack(_MAGIC, FORMAT, len(head), digest(head))
    yield head
    for code in rules.codes:
        yield rules.store.blob(code)


def pack_bytes(rules: RuleSet) -> bytes:
    """A rule set as the bytes of a pack; equal rule sets have equal bytes."""
    return b"".join(_chunks(rules))


def write_pack(rules: RuleSet, path: Path) -> None:
    """Write a rule set to one file, under a temporary name first, so that it is whole or not there.

    Raises:
        OSError: the file cannot be written; nothing is left behind.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as out:
            for chunk in _chunks(rules):
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def is_pack(path: Path) -> bool:
    """Whether the path is a file that is no YAML; if it is a sound pack, ``open_pack`` says."""
    return path.is_file() and path.suffix not in (".yaml", ".yml")


def open_pack(path: Path) -> RuleSet:
    """Open a pack. The file must stay as it is while the rule set is in use; replacing it is safe.

    Raises:
        RuleFileError: it cannot be read, is no pack, is damaged, or is of a newer format. Damage to
            the rules of one code shows when that code is first asked for.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size < _START.size:
                raise _no_pack(str(path))
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        problem = RuleProblem(str(path), 1, 1, f"the pack cannot be read: {reason}")
        raise RuleFileError((problem,)) from None
    return unpack(data, str(path))


def _no_pack(label: str) -> RuleFileError:
    message = "this is no claimcheck pack; packs are written by `claimcheck rules pack`"
    return RuleFileError((RuleProblem(label, 1, 1, message),))


def unpack(data: bytes | mmap.mmap, label: str) -> RuleSet:
    """The rule set in the bytes of a pack; ``label`` is what problems call it.

    Raises:
        RuleFileError: as for ``open_pack``.
    """
    if len(data) < _START.size:
        raise _no_pack(label)
    magic, number, length, expected = _START.unpack(data[: _START.size])
    if magic != _MAGIC:
        raise _no_pack(label)
    if number != FORMAT:
        message = f"a pack of format {number}; this version of claimcheck reads format {FORMAT}"
        advice = "update claimcheck" if number > FORMAT else "build the pack again"
        raise RuleFileError((RuleProblem(label, 1, 1, f"{message}; {advice}"),))
    start = _START.size + length
    blob = data[_START.size : start]
    if digest(blob) != expected:
        raise _damaged(label, "the pack is damaged")
    head = _decoded(blob, _Head, label)
    if start + sum(head.lengths) != len(data) or len(head.digests) != 32 * len(head.codes):
        raise _damaged(label, "the pack is cut short or has something after its end")
    return RuleSet(
        name=head.name,
        version=head.version,
        sources={source.id: source for source in head.sources},
        families={family.name: family for family in head.families},
        overlays=head.overlays,
        codes=_PackedCodes(data, start, head, label),
        summary=head.summary,
        content=head.hash,
    )
