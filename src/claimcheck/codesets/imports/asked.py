"""What every importer is given, and what it keeps count of.

An importer is a module with two functions::

    def suits(kind: Kind, name: str) -> int: ...  # see published.Suits
    def read(asked: Asked) -> Edition: ...

``read`` looks at headers and names at once; rows come later, while the store is written. It counts
them, and tells what the user should know, in the ``Tally`` of what was asked.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import attrs

from claimcheck.codesets.imports.editions import Told, settle
from claimcheck.codesets.imports.published import Published
from claimcheck.codesets.store import Kind, SourceFile

__all__ = ["Asked", "Tally"]


class Tally:
    """Counts the rows that are read, and holds notes for the user."""

    def __init__(self) -> None:
        self.read = 0
        self.notes: list[str] = []

    def rows_read(self) -> int:
        """How many rows the source files had, without header and blank rows."""
        return self.read


@attrs.frozen(eq=False)
class Asked:
    """One import.

    Attributes:
        kind: what the files are said to be.
        files: their tables.
        folder: of the store that the edition goes to (ICD-10-CM addenda look there).
        edition: what the user calls the edition, if they do.
        first: the first date of service that the user gives for it.
        last: the last one.
        keep_descriptions: whether descriptor texts are kept.
        tally: of this import.
    """

    kind: Kind
    files: tuple[Published, ...]
    folder: Path
    edition: str | None = None
    first: date | None = None
    last: date | None = None
    keep_descriptions: bool = False
    tally: Tally = attrs.field(factory=Tally)

    def settle(self, told: Told | None, *, speaks_before: bool = False) -> Told:
        """The edition, from what the files tell and what the user says (see ``editions.settle``)."""
        return settle(
            self.kind, told, self.edition, self.first, self.last, speaks_before=speaks_before
        )

    @property
    def sources(self) -> tuple[SourceFile, ...]:
        """The files that were given, each once."""
        return tuple(dict.fromkeys(file.source for file in self.files))
