from __future__ import annotations

from datetime import date

import pytest

from claimcheck.codesets.imports import import_files
from claimcheck.codesets.store import open_store
from claimcheck.errors import InputError

NAME = "AOC_V2026Q3-MCR.txt"
HEADER = [
    "AOC_Edit_Type",
    "Add-On_Code",
    "AOC_DelDT",
    "Primary_Code",
    "Primary_Code_DelDT",
    "AOC_Edit_EffDT",
    "AOC_Edit_DelDT",
    "Special_Instruction_Notes",
]
ROWS = [
    ["1", "00010", "", "00001", "", "2013091", "", ""],
    ["1", "00010", "", "00002", "2024366", "2013091", "", ""],
    ["1", "00010", "", "00003", "", "2013091", "2020182", ""],
    ["1", "00010", "", "00003", "", "2022001", "", ""],
    ["2", "0001T", "2023365", "CCCCC", "", "2013091", "", "Told by the contractor"],
    ["3", "G0001", "", "00001", "", "2026182", "", ""],
]
EDITS = [
    ("00010", "00001", 1, "2013-04-01", None),
    ("00010", "00002", 1, "2013-04-01", "2024-12-31"),
    ("00010", "00003", 1, "2013-04-01", "2020-06-30"),
    ("00010", "00003", 1, "2022-01-01", None),
    ("0001T", "CCCCC", 2, "2013-04-01", "2023-12-31"),
    ("G0001", "00001", 3, "2026-07-01", None),
]
WIDTHS = (1, 5, 7, 5, 7, 7, 7, 30)


def fixed(*rows: list[str]) -> str:
    """Rows as text of fixed width."""
    return "".join(
        "".join(cell.ljust(width) for cell, width in zip(row, WIDTHS, strict=True)).rstrip()
        + "\r\n"
        for row in rows
    )


def edits(data):
    store = open_store(data)
    try:
        return store.rows(
            "SELECT code, primary_code, type, first, last FROM addon "
            "ORDER BY code, primary_code, first"
        )
    finally:
        store.close()


def refusal(data, *paths) -> str:
    with pytest.raises(InputError) as caught:
        import_files("addon", paths, data)
    assert not (data / "codesets.sqlite").exists()
    return str(caught.value)


def test_text_of_fixed_width(put, data):
    done = import_files("addon", [put(NAME, fixed(*ROWS))], data)
    assert (done.outcome, done.notes) == ("added", ())
    assert done.vintage.name == "2026Q3"
    assert (done.vintage.first, done.vintage.last) == (None, date(2026, 9, 30))
    assert (done.vintage.rows_read, done.vintage.rows) == (6, 6)
    assert edits(data) == EDITS


def test_a_notice_above_it(put, data):
    import_files("addon", [put(NAME, "A notice about rights.\r\n\r\n" + fixed(*ROWS))], data)
    assert edits(data) == EDITS


def test_excel(put_workbook, data):
    rows = [["A notice"], HEADER, *ROWS]
    import_files("addon", [put_workbook("AOC_V2026Q3-MCR.xlsx", rows)], data)
    assert edits(data) == EDITS


def test_a_zip_with_both(put_zip, as_workbook, data):
    members = {
        "AOC_V2026Q3-MCR.xlsx": as_workbook([["x"]]),
        "AOC_V2026Q3-F-MCR.txt": fixed(*ROWS).encode(),
        "AOC record layout.txt": b"how to read it\r\n",
    }
    done = import_files("addon", [put_zip("aoc.zip", members)], data)
    assert done.vintage.name == "2026Q3"
    assert edits(data) == EDITS


def test_as_converted(put, data):
    path = put("aoc_2024q2.csv", "primary_code,add_on_code,aoc_edit_type\nCCCCC,0001T,2\n")
    done = import_files("addon", [path], data)
    assert (done.vintage.first, done.vintage.last) == (date(2024, 4, 1), date(2024, 6, 30))
    assert edits(data) == [("0001T", "CCCCC", 2, "", None)]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (["4", *ROWS[0][1:]], "row 2: the AOC edit type is '4', and 1, 2 or 3 was expected"),
        (
            ["1", "0001X", *ROWS[0][2:]],
            "row 2: the add-on code '0001X' has no shape of a CPT or HCPCS code",
        ),
        (
            ["1", "00010", "", "DDDDD", "", "2013091", "", ""],
            "row 2: the primary code (a text of 5 characters) has no shape of a CPT or HCPCS code",
        ),
        (
            ["1", "00010", "", "00001", "", "2013366", "", ""],
            "row 2: the effective date is '2013366', and a date was expected",
        ),
        (
            ["1", "00010", "", "00001", "", "2013091", "2013090", ""],
            "row 2: the edit ends on 2013-03-31, before it begins on 2013-04-01",
        ),
        (
            ROWS[-1],
            "row 2: G0001 with the primary 00001 is in row 1 already; each may be there once",
        ),
    ],
)
def test_what_cannot_be_is_refused(put, data, row, message):
    assert refusal(data, put(NAME, fixed(ROWS[-1], row))) == f"{NAME}, {message}"


def test_a_cut_line(put, data):
    content = fixed(*ROWS)
    assert refusal(data, put(NAME, content[:-20])) == (
        f"{NAME}, row 6: is no line of this table (type, add-on code, date, primary code, "
        "three dates); the file may be cut"
    )


def test_two_files(put, data):
    first, second = put("a.txt", fixed(*ROWS)), put("b.txt", fixed(*ROWS[1:]))
    assert refusal(data, first, second) == (
        "a.txt, b.txt: an edition of addon is one table; give one file"
    )
