"""FHIR OperationOutcome: the findings as FHIR servers tell them, with paths into the Claim.

One OperationOutcome on one line for each resource of a FHIR input, in its order: a file of one Claim
or one Bundle gives one JSON document, NDJSON gives NDJSON. For other inputs there is one for each
claim (consecutive rows of one ``claim_id``), or for each row that names none. Damage of the input, and
notes on it, are known at its end: they stand in the only OperationOutcome, or in a last one of their
own. What is written is valid in R4 and R5.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any, Final, TextIO

import msgspec

from claimcheck.finding import Finding
from claimcheck.line_report import Report
from claimcheck.origin import Origin, Unit
from claimcheck.report.summary import Summary
from claimcheck.report.text import counted
from claimcheck.report.writing import Context
from claimcheck.verdict import Severity

__all__ = ["SYSTEM", "OperationOutcomeWriter", "issue_type"]

SYSTEM: Final = "urn:claimcheck:finding"
"""The system of the slugs in ``issue.details.coding``."""

_LINE: Final = "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-line"
_PLACES_TOLD: Final = 20
_SEVERITIES: Final = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "information",
}
# By the last words of a slug; any other finding is of the type business-rule.
_TYPES: Final = (
    ("line-condition-unknown", "value"),
    ("line-field-unknown", "value"),
    ("line-id-withheld", "value"),
    ("-missing", "required"),
    ("-malformed", "value"),
    ("-digit-lost", "value"),
    ("-unknown", "code-invalid"),
    ("-unassigned", "code-invalid"),
    ("-not-billable", "code-invalid"),
    ("-not-in-effect", "code-invalid"),
    ("-other-code-set", "code-invalid"),
)


def issue_type(slug: str) -> str:
    """FHIR's type of issue for a finding: business-rule, code-invalid, required or value."""
    return next((kind for end, kind in _TYPES if slug.endswith(end)), "business-rule")


class OperationOutcomeWriter:
    """Writes the issues of a resource as its rows come; at its end, that there were none."""

    def __init__(self, out: TextIO, context: Context) -> None:
        self._out = out
        self._at = 0
        self._unit: Unit = "line"
        self._outcomes = 0
        self._origin: Origin | None = None
        self._open: object = None
        self._issues = 0
        self._lines: Counter[str] = Counter()
        self._left_out: Counter[str] = Counter()

    def start(self) -> None:
        """Nothing stands before the first resource."""

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
        self._belongs(number, report.claim_id)
        self._lines[report.status] += 1
        self._left_out["Switched off by the settings"] += report.suppressed
        self._left_out["Known from the baseline"] += report.known
        for finding in report.findings:
            self._write(self._of(finding, number, report))

    def rejected(self, number: int, reason: str) -> None:
        """Write a row that was not read, with its reason."""
        self._belongs(number, None)
        issue: dict[str, Any] = {
            **self._placed(),
            "severity": "fatal",
            "code": "invalid",
            "details": {"text": f"Not read: {reason}."},
            "diagnostics": "; ".join(self._row_told(number)),
        }
        if self._origin is not None and self._origin.path:
            issue["expression"] = [self._origin.path]
        self._write(issue)

    def finish(self, summary: Summary) -> None:
        """Close the last resource, and tell what is to be known of the whole input.

        An input without rows gives a resource that says so.
        """
        if self._open is None:
            self._begin("no rows")
            text = "The input has no rows; nothing was checked."
            self._write({"severity": "warning", "code": "incomplete", "details": {"text": text}})
        issues = list(_of_input(summary))
        if issues and self._outcomes > 1:
            self._close()
            self._begin("the whole input")
        elif not self._issues:
            self._nothing_found()
        for issue in issues:
            self._write(issue)
        self._close()

    def _belongs(self, number: int, claim_id: str | None) -> None:
        """Begin a resource, unless the row belongs to the one that is open."""
        if self._origin is not None:
            key: object = self._origin.resource
        else:
            key = claim_id or (number,)
        if key != self._open:
            self._close()
            self._begin(key)

    def _begin(self, key: object) -> None:
        self._open = key
        self._outcomes += 1
        self._issues = 0
        self._lines.clear()
        self._left_out.clear()
        self._out.write('{"resourceType":"OperationOutcome","issue":[')

    def _write(self, issue: dict[str, Any]) -> None:
        self._out.write(("," if self._issues else "") + msgspec.json.encode(issue).decode("utf-8"))
        self._issues += 1

    def _close(self) -> None:
        if self._open is None:
            return
        if not self._issues:
            self._nothing_found()
        for why, count in self._left_out.items():
            if count:
                self._write(_informational(f"{why}, and not told: {counted(count, 'finding')}."))
        self._out.write("]}\n")

    def _nothing_found(self) -> None:
        self._write(_informational(_nothing_found(self._lines)))

    def _of(self, finding: Finding, number: int, report: Report) -> dict[str, Any]:
        issue: dict[str, Any] = {
            **self._placed(),
            "severity": _SEVERITIES[finding.severity],
            "code": issue_type(finding.code),
            "details": {
                "coding": [{"system": SYSTEM, "code": finding.code}],
                "text": finding.message,
            },
            "diagnostics": _diagnostics(finding, self._row_told(number), report),
        }
        if self._origin is not None:
            issue["expression"] = [self._origin.of(finding.field, finding.index)]
        return issue

    def _placed(self) -> dict[str, Any]:
        """The physical line of the input, as HL7's own extension tells it; a segment is none."""
        if not self._at or self._unit != "line":
            return {}
        return {"extension": [{"url": _LINE, "valueInteger": self._at}]}

    def _row_told(self, number: int) -> list[str]:
        """The row, and its segment in an X12 file."""
        row = f"row {number}"
        return [row] if self._unit == "line" else [row, f"segment {self._at:,}"]


def _of_input(summary: Summary) -> Iterator[dict[str, Any]]:
    """Issues of the whole input: damage, a bounded number of places, and notes."""
    for one in summary.damage:
        for text in one.told(_PLACES_TOLD):
            told = {"text": f"The input is damaged: {text}."}
            yield {"severity": "fatal", "code": "incomplete", "details": told}
    for note in summary.notes:
        yield _informational(f"{note.text}.")


def _informational(text: str) -> dict[str, Any]:
    return {"severity": "information", "code": "informational", "details": {"text": text}}


def _diagnostics(finding: Finding, row: list[str], report: Report) -> str:
    """What to do, and everything that names the row and the rule."""
    told = list(row)
    if report.claim_id is not None:
        told.append(f"claim {report.claim_id}")
    if report.line_id is not None:
        told.append(f"line {report.line_id}")
    told.append(f"rule {finding.rule}")
    if finding.carc is not None:
        told.append(f"CARC {finding.carc}")
    told += [str(citation) for citation in finding.citations]
    return f"{finding.hint} ({'; '.join(told)})"


def _nothing_found(lines: Counter[str]) -> str:
    total, unchecked = lines.total(), lines["not-checked"]
    count = "1 line" if total == 1 else f"{total:,} lines"
    return f"{count}, {unchecked:,} of them not checked: no findings."
