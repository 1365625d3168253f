"""The list of PLA codes; names of tests and laboratories are our own."""

from __future__ import annotations

from datetime import date

import pytest

from claimcheck.codesets.imports import import_files
from claimcheck.codesets.store import open_store
from claimcheck.errors import InputError

CONVERTED = (
    "hcpcs_code,date_released,date_effective,proprietary_name,clinical_lab,manufacturer\n"
    "0252U,2021-04-01,2021-07-01,Own test®,Own lab,Own maker\n"
    "0300U,2021-12-01,2022-01-01,Own other test,Own lab,\n"
)
PUBLISHED = (
    "CPT PLA Code\tProprietary Name\tReleased Date\tEffective Date\tDeletion Date\r\n"
    "0252U\tOwn test®\t04/01/2021\t07/01/2021\t\r\n"
    "0300U\tOwn other test\t12/1/2021\t1/1/2022\t3/31/2023\r\n"
)


def stored(data) -> list[tuple]:
    store = open_store(data)
    rows = store.rows("SELECT code, first, last, description FROM pla ORDER BY code")
    store.close()
    return rows


def test_the_converted_table(put, data):
    found = import_files("pla", [put("pla_ama_2022.csv", CONVERTED)], data)
    assert stored(data) == [
        ("0252U", "2021-07-01", None, None),
        ("0300U", "2022-01-01", None, None),
    ]
    assert (found.vintage.name, found.vintage.first, found.vintage.last) == (
        "2022Q1",
        None,
        date(2022, 3, 31),
    )
    assert (found.vintage.rows_read, found.vintage.rows) == (2, 2)


def test_a_list_with_tabs_and_deletions(put, data):
    found = import_files("pla", [put("pla.txt", PUBLISHED)], data, keep_descriptions=True)
    assert stored(data) == [
        ("0252U", "2021-07-01", None, "Own test®"),
        ("0300U", "2022-01-01", "2023-03-31", "Own other test"),
    ]
    assert found.vintage.name == "2022Q1"


def test_the_days_on_which_answers_change_are_told(put, data):
    import_files("pla", [put("pla.txt", PUBLISHED)], data)
    store = open_store(data)
    days = store.boundaries()
    store.close()
    assert days == {
        date(2021, 7, 1),
        date(2022, 1, 1),
        date(2022, 4, 1),  # the edition ends
        date(2023, 4, 1),  # 0300U ends
    }


def test_a_later_end_can_be_given(put, data):
    path = put("pla_ama_2022.csv", CONVERTED)
    found = import_files("pla", [path], data, edition="2022Q4")
    assert (found.vintage.name, found.vintage.first, found.vintage.last) == (
        "2022Q4",
        None,
        date(2022, 12, 31),
    )


LINE = "0252U,2021-04-01,2021-07-01,Own test,Own lab,Own maker\n"
BAD = {
    "no PLA code": (
        CONVERTED + LINE.replace("0252U", "81445"),
        "row 4: 81445 is no PLA code, which ends with U",
    ),
    "lost zeros": (
        CONVERTED + LINE.replace("0252U", "252U"),
        "row 4: the code '252U' has no shape of a CPT or HCPCS code",
    ),
    "no date": (
        CONVERTED + LINE.replace("0252U", "0253U").replace("2021-07-01", ""),
        "row 4: 0253U has no effective date",
    ),
    "a date": (
        CONVERTED + LINE.replace("0252U", "0253U").replace("2021-07-01", "2021-02-30"),
        "row 4: the effective date is '2021-02-30', and a date was expected",
    ),
    "contradictory dates": (
        PUBLISHED.replace("3/31/2023", "12/31/2021"),
        "row 3: 0300U ends on 2021-12-31, before it begins on 2022-01-01",
    ),
    "twice": (CONVERTED + LINE, "row 4: 0252U is in row 2 already; each may be there once"),
}


@pytest.mark.parametrize(("content", "message"), BAD.values(), ids=BAD)
def test_what_cannot_be_is_refused(put, data, content, message):
    with pytest.raises(InputError) as caught:
        import_files("pla", [put("pla_ama_2022.csv", content)], data)
    assert str(caught.value) == f"pla_ama_2022.csv, {message}"
    assert open_store(data) is None


def test_a_list_without_rows_is_refused(put, data):
    header = CONVERTED.splitlines()[0] + "\n"
    with pytest.raises(InputError, match=r"^pla_ama_2022\.csv: has no rows$"):
        import_files("pla", [put("pla_ama_2022.csv", header)], data)
