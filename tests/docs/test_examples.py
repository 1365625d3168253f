"""The example lines give what the rules say: expected findings are written by hand from the rules."""

from __future__ import annotations

import csv
import json
import runpy
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

import claimcheck
from claimcheck.authoring.documentation.extracts import EXTRACTS
from claimcheck.checks import CHECKS, CLAIM_CHECKS
from claimcheck.codesets.imports import import_files
from claimcheck.codesets.store import open_store
from claimcheck.io import open_lines

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"

CLEAN = (  # noqa: SIM905 - a table reads better as text
    "1001-1 1002-1 1003-1 1004-1 1005-1 1006-1 1007-1 1008-1 1009-1 1010-1 1011-1 1012-1 1013-1 "
    "1014-1 1015-1 1016-1 1017-1 1018-1 1018-2"
).split()

FOUND = {
    "CLM-1019-1": ["code-malformed"],
    "CLM-1020-1": ["code-missing"],
    "CLM-1021-1": ["code-not-in-effect"],
    "CLM-1022-1": ["code-no-rule"],
    "CLM-1023-1": ["code-no-rule"],
    "CLM-1024-1": ["line-malformed"],
    "CLM 1025 1": ["line-id-withheld"],
    "CLM-1026-1": ["line-condition-unknown", "modifier-needs-condition"],
    "CLM-1027-1": ["modifier-not-applicable"],
    "CLM-1028-1": ["modifier-not-applicable", "modifier-not-applicable"],
    "CLM-1029-1": ["modifier-not-applicable"],
    "CLM-1030-1": ["modifier-disputed"],
    "CLM-1031-1": ["modifier-unknown", "modifier-disputed"],
    "CLM-1032-1": ["modifier-needs-condition"],
    "CLM-1033-1": ["modifier-duplicate"],
    "CLM-1034-1": ["modifier-too-many"],
    "CLM-1035-1": ["modifier-malformed"],
    "CLM-1036-1": ["modifier-unlisted"],
    "CLM-1037-1": ["modifier-conflict", "modifier-needs-condition"],
    "CLM-1038-1": ["modifier-not-applicable", "place-not-applicable"],
    "CLM-1039-1": ["place-malformed"],
    "CLM-1040-1": ["place-digit-lost"],
    "CLM-1041-1": ["place-unassigned"],
    "CLM-1042-1": ["place-not-applicable"],
    "CLM-1043-1": ["place-unlisted"],
    "CLM-1044-1": ["diagnosis-missing"],
    "CLM-1045-1": ["diagnosis-malformed"],
    "CLM-1046-1": ["diagnosis-unknown"],
    "CLM-1047-1": ["diagnosis-not-billable", "diagnosis-not-indicated", "diagnosis-disputed"],
    "CLM-1048-1": ["diagnosis-not-indicated"],
    "CLM-1049-1": ["diagnosis-excludes"],
    "CLM-1050-1": ["diagnosis-not-supporting"],
    "CLM-1051-1": ["diagnosis-disputed"],
    "CLM-1052-1": ["diagnosis-too-many"],
    "CLM-1053-1": ["taxonomy-malformed"],
    "CLM-1054-1": ["taxonomy-unknown", "taxonomy-disputed"],
    "CLM-1055-1": ["taxonomy-not-applicable"],
    "CLM-1056-1": ["taxonomy-disputed"],
    "CLM-1057-1": ["taxonomy-disputed"],
    "CLM-1058-1": ["taxonomy-unlisted"],
    "CLM-1059-1": ["payer-malformed"],
    "CLM-1060-1": ["units-malformed"],
    # No official list that was looked at has 81452, so each of its lines is disputed.
    "CLM-1061-1": ["code-disputed"],
    "CLM-1062-1": [
        "code-disputed",
        "modifier-conflict",
        "modifier-disputed",
        "modifier-disputed",
    ],
    "CLM-1063-1": ["code-disputed", "diagnosis-not-indicated"],
    "CLM-1064-1": ["code-disputed", "modifier-not-applicable"],
}
# A field that is misspelt on one line only cannot be written in a table of columns, nor can a code that
# names its code set.
FOUND_IN_JSONL_ONLY = {
    "CLM-1065-1": ["line-field-unknown"],
    "CLM-1066-1": ["diagnosis-other-code-set"],
    "CLM-1067-1": ["code-other-code-set"],
}
# With the extracts of official tables imported; written by hand from the tables.
FOUND_WITH_TABLES = {
    "TAB-01-1": [("modifier-not-payable", "error")],  # an office visit: no assistant; Medicare
    "TAB-02-1": [("modifier-not-payable", "warning")],  # the same for a payer that may not follow
    "TAB-03-1": [],  # PC/TC indicator 1
    "TAB-04-1": [("modifier-not-payable", "warning")],  # PC/TC indicator 9, status X
    "TAB-05-1": [("modifier-needs-documentation", "info")],  # co-surgeons indicator 1
    "TAB-06-1": [("modifier-disputed", "warning")],  # the rule file's own dispute is told
    "TAB-07-1": [("units-over-limit", "error")],  # 1 unit a day
    "TAB-08-1": [],
    "TAB-08-2": [("claim-bundled-pair", "error")],  # column 2 beside 81229, indicator 1
    "TAB-09-1": [],
    "TAB-09-2": [],  # 59 says that the test was distinct
    "TAB-10-1": [],
    "TAB-10-2": [("claim-units-over-limit", "error")],  # 16 a day, adjudication indicator 3
    "TAB-11-1": [("claim-addon-without-primary", "warning")],  # needs 0070U
    "TAB-12-1": [],
    "TAB-12-2": [],
    "TAB-13-1": [("code-no-rule", "info"), ("code-unknown", "warning")],
    "TAB-14-1": [("code-no-rule", "info"), ("code-not-in-effect", "error")],  # from 2023-01-01
    "TAB-15-1": [("taxonomy-unknown", "error"), ("taxonomy-unlisted", "info")],
    "TAB-16-1": [("code-no-rule", "info")],  # no edition of this table covers the date
}
ACROSS_LINES = {"claim-bundled-pair", "claim-units-over-limit", "claim-addon-without-primary"}
EXPECTED = {**{f"CLM-{name}": [] for name in CLEAN}, **FOUND}


