"""The relative value file, in the shapes of CMS: CSV, Excel and text of fixed columns."""

from __future__ import annotations

from datetime import date

import pytest

from claimcheck.codesets.imports import import_files
from claimcheck.codesets.store import open_store
from claimcheck.errors import InputError

# The header as CMS has it since 2026, wrapped over rows, below a banner.
HEADER = [
    line.split(",")
    for line in (
        ",,,,NOT USED,,,,,,,,,,,,,,,,,,,,,,,,,,,",
        ",,,,FOR,,,,,,,,,,,,,,,,,,,,,,PHYSICIAN,,,NON-FACILITY,FACILITY,",
        ",,,STATUS,MEDICARE,WORK,NON-FAC,NA,FACILITY,NA,MP,NON-FACILITY,FACILITY,PCTC,GLOB,PRE,INTRA,"
        "POST,MULT,BILAT,ASST,CO-,TEAM,PRIC,ENDO,CONV,DIAGNOSTIC,CALCULATION,FAMILY,PAYMENT,PAYMENT,"
        "PAYMENT",
        "HCPCS,MOD,DESCRIPTION,CODE,PAYMENT,RVU,PE RVU,INDICATOR,PE RVU,INDICATOR,RVU,TOTAL,TOTAL,IND,"
        "DAYS,OP,OP,OP,PROC,SURG,SURG,SURG,SURG,IND,BASE,FACTOR,PROCEDURES,FLAG,INDICATOR,AMOUNT,"
        "AMOUNT,AMOUNT",
    )
]
BANNER = [
    ["", "", "2026 National Physician Fee Schedule Relative Value File July Release"],
    ["", "", "A notice, of our own"],
    ["", "", "RELEASED 06/10/2026"],
    [],
]
CONVERTED = (
    "hcpcs,mod,status_code,pctc_ind,glob_days,mult_proc,bilat_surg,asst_surg,co_surg,team_surg,"
    "endo_base,physician_supervision_of_diagnostic_procedures"
)


def row(code, modifier, status, pctc, days, indicators, text="our own text"):
    """A row of the published table."""
    return [
        *(code, modifier, text, status, "", "0.97", "1.05", "", "0.40", "", "0.07", "2.09", "1.44"),
        *(pctc, days, "0.00", "0.00", "0.00", *indicators, "0", "", "33.4009", "09", "0", "99"),
        *("0.00", "0.00", "0.00"),
    ]


ROWS = (
    row("99213", "", "A", "0", "XXX", "00000"),
    row("88305", "", "A", "1", "XXX", "00000"),
    row("88305", "26", "A", "1", "XXX", "00000", "our, own"),
    row("27447", "", "A", "0", "090", "21221"),
    row("0252U", "", "X", "9", "XXX", "99999"),
)
STORED = [
    ("0252U", "", "X", "9", "XXX", "9", "9", "9", "9", "9", None),
    ("27447", "", "A", "0", "090", "2", "1", "2", "2", "1", None),
    ("88305", "", "A", "1", "XXX", "0", "0", "0", "0", "0", None),
    ("88305", "26", "A", "1", "XXX", "0", "0", "0", "0", "0", None),
    ("99213", "", "A", "0", "XXX", "0", "0", "0", "0", "0", None),
]


def csv_text(rows, end: str = "\r\n") -> str:
    return "".join(
        ",".join(f'"{cell}"' if "," in cell else cell for cell in cells) + end for cells in rows
    )


def fixed(code, modifier, status, pctc, days, indicators, text="our own text"):
    """A line of the published text."""
    return (
        f"{code:5}{modifier:2}{text:50}{status}   0.00   0.00     0.00    0.00   0.00  0.00"
        f"{pctc}{days}.00.00.00{indicators}             33.4009 090 99      0.00   0.00   0.00"
    )


FIXED = "".join(
    f"{line}\r\n"
    for line in (
        "HDR A NOTICE, OF OUR OWN                         ",
        fixed("99213", "", "A", "0", "XXX", "00000"),
        fixed("88305", "", "A", "1", "XXX", "00000"),
        fixed("88305", "26", "A", "1", "XXX", "00000"),
        fixed("27447", "", "A", "0", "090", "21221"),
        fixed("0252U", "", "X", "9", "XXX", "99999"),
    )
)


