"""What holds for every code, with or without a rule file."""

from __future__ import annotations

import pickle
from datetime import date, datetime
from decimal import Decimal

import pytest

import claimcheck
from claimcheck.checks import CHECKS, CLAIM_CHECKS
from claimcheck.checks.definition import FINDING_FIELDS, HEADINGS, SLUG


def test_a_code_without_rule_is_not_checked(checker):
    report = checker.check({"code": "99213"})
    (finding,) = report.findings
    assert (finding.code, finding.severity) == ("code-no-rule", "info")
    assert report.status == "not-checked"
    assert report.ok
    assert report.coverage["code"] == "no-rule"


def test_shapes_and_code_sets_are_checked_without_a_rule(checker):
    report = checker.check({"code": "99213", "place_of_service": "97", "modifiers": ["00"]})
    assert [f.code for f in report.findings] == [
        "code-no-rule",
        "modifier-unknown",
        "place-unassigned",
    ]
    assert report.status == "not-checked"
    assert not report.ok


@pytest.mark.parametrize("code", [None, "", "   ", float("nan"), "\u00a0"])
def test_a_missing_code(told, code):
    assert told(code=code) == [("code-missing", "error", None)]


def test_nothing_at_all(told):
    assert told() == [("code-missing", "error", None)]
    assert told(**dict.fromkeys(claimcheck.line.FIELDS)) == [("code-missing", "error", None)]


@pytest.mark.parametrize(
    ("code", "value", "message"),
    [
        (
            "252U",
            "252U",
            "Procedure code 252U (4 characters, letters and digits) has a shape that no procedure "
            "code has. It looks like 0252U.",
        ),
        (
            "O252U",
            "O252U",
            "Procedure code O252U (5 characters, letters and digits) has a shape that no procedure "
            "code has. It looks like 0252U.",
        ),
        (
            9921,
            "9921",
            "Procedure code 9921 (4 characters, digits) has a shape that no procedure code has. "
            "It looks like 09921.",
        ),
        (
            "Quimby Zanzibar",
            None,
            "The procedure code (15 characters, letters and blanks) has a shape that no procedure "
            "code has.",
        ),
        (True, None, "The procedure code (a truth value) has a shape that no procedure code has."),
        (["0252U"], None, "The procedure code (a list) has a shape that no procedure code has."),
        ({"a": 1}, None, "The procedure code (a mapping) has a shape that no procedure code has."),
        (b"0252U", None, "The procedure code (bytes) has a shape that no procedure code has."),
        (
            date(2026, 5, 4),
            None,
            "The procedure code (a date) has a shape that no procedure code has.",
        ),
        (
            object(),
            None,
            "The procedure code (an object that is no text) has a shape that no procedure code has.",
        ),
        (99.5, None, "The procedure code (a fraction) has a shape that no procedure code has."),
        (
            10**30,
            None,
            "The procedure code (a very large number) has a shape that no procedure code has.",
        ),
    ],
)
def test_malformed_codes(checker, code, value, message):
    (finding,) = checker.check({"code": code}).findings
    assert (finding.code, finding.severity) == ("code-malformed", "error")
    assert finding.value == value
    assert finding.message == message


def test_numbers_where_text_belongs_are_read(told):
    assert told(code=81452, place_of_service=81, diagnoses=["C61"]) == [
        ("code-disputed", "warning", "81452")
    ]


@pytest.mark.parametrize(
    ("units", "value"),
    [
        (0, "0"),
        (-1, "-1"),
        ("0", "0"),
        ("many", None),
        (True, None),
        (float("inf"), None),
        (10**9, None),
        (Decimal("-2.5"), "-2.5"),
        ("１", None),
    ],
)
def test_malformed_units(told, units, value):
    assert told(code="99213", units=units)[1:] == [("units-malformed", "error", value)]


@pytest.mark.parametrize("units", [1, "2", 2.5, Decimal("1.0"), "999999", float("nan"), None])
def test_good_units(told, units):
    assert told(code="99213", units=units)[1:] == []


@pytest.mark.parametrize(
    "day",
    ["sometime", "2026-02-30", "13/01/2026", "46146", 46146, "05/04/26", True, ["2026-05-04"], 1.5],
)
def test_a_date_that_cannot_be_read_is_told_and_not_shown(checker, day):
    findings = checker.check({"code": "99213", "service_date": day}).findings
    (finding,) = [f for f in findings if f.code == "line-malformed"]
    assert finding.field == "service_date"
    assert finding.severity == "error"
    assert finding.value is None
    assert str(day) not in finding.message


