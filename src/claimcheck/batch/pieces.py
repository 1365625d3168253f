"""What a file is cut into: pieces of rows, each row judged or rejected; and reading them ahead."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias, TypeVar

import attrs
import pyarrow as pa

from claimcheck.batch.columns import Rows
from claimcheck.errors import DamagedInputError
from claimcheck.io.columns import Plan

if TYPE_CHECKING:
    from claimcheck.batch.claims import Claims

__all__ = ["Batch", "Piece", "Source", "prefetched"]

_READ_AHEAD: Final = 1

Batch: TypeAlias = Any  # a pyarrow.RecordBatch or a PythonBatch
T = TypeVar("T")


@attrs.frozen(eq=False)
class Piece:
    """Some rows of a file.

    Attributes:
        batch: the rows that can be judged.
        positions: position in the file of each of them, counted from 0.
        rejected: position and reason of the rows that cannot.
        done: share of the file that has been read by then, from 0 to 1.
        claims: which of the rows are one claim, once that is known.
    """

    batch: Batch
    positions: Rows
    rejected: list[tuple[int, str]]
    done: float
    claims: Claims | None = None


class Source(Protocol):
    """One opened file."""

    plan: Plan

    @property
    def places_at(self) -> int | None:
        """The column of a batch that tells where in the file each row stands; None without."""

    @property
    def damage(self) -> DamagedInputError | None:
        """What was wrong with the file as a whole, once it is read."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What is no damage and still worth knowing, once the file is read."""

    def pieces(self) -> Iterator[Piece]:
        """The rows of the file, in order, each once."""

    def table_of(self, batch: Batch | None) -> pa.RecordBatch:
        """The rows of a piece as they stand in the file; None gives a table without rows."""

    def close(self) -> None:
        """Close the file."""


def prefetched(pieces: Iterable[T]) -> Generator[T, None, None]:
    """The same, with the next ones read in another thread meanwhile."""
    ready: queue.Queue[tuple[bool, Any]] = queue.Queue(_READ_AHEAD)
    stopped = threading.Event()

    def give(item: tuple[bool, Any]) -> bool:
        while not stopped.is_set():
            try:
                ready.put(item, timeout=0.1)
            except queue.Full:
                continue
            return True
        return False

    def read() -> None:
        try:
            for piece in pieces:
                if not give((True, piece)):
                    return
            give((False, None))
        except BaseException as error:
            give((False, error))

    reader = threading.Thread(target=read, name="claimcheck-reader", daemon=True)
    reader.start()
    try:
        while True:
            going_on, item = ready.get()
            if going_on:
                yield item
            elif item is None:
                return
            else:
                raise item
    finally:
        stopped.set()
        reader.join()
