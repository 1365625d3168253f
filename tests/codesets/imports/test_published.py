from __future__ import annotations

import hashlib
import io
import struct
import sys
import zipfile
from pathlib import Path

import pytest

from claimcheck.codesets.imports import published as module
from claimcheck.codesets.imports.published import open_published
from claimcheck.errors import InputError


def any_name(_: str) -> int:
    return 1


def only(path, suits=any_name):
    (one,) = open_published([path], suits)
    return one


def rows(path, suits=any_name) -> list[tuple[int, list[str]]]:
    return list(only(path, suits).rows())


def read_all(paths) -> list[list[tuple[int, list[str]]]]:
    return [list(one.rows()) for one in open_published(paths, any_name)]


def refusal(*paths) -> str:
    with pytest.raises(InputError) as caught:
        read_all(paths)
    return str(caught.value)


def test_a_table_says_where_it_is_from(put):
    one = only(put("x.csv", b"a,b\n"))
    assert one.name == "x.csv"
    assert one.source.name == "x.csv"
    assert one.source.sha256 == hashlib.sha256(b"a,b\n").hexdigest()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a,b\r\n 1 ,2\r\n", [["a", "b"], ["1", "2"]]),
        (b"a\tb\tc\n1,2\t2\t\n", [["a", "b", "c"], ["1,2", "2", ""]]),
        (b'a,b,c\n"x\r\ny",2,"3 "\n', [["a", "b", "c"], ["x\r\ny", "2", "3"]]),
        (b"\xef\xbb\xbfa,b\n", [["a", "b"]]),
        ("é,b\n".encode(), [["é", "b"]]),
        ("é’,b\n".encode("cp1252"), [["é’", "b"]]),
        (b"\xe9\x81,b\n", [["é\x81", "b"]]),
        (b"a,b", [["a", "b"]]),
    ],
    ids=["crlf", "tabs", "many lines in a cell", "mark", "utf-8", "cp1252", "latin-1", "no end"],
)
def test_text(put, content, expected):
    assert [cells for _, cells in rows(put("x.csv", content))] == expected


def test_rows_are_counted_as_a_spreadsheet_does(put):
    content = b'"a notice\nof two lines",\n\na,b\n'
    assert [number for number, cells in rows(put("x.csv", content)) if any(cells)] == [1, 3]


def test_a_table_can_be_read_again(put):
    one = only(put("x.csv", b"a,b\n1,2\n"))
    assert list(one.rows()) == list(one.rows())


def test_lines(put):
    one = only(put("x.txt", b"00001 A00\r\n  00002\r\n"))
    assert list(one.lines()) == [(1, "00001 A00"), (2, "  00002")]
    assert one.is_text


def test_whether_the_last_line_has_an_end(put):
    assert only(put("x.csv", b"a,b\n")).ends_whole
    assert not only(put("y.csv", b"a,b\n1,2")).ends_whole


def test_excel(put_workbook):
    path = put_workbook("x.xlsx", [["Code", "Units"], [], ["00100", 3], ["", 99213]])
    assert rows(path) == [
        (1, ["Code", "Units"]),
        (2, ["", ""]),
        (3, ["00100", "3"]),
        (4, ["", "99213"]),
    ]
    assert not only(path).is_text
    with pytest.raises(InputError, match="a text file was expected"):
        list(only(path).lines())


def test_excel_without_its_reader(put_workbook, monkeypatch):
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    assert refusal(put_workbook("x.xlsx", [["a"]])) == (
        "x.xlsx: is an Excel workbook, and python-calamine, which reads it, is missing; "
        'pip install "claimcheck-lines[excel]", or save the sheet as CSV'
    )


def test_a_zip_gives_what_suits_best(put_zip):
    path = put_zip(
        "26q3.zip",
        {
            "readme.txt": b"read me\n",
            "2026/Table_2.csv": b"2,2\n",
            "2026/Table_1.csv": b"1,1\n",
            "__MACOSX/2026/._Table_1.csv": b"\0\0",
            "2026/notes.docx": b"x",
        },
    )
    found = open_published([path], lambda name: {"readme.txt": 1}.get(name, 2))
    assert [one.name for one in found] == ["26q3.zip/Table_1.csv", "26q3.zip/Table_2.csv"]
    assert [list(one.rows()) for one in found] == [[(1, ["1", "1"])], [(1, ["2", "2"])]]
    assert {one.source.name for one in found} == {"26q3.zip"}


def test_text_comes_before_excel(put_zip, as_workbook):
    both = {"t/Table.xlsx": as_workbook([["excel", "x"]]), "t/Table.csv": b"text,x\n"}
    assert rows(put_zip("both.zip", both)) == [(1, ["text", "x"])]
    del both["t/Table.csv"]
    assert rows(put_zip("excel.zip", both)) == [(1, ["excel", "x"])]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.csv", b"", "x.csv: is empty"),
        ("x.csv", b"\r\n \r\n", "x.csv: is empty"),
        ("x.csv", b"\x89PNG\r\n\x1a\n\0\0", "x.csv: is a PNG picture, not a table"),
        ("x.csv", b"\xff\xd8\xff\xe0\0\0", "x.csv: is a JPEG picture, not a table"),
        ("x.csv", b"%PDF-1.7\n", "x.csv: is a PDF document, not a table"),
        ("x.csv", b"a,b\n\0,1\n", "x.csv: is a binary file, not a table (it has NUL bytes)"),
        ("x.csv", b"\xff\xfea\0,\0b\0", "x.csv: is UTF-16 text; save it as UTF-8"),
        (
            "x.csv",
            b"\n<!DOCTYPE html>",
            "x.csv: is a web page, not a table; download the file itself",
        ),
        (
            "x.csv",
            b'a,b\n1,"2',
            "x.csv, row 2: a quotation mark is not closed; the file may be cut",
        ),
        (
            "x.csv",
            b'a,b\n1,"2"3\n',
            "x.csv, row 2: is no row of a table (a quotation mark in the wrong place)",
        ),
        (
            "x.csv",
            b'a,b\n1,"' + b"2" * 200_000 + b'"\n',
            "x.csv, row 2: a cell is too long; a quotation mark may not be closed",
        ),
        (
            "x.xls",
            b"\xd0\xcf\x11\xe0" + b"x" * 600,
            "x.xls: is an Excel workbook that is damaged (CalamineError)",
        ),
        ("x.zip", b"PK\x05\x06" + b"\0" * 18, "x.zip: is a ZIP without files"),
        (
            "x.zip",
            b"PK\x03\x04cut",
            "x.zip: is a ZIP that is cut or damaged; download it again",
        ),
    ],
)
def test_what_is_no_table(put, name, content, message):
    assert refusal(put(name, content)) == message