def csv_rows() -> list[dict[str, str]]:
    with (EXAMPLES / "claim-lines.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def jsonl_rows() -> list[dict[str, Any]]:
    text = (EXAMPLES / "claim-lines.jsonl").read_text("utf-8")
    return [json.loads(row) for row in text.splitlines()]


def reports_of(name: str) -> list[claimcheck.Report]:
    """The reports of an example file, read as the command line reads it."""
    checker = claimcheck.Checker()
    with open_lines(EXAMPLES / name) as source:
        rows = list(source)
    assert [row.rejected for row in rows if row.line is None] == []
    return [checker.check(row.line) for row in rows if row.line is not None]


def given_to_python() -> list[claimcheck.Report]:
    """The reports of the JSON lines, as a program gives them."""
    return [claimcheck.check(row) for row in jsonl_rows()]


def slugs_of(report: claimcheck.Report) -> list[str]:
    return sorted(finding.code for finding in report.findings)


def test_each_row_of_the_table_gives_exactly_its_findings() -> None:
    ids = [row["line_id"] for row in csv_rows()]
    reports = reports_of("claim-lines.csv")
    told = {line: slugs_of(report) for line, report in zip(ids, reports, strict=True)}
    assert told == {line: sorted(slugs) for line, slugs in EXPECTED.items()}


def test_each_json_line_gives_exactly_its_findings() -> None:
    ids = [row["line_id"] for row in jsonl_rows()]
    told = {line: slugs_of(report) for line, report in zip(ids, given_to_python(), strict=True)}
    expected = {**EXPECTED, **FOUND_IN_JSONL_ONLY}
    assert told == {line: sorted(slugs) for line, slugs in expected.items()}


def test_correct_lines_are_clean() -> None:
    clean = [report.line_id for report in reports_of("claim-lines.csv") if report.status == "clean"]
    assert clean == [f"CLM-{name}" for name in CLEAN]
    assert len(clean) >= 15


def test_lines_without_a_rule_are_not_checked() -> None:
    told = [r.line_id for r in reports_of("claim-lines.csv") if r.status == "not-checked"]
    assert told == ["CLM-1022-1", "CLM-1023-1"]


def test_every_finding_about_a_line_occurs() -> None:
    expected = {**EXPECTED, **FOUND_IN_JSONL_ONLY}
    told = {slug for slugs in expected.values() for slug in slugs}
    with_tables = {slug for found in FOUND_WITH_TABLES.values() for slug, _ in found}
    assert with_tables - ACROSS_LINES - told == {check.finding for check in CHECKS if check.tables}
    assert told | with_tables - ACROSS_LINES == {check.finding for check in CHECKS}
    assert {check.finding for check in CLAIM_CHECKS if check.tables} == ACROSS_LINES


def test_each_claim_gives_with_the_extracts_exactly_its_findings(
    with_tables: claimcheck.Checker,
) -> None:
    with open_lines(EXAMPLES / "claims-with-tables.csv") as source:
        lines = [row.line for row in source if row.line is not None]
    told = {}
    for _, claim in groupby(lines, key=lambda line: line.claim_id):
        for report in with_tables.check_claim(list(claim)).reports:
            told[report.line_id] = [(it.code, it.severity.value) for it in report.findings]
    assert told == FOUND_WITH_TABLES


def test_without_the_extracts_nothing_of_this_is_claimed(checker: claimcheck.Checker) -> None:
    with open_lines(EXAMPLES / "claims-with-tables.csv") as source:
        lines = [row.line for row in source if row.line is not None]
    told = {finding.code for finding in checker.check_claim(lines).findings}
    assert told.isdisjoint({check.finding for check in (*CHECKS, *CLAIM_CHECKS) if check.tables})


def test_the_extracts_hold_no_descriptors(extracts: Path) -> None:
    assert {name for _, name in EXTRACTS} == {
        path.name for path in (EXAMPLES / "tables").iterdir() if path.name != "README.md"
    }
    kept = extracts / "with-texts"
    for kind, name in EXTRACTS:
        import_files(kind, [EXAMPLES / "tables" / name], kept, keep_descriptions=True)
    store = open_store(kept)
    assert store is not None
    for table in ("mpfs", "clfs", "pla"):
        texts = store.rows(f"SELECT DISTINCT description FROM {table}")  # noqa: S608 - our own names
        assert texts == [("-",)]
    assert store.rows("SELECT DISTINCT rationale FROM mue") == [(None,)]
    assert store.rows("SELECT DISTINCT definition FROM taxonomy") == [(None,)]
    store.close()


def test_both_files_have_the_same_lines_and_give_the_same_findings() -> None:
    table, lines = csv_rows(), jsonl_rows()
    for row, line in zip(table, lines, strict=False):
        told = {
            field: ";".join(value) if isinstance(value, list) else str(value)
            for field, value in line.items()
        }
        assert told == {field: cell for field, cell in row.items() if cell}
    assert len(lines) == len(table) + len(FOUND_IN_JSONL_ONLY)
    from_lines = reports_of("claim-lines.jsonl")
    for one, other in zip(reports_of("claim-lines.csv"), from_lines, strict=False):
        assert one.as_dict() == other.as_dict()
    for one, other in zip(given_to_python()[: len(table)], from_lines, strict=False):
        assert one.as_dict() == other.as_dict()


def test_a_misspelt_key_of_a_file_is_told_for_the_file() -> None:
    with open_lines(EXAMPLES / "claim-lines.jsonl") as source:
        assert len(list(source)) == len(jsonl_rows())
        assert (source.columns_not_read, source.looks_like) == (1, "modifiers")


def test_a_repeated_line_is_told_across_the_claim() -> None:
    lines = [row for row in jsonl_rows() if row["claim_id"] == "CLM-1018"]
    claim = claimcheck.check_claim(lines)
    assert [slugs_of(report) for report in claim.reports] == [[], ["claim-duplicate-line"]]


def test_the_settings_switch_off_with_a_reason_until_their_day() -> None:
    line = {"code": "0252U", "diagnoses": ["O03.9"], "taxonomy": "207R00000X", "modifiers": ["59"]}
    settings = EXAMPLES / "claimcheck.toml"
    before = claimcheck.Checker(config=settings, today=date(2027, 3, 31)).check(line)
    after = claimcheck.Checker(config=settings, today=date(2027, 4, 1)).check(line)
    assert [(f.code, f.severity) for f in before.findings] == [
        ("modifier-needs-condition", claimcheck.Severity.WARNING)
    ]
    assert before.suppressed == 1
    assert slugs_of(after) == ["modifier-needs-condition", "taxonomy-unlisted"]


@pytest.mark.parametrize(
    ("fields", "slug", "rule"),
    [
        (
            {"modifiers": ["90"]},
            "modifier-not-applicable",
            "sites/example-lab#pla/modifiers/90",
        ),
        (
            {"modifiers": ["LR"]},
            "modifier-needs-condition",
            "sites/example-lab#0252U/modifiers/LR",
        ),
        (
            {"place_of_service": "24", "service_date": "2026-05-04"},
            "place-not-applicable",
            "sites/example-lab#0252U/places/24",
        ),
        (
            {"place_of_service": "24", "service_date": "2025-12-31"},
            "place-unlisted",
            "codes/0252U#places",
        ),
    ],
)
def test_the_overlay_decides(fields: dict[str, Any], slug: str, rule: str) -> None:
    checker = claimcheck.Checker(rules=[EXAMPLES / "overlay"])
    report = checker.check({"code": "0252U", "diagnoses": ["O03.9"], **fields})
    assert [(finding.code, finding.rule) for finding in report.findings] == [(slug, rule)]


def test_the_quickstart_program_runs(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(EXAMPLES / "quickstart.py"), run_name="__main__")
    told = [row for row in capsys.readouterr().out.splitlines() if not row.startswith(" ")]
    assert told == ["CLM-2001-1 clean", "CLM-2002-1 findings", "CLM-2003-1 not-checked"]
