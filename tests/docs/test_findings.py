"""Every finding has a page, and every page's example gives its finding."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import claimcheck
from claimcheck.authoring.documentation.findings import GROUPS, severities_of
from claimcheck.checks import CHECKS, CLAIM_CHECKS
from claimcheck.checks.definition import HEADINGS, Check
from claimcheck.codesets import carc

DOCS = Path(__file__).parents[2] / "docs"
ALL = (*CHECKS, *CLAIM_CHECKS)


def page_of(slug: str) -> str:
    return (DOCS / "findings" / f"{slug}.md").read_text("utf-8")


@pytest.mark.parametrize("check", ALL, ids=lambda check: check.finding)
def test_the_page_has_every_heading(check: Check) -> None:
    page = page_of(check.finding)
    assert page.startswith(f"# {check.finding}\n")
    for heading in HEADINGS:
        assert f"\n## {heading}\n" in page


@pytest.mark.parametrize("check", ALL, ids=lambda check: check.finding)
def test_the_example_on_the_page_gives_the_finding(check: Check) -> None:
    page = page_of(check.finding)
    written = re.search(r"```json\n(.*?)\n```", page, re.DOTALL)
    assert written is not None
    example = json.loads(written[1])
    report = (
        claimcheck.check_claim(example) if isinstance(example, list) else claimcheck.check(example)
    )
    own = [finding for finding in report.findings if finding.code == check.finding]
    assert own, f"the example gives {[finding.code for finding in report.findings]}"
    assert own[0].message.replace("<", "&lt;") in page
    assert own[0].severity in severities_of(check)
    assert own[0].url == f"docs/findings/{check.finding}.md"


def test_the_index_names_every_finding_once() -> None:
    index = page_of("index")
    for check in ALL:
        assert index.count(f"[{check.finding}](") == 1
    assert {check.finding.split("-")[0] for check in ALL} <= set(GROUPS)


def test_every_denial_has_its_meaning() -> None:
    assert [c.finding for c in ALL if c.carc is not None and carc.meaning(c.carc) is None] == []


def test_no_finding_is_louder_than_its_page_says() -> None:
    stated = {check.finding: set(severities_of(check)) for check in ALL}
    for line in (DOCS / "examples" / "claim-lines.jsonl").read_text("utf-8").splitlines():
        for finding in claimcheck.check(json.loads(line)).findings:
            assert finding.severity in stated[finding.code], finding.code


def test_there_is_no_page_of_a_finding_that_does_not_exist() -> None:
    pages = {path.stem for path in (DOCS / "findings").iterdir()}
    assert pages == {"index", *(check.finding for check in ALL)}
