from __future__ import annotations

from datetime import date

import pytest

import claimcheck


def test_every_field_of_a_claim_in_its_bundle(rows, made):
    first, second = rows(made.bundle_of(made.CLAIM, *made.OTHERS))
    line = first.line
    assert line.problems == ()
    assert line.line_id == "CLM-7/1"
    assert line.claim_id == "CLM-7"
    assert line.code == "0252U"
    assert line.modifiers == ("90", "QW")
    assert line.place_of_service == "81"
    assert line.diagnoses == ("O03.9", "N96")
    assert line.taxonomy == "291U00000X"
    assert line.billing_taxonomy == "291U00000X"
    assert line.ordering_taxonomy == "207V00000X"
    assert line.payer == "aetna"
    assert line.service_date == date(2026, 5, 4)
    assert line.units == 2
    assert first.key == second.key
    assert second.line.line_id == "CLM-7/2"
    assert second.line.code == "G0154"
    assert second.line.diagnoses == ()
    assert second.line.service_date == date(2026, 5, 1)


def test_where_every_field_stands(rows, made):
    first, second = rows(made.bundle_of(made.CLAIM, *made.OTHERS))
    claim = "Bundle.entry[0].resource"
    item = f"{claim}.item[0]"
    assert first.place == item
    assert {field: first.origin.of(field) for field in first.origin.fields} == {
        "code": f"{item}.productOrService",
        "modifiers": f"{item}.modifier",
        "place_of_service": f"{item}.location",
        "diagnoses": f"{item}.diagnosisSequence",
        "taxonomy": f"{claim}.careTeam[0].qualification",
        "billing_taxonomy": f"{claim}.provider",
        "ordering_taxonomy": f"{claim}.careTeam[1].provider",
        "payer": f"{claim}.insurer",
        "service_date": f"{item}.serviced",
        "units": f"{item}.quantity",
    }
    assert first.origin.of("modifiers", 1) == f"{item}.modifier[1]"
    assert first.origin.of("conditions") == item
    assert second.origin.of("service_date") == f"{claim}.billablePeriod"
    assert second.origin.of("diagnoses") == f"{claim}.item[1]"
    assert (first.origin.use, first.origin.kind) == ("claim", "professional")


def test_contained_resources(line, made):
    contained = [
        {"resourceType": "Organization", "id": "p", "name": "Humana"},
        {"resourceType": "Condition", "id": "c", "code": made.concept("O03.9", made.ICD10)},
        {
            "resourceType": "PractitionerRole",
            "id": "r",
            "specialty": [made.concept("207V00000X", made.NUCC)],
        },
    ]
    claim = made.one_item(diagnosisSequence=[1]) | {
        "contained": contained,
        "insurer": {"reference": "#p"},
        "diagnosis": [{"sequence": 1, "diagnosisReference": {"reference": "#c"}}],
        "careTeam": [{"sequence": 1, "provider": {"reference": "#r"}}],
    }
    read = line(claim)
    assert (read.payer, read.diagnoses, read.taxonomy) == ("humana", ("O03.9",), "207V00000X")


@pytest.mark.parametrize(
    "reference",
    [
        "urn:uuid:1",
        "Organization/payer",
        "https://example.org/fhir/Organization/payer",
        "Organization/payer/_history/3",
    ],
)
def test_references_in_a_bundle(rows, made, reference):
    claim = made.claim_with(insurer={"reference": reference}, insurance=None)
    assert rows(made.bundle_of(claim, *made.OTHERS))[0].line.payer == "aetna"


def test_references_to_what_is_not_here(line, made):
    read = line(made.one_item())
    assert (read.payer, read.billing_taxonomy, read.ordering_taxonomy) == (None, None, None)
    assert read.taxonomy == "291U00000X"
    assert read.diagnoses == ("", "N96")


def test_the_payer_of_the_focal_coverage(rows, made):
    insurance = [
        {"sequence": 1, "focal": False, "coverage": {"reference": "Coverage/none"}},
        {"sequence": 2, "focal": True, "coverage": {"reference": "Coverage/1"}},
    ]
    claim = made.claim_with(insurer=None, insurance=insurance)
    row = rows(made.bundle_of(claim, *made.OTHERS))[0]
    assert row.line.payer == "cigna"
    assert row.origin.of("payer") == "Bundle.entry[0].resource.insurance[1].coverage"


