"""Every finding has a page, and every page's example gives its finding."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import claimcheck
from claimcheck.authoring.documentation.findings import GROUPS, severities_of
from claimcheck.checks import CHECKS, CLAIM_CHECKS
from claimcheck.checks.definition import HEADINGS, Check
from claimcheck.codesets import carc
from claimcheck.io import open_lines

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


def findings_of(checker: claimcheck.Checker, example: Any) -> list[claimcheck.Finding]:
    together = checker.check_claim if isinstance(example, list) else checker.check
    return list(together(example).findings)


@pytest.mark.parametrize("check", ALL, ids=lambda check: check.finding)
def test_the_example_on_the_page_gives_the_finding(
    check: Check, checker: claimcheck.Checker, with_tables: claimcheck.Checker
) -> None:
    page = page_of(check.finding)
    written = re.search(r"```json\n(.*?)\n```", page, re.DOTALL)
    assert written is not None
    example = json.loads(written[1])
    without = [one for one in findings_of(checker, example) if one.code == check.finding]
    needs_tables = "\ngives, with the [extracts of official tables]" in page
    assert bool(without) is not needs_tables
    found = findings_of(with_tables, example) if needs_tables else without
    own = [finding for finding in found if finding.code == check.finding]
    assert own, f"the example gives {[finding.code for finding in found]}"
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


def test_no_finding_is_louder_than_its_page_says(
    checker: claimcheck.Checker, with_tables: claimcheck.Checker
) -> None:
    stated = {check.finding: set(severities_of(check)) for check in ALL}
    for line in (DOCS / "examples" / "claim-lines.jsonl").read_text("utf-8").splitlines():
        for finding in checker.check(json.loads(line)).findings:
            assert finding.severity in stated[finding.code], finding.code
    with open_lines(DOCS / "examples" / "claims-with-tables.csv") as rows:
        lines = [row.line for row in rows if row.line is not None]
    for finding in with_tables.check_claim(lines).findings:
        assert finding.severity in stated[finding.code], finding.code


def test_severities_of_helpers_are_told_too() -> None:
    stated = {check.finding: [one.value for one in severities_of(check)] for check in ALL}
    assert stated["claim-bundled-pair"] == ["error", "warning"]
    assert stated["claim-addon-without-primary"] == ["error", "warning", "info"]
    assert stated["code-not-in-effect"] == ["error"]
    assert stated["modifier-needs-documentation"] == ["info"]


def test_there_is_no_page_of_a_finding_that_does_not_exist() -> None:
    pages = {path.stem for path in (DOCS / "findings").iterdir()}
    assert pages == {"index", *(check.finding for check in ALL)}
