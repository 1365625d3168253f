from __future__ import annotations

import pytest

from claimcheck.errors import InputError
from claimcheck.io.columns import ColumnProblem, checked_mapping, plan_columns, recognised
from claimcheck.line import FIELDS


def plan(*names: str, **mapping: str):
    return plan_columns(names, mapping, whole=True)


@pytest.mark.parametrize("field", FIELDS)
def test_own_names_are_read(field):
    read = plan_columns([field], {}, whole=False)
    assert read.scalars == ((0, field),)
    assert read.not_read == 0


@pytest.mark.parametrize(
    ("column", "field"),
    [
        ("hcpcs", "code"),
        ("CPT", "code"),
        (" Procedure Code ", "code"),
        ("HCPCS_CD", "code"),
        ("pos", "place_of_service"),
        ("Place", "place_of_service"),
        ("Place of Service", "place_of_service"),
        ("DOS", "service_date"),
        ("date-of-service", "service_date"),
        ("dx", "diagnoses"),
        ("icd10", "diagnoses"),
        ("diagnosis codes", "diagnoses"),
        ("modifier", "modifiers"),
    ],
)
def test_aliases_are_read(column, field):
    assert plan_columns([column], {}, whole=False).scalars == ((0, field),)


@pytest.mark.parametrize(
    "names",
    [
        ("mod1", "mod2", "mod3", "mod4"),
        ("modifier1", "modifier2", "modifier3", "modifier4"),
        ("Modifier 1", "Modifier 2", "Modifier 3", "Modifier 4"),
        ("hcpcs_modifier_1", "hcpcs_modifier_2", "hcpcs_modifier_3", "hcpcs_modifier_4"),
        ("HCPCS_1ST_MDFR_CD", "HCPCS_2ND_MDFR_CD", "HCPCS_3RD_MDFR_CD", "HCPCS_4TH_MDFR_CD"),
    ],
)
def test_numbered_modifiers_are_one_list(names):
    assert plan("code", *names).lists == (("modifiers", (1, 2, 3, 4)),)


@pytest.mark.parametrize("stem", ["dx", "diagnosis", "diagnosis_", "icd", "dx_", "icd10_"])
def test_numbered_diagnoses_are_one_list(stem):
    names = [f"{stem}{number}" for number in range(1, 13)]
    assert plan("code", *names).lists == (("diagnoses", tuple(range(1, 13))),)


def test_numbered_columns_go_by_their_number_and_not_by_their_place():
    read = plan("mod2", "code", "mod1")
    assert read.fields(["26", "0252U", "80"]) == {"code": "0252U", "modifiers": ["80", "26"]}


def test_a_number_that_is_left_out_keeps_its_place():
    assert plan("code", "mod1", "mod3").fields(["0252U", "80", "26"])["modifiers"] == [
        "80",
        None,
        "26",
    ]


def test_columns_without_a_field_are_counted_only():
    read = plan("code", "Quimby Zanzibar", "", "patient")
    assert read.not_read == 3
    assert read.looks_like is None
    assert "Quimby" not in repr(read)


@pytest.mark.parametrize(
    ("column", "field"),
    [
        ("modifers", "modifiers"),
        ("diagnosis_cod", "diagnoses"),
        ("place_of_servce", "place_of_service"),
    ],
)
def test_a_misspelt_column_is_suspected(column, field):
    assert plan("code", column).looks_like == field


def test_a_field_that_has_its_column_is_not_suspected():
    assert plan("code", "modifiers", "modifers").looks_like is None


def test_a_mapping_wins_over_the_name():
    read = plan("code", "cpt4", "hcpcs", cpt4="code")
    assert read.fields(["1", "0252U", "3"]) == {"code": "0252U"}
    assert read.not_read == 2


def test_a_mapping_takes_a_column_away_from_its_own_field():
    read = plan("code", "pos", "place", pos="line_id")
    assert read.fields(["0252U", "7", "81"]) == {
        "code": "0252U",
        "line_id": "7",
        "place_of_service": "81",
    }


def test_a_mapping_finds_a_column_whatever_its_case():
    assert plan("My Code", my_code="code").scalars == ((0, "code"),)


def test_several_columns_may_be_mapped_to_a_list():
    read = plan_columns(["code", "b", "a"], {"a": "modifiers", "b": "modifiers"}, whole=True)
    assert read.fields(["0252U", "80", "26"])["modifiers"] == ["26", "80"]


GALLERY = {
    ("code", "hcpcs"): "two columns give code: code and hcpcs; choose one (--map COLUMN=code)",
    ("code", "code"): "two columns give code: code and code; choose one (--map COLUMN=code)",
    ("code", "pos", "place"): "two columns give place_of_service: pos and place; "
    "choose one (--map COLUMN=place_of_service)",
    ("code", "mod1", "mod1"): "two columns give modifiers: mod1 and mod1; "
    "choose one (--map COLUMN=modifiers)",
    ("code", "modifiers", "mod1"): "two columns give modifiers: modifiers and mod1; "
    "choose one (--map COLUMN=modifiers)",
    ("code", "mod1", "modifiers"): "two columns give modifiers: modifiers and mod1; "
    "choose one (--map COLUMN=modifiers)",
    ("modifiers",): "no column gives the procedure code; name it code, hcpcs, cpt or "
    "procedure_code, or map it (--map COLUMN=code)",
    ("proceduer_code",): "no column gives the procedure code; a column looks like it; name it "
    "code, hcpcs, cpt or procedure_code, or map it (--map COLUMN=code)",
}


@pytest.mark.parametrize(("names", "message"), GALLERY.items())
def test_columns_that_cannot_be_mapped(names, message):
    with pytest.raises(ColumnProblem) as caught:
        plan(*names)
    assert str(caught.value) == message


def test_a_mapped_column_that_is_not_there():
    with pytest.raises(
        ColumnProblem, match=r"^the column that is mapped to code is not in the head"
    ):
        plan("x", **{"Quimby Zanzibar": "code"})


def test_a_mapped_column_that_is_there_twice():
    with pytest.raises(
        ColumnProblem, match=r"^several columns have the name that is mapped to code"
    ):
        plan("x", "x", x="code")


def test_a_mapping_to_an_unknown_field():
    with pytest.raises(InputError) as caught:
        checked_mapping({"Quimby Zanzibar": "modifier"})
    assert str(caught.value) == (
        "a column is mapped to a field that there is not; did you mean modifiers? "
        f"the fields are {', '.join(FIELDS)}"
    )


def test_two_columns_mapped_to_one_field():
    with pytest.raises(InputError, match=r"^two columns are mapped to code, which takes one$"):
        checked_mapping({"a": "code", "b": "code"})


def test_known_names_are_counted():
    assert recognised(["code", "mod1", "Quimby"]) == 2
