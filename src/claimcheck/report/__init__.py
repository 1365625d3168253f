"""Reports for people and programs: text, JSON, JSON Lines, CSV, HTML, FHIR, SARIF.

``FORMATS`` is the one table of formats. A writer is told the rows one by one and keeps none of them; that of
HTML keeps a sample of stated size.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TextIO

from claimcheck.report.csvout import CsvWriter
from claimcheck.report.htmlout import HtmlWriter
from claimcheck.report.jsonout import JsonlWriter, JsonWriter
from claimcheck.report.operation_outcome import OperationOutcomeWriter
from claimcheck.report.sarif import SarifWriter
from claimcheck.report.summary import (
    CodeSetEdition,
    Damage,
    Note,
    Summary,
    Tally,
    UnusedException,
)
from claimcheck.report.text import TextWriter
from claimcheck.report.writing import Context, Pointing, Writer

__all__ = [
    "FORMATS",
    "CodeSetEdition",
    "Context",
    "Damage",
    "Note",
    "Pointing",
    "Summary",
    "Tally",
    "UnusedException",
    "Writer",
    "open_writer",
]

FORMATS: Final[Mapping[str, type[Writer]]] = MappingProxyType(
    {
        "text": TextWriter,
        "json": JsonWriter,
        "jsonl": JsonlWriter,
        "csv": CsvWriter,
        "html": HtmlWriter,
        "operation-outcome": OperationOutcomeWriter,
        "sarif": SarifWriter,
    }
)
"""Every report format: its name, and the class that writes it."""


def open_writer(name: str, out: TextIO, context: Context) -> Writer:
    """Make the writer of a format.

    Args:
        name: one of ``FORMATS``.
        out: text file that is written to; it is not closed.
        context: what the writer knows besides the rows.

    Raises:
        KeyError: there is no such format.
    """
    return FORMATS[name](out, context)
