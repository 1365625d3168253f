"""Procedure-to-procedure edits: pairs of codes of which the second is not paid beside the first.

Published quarterly per setting in several parts (``ccipra-v322r0-f1``), as tab-delimited text and as
Excel: a banner, a header wrapped over rows, then column 1, column 2, a mark for edits older than
1996, effective date, deletion date (``*``: none) and modifier indicator. There are millions of rows,
so a row is read with as little work as there can be.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from types import MappingProxyType
from typing import Final

from claimcheck.codesets.imports.asked import Asked
from claimcheck.codesets.imports.cells import UNIX_EPOCH, read_among, read_code, read_day, refuse
from claimcheck.codesets.imports.editions import from_names
from claimcheck.codesets.imports.headers import Column, Header, read_table
from claimcheck.codesets.imports.published import Published
from claimcheck.codesets.store import Kind
from claimcheck.codesets.store.writing import Edition, Row
from claimcheck.errors import InputError

__all__ = ["read", "suits"]

_COLUMNS: Final = (
    Column("column 1", ("column 1", "column1", "column one")),
    Column("column 2", ("column 2", "column2", "column two")),
    Column("effective date", ("effective date", "effective"), required=False),
    Column("deletion date", ("deletion date*", "deletion")),
    Column("modifier indicator", ("modifier*",)),
)
_STEMS: Final[Mapping[Kind, tuple[str, str]]] = MappingProxyType(
    {
        "ptp-practitioner": ("ccipra", "practitioner"),
        "ptp-outpatient": ("ccioph", "outpatient"),
    }
)
_PART: Final = re.compile(r"[ _-]f([0-9]+)(?![0-9a-z])")
_NO_TABLE: Final = re.compile("readme|change|addition|deletion|layout")
_INDICATORS: Final = ("0", "1", "9")


def suits(kind: Kind, name: str) -> int:
    """Files of the setting first, then any others, which ``read`` then refuses by name or header."""
    name = name.lower()
    if any(stem in name for stem in _STEMS[kind]):
        return 2
    return int(not _NO_TABLE.search(name))


def read(asked: Asked) -> Edition:
    """The edition in all its parts.

    Raises:
        InputError: a part is missing, there twice, of another setting or edition, or cannot be used.
    """
    for published in asked.files:
        _refuse_other_setting(asked.kind, published)
    _refuse_gap(asked)
    header, rows = read_table(asked.files[0], _COLUMNS)
    dated = header.index("effective date") is not None
    told = asked.settle(from_names(asked.kind, asked.files), speaks_before=dated)
    if asked.keep_descriptions:
        asked.tally.notes.append("the rationale of these edits is not kept: there are few of them")
    return Edition(
        asked.kind,
        told.name,
        told.stated,
        told.first,
        told.last,
        asked.sources,
        {"ptp": _rows(asked, header, rows)},
        False,
        asked.tally.rows_read,
        lambda _, at: _place(asked.files, at),
    )


def _refuse_other_setting(kind: Kind, published: Published) -> None:
    name = published.name.lower()
    for other, stems in _STEMS.items():
        if other != kind and any(stem in name for stem in stems):
            raise InputError(f"{published.name}: is of the kind {other}, and {kind} was expected")


def _refuse_gap(asked: Asked) -> None:
    parts: dict[int, str] = {}
    for published in asked.files:
        match = _PART.search(published.name.rsplit("/", 1)[-1].lower())
        if match is None:
            continue
        number = int(match[1])
        if number in parts:
            raise InputError(f"{published.name}: is part f{number}, as {parts[number]} is")
        parts[number] = published.name
    missing = [number for number in range(1, max(parts, default=0)) if number not in parts]
    if missing:
        raise InputError(
            f"part f{missing[0]} is missing; give all parts of the edition in one command"
        )
    if len(parts) == 1:
        asked.tally.notes.append(
            f"only part f{next(iter(parts))} was given; if there are more, "
            "give all of them in one command"
        )


def _rows(asked: Asked, header: Header, rows: Iterator[tuple[int, list[str]]]) -> Iterator[Row]:
    """The rows of all parts; a part is opened when its turn comes, since Excel is read as a whole."""
    codes: dict[str, str] = {}
    days: dict[str, int] = {"": 0, "*": 0}
    dated = "effective date" in header.columns
    for published in asked.files:
        if published is not asked.files[0]:
            del rows  # lets go of a workbook
            header, rows = read_table(published, _COLUMNS)
        if ("effective date" in header.columns) is not dated:
            has, lacks = ("no", "has") if dated else ("an", "has none")
            raise InputError(
                f"{published.name}: has {has} effective date, and {asked.files[0].name} {lacks}"
            )
        yield from _part(asked, published.name, header, rows, codes, days)


def _part(
    asked: Asked,
    name: str,
    header: Header,
    rows: Iterator[tuple[int, list[str]]],
    codes: dict[str, str],
    days: dict[str, int],
) -> Iterator[Row]:
    at_one, at_two = header.columns["column 1"], header.columns["column 2"]
    at_last, at_indicator = header.columns["deletion date"], header.columns["modifier indicator"]
    at_first = header.index("effective date")
    indicators = {indicator: int(indicator) for indicator in _INDICATORS}
    for number, cells in rows:
        asked.tally.read += 1
        one, two, end, told = cells[at_one], cells[at_two], cells[at_last], cells[at_indicator]
        begin = "" if at_first is None else cells[at_first]
        if one not in codes:
            codes[one] = read_code(name, number, one, "column 1")
        if two not in codes:
            codes[two] = read_code(name, number, two, "column 2")
        if begin not in days:
            days[begin] = _day(name, number, begin, "the effective date")
        if end not in days:
            days[end] = _day(name, number, end, "the deletion date")
        if told not in indicators:
            read_among(name, number, told, _INDICATORS, "the modifier indicator")
        first, last = days[begin], days[end]
        if last and last < first and told != "9":
            raise refuse(name, number, f"the edit ends on {end}, before it begins on {begin}")
        if at_first is not None and not first:
            raise refuse(name, number, "the effective date is empty")
        yield codes[one], codes[two], first, last, indicators[told]


def _day(name: str, number: int, cell: str, what: str) -> int:
    day = read_day(name, number, cell, what)
    days = 0 if day is None else day.toordinal() - UNIX_EPOCH
    if days <= 0:
        raise refuse(name, number, f"{what} is {cell}, before there were such edits")
    return days


def _place(files: Sequence[Published], at: int) -> str:
    """Where the row stands that was given as number ``at``, from 0: found by reading once more."""
    for published in files:
        _, rows = read_table(published, _COLUMNS)
        count = 0
        for number, _ in islice(rows, at + 1):
            count += 1
            if count == at + 1:
                return f"{published.name}, row {number}"
        at -= count
    return files[-1].name
