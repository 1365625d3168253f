from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Log

from claimcheck.checks import CHECKS, CLAIM_CHECKS
from claimcheck.origin import Origin
from claimcheck.report import Context, Damage, Note, Tally, open_writer
from claimcheck.report.sarif import Described, Noted, sarif_log


def valid(text):
    """The models made of SARIF's own schema take it; they forbid what it does not have."""
    Log.model_validate_json(text)
    return json.loads(text)["runs"][0]


@pytest.fixture
def run(write):
    """The run that is written for rows: (report or reason, physical line, origin)."""

    def written(*rows, source=None, unit="line", **told):
        out = io.StringIO()
        writer = open_writer("sarif", out, Context(ruleset=write.stamp, source=source))
        tally = Tally()
        writer.start()
        for number, (row, at, origin) in enumerate(rows, 1):
            writer.stands(at, origin, unit)
            if isinstance(row, str):
                tally.reject(number, row)
                writer.rejected(number, row)
            else:
                tally.add(row)
                writer.line(number, row, "0252U")
        writer.finish(tally.summary(ruleset=write.stamp, **told))
        return valid(out.getvalue())

    return written


def test_a_finding_in_full(run, write):
    error, warning = run((write.bad, 7, None), source="tests/lines.csv")["results"]
    assert len(error.pop("partialFingerprints")["claimcheck/v1"]) == 32
    assert error == {
        "ruleId": "modifier-not-applicable",
        "level": "error",
        "message": {
            "text": "Modifier 80 does not fit 0252U: nobody assists at surgery in a laboratory test. "
            "Remove modifier 80 if it does not describe this service."
        },
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "tests/lines.csv", "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": 7},
                }
            }
        ],
        "properties": {
            "row": 1,
            "claim_id": "CLM-7",
            "line_id": "1",
            "field": "modifiers",
            "index": 0,
            "value": "80",
            "rule": "codes/0252U#modifiers/80",
            "carc": "4",
            "citations": ["a-page: row 80", "a-list: 80", "a-page: row 81"],
        },
    }
    assert warning["level"] == "warning"


def test_the_path_in_a_fhir_resource(run, write):
    origin = Origin(1, "Claim.item[0]", {"modifiers": "Claim.item[0].modifier"})
    (error, _) = run((write.bad, 1, origin), source="claim.json")["results"]
    (location,) = error["locations"]
    assert location["logicalLocations"] == [{"fullyQualifiedName": "Claim.item[0].modifier[0]"}]


def test_standard_input_has_rows_and_no_file(run, write):
    (location,) = run((write.not_checked, 3, None))["results"][0]["locations"]
    assert location == {"logicalLocations": [{"fullyQualifiedName": "row 1"}]}


def test_a_segment_is_no_line_of_the_file(run, write):
    found = run((write.bad, 1018, None), ("a reason", 1022, None), source="a.837", unit="segment")
    file = {"artifactLocation": {"uri": "a.837", "uriBaseId": "%SRCROOT%"}}
    error, _, rejected = found["results"]
    assert error["locations"] == [
        {
            "physicalLocation": file,
            "logicalLocations": [{"fullyQualifiedName": "segment 1,018"}],
        }
    ]
    assert error["message"]["text"].endswith(" (segment 1,018)")
    assert rejected["locations"][0]["logicalLocations"] == [{"fullyQualifiedName": "segment 1,022"}]
    assert "region" not in rejected["locations"][0]["physicalLocation"]


def test_damage_is_told_by_the_run(run, write):
    damage = Damage("a.837", tuple(f"segment {n}: x" for n in range(100)), 250)
    ended = run(
        (write.clean, 7, None),
        source="a.837",
        unit="segment",
        damage=[damage],
        notes=[Note("a.837", "segment 3: read as 5010")],
    )
    (invocation,) = ended["invocations"]
    assert invocation["executionSuccessful"] is False
    first, *others, last, note = invocation["toolExecutionNotifications"]
    assert first == {
        "level": "error",
        "message": {"text": "The input is damaged: segment 0: x."},
        "locations": [
            {"physicalLocation": {"artifactLocation": {"uri": "a.837", "uriBaseId": "%SRCROOT%"}}}
        ],
    }
    assert len(others) == 19
    assert last["message"]["text"] == "The input is damaged: and 230 more."
    assert (note["level"], note["message"]["text"]) == ("note", "segment 3: read as 5010.")


def test_an_input_of_which_nothing_could_be_read_is_no_success(run, write):
    (invocation,) = run(("a reason", 2, None))["invocations"]
    assert invocation["executionSuccessful"] is False
    (told,) = invocation["toolExecutionNotifications"]
    assert told["message"]["text"] == "Nothing could be read: 1 row rejected."
    one_of_two = run(("a reason", 2, None), (write.clean, 3, None))
    assert one_of_two["invocations"] == [{"executionSuccessful": True}]


def test_a_rejected_row_is_a_result(run):
    (result,) = run(("a certain reason", 4, None), source="a.csv")["results"]
    assert result["ruleId"] == "row-rejected"
    assert result["message"]["text"] == "Row 1 was not read: a certain reason."


def test_every_finding_is_a_rule_with_help(run, write):
    rules = {rule["id"]: rule for rule in run((write.clean, 1, None))["tool"]["driver"]["rules"]}
    assert set(rules) == {check.finding for check in (*CHECKS, *CLAIM_CHECKS)} | {"row-rejected"}
    told = rules["code-missing"]
    assert told["shortDescription"] == {"text": "The line has no procedure code."}
    assert "Give the CPT or HCPCS code of the service." in told["help"]["text"]


def test_a_check_of_ones_own_is_a_rule_too(run, write):
    import attrs

    own = write.report_of(attrs.evolve(write.error, code="line-of-our-own"))
    rules = run((own, 1, None))["tool"]["driver"]["rules"]
    assert rules[-1] == {"id": "line-of-our-own"}


def test_the_fingerprint_stays_when_rows_are_put_above(run, write):
    one = run((write.bad, 7, None), source="a.csv")["results"]
    same = run((write.clean, 7, None), (write.bad, 8, None), source="a.csv")["results"]
    marks = [[result["partialFingerprints"] for result in results] for results in (one, same)]
    assert marks[0] == marks[1]
    assert marks[0][0] != marks[0][1]


def test_nothing_found(run):
    assert run()["results"] == []


def test_addresses_of_files(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    rule = Described("a-rule", "What it is.", "What to do.")
    noted = [
        Noted("a-rule", "error", "Wrong.", name, 3, 5)
        for name in ("rules/a b.yaml", str(Path.cwd() / "c.yaml"), "../d.yaml")
    ]
    results = valid(json.dumps(sarif_log([rule], noted)))["results"]
    found = [result["locations"][0]["physicalLocation"]["artifactLocation"] for result in results]
    assert found == [
        {"uri": "rules/a%20b.yaml", "uriBaseId": "%SRCROOT%"},
        {"uri": "c.yaml", "uriBaseId": "%SRCROOT%"},
        {"uri": (tmp_path / "d.yaml").as_uri()},
    ]