def stored(data) -> list[tuple]:
    store = open_store(data)
    rows = store.rows(
        "SELECT code, modifier, status, pctc, global_days, multiple, bilateral, assistant, co_surgeon, "
        "team, description FROM mpfs ORDER BY code, modifier"
    )
    store.close()
    return rows


def is_third_quarter(vintage) -> bool:
    return (vintage.name, vintage.first, vintage.last) == (
        "2026Q3",
        date(2026, 7, 1),
        date(2026, 9, 30),
    )


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"], ids=["crlf", "lf", "cr"])
def test_the_csv(put, data, end):
    path = put("PPRRVU2026_Jul_nonQPP.csv", csv_text([*BANNER, *HEADER, *ROWS], end))
    found = import_files("mpfs", [path], data)
    assert stored(data) == STORED
    assert is_third_quarter(found.vintage)
    assert (found.vintage.rows_read, found.vintage.rows, found.notes) == (5, 5, ())


def test_the_workbook_with_numbers_as_numbers(put_workbook, data):
    pytest.importorskip("python_calamine")
    days = [["90" if cell == "090" else cell for cell in cells] for cells in ROWS]
    rows = [
        [int(cell) if cell.isdigit() and cell[0] != "0" else cell for cell in cells]
        for cells in days
    ]
    path = put_workbook("PPRRVU26_JUL.xlsx", [*BANNER, *HEADER, *rows])
    assert is_third_quarter(import_files("mpfs", [path], data).vintage)
    assert stored(data) == STORED


def test_the_text_of_fixed_columns(put, data):
    found = import_files("mpfs", [put("PPRRVU2026_Jul.txt", FIXED)], data)
    assert stored(data) == STORED
    assert is_third_quarter(found.vintage)
    assert found.vintage.rows_read == 5


def test_the_zip_as_downloaded(put_zip, data):
    table = csv_text([*BANNER, *HEADER, *ROWS]).encode("cp1252")
    path = put_zip(
        "rvu26c.zip",
        {
            "RVU26C/ANES2026.csv": b"Contractor,Locality\r\n",
            "RVU26C/GPCI2026.csv": b"Contractor,State\r\n",
            "RVU26C/PPRRVU2026_Jul_QPP.csv": b"not,taken\r\n",
            "RVU26C/PPRRVU2026_Jul_nonQPP.txt": b"not taken\r\n",
            "RVU26C/PPRRVU2026_Jul_nonQPP.csv": table,
            "RVU26C/RVU26C.pdf": b"%PDF",
        },
    )
    found = import_files("mpfs", [path], data)
    assert stored(data) == STORED
    assert is_third_quarter(found.vintage)
    assert [file.name for file in found.vintage.files] == ["rvu26c.zip"]


def test_the_converted_table(put, data):
    rows = [[*cells[:2], cells[3], *cells[13:15], *cells[18:23], "", "09"] for cells in ROWS]
    path = put("mpfs_indicators_2026_jul.csv", CONVERTED + "\n" + csv_text(rows, "\n"))
    assert is_third_quarter(import_files("mpfs", [path], data).vintage)
    assert stored(data) == STORED


def test_the_banner_tells_the_edition_where_the_name_does_not(put, data):
    path = put("table.csv", csv_text([*BANNER, *HEADER, *ROWS]))
    assert is_third_quarter(import_files("mpfs", [path], data).vintage)


def test_descriptions_are_kept_on_request(put, data):
    path = put("PPRRVU26_JUL.csv", csv_text([*BANNER, *HEADER, *ROWS]))
    import_files("mpfs", [path], data, keep_descriptions=True)
    assert {row[-1] for row in stored(data)} == {"our own text", "our, own"}


def bad(*changed) -> str:
    return csv_text([*BANNER, *HEADER, ROWS[0], *changed])


