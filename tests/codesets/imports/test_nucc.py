"""The NUCC taxonomy, in the shape of the CSV that NUCC publishes; names and texts are our own."""

from __future__ import annotations

from datetime import date

import pytest

from claimcheck.codesets.imports import import_files
from claimcheck.codesets.store import open_store
from claimcheck.errors import InputError

HEADER = "Code,Grouping,Classification,Specialization,Definition,Notes,Display Name,Section"
ROWS = (
    '207ZP0102X,Group one,Class one,Special one,"A text, with a comma",[1/1/2024: new],'
    "Shown one,Individual",
    '291U00000X,Group two,Class two,,"A text\r\nof two lines",,Shown – two,Non-Individual',
)


def table(*rows: str, header: str = HEADER) -> str:
    return "".join(f"{line}\r\n" for line in (header, *rows))


def stored(data) -> list[tuple]:
    store = open_store(data)
    rows = store.rows(
        "SELECT code, grouping, classification, specialization, display_name, section, definition "
        "FROM taxonomy ORDER BY vintage, code"
    )
    store.close()
    return rows


def test_names_are_kept_and_definitions_are_not(put, data):
    found = import_files("nucc", [put("nucc_taxonomy_251.csv", table(*ROWS))], data)
    assert found.outcome == "added"
    assert (found.vintage.name, found.vintage.first, found.vintage.last) == (
        "25.1",
        date(2025, 10, 1),
        date(2026, 3, 31),
    )
    assert (found.vintage.rows_read, found.vintage.rows, found.notes) == (2, 2, ())
    assert stored(data) == [
        ("207ZP0102X", "Group one", "Class one", "Special one", "Shown one", "Individual", None),
        ("291U00000X", "Group two", "Class two", None, "Shown – two", "Non-Individual", None),
    ]


def test_definitions_are_kept_on_request(put, data):
    path = put("nucc_taxonomy_240.csv", table(*ROWS))
    found = import_files("nucc", [path], data, keep_descriptions=True)
    assert (found.vintage.name, found.vintage.first, found.vintage.last) == (
        "24.0",
        date(2024, 4, 1),
        date(2024, 9, 30),
    )
    assert [row[-1] for row in stored(data)] == ["A text, with a comma", "A text\r\nof two lines"]


def test_older_files_have_no_display_name_and_no_section(put, data):
    old = table(
        "207ZP0102X,Group one,Class one,Special one,A text,",
        header="Code,Type,Classification,Specialization,Definition,Notes",
    )
    import_files("nucc", [put("nucc_taxonomy_130.csv", old)], data)
    assert stored(data) == [
        ("207ZP0102X", "Group one", "Class one", "Special one", None, None, None)
    ]


def test_a_name_that_tells_no_version_covers_no_date(put, data):
    found = import_files("nucc", [put("taxonomy.csv", table(*ROWS))], data)
    assert (found.vintage.name, found.vintage.stated) == ("unstated", False)
    assert found.notes == (
        "nothing tells which edition this is, so it covers no date of service; "
        "name it with --edition, or give --from and --to",
    )
    named = import_files("nucc", [put("taxonomy.csv", table(*ROWS))], data, edition="26.0")
    assert (named.vintage.name, named.vintage.first, named.vintage.last) == (
        "26.0",
        date(2026, 4, 1),
        date(2026, 9, 30),
    )


BAD = {
    "a shape": (
        table(ROWS[0].replace("207ZP0102X", "207ZP01021")),
        "n_251.csv, row 2: the code (a text of 10 characters) has no shape of a taxonomy code: nine "
        "letters or digits, then X",
    ),
    "an empty code": (
        table(ROWS[0], ROWS[1].replace("291U00000X", "")),
        "n_251.csv, row 3: the code is empty",
    ),
    "an empty code below the header": (
        table(ROWS[1].replace("291U00000X", ""), ROWS[0]),
        "n_251.csv, row 2: the code is empty",
    ),
    "no code but a name": (
        table(ROWS[0].replace("207ZP0102X", "Own Name")),
        "n_251.csv, row 2: the code (a text of 8 characters) has no shape of a taxonomy code: nine "
        "letters or digits, then X",
    ),
    "a section": (
        table(ROWS[0].replace(",Individual", ",Person")),
        "n_251.csv, row 2: the section is a text of 6 characters, and Individual or Non-Individual "
        "was expected",
    ),
    "twice": (
        table(*ROWS, ROWS[0]),
        "n_251.csv, row 4: 207ZP0102X is in row 2 already; each may be there once",
    ),
    "no column": (
        table(header=HEADER.replace("Classification", "Class")),
        "n_251.csv, row 1: the header has no column for classification",
    ),
    "a cut row": (
        table(ROWS[0]) + "291U00000X,Group t",
        "n_251.csv, row 3: 2 cells, and the header has 8; the file may be cut",
    ),
    "a cut cell": (
        table(ROWS[0]) + '291U00000X,Group two,Class two,,"A te',
        "n_251.csv, row 3: a quotation mark is not closed; the file may be cut",
    ),
    "no rows": (table(), "n_251.csv: has no rows"),
}


@pytest.mark.parametrize(("content", "message"), BAD.values(), ids=BAD)
def test_what_cannot_be_is_refused(put, data, content, message):
    with pytest.raises(InputError) as caught:
        import_files("nucc", [put("n_251.csv", content)], data)
    assert str(caught.value) == message
    assert open_store(data) is None


def test_two_files_are_refused(put, data):
    one, two = put("nucc_251.csv", table(ROWS[0])), put("nucc_251b.csv", table(ROWS[1]))
    with pytest.raises(InputError) as caught:
        import_files("nucc", [one, two], data)
    assert str(caught.value) == (
        "nucc_251.csv, nucc_251b.csv: an edition of nucc is one table; give one file"
    )
