"""The ICD-10-CM order file and its addenda; titles are our own."""

from __future__ import annotations

from datetime import date

import pytest

from claimcheck.codesets.imports import import_files
from claimcheck.codesets.store import open_store
from claimcheck.errors import InputError


def line(order, code, billable, title="own title"):
    """A line of the order file."""
    return f"{order:05} {code:7} {billable} {title:60} {title} in full\r\n"


def change(what, order, code, billable, title="own title"):
    """A line of its addenda."""
    return f"{what:13}{line(order, code, billable, title)}"


ORDER = (
    line(1, "D69", 0)
    + line(2, "D690", 1)
    + line(3, "D691", 1)
    + line(4, "O03", 0)
    + line(5, "O039", 1)
    + line(6, "QA00101", 1)
    + line(7, "T528X1A", 1)
)
FY2026 = [
    ("D69", 0, None),
    ("D690", 1, None),
    ("D691", 1, None),
    ("O03", 0, None),
    ("O039", 1, None),
    ("QA00101", 1, None),
    ("T528X1A", 1, None),
]
COUNTS = (
    "\r\nHeaders\r\n   23467 headers in icd10cm_order_2026.txt\r\n       1 additions\r\n"
    "       0 deletions\r\n       0 revisions\r\nof which\r\n"
    "       0 revisions to both long and short titles\r\n"
    "Codes\r\n   74719 codes in icd10cm_order_2026.txt\r\n       2 additions\r\n"
)
ADDENDA = (
    change("Delete:", 3, "D691", 1)
    + change("Add:", 3, "D691", 0)
    + change("Add:", 4, "D6911", 1, "own new title")
    + change("Revise from:", 5, "O039", 1)
    + change("Revise to:", 6, "O039", 1, "own better title")
    + change("Delete:", 7, "T528X1A", 1)
    + COUNTS
)
FY2027 = [
    ("D69", 0, None),
    ("D690", 1, None),
    ("D691", 0, None),
    ("D6911", 1, None),
    ("O03", 0, None),
    ("O039", 1, None),
    ("QA00101", 1, None),
]


def stored(data, edition: str) -> list[tuple]:
    store = open_store(data)
    rows = store.rows(
        "SELECT code, billable, icd10cm.description FROM icd10cm "
        "JOIN vintage ON vintage.id = icd10cm.vintage WHERE name = ? ORDER BY code",
        (edition,),
    )
    store.close()
    return rows


def days(vintage) -> tuple:
    return (vintage.name, vintage.first, vintage.last)


@pytest.mark.parametrize("name", ["icd10cm_order_2026.txt", "icd10cm-order-2026.txt"])
def test_the_order_file(put, data, name):
    found = import_files("icd10cm", [put(name, ORDER)], data)
    assert stored(data, "FY2026") == FY2026
    assert days(found.vintage) == ("FY2026", date(2025, 10, 1), date(2026, 9, 30))
    assert (found.vintage.rows_read, found.vintage.rows, found.notes) == (7, 7, ())


def test_an_april_order_file_is_an_edition_of_its_own(put, data):
    import_files("icd10cm", [put("icd10cm-order-2026.txt", ORDER)], data)
    more = ORDER + line(8, "U099", 1)
    found = import_files("icd10cm", [put("icd10cm-order-April-1-2026.txt", more)], data)
    assert days(found.vintage) == ("FY2026 April", date(2026, 4, 1), date(2026, 9, 30))
    assert stored(data, "FY2026") == FY2026
    assert stored(data, "FY2026 April") == [*FY2026, ("U099", 1, None)]


def test_the_zip_as_downloaded_gives_the_order_file_and_not_its_addenda(put_zip, data):
    path = put_zip(
        "icd10cm-Code Descriptions-2026.zip",
        {
            "icd10OrderFiles.pdf": b"%PDF",
            "icd10cm-codes-2026.txt": b"D690    own title\r\n",
            "icd10cm-codes-addenda-2026.txt": b"Add:         D690    own title\r\n",
            "icd10cm-order-2026.txt": ORDER.encode(),
            "icd10cm-order-addenda-2026.txt": ADDENDA.encode(),
        },
    )
    assert import_files("icd10cm", [path], data).vintage.rows == 7
    assert stored(data, "FY2026") == FY2026