BAD = {
    "a code": (
        bad(row("9921", "", "A", "0", "XXX", "00000")),
        "row 10: the code '9921' has no shape of a CPT or HCPCS code; a spreadsheet may have taken "
        "its zeros",
    ),
    "a modifier": (
        bad(row("99214", "2", "A", "0", "XXX", "00000")),
        "row 10: the modifier '2' has not two letters or digits",
    ),
    "a status": (
        bad(row("99214", "", "K", "0", "XXX", "00000")),
        "row 10: the status is 'K', and A, B, C, D, E, F, G, H, I, J, L, M, N, P, Q, R, T or X was "
        "expected",
    ),
    "a PC/TC indicator": (
        bad(row("99214", "", "A", "12", "XXX", "00000")),
        "row 10: the PC/TC indicator is '12', and 0, 1, 2, 3, 4, 5, 6, 7, 8 or 9 was expected",
    ),
    "global days": (
        bad(row("99214", "", "A", "0", "120", "00000")),
        "row 10: the global days cell is '120', and 000, 010, 090, MMM, XXX, YYY or ZZZ was expected",
    ),
    "a bilateral indicator": (
        bad(row("99214", "", "A", "0", "XXX", "05000")),
        "row 10: the bilateral indicator is '5', and 0, 1, 2, 3 or 9 was expected",
    ),
    "an empty assistant indicator": (
        bad(row("99214", "", "A", "0", "XXX", ["0", "0", "", "0", "0"])),
        "row 10: the assistant indicator is empty, and 0, 1, 2 or 9 was expected",
    ),
    "twice": (
        bad(ROWS[2], ROWS[1], ROWS[2]),
        "row 12: 88305 26 is in row 10 already; each may be there once",
    ),
    "a cut row": (
        csv_text([*BANNER, *HEADER, ROWS[0]]) + "88305,26,our own",
        "row 10: 3 cells, and the header has 32; the file may be cut",
    ),
}


@pytest.mark.parametrize(("content", "message"), BAD.values(), ids=BAD)
def test_what_cannot_be_is_refused(put, data, content, message):
    with pytest.raises(InputError) as caught:
        import_files("mpfs", [put("PPRRVU26_JUL.csv", content)], data)
    assert str(caught.value) == f"PPRRVU26_JUL.csv, {message}"
    assert open_store(data) is None


def test_a_column_that_is_not_there_is_told(put, data):
    header = [["PRICE" if cell == "PCTC" else cell for cell in cells] for cells in HEADER]
    with pytest.raises(InputError, match=r"^PPRRVU26_JUL\.csv.*pctc"):
        import_files("mpfs", [put("PPRRVU26_JUL.csv", csv_text([*header, *ROWS]))], data)


def test_a_cut_line_of_fixed_columns_is_refused(put, data):
    with pytest.raises(InputError) as caught:
        import_files("mpfs", [put("PPRRVU26_JUL.txt", FIXED[: -len("33.4009 090") - 60])], data)
    assert str(caught.value) == (
        "PPRRVU26_JUL.txt, row 6: 102 characters, and at least 120 were expected; "
        "the file may be cut"
    )


def test_a_shifted_line_of_fixed_columns_is_refused(put, data):
    shifted = FIXED.replace("0.001XXX", "0.00 1XXX")
    with pytest.raises(InputError) as caught:
        import_files("mpfs", [put("PPRRVU26_JUL.txt", shifted)], data)
    assert str(caught.value) == (
        "PPRRVU26_JUL.txt, row 3: the PC/TC indicator is empty, and 0, 1, 2, 3, 4, 5, 6, 7, 8 or 9 "
        "was expected"
    )


def test_a_correction_needs_replace(put, data):
    first = put("PPRRVU26_JUL.csv", csv_text([*BANNER, *HEADER, *ROWS]))
    import_files("mpfs", [first], data)
    revised = put("PPRRVU26_JUL_V2.csv", csv_text([*BANNER, *HEADER, *ROWS[:3]]))
    before = (data / "codesets.sqlite").read_bytes()
    with pytest.raises(InputError, match=r"^mpfs 2026Q3 is in the store already"):
        import_files("mpfs", [revised], data)
    assert (data / "codesets.sqlite").read_bytes() == before
    found = import_files("mpfs", [revised], data, replace=True)
    assert (found.outcome, found.vintage.rows) == ("replaced", 3)
    assert len(stored(data)) == 3
