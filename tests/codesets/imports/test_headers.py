from __future__ import annotations

import pytest

from claimcheck.codesets.imports.headers import Column, normal, read_table
from claimcheck.codesets.imports.published import open_published
from claimcheck.errors import InputError

COLUMNS = (
    Column("code", ("code", "hcpcs code")),
    Column("status", ("status code", "status*")),
    Column("units", ("* units",)),
    Column("note", ("note",), required=False),
)


@pytest.fixture
def table(put):
    """The header, and the rows below, of a CSV."""

    def read(content: str, columns=COLUMNS):
        (one,) = open_published([put("x.csv", content)], lambda _: 1)
        header, rows = read_table(one, columns)
        return header, list(rows)

    return read


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("HCPCS/\nCPT Code", "hcpcs cpt code"),
        (" co_surg ", "co surg"),
        ("PC/TC IND", "pc tc ind"),
        ("*=in existence", "in existence"),
        ("", ""),
    ],
)
def test_normal(name, expected):
    assert normal(name) == expected


def test_a_header_below_a_banner(table):
    header, rows = table("A notice,,\r\n\r\nHCPCS Code,Status,Paid Units\r\n00001,A,2\r\n")
    assert header.columns == {"code": 0, "status": 1, "units": 2}
    assert header.index("note") is None
    assert (header.row, header.width) == (3, 3)
    assert header.names == ("hcpcs code", "status", "paid units")
    assert header.banner == (("A notice", "", ""), ())
    assert rows == [(4, ["00001", "A", "2"])]


def test_a_header_whose_last_row_has_the_last_words(table):
    header, rows = table(",STATUS,PAID,\r\nCODE,CODE,UNITS,NOTE\r\n00001,A,2,x\r\n")
    assert header.columns == {"code": 0, "status": 1, "units": 2, "note": 3}
    assert rows == [(3, ["00001", "A", "2", "x"])]


def test_a_header_that_goes_on_below_its_first_column(table):
    header, rows = table("Code,Status,Paid units\r\n,of old,(see note)\r\n00001,A,2\r\n")
    assert header.names == ("code", "status of old", "paid units see note")
    assert header.row == 2
    assert rows == [(3, ["00001", "A", "2"])]


def test_a_row_without_its_code_is_no_header(table):
    header, rows = table("Code,Status,Paid units\r\n,A,2\r\n00001,A,2\r\n")
    assert header.row == 1
    assert rows == [(2, ["", "A", "2"]), (3, ["00001", "A", "2"])]


def test_rows_below(table):
    _, rows = table("code,status,paid units\r\n1,A,2\r\n\r\n,,\r\n2,B,3,,\r\n")
    assert rows == [(2, ["1", "A", "2"]), (4, ["", "", ""]), (5, ["2", "B", "3"])]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "code,state,paid units\r\n1,A,2\r\n",
            "x.csv, row 1: the header has no column for status",
        ),
        (
            "a,b\r\n1,2\r\n",
            "x.csv: no header with columns for code, status, units in the first 40 rows",
        ),
        (
            "a notice\r\n" + "1,2\r\n" * 50 + "code,status,paid units\r\n",
            "x.csv: no header with columns for code, status, units in the first 40 rows",
        ),
        (
            'HCPCS,"Practitioner Services\nMUE Values",MUE Adjudication Indicator\r\n1,2,3\r\n',
            "x.csv: no header with columns for code, status, units in the first 40 rows; "
            "it looks like medically unlikely edits",
        ),
        (
            "code,status,paid units\r\n1,A,2\r\n2,B\r\n",
            "x.csv, row 3: 2 cells, and the header has 3; the file may be cut",
        ),
        (
            "code,status,paid units\r\n1,A,2\r\n2\r\n",
            "x.csv, row 3: 1 cell, and the header has 3; the file may be cut",
        ),
        (
            "code,status,paid units\r\n1,A,2,x\r\n",
            "x.csv, row 2: 4 cells, and the header has 3",
        ),
    ],
)
def test_what_is_refused(table, content, message):
    with pytest.raises(InputError) as caught:
        table(content)
    assert str(caught.value) == message
