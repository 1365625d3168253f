"""Reading the store."""

from __future__ import annotations

import os
import sqlite3
import threading
import weakref
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, cast

import attrs

from claimcheck.codesets.store.folder import STORE_NAME, data_folder
from claimcheck.codesets.store.kinds import Kind
from claimcheck.codesets.store.schema import APPLICATION_ID, FORMAT
from claimcheck.errors import ConfigurationError

__all__ = ["SourceFile", "Store", "StoredVintage", "open_store"]


@attrs.frozen
class SourceFile:
    """A file that an edition was imported from: its name without folder, and its SHA-256."""

    name: str
    sha256: str


@attrs.frozen
class StoredVintage:
    """One edition of one kind.

    Attributes:
        id: its number in the store.
        kind: what it is an edition of.
        name: the edition as its publisher calls it.
        stated: whether it is known which edition it is; if not, it covers no date of service.
        first, last: dates of service that it speaks for, inclusive; None is open.
        rows_read, rows: rows of the source, and rows kept.
        descriptions: whether descriptor texts were kept.
        files: what it was imported from.
    """

    id: int
    kind: Kind
    name: str
    stated: bool
    first: date | None
    last: date | None
    rows_read: int
    rows: int
    descriptions: bool
    files: tuple[SourceFile, ...]

    def covers(self, day: date) -> bool:
        """Whether it speaks for a date of service."""
        return (
            self.stated
            and (self.first is None or self.first <= day)
            and (self.last is None or day <= self.last)
        )


class Store:
    """The imported lists and tables, read-only. It may be used from several threads.

    Args:
        path: the file.

    Raises:
        ConfigurationError: the file is no store, or one of another version.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._connection = _connect(path)
        # Whoever forgets to close it leaves no open file behind, and no warning.
        self._closing = weakref.finalize(self, self._connection.close)
        try:
            self.vintages: tuple[StoredVintage, ...] = tuple(self._vintages())
        except BaseException:
            self.close()
            raise

    def rows(self, query: str, parameters: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query.

        Raises:
            ConfigurationError: the file is damaged.
        """
        try:
            with self._lock:
                return self._connection.execute(query, tuple(parameters)).fetchall()
        except sqlite3.Error as error:
            raise ConfigurationError(
                f"{self.path}: is a damaged store ({error}); import the code sets into another folder"
            ) from None

    def boundaries(self) -> frozenset[date]:
        """Every day on which an answer of some edition changes, as the first day of the new one."""
        days = self.rows("SELECT DISTINCT day FROM boundary")
        return frozenset(date.fromisoformat(day) for (day,) in days)

    def close(self) -> None:
        """Let go of the file."""
        self._closing()

    def _vintages(self) -> Iterable[StoredVintage]:
        files: dict[int, list[SourceFile]] = {}
        for vintage, name, digest in self.rows(
            "SELECT vintage, name, sha256 FROM source_file ORDER BY vintage, position"
        ):
            files.setdefault(vintage, []).append(SourceFile(name, digest))
        for row in self.rows(
            "SELECT id, kind, name, stated, first, last, rows_read, rows, descriptions FROM vintage "
            "ORDER BY kind, first, name"
        ):
            number, kind, name, stated, first, last, rows_read, rows, descriptions = row
            yield StoredVintage(
                number,
                cast("Kind", kind),
                name,
                bool(stated),
                None if first is None else date.fromisoformat(first),
                None if last is None else date.fromisoformat(last),
                rows_read,
                rows,
                bool(descriptions),
                tuple(files.get(number, ())),
            )


def open_store(folder: str | os.PathLike[str] | None = None) -> Store | None:
    """The store of a folder (see ``data_folder``); None if there is none.

    Raises:
        ConfigurationError: there is a file of its name that is no store, or of another version.
    """
    path = data_folder(folder) / STORE_NAME
    return Store(path) if path.is_file() else None


def _connect(path: Path) -> sqlite3.Connection:
    connection = None
    try:
        # Nobody writes into the file: an import makes a new one. So no locks are needed.
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
    except sqlite3.Error as error:
        if connection is not None:
            connection.close()
        raise ConfigurationError(
            f"{path}: is no store of code sets ({error}); import them into another folder"
        ) from None
    if application != APPLICATION_ID or version != FORMAT:
        connection.close()
        what = "no store of code sets" if application != APPLICATION_ID else _version(version)
        raise ConfigurationError(f"{path}: is {what}; import the code sets into another folder")
    return connection


def _version(version: int) -> str:
    return f"a store of version {version}, and this claimcheck reads version {FORMAT}"
