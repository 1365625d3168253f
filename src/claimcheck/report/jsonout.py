"""JSON: one document, or one object per line."""

from __future__ import annotations

from datetime import date
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final, TextIO

import attrs
import msgspec

from claimcheck.finding import Finding
from claimcheck.line_report import COVERED, Report, RuleSetStamp
from claimcheck.report.summary import Summary
from claimcheck.report.writing import Context
from claimcheck.verdict import Severity

__all__ = ["JsonWriter", "JsonlWriter"]

_HELD_IN_MEMORY: Final = 1 << 20
_REMEMBERED: Final = 4_096


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode("utf-8")


@attrs.frozen(eq=False)
class _Encoded:
    """A finding, its JSON, and whether it is an error; that the finding is kept keeps its id its own."""

    finding: Finding
    text: str
    is_error: bool


class _Lines:
    """Lines as JSON: what encoding ``Report.as_dict`` gives, where what lines share is encoded once."""

    def __init__(self) -> None:
        self._findings: dict[int, _Encoded] = {}
        self._ruleset: RuleSetStamp | None = None
        self._ends: dict[tuple[object, object], str] = {}

    def of(self, number: int, report: Report, place: str | None) -> str:
        """The object of a row."""
        head: dict[str, Any] = {"row": number} if place is None else {"row": number, "place": place}
        head["line_id"], head["claim_id"] = report.line_id, report.claim_id
        ok, told = "true", []
        known = self._findings
        for finding in report.findings:
            encoded = known.get(id(finding)) or self._encoded(finding)
            told.append(encoded.text)
            if encoded.is_error:
                ok = "false"
        return (
            f'{_json(head)[:-1]},"status":"{report.status}","ok":{ok},"findings":[{",".join(told)}],'
            f'"suppressed":{report.suppressed},"known":{report.known},{self._end(report)}'
        )

    def _encoded(self, finding: Finding) -> _Encoded:
        """Encode a finding and remember it.

        By identity: findings are made once for each combination, and to compare them costs more.
        """
        if len(self._findings) >= _REMEMBERED:
            self._findings.clear()
        is_error = finding.severity is Severity.ERROR
        encoded = _Encoded(finding, _json(finding.as_dict()), is_error)
        self._findings[id(finding)] = encoded
        return encoded

    def _end(self, report: Report) -> str:
        """Coverage, editions and rule set, to the end of the object."""
        coverage, ruleset = report.coverage, report.ruleset
        if ruleset is not self._ruleset or len(self._ends) >= _REMEMBERED:
            self._ends.clear()
            self._ruleset = ruleset
        key = coverage.states, coverage.editions
        end = self._ends.get(key)
        if end is None:
            told = {
                "coverage": dict(zip(COVERED, coverage.states, strict=True)),
                "editions": report.editions,
                "ruleset": ruleset.as_dict(),
            }
            end = self._ends[key] = _json(told)[1:]
        return end


class JsonWriter:
    """One JSON document, written as the rows come; see ``report.schema.document_schema``."""

    def __init__(self, out: TextIO, context: Context) -> None:
        self._out = out
        self._context = context
        self._encoded = _Lines()
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
        self._out.write(
            ("," if self._lines else "") + "\n" + self._encoded.of(number, report, place)
        )
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
        self._encoded = _Lines()

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
        self._out.write(self._encoded.of(number, report, place) + "\n")

    def rejected(self, number: int, reason: str) -> None:
        """Write a rejected row."""
        self._out.write(_json({"row": number, "rejected": reason}) + "\n")

    def finish(self, summary: Summary) -> None:
        """Nothing stands after the last row."""
