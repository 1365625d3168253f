"""SARIF 2.1.0: findings as code review tools show them, at their place in a file.

For files of lines that live in a repository (fixtures, examples) and for rule files. Every finding of
claimcheck is a rule of the tool, described by its check's documentation.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final, TextIO
from urllib.parse import quote

import attrs
import msgspec

from claimcheck._version import __version__
from claimcheck.checks import CHECKS, CLAIM_CHECKS
from claimcheck.finding import Finding
from claimcheck.line_report import Report
from claimcheck.origin import Origin, Unit
from claimcheck.report.summary import Summary
from claimcheck.report.text import counted
from claimcheck.report.writing import Context
from claimcheck.verdict import Severity

__all__ = ["Described", "Noted", "SarifWriter", "sarif_log"]

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_REJECTED: Final = "row-rejected"
_PLACES_TOLD: Final = 20


@attrs.frozen
class Described:
    """A rule of the tool: its id, what it is in one line, and the help for it."""

    name: str
    summary: str
    help: str

    def as_dict(self) -> dict[str, Any]:
        """The rule as SARIF's reportingDescriptor."""
        return {
            "id": self.name,
            "shortDescription": {"text": self.summary},
            "fullDescription": {"text": self.summary},
            "help": {"text": self.help},
        }


@attrs.frozen
class Noted:
    """A result at a place in a file (line and column count from 1)."""

    rule: str
    level: str
    message: str
    file: str
    line: int
    column: int
    properties: Mapping[str, Any] = attrs.field(factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The result as SARIF has it."""
        told = {
            "ruleId": self.rule,
            "level": self.level,
            "message": {"text": self.message},
            "locations": [{"physicalLocation": _physical(self.file, self.line, self.column)}],
            "partialFingerprints": _fingerprint(self.rule, self.file, self.message),
        }
        return {**told, "properties": dict(self.properties)} if self.properties else told


def sarif_log(rules: Iterable[Described], results: Iterable[Noted]) -> dict[str, Any]:
    """A whole SARIF log of one run."""
    run = {
        "results": [result.as_dict() for result in results],
        **_tool(__version__, [rule.as_dict() for rule in rules]),
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


class SarifWriter:
    """One run; every finding is a result at the row's physical line of the input.

    In a FHIR input a result also has its FHIRPath as logical location. In an X12 file, whose segments
    are no lines, it has the segment as logical location instead of a line. A row that is rejected is a
    result, too, of the rule ``row-rejected``. Damage of the input is a notification of the run.
    """

    def __init__(self, out: TextIO, context: Context) -> None:
        self._out = out
        self._context = context
        self._results = 0
        self._at = 0
        self._unit: Unit = "line"
        self._origin: Origin | None = None
        self._own: dict[str, None] = {}

    def start(self) -> None:
        """Write the head of the log."""
        head = (
            f'{{"$schema":"{_SCHEMA}","version":"2.1.0","runs":[{{"columnKind":"unicodeCodePoints",'
        )
        self._out.write(head + '"results":[')

    def stands(self, at: int, origin: Origin | None, unit: Unit = "line") -> None:
        """Where the next row stands."""
        self._at, self._origin, self._unit = at, origin, unit

    def line(
        self,
        number: int,
        report: Report,
        code: str | None = None,
        place: str | None = None,
        payer: str | None = None,
        day: date | None = None,
    ) -> None:
        """Write the findings of a row."""
        for finding in report.findings:
            self._own[finding.code] = None
            path = None if self._origin is None else self._origin.of(finding.field, finding.index)
            row = report.line_id or number
            self._write(
                {
                    "ruleId": finding.code,
                    "level": _LEVELS[finding.severity],
                    "message": {"text": f"{finding.message} {finding.hint}{self._segment_told()}"},
                    "locations": [self._location(path, number)],
                    "partialFingerprints": _fingerprint(
                        finding.code, report.claim_id, row, finding.field, finding.index
                    ),
                    "properties": _properties(finding, number, report),
                }
            )

    def rejected(self, number: int, reason: str) -> None:
        """Write a row that was not read."""
        path = None if self._origin is None else self._origin.path
        self._write(
            {
                "ruleId": _REJECTED,
                "level": "error",
                "message": {"text": f"Row {number} was not read: {reason}."},
                "locations": [self._location(path, number)],
                "partialFingerprints": _fingerprint(_REJECTED, number, reason),
                "properties": {"row": number},
            }
        )

    def finish(self, summary: Summary) -> None:
        """Write the rules of the tool, and what was read and checked against what."""
        known = {rule.name: rule for rule in _findings_described()}
        rules = [rule.as_dict() for rule in known.values()]
        rules += [{"id": slug} for slug in self._own if slug not in known]
        ended = {
            **_tool(self._context.version, rules),
            "invocations": [self._invocation(summary)],
            "properties": {
                "ruleset": attrs.asdict(summary.ruleset),
                "summary": summary.as_dict(),
            },
        }
        self._out.write("],\n" + _json(ended)[1:-1] + "}]}\n")

    def _write(self, result: dict[str, Any]) -> None:
        self._out.write((",\n" if self._results else "\n") + _json(result))
        self._results += 1

    def _location(self, path: str | None, number: int) -> dict[str, Any]:
        location: dict[str, Any] = {}
        segment = self._segment
        if self._context.source is not None:
            location["physicalLocation"] = (
                {"artifactLocation": _artifact(self._context.source)}
                if segment
                else _physical(self._context.source, self._at or 1)
            )
        if path or segment or not location:
            name = path or segment or f"row {number}"
            location["logicalLocations"] = [{"fullyQualifiedName": name}]
        return location

    @property
    def _segment(self) -> str | None:
        """The segment of an X12 file on which the row begins, in words; else None."""
        return f"segment {self._at:,}" if self._unit == "segment" else None

    def _segment_told(self) -> str:
        """What ends a message: most viewers show no logical location."""
        return f" ({self._segment})" if self._segment else ""

    def _invocation(self, summary: Summary) -> dict[str, Any]:
        """Whether all of the input could be read, and what is to be known of it."""
        wrong = [
            f"The input is damaged: {text}."
            for one in summary.damage
            for text in one.told(_PLACES_TOLD)
        ]
        if summary.rejected and not summary.checked:
            wrong.append(f"Nothing could be read: {counted(summary.rejected, 'row')} rejected.")
        told = [self._notification("error", text) for text in wrong]
        told += [self._notification("note", f"{note.text}.") for note in summary.notes]
        invocation: dict[str, Any] = {"executionSuccessful": not wrong}
        return {**invocation, "toolExecutionNotifications": told} if told else invocation

    def _notification(self, level: str, text: str) -> dict[str, Any]:
        notification: dict[str, Any] = {"level": level, "message": {"text": text}}
        if self._context.source is not None:
            artifact = {"artifactLocation": _artifact(self._context.source)}
            notification["locations"] = [{"physicalLocation": artifact}]
        return notification


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode("utf-8")


def _tool(version: str, rules: list[dict[str, Any]]) -> dict[str, Any]:
    driver = {"name": "claimcheck", "semanticVersion": version, "rules": rules}
    return {"tool": {"driver": driver}}


def _findings_described() -> Iterable[Described]:
    """The findings as rules, from the documentation of their checks."""
    for check in (*CHECKS, *CLAIM_CHECKS):
        sections = check.sections
        told = [sections[name] for name in ("What it finds", "Why it matters", "What to do")]
        summary = " ".join(sections[""].split())
        yield Described(check.finding, summary, "\n\n".join(told))
    yield Described(
        _REJECTED, "A row could not be read.", "Correct the row; nothing of it was checked."
    )


def _properties(finding: Finding, number: int, report: Report) -> dict[str, Any]:
    return {
        "row": number,
        "claim_id": report.claim_id,
        "line_id": report.line_id,
        "field": finding.field,
        "index": finding.index,
        "value": finding.value,
        "rule": finding.rule,
        "carc": finding.carc,
        "citations": [str(citation) for citation in finding.citations],
    }


def _physical(file: str, line: int, column: int | None = None) -> dict[str, Any]:
    region = {"startLine": line} if column is None else {"startLine": line, "startColumn": column}
    return {"artifactLocation": _artifact(file), "region": region}


def _artifact(file: str) -> dict[str, str]:
    """A file below the current folder by its relative path, any other by its address."""
    path = Path(file).resolve()
    try:
        relative = path.relative_to(Path.cwd())
    except ValueError:
        return {"uri": path.as_uri()}
    return {"uri": quote(relative.as_posix()), "uriBaseId": "%SRCROOT%"}


def _fingerprint(*parts: object) -> dict[str, str]:
    """What stays the same when rows are inserted above."""
    told = "\0".join(map(str, parts)).encode()
    return {"claimcheck/v1": hashlib.blake2b(told, digest_size=16).hexdigest()}
