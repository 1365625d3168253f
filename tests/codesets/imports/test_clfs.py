"""The clinical laboratory fee schedule, in the shapes of CMS."""

from __future__ import annotations

from datetime import date

import pytest

from claimcheck.codesets.imports import import_files
from claimcheck.codesets.store import open_store
from claimcheck.errors import InputError

NOTICE = '"A notice, of our own",,,,,,,,\r\n"© our own",,,,,,,,\r\n,,,,,,,,\r\nMore,,,,,,,,\r\n'
HEADER = "YEAR,HCPCS,MOD,EFF_DATE,INDICATOR,RATE,SHORTDESC,LONGDESC,EXTENDEDLONGDESC\r\n"
ROWS = (
    "2026,0252U,  ,20260101,N,00759.05,own short,own long,own longest\r\n"
    "2026,81025,,20260101,N,00008.61,own,own,own\r\n"
    "2026,81025,QW,20260101,N,00008.61,own,own,own\r\n"
    '2026,0001M,,20260401,L,00000.00,own,"own, long",own\r\n'
)
STORED = [("0001M", "", None), ("0252U", "", None), ("81025", "", None), ("81025", "QW", None)]


def stored(data) -> list[tuple]:
    store = open_store(data)
    rows = store.rows("SELECT code, modifier, description FROM clfs ORDER BY code, modifier")
    store.close()
    return rows


@pytest.mark.parametrize(
    "name", ["PUF_CLFS_CY2026_Q2V1.csv", "CLFS 2026 Q2V1.csv", "clfs_2026q2.csv"]
)
def test_the_csv(put, data, name):
    found = import_files("clfs", [put(name, NOTICE + HEADER + ROWS)], data)
    assert stored(data) == STORED
    assert (found.vintage.name, found.vintage.first, found.vintage.last) == (
        "2026Q2",
        date(2026, 4, 1),
        date(2026, 6, 30),
    )
    assert (found.vintage.rows_read, found.vintage.rows, found.notes) == (4, 4, ())


def test_the_header_of_2025(put, data):
    header = HEADER.replace("EXTENDEDLONGDESC", "EXTENDED LONGDESC")
    rows = ROWS.replace("2026,", "2025,")
    path = put("CLFS 2025 Q2V1.csv", NOTICE + header + rows)
    import_files("clfs", [path], data, keep_descriptions=True)
    assert stored(data)[1] == ("0252U", "", "own longest")


def test_the_zip_as_downloaded(put_zip, data):
    table = (NOTICE + HEADER + ROWS).encode("cp1252")
    path = put_zip(
        "26clabq2.zip",
        {
            "PUF_CLFS_CY2026_Q2V1.txt": b"not taken",
            "PUF_CLFS_CY2026_Q2V1.csv": table,
            "readme.txt": b"not taken",
        },
    )
    found = import_files("clfs", [path], data)
    assert (found.vintage.name, found.vintage.rows) == ("2026Q2", 4)
    assert stored(data) == STORED


def test_the_converted_table(put, data):
    lines = "YEAR,HCPCS,MOD,EFF_DATE,INDICATOR,RATE\n2026,0252U,,20260101,N,00759.05\n"
    assert import_files("clfs", [put("clfs_2026q2.csv", lines)], data).vintage.name == "2026Q2"
    assert stored(data) == [("0252U", "", None)]


def test_without_a_name_the_quarter_is_unstated(put, data):
    found = import_files("clfs", [put("table.csv", NOTICE + HEADER + ROWS)], data)
    assert (found.vintage.name, found.vintage.stated) == ("unstated", False)


LINE = "2026,0252U,,20260101,N,00759.05,own,own,own\r\n"
BAD = {
    "a code": (
        LINE.replace("0252U", "O252U"),
        "row 6: the code 'O252U' has no shape of a CPT or HCPCS code",
    ),
    "a modifier": (
        LINE.replace("U,,", "U,QWX,"),
        "row 6: the modifier (a text of 3 characters) has not two letters or digits",
    ),
    "a date": (
        LINE.replace("20260101", "20261301"),
        "row 6: EFF_DATE is '20261301', and a date was expected",
    ),
    "an indicator": (
        LINE.replace(",N,", ",X,"),
        "row 6: the indicator is 'X', and N or L was expected",
    ),
    "a rate": (
        LINE.replace("00759.05", "much"),
        "row 6: the rate is a text of 4 characters, and an amount was expected",
    ),
    "a year": (
        LINE.replace("2026,", "2025,"),
        "row 6: the year is '2025', and the name of the file tells 2026Q2",
    ),
    "twice": (LINE + LINE, "row 7: 0252U is in row 6 already; each may be there once"),
    "twice with a modifier": (
        ROWS + "2026,81025,qw,20260101,N,1,own,own,own",
        "row 10: 81025 QW is in row 8 already; each may be there once",
    ),
    "a cut row": (LINE[:20], "row 6: 4 cells, and the header has 9; the file may be cut"),
}


@pytest.mark.parametrize(("rows", "message"), BAD.values(), ids=BAD)
def test_what_cannot_be_is_refused(put, data, rows, message):
    with pytest.raises(InputError) as caught:
        import_files("clfs", [put("clfs_2026q2.csv", NOTICE + HEADER + rows)], data)
    assert str(caught.value) == f"clfs_2026q2.csv, {message}"
    assert open_store(data) is None


def test_a_file_of_another_kind_is_told(put, data):
    lines = "Code,Grouping,Classification,Specialization,Definition,Notes\n"
    with pytest.raises(InputError) as caught:
        import_files("clfs", [put("clfs_2026q2.csv", lines)], data)
    assert str(caught.value) == (
        "clfs_2026q2.csv: no header with columns for code, modifier, effective, indicator, rate in "
        "the first 40 rows; it looks like the NUCC provider taxonomy"
    )
