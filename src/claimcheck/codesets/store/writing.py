"""Putting an edition into the store: in a copy of the file, which then takes its place."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import attrs

from claimcheck.codesets.store.folder import STORE_NAME
from claimcheck.codesets.store.kinds import Kind
from claimcheck.codesets.store.reading import SourceFile, Store, StoredVintage
from claimcheck.codesets.store.schema import APPLICATION_ID, COLUMNS, FORMAT, SCHEMA, TABLES
from claimcheck.errors import ConfigurationError, InputError
from claimcheck.whole import remove_leftovers, whole_file

__all__ = ["Edition", "Outcome", "Row", "add_edition"]

Row: TypeAlias = tuple[Any, ...]
Outcome: TypeAlias = Literal["added", "replaced", "unchanged"]
_AT_ONCE: Final = 20_000
_UNIX_EPOCH: Final = date(1970, 1, 1).toordinal()


@attrs.frozen(eq=False)
class Edition:
    """An edition on its way into the store.

    Attributes:
        kind: what it is an edition of.
        name: the edition as its publisher calls it (``2026Q3``), or ``unstated``.
        stated: whether it is known which edition it is.
        first, last: dates of service that it speaks for, inclusive; None is open.
        files: what it is imported from.
        rows: per table of its kind, the rows in the order of ``COLUMNS``; they are read once, and may
            raise ``InputError``. In ``ptp`` the codes are texts, and dates days since 1970-01-01 (0:
            none); in all other tables dates are ISO texts.
        descriptions: whether descriptor texts are kept.
        rows_read: called when all rows are read: how many the source files had.
    """

    kind: Kind
    name: str
    stated: bool
    first: date | None
    last: date | None
    files: tuple[SourceFile, ...]
    rows: Mapping[str, Iterable[Row]]
    descriptions: bool
    rows_read: Any


def add_edition(
    folder: Path, edition: Edition, *, replace: bool = False
) -> tuple[Outcome, StoredVintage]:
    """Put an edition into the store of a folder; the store changes as a whole, or not at all.

    Args:
        folder: made if it is not there.
        edition: what to add. Its rows are not read if the store has it from the same files.
        replace: whether an edition of the same name from other files is replaced.

    Returns:
        What became of it, and the edition as it stands in the store.

    Raises:
        InputError: the rows cannot be used (from the reader), there are none, two have one key, or
            the store has this edition from other files and ``replace`` is false.
        ConfigurationError: the file in the folder is no store.
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / STORE_NAME
    remove_leftovers(path)
    there = _there(path, edition)
    if there is not None:
        same = {file.sha256 for file in there.files} == {file.sha256 for file in edition.files}
        if same and there.descriptions == edition.descriptions and _same_days(there, edition):
            return "unchanged", there
        if not replace:
            raise InputError(
                f"{edition.kind} {edition.name} is in the store already, "
                + ("with other settings" if same else "from other files")
                + f" ({', '.join(file.name for file in there.files)}); "
                "give all files of an edition in one command, and --replace to put them in its place"
            )
    with whole_file(path) as temporary:
        if path.is_file():
            shutil.copyfile(path, temporary)
        _write(temporary, edition, there)
    store = Store(path)
    try:
        stored = next(
            it for it in store.vintages if (it.kind, it.name) == (edition.kind, edition.name)
        )
    finally:
        store.close()
    return ("added" if there is None else "replaced"), stored


def _there(path: Path, edition: Edition) -> StoredVintage | None:
    if not path.is_file():
        return None
    store = Store(path)
    try:
        for vintage in store.vintages:
            if (vintage.kind, vintage.name) == (edition.kind, edition.name):
                return vintage
    finally:
        store.close()
    return None


def _same_days(there: StoredVintage, edition: Edition) -> bool:
    return (there.stated, there.first, there.last) == (
        edition.stated,
        edition.first,
        edition.last,
    )


def _write(path: Path, edition: Edition, there: StoredVintage | None) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        # The file is a copy that nobody sees; it needs no journal.
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            connection.execute("PRAGMA page_size = 8192")
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {FORMAT}")
            connection.executescript(SCHEMA)
        connection.execute("BEGIN")
        if there is not None:
            _remove(connection, there)
        number = _add(connection, edition)
        connection.execute("COMMIT")
        _check_and_shrink(connection, number, there is not None)
    except sqlite3.OperationalError as error:
        if "disk" in str(error) or "I/O" in str(error):
            raise OSError(28, "the disk is full or cannot be written") from None
        raise
    except sqlite3.DatabaseError as error:
        raise ConfigurationError(f"{path.name}: is damaged ({error})") from None
    finally:
        connection.close()


