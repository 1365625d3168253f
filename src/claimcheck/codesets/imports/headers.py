"""Finding the header of a table below its banner, and the columns in it."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import Final

import attrs

from claimcheck.codesets.imports.published import Published
from claimcheck.errors import InputError

__all__ = ["Column", "Header", "normal", "read_table"]

_WITHIN: Final = 40  # rows in which the header must be
_WRAPPED: Final = 4  # rows that a header may take
_WORD: Final = re.compile("[A-Za-z]{3}")
_NOT_A_WORD: Final = re.compile(r"[^a-z0-9]+")

# What only one kind of file has in its header, as normal names.
_LOOKS_LIKE: Final = (
    ("NCCI procedure-to-procedure edits", {"column 1", "column 2"}),
    ("NCCI procedure-to-procedure edits", {"column1", "column2"}),
    ("medically unlikely edits", {"mue adjudication indicator"}),
    ("medically unlikely edits", {"mai"}),
    ("NCCI add-on code edits", {"aoc edit type"}),
    ("the NUCC provider taxonomy", {"classification", "specialization"}),
    ("the physician fee schedule", {"pctc ind"}),
    ("the physician fee schedule", {"glob days"}),
    ("the clinical laboratory fee schedule", {"hcpcs", "rate", "indicator"}),
    ("the PLA code list", {"proprietary name"}),
    ("HCPCS Level II", {"hcpc", "recid"}),
)


@attrs.frozen
class Column:
    """A column that is looked for.

    Attributes:
        field: what the importer calls it.
        names: the names that it has in files, in the form of ``normal``; ``*`` stands for anything.
        required: whether a file without it is refused.
    """

    field: str
    names: tuple[str, ...]
    required: bool = True


@attrs.frozen
class Header:
    """The header of a table.

    Attributes:
        columns: the index of every column that was found, by field.
        names: the names of all columns, in the form of ``normal``.
        row: the number of its last row.
        width: how many cells a row has.
        banner: the rows above it.
    """

    columns: Mapping[str, int]
    names: tuple[str, ...]
    row: int
    width: int
    banner: tuple[tuple[str, ...], ...]

    def index(self, field: str) -> int | None:
        """Where the field stands, if the file has it."""
        return self.columns.get(field)


def normal(cell: str) -> str:
    """A column's name in small letters, with one blank for every stretch of other signs."""
    return _NOT_A_WORD.sub(" ", cell.casefold()).strip()


def read_table(
    published: Published, columns: Sequence[Column]
) -> tuple[Header, Iterator[tuple[int, list[str]]]]:
    """The header of a table, and its rows below.

    The header is the first stretch of at most four rows that has all required columns; names that are
    wrapped over its rows are joined. Rows directly below with an empty first required column belong
    to it. Blank rows are passed over.

    Returns:
        The header, and the rows: number from 1, and as many cells as the header has.

    Raises:
        InputError: there is no such header; later, a row has too few or too many cells.
    """
    rows = published.rows()
    before: deque[tuple[int, list[str]]] = deque()
    for number, cells in rows:
        before.append((number, cells))
        found = _best(before, columns)
        if found is not None:
            break
        if number >= _WITHIN:
            raise InputError(_missing(published.name, before, columns))
    else:
        raise InputError(_missing(published.name, before, columns))
    start, placed = found
    key = placed[next(column.field for column in columns if column.required)]
    stretch = [cells for _, cells in list(before)[start:]]
    last, held = before[-1][0], None
    for number, cells in rows:
        if not _goes_on(cells, key) or len(stretch) >= 2 * _WRAPPED:
            held = (number, cells)
            break
        stretch.append(cells)
        last = number
    names = _joined(stretch)
    header = Header(
        MappingProxyType({**_placed(names, columns), **placed}),
        tuple(names),
        last,
        max(at for at, name in enumerate(names, 1) if name),
        tuple(tuple(cells) for _, cells in list(before)[:start]),
    )
    return header, _rows(published.name, header.width, held, rows)


def _goes_on(cells: Sequence[str], key: int) -> bool:
    """Whether a row goes on with the header above it: words only, and none in the first column."""
    words = [cell for cell in cells if cell]
    return (
        bool(words)
        and (key >= len(cells) or not cells[key])
        and all(_WORD.search(cell) for cell in words)
    )


def _rows(
    name: str,
    width: int,
    held: tuple[int, list[str]] | None,
    rows: Iterator[tuple[int, list[str]]],
) -> Iterator[tuple[int, list[str]]]:
    if held is not None:
        rows = _with(held, rows)
    for row in rows:
        number, cells = row
        if len(cells) == width:
            yield row
        elif len(cells) > width:
            if any(cells[width:]):
                raise InputError(
                    f"{name}, row {number}: {len(cells)} cells, and the header has {width}"
                )
            yield number, cells[:width]
        elif any(cells):
            raise InputError(
                f"{name}, row {number}: {_cells(len(cells))}, and the header has {width}; "
                "the file may be cut"
            )


def _with(
    held: tuple[int, list[str]], rows: Iterator[tuple[int, list[str]]]
) -> Iterator[tuple[int, list[str]]]:
    yield held
    yield from rows


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"


def _best(
    before: Sequence[tuple[int, list[str]]], columns: Sequence[Column]
) -> tuple[int, dict[str, int]] | None:
    """Where a header that ends with the last row starts, and its columns: the most that are found."""
    best: tuple[int, dict[str, int]] | None = None
    for taken in range(1, min(_WRAPPED, len(before)) + 1):
        start = len(before) - taken
        stretch = [before[at][1] for at in range(start, len(before))]
        placed = _placed(_joined(stretch), columns)
        if all(column.field in placed or not column.required for column in columns) and (
            best is None or len(placed) > len(best[1])
        ):
            best = start, placed
    return best


def _joined(stretch: Sequence[Sequence[str]]) -> list[str]:
    """The names of the columns, joined over the rows of a header."""
    width = max(map(len, stretch))
    return [
        normal(" ".join(cells[at] for cells in stretch if at < len(cells))) for at in range(width)
    ]


def _placed(names: Sequence[str], columns: Sequence[Column]) -> dict[str, int]:
    placed = {}
    for column in columns:
        at = _where(names, column.names)
        if at is not None:
            placed[column.field] = at
    return placed


def _where(names: Sequence[str], wanted: Sequence[str]) -> int | None:
    for want in wanted:
        for at, name in enumerate(names):
            if name == want or ("*" in want and fnmatchcase(name, want)):
                return at
    return None


def _missing(name: str, before: Sequence[tuple[int, list[str]]], columns: Sequence[Column]) -> str:
    """Tell what is missing: in the row that comes nearest, or at all."""
    required = [column for column in columns if column.required]
    nearest: tuple[int, set[str]] = (0, set())
    for number, cells in before:
        placed = set(_placed([normal(cell) for cell in cells], required))
        if len(placed) > len(nearest[1]):
            nearest = number, placed
    other = _looks_like([normal(cell) for _, cells in before for cell in cells])
    told = f"; it looks like {other}" if other else ""
    number, placed = nearest
    lacking = ", ".join(column.field for column in required if column.field not in placed)
    # One column that happens to be there makes no header, unless it is one of two.
    if len(placed) * 2 >= len(required) and lacking:
        return f"{name}, row {number}: the header has no column for {lacking}{told}"
    wanted = ", ".join(column.field for column in required)
    return f"{name}: no header with columns for {wanted} in the first {_WITHIN} rows{told}"


def _looks_like(names: Sequence[str]) -> str | None:
    there = set(names)
    return next((kind for kind, typical in _LOOKS_LIKE if typical <= there), None)
