"""Reading claim lines from files: CSV, JSON Lines, X12 837P, FHIR; row by row, every row accounted for.

``read_lines`` gives the lines of a file. ``open_lines`` finds out what the input is, decides how its
columns map to fields, and only then reads rows. A row that cannot be read is rejected with its number
and a reason; it never stops the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Protocol

import attrs

from claimcheck.errors import DamagedInputError, InputError
from claimcheck.io.claims import ClaimKey, checked_grouping
from claimcheck.io.columns import checked_mapping
from claimcheck.io.csv_lines import CsvRows
from claimcheck.io.fhir import FhirRows, FhirVersion, is_fhir
from claimcheck.io.jsonl_lines import JsonlRows
from claimcheck.io.kinds import INPUT_FORMATS, InputFormat, kind_of
from claimcheck.io.raw import Input, RawLines, open_raw, refuse_unreadable
from claimcheck.io.rows import Row
from claimcheck.io.x12 import X12Rows
from claimcheck.line import ClaimLine
from claimcheck.origin import Origin, Unit

__all__ = [
    "INPUT_FORMATS",
    "DamagedInputError",
    "InputFormat",
    "LineSource",
    "ReadRow",
    "open_lines",
    "read_lines",
]

_REJECTED_KEPT: Final = 100
_NOTES_TOLD: Final = 10
_FHIR: Final[dict[InputFormat, FhirVersion | None]] = {
    "fhir": None,
    "fhir-r4": "R4",
    "fhir-r5": "R5",
}


class _Rows(Protocol):
    @property
    def not_read(self) -> int: ...

    @property
    def looks_like(self) -> str | None: ...

    def __iter__(self) -> Iterator[Row]: ...


@attrs.frozen
class ReadRow:
    """One row of an input.

    Attributes:
        number: number of the row, counted from 1 for the first after the header.
        line: the claim line, or None if the row is rejected.
        rejected: why the row is rejected, without anything of its content; else None.
        at: number of the physical line on which the row begins, or of its segment in an X12 file,
            counted from 1.
        key: that of its claim, or None if it is rejected or stands alone. Never to be told.
        place: where in the file the line stands, where the row's number does not tell it
            (``segment 57``, or a FHIRPath); else None.
        origin: that place in a FHIR resource, else None.
    """

    number: int
    line: ClaimLine | None
    rejected: str | None
    at: int
    key: ClaimKey | None = None
    place: str | None = None
    origin: Origin | None = None


@attrs.define(eq=False)
class LineSource:
    """An opened input. Iterate it once; use it as a context manager to close the file.

    Attributes:
        name: what messages call it: the file's name, or ``standard input``.
        kind: one of ``INPUT_FORMATS``.
        read: number of rows so far, rejected ones included.
        rejected: number of rejected rows so far.
    """

    name: str
    kind: InputFormat
    _raw: RawLines
    _rows: _Rows
    read: int = 0
    rejected: int = 0

    @property
    def columns_not_read(self) -> int:
        """Number of columns (or different keys) that give no field."""
        return self._rows.not_read

    @property
    def looks_like(self) -> str | None:
        """A field that a column not read seems to be meant for, or None."""
        return self._rows.looks_like

    @property
    def has_places(self) -> bool:
        """Whether its rows tell where in the file they stand."""
        return self.kind not in ("csv", "jsonl")

    @property
    def unit(self) -> Unit:
        """What ``ReadRow.at`` counts: lines of the file, or segments of an X12 file."""
        return "segment" if self.kind == "x12" else "line"

    @property
    def damage(self) -> DamagedInputError | None:
        """What was wrong with the input as a whole so far, with places; None if nothing was.

        Rejected rows of a table are not among it, those of an X12 file are.
        """
        problems: tuple[str, ...] = getattr(self._rows, "damage", ())
        if not problems:
            return None
        count: int = getattr(self._rows, "damage_count", len(problems))
        return DamagedInputError(self.name, problems, count)

    @property
    def notes(self) -> tuple[str, ...]:
        """What is no damage and still worth knowing of the input so far."""
        told: tuple[str, ...] = getattr(self._rows, "notes", ())
        more = getattr(self._rows, "notes_count", len(told)) - min(len(told), _NOTES_TOLD)
        return (*told[:_NOTES_TOLD], f"and {more:,} more notes") if more else told

    @property
    def bytes_read(self) -> int:
        """Number of bytes read so far; 0 where the input cannot tell."""
        return self._raw.position

    def __iter__(self) -> Iterator[ReadRow]:
        for number, at, fields, reason, key, place, origin in self.rows():
            line = None if fields is None else ClaimLine(**fields)
            its = None if line is None else key
            yield ReadRow(number, line, reason, at, its, place, origin)

    def rows(self) -> Iterator[Row]:
        """The rows with their fields as they stand, before a claim line is made of them."""
        for row in self._rows:
            self.read += 1
            if row.fields is None:
                self.rejected += 1
            yield row

    def __enter__(self) -> LineSource:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._raw.close()


def open_lines(
    source: Input,
    input_format: InputFormat | None = None,
    mapping: Mapping[str, str] | None = None,
    group_by: Sequence[str] | None = None,
) -> LineSource:
    """Open an input and decide how it is read, before the first row.

    Args:
        source: path of a file, ``-`` for standard input, or a binary stream.
        input_format: one of ``INPUT_FORMATS``; None to tell from the content.
        mapping: column (or key) to field; wins over what a column's name means by itself. X12 and FHIR
            have no columns, and do without.
        group_by: columns (or keys) that together tell which claim a row belongs to; none of them
            switches claims off; None for the column that gives ``claim_id``, if there is one. The
            lines of a FHIR Claim are a claim, unless claims are off.

    Raises:
        InputError: the input is not there, is empty, no text, or its columns give no line.
    """
    chosen = checked_mapping(mapping)
    grouping = checked_grouping(group_by)
    if input_format is not None and input_format not in INPUT_FORMATS:
        raise InputError(f"an input format is one of {', '.join(INPUT_FORMATS)}")
    raw = open_raw(source)
    try:
        beginning = raw.beginning()
        kind: InputFormat = input_format or (
            "fhir" if is_fhir(raw, beginning) else kind_of(beginning)
        )
        if kind not in ("x12", *_FHIR):
            refuse_unreadable(beginning, raw.name)
        rows = _rows_of(kind, raw, chosen, grouping)
    except BaseException:
        raw.close()
        raise
    return LineSource(raw.name, kind, raw, rows)


def _rows_of(
    kind: InputFormat,
    raw: RawLines,
    mapping: Mapping[str, str],
    group_by: Sequence[str] | None,
) -> _Rows:
    """The reader of a kind: the one place that knows them all."""
    if kind == "x12":
        return X12Rows(raw, group_by)
    if kind in _FHIR:
        return FhirRows(raw, _FHIR[kind], together=group_by != ())
    refuse_unreadable(raw.first(), raw.name)
    return (JsonlRows if kind == "jsonl" else CsvRows)(raw, mapping, group_by)


def read_lines(
    source: Input,
    input_format: InputFormat | None = None,
    mapping: Mapping[str, str] | None = None,
) -> Iterator[ClaimLine]:
    """The claim lines of a file (CSV, JSON Lines, X12 837P or FHIR Claims), in its order, in constant memory.

    Args:
        source: path of a file, ``-`` for standard input, or a binary stream.
        input_format: one of ``INPUT_FORMATS``; None to tell from the content.
        mapping: column (or key) to field.

    Raises:
        InputError: at once, if the input cannot be read at all.
        DamagedInputError: after the last line, if there was damage or a row was rejected; it names
            the places and shows nothing of the content.
    """
    return _lines_of(open_lines(source, input_format, mapping))


def _lines_of(opened: LineSource) -> Iterator[ClaimLine]:
    rejected: list[str] = []
    with opened:
        for row in opened:
            if row.line is not None:
                yield row.line
            elif len(rejected) < _REJECTED_KEPT:
                rejected.append(f"row {row.number:,}: {row.rejected}")
        if opened.damage is not None:
            raise opened.damage
        if rejected:
            raise DamagedInputError(opened.name, tuple(rejected), opened.rejected)
