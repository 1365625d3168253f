from __future__ import annotations

import json
from datetime import date

import pytest

from claimcheck.codesets.store.reading import SourceFile
from claimcheck.codesets.store.writing import Edition, add_edition
from claimcheck.ruleset import bundled_folder

SOURCES = """\
schema: claimcheck/sources@1
sources:
  - {id: the-document, title: The document, publisher: It, kind: secondary, date: unstated}
"""
SITE = """\
schema: claimcheck/overlay@1
overlay: my-site
source: the-document
statements:
  - family: pla
    places:
      - place: "30"
        verdict: not-applicable
        because: We are not there.
        cite: {at: "x"}
    taxonomies:
      - taxonomy: "207P00000X"
        role: ordering
        verdict: applicable
        named: Emergency Medicine
        because: They order it.
        cite: {at: "x"}
        disputed: {effect: misnamed, because: It is another., cite: {at: "x"}}
"""


@pytest.fixture(autouse=True)
def _nothing_imported(monkeypatch, tmp_path):
    """No list that the developer has imported is asked."""
    monkeypatch.setenv("CLAIMCHECK_DATA", str(tmp_path / "no-data"))


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "sources.yaml").write_text(SOURCES, encoding="utf-8")
    (folder / "my-site.yaml").write_text(SITE, encoding="utf-8")
    return folder


@pytest.fixture
def data(tmp_path):
    """A folder into which a table was imported that has 0252U as a test that is priced."""
    rows = {"clfs": [("0252U", "", None)]}
    file = (SourceFile("clfs.csv", "0" * 64),)
    first, last = date(2026, 4, 1), date(2026, 6, 30)
    edition = Edition("clfs", "2026Q2", True, first, last, file, rows, False, lambda: 1)
    add_edition(tmp_path / "data", edition)
    return tmp_path / "data"


def test_the_bundled_rules_pass(run):
    result = run("rules", "audit")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[:3] == [
        "A list contradicts the entry, and it is not marked disputed: 0",
        "Marked disputed, and no longer true: 0",
        "Marked disputed, and confirmed: 7",
    ]
    assert (
        "  codes/0252U#modifiers/00: modifier 00 does not exist: no CPT modifier has these two digits"
    ) in lines
    assert "     1 needs pla or clfs" not in lines
    assert "    19 needs nucc" in lines
    assert lines[-4:] == [
        "  ICD-10-CM: April 2026 (fiscal year 2026) (embedded)",
        "  CMS place of service: 2024 (embedded)",
        "  modifiers: mid 2024 (embedded)",
        "  NUCC provider taxonomy: 25.1, only the codes that the bundled rules name (embedded)",
    ]
    assert result.stderr.startswith("claimcheck: 0 disagreements, 0 stale marks, ")


def test_a_small_rule_set_in_full(run, tmp_path):
    """A rule set of its own: the folder brings a family that the bundled rules have."""
    folder = tmp_path / "own"
    (folder / "families").mkdir(parents=True)
    (folder / "sources.yaml").write_text(SOURCES, encoding="utf-8")
    family = SITE.partition("statements:\n")[2].partition("\n")[2].replace("\n    ", "\n")
    head = "schema: claimcheck/family@1\nfamily: pla\ntitle: PLA\nsource: the-document\nstatus: draft\n"
    (folder / "families" / "pla.yaml").write_text(head + family.removeprefix("    "))
    result = run("rules", "audit", "--rules", folder)
    assert result.exit_code == 1
    path = folder / "families" / "pla.yaml"
    assert result.stdout == (
        f"""\
A list contradicts the entry, and it is not marked disputed: 1
  {path}:7:12: families/pla#places/30 (value)
    30 is no assigned place of service; mark the entry disputed, or correct it
    cms-place-of-service: 30
Marked disputed, and no longer true: 1
  {path}:18:15: families/pla#taxonomies/207P00000X/ordering (mark)
    the entry is marked disputed, and the lists agree with it: 207P00000X is in the NUCC provider
    taxonomy (25.1); `Emergency Medicine Physician` is the name of 207P00000X in the NUCC provider
    taxonomy (25.1); take the mark away
    nucc-25.1: 207P00000X
Marked disputed, and confirmed: 0
Not checkable with the lists at hand: 0
Agrees: 0

Rules: 2 files
Lists:
  ICD-10-CM: April 2026 (fiscal year 2026) (embedded)
  CMS place of service: 2024 (embedded)
  modifiers: mid 2024 (embedded)
  NUCC provider taxonomy: 25.1, only the codes that the bundled rules name (embedded)
"""
    )
    assert result.stderr == (
        "claimcheck: 1 disagreement, 1 stale mark, 0 statements not checkable\n"
    )


