from __future__ import annotations

import json

import claimcheck
from claimcheck.batch import check_files

CPT = "http://www.ama-assn.org/go/cpt"


def claim(number, *items):
    return {
        "resourceType": "Claim",
        "id": f"CLM-{number}",
        "item": [
            {
                "sequence": at,
                "productOrService": {"coding": [{"system": system, "code": code}]},
                "modifier": [{"coding": [{"system": CPT, "code": "80"}]}],
            }
            for at, (system, code) in enumerate(items, 1)
        ],
    }


def test_files_of_fhir_give_what_single_lines_give(tmp_path):
    claims = [
        claim(1, (CPT, "0252U"), (CPT, "0252U")),
        claim(2, ("http://snomed.info/sct", "310417005")),
        {"resourceType": "Patient"},
        claim(3, (CPT, "0252U")),
    ]
    (tmp_path / "in").mkdir()
    bundle = {"resourceType": "Bundle", "entry": [{"resource": one} for one in claims]}
    (tmp_path / "in" / "a.ndjson").write_text("".join(json.dumps(one) + "\n" for one in claims))
    (tmp_path / "in" / "b.json").write_text(json.dumps(bundle, indent=1))
    (tmp_path / "in" / "c.csv").write_text("code\n0252U\n")
    checker = claimcheck.Checker()
    check_files([tmp_path / "in"], tmp_path / "out", checker, output_format="jsonl")
    for name in ("a.ndjson", "b.json"):
        rows = (tmp_path / "out" / f"{name}.findings.jsonl").read_text().splitlines()
        found = [(row["line_id"], row["code"], row["message"]) for row in map(json.loads, rows)]
        with claimcheck.io.open_lines(tmp_path / "in" / name) as source:
            lines = [row.line for row in source if row.line is not None]
        expected = [
            (report.line_id, finding.code, finding.message)
            for part in (lines[:2], lines[2:3], lines[3:])
            for report in checker.check_claim(part).reports
            for finding in report.findings
        ]
        assert found == expected
        assert "claim-duplicate-line" in {code for _, code, _ in found}
        assert "code-other-code-set" in {code for _, code, _ in found}
    assert (tmp_path / "out" / "c.csv.findings.jsonl").exists()
