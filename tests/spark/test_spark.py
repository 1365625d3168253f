"""A real Spark with two workers finds what one process finds."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

import claimcheck

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
import pyarrow.parquet as pq  # noqa: E402 - after the extra was found

from claimcheck import batch  # noqa: E402

pytestmark = pytest.mark.spark

OVERLAY = """schema: claimcheck/overlay@1
overlay: aetna
payer: aetna
source: openpayer-0252u
statements:
  - code: "0252U"
    modifiers:
      - modifier: "59"
        verdict: not-applicable
        because: Made up for a test.
        effective: {from: "2026-05-01", to: "2026-05-31"}
        cite: {at: "nowhere"}
"""
ODD = [None, "", " ", "\u200b", "Quimby", "0", "26,59", "ｘ", "８１", "=1+1", "252U", "x" * 90]


def adversarial(count: int, seed: int) -> Any:
    """Lines with awkward values in every column, repeated and missing ids among them."""
    draw = random.Random(seed)
    first = date(2026, 4, 28)

    def pick(*values: Any) -> Any:
        return draw.choice(ODD) if draw.random() < 0.05 else draw.choice(values)

    def some(most: int, *values: Any) -> list[Any] | None:
        return (
            [pick(*values) for _ in range(draw.randint(0, most))] if draw.random() < 0.9 else None
        )

    lines = [
        {
            "line_id": pick(f"L{number}", f"L{number}", "1961-02-03", "L7"),
            "claim_id": f"C{number // 3}",
            "code": pick("0252U", "0252U", "81452", "99213"),
            "modifiers": some(5, "80", "26", "59", "59", "GA", "QK", "TC"),
            "place_of_service": pick("81", "81", "22", "12", "97", "1"),
            "dx1": pick("O03.9", "N96", "C50.911", "C91.00", "J06.9", "O00.9"),
            "dx2": pick(None, None, "Z34.90", "O03.4"),
            "taxonomy": pick("291U00000X", "207P00000X", None),
            "payer": pick("Aetna", "aetna ", "BCBS", None),
            "service_date": draw.choice([None, first + timedelta(days=draw.randint(-3000, 40))])
            if draw.random() < 0.5
            else first + timedelta(days=draw.randint(0, 40)),
            "units": draw.choice([1, 1, 2, 0, -1, None]),
        }
        for number in range(count)
    ]
    types = {"modifiers": pa.list_(pa.string()), "service_date": pa.date32(), "units": pa.int64()}
    return pa.table(
        {
            name: pa.array([line[name] for line in lines], types.get(name, pa.string()))
            for name in lines[0]
        }
    )


def by_line(findings: Any) -> list[tuple[Any, ...]]:
    """The findings in an order of their own, beginning with the line id, without their row."""
    names = [name for name in batch.FINDINGS_SCHEMA.names if name != "row"]
    rows = (tuple(row[name] for name in names) for row in findings.to_pylist())
    return sorted(rows, key=lambda row: [(cell is not None, cell) for cell in row])


@pytest.fixture
def small_batches(spark: Any) -> Iterator[None]:
    """Several of Spark's batches in each partition."""
    spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", "500")
    yield
    spark.conf.unset("spark.sql.execution.arrow.maxRecordsPerBatch")


@pytest.mark.usefixtures("small_batches")
def test_several_partitions_find_what_one_process_finds(spark: Any, tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "aetna.yaml").write_text(OVERLAY, encoding="utf-8")
    table = adversarial(20_000, seed=3)
    pq.write_table(table, tmp_path / "lines.parquet")
    lines = spark.read.parquet(str(tmp_path / "lines.parquet")).repartition(7)

    check = batch.spark_function(rules=[rules], group_by=())  # claims are torn apart
    found = lines.mapInArrow(check, batch.SPARK_SCHEMA).toArrow()

    expected = batch.check_table(table, claimcheck.Checker(rules=[rules]), group_by=())
    assert by_line(found) == by_line(expected)
    assert found.num_rows > 20_000
    told = set(found["rule"].to_pylist())
    assert "payers/aetna#0252U/modifiers/59" in told
    assert len(set(found["code"].to_pylist())) > 25


def test_rows_count_within_a_partition_and_some_have_none(spark: Any) -> None:
    lines = spark.createDataFrame(
        [(f"L{n}", "0252") for n in range(5)], "line_id string, hcpcs string"
    )
    check = batch.spark_function()
    one = lines.coalesce(1).mapInArrow(check, batch.SPARK_SCHEMA).collect()
    assert sorted({row["row"] for row in one}) == [0, 1, 2, 3, 4]
    spread = lines.repartition(9).mapInArrow(check, batch.SPARK_SCHEMA).collect()
    assert sorted(row["line_id"] for row in spread) == sorted(row["line_id"] for row in one)


def test_numbers_serve_as_ids(spark: Any) -> None:
    from pyspark.sql import functions

    lines = spark.createDataFrame([("0252U", "80")] * 4, "code string, mod1 string")
    numbered = lines.repartition(2).withColumn("line_id", functions.monotonically_increasing_id())
    wanted = sorted(str(row["line_id"]) for row in numbered.collect())
    found = numbered.mapInArrow(batch.spark_function(), batch.SPARK_SCHEMA)
    told = found.where("code = 'modifier-not-applicable'").collect()
    assert sorted(row["line_id"] for row in told) == wanted


def test_the_schema_is_that_of_the_findings(spark: Any) -> None:
    from pyspark.sql.pandas.types import from_arrow_schema

    told = spark.createDataFrame([], batch.SPARK_SCHEMA).schema
    assert told == from_arrow_schema(batch.FINDINGS_SCHEMA_PLAIN)


def test_a_table_without_codes_is_told(spark: Any) -> None:
    lines = spark.createDataFrame([("Quimby",)], "name string")
    with pytest.raises(Exception, match="InputError") as told:
        lines.mapInArrow(batch.spark_function(), batch.SPARK_SCHEMA).collect()
    assert "Quimby" not in str(told.value)
