"""FHIR in and out by the command, and nothing of the person in it."""

from __future__ import annotations

import copy
import json
import re

import pytest
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Log

from claimcheck.io import open_lines
from claimcheck.report import FORMATS

CPT = "http://www.ama-assn.org/go/cpt"
PLANTED = ("Quimby Zanzibar", "W123456789012", "1961-02-03")
TRACE = re.compile(r"quimby|zanzibar|W123456789012|1961-02-03|19610203|02/03/1961", re.I)
NAME = [{"family": "Zanzibar", "given": ["Quimby"], "text": "Quimby Zanzibar"}]
PERSON = {
    "identifier": [{"value": "W123456789012"}],
    "name": NAME,
    "birthDate": "1961-02-03",
}
CLAIM = {
    "resourceType": "Claim",
    "id": "CLM-7",
    "text": {"status": "generated", "div": "<div>Quimby Zanzibar 1961-02-03</div>"},
    "contained": [
        {"resourceType": "Patient", "id": "p", **PERSON},
        {
            "resourceType": "Coverage",
            "id": "c",
            "subscriberId": "W123456789012",
            "payor": [{"reference": "#p", "display": "Quimby Zanzibar"}],
        },
    ],
    "patient": {"reference": "#p", "display": "Quimby Zanzibar"},
    "provider": {"display": "Quimby Zanzibar"},
    "insurance": [{"focal": True, "coverage": {"reference": "#c", "display": "W123456789012"}}],
    "careTeam": [{"sequence": 1, "provider": {"display": "Quimby Zanzibar"}}],
    "diagnosis": [
        {
            "sequence": 1,
            "diagnosisCodeableConcept": {"coding": [{"code": "O03.9"}], "text": "Quimby Zanzibar"},
        }
    ],
    "item": [
        {
            "sequence": 1,
            "diagnosisSequence": [1],
            "productOrService": {
                "coding": [{"system": CPT, "code": "0252U", "display": "Quimby Zanzibar"}]
            },
            "modifier": [{"coding": [{"system": CPT, "code": "80"}], "text": "Quimby Zanzibar"}],
            "servicedDate": "2026-05-04",
            "locationCodeableConcept": {"coding": [{"code": "81"}]},
        }
    ],
}


def with_plants():
    """Claims in which what a person is stands where something else belongs."""
    yield CLAIM
    for planted in PLANTED:
        paths = [
            ("id",),
            ("use",),
            ("status",),
            ("billablePeriod",),
            ("item", 0, "sequence"),
            ("item", 0, "servicedDate"),
            ("item", 0, "productOrService"),
            ("item", 0, "productOrService", "coding", 0, "code"),
            ("item", 0, "productOrService", "coding", 0, "system"),
            ("item", 0, "modifier", 0, "coding", 0, "code"),
            ("item", 0, "locationCodeableConcept", "coding", 0, "code"),
            ("item", 0, "quantity"),
            ("diagnosis", 0, "diagnosisCodeableConcept", "coding", 0, "code"),
        ]
        for path in paths:
            if path == ("id",) and planted.startswith("W"):
                continue  # an id that looks like an id is the caller's own and is repeated
            claim = copy.deepcopy(CLAIM)
            parent = claim
            for step in path[:-1]:
                parent = parent[step]
            wanted = path[-1]
            parent[wanted] = {"value": planted} if wanted == "quantity" else planted
            yield claim
    yield {"resourceType": "Patient", **PERSON}
    yield {"resourceType": "Quimby Zanzibar"}
    yield {"resourceType": "Claim", "item": "Quimby Zanzibar"}


