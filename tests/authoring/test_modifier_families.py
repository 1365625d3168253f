"""How many codes can take each family of modifiers, counted over the extracts of the documentation."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from claimcheck.authoring.documentation.extracts import import_extracts
from claimcheck.authoring.modifier_families import codes_of, count_families, main
from claimcheck.codesets.national import tables_of

# Counted by hand in the extracts: 22 codes of the physician fee schedule, 9 laboratory tests, 25 in all.
COUNTED = {
    # 26 and TC: 77067, 88305 and G0452 are split; 84165 has an interpretation alone; 43842 (status N)
    # is left open.
    "professional component": (4, 0, 20, 1),
    "technical component": (3, 0, 21, 1),
    # 20610 and 27447 have 1; 43842 is left open.
    "bilateral procedure": (2, 0, 22, 1),
    # 27447 and 33533 have 2; 99292 has 0 and is no code without global days.
    "assistant at surgery": (2, 1, 21, 1),
    # 27447 has 1.
    "co-surgeons": (0, 1, 23, 1),
    # 87880 has a row with QW; 43842 and J1885 have statuses that leave it open.
    "CLIA-waived test": (1, 0, 22, 2),
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("families")
    import_extracts(folder)
    return folder


def test_the_counts_of_the_extracts(data):
    counts = {
        it.family: (it.accepted, it.documentation, it.refused, it.left_open)
        for it in count_families(tables_of(data))
    }
    assert {family: counts[family] for family in COUNTED} == COUNTED
    assert {sum(count) for count in counts.values()} == {25}


def test_which_codes_are_counted(data):
    tables = tables_of(data)
    assert codes_of(tables, None, ["clfs"])[:3] == ("0070U", "0071U", "0252U")
    assert len(codes_of(tables, None, ["mpfs"])) == 22
    assert len(codes_of(tables, date(2024, 9, 30), ["mpfs", "clfs"])) == 25
    assert codes_of(tables, date(2024, 10, 1), ["mpfs", "clfs"]) == ()


def test_the_printed_table(data, capsys):
    assert main(["--data", str(data), "--kind", "mpfs"]) == 0
    told = capsys.readouterr()
    rows = told.out.splitlines()
    assert len(rows) == 14
    assert "| CLIA-waived test | QW | 1 | 0 | 19 | 2 |" in rows
    assert "| anesthesia | 23 AA AD G8 G9 QK and 10 more | 1 | 0 | 20 | 1 |" in rows
    assert told.err == "22 codes, by mpfs-2024Q3 and clfs-2024Q3\n"


def test_nothing_imported_is_told(tmp_path, data, capsys):
    assert main(["--data", str(tmp_path)]) == 2
    assert main(["--data", str(data), "--date", "2024-10-01"]) == 2
    assert "No imported fee schedule covers the date." in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["--data", str(data), "--date", "tomorrow"])