def test_an_insurer_that_is_only_named(line, made):
    claim = made.one_item() | {"insurer": {"display": "Blue Shield"}}
    assert line(claim).payer == "blue-shield"


def test_a_person_who_pays_is_not_read(rows, made):
    person = {"resourceType": "Patient", "id": "1", "name": [{"family": "Zanzibar"}]}
    for payor in (
        {"reference": "Patient/1", "display": "Quimby Zanzibar"},
        {"display": "Quimby Zanzibar"},
    ):
        cover = {"resourceType": "Coverage", "id": "1", "payor": [payor]}
        claim = made.claim_with(insurer=None)
        assert rows(made.bundle_of(claim, cover, person))[0].line.payer is None


def test_r5_says_specialty_and_insurer_where_r4_says_qualification_and_payor(rows, made):
    care = {
        "sequence": 1,
        "qualification": made.concept("207V00000X", made.NUCC),
        "specialty": made.concept("291U00000X", made.NUCC),
    }
    cover = {
        "resourceType": "Coverage",
        "id": "1",
        "payor": [{"reference": "Organization/payer"}],
        "insurer": {"reference": "Organization/cover"},
    }
    claim = made.claim_with(insurer=None, careTeam=[care])
    bundle = made.bundle_of(claim, cover, *made.OTHERS[:2], made.OTHERS[-1])
    for version, expected in (
        ("fhir", ("207V00000X", "aetna")),
        ("fhir-r4", ("207V00000X", "aetna")),
        ("fhir-r5", ("291U00000X", "cigna")),
    ):
        read = rows(bundle, input_format=version)[0].line
        assert (read.taxonomy, read.payer) == expected, version


@pytest.mark.parametrize(
    ("profile", "taxonomy"),
    [
        ("http://hl7.org/fhir/StructureDefinition/Claim|5.0.0", "291U00000X"),
        ("http://hl7.org/fhir/5.0/StructureDefinition/Claim", "291U00000X"),
        ("http://hl7.org/fhir/StructureDefinition/Claim|4.0.1", "207V00000X"),
        ("http://hl7.org/fhir/us/davinci-pas/StructureDefinition/profile-claim", "207V00000X"),
        ("http://example.org/a", "207V00000X"),
    ],
)
def test_the_profile_tells_the_version(line, made, profile, taxonomy):
    care = {
        "sequence": 1,
        "qualification": made.concept("207V00000X", made.NUCC),
        "specialty": made.concept("291U00000X", made.NUCC),
    }
    claim = made.one_item() | {"careTeam": [care], "meta": {"profile": [profile]}}
    assert line(claim).taxonomy == taxonomy


def test_the_other_versions_element_is_read_where_its_own_is_absent(line, made):
    care = {"sequence": 1, "specialty": made.concept("291U00000X", made.NUCC)}
    assert line(made.one_item() | {"careTeam": [care]}).taxonomy == "291U00000X"


@pytest.mark.parametrize(
    ("role", "fields"),
    [
        (None, ("207V00000X", None)),
        ("primary", ("207V00000X", None)),
        ("rendering", ("207V00000X", None)),
        ("ordering", (None, "207V00000X")),
        ("referring", (None, "207V00000X")),
        ("supervisor", (None, None)),
    ],
)
def test_roles_of_the_care_team(line, made, role, fields):
    care = {"sequence": 1, "qualification": made.concept("207V00000X", made.NUCC)}
    if role:
        care["role"] = made.concept(role)
    read = line(made.one_item() | {"careTeam": [care]})
    assert (read.taxonomy, read.ordering_taxonomy) == fields


def test_a_member_that_the_item_does_not_name_is_not_its(line, made):
    claim = made.one_item(careTeamSequence=[2])
    assert line(claim).taxonomy is None
    assert line(made.one_item(careTeamSequence=None)).taxonomy == "291U00000X"


def test_a_qualification_that_is_no_taxonomy(line, made):
    care = {"sequence": 1, "qualification": made.concept("311405", "http://example.org/degree")}
    read = line(made.one_item() | {"careTeam": [care]})
    assert (read.taxonomy, read.problems) == (None, ())