@pytest.mark.parametrize(
    "day",
    ["2026-05-04", "20260504", 20260504, "5/4/2026", date(2026, 5, 4), datetime(2026, 5, 4, 9)],
)
def test_dates_in_many_shapes(day):
    assert claimcheck.ClaimLine(code="0252U", service_date=day).service_date == date(2026, 5, 4)


@pytest.mark.parametrize("line", [None, "0252U", 5, ["0252U"], [("code", "0252U")], object()])
def test_a_line_that_is_no_mapping(checker, line):
    report = checker.check(line)
    assert [f.code for f in report.findings] == ["line-malformed"]
    assert report.findings[0].field == "code"


def test_unknown_fields_are_counted_and_not_named(checker):
    report = checker.check({"code": "99213", "Quimby Zanzibar": "1", "memo": 2, 3: 4})
    (unknown,) = [f for f in report.findings if f.code == "line-field-unknown"]
    assert unknown.severity == "info"
    assert unknown.message == "The line has 3 fields that are not read."


def test_a_misspelt_field_is_a_warning(checker):
    report = checker.check({"code": "99213", "modifers": ["80"]})
    (unknown,) = [f for f in report.findings if f.code == "line-field-unknown"]
    assert unknown.severity == "warning"
    assert unknown.message == (
        "The line has 1 field that is not read; one looks like modifiers, which is absent and so "
        "was not checked."
    )


@pytest.mark.parametrize("line_id", ["Quimby Zanzibar", "1961-02-03", "x" * 65, "a,b", ["a"]])
def test_ids_that_look_like_a_person_are_withheld(checker, line_id):
    report = checker.check({"code": "99213", "line_id": line_id})
    assert report.line_id is None
    assert [f.code for f in report.findings] == ["line-id-withheld", "code-no-rule"]


@pytest.mark.parametrize("line_id", ["1", 17, "CLM-1041/2", "a", "abc_1.2:3#4"])
def test_usual_ids_are_repeated(checker, line_id):
    report = checker.check({"code": "99213", "line_id": line_id, "claim_id": line_id})
    assert report.line_id == report.claim_id == str(line_id)


def test_a_condition_that_no_rule_names(told):
    expected = [("line-condition-unknown", "info", None)]
    assert told(code="0252U", diagnoses=["N96"], conditions=["no-such-thing"]) == expected


def test_too_many_diagnoses(checker):
    many = [f"C50.{n}11" for n in range(1, 7)] + [f"C18.{n}" for n in range(0, 9)]
    five = checker.check({"code": "99213", "diagnoses": many[:5]}).findings[1]
    assert (five.code, five.severity, five.index) == ("diagnosis-too-many", "warning", 4)
    twelve = checker.check({"code": "99213", "diagnoses": many[:12]}).findings[-1]
    assert (twelve.code, twelve.severity, twelve.index) == ("diagnosis-too-many", "warning", 4)
    four = checker.check({"code": "99213", "diagnoses": ["", *many[:4]]}).findings
    assert [finding.code for finding in four] == ["code-no-rule"]
    thirteen = checker.check({"code": "99213", "diagnoses": many[:13]}).findings[-1]
    assert (thirteen.code, thirteen.severity) == ("diagnosis-too-many", "error")


@pytest.mark.parametrize(
    ("header", "named"),
    [
        ("O00.0", "O00.00, O00.01."),
        ("I50.2", "I50.20, I50.21, I50.22, I50.23."),
        ("O02", "O02.0, O02.1, O02.81, O02.89 and others."),
    ],
)
def test_the_first_four_codes_below_a_header_are_named(checker, header, named):
    finding = checker.check({"code": "99213", "diagnoses": [header]}).findings[1]
    assert finding.hint == f"Use the more specific code that the record supports: {named}"


def test_diagnoses_of_which_none_can_be_read_support_nothing_and_refute_nothing(told):
    assert told(code="0252U", diagnoses=["?"]) == [("diagnosis-malformed", "error", None)]
    assert told(code="0252U", diagnoses=["?", "J06.9"]) == [
        ("diagnosis-malformed", "error", None),
        ("diagnosis-not-supporting", "warning", "J06.9"),
    ]


def excluding(checker, *diagnoses, day="2026-05-04", code="99213"):
    report = checker.check({"code": code, "diagnoses": diagnoses, "service_date": day})
    found = [f for f in report.findings if f.code == "diagnosis-excludes"]
    return [(f.index, f.value, f.message) for f in found]


