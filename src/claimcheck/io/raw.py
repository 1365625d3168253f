"""Opening an input and reading its physical lines, as bytes, in constant memory."""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias

import attrs

from claimcheck.errors import InputError

__all__ = ["LONGEST_LINE", "Input", "RawLines", "open_raw", "refuse_unreadable"]

_LOOKED_AT: Final = 512

LONGEST_LINE: Final = 1 << 20
"""Bytes that a line may have. A longer one is passed over, so that memory stays bounded."""

Input: TypeAlias = str | os.PathLike[str] | BinaryIO

_BOM: Final = b"\xef\xbb\xbf"
_KINDS: Final = (
    (b"\xff\xfe", "is UTF-16 text; save it as UTF-8"),
    (b"\xfe\xff", "is UTF-16 text; save it as UTF-8"),
    (b"PK\x03\x04", "is a zip archive or an Excel workbook; save the sheet as CSV"),
    (b"\xd0\xcf\x11\xe0", "is an old Excel workbook; save the sheet as CSV"),
    (b"\x1f\x8b", "is compressed with gzip; unpack it, for example with `gzip -dc`"),
    (b"\x28\xb5\x2f\xfd", "is compressed with zstd; unpack it first"),
    (b"BZh", "is compressed with bzip2; unpack it first"),
    (b"\xfd7zXZ", "is compressed with xz; unpack it first"),
    (b"%PDF", "is a PDF document, not a table"),
    (b"\x89PNG", "is a PNG image, not a table"),
    (b"PAR1", "is a Parquet file; check it with `claimcheck batch`"),
    (b"ARROW1", "is an Arrow file; write it as CSV or JSON Lines"),
    (b"SQLite format 3", "is an SQLite database; export the table as CSV"),
    (
        b"GS*",
        "is X12 without the ISA segment, which tells the delimiters; send the whole interchange",
    ),
    (
        b"ST*",
        "is X12 without the ISA segment, which tells the delimiters; send the whole interchange",
    ),
    (b"[", "is a JSON array; write JSON Lines, one object per line"),
)


@attrs.define(eq=False)
class RawLines:
    """The physical lines of a binary stream, with their end, one at a time.

    Attributes:
        name: what messages call the input.
        number: number of the line given last, counted from 1.
        longest: bytes that a line may have; a reader of longer ones may raise it.
    """

    _stream: BinaryIO
    name: str
    _ours: bool = True
    number: int = 0
    longest: int = LONGEST_LINE
    _held: deque[bytes | None] = attrs.field(factory=deque)
    _begun: bytes = b""  # of the next line, that was looked at

    def __iter__(self) -> RawLines:
        return self

    def __next__(self) -> bytes | None:
        """The next line; None for one that is longer than ``longest``."""
        if self._held:
            self.number += 1
            return self._held.popleft()
        try:
            line, end, self._begun = self._begun.partition(b"\n")
            line += end or self._stream.readline(self.longest + 1 - len(line))
            if not line:
                raise StopIteration
            self.number += 1
            if len(line) > self.longest:
                while line and not line.endswith(b"\n"):
                    line = self._stream.readline(LONGEST_LINE)
                return None
        except OSError as error:
            raise InputError(f"{self.name}: {_cause(error)}") from None
        return line

    def beginning(self) -> bytes:
        """The first bytes that are not blank, without byte-order mark; they are still to be read.

        Raises:
            InputError: there are none.
        """
        fresh = True
        while True:
            piece = self._piece(self._stream.readline, _LOOKED_AT)
            if not piece:
                raise InputError(f"{self.name}: is empty")
            if fresh and piece.startswith(_BOM):
                piece = piece[len(_BOM) :]
            fresh = False
            if piece.strip():
                self._begun = piece
                return piece
            self.number += piece.endswith(b"\n")

    def look_further(self, size: int) -> bytes:
        """The beginning with one more line, or with up to ``size`` bytes of it; all still to be read."""
        piece = self._piece(self._stream.readline, size)
        self._begun += piece
        return piece

    def read(self, size: int) -> bytes:
        """Bytes as they come, for what has no lines: about ``size`` of them, none at the end."""
        if self._begun:
            begun, self._begun = self._begun, b""
            return begun
        return self._piece(self._stream.read, size)

    def _piece(self, read: Callable[[int], bytes], size: int) -> bytes:
        try:
            return read(size)
        except OSError as error:
            raise InputError(f"{self.name}: {_cause(error)}") from None

    def first(self) -> bytes | None:
        """The first line that is not blank, without byte-order mark; it is still to be read.

        Raises:
            InputError: there is none.
        """
        for line in self:
            if line is not None and self.number == 1 and line.startswith(_BOM):
                line = line[len(_BOM) :]
            if line is None or line.strip():
                self._held.appendleft(line)
                self.number -= 1
                return line
        raise InputError(f"{self.name}: is empty")

    @property
    def position(self) -> int:
        """Number of bytes read so far; 0 where the stream cannot tell."""
        try:
            return self._stream.tell()
        except (OSError, ValueError):
            return 0

    def close(self) -> None:
        """Close the stream, if it was opened here."""
        if self._ours:
            self._stream.close()


def open_raw(source: Input) -> RawLines:
    """Open a file, ``-`` (standard input), or take a binary stream as it is.

    Raises:
        InputError: it is not there, is a folder, or may not be read.
    """
    if isinstance(source, str) and source == "-":
        return RawLines(sys.stdin.buffer, "standard input", False)
    if not isinstance(source, str | os.PathLike):
        return RawLines(source, "the input", False)
    path = Path(source)
    try:
        return RawLines(path.open("rb"), str(path))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: {_cause(error)}") from None


def refuse_unreadable(head: bytes | None, name: str) -> None:
    """Raise InputError, with the cause, if the first line shows that the input is no text table."""
    if head is None:
        raise InputError(f"{name}: the first line is longer than {LONGEST_LINE:,} bytes; no table")
    for beginning, cause in _KINDS:
        if head.lstrip().startswith(beginning):
            raise InputError(f"{name}: {cause}")
    if any(byte < 32 and byte not in b"\t\r\n\f" for byte in head):
        raise InputError(f"{name}: is a binary file, neither CSV nor JSON Lines")


def _cause(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, IsADirectoryError):
        return "is a folder, not a file"
    if isinstance(error, PermissionError):
        return "may not be read (permission denied)"
    reason = error.strerror if isinstance(error, OSError) else None
    return f"cannot be read ({reason or type(error).__name__})"
