"""Fixes: which findings have one, what it says, and what applying it gives."""

from __future__ import annotations

from datetime import date
from types import MappingProxyType

import attrs
import pytest

import claimcheck
from claimcheck import ClaimLine, Defect, Fix, FixError, Severity, apply, define_check

GOOD = {"code": "0252U", "diagnoses": ["O03.9"], "place_of_service": "81"}


def fixes(checker, **line):
    """(slug, value, words of the fix) of the findings that have a fix."""
    found = checker.check({**GOOD, **line}).findings
    return [(f.code, f.value, str(f.fix)) for f in found if f.fix is not None]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            {"modifiers": ["80"]},
            [("modifier-not-applicable", "80", "remove 80 from modifiers (review)")],
        ),
        ({"modifiers": ["26"]}, [("modifier-disputed", "26", "remove 26 from modifiers (review)")]),
        (
            {"modifiers": ["03"]},
            [("modifier-unknown", "03", "remove 03 from modifiers (review)")],
        ),
        (
            {"modifiers": ["59", "59"], "conditions": ["distinct-service"]},
            [("modifier-duplicate", "59", "keep only the first 59 of modifiers (review)")],
        ),
        (
            {"place_of_service": "6"},
            [("place-digit-lost", "06", "write 06 for 6 in place_of_service (safe)")],
        ),
        ({"code": "O252U"}, [("code-malformed", "O252U", "write 0252U for O252U in code (safe)")]),
        ({"code": "252U"}, [("code-malformed", "252U", "write 0252U for 252U in code (review)")]),
        # Spelling, but of a code that no rule and no table knows: somebody has to look.
        ({"code": "O9213"}, []),  # it has the shape of a HCPCS code
        (
            {"code": "992I3"},
            [("code-malformed", "992I3", "write 99213 for 992I3 in code (review)")],
        ),
        (
            {"diagnoses": ["003.9"]},
            [("diagnosis-malformed", "003.9", "write O03.9 for 003.9 in diagnoses (review)")],
        ),
        (
            {"ordering_taxonomy": "207P00000X"},
            [
                (
                    "taxonomy-disputed",
                    "207P00000X",
                    "write 207V00000X for 207P00000X in ordering_taxonomy (review)",
                )
            ],
        ),
        # In another role it is not known who was meant.
        ({"taxonomy": "207P00000X"}, []),
        # Nobody but the person with the record knows which diagnosis, place or condition is right.
        ({"diagnoses": ["J06.9"]}, []),
        ({"diagnoses": ["O03.9", "O00.9"], "service_date": "2026-05-04"}, []),
        ({"diagnoses": ["O03.9", "Z34.90"]}, []),
        ({"place_of_service": "12"}, []),
        ({"modifiers": ["90"]}, []),
        ({"modifiers": ["LR"]}, []),
        ({"modifiers": ["ZZ"]}, []),  # an info: the embedded list is not complete
        ({"units": 0}, []),
    ],
)
def test_a_finding_has_a_fix_where_there_is_one_thing_to_do(checker, line, expected):
    assert fixes(checker, **line) == expected


def test_a_header_with_one_billable_code_below_it_is_fixed_by_that(checker):
    """ICD-10-CM, April 2026: U09.9 is the only code of the category U09; J09 goes on below J09.X."""
    told = {
        diagnosis: [
            str(f.fix)
            for f in checker.check({**GOOD, "diagnoses": ["O03.9", diagnosis]}).findings
            if f.code == "diagnosis-not-billable"
        ]
        for diagnosis in ("U09", "J09")
    }
    assert told == {"U09": ["write U09.9 for U09 in diagnoses (review)"], "J09": ["None"]}


def test_a_spelling_that_would_show_an_error_is_not_offered(checker):
    """The correction of the code would put modifier 80 on a laboratory test."""
    assert fixes(checker, code="O252U", modifiers=["80"]) == []
    assert fixes(checker, code="O252U", service_date=date(2021, 6, 30)) == []
    assert fixes(checker, code="O252U", service_date=date(2021, 7, 1)) != []


def test_a_diagnosis_that_would_not_be_billable_is_not_offered(checker):
    """0O0.9 could be O00.9, which is a header."""
    report = checker.check({**GOOD, "diagnoses": ["000.9"], "service_date": "2026-05-04"})
    malformed = next(f for f in report.findings if f.code == "diagnosis-malformed")
    assert malformed.message.endswith("It looks like O00.9.")
    assert malformed.fix is None