@pytest.mark.parametrize(
    ("pointers", "diagnoses"),
    [
        ([], ()),
        (None, ()),
        ([2], ("N96",)),
        ([2, 9], ("N96",)),
        ([9, 2], ("", "N96")),
        (["2", 2], ("", "N96")),
    ],
)
def test_diagnoses_are_those_that_the_item_points_to(line, made, pointers, diagnoses):
    assert line(made.one_item(diagnosisSequence=pointers)).diagnoses == diagnoses


@pytest.mark.parametrize(
    ("changes", "day"),
    [
        ({"servicedDate": "2026-05-04"}, date(2026, 5, 4)),
        ({"servicedDate": None, "servicedPeriod": {"start": "2026-05-02"}}, date(2026, 5, 2)),
        (
            {"servicedDate": None, "servicedPeriod": {"start": "2026-05-02T23:10:00-05:00"}},
            date(2026, 5, 2),
        ),
        ({"servicedDate": None}, date(2026, 5, 1)),
    ],
)
def test_the_date_of_service(line, made, changes, day):
    assert line(made.one_item(**changes)).service_date == day


def test_a_date_that_is_only_a_month_is_told(line, made):
    read = line(made.one_item(servicedDate="2026-05"))
    assert read.service_date is None
    assert [problem.defect for problem in read.problems] == ["line-malformed"]


@pytest.mark.parametrize(
    "system",
    [
        None,
        "http://www.ama-assn.org/go/cpt",
        "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets",
        "https://bluebutton.cms.gov/resources/codesystem/hcpcs",
        "urn:oid:2.16.840.1.113883.6.12",
    ],
)
def test_systems_of_procedures(line, made, system):
    assert line(made.one_item(productOrService=made.concept("99213", system))).code == "99213"


def test_the_coding_in_the_wanted_system_is_taken(line, made):
    codings = [
        {"system": "http://snomed.info/sct", "code": "310417005"},
        {"code": "99999"},
        {"system": made.CPT, "code": "99213"},
    ]
    assert line(made.one_item(productOrService={"coding": codings})).code == "99213"


def test_a_procedure_in_another_system_is_told_and_not_checked(line, made):
    claim = made.one_item(productOrService=made.concept("310417005", "http://snomed.info/sct"))
    report = claimcheck.check(line(claim))
    assert report.status == "findings"
    assert ("code-other-code-set", "info") in [(f.code, f.severity.value) for f in report.findings]


def test_an_icd_9_diagnosis_is_told_and_not_looked_up(line, made):
    claim = made.one_item(diagnosisSequence=[1]) | {
        "diagnosis": [
            {
                "sequence": 1,
                "diagnosisCodeableConcept": made.concept(
                    "634.90", "http://hl7.org/fhir/sid/icd-9-cm"
                ),
            }
        ]
    }
    (finding,) = [f for f in claimcheck.check(line(claim)).findings if f.field == "diagnoses"]
    assert finding.code == "diagnosis-other-code-set"
    assert "ICD-9-CM" in finding.message


def test_the_text_of_a_concept_is_no_code(line, made):
    read = line(made.one_item(productOrService={"text": "99213"}))
    assert read.code is None
    assert [problem.defect for problem in read.problems] == ["code-missing"]


def test_minutes_are_no_units(line, made):
    assert line(made.one_item(quantity={"value": 45, "code": "min"})).units is None
    for unit in ({"unit": "Minutes"}, {"unit": " MJ "}, {"code": "{x}", "unit": "min"}):
        read = line(made.one_item(quantity={"value": 45, **unit}))
        assert (read.units, read.problems) == (None, ())
        assert claimcheck.check(read).coverage["units"] == "no-value"
    assert line(made.one_item(quantity={"value": 1.5, "unit": "UN"})).units == 1.5


def test_details_are_lines_of_their_item(rows, made):
    details = [
        {
            "sequence": 1,
            "productOrService": made.concept("99213", made.CPT),
            "subDetail": [{"sequence": 4, "productOrService": made.concept("81002", made.CPT)}],
        },
        {"sequence": 2, "productOrService": made.concept("99214", made.CPT)},
    ]
    found = rows(made.one_item(productOrService=None, detail=details))
    assert [(row.line.line_id, row.line.code, row.place) for row in found] == [
        ("CLM-7/1.1", "99213", "Claim.item[0].detail[0]"),
        ("CLM-7/1.1.4", "81002", "Claim.item[0].detail[0].subDetail[0]"),
        ("CLM-7/1.2", "99214", "Claim.item[0].detail[1]"),
    ]
    assert {row.line.place_of_service for row in found} == {"81"}
    assert found[1].origin.of("place_of_service") == "Claim.item[0].location"


