from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimcheck.errors import InputError
from claimcheck.io import open_lines

QUOTE = "a quotation mark is not closed, or stands where none may stand"
RUNS_ON = f"{QUOTE} (a quoted cell runs over several lines)"


def rows(content: bytes, **options):
    return list(open_lines(BytesIO(content), "csv", **options))


def outcome(content: bytes):
    """Per row: its code, or why it was rejected."""
    return [row.line.code if row.line else row.rejected for row in rows(content)]


def test_a_row_becomes_a_line():
    (row,) = rows(
        b"line_id,claim_id,code,mod1,mod2,pos,dx1,dx2,dos,units,payer\n"
        b"1,CLM-7,0252u,80,,81,O039,N96,05/04/2026,2,Aetna\n"
    )
    line = row.line
    assert (row.number, row.at, row.rejected) == (1, 2, None)
    assert (line.line_id, line.claim_id, line.code) == ("1", "CLM-7", "0252U")
    assert (line.modifiers, line.place_of_service) == (("80",), "81")
    assert (line.diagnoses, line.units, line.payer) == (("O03.9", "N96"), 2, "aetna")
    assert line.service_date.isoformat() == "2026-05-04"
    assert line.problems == ()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_told_from_the_header(delimiter):
    content = delimiter.join(["code", "pos", "mod1"]) + "\n" + delimiter.join(["0252U", "81", "80"])
    (row,) = rows(content.encode())
    assert (row.line.code, row.line.place_of_service, row.line.modifiers) == (
        "0252U",
        "81",
        ("80",),
    )


def test_delimiters_inside_a_known_header_do_not_mislead():
    content = b'code;"a,b,c,d,e";pos\n0252U;"x,y";81\n'
    assert rows(content)[0].line.place_of_service == "81"


def test_one_column_needs_no_delimiter():
    assert outcome(b"code\n0252U\n81452") == ["0252U", "81452"]


def test_a_byte_order_mark_is_no_part_of_the_first_column():
    assert outcome(b"\xef\xbb\xbfcode,pos\n0252U,81\n") == ["0252U"]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_line_ends(end):
    assert outcome(end.join([b"code,pos", b"0252U,81", b"81452,81", b""])) == ["0252U", "81452"]


def test_quoted_newlines_belong_to_the_cell():
    read = rows(b'code,note\n0252U,"a\nb"\n81452,c\n')
    assert [(row.number, row.at, row.line.code) for row in read] == [
        (1, 2, "0252U"),
        (2, 4, "81452"),
    ]


def test_blank_lines_are_no_rows():
    read = rows(b"\n\ncode,pos\n\n0252U,81\n  \n81452,81\n\n")
    assert [(row.number, row.at) for row in read] == [(1, 5), (2, 7)]


def test_a_header_alone_gives_no_rows():
    assert rows(b"code,pos\n") == []


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"0252U", "the row has 1 cell, the header 2"),
        (b"0252U,81,x", "the row has 3 cells, the header 2"),
        (b"0252U,8\0", "the row has a NUL character"),
        (b"0252U,\xff\xfe", "the row has bytes that are not UTF-8"),
        (b'0252U,"81', QUOTE),
        (b'0252U,"81"x', QUOTE),
        (b'"0252U,81', QUOTE),
        (b"0252U,8\r1", "a carriage return stands inside a cell"),
        (b"0252U," + b"8" * 200_000, "a cell is longer than 131,072 characters"),
        (b"0252U," + b"8" * 2_000_000, "a line is longer than 1,048,576 bytes"),
    ],
)
def test_a_broken_row_is_rejected_and_the_others_are_read(row, reason):
    first, broken, last = rows(b"code,pos\n0252U,81\n" + row + b"\n81452,81\n")
    assert (first.line.code, last.line.code) == ("0252U", "81452")
    assert broken.rejected.removesuffix(" (a quoted cell runs over several lines)") == reason
    assert (broken.number, broken.at, last.number, last.at) == (2, 3, 3, 4)


def test_an_open_quotation_mark_swallows_nothing():
    content = b"code,pos\n" + b'0252U,"81\n' + b"81452,81\n" * 500
    assert outcome(content) == [RUNS_ON] + ["81452"] * 500


def test_two_open_quotation_marks_swallow_nothing_between():
    content = b'code,pos,note\n0252U,81,"a\n81452,81,b\n0252U,81,"c\n81452,81,d\n'
    assert outcome(content) == [RUNS_ON, "81452", RUNS_ON, "81452"]


def test_counts():
    source = open_lines(BytesIO(b"code,Quimby\n0252U,x\n0252U\n"))
    with source:
        assert len(list(source)) == 2
    assert (source.kind, source.read, source.rejected, source.columns_not_read) == ("csv", 2, 1, 1)


def test_a_header_with_an_open_quotation_mark():
    with pytest.raises(InputError, match=f"^the input: the header cannot be read; {QUOTE}$"):
        rows(b'code,"pos\n' + b"0252U,81\n" * 300)


def test_lines_that_end_in_a_carriage_return_alone():
    with pytest.raises(InputError, match="its lines end in a carriage return alone; save it with"):
        rows(b"code,pos\r0252U,81\r")


GARBAGE = st.lists(st.text(st.sampled_from('ab",;|0\\\t\0\x7fé '), max_size=12), max_size=8)


@given(GARBAGE)
def test_law_a_sound_last_row_is_always_read(garbage):
    content = "\n".join(["code,pos", *garbage, "0252U,81", ""]).encode()
    read = rows(content)
    assert read[-1].line is not None
    assert read[-1].line.code == "0252U"
    assert [row.number for row in read] == list(range(1, len(read) + 1))


@given(st.binary(max_size=200))
def test_law_no_bytes_raise(garbage):
    source = open_lines(BytesIO(b"code,pos\n" + garbage), "csv")
    read = list(source)
    assert source.read == len(read)
    assert source.rejected == sum(row.line is None for row in read)
    assert all((row.line is None) == (row.rejected is not None) for row in read)
