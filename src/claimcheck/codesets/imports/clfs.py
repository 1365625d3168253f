"""The Medicare clinical laboratory fee schedule: CSV or Excel with notices above its header.

What counts is which codes are in it, and with which modifier; rates are not kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from claimcheck.codesets.imports.asked import Asked
from claimcheck.codesets.imports.cells import read_among, read_code, read_day, refuse, shown
from claimcheck.codesets.imports.editions import Told, from_names
from claimcheck.codesets.imports.headers import Column, Header, read_table
from claimcheck.codesets.imports.single import Once, cell_at, edition, only, read_modifier
from claimcheck.codesets.store import Kind
from claimcheck.codesets.store.writing import Edition, Row

__all__ = ["read", "suits"]

_COLUMNS: Final = (
    Column("code", ("hcpcs", "hcpcs code")),
    Column("modifier", ("mod", "modifier")),
    Column("effective", ("eff date", "effective date")),
    Column("indicator", ("indicator",)),
    Column("rate", ("rate",)),
    Column("year", ("year",), required=False),
    Column(
        "description",
        ("extendedlongdesc", "extended longdesc", "longdesc", "shortdesc"),
        required=False,
    ),
)
_INDICATORS: Final = ("N", "L")  # national, local


def suits(kind: Kind, name: str) -> int:
    """How well the name of a file in a ZIP suits."""
    lowered = name.lower()
    if "clfs" not in lowered and "clab" not in lowered:
        return 0
    return 2 if "puf" in lowered else 1


def read(asked: Asked) -> Edition:
    """The edition in the file.

    Raises:
        InputError: the file cannot be used; for its rows, when they are read.
    """
    told = from_names("clfs", [only(asked)])
    header, rows = read_table(only(asked), _COLUMNS)
    return edition(asked, asked.settle(told), {"clfs": _rows(asked, header, rows, told)})


def _rows(
    asked: Asked, header: Header, rows: Iterator[tuple[int, list[str]]], told: Told | None
) -> Iterator[Row]:
    name = only(asked).name
    once = Once(name)
    places = [header.index(column.field) for column in _COLUMNS]
    for number, cells in rows:
        asked.tally.read += 1
        code, modifier, effective, indicator, rate, year, text = (
            cell_at(cells, at) for at in places
        )
        key = read_code(name, number, code), read_modifier(name, number, modifier)
        once.see(number, key, " ".join(filter(None, key)))
        read_day(name, number, effective, "EFF_DATE")
        read_among(name, number, indicator, _INDICATORS, "the indicator")
        _see_amount(name, number, rate)
        _see_year(name, number, year, told)
        yield (*key, (text or None) if asked.keep_descriptions else None)


def _see_amount(name: str, number: int, cell: str) -> None:
    try:
        good = not cell or float(cell.replace(",", "").removeprefix("$")) >= 0
    except ValueError:
        good = False
    if not good:
        raise refuse(name, number, f"the rate is {shown(cell)}, and an amount was expected")


def _see_year(name: str, number: int, cell: str, told: Told | None) -> None:
    if cell and told is not None and cell != told.name[:4]:
        raise refuse(
            name, number, f"the year is {shown(cell)}, and the name of the file tells {told.name}"
        )