def test_the_place_of_a_location(rows, made):
    location = {"resourceType": "Location", "id": "1", "type": [made.concept("22", made.PLACE)]}
    claim = made.one_item(
        locationCodeableConcept=None, locationReference={"reference": "Location/1"}
    )
    assert rows(made.bundle_of(claim, location))[0].line.place_of_service == "22"


@pytest.mark.parametrize(
    ("changes", "ids"),
    [
        ({}, ("CLM-7", "CLM-7/1")),
        ({"id": None, "identifier": [{"value": "A-9"}]}, ("A-9", "A-9/1")),
        ({"id": None}, (None, "claim-1/1")),
        ({"id": "x" * 64}, ("x" * 64, "claim-1/1")),
    ],
)
def test_ids(line, made, changes, ids):
    claim = {k: v for k, v in (made.one_item() | changes).items() if v is not None}
    read = line(claim)
    assert (read.claim_id, read.line_id) == ids


def test_a_number_that_is_not_there_is_the_position(rows, made):
    claim = made.claim_with(item=[{"productOrService": {}}, {"sequence": -3}, {"sequence": "x"}])
    assert [row.line.line_id for row in rows(claim)] == ["CLM-7/1", "CLM-7/2", "CLM-7/3"]


def test_items_that_are_odd(rows, made):
    items = [
        *("x", {"sequence": 3, "productOrService": made.concept("99213", made.CPT)}, {}, None),
        *({"sequence": 3}, {"sequence": 8}, {"sequence": 3}),
    ]
    found = rows(made.claim_with(item=items))
    assert [(row.place, row.rejected, row.line and row.line.line_id) for row in found] == [
        ("Claim.item[0]", "the item is no object", None),
        ("Claim.item[1]", None, "CLM-7/3"),
        ("Claim.item[2]", None, "CLM-7/#3"),
        ("Claim.item[3]", "the item is no object", None),
        ("Claim.item[4]", None, "CLM-7/5"),
        ("Claim.item[5]", None, "CLM-7/8"),
        ("Claim.item[6]", None, "CLM-7/7"),
    ]
    assert [problem.defect for problem in found[2].line.problems] == ["code-missing"]
    assert found[0].origin.kind == "professional"


def test_details_that_are_odd(rows, made):
    service = {"productOrService": made.concept("99213", made.CPT)}
    details = [7, {"sequence": 1, **service, "subDetail": [None, service]}, {"sequence": 1}]
    found = rows(made.one_item(detail=details))
    assert [(row.place, row.rejected or row.line.line_id) for row in found] == [
        ("Claim.item[0]", "CLM-7/1"),
        ("Claim.item[0].detail[0]", "the detail is no object"),
        ("Claim.item[0].detail[1]", "CLM-7/1.1"),
        ("Claim.item[0].detail[1].subDetail[0]", "the subDetail is no object"),
        ("Claim.item[0].detail[1].subDetail[1]", "CLM-7/1.1.2"),
        ("Claim.item[0].detail[2]", "CLM-7/1.3"),
    ]


def test_claims_without_an_id_are_numbered_in_their_file(rows, made):
    nameless = made.claim_with(id=None)
    found = rows(nameless, made.CLAIM, made.bundle_of(nameless, nameless))
    assert [row.line.line_id for row in found] == [
        *("claim-1/1", "claim-1/2", "CLM-7/1", "CLM-7/2"),
        *("claim-3/1", "claim-3/2", "claim-4/1", "claim-4/2"),
    ]


def test_an_object_where_fhir_has_a_list(line, made):
    item = made.one_item()["item"][0]
    claim = made.claim_with(item=item, related={"claim": {}}) | {
        "careTeam": made.CLAIM["careTeam"][0]
    }
    read = line(claim)
    assert (read.code, read.taxonomy) == ("0252U", "291U00000X")
