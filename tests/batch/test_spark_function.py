"""What Spark is given: a small function that travels, and one engine per process. No Spark here."""

from __future__ import annotations

import pickle
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import claimcheck

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
from claimcheck import batch  # noqa: E402 - after the extra was found
from claimcheck.batch import spark as module  # noqa: E402

OVERLAY = """schema: claimcheck/overlay@1
overlay: aetna
payer: aetna
source: openpayer-0252u
statements:
  - code: "0252U"
    modifiers:
      - modifier: "59"
        verdict: not-applicable
        because: {because}
        cite: {{at: "nowhere"}}
"""


def write_overlay(folder: Path, because: str) -> None:
    (folder / "aetna.yaml").write_text(OVERLAY.format(because=because), encoding="utf-8")


def some_lines(count: int) -> Any:
    modifiers = [["59"], ["80", "26"], None, ["Quimby"]]
    return pa.table(
        {
            "line_id": [f"L{number}" for number in range(count)],
            "code": [["0252U", "99213", None][number % 3] for number in range(count)],
            "modifiers": pa.array([modifiers[number % 4] for number in range(count)]),
            "payer": [["Aetna", None][number % 2] for number in range(count)],
        }
    )


def rows_of(batches: Any) -> list[dict[str, Any]]:
    return [row for part in batches for row in part.to_pylist()]


@pytest.mark.parametrize("rows", [1, 7, 1000])
def test_it_finds_what_check_table_finds(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROWS_GATHERED", 50)
    lines = some_lines(200)
    function = batch.spark_function()
    for _ in range(2):  # a second partition in the same process
        found = list(function(iter(lines.to_batches(max_chunksize=rows))))
        assert rows_of(found) == batch.check_table(lines).to_pylist()
        assert all(part.schema.equals(batch.FINDINGS_SCHEMA_PLAIN) for part in found)


def test_an_empty_partition_gives_nothing() -> None:
    assert rows_of(batch.spark_function()(iter(()))) == []
    assert rows_of(batch.spark_function()(iter(some_lines(0).to_batches()))) == []


def test_it_travels_small_and_one_process_keeps_one_engine(tmp_path: Path) -> None:
    write_overlay(tmp_path, "Made up.")
    config = claimcheck.Config(select=("modifier",), payer="aetna")
    function = batch.spark_function(rules=tmp_path, config=config, mapping={"kode": "code"})
    sent = pickle.dumps(function)
    assert len(sent) < 2000
    arrived = pickle.loads(sent)  # noqa: S301 - our own
    assert arrived == function
    assert module._worker(arrived) is module._worker(function)


def test_payer_rules_and_settings_hold(tmp_path: Path) -> None:
    write_overlay(tmp_path, "Made up.")
    config = claimcheck.Config(select=("modifier",))
    lines = some_lines(40).rename_columns({"code": "kode"})
    mapping = {"kode": "code"}
    function = batch.spark_function(rules=tmp_path, payer="Aetna", config=config, mapping=mapping)
    checker = claimcheck.Checker(rules=[tmp_path], payer="Aetna", config=config)
    found = rows_of(function(iter(lines.to_batches())))
    assert found == batch.check_table(lines, checker, mapping=mapping).to_pylist()
    assert "payers/aetna#0252U/modifiers/59" in {finding["rule"] for finding in found}


def test_a_worker_with_other_rules_refuses(tmp_path: Path) -> None:
    write_overlay(tmp_path, "Made up.")
    function = batch.spark_function(rules=[tmp_path])
    write_overlay(tmp_path, "Made up anew.")
    module._worker.cache_clear()
    with pytest.raises(claimcheck.ConfigurationError, match="the rules on this worker are"):
        list(function(iter(some_lines(1).to_batches())))
    again = batch.spark_function(rules=[tmp_path])
    assert again != function
    assert list(again(iter(some_lines(1).to_batches())))


def test_the_day_of_the_driver_is_the_day_of_the_workers() -> None:
    assert batch.spark_function().today == date.today()
    assert batch.spark_function(today=date(2026, 1, 2)).today == date(2026, 1, 2)


def test_what_is_wrong_is_told_before_the_job(tmp_path: Path) -> None:
    with pytest.raises(claimcheck.InputError, match="did you mean code"):
        batch.spark_function(mapping={"kode": "codes"})
    (tmp_path / "bad.yaml").write_text("schema: nothing\n", encoding="utf-8")
    with pytest.raises(claimcheck.RuleFileError):
        batch.spark_function(rules=[tmp_path])


def test_the_schema_names_every_column() -> None:
    columns = dict(part.split(" ", 1) for part in batch.SPARK_SCHEMA.split(", "))
    assert list(columns) == batch.FINDINGS_SCHEMA_PLAIN.names
    assert columns["row"] == "BIGINT NOT NULL"
    assert columns["line_id"] == "STRING"


def test_it_needs_no_spark() -> None:
    program = (
        "import sys; sys.modules['pyspark'] = None\n"
        "from claimcheck import batch; batch.spark_function()"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("line_id", ["not ok", "2026-01-02"], pa.string_view()),
        ("claim_id", ["", None], pa.string_view()),
        ("modifiers", [["59", "26,80"], None], pa.large_list(pa.string_view())),
        ("modifiers", [["59", "26,80"], None], pa.list_(pa.string_view())),
    ],
)
def test_arrows_views_are_read_like_strings(name: str, values: list[Any], kind: Any) -> None:
    lines = pa.table({"code": ["0252U", "0252U"], name: pa.array(values, kind)})
    plain = pa.table({"code": ["0252U", "0252U"], name: pa.array(values)})
    assert batch.check_table(lines).to_pylist() == batch.check_table(plain).to_pylist()
