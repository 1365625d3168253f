from __future__ import annotations

import json

import attrs
import msgspec
from jsonschema import Draft202012Validator

from claimcheck.report import Damage, Note, jsonout
from claimcheck.report.schema import (
    document_schema,
    finding_schema,
    jsonl_schema,
    report_schema,
)


def checked(value, schema):
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(value)
    return value


def test_the_document(write):
    text = write("json", write.bad, write.clean, "why", write.not_checked, columns_not_read=1)
    document = checked(json.loads(text), document_schema())
    assert document["claimcheck"] == "9.9.9"
    assert document["ruleset"]["name"] == "a-rule-set"
    assert [line["row"] for line in document["lines"]] == [1, 2, 4]
    assert document["lines"][0]["findings"] == [f.as_dict() for f in write.bad.findings]
    assert document["rejected"] == [{"row": 3, "reason": "why"}]
    summary = document["summary"]
    assert summary["rows"] == {"read": 4, "checked": 3, "rejected": 1}
    assert summary["lines"] == {"clean": 1, "findings": 1, "not-checked": 1}
    assert summary["severities"] == {"error": 1, "warning": 1, "info": 1}
    assert summary["unused_exceptions"] == [
        {
            "what": "ignore place",
            "reason": "we know",
            "why": "expired on 2026-01-31",
            "owner": None,
            "until": None,
        }
    ]


def test_damage_and_notes_are_in_the_summary(write):
    places = tuple(f"segment {number}: x" for number in range(1, 101))
    text = write(
        "json",
        write.clean,
        damage=[Damage("a.837", places, 103)],
        notes=[Note("a.837", "segment 3: read as 5010")],
    )
    summary = checked(json.loads(text), document_schema())["summary"]
    assert summary["damage"] == [*places, "and 3 more"]
    assert summary["notes"] == ["segment 3: read as 5010"]
    whole = json.loads(write("json", write.clean))["summary"]
    assert (whole["damage"], whole["notes"]) == ([], [])


def test_lines_are_what_encoding_their_report_gives(write):
    """What lines share is encoded once; it must not be told of the wrong line."""
    reports = [write.bad, write.clean, write.bad, write.not_checked, write.clean] * 2
    told = write("jsonl", *reports).splitlines()
    expected = [{"row": n, **report.as_dict()} for n, report in enumerate(reports, start=1)]
    assert told == [msgspec.json.encode(row).decode() for row in expected]


def test_no_more_is_remembered_than_stated(write, monkeypatch):
    monkeypatch.setattr(jsonout, "_REMEMBERED", 2)
    reports = [write.report_of(attrs.evolve(write.error, value=f"v{n % 5}")) for n in range(20)]
    told = [
        json.loads(row)["findings"][0]["value"] for row in write("jsonl", *reports).splitlines()
    ]
    assert told == [f"v{n % 5}" for n in range(20)]


def test_a_document_without_rows(write):
    document = checked(json.loads(write("json")), document_schema())
    assert document["lines"] == document["rejected"] == []


def test_many_rejected_rows_wait_on_disk(write):
    document = json.loads(write("json", *["wh\u00fc" * 400] * 2000))
    assert [row["row"] for row in document["rejected"]] == list(range(1, 2001))
    assert document["rejected"][-1]["reason"] == "wh\u00fc" * 400


def test_json_lines(write):
    rows = write("jsonl", write.bad, "why", write.clean).splitlines()
    first, second, third = (checked(json.loads(row), jsonl_schema()) for row in rows)
    assert first == {"row": 1, **write.bad.as_dict()}
    assert second == {"row": 2, "rejected": "why"}
    assert third["status"] == "clean"


def test_reports_and_findings_have_their_schema(write):
    checked(write.bad.as_dict(), report_schema())
    for finding in write.bad.findings:
        checked(finding.as_dict(), finding_schema())


def test_the_schema_refuses_what_is_not_published(write):
    schema = Draft202012Validator(report_schema())
    assert not schema.is_valid({**write.bad.as_dict(), "more": 1})
    assert not schema.is_valid({**write.bad.as_dict(), "status": "fine"})


def test_real_reports_have_the_schema(checker):
    lines = [
        {"code": "0252U", "modifiers": ["80", "26", "XX"], "place_of_service": "12"},
        {"code": "99213", "diagnoses": ["O03.9"], "payer": "Aetna"},
        {"code": None, "taxonomy": "207P00000X", "units": "many"},
    ]
    for line in lines:
        checked(checker.check(line).as_dict(), report_schema())
