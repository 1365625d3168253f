"""How fast Claims are read and checked, beside parsing alone by fhir.resources.

    python tests/benchmarks/fhir_input.py [CLAIMS]

Makes NDJSON of Claims with four items each, and reads it. Prints claims in a second.
"""

from __future__ import annotations

import io
import json
import random
import resource
import sys
import time
from collections.abc import Callable

from fhir.resources.R4B.claim import Claim

import claimcheck
from claimcheck.io import open_lines

CPT = "http://www.ama-assn.org/go/cpt"
ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
NUCC = "http://nucc.org/provider-taxonomy"
PLACE = "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set"
CODES = ("0252U", "81452", "99213", "81229", "88305")
MODIFIERS = ("90", "59", "26", "80", "91")
DIAGNOSES = ("O03.9", "N96", "C34.90", "Z34.80", "C18.9")
ITEMS = 4
PARSED_BY_THE_OTHER = 2_000


def concept(system: str, code: str) -> dict[str, object]:
    return {"coding": [{"system": system, "code": code}]}


def made_claim(number: int, chance: random.Random) -> dict[str, object]:
    """A Claim that is valid in R4, with an Organization in it."""
    items = [
        {
            "sequence": at,
            "careTeamSequence": [1],
            "diagnosisSequence": chance.sample((1, 2, 3), chance.randint(1, 3)),
            "productOrService": concept(CPT, chance.choice(CODES)),
            "modifier": [concept(CPT, chance.choice(MODIFIERS))],
            "servicedDate": f"2026-05-{chance.randint(1, 28):02}",
            "locationCodeableConcept": concept(PLACE, chance.choice(("81", "11", "22"))),
            "quantity": {"value": 1},
        }
        for at in range(1, ITEMS + 1)
    ]
    return {
        "resourceType": "Claim",
        "id": f"CLM-{number}",
        "status": "active",
        "type": concept("http://terminology.hl7.org/CodeSystem/claim-type", "professional"),
        "use": "claim",
        "contained": [{"resourceType": "Organization", "id": "payer", "name": "Aetna"}],
        "patient": {"reference": "Patient/1"},
        "created": "2026-06-01",
        "insurer": {"reference": "#payer"},
        "provider": {"reference": "Organization/9"},
        "priority": concept("http://terminology.hl7.org/CodeSystem/processpriority", "normal"),
        "careTeam": [
            {
                "sequence": 1,
                "provider": {"reference": "Practitioner/1"},
                "qualification": concept(NUCC, "291U00000X"),
            }
        ],
        "diagnosis": [
            {"sequence": at, "diagnosisCodeableConcept": concept(ICD10, code)}
            for at, code in enumerate(chance.sample(DIAGNOSES, 3), 1)
        ],
        "insurance": [{"sequence": 1, "focal": True, "coverage": {"reference": "Coverage/1"}}],
        "item": items,
    }


def rows_of(content: bytes) -> int:
    with open_lines(io.BytesIO(content)) as source:
        return sum(1 for _ in source.rows())


def lines_of(content: bytes) -> int:
    with open_lines(io.BytesIO(content)) as source:
        return sum(row.line is not None for row in source)


def checked(content: bytes) -> int:
    checker = claimcheck.Checker()
    count = 0
    with open_lines(io.BytesIO(content)) as source:
        for row in source:
            if row.line is not None:
                checker.check(row.line)
                count += 1
    return count


def parsed(content: bytes) -> int:
    return sum(len(Claim.model_validate_json(line).item) for line in content.splitlines())


def timed(what: str, work: Callable[[bytes], int], content: bytes, claims: int) -> None:
    began = time.perf_counter()
    lines = work(content)
    took = time.perf_counter() - began
    assert lines == claims * ITEMS, (what, lines)
    print(f"{what:42} {claims / took:10,.0f} claims/s {lines / took:10,.0f} lines/s")


def main() -> None:
    claims = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    chance = random.Random(1)
    texts = [json.dumps(made_claim(number, chance)).encode() for number in range(claims)]
    content = b"\n".join(texts) + b"\n"
    print(f"{claims:,} claims, {len(content) / 1e6:.1f} MB")
    timed("read, fields of each line", rows_of, content, claims)
    timed("read, claim lines", lines_of, content, claims)
    timed("read and checked line by line", checked, content, claims)
    some = texts[:PARSED_BY_THE_OTHER]
    timed("parsed by fhir.resources, and no more", parsed, b"\n".join(some), len(some))
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
