"""Texts that were cut within their last cell, and rows of pairs that differ."""

from __future__ import annotations

import pytest

from claimcheck.codesets.imports import import_files
from claimcheck.codesets.store import STORE_NAME
from claimcheck.errors import InputError

UNITS = "code,mue_value,mai,rationale\n" + "".join(
    f"0000{at},1,2,{'Nature of it' if at % 2 else 'Policy'}\n" for at in range(9)
)
RATES = "YEAR,HCPCS,MOD,EFF_DATE,INDICATOR,RATE\n" + "".join(
    f"2026,8000{at},,20260101,N,0001{at}.40\n" for at in range(9)
)


@pytest.mark.parametrize(
    ("kind", "name", "content"),
    [
        ("mue-practitioner", "mue_practitioner_2026q3.csv", UNITS + "00009,1,2,Nature o"),
        ("clfs", "clfs_2026q2.csv", RATES + "2026,80009,,20260101,N,00019.4"),
        ("clfs", "clfs_2026q2.csv", RATES + "2026,80009,,20260101,N,000"),
    ],
)
def test_a_cell_that_was_cut_is_refused(tmp_path, kind, name, content):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        import_files(kind, [path], tmp_path / "data")
    assert str(caught.value) == (
        f"{name}, row 11: the last cell looks cut, and the last line has no end; "
        "download the file again"
    )
    assert not (tmp_path / "data" / STORE_NAME).exists()


@pytest.mark.parametrize(
    ("kind", "name", "content"),
    [
        ("mue-practitioner", "mue_practitioner_2026q3.csv", UNITS + "00009,1,2,Nature of it"),
        ("mue-practitioner", "mue_practitioner_2026q3.csv", UNITS + "00009,1,2,Something else"),
        ("clfs", "clfs_2026q2.csv", RATES + "2026,80009,,20260101,N,00019.40"),
    ],
)
def test_a_file_without_a_last_line_end_is_taken_with_a_note(tmp_path, kind, name, content):
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    done = import_files(kind, [path], tmp_path / "data")
    assert done.vintage.rows == 10
    assert done.notes[0].startswith(f"{name}: the last line has no end")


def test_pairs_that_contradict_themselves_are_told(tmp_path):
    path = tmp_path / "ccipra-v322r0-f1.txt"
    path.write_text(
        "Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale\n"
        "\t\tprior to 1996\tDate\tDate\t0=not allowed\t\n"
        "27447\t20680\t\t20220101\t*\t1\tWhy\n"
        "27447\t20680\t\t20230101\t*\t0\tWhy\n"
        "27447\t20690\t\t20220101\t20221231\t1\tWhy\n"
        "27447\t20690\t\t20230101\t*\t0\tWhy\n",
        encoding="utf-8",
    )
    done = import_files("ptp-practitioner", [path], tmp_path / "data")
    assert (
        "1 pair has two rows with different indicators for the same days; the row that begins last "
        "decides"
    ) in done.notes
