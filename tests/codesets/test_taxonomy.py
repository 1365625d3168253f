"""Provider taxonomy: values written by hand from NUCC 25.1."""

from __future__ import annotations

import string
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimcheck.codesets import taxonomy


@pytest.mark.parametrize(
    ("code", "name", "section"),
    [
        ("207P00000X", "Emergency Medicine Physician", "Individual"),
        ("207V00000X", "Obstetrics & Gynecology Physician", "Individual"),
        ("363A00000X", "Physician Assistant", "Individual"),
        (
            "207ZP0102X",
            "Anatomic Pathology & Clinical Pathology Physician",
            "Individual",
        ),
        ("291U00000X", "Clinical Medical Laboratory", "Non-Individual"),
    ],
)
def test_known_codes(code: str, name: str, section: str) -> None:
    entry = taxonomy.lookup(code)
    assert entry is not None
    assert (entry.name, entry.section) == (name, section)


def test_every_entry_is_well_formed_and_ordered() -> None:
    codes = [entry.code for entry in taxonomy.entries()]
    assert codes == sorted(set(codes))
    assert all(taxonomy.is_well_formed(code) for code in codes)
    assert sum(code.startswith("207Z") for code in codes) == 16


def test_known_absent_is_apart_from_the_list() -> None:
    assert "204V00000X" in taxonomy.KNOWN_ABSENT
    assert all(taxonomy.lookup(code) is None for code in taxonomy.KNOWN_ABSENT)
    assert not taxonomy.COMPLETE


@pytest.mark.parametrize(
    "code",
    ["", "207P00000", "207P00000Y", "207p00000x", "207P00000X\n", "207P000000X", "207P0000 X"],
)
def test_malformed(code: str) -> None:
    assert not taxonomy.is_well_formed(code)


@given(stem=st.text(string.digits + string.ascii_uppercase, min_size=9, max_size=9))
def test_nine_digits_or_capitals_and_an_x_are_well_formed(stem: str) -> None:
    assert taxonomy.is_well_formed(stem + "X")
    assert not taxonomy.is_well_formed(stem)


def test_vintage() -> None:
    assert not taxonomy.VINTAGE.covers(date(2025, 9, 30))
    assert taxonomy.VINTAGE.covers(date(2025, 10, 1))
    assert taxonomy.VINTAGE.source == "nucc-25.1"
