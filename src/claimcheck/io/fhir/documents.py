"""The JSON documents of an input: NDJSON line by line, and documents over many lines one after the other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import Any, Final

import attrs
import msgspec

from claimcheck.errors import InputError
from claimcheck.io.fhir.detect import object_of
from claimcheck.io.fhir.values import EMPTY
from claimcheck.io.raw import RawLines

__all__ = ["LARGEST", "Read", "documents"]

LARGEST: Final = 512 << 20
"""Bytes that one document may have: it is read as a whole."""

_POSITION: Final = re.compile(r"\(byte (\d+)\)")
_TRAILING: Final = "trailing characters"
_BLANK: Final = re.compile(rb"(?:\s|\xef\xbb\xbf)*")
_OPENED: Final = re.compile(rb'\{\r?\n([ \t]+)"')
_FIRST_SIGNS: Final = frozenset([b"{", b"}", b"\xef"])
_OPENING: Final = re.compile(rb"(?:\xef\xbb\xbf)?\{")
_GLUED: Final = re.compile(rb"\}[ \t\r]*(?=(?:\xef\xbb\xbf)?\{)")
# Nothing of the kind stands within a document that is whole.
_BETWEEN: Final = rb'\n\{(?=\s*"resourceType"|\r?\n[ \t])|\}\s*\{(?=\s*"resourceType")'


@attrs.frozen
class Read:
    """A JSON document, or why it is none."""

    document: dict[str, Any] = EMPTY
    refused: str | None = None


Placed = tuple[int, Read]


def documents(raw: RawLines) -> Iterator[Placed]:
    """Every document, or why a text is none, with its first physical line.

    An input is NDJSON if its first line is a document by itself; or its second, since a first line may
    be damaged. In anything else, and from a line on that does no more than open an object, documents
    may have many lines.

    Raises:
        InputError: a document over many lines is too long.
    """
    raw.longest = LARGEST
    first = next(raw, b"")
    at = raw.number
    found = list(_within(first, at))
    if first is not None and found[0][1].refused is not None:
        second = next(raw, b"")
        if "resourceType" not in (object_of(second or b"") or EMPTY):
            yield from _over_lines(raw, at, [first, second])
            return
        found.extend(_within(second, raw.number))
    yield from found
    for line in raw:
        if line is not None and line.strip() == b"{":
            yield from _over_lines(raw, raw.number, [line])
            return
        if line is None or line.strip():
            yield from _within(line, raw.number)


def _over_lines(raw: RawLines, at: int, begun: list[bytes | None]) -> Iterator[Placed]:
    """The documents of an input from line ``at`` on; ``begun`` are its lines that were read already.

    Where a line that ends an object is followed by one that begins with another, or goes on with it,
    there is no document over both: so much is read at once.
    """
    lines: list[bytes] = []
    size, number = 0, at
    for line in chain(begun, raw):
        if line is not None and line[:1] in _FIRST_SIGNS:
            cut = _end_before(line, lines)
            if cut is not None:
                yield from _within(b"".join([*lines, line[:cut]]), at)
                lines, size, at, line = [], 0, number, line[cut:]
        size += LARGEST + 1 if line is None else len(line)
        if line is None or size > LARGEST:
            raise InputError(
                f"{raw.name}: is no NDJSON, and has a JSON document of more than {LARGEST:,} bytes; "
                "write its Claims as NDJSON, one to a line"
            )
        lines.append(line)
        number += 1
    yield from _within(b"".join(lines), at)


def _end_before(line: bytes, lines: list[bytes]) -> int | None:
    """Where in a line a document ends that ``lines`` began, and another begins; None if none does."""
    glued = _GLUED.match(line)
    if glued is not None:
        return glued.end()
    if _OPENING.match(line) is None:
        return None
    before = next((told for one in reversed(lines) if (told := one.rstrip())), b"")
    return 0 if before.endswith(b"}") else None


def _within(text: bytes | None, at: int) -> Iterator[Placed]:
    """The documents of a text that begins on line ``at``: one, as a rule."""
    if text is None:
        yield at, Read(refused=f"the resource is longer than {LARGEST:,} bytes")
        return
    view, start = memoryview(text), _after_blanks(text, 0)
    while True:
        read, size = _first(view[start:])
        end = len(text) if size is None else start + size
        if read.refused is not None:
            end = _next_start(text, start)
            read, _ = _first(view[start:end])  # whatever follows is no part of it
        yield at, read
        after = _after_blanks(text, end)
        if after >= len(text):
            return
        at += text.count(b"\n", start, after)
        start = after


def _after_blanks(text: bytes, start: int) -> int:
    blank = _BLANK.match(text, start)
    return start if blank is None else blank.end()


def _first(text: memoryview) -> tuple[Read, int | None]:
    """The first document of a text, and its size if more follows."""
    try:
        return _checked(msgspec.json.decode(text)), None
    except (ValueError, RecursionError) as error:
        refused = Read(refused=_reason(error))
        position = _POSITION.search(str(error)) if _TRAILING in str(error) else None
    if position is None:
        return refused, None
    size = int(position[1]) - 1  # the parser stands behind the sign that it did not expect
    try:
        return _checked(msgspec.json.decode(text[:size])), size
    except (ValueError, RecursionError):
        return refused, None


def _checked(read: Any) -> Read:
    if type(read) is not dict:
        return Read(refused="the text is JSON, but no object")
    return Read(read)


def _next_start(text: bytes, start: int) -> int:
    """Where the next document begins behind one that is damaged; the end of the text if none is told.

    Of documents over many lines it is told by the indent of their first key, which no object within
    them has.
    """
    opened = _OPENED.match(text, start)
    indented = b"" if opened is None else rb'|\{(?=\r?\n%s")' % re.escape(opened[1])
    found = re.compile(_BETWEEN + indented).search(text, start + 1)
    return len(text) if found is None else found.end() - 1


def _reason(error: Exception) -> str:
    """Why a text is rejected; only the position is taken from the parser's message."""
    if isinstance(error, RecursionError):
        return "the text is nested too deeply"
    position = _POSITION.search(str(error))
    if position:
        return f"the text is no JSON (byte {int(position[1]) + 1})"
    if isinstance(error, UnicodeDecodeError):
        return "the text has bytes that are not UTF-8"
    return "the text is no JSON"
