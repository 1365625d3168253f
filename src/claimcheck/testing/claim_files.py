"""Files of claim lines as test cases: one for each line, and what it is expected to give.

JSON Lines may say so themselves: ``"expect": ["modifier-not-applicable"]`` names exactly the findings
of the line, each as often as it occurs, and ``"note"`` is for people. Everything else is read as
``claimcheck check`` reads it, but nothing is passed over: a row that cannot be read, a field that is
not read and damage of the file are test cases that fail.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import attrs
import msgspec

from claimcheck.errors import InputError
from claimcheck.io import LineSource, ReadRow, open_lines
from claimcheck.io.claims import (
    LONGEST_CLAIM,
    ClaimKey,
    ReturningClaims,
    returning_told,
)
from claimcheck.io.columns import plain, recognised
from claimcheck.io.csv_lines import CsvRows
from claimcheck.io.raw import open_raw
from claimcheck.line import ClaimLine

__all__ = ["Case", "read_cases"]

_OWN_KEYS: Final = ("expect", "note")
_CLOSE: Final = 0.82  # the likeness from which a name seems to be meant for another
_SEPARATOR: Final = "::"  # of pytest, between a file and what is in it


@attrs.frozen
class Case:
    """One line of a file.

    Attributes:
        name: its line_id, else ``row-7``; no other case of the file has it.
        row: number of the row, counted from 1 for the first after a header.
        at: number of the physical line on which it begins, counted from 1.
        place: where it stands in a file that has no such lines (``segment 57``), else None.
        line: the claim line, or None if there is a problem.
        problem: why the case fails without being checked, without anything of its content; else None.
        expected: slugs that it must give, no more and no fewer; None if it says nothing.
        claim: the lines that are checked together with it, itself among them; the same object for each
            of them.
        position: its own among them.
        whole: whether they are a claim; else it is a line without one.
    """

    name: str
    row: int
    at: int
    line: ClaimLine | None
    problem: str | None = None
    expected: tuple[str, ...] | None = None
    claim: tuple[ClaimLine, ...] = attrs.field(default=(), repr=False)
    position: int = 0
    whole: bool = False
    place: str | None = None

    def place_in(self, file: str) -> str:
        """Where the case stands in its file, as editors know it: ``orders.jsonl:7``."""
        if self.place is not None:
            return f"{file}, {self.place}"
        return f"{file}:{self.at}" if self.row else file

    def where(self, file: str) -> str:
        """Its place and its row, to begin a message with: ``orders.jsonl:7: row 6``."""
        return f"{self.place_in(file)}: row {self.row}"


@attrs.frozen
class _Row:
    row: ReadRow
    problem: str | None = None
    expected: tuple[str, ...] | None = None


def read_cases(path: Path) -> list[Case]:
    """The cases of a file (JSON Lines, CSV, X12 837P or FHIR), in its order.

    Raises:
        InputError: the file cannot be read at all, has no rows, has a column that is meant for a field
            and not read, or has a claim that is not in one piece.
    """
    with open_lines(path) as source:
        name, kind = source.name, source.kind
        damage: str | None = None
        if kind == "jsonl":
            rows = list(_json_rows(path))
        else:
            if kind == "csv":
                _refuse_expectations(path)
            rows = [_Row(row, row.rejected) for row in source]
            _refuse_unread(source)
            damage = None if source.damage is None else str(source.damage)
    if not rows and damage is None:
        raise InputError(f"{name}: has no rows; nothing would be checked")
    cases = _cases(rows, name)
    if damage is not None:
        taken = {case.name for case in cases}
        cases.append(Case(_free_name("damage", taken, 0), 0, 1, None, damage))
    return cases


def _refuse_unread(source: LineSource) -> None:
    if source.looks_like is not None:
        raise InputError(
            f"{source.name}: a column that is not read looks like {source.looks_like}; "
            f"call it {source.looks_like}"
        )


def _refuse_expectations(path: Path) -> None:
    """A table cannot say what is expected; a column of that name, or meant for it, would be silence."""
    raw = open_raw(path)
    try:
        header = CsvRows(raw, {}).header
    finally:
        raw.close()
    if any(plain(name) == "expect" for name in header):
        raise InputError(f"{path}: expect is read in JSON Lines only, not in a table")
    if _own_key_meant(header) == "expect":
        raise InputError(
            f"{path}: a column that is not read looks like expect, which is read in JSON Lines only, "
            "not in a table"
        )


def _own_key_meant(names: Iterable[str]) -> str | None:
    """Which of the keys of test files one of these names, that is no field, seems to be meant for."""
    unread = [plain(name) for name in names if name not in _OWN_KEYS and not recognised([name])]
    for key in _OWN_KEYS:
        if get_close_matches(key, unread, 1, _CLOSE):
            return key
    return None


def _json_rows(path: Path) -> Iterator[_Row]:
    """The rows of JSON Lines. Each is read by itself, so that each says what of it is not read."""
    raw = open_raw(path)
    try:
        raw.first()
        number = 0
        for text in raw:
            if text is not None and not text.strip():
                continue
            number += 1
            yield _json_row(text, number, raw.number)
    finally:
        raw.close()


def _json_row(text: bytes | None, number: int, at: int) -> _Row:
    if text is None:
        return _Row(
            ReadRow(number, None, "too long", at), "the line is longer than 1,048,576 bytes"
        )
    doubled = _doubled(text)
    own, text, meant = _own_keys(text)
    problem, expected = _expectation(own)
    problem = doubled or problem
    try:
        with open_lines(BytesIO(text), "jsonl") as source:
            row = attrs.evolve(next(iter(source)), number=number, at=at)
            unread, looks_like = source.columns_not_read, source.looks_like
    except (InputError, StopIteration):
        row = ReadRow(number, None, "unreadable", at)
        return _Row(row, "the line is no JSON object with fields of a claim line")
    problem = row.rejected or problem
    if problem is None and unread:
        looks_like = looks_like or meant
        fields = "1 field that is" if unread == 1 else f"{unread} fields that are"
        hint = f"; one looks like {looks_like}" if looks_like else ""
        problem = f"the line has {fields} not read{hint}"
    return _Row(row, problem, expected)


def _own_keys(text: bytes) -> tuple[dict[str, Any], bytes, str | None]:
    """What the line says about itself, the line without it, and what a misspelt key was meant for."""
    try:
        record = msgspec.json.decode(text)
    except (ValueError, RecursionError):
        return {}, text, None  # the reader says why
    if not isinstance(record, dict):
        return {}, text, None
    own = {key: record.pop(key) for key in _OWN_KEYS if key in record}
    return own, msgspec.json.encode(record) if own else text, _own_key_meant(record)


class _DoubledKey(Exception):
    """An object of JSON has a key twice; carries the key."""


def _doubled(text: bytes) -> str | None:
    """That an object has a key twice, of which JSON readers drop one: what a merge leaves behind."""
    try:
        json.loads(text, object_pairs_hook=_once_each, parse_int=str, parse_float=str)
    except _DoubledKey as doubled:
        key = str(doubled)
        known = key in _OWN_KEYS or recognised([key])
        return f"the line has {plain(key) if known else 'a field'} twice; keep one"
    except (ValueError, RecursionError):
        pass  # the reader says why
    return None


def _once_each(pairs: list[tuple[str, Any]]) -> None:
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            raise _DoubledKey(key)
        seen.add(key)


def _expectation(own: dict[str, Any]) -> tuple[str | None, tuple[str, ...] | None]:
    """What is wrong with ``expect``, or what it says; what it names is looked at when it is checked."""
    if "expect" not in own:
        return None, None
    expected = own["expect"]
    if not isinstance(expected, list) or not all(isinstance(name, str) for name in expected):
        return 'expect is a list of findings, for example ["modifier-not-applicable"]', None
    return None, tuple(expected)


def _cases(rows: Sequence[_Row], name: str) -> list[Case]:
    """The cases of the rows, each with its claim, each with a name of its own.

    Raises:
        InputError: a claim is not in one piece.
    """
    returning = ReturningClaims()
    names: set[str] = set()
    cases: list[Case] = []
    for group in _claims(rows, returning):
        claim = tuple(each.row.line for each in group if each.row.line is not None)
        whole = any(each.row.key is not None for each in group)
        position = 0
        for each in group:
            row, line = each.row, each.row.line
            own = line.line_id if line is not None else None
            unique = _free_name(own or f"row-{row.number}", names, row.number)
            names.add(unique)
            if line is None or each.problem is not None:
                problem = each.problem or row.rejected
                cases.append(Case(unique, row.number, row.at, None, problem, place=row.place))
            else:
                cases.append(
                    Case(
                        unique,
                        row.number,
                        row.at,
                        line,
                        expected=each.expected,
                        claim=claim,
                        position=position,
                        whole=whole,
                        place=row.place,
                    )
                )
            position += line is not None
    if returning.count:
        raise InputError(f"{name}: {returning_told(returning.count)}")
    return cases


def _free_name(wanted: str, taken: set[str], row: int) -> str:
    """A name that no other case has, and that can be given to pytest to run the case alone."""
    name = wanted.replace(_SEPARATOR, ":")
    return f"{name}@row-{row}" if name in taken else name


def _claims(rows: Sequence[_Row], returning: ReturningClaims) -> Iterator[list[_Row]]:
    """Consecutive rows of one claim, with the rejected rows among them; a row without key alone."""
    group: list[_Row] = []
    key: ClaimKey | None = None
    for each in rows:
        row = each.row
        goes_on = key is not None and (row.line is None or row.key == key)
        if group and (not goes_on or len(group) >= LONGEST_CLAIM):
            yield group
            group = []
        if not goes_on:
            key = row.key
            if key is not None:
                returning.add(key)
        group.append(each)
    if group:
        yield group