def test_an_overlay_is_audited_with_the_bundled_rules(run, site):
    result = run("rules", "audit", "--rules", site)
    assert result.exit_code == 1
    assert f"{site / 'my-site.yaml'}:7:16: sites/my-site#pla/places/30 (value)" in result.stdout
    assert "codes/0252U#modifiers/00" in result.stdout


def test_the_rules_of_the_settings_are_audited_too(run, site, tmp_path):
    (tmp_path / "claimcheck.toml").write_text('rules = ["site"]\n', encoding="utf-8")
    assert run("rules", "audit").exit_code == 1
    (tmp_path / "other.toml").write_text("", encoding="utf-8")
    assert run("rules", "audit", "--config", "other.toml").exit_code == 0


def test_json(run, site, data):
    told = json.loads(
        run("rules", "audit", "--rules", site, "--data", data, "--format", "json").stdout
    )
    assert told["passed"] is False
    assert told["counts"]["disagrees"] == told["counts"]["disputed-stale"] == 1
    assert sum(told["counts"].values()) == len(told["items"])
    assert told["lists"][-1] == {
        "title": "Medicare clinical laboratory fee schedule",
        "edition": "2026Q2",
        "imported": True,
    }
    assert next(item for item in told["items"] if item["outcome"] == "disagrees") == {
        "file": str(site / "my-site.yaml"),
        "line": 7,
        "column": 16,
        "entry": "sites/my-site#pla/places/30",
        "subject": "value",
        "outcome": "disagrees",
        "what": "30 is no assigned place of service; mark the entry disputed, or correct it",
        "needs": None,
        "citations": [{"source": "cms-place-of-service", "at": "30"}],
    }


def test_imported_tables_are_asked(run, data, monkeypatch):
    wanted = (
        "  codes/0252U#modifiers/26: modifier 26 does not fit 0252U by the Medicare clinical laboratory "
        "fee schedule (2026Q2): 0252U is paid as a laboratory test alone, with no row for this "
        "modifier; the entry says conditional"
    )
    assert wanted not in run("rules", "audit").stdout.splitlines()
    result = run("rules", "audit", "--data", data)
    assert result.exit_code == 0
    assert wanted in result.stdout.splitlines()
    monkeypatch.setenv("CLAIMCHECK_DATA", str(data))
    assert run("rules", "audit").stdout == result.stdout


def test_strict(run, tmp_path):
    assert run("rules", "audit", "--strict").exit_code == 1
    folder = tmp_path / "own"
    (folder / "families").mkdir(parents=True)
    (folder / "sources.yaml").write_text(SOURCES, encoding="utf-8")
    (folder / "families" / "pla.yaml").write_text(
        "schema: claimcheck/family@1\nfamily: pla\ntitle: PLA\nsource: the-document\nstatus: draft\n"
        'places:\n  - {place: "81", verdict: applicable, because: So., cite: {at: "x"}}\n'
    )
    result = run("rules", "audit", "--strict", "--rules", folder)
    assert result.exit_code == 0
    assert "Agrees: 1\n" in result.stdout


def test_what_cannot_be_done_ends_with_2(run, tmp_path):
    result = run("rules", "audit", "--rules", "none")
    assert result.exit_code == 2
    assert "no such file or folder" in result.stderr
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "codesets.sqlite").write_bytes(b"not a database")
    result = run("rules", "audit", "--data", tmp_path / "data")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "is no store of code sets" in result.stderr


def test_a_pack_is_refused(run, tmp_path):
    out = tmp_path / "my.pack"
    assert run("rules", "pack", bundled_folder(), "-o", out).exit_code == 0
    result = run("rules", "audit", "--rules", out)
    assert result.exit_code == 2
    assert result.stderr.endswith("give the folder that it was made from\n")