@pytest.mark.parametrize(
    ("line", "slug", "expected"),
    [
        (
            {**GOOD, "modifiers": ["80", "59", "80"]},
            "modifier-not-applicable",
            {**GOOD, "modifiers": ["59"]},
        ),
        (
            {**GOOD, "modifiers": " 80,59 "},
            "modifier-not-applicable",
            {**GOOD, "modifiers": ["59"]},
        ),
        (
            {**GOOD, "modifiers": ["59", "59", "59"]},
            "modifier-duplicate",
            {**GOOD, "modifiers": ["59"]},
        ),
        ({**GOOD, "place_of_service": 6}, "place-digit-lost", {**GOOD, "place_of_service": "06"}),
        ({**GOOD, "code": "252u "}, "code-malformed", {**GOOD, "code": "0252U"}),
        (
            {**GOOD, "diagnoses": "N96; 003.9"},
            "diagnosis-malformed",
            {**GOOD, "diagnoses": ["N96", "O03.9"]},
        ),
    ],
)
def test_applying_a_fix_gives_a_new_line_and_leaves_the_old_one(checker, line, slug, expected):
    before = dict(line)
    fix = next(f.fix for f in checker.check(line).findings if f.code == slug)
    assert apply(MappingProxyType(line), fix) == expected
    assert line == before
    fixed = apply(ClaimLine(**line), fix)
    assert isinstance(fixed, ClaimLine)
    assert fixed == ClaimLine(**expected)


def test_fields_that_the_fix_does_not_name_stay_as_they_were(checker):
    line = {**GOOD, "modifiers": ["80", 59], "line_id": "L1", "units": "2.0", "ours": object()}
    fix = next(f.fix for f in checker.check(line).findings if f.fix)
    assert apply(line, fix) == {**line, "modifiers": [59]}


def test_what_could_not_be_read_keeps_its_place_beside_a_removal(checker):
    line = {**GOOD, "modifiers": ["80", "8", "59"]}
    fix = next(f.fix for f in checker.check(line).findings if f.value == "80")
    fixed = apply(ClaimLine(**line), fix)
    assert fixed.modifiers == ("", "59")
    assert fixed == ClaimLine(**{**GOOD, "modifiers": ["8", "59"]})


def test_the_fix_of_another_line_is_refused(checker):
    fix = Fix.removing("modifiers", "80")
    with pytest.raises(FixError) as refused:
        apply({**GOOD, "modifiers": ["59"]}, fix)
    assert str(refused.value) == (
        "the fix does not belong to this line: it changes 80 in modifiers, and the line does not "
        "have that"
    )
    again = Fix(kind="review", action="remove-repeats", field="modifiers", old="59")
    with pytest.raises(FixError, match="it changes 59 in modifiers"):
        apply({**GOOD, "modifiers": ["59"]}, again)
    with pytest.raises(FixError, match="this finding may have none"):
        apply(GOOD, None)
    with pytest.raises(FixError, match="a mapping of fields or a ClaimLine"):
        apply(["0252U"], fix)


def test_a_fix_is_in_the_json_of_its_finding(checker):
    (found,) = checker.check({**GOOD, "modifiers": ["80"]}).findings
    assert found.as_dict()["fix"] == {
        "kind": "review",
        "action": "remove",
        "field": "modifiers",
        "index": None,
        "old": "80",
        "value": None,
    }
    assert checker.check({**GOOD, "modifiers": ["90"]}).findings[0].as_dict()["fix"] is None


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"kind": "bold"}, "the kind of a fix is one of safe, review"),
        ({"action": "drop"}, "the action of a fix is one of replace, remove, remove-repeats"),
        (
            {"field": "line_id"},
            "the field of a fix is one of code, modifiers, diagnoses, place_of_service, taxonomy, "
            "billing_taxonomy, ordering_taxonomy",
        ),
        (
            {"field": "code"},
            "a fix can remove only in a list: modifiers or diagnoses",
        ),
        ({"value": "59"}, "a fix that replaces has a new value, and one that removes has none"),
        (
            {"action": "replace"},
            "a fix that replaces has a new value, and one that removes has none",
        ),
    ],
)
def test_a_fix_that_makes_no_sense_is_refused(wrong, message):
    given = {"kind": "review", "action": "remove", "field": "modifiers", "old": "80", **wrong}
    with pytest.raises(FixError) as refused:
        Fix(**given)
    assert str(refused.value) == message


