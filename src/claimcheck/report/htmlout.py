"""HTML: a page to look at, search and print, in one file."""

from __future__ import annotations

from datetime import date
from typing import TextIO

from claimcheck.line_report import Report
from claimcheck.report.page.counts import PageCounts
from claimcheck.report.page.sample import ShownLine
from claimcheck.report.summary import Summary
from claimcheck.report.writing import Context

__all__ = ["HtmlWriter"]


class HtmlWriter:
    """Counts the rows as they come and keeps a sample of their findings; writes the page at the end."""

    def __init__(self, out: TextIO, context: Context) -> None:
        self._out = out
        self._context = context
        self._counts = PageCounts()

    def start(self) -> None:
        """Nothing can be written before the last row."""

    def line(
        self,
        number: int,
        report: Report,
        code: str | None = None,
        place: str | None = None,
        payer: str | None = None,
        day: date | None = None,
    ) -> None:
        """Count a row."""
        found = tuple((finding, finding.index) for finding in report.findings)
        ids = report.line_id, report.claim_id
        self._counts.add(ShownLine(number, *ids, code, payer, day, report.status, found))

    def rejected(self, number: int, reason: str) -> None:
        """Rejected rows are told by the summary."""

    def finish(self, summary: Summary) -> None:
        """Write the page."""
        # Imported late: what draws and fills the page takes longer to load than a small file to check.
        from claimcheck.report.page.build import write_page

        write_page(self._out, self._context, summary, self._counts)
