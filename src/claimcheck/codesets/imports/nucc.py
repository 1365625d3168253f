"""The NUCC provider taxonomy: a CSV file with one row per code.

Names and sections are always kept, since labels are held against them; definitions are descriptor
texts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from claimcheck.codesets.imports.asked import Asked
from claimcheck.codesets.imports.cells import named, read_among, refuse
from claimcheck.codesets.imports.editions import from_names
from claimcheck.codesets.imports.headers import Column, Header, read_table
from claimcheck.codesets.imports.single import Once, cell_at, edition, only
from claimcheck.codesets.store import Kind
from claimcheck.codesets.store.writing import Edition, Row
from claimcheck.line import TAXONOMY_SHAPE

__all__ = ["read", "suits"]

_COLUMNS: Final = (
    Column("code", ("code",)),
    Column("grouping", ("grouping", "type")),
    Column("classification", ("classification",)),
    Column("specialization", ("specialization",)),
    Column("display_name", ("display name",), required=False),
    Column("section", ("section",), required=False),
    Column("definition", ("definition",), required=False),
)
_SECTIONS: Final = ("Individual", "Non-Individual")


def suits(kind: Kind, name: str) -> int:
    """How well the name of a file in a ZIP suits."""
    return 2 if "nucc" in name.lower() or "taxonomy" in name.lower() else 1


def read(asked: Asked) -> Edition:
    """The edition in the file.

    Raises:
        InputError: the file cannot be used; for its rows, when they are read.
    """
    told = asked.settle(from_names("nucc", [only(asked)]))
    header, rows = read_table(only(asked), _COLUMNS)
    if header.row > len(header.banner) + 1:
        # The header has one row; what was taken for its second is a row of words without a code.
        raise refuse(only(asked).name, len(header.banner) + 2, "the code is empty")
    return edition(asked, told, {"taxonomy": _rows(asked, header, rows)})


def _rows(asked: Asked, header: Header, rows: Iterator[tuple[int, list[str]]]) -> Iterator[Row]:
    name = only(asked).name
    once = Once(name)
    code_at, *kept_at = (header.index(column.field) for column in _COLUMNS)
    section_at = header.index("section")
    if not asked.keep_descriptions:
        kept_at[-1] = None
    for number, cells in rows:
        asked.tally.read += 1
        cell = cell_at(cells, code_at)
        code = cell.upper()
        if not code:
            raise refuse(name, number, "the code is empty")
        if TAXONOMY_SHAPE.fullmatch(code) is None:
            raise refuse(
                name,
                number,
                f"the code {named(cell)} has no shape of a taxonomy code: nine letters or digits, "
                "then X",
            )
        once.see(number, code, code)
        if section_at is not None:
            read_among(name, number, cells[section_at], _SECTIONS, "the section")
        yield (code, *(cell_at(cells, at) or None for at in kept_at))
