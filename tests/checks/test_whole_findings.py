"""Everything that a finding says, for each check: the words, the place, the rule, the sources."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

import claimcheck
from claimcheck.checks import CHECKS, CLAIM_CHECKS

HERE = Path(__file__).parent
CASES: list[dict[str, Any]] = yaml.safe_load((HERE / "findings.yaml").read_text("utf-8"))
ELSEWHERE: list[dict[str, Any]] = yaml.safe_load(
    (HERE.parent / "national" / "findings.yaml").read_text("utf-8")
)


def told_whole(finding: claimcheck.Finding) -> dict[str, Any]:
    """What a finding says, without what it does not say."""
    said = {
        "severity": finding.severity.value,
        "field": finding.field,
        "index": finding.index,
        "value": finding.value,
        "message": finding.message,
        "hint": finding.hint,
        "rule": finding.rule,
        "citations": [[citation.source, citation.at] for citation in finding.citations] or None,
        "carc": finding.carc,
        "fix": finding.fix and _stated(finding.fix.as_dict()),
    }
    return _stated(said)


def _stated(said: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in said.items() if value is not None}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["finding"])
def test_a_finding_says(checker, case):
    report = checker.check_claim(case["claim"]).reports[case.get("line", 0)]
    found = [finding for finding in report.findings if finding.code == case["finding"]]
    assert [told_whole(finding) for finding in found] == [case["is"]]


def test_every_check_has_a_case():
    slugs = {case["finding"] for case in (*CASES, *ELSEWHERE)}
    assert slugs == {one.finding for one in (*CHECKS, *CLAIM_CHECKS)}
