"""Everything that a finding by a national table says: the words, the place, the table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

CASES: list[dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("findings.yaml").read_text("utf-8")
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["finding"])
def test_a_finding_says(checker, case):
    report = checker.check_claim(case["claim"]).reports[case.get("line", 0)]
    [finding] = [finding for finding in report.findings if finding.code == case["finding"]]
    expected = {"index": None, "value": None, "carc": None, "citations": [], **case["is"]}
    expected["citations"] = [tuple(citation) for citation in expected["citations"]]
    said = {key: getattr(finding, key) for key in expected}
    said["citations"] = [(citation.source, citation.at) for citation in finding.citations]
    said["fix"] = finding.fix and {k: v for k, v in finding.fix.as_dict().items() if v is not None}
    assert {**said, "severity": finding.severity.value} == {"fix": None, **expected}
