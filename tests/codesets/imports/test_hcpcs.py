"""HCPCS Level II, in the shapes of CMS: text of fixed columns, Excel, CSV; texts are our own."""

from __future__ import annotations

from datetime import date

import pytest

from claimcheck.codesets.imports import import_files
from claimcheck.codesets.store import open_store
from claimcheck.errors import InputError


def record(code, sequence, number, text, added="", ends="", action="N"):
    """A record of the text: a code to the left of its five places, a modifier to their right."""
    head = f"{code:>5}{sequence:05}{number}{text:80}{text[:28]:28}"
    return f"{head:268}{added:8}{added:8}{ends:8}{action}{'':27}"


RECORDS = (
    record("A0021", 100, 3, "own text of a service", "19860101", "20251231", "D"),
    record("A0021", 200, 4, "and more of it"),
    record("G0452", 100, 3, "own text", "20130101"),
    record("QW", 100, 7, "own text of a modifier", "19900101"),
    record("QW", 200, 8, "and more of it"),
    record("X1", 100, 7, "another", "20180101", "20261231"),
)
TEXT = "".join(f"{line}\r\n" for line in RECORDS)
HEADER = [
    *("HCPC", "SEQNUM", "RECID", "LONG DESCRIPTION", "SHORT DESCRIPTION", "PRICE1", "COV"),
    *("ADD DT", "ACT EFF DT", "TERM DT", "ACTION CD"),
]
ROWS = [
    ["A0021", 100, 3, "own text of a service", "own", "00", "I", 19860101, 20260101, 20251231, "D"],
    ["A0021", 200, 4, "and more of it", "", "", "", "", "", "", ""],
    ["G0452", 100, 3, "own text", "own", "13", "C", 20130101, 20130101, "", "N"],
    ["QW", 100, 7, "own text of a modifier", "own", "", "", 19900101, 19900101, "", "N"],
    ["QW", 200, 8, "and more of it", "", "", "", "", "", "", ""],
    ["X1", 100, 7, "another", "own", "", "", 20180101, 20180101, 20261231, "N"],
]
CODES = [("A0021", "1986-01-01", "2025-12-31", None), ("G0452", "2013-01-01", None, None)]
MODIFIERS = [("QW", "1990-01-01", None, None), ("X1", "2018-01-01", "2026-12-31", None)]


def stored(data, table: str = "hcpcs") -> list[tuple]:
    store = open_store(data)
    rows = store.rows(f"SELECT code, first, last, description FROM {table} ORDER BY code")  # noqa: S608 - our own names
    store.close()
    return rows


def csv_text(rows) -> str:
    return "".join(",".join(str(cell) for cell in row) + "\r\n" for row in rows)


def test_the_text_of_fixed_columns(put, data):
    found = import_files("hcpcs", [put("HCPC2026_JUL_ANWEB_06172026.txt", TEXT)], data)
    assert stored(data) == CODES
    assert stored(data, "hcpcs_modifier") == MODIFIERS
    assert (found.vintage.name, found.vintage.first, found.vintage.last) == (
        "2026Q3",
        date(2026, 7, 1),
        date(2026, 9, 30),
    )
    assert (found.vintage.rows_read, found.vintage.rows, found.notes) == (6, 4, ())


def test_blanks_at_the_end_may_be_gone(put, data):
    text = "".join(f"{line.rstrip(' N')}\n" for line in RECORDS)
    import_files("hcpcs", [put("HCPC2026_JUL_ANWEB.txt", text)], data)
    assert stored(data) == CODES
    assert stored(data, "hcpcs_modifier") == MODIFIERS


def test_the_workbook(put_workbook, data):
    pytest.importorskip("python_calamine")
    path = put_workbook("HCPC2026_JUL_ANWEB.xlsx", [["A notice of our own"], HEADER, *ROWS])
    assert import_files("hcpcs", [path], data).vintage.name == "2026Q3"
    assert stored(data) == CODES
    assert stored(data, "hcpcs_modifier") == MODIFIERS


def test_the_csv_with_texts_on_request(put, data):
    path = put("HCPC2026_OCT_ANWEB.csv", csv_text([HEADER, *ROWS]))
    found = import_files("hcpcs", [path], data, keep_descriptions=True)
    assert found.vintage.name == "2026Q4"
    assert [row[3] for row in stored(data)] == ["own text of a service and more of it", "own text"]
    assert [row[3] for row in stored(data, "hcpcs_modifier")] == [
        "own text of a modifier and more of it",
        "another",
    ]


