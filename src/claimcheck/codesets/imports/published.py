"""Opening official files as they were downloaded: text, Excel, or either in a ZIP."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import os
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Final, TypeAlias

import attrs

from claimcheck.codesets.imports import excel
from claimcheck.codesets.store import SourceFile
from claimcheck.errors import InputError

__all__ = ["MOST_BYTES", "MOST_MEMBERS", "MOST_RATIO", "Published", "Suits", "open_published"]

MOST_BYTES: Final = 2 << 30
"""Bytes that one file of a ZIP may have when it is unpacked."""

MOST_RATIO: Final = 200
"""How many times its packed size it may have."""

MOST_MEMBERS: Final = 1000
"""Files that a ZIP may hold."""

Suits: TypeAlias = Callable[[str], int]
"""How well the name of a file in a ZIP suits: 0 not at all; the highest is taken."""

_FREE: Final = 1 << 20  # bytes below which the ratio does not matter
_PIECE: Final = 1 << 18
_TEXT: Final = (".csv", ".txt", ".tsv")
_EXCEL: Final = (".xlsx", ".xls")
_FAR_COLUMN: Final = re.compile(rb"""\br\s*=\s*["'](?:[D-Z][A-Z]|[A-Z]{3})""")  # from DA on
_NOT_IN_CP1252: Final = b"\x81\x8d\x8f\x90\x9d"
_OTHER: Final = (
    (b"\xff\xfe", "is UTF-16 text; save it as UTF-8"),
    (b"\xfe\xff", "is UTF-16 text; save it as UTF-8"),
    (b"\x1f\x8b", "is compressed with gzip; unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "is a 7-Zip archive; unpack it first"),
    (b"%PDF", "is a PDF document, not a table"),
    (b"\x89PNG", "is a PNG picture, not a table"),
    (b"\xff\xd8\xff", "is a JPEG picture, not a table"),
    (b"GIF8", "is a GIF picture, not a table"),
    (b"PAR1", "is a Parquet file; only the files as published can be imported"),
    (b"SQLite format 3", "is an SQLite database; only the files as published can be imported"),
    (b"<!DOCTYPE", "is a web page, not a table; download the file itself"),
    (b"<html", "is a web page, not a table; download the file itself"),
)
_ZIP: Final = b"PK\x03\x04"
_EMPTY_ZIP: Final = b"PK\x05\x06"
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"

Open: TypeAlias = Callable[[], Any]  # io.RawIOBase or BinaryIO, which have no base with read()


@attrs.frozen(eq=False)
class Published:
    """One table of an official file; it can be read as often as one likes.

    Attributes:
        name: what messages call it: the file, and for a file of a ZIP that one too.
        source: the file that was given, and its hash.
        encoding: of a text; "" for Excel.
        ends_whole: whether the last line has a line end; if not, the file may be cut.
    """

    name: str
    source: SourceFile
    encoding: str
    ends_whole: bool
    _open: Open

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Rows as a spreadsheet counts them, from 1, with their cells as stripped texts.

        Raises:
            InputError: the file cannot be read on, with the row.
        """
        if not self.encoding:
            with closing(self._open()) as stream:
                yield from excel.rows(stream, self.name)
            return
        number = 0
        with self._text() as text:
            reader = csv.reader(text, delimiter=self._delimiter(), strict=True)
            try:
                for number, cells in enumerate(reader, 1):
                    yield number, [cell.strip() for cell in cells]
            except csv.Error as error:
                raise InputError(f"{self.name}, row {number + 1}: {_told(error)}") from None

    def lines(self) -> Iterator[tuple[int, str]]:
        """Lines of a text, from 1, without their end.

        Raises:
            InputError: it is no text.
        """
        if not self.encoding:
            raise InputError(f"{self.name}: is an Excel workbook, and a text file was expected")
        with self._text() as text:
            for number, line in enumerate(text, 1):
                yield number, line.rstrip("\r\n")

    @property
    def is_text(self) -> bool:
        """Whether it has lines."""
        return bool(self.encoding)

    def _text(self) -> io.TextIOWrapper:
        buffered = io.BufferedReader(self._open(), _PIECE)
        return io.TextIOWrapper(buffered, self.encoding, newline="")

    def _delimiter(self) -> str:
        """Tab or comma, by which of them most of the first lines have twice."""
        seen: Counter[str] = Counter()
        with self._text() as text:
            for _, line in zip(range(60), text, strict=False):
                seen.update(sign for sign in ",\t" if line.count(sign) > 1)
        return "\t" if seen["\t"] > seen[","] else ","


def open_published(paths: Iterable[str | os.PathLike[str]], suits: Suits) -> tuple[Published, ...]:
    """The tables of the files, in order of the files and, within a ZIP, of their names.

    Args:
        paths: the files as downloaded.
        suits: which files of a ZIP are wanted. A file that is given by itself is taken as it is.

    Raises:
        InputError: a file is not there, is no table, is damaged, or was given twice; a ZIP holds no
            wanted file, or more than the bounds allow.
    """
    found: list[Published] = []
    seen: dict[str, str] = {}
    for given in paths:
        path = Path(given)
        source = SourceFile(path.name, _digest(path))
        if source.sha256 in seen:
            raise InputError(
                f"{path.name}: is the same file as {seen[source.sha256]}; give each file once"
            )
        seen[source.sha256] = path.name
        found += _tables(path, source, suits)
    if not found:
        raise InputError("no file was given")
    return tuple(found)


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while piece := stream.read(_PIECE):
                digest.update(piece)
    except (OSError, ValueError) as error:
        raise InputError(f"{path.name}: {_cause(error)}") from None
    return digest.hexdigest()


def _tables(path: Path, source: SourceFile, suits: Suits) -> list[Published]:
    with path.open("rb") as stream:
        head = stream.read(64)
    if head.startswith(_EMPTY_ZIP):
        raise InputError(f"{path.name}: is a ZIP without files")
    if not head.startswith(_ZIP):
        return [_table(path.name, source, head, lambda: path.open("rb", buffering=0))]
    with _zip(path, path.name) as archive:
        members = _members(archive, path.name)
    if any(member.filename == "xl/workbook.xml" for member in members):
        _refuse_bomb(path, members, path.name)
        return [Published(path.name, source, "", True, lambda: path.open("rb"))]
    tables = []
    for member in _wanted(members, suits, path.name):
        name = f"{path.name}/{PurePosixPath(member.filename).name}"
        with closing(_Unpacked(path, member, name)) as unpacked:
            head = unpacked.read(64)
        tables.append(_table(name, source, head, partial(_Unpacked, path, member, name)))
    return tables


def _table(name: str, source: SourceFile, head: bytes, unpack: Open) -> Published:
    """A table that is no ZIP of tables: text, or Excel."""
    if head.startswith((_ZIP, _OLD_EXCEL)):
        return _workbook(name, source, head, unpack)
    for beginning, cause in _OTHER:
        if head.lstrip().startswith(beginning):
            raise InputError(f"{name}: {cause}")
    encoding, whole = _read_text_through(name, unpack)
    return Published(name, source, encoding, whole, unpack)


def _workbook(name: str, source: SourceFile, head: bytes, unpack: Open) -> Published:
    """A workbook inside a ZIP, or an old one; it is read into memory as a whole."""
    with closing(unpack()) as stream:
        content = stream.read(MOST_BYTES)
    if head.startswith(_ZIP):
        with _zip(io.BytesIO(content), name) as archive:
            members = _members(archive, name)
        if all(member.filename != "xl/workbook.xml" for member in members):
            raise InputError(f"{name}: is a ZIP in a ZIP; unpack the outer one first")
        _refuse_bomb(io.BytesIO(content), members, name)
    return Published(name, source, "", True, lambda: io.BytesIO(content))


def _zip(source: Path | BinaryIO, name: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(source)
    except (zipfile.BadZipFile, OSError, ValueError, EOFError):
        raise InputError(f"{name}: is a ZIP that is cut or damaged; download it again") from None


def _members(archive: zipfile.ZipFile, name: str) -> list[zipfile.ZipInfo]:
    members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise InputError(f"{name}: holds {len(members):,} files; at most {MOST_MEMBERS:,} are read")
    return [
        member
        for member in members
        if not member.is_dir()
        and "__MACOSX" not in member.filename
        and not PurePosixPath(member.filename).name.startswith(".")
    ]


def _wanted(members: Sequence[zipfile.ZipInfo], suits: Suits, name: str) -> list[zipfile.ZipInfo]:
    """The files of the highest rank; where one is there in several forms, text comes before Excel."""
    ranked = []
    for member in members:
        path = PurePosixPath(member.filename)
        if path.suffix.lower() in (*_TEXT, *_EXCEL):
            ranked.append((suits(path.name), member))
    best = max((rank for rank, _ in ranked), default=0)
    if best <= 0:
        raise InputError(f"{name}: holds no file of this kind; it holds {_endings(members)}")
    forms = (*_TEXT, *_EXCEL)
    chosen: dict[str, zipfile.ZipInfo] = {}
    wanted = [member for rank, member in ranked if rank == best]
    for member in sorted(
        wanted, key=lambda it: forms.index(PurePosixPath(it.filename).suffix.lower())
    ):
        chosen.setdefault(str(PurePosixPath(member.filename).with_suffix("")).lower(), member)
    return [chosen[stem] for stem in sorted(chosen)]


def _endings(members: Sequence[zipfile.ZipInfo]) -> str:
    counted = Counter(
        PurePosixPath(member.filename).suffix.lower() or "no ending" for member in members
    )
    if not counted:
        return "no files"
    return ", ".join(
        f"{count} {'file' if count == 1 else 'files'} with {ending}"
        for ending, count in sorted(counted.items())
    )


class _Unpacked(io.RawIOBase):
    """A file of a ZIP; counts what really comes out, whatever its header says."""

    def __init__(self, archive: Path | BinaryIO, member: zipfile.ZipInfo, name: str) -> None:
        self._name = name
        self._count = 0
        self._most = min(MOST_BYTES, MOST_RATIO * member.compress_size + _FREE)
        if member.flag_bits & 1:
            raise InputError(f"{name}: is encrypted; unpack it first")
        self._archive = _zip(archive, name)
        self._stream = self._guarded(lambda: self._archive.open(member))

    def _guarded(self, work: Callable[[], Any]) -> Any:
        try:
            return work()
        except NotImplementedError:
            raise InputError(
                f"{self._name}: is packed in an unknown way; unpack it first"
            ) from None
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError):
            raise InputError(
                f"{self._name}: the ZIP is cut or damaged here; download it again"
            ) from None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece: bytes = self._guarded(lambda: self._stream.read(len(buffer)))
        self._count += len(piece)
        if self._count > self._most:
            raise InputError(
                f"{self._name}: unpacks to more than {self._most:,} bytes; no official table does"
            )
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        if not self.closed and hasattr(self, "_stream"):
            self._stream.close()
            self._archive.close()
        super().close()


def _refuse_bomb(archive: Path | BinaryIO, members: Sequence[zipfile.ZipInfo], name: str) -> None:
    """Unpack a workbook within the bounds, and refuse cells so far to the right that none is theirs.

    The reader makes room for every cell up to the last row and column: two small cells can ask for
    billions.
    """
    for member in members:
        end = b""
        with closing(_Unpacked(archive, member, name)) as stream:
            while piece := stream.read(_PIECE):
                if "worksheets/" in member.filename and _FAR_COLUMN.search(end + piece):
                    raise InputError(f"{name}: has more than 104 columns; no official table does")
                end = piece[-16:]


def _read_text_through(name: str, unpack: Open) -> tuple[str, bool]:
    """The encoding of a text, and whether its last line has an end."""
    utf8, cp1252, begun, last = True, True, False, b""
    reader = codecs.getincrementaldecoder("utf-8")()
    with closing(unpack()) as stream:
        while piece := stream.read(_PIECE):
            if b"\0" in piece:
                raise InputError(f"{name}: is a binary file, not a table (it has NUL bytes)")
            begun = begun or bool(piece.strip())
            last = piece[-1:]
            cp1252 = cp1252 and not any(byte in piece for byte in _NOT_IN_CP1252)
            if utf8:
                try:
                    reader.decode(piece)
                except UnicodeDecodeError:
                    utf8 = False
        if utf8:
            try:
                reader.decode(b"", True)
            except UnicodeDecodeError:
                utf8 = False
    if not begun:
        raise InputError(f"{name}: is empty")
    encoding = "utf-8-sig" if utf8 else "cp1252" if cp1252 else "latin-1"
    return encoding, last in (b"\n", b"\r", b"\x1a")


def _told(error: csv.Error) -> str:
    told = str(error)
    if "unexpected end" in told:
        return "a quotation mark is not closed; the file may be cut"
    if "field limit" in told:
        return "a cell is too long; a quotation mark may not be closed"
    return "is no row of a table (a quotation mark in the wrong place)"


def _cause(error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError | ValueError):  # a name that no file can have
        return "there is no such file"
    if isinstance(error, IsADirectoryError):
        return "is a folder, not a file"
    if isinstance(error, PermissionError):
        return "may not be read (permission denied)"
    return f"cannot be read ({error.strerror or type(error).__name__})"
