"""The JSON documents of an input: NDJSON line by line, and documents over many lines one after the other."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
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
_TRUNCATED: Final = "truncated"
_BLANK: Final = re.compile(rb"(?:\s|\xef\xbb\xbf)*")
_OPENED: Final = re.compile(rb'\{\r?\n([ \t]+)"')
_FIRST_SIGNS: Final = frozenset([b"{", b"}", b"\xef"])
_OPENING: Final = re.compile(rb"(?:\xef\xbb\xbf)?\{")
_GLUED: Final = re.compile(rb"\}[ \t\r]*(?=(?:\xef\xbb\xbf)?\{)")
_GLUED_WITHIN: Final = re.compile(rb"\}[ \t\r]*(?:\xef\xbb\xbf)?\{")
_BLANKS: Final = b" \t\r\n\xef\xbb\xbf"
_LINE_OPENED: Final = re.compile(rb"\n[ \t]*(?:\xef\xbb\xbf)?(\{[^\n]*)")
# Nothing of the kind stands within a document that is whole.
_BETWEEN: Final = rb'\n\{(?=\s*"resourceType"|\r?\n[ \t])|\}\s*\{(?=\s*"resourceType")'


@attrs.frozen
class Read:
    """A JSON document, or why it is none."""

    document: dict[str, Any] = EMPTY
    refused: str | None = None


@attrs.frozen
class _Damaged(Read):
    """A text that is no JSON.

    Attributes:
        unfinished: whether there is nothing wrong with it but that it ends too early.
        rest: the text, if what was read ends with it.
    """

    unfinished: bool = False
    rest: bytes | None = None


Placed = tuple[int, Read]


def documents(raw: RawLines) -> Iterator[Placed]:
    """Every document, or why a text is none, with its first physical line.

    A line that is a document by itself is NDJSON. One that begins a document and does not end it, or
    that is damaged where no NDJSON went before, is read together with the lines behind it.

    Raises:
        InputError: a document over many lines is too long.
    """
    raw.longest = LARGEST
    by_line = False
    text, at = next(raw, b""), raw.number
    while text != b"":
        begun: Placed | None = None
        for begun in _within(text, at):
            read = begun[1]
            if isinstance(read, _Damaged) and read.rest and (read.unfinished or not by_line):
                break
            by_line = read.refused is None or text is None or by_line
            yield begun
        else:
            text, at = next(raw, b""), raw.number
            continue
        second = next(raw, b"")
        if by_line and _stands_alone(read.rest, second):
            yield begun
            text, at = second, raw.number
            continue
        text, at = yield from _over_lines(raw, begun[0], read.rest, second)
        by_line = False


def _stands_alone(line: bytes, second: bytes | None) -> bool:
    """Whether a line of NDJSON that is cut is damaged by itself: no document goes on with the second."""
    if line.strip() == b"{":
        return False
    if not second:
        return True
    read, _ = _first(memoryview(line + second))
    return isinstance(read, _Damaged) and not read.unfinished


def _over_lines(
    raw: RawLines, at: int, begun: bytes, second: bytes | None
) -> Generator[Placed, None, tuple[bytes | None, int]]:
    """The document that ``begun`` begins on line ``at``; gives what follows it, and its line.

    Where a line that ends an object is followed by one that begins with another, or goes on with it,
    there is no document over both: so much is read at once.
    """
    lines = [begun]
    size, tried = len(begun), 0
    for line in chain([second], raw):
        if line is None:
            yield from _within(b"".join(lines), at)
            return None, raw.number
        cut = _end_before(line, lines) if line[:1] in _FIRST_SIGNS else None
        if cut is not None:
            yield from _within(b"".join([*lines, line[:cut]]), at)
            return line[cut:], raw.number
        size += len(line)
        if size > LARGEST:
            raise InputError(
                f"{raw.name}: is no NDJSON, and has a JSON document of more than {LARGEST:,} bytes; "
                "write its Claims as NDJSON, one to a line"
            )
        lines.append(line)
        # A text may have the same signs: the doubling keeps the work in proportion to the size.
        if b"}" in line and size >= 2 * tried and _GLUED_WITHIN.search(line):
            tried = size
            text = b"".join(lines)
            read, end = _first(memoryview(text))
            if end is not None:
                yield at, read
                return text[end:], at + text.count(b"\n", 0, end)
    yield from _within(b"".join(lines), at)
    return b"", raw.number


def _end_before(line: bytes, lines: list[bytes]) -> int | None:
    """Where in a line a document ends that ``lines`` began, and another begins; None if none does."""
    glued = _GLUED.match(line)
    if glued is not None:
        return glued.end()
    if _OPENING.match(line) is None:
        return None
    before = next((told for one in reversed(lines) if (told := one.rstrip(_BLANKS))), b"")
    return 0 if before.endswith(b"}") else None


def _within(text: bytes | None, at: int) -> Iterator[Placed]:
    """The documents of a text that begins on line ``at``: one, as a rule."""
    if text is None:
        yield at, Read(refused=f"the resource is longer than {LARGEST:,} bytes")
        return
    view, start = memoryview(text), _after_blanks(text, 0)
    at += text.count(b"\n", 0, start)
    while start < len(text):
        read, size = _first(view[start:])
        end = len(text) if size is None else start + size
        if read.refused is not None:
            end = _next_start(text, start)
            if end < len(text):
                read, _ = _first(view[start:end])  # whatever follows is no part of it
            elif isinstance(read, _Damaged):
                read = _Damaged(EMPTY, read.refused, read.unfinished, text[start:])
        yield at, read
        after = _after_blanks(text, end)
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
        refused = _Damaged(refused=_reason(error), unfinished=_TRUNCATED in str(error))
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
    them has; of a document on a line of its own, by its being whole.
    """
    opened = _OPENED.match(text, start)
    indented = b"" if opened is None else rb'|\{(?=\r?\n%s")' % re.escape(opened[1])
    found = re.compile(_BETWEEN + indented).search(text, start + 1)
    end = len(text) if found is None else found.end() - 1
    for line in _LINE_OPENED.finditer(text, start, end):
        if "resourceType" in (object_of(line[1]) or EMPTY):
            return line.start(1)
    return end


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