def test_the_zip_as_downloaded(put_zip, data):
    path = put_zip(
        "july-2026-alpha-numeric-hcpcs-file.zip",
        {
            "HCPC2026_JUL_ANWEB.txt": TEXT.encode("cp1252"),
            "HCPC2026_JUL_ANWEB_Trans_Alpha.txt": b"not taken",
            "HCPC2026_recordlayout.txt": b"not taken",
            "NOC codes_JUL 2026.txt": b"not taken",
            "proc_notes_JUL2026.txt": b"not taken",
        },
    )
    found = import_files("hcpcs", [path], data)
    assert (found.vintage.name, found.vintage.rows) == ("2026Q3", 4)


def test_codes_alone_are_told(put, data):
    path = put("HCPC2026_OCT_ANWEB.csv", csv_text([HEADER, *ROWS[:3]]))
    found = import_files("hcpcs", [path], data)
    assert found.notes == ("HCPC2026_OCT_ANWEB.csv has no modifiers, only codes",)


BAD_ROWS = {
    "a record number": (
        ["A0030", 100, 5, "", "", "", "", "", "", "", ""],
        "row 8: the record number is '5', and 3, 4, 7 or 8 was expected",
    ),
    "a code": (
        ["A003", 100, 3, "", "", "", "", "", "", "", ""],
        "row 8: the code 'A003' has no shape of a CPT or HCPCS code",
    ),
    "a modifier": (
        ["QWX", 100, 7, "", "", "", "", "", "", "", ""],
        "row 8: the modifier (a text of 3 characters) has not two letters or digits",
    ),
    "no modifier": (["", 100, 7, "", "", "", "", "", "", "", ""], "row 8: the modifier is empty"),
    "a text without its code": (
        ["A0030", 200, 4, "own", "", "", "", "", "", "", ""],
        "row 8: goes on with A0030, which does not stand directly above",
    ),
    "a date": (
        ["A0030", 100, 3, "", "", "", "", 20261301, "", "", ""],
        "row 8: the date on which it was added is '20261301', and a date was expected",
    ),
    "contradictory dates": (
        ["A0030", 100, 3, "", "", "", "", 20260101, "", 20251231, ""],
        "row 8: A0030 ends on 2025-12-31, before it begins on 2026-01-01",
    ),
    "twice": (ROWS[2], "row 8: G0452 is in row 4 already; each may be there once"),
}


@pytest.mark.parametrize(("row", "message"), BAD_ROWS.values(), ids=BAD_ROWS)
def test_what_cannot_be_is_refused(put, data, row, message):
    path = put("HCPC2026_OCT_ANWEB.csv", csv_text([HEADER, *ROWS, row]))
    with pytest.raises(InputError) as caught:
        import_files("hcpcs", [path], data)
    assert str(caught.value) == f"HCPC2026_OCT_ANWEB.csv, {message}"
    assert open_store(data) is None


BAD_TEXTS = {
    "a cut line": (
        TEXT + record("G0453", 100, 3, "own", "20130101")[:200],
        "row 7: 200 characters, and at least 284 were expected; the file may be cut",
    ),
    "a line of something else": (
        TEXT + "own text\r\n",
        "row 7: no record of HCPCS Level II: code, sequence number, then 3, 4, 7 or 8",
    ),
    "twice": (
        TEXT + RECORDS[2] + "\r\n",
        "row 7: G0452 is in row 3 already; each may be there once",
    ),
}


@pytest.mark.parametrize(("content", "message"), BAD_TEXTS.values(), ids=BAD_TEXTS)
def test_what_cannot_be_in_the_text_is_refused(put, data, content, message):
    with pytest.raises(InputError) as caught:
        import_files("hcpcs", [put("HCPC2026_JUL_ANWEB.txt", content)], data)
    assert str(caught.value) == f"HCPC2026_JUL_ANWEB.txt, {message}"
    assert open_store(data) is None


def test_modifiers_alone_are_refused(put, data):
    path = put("HCPC2026_JUL_ANWEB.csv", csv_text([HEADER, *ROWS[3:]]))
    with pytest.raises(InputError, match=r"^HCPC2026_JUL_ANWEB\.csv: has no codes$"):
        import_files("hcpcs", [path], data)