def test_long_titles_are_kept_on_request(put, data):
    path = put("icd10cm_order_2026.txt", line(1, "O03", 0) + line(2, "O039", 1, "own other"))
    import_files("icd10cm", [path], data, keep_descriptions=True)
    assert [row[2] for row in stored(data, "FY2026")] == ["own title in full", "own other in full"]


def test_addenda_make_the_next_edition_of_the_one_before(put, data):
    order = put("icd10cm-order-2026.txt", ORDER)
    addenda = put("icd10cm-order-addenda-2027.txt", ADDENDA)
    import_files("icd10cm", [order], data)
    found = import_files("icd10cm", [addenda], data)
    assert days(found.vintage) == ("FY2027", date(2026, 10, 1), date(2027, 9, 30))
    assert stored(data, "FY2027") == FY2027
    assert stored(data, "FY2026") == FY2026
    assert found.notes == ("FY2027 is FY2026, as it is in the store, with 6 changes",)
    assert (found.vintage.rows_read, found.vintage.rows) == (6, 7)
    assert [file.name for file in found.vintage.files] == [
        "icd10cm-order-addenda-2027.txt",
        "icd10cm-order-2026.txt",
    ]
    assert import_files("icd10cm", [addenda], data).outcome == "unchanged"


def test_april_addenda_change_the_edition_of_october(put, data):
    import_files("icd10cm", [put("icd10cm-order-2026.txt", ORDER)], data)
    addenda = change("Add:", 8, "U099", 1) + COUNTS
    path = put("icd10cm-order-addenda-April-1-2026.txt", addenda)
    found = import_files("icd10cm", [path], data)
    assert days(found.vintage) == ("FY2026 April", date(2026, 4, 1), date(2026, 9, 30))
    assert found.notes == ("FY2026 April is FY2026, as it is in the store, with 1 change",)
    assert stored(data, "FY2026 April") == [*FY2026, ("U099", 1, None)]


def test_october_addenda_change_the_edition_of_april(put, data):
    import_files("icd10cm", [put("icd10cm-order-2026.txt", ORDER)], data)
    april = put("icd10cm-order-April-2026.txt", ORDER + line(8, "U099", 1))
    import_files("icd10cm", [april], data)
    import_files("icd10cm", [put("icd10cm-order-addenda-2027.txt", ADDENDA)], data)
    assert stored(data, "FY2027") == [*FY2027, ("U099", 1, None)]


def test_addenda_that_change_nothing_are_an_edition(put, data):
    import_files("icd10cm", [put("icd10cm-order-2026.txt", ORDER)], data)
    path = put("icd10cm-order-addenda-April-1-2026.txt", COUNTS)
    assert import_files("icd10cm", [path], data).vintage.rows == 7
    assert stored(data, "FY2026 April") == FY2026


def test_titles_that_were_not_kept_are_told(put, data):
    import_files("icd10cm", [put("icd10cm-order-2026.txt", ORDER)], data)
    path = put("icd10cm-order-addenda-2027.txt", ADDENDA)
    found = import_files("icd10cm", [path], data, keep_descriptions=True)
    assert found.notes[0] == "titles of FY2026 were not kept, so most are lacking"
    titles = {code: title for code, _, title in stored(data, "FY2027")}
    assert titles["D690"] is None
    assert titles["D6911"] == "own new title in full"
    assert titles["O039"] == "own better title in full"


BAD_ORDERS = {
    "a code": (
        ORDER + line(8, "U0", 1),
        "row 8: no line of an order file: order number, code, 0 or 1",
    ),
    "a shape": (
        ORDER + line(8, "1099", 1),
        "row 8: the code '1099' has no shape of an ICD-10-CM code",
    ),
    "a flag": (
        ORDER + line(8, "U099", 2),
        "row 8: no line of an order file: order number, code, 0 or 1",
    ),
    "twice": (
        ORDER + line(8, "O039", 1),
        "row 8: O039 is in row 5 already; each may be there once",
    ),
    "an order": (
        ORDER + line(7, "U099", 1),
        "row 8: the order number 7 follows 7; they ascend in the file",
    ),
    "a cut line": (
        ORDER + line(8, "U099", 1)[:40],
        "row 8: 40 characters, and at least 78 were expected; the file may be cut",
    ),
}


