from __future__ import annotations

import os
from io import BytesIO

import pytest

from claimcheck.errors import InputError
from claimcheck.io import open_lines
from claimcheck.io.raw import RawLines

BAD_FILES = {
    "empty": (b"", "is empty"),
    "blank": (b" \n\t\n\n", "is empty"),
    "bom": (b"\xef\xbb\xbf", "is empty"),
    "png": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is a PNG image, not a table"),
    "xlsx": (b"PK\x03\x04\x14\0", "is a zip archive or an Excel workbook; save the sheet as CSV"),
    "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1", "is an old Excel workbook; save the sheet as CSV"),
    "gzip": (b"\x1f\x8b\x08\0", "is compressed with gzip; unpack it, for example with `gzip -dc`"),
    "pdf": (b"%PDF-1.7\n", "is a PDF document, not a table"),
    "parquet": (b"PAR1\x15\x04", "is a Parquet file; check it with `claimcheck batch`"),
    "utf-16": ("code,pos\n".encode("utf-16"), "is UTF-16 text; save it as UTF-8"),
    "utf-16-bare": (
        "code,pos\n".encode("utf-16-le"),
        "is a binary file, neither CSV nor JSON Lines",
    ),
    "x12": (
        b"ISA*00*          *00*",
        "is X12 without any transaction (ST to SE); there is nothing to check",
    ),
    "array": (b'[{"code": "0252U"}]', "is a JSON array; write JSON Lines, one object per line"),
    "elf": (b"\x7fELF\x02\x01\x01\0", "is a binary file, neither CSV nor JSON Lines"),
    "long": (b"x" * 1_100_000, "the first line is longer than 1,048,576 bytes; no table"),
    "prose": (
        b"Quimby Zanzibar was here\n",
        "no column gives the procedure code; name it code, hcpcs, cpt or procedure_code, or map it "
        "(--map COLUMN=code)",
    ),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_is_no_table(tmp_path, name):
    content, cause = BAD_FILES[name]
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        open_lines(path)
    assert str(caught.value) == f"{path}: {cause}"


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match=r"none.csv: there is no such file$"):
        open_lines(tmp_path / "none.csv")


def test_a_folder(tmp_path):
    with pytest.raises(InputError, match=r"is a folder, not a file$"):
        open_lines(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("code\n")
    path.chmod(0)
    with pytest.raises(InputError, match=r"may not be read \(permission denied\)$"):
        open_lines(path)


def test_a_name_that_no_file_can_have():
    with pytest.raises(InputError, match=r"cannot be read"):
        open_lines("a\0b")


def test_a_disk_that_fails_while_reading():
    class Failing(BytesIO):
        def readline(self, size=-1):
            raise OSError(5, "Input/output error")

    with pytest.raises(InputError, match=r"^the input: cannot be read \(Input/output error\)$"):
        next(RawLines(Failing(), "the input"))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"code\n0252U\n", "csv"),
        (b'{"code": "0252U"}', "jsonl"),
        (b'\xef\xbb\xbf{"code": "0252U"}', "jsonl"),
        (b'\n\n  {"code": "0252U"}', "jsonl"),
    ],
)
def test_the_kind_is_told_from_the_content(content, kind):
    source = open_lines(BytesIO(content))
    assert source.kind == kind
    assert [row.line.code for row in source] == ["0252U"]


def test_a_given_format_overrules_the_content():
    source = open_lines(BytesIO(b"{code}|code\nx|0252U\n"), "csv", {"{code}": "line_id"})
    assert [row.line.code for row in source] == ["0252U"]
    source = open_lines(BytesIO(b"code\n0252U\n"), "jsonl")
    assert [row.rejected for row in source] == [
        "the line is no JSON (byte 1)",
        "the line is no JSON (byte 2)",
    ]


def test_an_unknown_format():
    with pytest.raises(
        InputError, match=r"^an input format is one of csv, jsonl, x12, fhir, fhir-r4, fhir-r5$"
    ):
        open_lines(BytesIO(b""), "xml")


def test_standard_input(monkeypatch):
    class Stdin:
        buffer = BytesIO(b"code\n0252U\n")

    monkeypatch.setattr("sys.stdin", Stdin)
    source = open_lines("-")
    assert source.name == "standard input"
    assert [row.line.code for row in source] == ["0252U"]
    source.close()
    assert not Stdin.buffer.closed


def test_rows_are_read_as_they_are_asked_for():
    given = []

    class Slow(BytesIO):
        def readline(self, size=-1):
            given.append(1)
            return super().readline(size)

    source = iter(open_lines(Slow(b"code\n" + b"0252U\n" * 1000)))
    next(source)
    assert len(given) <= 3
