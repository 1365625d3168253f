"""Excludes1 notes of ICD-10-CM, April 2026: expectations written by hand from the tabular list."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimcheck.codesets import excludes, icd10cm
from claimcheck.codesets.excludes import Exclusion, excluded, standing


@pytest.mark.parametrize(
    ("one", "other", "place", "pattern"),
    [
        # a category that names a chapter's whole range, which ends in a letter
        ("Z3490", "O039", "Z34", "O00-O9A"),
        ("Z3490", "O9A212", "Z34", "O00-O9A"),
        ("Z3490", "O0990", "Z34", "O00-O9A"),
        ("Z3490", "Z3201", "Z34", "Z32.0-"),
        # a category without further characters
        ("N96", "O2620", "N96", "O26.2-"),
        ("B20", "Z21", "B20", "Z21"),
        # a note of a block holds for each of its codes
        ("O039", "O3110X0", "O00-O08", "O31.1-"),
        ("O0081", "O3132X1", "O00-O08", "O31.3-"),
        ("A150", "P370", "A15-A19", "P37.0"),
        ("D371", "D499", "D37-D48", "D49.-"),
        ("C310", "C459", "C30-C39", "C45.-"),
        # a block that has no codes of its own, only further blocks
        ("V0001XA", "Y030XXA", "V00-V99", "Y03.-"),
        # a note of a chapter
        ("E6601", "P704", "E00-E89", "P70-P74"),
        # a block and a category of one name, with different notes
        ("T07XXXA", "T2000XA", "T07", "T20-T32"),
        ("T07XXXA", "T1490XA", "T07", "T14.90"),
        # subcategories and codes
        ("K5010", "K5080", "K50.1", "K50.8"),
        ("O021", "O020", "O02.1", "O02.0"),
        ("R739", "E119", "R73", "E08-E13"),
        ("R7303", "E119", "R73.0", "E08-E13"),
        ("F329", "F339", "F32", "F33.-"),
        ("Z87891", "F17210", "Z87.891", "F17.2-"),
        ("M810", "M8000XA", "M81", "M80.-"),
        # ranges of subcategories
        ("I739", "I70201", "I73.9", "I70.2-I70.7"),
        ("Z0271", "Z0000", "Z02.7", "Z00-Z01"),
        ("Z0271", "Z025", "Z02.7", "Z02.0-Z02.6"),
        ("P830", "Q809", "P83", "Q80-Q84"),
        # a range from one length to another
        ("R877", "D0730", "R87.7", "D06-D07.3"),
        # a seventh character, and a placeholder
        ("T66XXXA", "L589", "T66", "L55-L59"),
        ("M1A00X0", "M109", "M1A", "M10.-"),
    ],
)
def test_pairs_that_exclude_each_other(one: str, other: str, place: str, pattern: str) -> None:
    expected = Exclusion(one, other, place, pattern)
    assert excluded(one, other) == expected
    assert excluded(other, one) == expected


@pytest.mark.parametrize(
    "pair",
    [
        "E119 Z794",  # diabetes type 2 with insulin
        "I10 E785",
        "E1122 N1830",
        "I129 N189",
        "I110 I509",
        "J440 J189",
        "N390 B9620",
        "O039 N96",
        "Z3401 Z3A20",  # weeks of gestation go with supervision: Z34 names no Z code of that kind
        "O0990 Z3A12",
        "Z5111 C50911",
        "Z1231 Z803",
        "F329 F419",
        "G309 F0280",
        "E6601 Z6841",
        "A419 R6521",
        "I480 I2510",
        "Z471 Z96651",
        "M1711 M25561",
        "Z01419 Z1151",
        # D3A sorts after D36 in the list: it stands in no block D37-D48
        "D3A00 D499",
        # conditions that are left out: E08-E13 with .42
        "G63 E1122",
        # the fifth character decides, so the note of S23.0 is left out
        "S230XXA M5124",
        "Z124 Z1151",
    ],
)
def test_pairs_that_may_stand_together(pair: str) -> None:
    one, other = pair.split()
    assert icd10cm.lookup(one) == icd10cm.lookup(other) == "billable"
    assert excluded(one, other) is None
    assert excluded(other, one) is None


def test_what_a_note_names_is_no_part_of_its_place() -> None:
    # Q61.4 and Q61.11 to Q61.3 are all of Q61; two codes that one note names do not meet by it.
    assert excluded("Q614", "Q6119") == Exclusion("Q614", "Q6119", "Q61.4", "Q61.11-Q61.3")
    assert excluded("Q6111", "Q6119") is None
    # The block Y62-Y69 and the block Y83-Y84 name each other; within one of them all is well.
    assert excluded("Y830", "Y841") is None


def test_the_narrowest_note_is_told() -> None:
    # Both sides have a note: O00-O9A names Z34, and Z34 names O00-O9A.
    assert ("O00-O9A", ("Z34.-",)) in list(excludes.notes())
    assert excluded("O039", "Z3490") == Exclusion("Z3490", "O039", "Z34", "O00-O9A")
    # E10 names E11, and E11 names E10: equally narrow, so the first in the list.
    assert excluded("E119", "E109") == Exclusion("E109", "E119", "E10", "E11.-")


@pytest.mark.parametrize(
    "text", ["", "Z", "Z34", "O99999", "z3490", "Z34.90", "Doe, Jane", "é0000"]
)
def test_any_text_may_be_asked_for(text: str) -> None:
    before = len(excludes._standings)
    if icd10cm.lookup(text) is None:
        assert excluded(text, "O039") is None
        assert not standing(text)
        assert len(excludes._standings) <= before + 1  # O039
    assert excluded(text, text) is None


ALL_CODES = [code for code, _ in icd10cm.entries()]
TOUCHED = [code for code in ALL_CODES if standing(code)]


@given(st.sampled_from(ALL_CODES), st.sampled_from(ALL_CODES))
def test_excluding_is_mutual_and_both_sides_are_where_the_note_says(one: str, other: str) -> None:
    found = excluded(one, other)
    assert found == excluded(other, one)
    assert (found is not None) == standing(one).excludes(standing(other))
    assert excluded(one, one) is None
    if found is not None:
        assert {found.holder, found.other} == {one, other}


@given(st.data())
def test_what_a_note_names_is_excluded_by_all_that_stands_below_it(data: st.DataObject) -> None:
    place, patterns = data.draw(st.sampled_from(NOTES_OF_CODES))
    named = [code for code in ALL_CODES if any(holds(pattern, code) for pattern in patterns)]
    below = sorted({code for code in ALL_CODES if holds(place, code)} - {*named})
    if below:
        one, other = data.draw(st.sampled_from(below)), data.draw(st.sampled_from(named))
        assert excluded(one, other) is not None, (one, other)


NOTES_OF_CODES = [note for note in excludes.notes() if "-" not in note[0]]


def holds(pattern: str, code: str) -> bool:
    """The same in the plainest way; good but for categories out of the order of their letters."""
    low, _, high = pattern.replace(".", "").partition("-")
    return low <= code and code[: len(high)] <= high if high else code.startswith(low)


def test_every_note_names_something_and_most_codes_are_named() -> None:
    used = {number for code in TOUCHED for number in standing(code).named}
    assert used == set(range(len(list(excludes.notes()))))
    assert len(TOUCHED) > 70_000


def test_a_file_of_another_layout_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(excludes, "read_bytes", lambda name: zlib.compress(b"something else\n\n"))
    with pytest.raises(ValueError, match="make it again"):
        excludes._table.__wrapped__()


def test_the_same_days_as_the_codes() -> None:
    assert excludes.VINTAGE is icd10cm.VINTAGE
