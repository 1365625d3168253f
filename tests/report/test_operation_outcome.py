from __future__ import annotations

import io
import json

import pytest
from fhir.resources import operationoutcome as r5
from fhir.resources.R4B import operationoutcome as r4

from claimcheck.checks import CHECKS, CLAIM_CHECKS
from claimcheck.origin import Origin
from claimcheck.report import Context, Damage, Note, Tally, open_writer
from claimcheck.report.operation_outcome import SYSTEM, issue_type

LINE = "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-line"


def valid(outcome):
    """Both models of fhir.resources take it: that of R4 and that of R5."""
    for model in (r4.OperationOutcome, r5.OperationOutcome):
        model.model_validate(outcome)
    return outcome


@pytest.fixture
def outcomes(write):
    """What is written for rows: (report or reason, physical line, origin)."""

    def written(*rows, unit="line", **told):
        out = io.StringIO()
        writer = open_writer("operation-outcome", out, Context(ruleset=write.stamp))
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
        return [valid(json.loads(line)) for line in out.getvalue().splitlines()]

    return written


SWITCHED_OFF = {
    "severity": "information",
    "code": "informational",
    "details": {"text": "Switched off by the settings, and not told: 2 findings."},
}


def origin(resource, item=0, **fields):
    path = f"Claim.item[{item}]"
    return Origin(resource, path, {name: f"{path}.{part}" for name, part in fields.items()})


def test_a_finding_in_full(outcomes, write):
    (outcome,) = outcomes((write.bad, 7, origin(1, modifiers="modifier")))
    error, warning, left_out = outcome["issue"]
    assert left_out == SWITCHED_OFF
    assert error == {
        "extension": [{"url": LINE, "valueInteger": 7}],
        "severity": "error",
        "code": "business-rule",
        "details": {
            "coding": [{"system": SYSTEM, "code": "modifier-not-applicable"}],
            "text": "Modifier 80 does not fit 0252U: nobody assists at surgery in a laboratory test.",
        },
        "diagnostics": "Remove modifier 80 if it does not describe this service. (row 1; claim CLM-7; "
        "line 1; rule codes/0252U#modifiers/80; CARC 4; a-page: row 80; a-list: 80; a-page: row 81)",
        "expression": ["Claim.item[0].modifier[0]"],
    }
    assert (warning["severity"], warning["code"]) == ("warning", "required")
    # The line has no diagnosis to point to.
    assert warning["expression"] == ["Claim.item[0]"]


def test_one_for_each_resource(outcomes, write):
    found = outcomes(
        (write.bad, 1, origin(1)),
        (write.not_checked, 1, origin(1, 1)),
        (write.clean, 2, origin(2)),
        ("a certain reason", 3, Origin(3, "")),
        ("another reason", 4, Origin(4, "Bundle.entry[2].resource")),
    )
    assert [len(one["issue"]) for one in found] == [4, 1, 1, 1]
    assert found[1]["issue"] == [
        {
            "severity": "information",
            "code": "informational",
            "details": {"text": "1 line, 0 of them not checked: no findings."},
        }
    ]
    assert found[2]["issue"][0]["severity"] == "fatal"
    assert found[2]["issue"][0]["details"] == {"text": "Not read: a certain reason."}
    assert "expression" not in found[2]["issue"][0]
    assert found[3]["issue"][0]["expression"] == ["Bundle.entry[2].resource"]


def test_lines_that_were_not_checked_are_counted(outcomes, write):
    quiet = write.report_of(status="not-checked")
    (outcome,) = outcomes((quiet, 1, origin(1)), (write.clean, 1, origin(1, 1)))
    text = outcome["issue"][0]["details"]["text"]
    assert text == "2 lines, 1 of them not checked: no findings."