TWO_TYPES = (
    "Diagnosis E10.9 excludes E11.9: the Excludes1 note at E10 in April 2026 (fiscal year 2026) "
    "names it as part of E11.-."
)


def test_diagnoses_that_exclude_each_other_for_any_code(checker):
    assert excluding(checker, "E11.9", "E10.9") == [(1, "E10.9", TWO_TYPES)]
    assert excluding(checker, "E10.9", "", "I10", "E11.9") == [(0, "E10.9", TWO_TYPES)]
    named = (
        "Diagnosis B20 excludes Z21: the Excludes1 note at B20 in April 2026 (fiscal year 2026) "
        "names it."
    )
    assert excluding(checker, "B20", "Z21") == [(0, "B20", named)]


def test_what_an_exclusion_cites(checker):
    line = {"code": "99213", "diagnoses": ["O03.9", "O31.10X0"], "service_date": "2026-05-04"}
    (finding,) = (f for f in checker.check(line).findings if f.code == "diagnosis-excludes")
    (citation,) = finding.citations
    assert (citation.source, citation.at) == ("icd-10-cm-2026-04", "O00-O08: Excludes1")
    assert (finding.severity, finding.rule) == ("warning", "codesets/icd10cm#O00-O08")
    assert (finding.index, finding.value) == (0, "O03.9")


@pytest.mark.parametrize(
    ("day", "count"),
    [("2026-03-31", 0), ("2026-04-01", 1), ("2026-09-30", 1), ("2026-10-01", 0), (None, 1)],
)
def test_exclusions_are_told_only_on_days_that_the_list_covers(checker, day, count):
    assert len(excluding(checker, "E11.9", "E10.9", day=day)) == count


def test_one_finding_for_each_pair_and_position(checker):
    found = excluding(checker, "E11.9", "E10.9", "E11.65", "E10.9")
    assert [(index, value) for index, value, _ in found] == [(1, "E10.9")] * 2 + [(3, "E10.9")] * 2
    # The rule file and the list both name the pair: the words are the rule file's, once.
    both = excluding(checker, "N96", "O26.20", code="0252U")
    assert [(index, value) for index, value, _ in both] == [(0, "N96")]
    assert both[0][2].startswith("Diagnosis N96 excludes O26.20: With a current pregnancy")
    # The first of the two is in no rule; the second is, and has the note.
    second = excluding(checker, "O10.011", "Z34.90", code="0252U")
    assert second == [
        (
            1,
            "Z34.90",
            "Diagnosis Z34.90 excludes O10.011: A pregnancy with a complication is not supervised as "
            "a normal one.",
        )
    ]
    # The rule file does not name this pair, the list does.
    more = excluding(checker, "N96", "E11.9", "E10.9", code="0252U")
    assert more == [(2, "E10.9", TWO_TYPES)]


@pytest.mark.parametrize(
    "diagnoses",
    [
        ["E10.9", "E10.9"],
        ["E10.9", ""],
        ["E10.9"],
        ["E10.9", "E11.9999"],
        ["E11.9", "Z79.4", "I10", "E78.5"],
    ],
)
def test_diagnoses_that_do_not_exclude_each_other(checker, diagnoses):
    assert excluding(checker, *diagnoses) == []


def test_blank_slots_keep_their_place(checker):
    report = checker.check({"code": "0252U", "modifiers": ["", "80"], "diagnoses": ["", "O00.91"]})
    assert [(f.field, f.index) for f in report.findings] == [("modifiers", 1), ("diagnoses", 1)]


@pytest.mark.parametrize("modifier", ["8", "801", "é1", "8 0 1", "Quimby", 7, True])
def test_malformed_modifiers(checker, modifier):
    findings = checker.check({"code": "99213", "modifiers": ["59", modifier]}).findings
    assert {f.code for f in findings} == {"code-no-rule", "modifier-malformed"}
    assert findings[1].index == 1


def test_blank_slots_are_no_modifiers(told):
    assert told(code="99213", modifiers=["59", "", "25", "26", "22"])[1:] == []
    five = told(code="99213", modifiers=["59", "", "25", "26", "22", "52"])
    assert five[1:] == [("modifier-too-many", "error", None)]


def test_a_modifier_before_its_time(told):
    late = told(code="99213", modifiers=["93"], service_date="2021-12-31")
    assert late[1:] == [("modifier-unknown", "error", "93")]
    assert told(code="99213", modifiers=["93"], service_date="2022-01-01")[1:] == []


def test_a_level_two_modifier_that_is_not_embedded_is_no_error(told):
    assert told(code="99213", modifiers=["U1"])[1:] == [("modifier-unknown", "info", "U1")]


