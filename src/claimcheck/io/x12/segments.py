"""Cutting X12 text into segments: pyx12's tokenizer, fed so that it loses none.

The tokenizer stops at an empty segment, at one that is longer than its buffer and at a last one without
terminator, and wants a file that begins with a perfect ISA. So it is given text without empty segments,
in pieces that end with a terminator, under an ISA of ours that tells the delimiters of the real one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, TextIO, cast

import attrs

from claimcheck.errors import InputError
from claimcheck.io.raw import RawLines

__all__ = ["CUT", "LONGEST_SEGMENT", "OVERLONG", "Interchange", "begins_like_x12", "interchanges"]

LONGEST_SEGMENT: Final = 1 << 16
"""Characters that a segment may have; a longer one is passed over, so that memory stays bounded."""

OVERLONG: Final = "\0"
"""Stands before the name of a segment that was too long, in place of its content."""

CUT: Final = "\1"
"""Stands before a segment that had no terminator, since the file (or the interchange) ends in it."""

_AT_ONCE: Final = 8192
_BLANKS: Final = "\r\n\t \x1a"
_LONGEST_ISA: Final = 200
_ISA_ELEMENTS: Final = 16
_BEGINNING: Final = re.compile(r"ISA([^A-Za-z0-9 \r\n])[^\r\n]{2}\1")
_ANY: Final = r"(?:(?!\1)[^\r\n])"
# Within a segment that much must be there: LISA*AB* is a name, and no interchange.
_WITHIN: Final = re.compile(
    r"ISA([^A-Za-z0-9 \r\n])"
    + r"\1".join(
        [
            *(r"[0-9]{2}", _ANY + "{0,10}") * 2,
            *(_ANY + "{0,2}", _ANY + "{0,15}") * 2,
            *(r"[0-9]{6}", r"[0-9]{4}", _ANY, r"[0-9]{5}", r"[0-9]{1,9}", ""),
        ]
    )
)
_BYTE_ORDER_MARK: Final = "\xef\xbb\xbf"
_VERSIONS: Final = ("00401", "00501")


def begins_like_x12(text: bytes) -> bool:
    """Whether a file that begins so (blanks apart) is an X12 interchange."""
    return _BEGINNING.match(text.decode("latin-1").lstrip(_BLANKS)) is not None


@attrs.define(eq=False)
class Interchange:
    """What stands from one ISA to the next. Iterate its segments once, before the next interchange.

    Attributes:
        element, component: the delimiters within a segment.
        version: ISA12.
        control: ISA13.
        whole: whether its ISA has the prescribed 106 characters.
    """

    element: str
    component: str
    version: str
    control: str
    whole: bool
    _feed: _Feed

    def __iter__(self) -> Iterator[str]:
        """The text of each segment after the ISA, without terminator."""
        # Imported late: pyx12 is an extra.
        from pyx12.rawx12file import RawX12File

        # The tokenizer does nothing but read.
        segments: Iterator[str] = iter(RawX12File(cast(TextIO, self._feed)))
        next(segments)
        return segments


def interchanges(raw: RawLines) -> Iterator[Interchange | None]:
    """Every interchange of a file; None for one whose ISA does not tell its delimiters.

    What follows such an ISA is passed over up to the next one.
    """
    text = _Text(raw)
    text.skip_blanks()
    while text.waiting or text.more():
        text.fill(2 * _LONGEST_ISA)
        head = _head(text.waiting)
        if head is None:
            yield None
            text.skip_to_isa()
            continue
        size, element, component, terminator, version, control = head
        text.waiting = text.waiting[size:]
        feed = _Feed(text, element, component, terminator)
        yield Interchange(element, component, version, control, size == 106, feed)
        while feed.read(0):  # whatever was not asked for
            pass
        text.skip_blanks()


def _head(text: str) -> tuple[int, str, str, str, str, str] | None:
    """Size of an ISA segment, its delimiters, its version and control number; None if unclear.

    One whose elements are not padded as they should be is understood too; one that another ISA cuts
    off is not.
    """
    if _BEGINNING.match(text) is None:
        return None
    element = text[3]
    parts = text[:_LONGEST_ISA].split(element, _ISA_ELEMENTS)
    if len(parts) <= _ISA_ELEMENTS or len(parts[-1]) < 2:
        return None
    component, terminator = parts[-1][0], parts[-1][1]
    size = len(element.join(parts[:-1])) + 3
    another = _WITHIN.search(text, 3)
    if another is not None and another.start() < size:
        return None
    delimiters = {element, component, terminator}
    if len(delimiters) < 3 or any(sign.isalnum() for sign in delimiters):
        return None
    return size, element, component, terminator, parts[12].strip(), parts[13].strip()


class _Text:
    """The characters of a file that are still to be read; ``waiting`` are those in memory."""

    def __init__(self, raw: RawLines) -> None:
        self._raw = raw
        self.waiting = ""

    def more(self) -> bool:
        """Read some more; False at the end of the file."""
        # Latin-1 gives each byte a character: no byte can stop the reading.
        piece = self._raw.read(_AT_ONCE).decode("latin-1")
        self.waiting += piece
        return bool(piece)

    def fill(self, size: int) -> None:
        """Have so many characters in memory, if there are as many."""
        while len(self.waiting) < size and self.more():
            pass

    def fill_isa(self) -> None:
        """Have all of an ISA in memory that may begin near the end of what is there."""
        while "ISA" in self.waiting[-_LONGEST_ISA:] and len(self.waiting) <= LONGEST_SEGMENT:
            if not self.more():
                return

    def skip_blanks(self) -> None:
        """Pass over blanks."""
        self.waiting = self.waiting.lstrip(_BLANKS)
        while not self.waiting and self.more():
            self.waiting = self.waiting.lstrip(_BLANKS)

    def skip_to_isa(self) -> None:
        """Pass over the ISA at hand, and all before the next one."""
        self.waiting = self.waiting[3:]
        while (found := _BEGINNING.search(self.waiting)) is None:
            self.waiting = self.waiting[-8:]
            if not self.more():
                self.waiting = ""
                return
        self.waiting = self.waiting[found.start() :]


class _Feed:
    """The text of one interchange, as the tokenizer can read it."""

    def __init__(self, text: _Text, element: str, component: str, terminator: str) -> None:
        self._text = text
        self._terminator = terminator
        self._head: str | None = _isa(element, component, terminator)
        end = re.escape(terminator)
        blank = f"[{re.escape(_BLANKS)}]*"
        self._empty = re.compile(f"{end}(?:{blank}{end})+")
        self._margin = _BLANKS + terminator
        # An ISA where a segment begins, with whatever delimiters.
        self._beginning = re.compile(rf"(?:\A|{end}){blank}(?={_BEGINNING.pattern})")
        self._closed = False

    def read(self, _size: int) -> str:
        """Some segments with their terminators; nothing at the end of the interchange."""
        if self._head is not None:
            head, self._head = self._head, None
            return head
        while not self._closed:
            piece = self._piece()
            if (self._terminator * 2) in piece or piece[:1] in self._margin or "\n" in piece:
                piece = self._empty.sub(self._terminator, piece).lstrip(self._margin)
            if piece:
                return piece
        return ""

    def _piece(self) -> str:
        """Text up to and with a terminator, which may be added; nothing if there is no more."""
        text, end = self._text, self._terminator
        while True:
            waiting = text.waiting
            if "ISA" in waiting:
                text.fill_isa()
                waiting = text.waiting
                isa = self._next_isa(waiting)
                if isa is not None:
                    self._closed = True
                    text.waiting = waiting[isa:]
                    return self._closing(waiting[:isa])
            cut = waiting.rfind(end)
            if cut >= 0:
                text.waiting = waiting[cut + 1 :]
                return waiting[: cut + 1]
            if len(waiting) > LONGEST_SEGMENT:
                return self._overlong()
            if not text.more():
                self._closed = True
                text.waiting = ""
                return self._closing(waiting)

    def _next_isa(self, waiting: str) -> int | None:
        """Where the next interchange begins: at a segment's place, or within one that is cut off."""
        places = []
        if found := self._beginning.search(waiting):
            places.append(found.end())
        if found := _WITHIN.search(waiting):
            places.append(found.start())
        return min(places, default=None)

    def _closing(self, rest: str) -> str:
        """The last text of the interchange; a last segment without terminator is marked."""
        end = self._terminator
        whole, there, cut = rest.rpartition(end)
        cut = cut.strip(_BLANKS).removesuffix(_BYTE_ORDER_MARK).strip(_BLANKS)
        return whole + there + (f"{CUT}{cut}{end}" if cut else "")

    def _overlong(self) -> str:
        """A mark in place of a segment that is too long."""
        text, end = self._text, self._terminator
        name = re.match(r"[A-Z0-9]{0,3}", text.waiting.lstrip(_BLANKS))
        while end not in text.waiting and self._next_isa(text.waiting) is None:
            text.waiting = "." + text.waiting[-_LONGEST_ISA:]
            if not text.more():
                break
        at = text.waiting.find(end)
        isa = self._next_isa(text.waiting)
        if isa is not None and (at < 0 or isa <= at):
            text.waiting = text.waiting[isa:]
        else:
            text.waiting = text.waiting[at + 1 :] if at >= 0 else ""
        return f"{OVERLONG}{name[0] if name else ''}{end}"


def _isa(element: str, component: str, terminator: str) -> str:
    """An ISA of 106 characters that tells the delimiters and nothing else."""
    lengths = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1)
    elements = [" " * length for length in lengths]
    elements[10], elements[11] = "^", _VERSIONS[-1]
    return element.join(["ISA", *elements, component]) + terminator


def refuse_without_pyx12(name: str) -> None:
    """Raise InputError if the tokenizer is not installed."""
    from importlib.util import find_spec

    if find_spec("pyx12") is None:
        raise InputError(
            f"{name}: is an X12 file, which needs pyx12; install it with: "
            'pip install "claimcheck-lines[x12]"'
        )