def test_a_zip_of_a_picture(put_zip):
    path = put_zip("x.zip", {"a/scan.png": b"\x89PNG", "a/notes": b"x", "b/scan.png": b"\x89PNG"})
    assert refusal(path) == (
        "x.zip: holds no file of this kind; it holds 2 files with .png, 1 file with no ending"
    )


def test_a_picture_that_is_called_a_table(put_zip):
    path = put_zip("x.zip", {"a/table.csv": b"\x89PNG\r\n"})
    assert refusal(path) == "x.zip/table.csv: is a PNG picture, not a table"


def test_a_zip_in_a_zip(put_zip, zip_bytes):
    path = put_zip("x.zip", {"table.xlsx": zip_bytes({"a.csv": b"1,2\n"})})
    assert refusal(path) == "x.zip/table.xlsx: is a ZIP in a ZIP; unpack the outer one first"


def test_a_cut_zip(put, zip_bytes):
    whole = zip_bytes({"a.csv": b"1,2\n" * 1000})
    path = put("x.zip", whole[:-30])
    assert refusal(path) == "x.zip: is a ZIP that is cut or damaged; download it again"


def test_a_zip_that_is_damaged_inside(put, zip_bytes):
    content = bytearray(zip_bytes({"a.csv": bytes(str(list(range(2000))), "ascii")}))
    content[300:320] = b"\xff" * 20
    path = put("x.zip", bytes(content))
    assert refusal(path) == "x.zip/a.csv: the ZIP is cut or damaged here; download it again"


def test_an_encrypted_zip(put, zip_bytes):
    content = bytearray(zip_bytes({"a.csv": b"1,2\n"}))
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1
    assert refusal(put("x.zip", bytes(content))) == "x.zip/a.csv: is encrypted; unpack it first"


def test_a_zip_bomb_is_not_unpacked(put_zip, monkeypatch):
    monkeypatch.setattr(module, "_FREE", 1000)
    path = put_zip("x.zip", {"a.csv": b"1,2\n" * 100_000})
    message = refusal(path)
    assert message.startswith("x.zip/a.csv: unpacks to more than ")
    assert message.endswith(" bytes; no official table does")


def test_a_zip_bomb_that_lies_about_its_size(put, zip_bytes, monkeypatch):
    monkeypatch.setattr(module, "MOST_BYTES", 50_000)
    content = bytearray(zip_bytes({"a.csv": b"1,2\n" * 100_000}))
    at = content.index(b"PK\x01\x02")
    content[at + 24 : at + 28] = struct.pack("<I", 40_000)
    assert refusal(put("x.zip", bytes(content))) == (
        "x.zip/a.csv: the ZIP is cut or damaged here; download it again"
    )


def test_an_excel_bomb(put, as_workbook, monkeypatch):
    monkeypatch.setattr(module, "MOST_BYTES", 10_000)
    path = put("x.xlsx", as_workbook([["1234567"]] * 1000))
    assert refusal(path) == "x.xlsx: unpacks to more than 10,000 bytes; no official table does"


@pytest.mark.parametrize(
    ("attribute", "far"),
    [('r="XFD1048576"', True), ("r = 'DA7'", True), ('r="AAA1"', True), ('r="CZ2"', False)],
)
def test_an_excel_cell_far_away(put, as_workbook, attribute, far):
    content = io.BytesIO(as_workbook([["a", "b"], [1, 2]]))
    with zipfile.ZipFile(content) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    members[sheet] = members[sheet].replace(b'r="B2"', attribute.encode())
    with zipfile.ZipFile(content := io.BytesIO(), "w") as archive:
        for name, member in members.items():
            archive.writestr(name, member)
    path = put("x.xlsx", content.getvalue())
    if far:
        assert refusal(path) == "x.xlsx: has more than 104 columns; no official table does"
    else:
        assert [len(cells) for _, cells in rows(path)] == [104, 104]


def test_too_many_files(put):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for number in range(module.MOST_MEMBERS + 1):
            archive.writestr(f"{number}.csv", b"1,2\n")
    assert refusal(put("x.zip", content.getvalue())) == (
        "x.zip: holds 1,001 files; at most 1,000 are read"
    )


def test_the_same_file_twice(put):
    first, second = put("a.csv", b"1,2\n"), put("b.csv", b"1,2\n")
    assert refusal(first, second) == "b.csv: is the same file as a.csv; give each file once"


def test_no_file(tmp_path):
    assert refusal(tmp_path / "x.csv") == "x.csv: there is no such file"
    assert refusal(tmp_path) == f"{tmp_path.name}: is a folder, not a file"
    assert refusal() == "no file was given"
    assert refusal(Path("a\0b")) == "a\0b: there is no such file"
