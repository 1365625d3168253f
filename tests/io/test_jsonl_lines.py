from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimcheck.io import open_lines


def source_of(content: bytes, **options):
    return open_lines(BytesIO(content), "jsonl", **options)


def rows(content: bytes, **options):
    return list(source_of(content, **options))


def test_an_object_becomes_a_line():
    (row,) = rows(
        b'{"claim_id": "CLM-7", "code": "0252U", "modifiers": ["80", "26"], "pos": 81,'
        b' "diagnoses": ["O03.9"], "units": 1.5, "service_date": "2026-05-04"}'
    )
    line = row.line
    assert (line.claim_id, line.code, line.modifiers) == ("CLM-7", "0252U", ("80", "26"))
    assert (line.place_of_service, line.diagnoses, line.units) == ("81", ("O03.9",), 1.5)
    assert line.problems == ()


def test_keys_are_mapped_like_columns():
    content = b'{"hcpcs": "0252U", "mod2": "26", "mod1": "80", "dx1": "N96"}'
    line = rows(content)[0].line
    assert (line.code, line.modifiers, line.diagnoses) == ("0252U", ("80", "26"), ("N96",))


def test_objects_may_differ():
    read = rows(b'{"code": "0252U"}\n{"pos": "81", "cpt": "81452"}\n{}\n')
    assert [row.line.code for row in read] == ["0252U", "81452", None]


def test_a_mapping_wins():
    line = rows(b'{"x": "0252U", "code": "y"}', mapping={"x": "code"})[0].line
    assert line.code == "0252U"


def test_blank_lines_are_passed_over():
    read = rows(b'\n  \n{"code": "0252U"}\n\n{"code": "81452"}\n')
    assert [(row.number, row.at) for row in read] == [(1, 3), (2, 5)]


def test_keys_without_a_field_are_counted():
    source = source_of(b'{"code": "0252U", "a": 1}\n{"code": "0252U", "b": 1, "modifers": 2}\n')
    list(source)
    assert (source.columns_not_read, source.looks_like) == (3, "modifiers")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"{Quimby Zanzibar", "the line is no JSON (byte 2)"),
        (b'{"code": "0252U"', "the line is no JSON"),
        (b'["Quimby"]', "the line is JSON, but no object"),
        (b'"Quimby"', "the line is JSON, but no object"),
        (b"null", "the line is JSON, but no object"),
        (b'{"code": "\xff"}', "the line has bytes that are not UTF-8"),
        (b'{"code": 1e999}', "the line is no JSON"),
        (b'{"a": ' + b"[" * 100_000, "the line is nested too deeply"),
        (b'{"a": "' + b"x" * 2_000_000 + b'"}', "the line is longer than 1,048,576 bytes"),
        (
            b'{"code": "0252U", "pos": "81", "place": "81"}',
            "two keys give place_of_service: pos and place; choose one "
            "(--map COLUMN=place_of_service)",
        ),
    ],
)
def test_a_broken_line_is_rejected_and_the_others_are_read(row, reason):
    first, broken, last = rows(b'{"code": "0252U"}\n' + row + b'\n{"code": "81452"}\n')
    assert (first.line.code, last.line.code) == ("0252U", "81452")
    assert broken.rejected == reason
    assert (broken.number, broken.at) == (2, 2)


@pytest.mark.parametrize("value", [None, True, 80, 1.5, "80", [], {}, [[]], [{"a": 1}], "\\u0000"])
@pytest.mark.parametrize("field", ["code", "modifiers", "pos", "mod1", "line_id", "units", "dos"])
def test_no_value_raises(field, value):
    import msgspec

    (row,) = rows(msgspec.json.encode({field: value}))
    assert row.line is not None


@given(st.binary(max_size=200))
def test_law_no_bytes_raise(garbage):
    source = source_of(b"{}\n" + garbage)
    read = list(source)
    assert [row.number for row in read] == list(range(1, len(read) + 1))
    assert source.rejected == sum(row.line is None for row in read)
