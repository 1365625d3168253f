"""What every report format is: a writer that is told rows one by one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Protocol, TextIO, runtime_checkable

import attrs

from claimcheck._version import __version__
from claimcheck.line_report import Report, RuleSetStamp
from claimcheck.origin import Origin, Unit
from claimcheck.report.summary import Summary

__all__ = ["Context", "Pointing", "Writer"]


@attrs.frozen(kw_only=True)
class Context:
    """What a writer knows besides the rows.

    Attributes:
        ruleset: which rules.
        sources: titles of the sources that citations name, by id.
        width: columns that text may take.
        colour: whether text may be coloured.
        places: whether the rows tell where in the file they stand.
        version: version of claimcheck.
        payers: keys of the payers that rules or settings name, so that a report may.
        today: the day from which a report judges how likely a date of service is.
        source: path of the input, or None if it is no file.
        fixes: whether text and CSV tell the fixes of findings; JSON always does.
    """

    ruleset: RuleSetStamp
    sources: Mapping[str, str] = attrs.field(factory=dict)
    width: int = 100
    colour: bool = False
    places: bool = False
    version: str = __version__
    payers: frozenset[str] = frozenset()
    today: date = attrs.field(factory=date.today)
    source: str | None = None
    fixes: bool = False


class Writer(Protocol):
    """Writes one report format to a text file, row by row."""

    def __init__(self, out: TextIO, context: Context) -> None: ...

    def start(self) -> None:
        """Write what stands before the first row."""

    def line(
        self,
        number: int,
        report: Report,
        code: str | None = None,
        place: str | None = None,
        payer: str | None = None,
        day: date | None = None,
    ) -> None:
        """Write the report of row ``number``.

        Args:
            number: of the row, counted from 1.
            report: of its line.
            code: its procedure code.
            place: where in the file it stands, where the number does not tell it.
            payer: key of its payer.
            day: its date of service.
        """

    def rejected(self, number: int, reason: str) -> None:
        """Write a row that was not read, with its reason."""

    def finish(self, summary: Summary) -> None:
        """Write what stands after the last row."""


@runtime_checkable
class Pointing(Protocol):
    """A writer that points into the input, and is told where each row stands before the row."""

    def stands(self, at: int, origin: Origin | None, unit: Unit = "line") -> None:
        """Take where the next row begins.

        Args:
            at: number of the line of the file, or of the segment.
            origin: its place in a FHIR resource, or None.
            unit: what ``at`` counts.
        """
