from __future__ import annotations

from datetime import date

import pytest

from claimcheck.codesets.imports import import_files
from claimcheck.codesets.store import open_store
from claimcheck.errors import InputError

# The published shape: a banner, and a header wrapped over four rows.
BANNER = (
    "A notice about rights.\r\n"
    "Column1/Column2 Edits\r\n"
    "Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale\r\n"
    "\t\tprior to 1996\tDate\tDate\t0=not allowed\t\r\n"
    "\t\t\t\t*=no data\t1=allowed\t\r\n"
    "\t\t\t\t\t9=not applicable\t\r\n"
)
ROWS = (
    "00001\t00002\t*\t19960101\t*\t0\tBecause\r\n"
    "00001\t0252U\t\t20210701\t*\t1\tBecause\r\n"
    "00001\tG0001\t\t20210701\t20211231\t1\tBecause\r\n"
    "00001\tG0001\t\t20220101\t*\t0\tBecause\r\n"
    "00003\t0001T\t\t20200101\t20200101\t9\tNever\r\n"
)
PAIRS = [
    ("00001", "00002", "1996-01-01", None, 0),
    ("00001", "0252U", "2021-07-01", None, 1),
    ("00001", "G0001", "2021-07-01", "2021-12-31", 1),
    ("00001", "G0001", "2022-01-01", None, 0),
    ("00003", "0001T", "2020-01-01", "2020-01-01", 9),
]
NAME = "ccipra-v322r0-f1.TXT"


def pairs(data, edition="2026Q3"):
    store = open_store(data)
    try:
        return store.rows(
            "SELECT column1, column2, first, last, indicator FROM ptp_pair WHERE vintage = ? "
            "ORDER BY column1, column2, first, last",
            (edition,),
        )
    finally:
        store.close()


def refusal(data, *paths, kind="ptp-practitioner") -> str:
    with pytest.raises(InputError) as caught:
        import_files(kind, paths, data)
    assert not (data / "codesets.sqlite").exists()
    return str(caught.value)


def test_as_published(put, data):
    done = import_files("ptp-practitioner", [put(NAME, BANNER + ROWS)], data)
    assert done.outcome == "added"
    assert done.notes == (
        "only part f1 was given; if there are more, give all of them in one command",
    )
    vintage = done.vintage
    assert (vintage.kind, vintage.name, vintage.stated) == ("ptp-practitioner", "2026Q3", True)
    assert (vintage.first, vintage.last) == (None, date(2026, 9, 30))
    assert (vintage.rows_read, vintage.rows, vintage.descriptions) == (5, 5, False)
    assert pairs(data) == PAIRS


def test_the_days_on_which_answers_change(put, data):
    import_files("ptp-practitioner", [put(NAME, BANNER + ROWS)], data)
    store = open_store(data)
    found = store.boundaries()
    store.close()
    assert found == {
        date(1996, 1, 1),
        date(2020, 1, 1),
        date(2020, 1, 2),
        date(2021, 7, 1),
        date(2022, 1, 1),
        date(2026, 10, 1),
    }


def test_parts_in_zips(put_zip, data):
    rows = ROWS.splitlines(keepends=True)
    parts = [
        put_zip(
            f"ccipra-v322r0-f{number}.zip",
            {f"ccipra-v322r0-f{number}.TXT": (BANNER + "".join(some)).encode("latin-1")},
        )
        for number, some in ((2, rows[2:]), (1, rows[:2]))
    ]
    done = import_files("ptp-practitioner", parts, data)
    assert done.notes == ()
    assert [file.name for file in done.vintage.files] == [
        "ccipra-v322r0-f2.zip",
        "ccipra-v322r0-f1.zip",
    ]
    assert pairs(data) == PAIRS


def test_excel(put_workbook, data):
    rows = [line.split("\t") for line in (BANNER + ROWS).splitlines()]
    import_files("ptp-practitioner", [put_workbook("ccipra-v322r0-f1.xlsx", rows)], data)
    assert pairs(data) == PAIRS


def test_as_converted(put, data):
    content = (
        "column1,column2,deletion_date,modifier_indicator,rationale\n"
        "00001,0252U,,1,Because\n"
        "00001,G0001,2022-09-30,0,Because\n"
        "00001,G0001,,0,Because\n"
    )
    done = import_files("ptp-practitioner", [put("ptp_practitioner_2024q3.csv", content)], data)
    assert (done.vintage.first, done.vintage.last) == (date(2024, 7, 1), date(2024, 9, 30))
    assert pairs(data, "2024Q3") == [
        ("00001", "0252U", None, None, 1),
        ("00001", "G0001", None, None, 0),
        ("00001", "G0001", None, "2022-09-30", 0),
    ]


def test_codes_are_shared_by_editions(put, data):
    import_files("ptp-practitioner", [put(NAME, BANNER + ROWS)], data)
    other = put("ccioph-v321r0-f1.TXT", BANNER + ROWS.replace("00003", "99999"))
    import_files("ptp-outpatient", [other], data)
    assert pairs(data) == PAIRS
    assert pairs(data, "2026Q2")[-1] == ("99999", "0001T", "2020-01-01", "2020-01-01", 9)