def test_the_new_value_is_read_as_any_value_of_the_field():
    fix = Fix(kind="review", action="replace", field="diagnoses", old="N96", value="o039")
    assert apply(ClaimLine(**{**GOOD, "diagnoses": ["N96"]}), fix).diagnoses == ("O03.9",)
    for value in ("nonsense", "O03.9, N96"):
        with pytest.raises(FixError) as refused:
            apply({**GOOD, "diagnoses": ["N96"]}, attrs.evolve(fix, value=value))
        assert str(refused.value) == "the new value of the fix is no code of the field diagnoses"


def test_a_list_that_can_be_read_once_keeps_its_values():
    line = {"code": "0252U", "modifiers": iter(["59", "80"])}
    assert apply(line, Fix.removing("modifiers", "80"))["modifiers"] == ["59"]


def test_a_spelling_is_for_review_where_something_is_said_against_it(checker):
    """81452 is in no official list; telehealth is no place for a laboratory test."""
    found = checker.check({"code": "8I452", "diagnoses": ["C50.911"]}).findings
    assert [str(f.fix) for f in found if f.fix] == ["write 81452 for 8I452 in code (review)"]
    assert fixes(checker, place_of_service="2") == [
        ("place-digit-lost", "02", "write 02 for 2 in place_of_service (review)")
    ]
    assert fixes(checker, place_of_service="9") == [
        ("place-digit-lost", "09", "write 09 for 9 in place_of_service (safe)")
    ]


@define_check("units-two", field="units")
def two_units(units: int | float | None):
    """Find two units, and propose what the test says."""
    if units == 2:
        yield Defect(
            severity=Severity.ERROR,
            value="2",
            message="Two.",
            hint="One.",
            fix=Fix(kind="review", action="remove", field="modifiers", old="59"),
        )


def test_a_fix_of_ones_own_check_that_settles_nothing_is_not_told():
    own = claimcheck.Checker(checks=[two_units])
    report = own.check(
        {**GOOD, "modifiers": ["59"], "units": 2, "conditions": ["distinct-service"]}
    )
    assert [(f.code, f.fix) for f in report.findings] == [("units-two", None)]
    report = own.check({**GOOD, "units": 2})  # a fix that does not belong to the line
    assert [(f.code, f.fix) for f in report.findings] == [("units-two", None)]


@define_check("modifier-wanted", field="modifiers")
def wanted(modifiers: tuple[str, ...]):
    """Want some modifier."""
    if not modifiers:
        yield Defect(severity=Severity.ERROR, message="None.", hint="One.")


@define_check("claim-alone", field="code")
def alone(lines: tuple[ClaimLine, ...]):
    """Want a modifier on the lines of a claim with several."""
    for position, line in enumerate(lines):
        if len(lines) > 1 and not line.modifiers:
            yield Defect(severity=Severity.ERROR, message="None.", hint="One.", line=position)


def test_a_fix_that_gives_an_error_by_ones_own_check_is_not_told():
    line = {**GOOD, "modifiers": ["80"]}
    assert claimcheck.Checker(checks=[wanted]).check(line).findings[0].fix is None
    own = claimcheck.Checker(checks=[alone])
    assert own.check(line).findings[0].fix is not None
    assert own.check_claim([line]).findings[0].fix is not None
    assert own.check_claim([line, GOOD]).reports[0].findings[0].fix is None


def test_proving_a_fix_uses_no_exception_of_the_configuration():
    exception = claimcheck.FindingException(finding="modifier-not-applicable", reason="known")
    own = claimcheck.Checker(config=claimcheck.Config(exceptions=(exception,)))
    report = own.check({**GOOD, "code": "O252U", "modifiers": ["80"]})
    # The correction shows modifier 80, which the configuration lets pass.
    assert [str(f.fix) for f in report.findings] == ["write 0252U for O252U in code (safe)"]
    assert own.unused_exceptions() == (exception,)
