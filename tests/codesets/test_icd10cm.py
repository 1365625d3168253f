"""ICD-10-CM of April 2026: values written by hand from the tabular list."""

from __future__ import annotations

import string
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimcheck.codesets import icd10cm


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("O009", "header"),
        ("O0090", "billable"),
        ("O0091", "billable"),
        ("O03", "header"),
        ("O034", "billable"),
        ("O039", "billable"),
        ("O021", "billable"),
        ("C349", "header"),
        ("C3490", "billable"),
        ("C61", "billable"),
        ("C50919", "billable"),
        ("C189", "billable"),
        ("C259", "billable"),
        ("N96", "billable"),
        ("Z34", "header"),
        ("Z3490", "billable"),
        ("Z006", "billable"),
        # letters in the third place
        ("C4A", "header"),
        ("C4A9", "billable"),
        ("C7B", "header"),
        ("C7B01", "billable"),
        ("Z3A", "header"),
        ("Z3A20", "billable"),
        # a letter in the second place
        ("QA0", "header"),
        ("QA00", "header"),
        ("QA001", "header"),
        ("QA0010", "header"),
        ("QA00101", "billable"),
        ("QA08", "billable"),
        # placeholder X and a seventh character
        ("T360X1A", "billable"),
        ("T360X1", "header"),
        ("S72001A", "billable"),
    ],
)
def test_known_codes(code: str, kind: icd10cm.Kind) -> None:
    assert icd10cm.lookup(code) == kind


@pytest.mark.parametrize("code", ["B20", "F99", "P84", "R99", "Z66"])
def test_a_billable_category_that_is_a_block_of_its_own(code: str) -> None:
    assert icd10cm.lookup(code) == "billable"


@pytest.mark.parametrize("code", ["C50", "C7A", "E36", "O09", "T07", "Z68"])
def test_a_header_category_that_is_a_block_of_its_own(code: str) -> None:
    assert icd10cm.lookup(code) == "header"


@pytest.mark.parametrize(
    "code",
    [
        "",
        "O",
        "O0",
        "OO39",
        "0039",
        "o039",
        "O03.9",
        "O039 ",
        "O03-",
        "C61-",
        "C61 ",
        "A00-A09",
        "1",
        "Z9999",
        "\u00d603",
    ],
)
def test_what_is_not_a_code_is_absent(code: str) -> None:
    assert icd10cm.lookup(code) is None
    assert icd10cm.billable_children(code) == ()


def test_counts() -> None:
    assert icd10cm.counts() == {"billable": 74_719, "header": 98_186 - 74_719}


def test_codes_are_ordered_distinct_and_nest_by_prefix() -> None:
    listed = list(icd10cm.entries())
    codes = [code for code, _ in listed]
    assert codes == sorted(set(codes))
    for (code, kind), following in zip(listed, [*codes[1:], ""], strict=True):
        assert following.startswith(code) == (kind == "header")
        assert icd10cm.lookup(code) == kind


@pytest.mark.parametrize(
    ("code", "limit", "children"),
    [
        ("O009", 4, ("O0090", "O0091")),
        ("O03", 3, ("O030", "O031", "O032")),
        ("C34", 4, ("C3400", "C3401", "C3402", "C3410")),
        ("C349", 4, ("C3490", "C3491", "C3492")),
        ("QA0", 2, ("QA00101", "QA00102")),
        ("C61", 4, ()),
        ("O03", 0, ()),
    ],
)
def test_billable_children(code: str, limit: int, children: tuple[str, ...]) -> None:
    assert icd10cm.billable_children(code, limit) == children


def test_every_header_has_a_billable_code_below_it() -> None:
    headers = [code for code, kind in icd10cm.entries() if kind == "header"]
    assert all(icd10cm.billable_children(code, 1) for code in headers)


def test_a_negative_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="limit"):
        icd10cm.billable_children("O03", -1)


@pytest.mark.parametrize(
    ("code", "text"),
    [("O009", "O00.9"), ("N96", "N96"), ("Z3490", "Z34.90"), ("T360X1A", "T36.0X1A"), ("", "")],
)
def test_dotted(code: str, text: str) -> None:
    assert icd10cm.dotted(code) == text


@given(code=st.text(string.ascii_letters + string.digits + ".- \n", max_size=8))
def test_any_text_may_be_asked_for(code: str) -> None:
    assert icd10cm.lookup(code) in ("billable", "header", None)
    assert icd10cm.dotted(code).replace(".", "") == code.replace(".", "")


@pytest.mark.parametrize(
    ("day", "covered"),
    [
        (date(2026, 3, 31), False),
        (date(2026, 4, 1), True),
        (date(2026, 9, 30), True),
        (date(2026, 10, 1), False),
        (None, True),
    ],
)
def test_the_next_fiscal_year_is_not_covered(day: date | None, covered: bool) -> None:
    assert icd10cm.VINTAGE.covers(day) is covered
    assert icd10cm.VINTAGE.source == "icd-10-cm-2026-04"
