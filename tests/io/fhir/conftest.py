"""Claims made by hand."""

from __future__ import annotations

import copy
import json
from io import BytesIO

import pytest

from claimcheck.io import open_lines

CPT = "http://www.ama-assn.org/go/cpt"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
NUCC = "http://nucc.org/provider-taxonomy"
PLACE = "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set"


def concept(code, system=None):
    return {"coding": [{"code": code} if system is None else {"system": system, "code": code}]}


CLAIM = {
    "resourceType": "Claim",
    "id": "CLM-7",
    "status": "active",
    "type": concept("professional", "http://terminology.hl7.org/CodeSystem/claim-type"),
    "use": "claim",
    "created": "2026-05-06",
    "patient": {"reference": "Patient/1"},
    "insurer": {"reference": "Organization/payer"},
    "provider": {"reference": "Organization/lab"},
    "priority": concept("normal"),
    "billablePeriod": {"start": "2026-05-01", "end": "2026-05-05"},
    "insurance": [{"sequence": 1, "focal": True, "coverage": {"reference": "Coverage/1"}}],
    "careTeam": [
        {
            "sequence": 1,
            "provider": {"reference": "Practitioner/1"},
            "role": concept("performing"),
            "qualification": concept("291U00000X", NUCC),
        },
        {
            "sequence": 2,
            "provider": {"reference": "PractitionerRole/1"},
            "role": concept("ordering"),
        },
    ],
    "diagnosis": [
        {"sequence": 2, "diagnosisCodeableConcept": concept("N96", ICD10)},
        {"sequence": 1, "diagnosisReference": {"reference": "Condition/1"}},
    ],
    "item": [
        {
            "sequence": 1,
            "careTeamSequence": [1, 2],
            "diagnosisSequence": [1, 2],
            "productOrService": concept("0252U", CPT),
            "modifier": [concept("90", CPT), concept("QW", HCPCS)],
            "servicedDate": "2026-05-04",
            "locationCodeableConcept": concept("81", PLACE),
            "quantity": {"value": 2},
        },
        {"sequence": 2, "productOrService": concept("G0154", HCPCS)},
    ],
}
OTHERS = [
    {"resourceType": "Organization", "id": "payer", "name": "Aetna"},
    {"resourceType": "Organization", "id": "lab", "type": [concept("291U00000X", NUCC)]},
    {
        "resourceType": "PractitionerRole",
        "id": "1",
        "specialty": [concept("394586005", "http://snomed.info/sct"), concept("207V00000X", NUCC)],
    },
    {"resourceType": "Condition", "id": "1", "code": concept("O03.9", ICD10)},
    {"resourceType": "Coverage", "id": "1", "payor": [{"reference": "Organization/cover"}]},
    {"resourceType": "Organization", "id": "cover", "name": "Cigna"},
]


def claim_with(**changes):
    """The claim with other elements; None removes one."""
    claim = {**copy.deepcopy(CLAIM), **changes}
    return {name: value for name, value in claim.items() if value is not None}


def one_item(**changes):
    """The claim with its first item alone, and other elements of it."""
    item = {**copy.deepcopy(CLAIM["item"][0]), **changes}
    return claim_with(item=[{name: value for name, value in item.items() if value is not None}])


def bundle_of(*resources):
    entries = [
        {"fullUrl": f"urn:uuid:{number}", "resource": resource}
        for number, resource in enumerate(resources)
    ]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


@pytest.fixture
def made():
    """What makes Claims: the functions and constants of this file."""

    class Made:
        pass

    for name in ("claim_with", "one_item", "bundle_of", "concept"):
        setattr(Made, name, staticmethod(globals()[name]))
    for name in ("CPT", "HCPCS", "ICD10", "NUCC", "PLACE", "CLAIM", "OTHERS"):
        setattr(Made, name, globals()[name])
    return Made


@pytest.fixture
def rows():
    """The rows of documents (mappings, or bytes as they are), one to a line."""

    def read(*documents, input_format="fhir", **options):
        content = b"\n".join(
            one if isinstance(one, bytes) else json.dumps(one).encode() for one in documents
        )
        with open_lines(BytesIO(content), input_format, **options) as source:
            return list(source)

    return read


@pytest.fixture
def line(rows):
    """The one line of a document."""

    def read(document, **options):
        (row,) = rows(document, **options)
        assert row.line is not None, row.rejected
        return row.line

    return read
