"""JSON: one document, or one object per line."""

from __future__ import annotations

from datetime import date
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final, TextIO

import attrs
import msgspec

from claimcheck.line_report import Report
from claimcheck.report.summary import Summary
from claimcheck.report.writing import Context

__all__ = ["JsonWriter", "JsonlWriter"]

_HELD_IN_MEMORY: Final = 1 << 20


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode("utf-8")


def _of_line(number: int, report: Report, place: str | None) -> str:
    head = {"row": number} if place is None else {"row": number, "place": place}
    return _json({**head, **report.as_dict()})


class JsonWriter:
    """One JSON document, written as the rows come; see ``report.schema.document_schema``."""

    def __init__(self, out: TextIO, context: Context) -> None:
        self._out = out
        self._context = context
        self._lines = 0
        self._rejected: IO[str] | None = None

    def start(self) -> None:
        """Write the head of the document."""
        ruleset = _json(attrs.asdict(self._context.ruleset))
        self._out.write(
            f'{{"claimcheck": {_json(self._context.version)}, "ruleset": {ruleset},\n"lines": ['
        )

    def line(
        self,
        number: int,
        report: Report,
        code: str | None = None,
        place: str | None = None,
        payer: str | None = None,
        day: date | None = None,
    ) -> None:
        """Write the report of a row."""
        self._out.write(("," if self._lines else "") + "\n" + _of_line(number, report, place))
        self._lines += 1

    def rejected(self, number: int, reason: str) -> None:
        """Keep a rejected row until the lines are done."""
        comma = ",\n"
        if self._rejected is None:
            # Many of them wait on disk.
            self._rejected = SpooledTemporaryFile(  # noqa: SIM115 closed in finish
                _HELD_IN_MEMORY, "w+", encoding="utf-8", newline=""
            )
            comma = "\n"
        self._rejected.write(comma + _json({"row": number, "reason": reason}))

    def finish(self, summary: Summary) -> None:
        """Write the rejected rows and the summary."""
        self._out.write('\n],\n"rejected": [')
        if self._rejected is not None:
            with self._rejected as waiting:
                waiting.seek(0)
                while piece := waiting.read(_HELD_IN_MEMORY):
                    self._out.write(piece)
        self._out.write(f'\n],\n"summary": {_json(summary.as_dict())}}}\n')


class JsonlWriter:
    """One JSON object per row: its report, or why it was rejected."""

    def __init__(self, out: TextIO, context: Context) -> None:
        self._out = out

    def start(self) -> None:
        """Nothing stands before the first row."""

    def line(
        self,
        number: int,
        report: Report,
        code: str | None = None,
        place: str | None = None,
        payer: str | None = None,
        day: date | None = None,
    ) -> None:
        """Write the report of a row."""
        self._out.write(_of_line(number, report, place) + "\n")

    def rejected(self, number: int, reason: str) -> None:
        """Write a rejected row."""
        self._out.write(_json({"row": number, "rejected": reason}) + "\n")

    def finish(self, summary: Summary) -> None:
        """Nothing stands after the last row."""
