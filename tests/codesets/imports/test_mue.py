from __future__ import annotations

from datetime import date

import pytest

from claimcheck.codesets.imports import import_files
from claimcheck.codesets.store import open_store
from claimcheck.errors import InputError

HEADER = (
    '"A notice about rights,\nof two lines.",,,\r\n'
    '"HCPCS/\nCPT Code","Practitioner Services MUE Values",'
    '"MUE Adjudication Indicator","MUE Rationale"\r\n'
)
ROWS = (
    "00001,1,2 Date of Service Edit: Policy,Why\r\n"
    "0252u,1,3 Date of Service Edit: Clinical,Why\r\n"
    "J0001,1200,1 Line Edit,\r\n"
    "G0001,0,3 Date of Service Edit: Clinical,Why\r\n"
)
NAME = "MCR_MUE_PractitionerServices_Eff_07-01-2026.csv"


def limits(data):
    store = open_store(data)
    try:
        return store.rows("SELECT code, units, indicator, rationale FROM mue ORDER BY code")
    finally:
        store.close()


def refusal(data, *paths, kind="mue-practitioner") -> str:
    with pytest.raises(InputError) as caught:
        import_files(kind, paths, data)
    assert not (data / "codesets.sqlite").exists()
    return str(caught.value)


def test_as_published(put, data):
    done = import_files("mue-practitioner", [put(NAME, HEADER + ROWS)], data)
    assert (done.outcome, done.notes) == ("added", ())
    vintage = done.vintage
    assert vintage.name == "2026Q3"
    assert (vintage.first, vintage.last) == (date(2026, 7, 1), date(2026, 9, 30))
    assert (vintage.rows_read, vintage.rows) == (4, 4)
    assert limits(data) == [
        ("00001", 1, 2, None),
        ("0252U", 1, 3, None),
        ("G0001", 0, 3, None),
        ("J0001", 1200, 1, None),
    ]


def test_the_rationale_is_kept_where_asked(put, data):
    path = put(NAME, HEADER + ROWS)
    done = import_files("mue-practitioner", [path], data, keep_descriptions=True)
    assert done.vintage.descriptions
    assert [row[3] for row in limits(data)] == ["Why", "Why", "Why", None]


def test_a_zip_with_csv_and_excel(put_zip, as_workbook, data):
    members = {
        NAME: (HEADER + ROWS).encode("cp1252"),
        NAME.replace(".csv", ".xlsx"): as_workbook([["x"]]),
    }
    done = import_files("mue-practitioner", [put_zip("mue-2026q3.zip", members)], data)
    assert done.vintage.rows == 4


def test_excel(put_workbook, data):
    rows = [
        ["A notice"],
        [
            "HCPCS/\nCPT Code",
            "Outpatient Hospital Services MUE Values",
            "MUE Adjudication Indicator",
            "MUE Rationale",
        ],
        ["00001", 4, "3 Date of Service Edit: Clinical", "Why"],
    ]
    path = put_workbook("MCR_MUE_OutpatientHospitalServices_Eff_07-01-2026.xlsx", rows)
    import_files("mue-outpatient", [path], data)
    assert limits(data) == [("00001", 4, 3, None)]


def test_as_converted(put, data):
    path = put("mue_dme_2024q2.csv", "code,mue_value,mai,rationale\nE0001,1,2,Why\n")
    done = import_files("mue-dme", [path], data)
    assert done.vintage.name == "2024Q2"
    assert limits(data) == [("E0001", 1, 2, None)]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("00001,1", "row 3: 2 cells, and the header has 4; the file may be cut"),
        (
            "0000,1,2,Why\r\n",
            "row 3: the code '0000' has no shape of a CPT or HCPCS code; "
            "a spreadsheet may have taken its zeros",
        ),
        (",1,2,Why\r\n", "row 3: the code is empty"),
        ("00001,,2,Why\r\n", "row 3: the MUE value is empty, and a whole number was expected"),
        (
            "00001,1.5,2,Why\r\n",
            "row 3: the MUE value is '1.5', and a whole number was expected",
        ),
        (
            "00001,1,4,Why\r\n",
            "row 3: the adjudication indicator is '4', and 1, 2 or 3 was expected",
        ),
        (
            "00001,1,21 Date of Service,Why\r\n",
            "row 3: the adjudication indicator is a text of 18 characters, and 1, 2 or 3 was expected",
        ),
        (ROWS + "00001,2,2,Why\r\n", "row 7: 00001 is in row 3 already; each may be there once"),
    ],
)
def test_what_cannot_be_is_refused(put, data, row, message):
    assert refusal(data, put(NAME, HEADER + row)) == f"{NAME}, {message}"


def test_the_other_setting(put, data):
    path = put("mue_2026q3.csv", HEADER + ROWS)
    assert refusal(data, path, kind="mue-dme") == (
        "mue_2026q3.csv: is of the kind mue-practitioner, and mue-dme was expected"
    )
    path = put("mue_outpatient_2026q3.csv", "code,mue_value,mai\n00001,1,2\n")
    assert refusal(data, path) == (
        "mue_outpatient_2026q3.csv: is of the kind mue-outpatient, and mue-practitioner was expected"
    )


def test_no_rows(put, data):
    assert refusal(data, put(NAME, HEADER)) == f"{NAME}: has no rows"
