"""What saves work in a batch sorts out nothing that has a finding."""

from __future__ import annotations

import pytest

import claimcheck

pa = pytest.importorskip("pyarrow")
from claimcheck.batch import check_table  # noqa: E402 - after the extra was found

LINES = [
    # The rule file's own note, on a day that the list does not cover.
    ("0252U", [], ["O03.9", "Z34.90"], "2025-05-04", ["diagnosis-excludes"]),
    ("0252U", [], ["Z34.90", "O03.9"], "2025-05-04", ["diagnosis-excludes"]),
    ("0252U", [], ["O03.9", "N96"], "2025-05-04", []),
    # The list's note, with and without a rule file.
    ("0252U", [], ["O03.9", "E11.9", "E10.9"], "2026-05-04", ["diagnosis-excludes"]),
    ("99213", [], ["E11.9", "E10.9"], "2026-05-04", ["code-no-rule", "diagnosis-excludes"]),
    ("99213", [], ["E11.9", "I10"], "2026-05-04", ["code-no-rule"]),
    # Modifiers that exclude each other, by a rule alone.
    (
        *("81452", ["26", "TC"], ["C61"], "2026-05-04"),
        ["code-disputed", "modifier-conflict", "modifier-disputed", "modifier-disputed"],
    ),
    ("99213", ["26", "TC"], ["J06.9"], "2026-05-04", ["code-no-rule"]),
    # Lists of the least length.
    ("99213", ["59", "59"], ["J06.9"], "2026-05-04", ["code-no-rule", "modifier-duplicate"]),
    (
        *("99213", ["59", "25", "26", "22", "52"], ["J06.9"], "2026-05-04"),
        ["code-no-rule", "modifier-too-many"],
    ),
    (
        *("99213", [], ["J06.9", "I10", "E78.5", "Z79.4", "D64.9"], "2026-05-04"),
        ["code-no-rule", "diagnosis-too-many"],
    ),
    # The words alone depend on the first diagnosis.
    ("0252U", [], ["J06.9"], "2026-05-04", ["diagnosis-not-supporting"]),
    ("0252U", [], ["I10"], "2026-05-04", ["diagnosis-not-supporting"]),
]


def test_a_batch_finds_it():
    table = pa.table(
        {
            "code": [line[0] for line in LINES],
            "modifiers": pa.array([line[1] for line in LINES], pa.list_(pa.string())),
            "diagnoses": [line[2] for line in LINES],
            "service_date": [line[3] for line in LINES],
        }
    )
    rows = check_table(table, claimcheck.Checker()).to_pylist()
    told = [[row["code"] for row in rows if row["row"] == at] for at in range(len(LINES))]
    assert told == [line[4] for line in LINES]
    late = [row["message"] for row in rows if row["code"] == "diagnosis-not-supporting"]
    assert [message.rpartition("the first is ")[2] for message in late] == ["J06.9.", "I10."]
