"""What checking costs in Spark: ``mapInArrow`` with claimcheck beside ``mapInArrow`` with the identity.

One session of PySpark with two workers, one Parquet file of 1,000,000 lines, three rounds interleaved
after one that warms up, told as medians and as a ratio (bar: 1.5):

    python tests/benchmarks/spark.py

Both functions get all 14 columns of all rows. Both results are consumed in the same way: written to
Spark's ``noop`` sink, which takes every cell of every row that the function gives, and stores nothing.
So the identity pays for bringing 1,000,000 rows back from Python, and claimcheck for its findings.
*few* lines have 0.06 findings each, as those of a laboratory in order have, and are what the bar holds
for; *many* have about 2.6 findings each, so that more cells come back than were sent. *counted* is the
identity that gives back no rows but their number: what sending alone costs, for comparison.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
from batch_data import write_lines, write_rules
from pyspark.sql import SparkSession

from claimcheck import batch

ROWS = int(os.environ.get("CLAIMCHECK_ROWS", "1000000"))
ROUNDS = 3
CODES = 200
BAR = 1.5


def identity(batches: Iterator[Any]) -> Iterator[Any]:
    """Every batch as it came."""
    yield from batches


def counted(batches: Iterator[Any]) -> Iterator[Any]:
    """The number of rows of a partition."""
    import pyarrow

    rows = sum(part.num_rows for part in batches)
    yield pyarrow.RecordBatch.from_pydict({"rows": pyarrow.array([rows], pyarrow.int64())})


def session() -> SparkSession:
    """Spark on this machine with two workers."""
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    spark = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.ui.showConsoleProgress", "false")
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def seconds(action: Callable[[], Any]) -> float:
    """How long an action takes."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def measure(spark: SparkSession, path: Path, rules: Path) -> tuple[dict[str, float], int]:
    """Medians of the seconds of each way, and the number of findings."""
    lines = spark.read.parquet(str(path))
    assert lines.rdd.getNumPartitions() > 1, "both workers must have something to do"
    check = batch.spark_function(rules=[rules])
    ways = {
        "identity": lines.mapInArrow(identity, lines.schema),
        "claimcheck": lines.mapInArrow(check, batch.SPARK_SCHEMA),
        "counted": lines.mapInArrow(counted, "rows bigint"),
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(ROUNDS + 1):
        for name, result in ways.items():
            action = result.write.format("noop").mode("overwrite").save
            spent = seconds(action)
            if number:  # the first round warms up
                taken[name].append(spent)
    assert ways["counted"].groupBy().sum("rows").collect()[0][0] == ROWS
    return {name: statistics.median(all_of) for name, all_of in taken.items()}, ways[
        "claimcheck"
    ].count()


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_rules(folder / "rules", CODES)
        for kind, noisy in (("few", False), ("many", True)):
            write_lines(folder / f"{kind}.parquet", ROWS, CODES, noisy=noisy)
        spark = session()
        print(f"Spark {spark.version}, pyarrow {pa.__version__}, {ROWS:,} lines of 14 columns")
        for kind, bar in (("few", f"(bar {BAR})"), ("many", "(no bar)")):
            median, findings = measure(spark, folder / f"{kind}.parquet", folder / "rules")
            for way, spent in median.items():
                print(f"{kind:5} {way:10} {spent:6.2f} s")
            ratio = median["claimcheck"] / median["identity"]
            print(f"{kind:5} {findings:,} findings; claimcheck / identity: {ratio:.2f} {bar}")
        spark.stop()


if __name__ == "__main__":
    main()