def _remove(connection: sqlite3.Connection, there: StoredVintage) -> None:
    for table in (*TABLES[there.kind], "source_file", "boundary"):
        connection.execute(f"DELETE FROM {table} WHERE vintage = ?", (there.id,))  # noqa: S608 - our own names
    connection.execute("DELETE FROM vintage WHERE id = ?", (there.id,))


def _check_and_shrink(connection: sqlite3.Connection, number: int, removed: bool) -> None:
    if removed:
        connection.execute("VACUUM")


def _add(connection: sqlite3.Connection, edition: Edition) -> int:
    cursor = connection.execute(
        "INSERT INTO vintage (kind, name, stated, first, last, rows_read, rows, descriptions) "
        "VALUES (?, ?, ?, ?, ?, 0, 0, ?)",
        (
            edition.kind,
            edition.name,
            int(edition.stated),
            _iso(edition.first),
            _iso(edition.last),
            int(edition.descriptions),
        ),
    )
    number = int(cursor.lastrowid or 0)
    connection.executemany(
        "INSERT INTO source_file VALUES (?, ?, ?, ?)",
        [(number, at, file.name, file.sha256) for at, file in enumerate(edition.files)],
    )
    days = _Days()
    kept = 0
    for table in TABLES[edition.kind]:
        rows = days.seen(table, edition.rows.get(table, ()))
        if table == "ptp":
            rows = _numbered(connection, rows)
        kept += _insert(connection, table, number, rows)
    if not kept:
        raise InputError(f"{edition.files[0].name}: has no rows")
    connection.execute(
        "UPDATE vintage SET rows = ?, rows_read = ? WHERE id = ?",
        (kept, edition.rows_read(), number),
    )
    days.add(edition.first, edition.last)
    connection.executemany(
        "INSERT INTO boundary VALUES (?, ?)", [(number, day) for day in sorted(days.boundaries)]
    )
    return number


def _insert(connection: sqlite3.Connection, table: str, number: int, rows: Iterable[Row]) -> int:
    marks = ", ".join("?" * (len(COLUMNS[table]) + 1))
    columns = ", ".join(("vintage", *COLUMNS[table]))
    statement = f"INSERT INTO {table} ({columns}) VALUES ({marks})"  # noqa: S608 - our own names
    kept = 0
    source = iter(rows)
    while batch := list(islice(source, _AT_ONCE)):
        whole = [(number, *row) for row in batch]
        try:
            connection.executemany(statement, whole)
        except sqlite3.IntegrityError:
            raise InputError(_repeated(connection, statement, number, batch)) from None
        kept += len(batch)
    return kept


def _repeated(connection: sqlite3.Connection, statement: str, number: int, batch: list[Row]) -> str:
    """Tell which row has the key of another."""
    first = next(iter(batch))
    for row in batch:
        try:
            connection.execute(statement, (number, *row))
        except sqlite3.IntegrityError:
            first = row
    return f"two rows have one key: {', '.join(str(cell) for cell in first[:2])}"


def _numbered(connection: sqlite3.Connection, rows: Iterable[Row]) -> Iterator[Row]:
    """PTP rows with numbers in the place of codes."""
    known: dict[str, int] = dict(connection.execute("SELECT code, id FROM code").fetchall())
    for column1, column2, *rest in rows:
        for code in (column1, column2):
            if code not in known:
                known[code] = len(known) + 1
                connection.execute("INSERT INTO code VALUES (?, ?)", (known[code], code))
        yield (known[column1], known[column2], *rest)


class _Days:
    """Collects the days on which an answer changes, from rows that pass."""

    def __init__(self) -> None:
        self.boundaries: set[str] = set()
        self._begins: set[Any] = set()
        self._ends: set[Any] = set()

    def seen(self, table: str, rows: Iterable[Row]) -> Iterator[Row]:
        """The same rows."""
        columns = COLUMNS[table]
        if "first" not in columns:
            yield from rows
            return
        begin, end = columns.index("first"), columns.index("last")
        begins, ends = self._begins, self._ends
        for row in rows:
            begins.add(row[begin])
            ends.add(row[end])
            yield row
        self.boundaries |= {_day(it).isoformat() for it in begins if it}
        self.boundaries |= {(_day(it) + timedelta(days=1)).isoformat() for it in ends if it}

    def add(self, first: date | None, last: date | None) -> None:
        """The ends of the edition itself."""
        if first is not None:
            self.boundaries.add(first.isoformat())
        if last is not None and last < date.max:
            self.boundaries.add((last + timedelta(days=1)).isoformat())


def _day(stored: int | str) -> date:
    if isinstance(stored, int):
        return date.fromordinal(stored + _UNIX_EPOCH)
    return date.fromisoformat(stored)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
