from __future__ import annotations

import csv
import io

import attrs
import pytest

from claimcheck.report.csvout import COLUMNS, harmless


def read(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_one_finding_per_row(write):
    first, second = read(write("csv", write.bad, write.clean))
    assert first == {
        "row": "1",
        "line_id": "1",
        "claim_id": "CLM-7",
        "code": "modifier-not-applicable",
        "severity": "error",
        "field": "modifiers",
        "index": "0",
        "value": "80",
        "rule": "codes/0252U#modifiers/80",
        "carc": "4",
        "message": write.error.message,
        "hint": write.error.hint,
        "citations": "a-page: row 80; a-list: 80; a-page: row 81",
    }
    assert (second["row"], second["index"], second["value"]) == ("1", "", "")


def test_rejected_rows_are_there(write):
    (row,) = read(write("csv", "why"))
    assert {name: cell for name, cell in row.items() if cell} == {
        "row": "1",
        "severity": "rejected",
        "message": "why",
    }


def test_a_header_is_there_without_findings(write):
    assert write("csv") == ",".join(COLUMNS) + "\n"


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_what_a_spreadsheet_would_run_is_escaped(write, sign):
    finding = attrs.evolve(write.error, message=f"{sign}cmd|' /C calc'!A0")
    (row,) = read(write("csv", write.report_of(finding, line_id=f"{sign}1")))
    shown = " " if sign == "\r" else sign
    assert row["message"] == f"'{shown}cmd|' /C calc'!A0"
    assert row["line_id"] == f"'{shown}1"


@pytest.mark.parametrize("cell", ["80", "0252U", "", "a=b"])
def test_other_cells_stay(cell):
    assert harmless(cell) == cell
