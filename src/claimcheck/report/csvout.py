"""CSV: one finding per row, for a spreadsheet."""

from __future__ import annotations

import csv
from datetime import date
from typing import Final, TextIO

from claimcheck.line_report import Report
from claimcheck.report.summary import Summary
from claimcheck.report.writing import Context

__all__ = ["COLUMNS", "CsvWriter", "harmless"]

COLUMNS: Final = (
    "row",
    "line_id",
    "claim_id",
    "code",
    "severity",
    "field",
    "index",
    "value",
    "rule",
    "carc",
    "message",
    "hint",
    "citations",
)

_RUN_BY_SPREADSHEETS: Final = ("=", "+", "-", "@", "\t", "\r")


def harmless(cell: str | None) -> str:
    """A cell that no spreadsheet runs: one that begins like a formula gets a leading apostrophe.

    A carriage return becomes a blank, since the csv module does not quote it.
    """
    if cell is None:
        return ""
    told = f"'{cell}" if cell.startswith(_RUN_BY_SPREADSHEETS) else cell
    return told.replace("\r", " ")


class CsvWriter:
    """One finding per row; a rejected row has the severity ``rejected`` and its reason as message.

    Fixes, if they are asked for, stand in a column ``fix``. Where rows tell where in the file they stand,
    that is the last column, ``place``.
    """

    def __init__(self, out: TextIO, context: Context) -> None:
        self._csv = csv.writer(out, lineterminator="\n")
        self._fixes, self._places = context.fixes, context.places
        self._columns = (
            *COLUMNS,
            *(["fix"] if self._fixes else ()),
            *(["place"] if self._places else ()),
        )

    def start(self) -> None:
        """Write the header."""
        self._csv.writerow(self._columns)

    def line(
        self,
        number: int,
        report: Report,
        code: str | None = None,
        place: str | None = None,
        payer: str | None = None,
        day: date | None = None,
    ) -> None:
        """Write the findings of a row; none if it has none."""
        for finding in report.findings:
            cells = [
                report.line_id,
                report.claim_id,
                finding.code,
                finding.severity.value,
                finding.field,
                None if finding.index is None else str(finding.index),
                finding.value,
                finding.rule,
                finding.carc,
                finding.message,
                finding.hint,
                "; ".join(map(str, finding.citations)),
            ]
            if self._fixes:
                cells.append(None if finding.fix is None else str(finding.fix))
            if self._places:
                cells.append(place)
            self._csv.writerow([number, *map(harmless, cells)])

    def rejected(self, number: int, reason: str) -> None:
        """Write a rejected row."""
        told = {"row": str(number), "severity": "rejected", "message": reason}
        self._csv.writerow([harmless(told.get(column)) for column in self._columns])

    def finish(self, summary: Summary) -> None:
        """Nothing stands after the last row."""