def test_a_place_before_its_time(told):
    assert told(code="99213", place_of_service="27", service_date="2023-09-30")[1:] == [
        ("place-unassigned", "error", "27")
    ]
    assert told(code="99213", place_of_service="27", service_date="2023-10-01")[1:] == []


@pytest.mark.parametrize("place", [1, "1", 1.0])
def test_a_lost_digit_is_told(told, place):
    assert told(code="99213", place_of_service=place)[1:] == [("place-digit-lost", "info", "01")]


@pytest.mark.parametrize(
    ("taxonomy", "value"),
    [("291U0000X", "291U0000X"), ("5551234567", None), ("Quimby", None), ("123456789", None)],
)
def test_malformed_taxonomies(checker, taxonomy, value):
    for field in ("taxonomy", "billing_taxonomy", "ordering_taxonomy"):
        finding = checker.check({"code": "99213", field: taxonomy}).findings[1]
        assert (finding.code, finding.field, finding.value) == ("taxonomy-malformed", field, value)


@pytest.mark.parametrize("payer", ["---", "x" * 81, ["aetna"], True])
def test_malformed_payers(checker, payer):
    finding = checker.check({"code": "99213", "payer": payer}).findings[1]
    assert (finding.code, finding.field, finding.value) == ("payer-malformed", "payer", None)


def test_duplicate_lines_of_a_claim(checker):
    one = {"claim_id": "C1", "code": "0252U", "diagnoses": ["N96"], "service_date": "2026-05-04"}
    other = {**one, "service_date": "2026-05-05"}
    report = checker.check_claim([one, other, {**one, "modifiers": ["91"]}, one])
    assert [[f.code for f in r.findings] for r in report.reports] == [
        [],
        [],
        ["modifier-needs-condition"],
        ["claim-duplicate-line"],
    ]
    duplicate = report.reports[3].findings[0]
    assert duplicate.message.startswith("The line repeats the claim's line 1: 0252U")
    assert report.claim_id == "C1"
    assert report.status == "findings"
    assert report.ok


def test_an_empty_claim(checker):
    report = checker.check_claim([])
    assert (report.status, report.ok, report.findings) == ("not-checked", True, ())


def test_lines_without_readable_code_are_no_duplicates(checker):
    report = checker.check_claim([{"units": 1}, {"units": 1}])
    assert [f.code for f in report.findings] == ["code-missing", "code-missing"]


def test_reports_survive_pickling(checker):
    report = checker.check({"line_id": "1", "code": "0252U", "modifiers": ["80"]})
    again = pickle.loads(pickle.dumps(report))  # noqa: S301 - our own bytes
    assert again == report
    assert again.as_dict() == report.as_dict()


def test_every_check_has_a_slug_a_field_and_its_headings():
    for one in (*CHECKS, *CLAIM_CHECKS):
        assert SLUG.fullmatch(one.finding)
        assert one.field in FINDING_FIELDS
        assert one.function.__name__ == one.finding.replace("-", "_")
        assert tuple(heading for heading in one.sections if heading) == HEADINGS
        assert all(one.sections.values())


def named(attribute):
    """What the checks say of themselves beyond their field, by slug."""
    found = {one.finding: getattr(one, attribute) for one in (*CHECKS, *CLAIM_CHECKS)}
    return {slug: value for slug, value in found.items() if value}


def test_checks_that_ask_imported_tables_name_them():
    units, fees = ("mue-practitioner", "mue-outpatient", "mue-dme"), ("mpfs", "clfs")
    assert named("tables") == {
        "code-unknown": ("mpfs", "clfs", "pla", "hcpcs"),
        "modifier-not-payable": fees,
        "modifier-needs-documentation": fees,
        "units-over-limit": units,
        "claim-bundled-pair": ("ptp-practitioner", "ptp-outpatient"),
        "claim-units-over-limit": units,
        "claim-addon-without-primary": ("addon",),
    }


def test_what_saves_work_and_changes_no_outcome():
    assert named("at_least") == {
        "modifier-too-many": 5,
        "modifier-duplicate": 2,
        "modifier-conflict": 2,
        "diagnosis-too-many": 5,
    }
    assert named("late") == {"diagnosis-not-supporting": ("primary_diagnosis",)}
    assert named("concerns").keys() == {"modifier-conflict"}
    assert named("sieve").keys() == {"diagnosis-excludes"}
    rules = claimcheck.load_rules()
    concerns = named("concerns")["modifier-conflict"]
    assert concerns(rules.rule("81452")) is True
    assert concerns(None) is False