def test_one_for_each_claim_of_a_table(outcomes, write):
    report_of, error = write.report_of, write.error
    found = outcomes(
        (report_of(error, claim_id="A"), 2, None),
        (report_of(error, claim_id="A"), 3, None),
        (report_of(error, claim_id="B"), 4, None),
        (report_of(error), 5, None),
        (report_of(error), 6, None),
    )
    lines = [[issue["extension"][0]["valueInteger"] for issue in one["issue"]] for one in found]
    assert lines == [[2, 3], [4], [5], [6]]
    assert "expression" not in found[0]["issue"][0]


def test_a_segment_is_no_line_of_the_file(outcomes, write):
    finding, rejected = outcomes((write.bad, 1018, None), ("why", 1022, None), unit="segment")
    assert "extension" not in finding["issue"][0]
    assert "(row 1; segment 1,018; claim CLM-7; " in finding["issue"][0]["diagnostics"]
    assert "extension" not in rejected["issue"][0]
    assert rejected["issue"][0]["diagnostics"] == "row 2; segment 1,022"


DAMAGED = {
    "damage": [Damage("a.837", ("segment 7: x", "segment 8: y"), 2)],
    "notes": [Note("a.837", "segment 3: read as 5010")],
}
OF_THE_INPUT = [
    {
        "severity": "fatal",
        "code": "incomplete",
        "details": {"text": "The input is damaged: segment 7: x."},
    },
    {
        "severity": "fatal",
        "code": "incomplete",
        "details": {"text": "The input is damaged: segment 8: y."},
    },
    {
        "severity": "information",
        "code": "informational",
        "details": {"text": "segment 3: read as 5010."},
    },
]


def test_damage_and_notes_stand_in_the_only_outcome(outcomes, write):
    (outcome,) = outcomes((write.clean, 1, origin(1)), **DAMAGED)
    assert outcome["issue"][0]["details"]["text"] == "1 line, 0 of them not checked: no findings."
    assert outcome["issue"][1:] == OF_THE_INPUT
    (outcome,) = outcomes((write.bad, 1, origin(1)), **DAMAGED)
    assert outcome["issue"][2:] == [*OF_THE_INPUT, SWITCHED_OFF]


def test_damage_and_notes_of_several_claims_stand_in_a_last_outcome(outcomes, write):
    one, two, last = outcomes((write.bad, 1, origin(1)), (write.clean, 2, origin(2)), **DAMAGED)
    assert [len(one["issue"]), len(two["issue"])] == [3, 1]
    assert last["issue"] == OF_THE_INPUT


def test_of_much_damage_the_first_places_are_told(outcomes):
    damage = Damage("a.837", tuple(f"segment {n}: x" for n in range(100)), 250)
    (outcome,) = outcomes(damage=[damage])
    texts = [issue["details"]["text"] for issue in outcome["issue"]]
    assert len(texts) == 22
    assert texts[0] == "The input has no rows; nothing was checked."
    assert texts[-1] == "The input is damaged: and 230 more."


def test_an_input_without_rows(outcomes):
    (outcome,) = outcomes()
    assert outcome["issue"] == [
        {
            "severity": "warning",
            "code": "incomplete",
            "details": {"text": "The input has no rows; nothing was checked."},
        }
    ]


def test_types_of_issues():
    kinds = {check.finding: issue_type(check.finding) for check in (*CHECKS, *CLAIM_CHECKS)}
    assert set(kinds.values()) == {"business-rule", "code-invalid", "required", "value"}
    expected = {
        "code-missing": "required",
        "diagnosis-missing": "required",
        "modifier-malformed": "value",
        "place-digit-lost": "value",
        "diagnosis-unknown": "code-invalid",
        "diagnosis-not-billable": "code-invalid",
        "code-not-in-effect": "code-invalid",
        "place-unassigned": "code-invalid",
        "diagnosis-other-code-set": "code-invalid",
        "line-id-withheld": "value",
        "modifier-not-applicable": "business-rule",
        "claim-bundled-pair": "business-rule",
    }
    assert {slug: kinds[slug] for slug in expected} == expected