def test_nothing_tells_the_edition(put, data):
    path = put("pairs.txt", BANNER + ROWS)
    done = import_files("ptp-practitioner", [path], data)
    assert not done.vintage.stated
    assert not done.vintage.covers(date(2026, 7, 1))
    assert done.notes == (
        "nothing tells which edition this is, so it covers no date of service; "
        "name it with --edition, or give --from and --to",
    )
    named = import_files("ptp-practitioner", [path], data, edition="2026Q3").vintage
    assert named.covers(date(1990, 7, 1))
    assert named.covers(date(2026, 9, 30))
    assert not named.covers(date(2026, 10, 1))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            "00001\t0252U\t\t2021",
            "row 7: 4 cells, and the header has 7; the file may be cut",
        ),
        (
            "1\t0252U\t\t20210701\t*\t1\tx\r\n",
            "row 7: column 1 '1' has no shape of a CPT or HCPCS code; "
            "a spreadsheet may have taken its zeros",
        ),
        (
            "00001\t\t\t20210701\t*\t1\tx\r\n",
            "row 7: column 2 is empty",
        ),
        (
            "00001\t0252U\t\t20210701\t*\t2\tx\r\n",
            "row 7: the modifier indicator is '2', and 0, 1 or 9 was expected",
        ),
        (
            "00001\t0252U\t\t20211301\t*\t1\tx\r\n",
            "row 7: the effective date is '20211301', and a date was expected",
        ),
        (
            "00001\t0252U\t\t\t*\t1\tx\r\n",
            "row 7: the effective date is empty",
        ),
        (
            "00001\t0252U\t\t19650101\t*\t1\tx\r\n",
            "row 7: the effective date is 19650101, before there were such edits",
        ),
        (
            "00001\t0252U\t\t20210701\t20210630\t1\tx\r\n",
            "row 7: the edit ends on 20210630, before it begins on 20210701",
        ),
        (
            ROWS + "\r\n00001\t0252U\t\t20210701\t*\t1\tx\r\n",
            "row 13: 00001 with 0252U is there twice",
        ),
    ],
)
def test_what_cannot_be_is_refused(put, data, row, message):
    assert refusal(data, put(NAME, BANNER + row)) == f"{NAME}, {message}"


def test_a_pair_twice_in_two_parts(put, data):
    first = put("ccipra-v322r0-f1.TXT", BANNER + ROWS)
    second = put("ccipra-v322r0-f2.TXT", BANNER + "00009\t00002\t\t19960101\t*\t0\tx\r\n" + ROWS)
    assert refusal(data, first, second) == (
        "ccipra-v322r0-f2.TXT, row 8: 00001 with 00002 is there twice"
    )


def test_parts(put, data):
    one, three = (put(f"ccipra-v322r0-f{n}.TXT", f"{BANNER}{ROWS}{n}") for n in (1, 3))
    again = put("ccipra-v322r1-f1.TXT", BANNER + ROWS)
    assert refusal(data, one, three) == (
        "part f2 is missing; give all parts of the edition in one command"
    )
    assert refusal(data, one, again) == (
        "ccipra-v322r1-f1.TXT: is part f1, as ccipra-v322r0-f1.TXT is"
    )


def test_a_part_without_effective_dates(put, data):
    first = put("ccipra-v322r0-f1.TXT", BANNER + ROWS)
    second = put(
        "ccipra-v322r0-f2.csv", "column1,column2,deletion_date,modifier_indicator\n1,2,,1\n"
    )
    assert refusal(data, first, second) == (
        "ccipra-v322r0-f2.csv: has no effective date, and ccipra-v322r0-f1.TXT has"
    )


def test_the_other_setting(put, put_zip, data):
    path = put("ccioph-v322r0-f1.TXT", BANNER + ROWS)
    assert refusal(data, path) == (
        "ccioph-v322r0-f1.TXT: is of the kind ptp-outpatient, and ptp-practitioner was expected"
    )
    inside = put_zip("x.zip", {"ccipra-v322r0-f1.TXT": (BANNER + ROWS).encode()})
    assert refusal(data, inside, kind="ptp-outpatient") == (
        "x.zip/ccipra-v322r0-f1.TXT: is of the kind ptp-practitioner, "
        "and ptp-outpatient was expected"
    )


def test_no_rows(put, data):
    assert refusal(data, put(NAME, BANNER)) == f"{NAME}: has no rows"


def test_another_kind(put, data):
    path = put("x.csv", "primary_code,add_on_code,aoc_edit_type\n00001,00002,1\n")
    assert refusal(data, path) == (
        "x.csv: no header with columns for column 1, column 2, deletion date, modifier indicator "
        "in the first 40 rows; it looks like NCCI add-on code edits"
    )
