"""Where a document permits what a national table rules out, the finding gives both."""

from __future__ import annotations

from pathlib import Path

import pytest

import claimcheck
from claimcheck.fix import Fix

PERMITS = """\
schema: claimcheck/code@1
code: "27447"
title: A joint replacement
family: surgery
source: my-page
status: reviewed
effective: unstated
modifiers:
  - modifier: "50"
    verdict: applicable
    because: The page lists it.
    cite: {at: "row 50"}
  - modifier: "66"
    verdict: applicable
    because: The page lists it.
    cite: {at: "row 66"}
  - modifier: "24"
    verdict: not-applicable
    because: The page refuses it.
    cite: {at: "row 24"}
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    (tmp_path / "codes").mkdir()
    (tmp_path / "families").mkdir()
    (tmp_path / "sources.yaml").write_text(
        "schema: claimcheck/sources@1\nsources:\n  - id: my-page\n    title: A page\n"
        "    publisher: Somebody\n    kind: secondary\n    date: unstated\n"
    )
    (tmp_path / "families" / "surgery.yaml").write_text(
        "schema: claimcheck/family@1\nfamily: surgery\ntitle: Surgery\nsource: my-page\n"
        "status: reviewed\n"
    )
    (tmp_path / "codes" / "27447.yaml").write_text(PERMITS)
    return tmp_path


def told(checker, modifier, payer=None):
    line = {"code": "27447", "modifiers": [modifier], "payer": payer}
    return [(f.code, f.severity.value) for f in checker.check(line).findings]


def test_both_sides_are_told(rules, folder):
    checker = claimcheck.Checker(rules=[rules], data=folder)
    assert told(checker, "50") == []
    assert told(checker, "66") == [("modifier-disputed", "warning")]
    assert told(checker, "66", "medicare") == [("modifier-disputed", "error")]
    assert told(checker, "24") == [("modifier-not-applicable", "error")]
    [finding] = checker.check({"code": "27447", "modifiers": ["66"]}).findings
    assert finding.message == (
        "Modifier 66 on 27447 is disputed. The source of codes/27447 says: The page lists it. "
        "Officially: by the Medicare physician fee schedule (2024Q3), 27447 is not paid with a surgical "
        "team (0)."
    )
    assert finding.hint == (
        "Do not rely on modifier 66 here unless the payer has confirmed it in writing."
    )
    assert (finding.rule, finding.value) == ("codes/27447#modifiers/66", "66")
    assert finding.fix == Fix.removing("modifiers", "66")
    assert [c.source for c in finding.citations] == ["my-page", "mpfs-2024Q3"]


def test_a_modifier_that_the_rules_leave_open_is_the_tables(rules, folder):
    checker = claimcheck.Checker(rules=[rules], data=folder)
    assert told(checker, "80") == []  # accepted by the table: not unlisted
    assert told(checker, "QK") == [("modifier-not-payable", "warning")]
    assert told(checker, "LT") == [("modifier-unlisted", "info")]


def test_without_tables_the_document_stands(rules):
    assert told(claimcheck.Checker(rules=[rules]), "66") == []


def test_whoever_ignores_the_tables_hears_nothing_of_them(rules, folder):
    policy = claimcheck.Config(tables=claimcheck.TablePolicy(ignored=("cigna",)))
    checker = claimcheck.Checker(rules=[rules], data=folder, config=policy)
    assert told(checker, "66", "cigna") == []
    assert told(checker, "QK", "cigna") == [("modifier-unlisted", "info")]
    assert told(checker, "80", "cigna") == [("modifier-unlisted", "info")]


def test_where_no_rule_speaks_of_places_none_is_unlisted(rules):
    line = {
        "code": "27447",
        "place_of_service": "09",
        "taxonomy": "207X00000X",
        "diagnoses": ["N96"],
    }
    assert claimcheck.Checker(rules=[rules]).check(line).findings == ()


def test_what_a_payer_permits_itself_is_disputed_only_where_the_tables_bind_it(rules, folder):
    (rules / "payers").mkdir()
    permission = (
        '      - modifier: "66"\n        verdict: applicable\n        because: We pay it.\n'
        "        cite: {at: letter}\n"
    )
    for payer in ("aetna", "medicare"):
        (rules / "payers" / f"{payer}.yaml").write_text(
            f"schema: claimcheck/overlay@1\noverlay: {payer}\npayer: {payer}\nsource: my-page\n"
            f'statements:\n  - code: "27447"\n    modifiers:\n{permission}'
        )
    (rules / "payers" / "my-site.yaml").write_text(
        "schema: claimcheck/overlay@1\noverlay: my-site\nsource: my-page\n"
        f'statements:\n  - code: "27447"\n    modifiers:\n{permission.replace("66", "57")}'
    )
    checker = claimcheck.Checker(rules=[rules], data=folder)
    assert told(checker, "57") == []
    assert told(checker, "57", "medicare") == [("modifier-disputed", "error")]
    assert told(checker, "66", "aetna") == []
    assert told(checker, "66", "medicare") == [("modifier-disputed", "error")]
    assert told(checker, "66", "cigna") == [("modifier-disputed", "warning")]
