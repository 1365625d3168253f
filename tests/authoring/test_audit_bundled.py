"""The bundled rules under audit: what the documents got wrong is found without their marks."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from claimcheck.authoring.audit import audit_rules
from claimcheck.codesets import taxonomy
from claimcheck.codesets.bundle import embedded_code_sets
from claimcheck.ruleset import bundled_folder

TAXONOMIES = {
    "codes/0252U#taxonomies/207P00000X/ordering",
    "codes/0252U#taxonomies/208D00000X/ordering",
    "codes/0252U#taxonomies/204V00000X/interpreting",
    "codes/0252U#taxonomies/363A00000X/performing",
    "codes/0252U#taxonomies/207Q00000X/ordering",
}
WRONG_EMBEDDED = {
    "codes/0252U#modifiers/00",
    "codes/0252U#diagnoses/O00.9",
    *TAXONOMIES,
}
WRONG_BY_TABLES = {
    "codes/0252U#modifiers/22",
    "codes/0252U#modifiers/26",
    "codes/0252U#modifiers/56",
    "codes/0252U#modifiers/AS",
    "codes/81452",
    "codes/81452#modifiers/26",
    "codes/81452#modifiers/TC",
}
WRONG_BY_TITLES = {"codes/0252U#diagnoses/O03.4"}

OTHERS = [
    ("1223P0106X", "", "Oral Pathology", None, "Oral Pathology Dentist", "Individual", None),
    ("193200000X", "", "Multi-Specialty", None, "Multi-Specialty Group", "Individual", None),
    ("207RC0000X", "", "Cardiology", None, "Cardiology Physician", "Individual", None),
    ("225100000X", "", "Physical Therapist", None, "Physical Therapist", "Individual", None),
    ("235Z00000X", "", "Speech", None, "Speech-Language Pathologist", "Individual", None),
    ("341600000X", "", "Ambulance", None, "Ambulance", "Non-Individual", None),
]
"""Codes that the families name, beside those of the embedded extract."""
PLAIN = ("X", "9", "XXX", "9", "9", "9", "9", "9", None)


@pytest.fixture
def tables(imported):
    """NUCC and the fee schedules, with the rows that the two documents touch."""
    names = [(it.code, "", it.name, None, it.name, it.section, None) for it in taxonomy.entries()]
    imported("nucc", names + OTHERS, name="25.1", last=None)
    codes = ("81445", "88271", "81229", "88237", "88305", "88233", "88262", "89260")
    imported("mpfs", [(code, "", *PLAIN) for code in codes])
    return imported("clfs", [(code, "", None) for code in ("0252U", "81445", "81229", "88271")])


def without_marks(tmp_path: Path) -> Path:
    """A copy of the bundled rules with every ``disputed`` taken out."""
    folder = tmp_path / "unmarked"
    for path in sorted(bundled_folder().rglob("*.yaml")):
        if path.name.endswith(".test.yaml"):
            continue
        tree = _unmarked(yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader))  # noqa: S506 - texts only
        target = folder / path.relative_to(bundled_folder())
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(yaml.safe_dump(tree, default_style='"', sort_keys=False), "utf-8")
    return folder


def _unmarked(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {key: _unmarked(value) for key, value in tree.items() if key != "disputed"}
    return [_unmarked(item) for item in tree] if isinstance(tree, list) else tree


def entries(done, outcome) -> set[str]:
    return {item.entry for item in done.of(outcome)}


def test_the_bundled_rules_pass_with_what_is_embedded():
    done = audit_rules([], embedded_code_sets())
    assert done.passed
    assert entries(done, "disagrees") == entries(done, "disputed-stale") == set()
    assert entries(done, "disputed-confirmed") == WRONG_EMBEDDED
    assert done.files == len([p for p in bundled_folder().rglob("*.yaml") if ".test" not in p.name])


def test_the_bundled_rules_pass_with_tables(tables):
    done = audit_rules([], tables)
    assert entries(done, "disagrees") == set()
    assert entries(done, "disputed-stale") == set()
    assert entries(done, "disputed-confirmed") == WRONG_EMBEDDED | WRONG_BY_TABLES


def test_without_its_marks_the_audit_finds_the_errors_by_itself(tmp_path, tables):
    folder = without_marks(tmp_path)
    done = audit_rules([folder], embedded_code_sets())
    assert entries(done, "disagrees") == WRONG_EMBEDDED
    done = audit_rules([folder], tables)
    assert not done.passed
    assert entries(done, "disagrees") == WRONG_EMBEDDED | WRONG_BY_TABLES
    assert entries(done, "disputed-confirmed") == set()


def test_with_titles_it_finds_the_wrong_name_of_a_diagnosis_too(tmp_path, imported):
    rows = [("O034", 1, "Incomplete spontaneous abortion without complication")]
    sets = imported(
        "icd10cm", rows, name="FY2025", first=None, last=date(2025, 9, 30), descriptions=True
    )
    assert entries(audit_rules([without_marks(tmp_path)], sets), "disagrees") == (
        WRONG_EMBEDDED | WRONG_BY_TITLES
    )
    confirmed = entries(audit_rules([], sets), "disputed-confirmed")
    assert confirmed == WRONG_EMBEDDED | WRONG_BY_TITLES


def test_a_list_that_follows_the_document_makes_its_mark_stale(imported):
    name = "Obstetrics & Gynecology"
    changed = ("207P00000X", "", name, None, f"{name} Physician", "Individual", None)
    done = audit_rules([], imported("nucc", [changed], name="30.0", last=None))
    assert not done.passed
    assert entries(done, "disputed-stale") == {"codes/0252U#taxonomies/207P00000X/ordering"}