def test_a_defect_is_told_by_names():
    with pytest.raises(TypeError):
        claimcheck.Defect(claimcheck.Severity.INFO, "m", "h")


def test_slugs_are_unique():
    slugs = [one.finding for one in (*CHECKS, *CLAIM_CHECKS)]
    assert len(slugs) == len(set(slugs))


def test_a_line_that_is_not_compared_hides_no_duplicate(checker):
    one = {"code": "0252U", "diagnoses": ["N96"]}
    for other in ({"units": 1}, {**one, "modifiers": ["8"]}):
        reports = checker.check_claim([other, one, one]).reports
        assert [finding.code for finding in reports[2].findings] == ["claim-duplicate-line"]
        assert reports[2].findings[0].message.startswith("The line repeats the claim's line 2: ")


def test_duplicates_are_named_by_their_id(checker):
    one = {"line_id": "A-1", "code": "0252U", "diagnoses": ["N96"]}
    report = checker.check_claim([one, {**one, "line_id": "A-2"}])
    assert report.findings[0].message.startswith("The line repeats line A-1: 0252U")


def test_a_line_of_which_something_is_unreadable_is_no_duplicate(checker):
    one = {"code": "0252U", "diagnoses": ["N96"]}
    report = checker.check_claim([{**one, "modifiers": ["8"]}, one])
    assert [f.code for f in report.findings] == ["modifier-malformed"]


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("diagnoses", "555 12 3456"),
        ("diagnoses", "02/03/1961"),
        ("diagnoses", "1961 02 03"),
        ("diagnoses", ["O03.9", "555 12 3456"]),
        ("modifiers", "1961-02-03"),
        ("modifiers", "02 03 61"),
        ("modifiers", "555-12-3456"),
        ("modifiers", "JO QUIMBY"),
        ("conditions", "Quimby Zanzibar!"),
    ],
)
def test_the_pieces_of_what_is_no_list_of_codes_are_not_shown(checker, field, text):
    line = claimcheck.ClaimLine(**{"code": "99213", field: text})
    told = repr(line) + str(checker.check(line).as_dict())
    for piece in ("555", "3456", "1961", "'02'", "'03'", "'12'", "JO", "QUIMBY", "uimby"):
        assert piece not in told


@pytest.mark.parametrize("text", ["26-59-80", "24,25,57", "22 26 52"])
def test_three_modifiers_in_one_text_are_no_date(text):
    assert len(claimcheck.ClaimLine(code="99213", modifiers=text).modifiers) == 3


class Hostile:
    def __iter__(self):
        raise RuntimeError("Quimby Zanzibar")


def hostile_generator():
    yield "80"
    raise RuntimeError("Quimby Zanzibar")


@pytest.mark.parametrize("field", ["modifiers", "diagnoses", "conditions", "code", "units"])
@pytest.mark.parametrize("make", [Hostile, hostile_generator])
def test_what_cannot_be_iterated_is_a_finding(checker, field, make):
    report = checker.check({"code": "99213", field: make()})
    assert any(f.code.endswith("-malformed") for f in report.findings)


def test_decimals_that_signal(checker):
    assert checker.check({"code": "99213", "units": Decimal("sNaN")}).ok


def test_equal_keys_of_other_types_do_not_share_a_memory(checker):
    assert checker.check({"code": 81452, "diagnoses": ["C61"]}).status == "findings"
    report = checker.check({"code": 81452 + 0j, "diagnoses": ["C61"]})
    assert report.findings[0].code == "code-malformed"
    assert checker.check({"code": "99213", "payer": "1"}).ok
    assert not checker.check({"code": "99213", "payer": True}).ok


def test_what_pandas_and_numpy_give_for_missing_and_for_dates(checker):
    numpy = pytest.importorskip("numpy")
    line = claimcheck.ClaimLine(
        code="99213", service_date=numpy.datetime64("2026-05-04"), place_of_service=numpy.int64(81)
    )
    assert (line.service_date, line.place_of_service) == (date(2026, 5, 4), "81")
    assert (
        claimcheck.ClaimLine(code="1", service_date=numpy.datetime64("NaT", "D")).service_date
        is None
    )
    assert not checker.check({"code": "99213", "modifiers": numpy.array("8")}).ok
    pandas = pytest.importorskip("pandas")
    for missing in (pandas.NA, pandas.NaT, float("nan")):
        given = dict.fromkeys(("modifiers", "place_of_service", "units", "service_date"), missing)
        assert [f.code for f in checker.check({"code": "99213", **given}).findings] == [
            "code-no-rule"
        ]