def written(tmp_path):
    bundle = {"resourceType": "Bundle", "entry": [{"resource": one} for one in with_plants()]}
    bundle["entry"].append({"resource": {"resourceType": "Patient", **PERSON}})
    damaged = b'{"resourceType": "Claim", "x": Quimby Zanzibar}\nW123456789012\n\xff1961-02-03\n'
    ndjson = b"".join(json.dumps(one).encode() + b"\n" for one in with_plants())
    for name, content in (
        ("a.ndjson", ndjson + damaged),
        ("b.json", json.dumps(bundle, indent=1).encode()),
        ("c.json", json.dumps({"resourceType": "Claim", **PERSON}, indent=1).encode()[:-9]),
    ):
        path = tmp_path / name
        path.write_bytes(content)
        yield path


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_of_a_person_in_any_format(run, tmp_path, name):
    out = tmp_path / "out"
    for path in written(tmp_path):
        shown = run("check", path, "--format", name)
        assert shown.exit_code == (1 if path.name == "b.json" else 2), shown.stderr
        run("check", path, "--format", name, "-o", out)
        told = [shown.stdout, shown.stderr]
        if out.exists():
            told.append(out.read_text())
        for text in told:
            assert not TRACE.findall(text)


def test_nothing_of_a_person_in_rows(tmp_path):
    for path in written(tmp_path):
        with open_lines(path) as source:
            for row in source:
                told = repr(row.line) + repr(row.origin) + repr(row.rejected) + repr(row.place)
                assert not TRACE.findall(told.replace("claim_id", ""))


def test_the_outcome_points_into_the_claim(run, tmp_path):
    path = tmp_path / "claim.json"
    path.write_text(json.dumps(CLAIM, indent=1))
    result = run("check", path, "--format", "operation-outcome")
    assert result.exit_code == 1
    (outcome,) = map(json.loads, result.stdout.splitlines())
    assert ["Claim.item[0].modifier[0]"] in [issue["expression"] for issue in outcome["issue"]]
    assert result.stderr == "claimcheck: 1 row read: 1 error\n"


def test_lines_of_a_claim_are_checked_together(run, tmp_path):
    path = tmp_path / "claims.ndjson"
    two = {**CLAIM, "item": [CLAIM["item"][0], {**CLAIM["item"][0], "sequence": 2}]}
    path.write_text(json.dumps(two) + "\n" + json.dumps(CLAIM) + "\n")
    result = run("check", path, "--format", "operation-outcome")
    first, second = map(json.loads, result.stdout.splitlines())
    slugs = [
        {issue["details"]["coding"][0]["code"] for issue in outcome["issue"]}
        for outcome in (first, second)
    ]
    assert ["claim-duplicate-line" in found for found in slugs] == [True, False]


@pytest.mark.parametrize("input_format", ["fhir", "fhir-r4", "fhir-r5"])
def test_the_format_may_be_named(run, input_format):
    result = run(
        "check", "-", "--input-format", input_format, "--format", "jsonl", input=json.dumps(CLAIM)
    )
    assert json.loads(result.stdout)["line_id"] == "CLM-7/1"


def test_sarif_of_a_file_of_lines(run, csv_file):
    csv_file("line_id,code,modifiers", "1,0252U,80", "2,0252U,80,x")
    result = run("check", "lines.csv", "--format", "sarif")
    Log.model_validate_json(result.stdout)
    found = json.loads(result.stdout)["runs"][0]["results"]
    places = {
        (one["ruleId"], one["locations"][0]["physicalLocation"]["region"]["startLine"])
        for one in found
    }
    assert {("modifier-not-applicable", 2), ("row-rejected", 3)} <= places


def test_sarif_of_rule_files(run, tmp_path):
    folder = tmp_path / "rules" / "codes"
    folder.mkdir(parents=True)
    (folder / "0001U.yaml").write_text('schema: claimcheck/code@1\ncode: "0001U"\nstatus: odd\n')
    result = run("rules", "lint", "rules", "--format", "sarif")
    assert result.exit_code == 1
    Log.model_validate_json(result.stdout)
    shown = run("rules", "lint", "rules")
    found = []
    for one in json.loads(result.stdout)["runs"][0]["results"]:
        place = one["locations"][0]["physicalLocation"]
        region = place["region"]
        found.append(
            f"{place['artifactLocation']['uri']}:{region['startLine']}:{region['startColumn']}: "
            f"{one['message']['text']}"
        )
    assert found == shown.stdout.splitlines()
    assert found