@pytest.mark.parametrize(("content", "message"), BAD_ORDERS.values(), ids=BAD_ORDERS)
def test_what_cannot_be_in_an_order_file_is_refused(put, data, content, message):
    with pytest.raises(InputError) as caught:
        import_files("icd10cm", [put("icd10cm_order_2026.txt", content)], data)
    assert str(caught.value) == f"icd10cm_order_2026.txt, {message}"
    assert open_store(data) is None


BAD_ADDENDA = {
    "an addition that is there": (
        change("Add:", 5, "O039", 1),
        ", row 1: adds O039, which is in FY2026 already",
    ),
    "a deletion that is not there": (
        change("Add:", 8, "U099", 1) + change("Delete:", 9, "U071", 1),
        ", row 2: deletes U071, which is not in FY2026",
    ),
    "a revision of what is not there": (
        change("Revise from:", 9, "U071", 1),
        ", row 1: revises U071, which is not in FY2026",
    ),
    "twice": (
        change("Add:", 8, "U099", 1) + change("Add:", 8, "U099", 1),
        ", row 2: Add: U099 is in row 1 already; each may be there once",
    ),
    "no flag": (
        change("Add:", 8, "U099", 1) + "Add:         U0991   own title\r\n",
        ", row 2: no change of an order file: Add, Delete or Revise, order number, code, 0 or 1",
    ),
    "something else": (
        change("Add:", 8, "U099", 1) + "own text\r\n",
        ", row 2: no change of an order file: Add, Delete or Revise, order number, code, 0 or 1",
    ),
}


@pytest.mark.parametrize(("content", "message"), BAD_ADDENDA.values(), ids=BAD_ADDENDA)
def test_what_cannot_be_in_addenda_is_refused(put, data, content, message):
    import_files("icd10cm", [put("icd10cm-order-2026.txt", ORDER)], data)
    before = (data / "codesets.sqlite").read_bytes()
    with pytest.raises(InputError) as caught:
        import_files("icd10cm", [put("icd10cm-order-addenda-2027.txt", content)], data)
    assert str(caught.value) == f"icd10cm-order-addenda-2027.txt{message}"
    assert (data / "codesets.sqlite").read_bytes() == before


def test_addenda_without_the_edition_before_are_refused(put, data):
    path = put("icd10cm-order-addenda-2027.txt", ADDENDA)
    message = (
        "icd10cm-order-addenda-2027.txt: addenda change the edition that is in force on 2026-09-30, "
        "and the store has none; import its order file first, or the order file of the new edition "
        "itself"
    )
    with pytest.raises(InputError) as caught:
        import_files("icd10cm", [path], data)
    assert str(caught.value) == message
    import_files("icd10cm", [put("icd10cm-order-2025.txt", ORDER)], data)
    with pytest.raises(InputError) as caught:
        import_files("icd10cm", [path], data)
    assert str(caught.value) == message


def test_addenda_of_no_stated_date_are_refused(put, data):
    with pytest.raises(InputError) as caught:
        import_files("icd10cm", [put("addenda.txt", ADDENDA)], data)
    assert str(caught.value) == (
        "addenda.txt: nothing tells when these addenda begin; say it with --edition or --from"
    )


def test_a_list_of_codes_without_flags_is_refused(put, data):
    with pytest.raises(InputError) as caught:
        import_files("icd10cm", [put("icd10cm-codes-2026.txt", "D690    own title\r\n")], data)
    assert str(caught.value) == (
        "icd10cm-codes-2026.txt: is no ICD-10-CM order file and no addenda to one; its lines begin "
        "with an order number, a code and 0 or 1"
    )