def test_sarif_of_an_audit(run, tmp_path):
    result = run("rules", "audit", "--data", tmp_path / "none", "--format", "sarif")
    assert result.exit_code == 0
    Log.model_validate_json(result.stdout)
    found = json.loads(result.stdout)["runs"][0]["results"]
    assert {(one["ruleId"], one["level"]) for one in found} == {
        ("audit-disputed-confirmed", "note")
    }
    assert "codes/0252U#modifiers/00" in {one["properties"]["entry"] for one in found}


@pytest.mark.parametrize(
    ("insurer", "payer"),
    [
        ({"display": "Aetna"}, "aetna"),
        ({"reference": "Organization/9", "display": "Aetna"}, "aetna"),
        ({"reference": "#a-person", "display": "Plantedsurname Plantedgiven"}, None),
        ({"reference": "Patient/9", "display": "Plantedsurname Plantedgiven"}, None),
        ({"type": "Patient", "display": "Plantedsurname Plantedgiven"}, None),
    ],
)
def test_a_person_is_no_payer(tmp_path, insurer, payer):
    person = {"resourceType": "Patient", "id": "a-person"}
    path = tmp_path / "claim.json"
    path.write_text(json.dumps({**CLAIM, "contained": [person], "insurer": insurer}))
    with open_lines(path) as source:
        assert [row.line.payer for row in source] == [payer]


def test_damage_ends_with_2_and_the_rest_is_checked(run, tmp_path):
    path = tmp_path / "claims.ndjson"
    path.write_text(json.dumps(CLAIM) + "\n" + json.dumps(CLAIM)[:-40] + "\n")
    result = run("check", path, "--format", "jsonl")
    assert result.exit_code == 2
    assert len(result.stdout.splitlines()) == 2
    assert "is damaged, 1 problem: row 2: the text is no JSON" in result.stderr


def test_documents_of_many_lines_one_after_the_other(run, tmp_path):
    """All are checked; of a damaged one its place is told, and the exit code is 2."""
    texts = [json.dumps({**CLAIM, "id": f"C{number}"}, indent=2) for number in range(3)]
    path = tmp_path / "claims.json"
    path.write_text("\n".join(texts))
    result = run("check", path, "--format", "jsonl")
    rows = [json.loads(row) for row in result.stdout.splitlines()]
    assert result.exit_code == 1
    assert [row["line_id"] for row in rows] == ["C0/1", "C1/1", "C2/1"]
    path.write_text("\n".join([texts[0], texts[1][:900], texts[2]]))
    for command in (("check", path), ("batch", path, "-o", tmp_path / "out.jsonl")):
        result = run(*command)
        assert result.exit_code == 2
        assert "row 2: the text is no JSON" in " ".join((result.stdout + result.stderr).split())
    told = (tmp_path / "out.jsonl").read_text().splitlines()
    assert {json.loads(row)["line_id"] for row in told} == {"C0/1", "C2/1"}


def test_items_that_are_no_objects_are_rejected_with_their_place(run, tmp_path):
    path = tmp_path / "claim.json"
    path.write_text(json.dumps({**CLAIM, "item": [CLAIM["item"][0], "x", CLAIM["item"][0]]}))
    result = run("check", path, "--format", "jsonl")
    first, second, third = (json.loads(row) for row in result.stdout.splitlines())
    assert second == {"row": 2, "rejected": "the item is no object"}
    assert (first["line_id"], third["line_id"]) == ("CLM-7/1", "CLM-7/3")
    outcome = json.loads(run("check", path, "--format", "operation-outcome").stdout)
    assert ["Claim.item[1]"] in [issue.get("expression") for issue in outcome["issue"]]
