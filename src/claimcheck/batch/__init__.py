"""The batch engine: millions of lines through the same checks as a single one.

``check_table`` takes a whole table and gives the findings as a table; ``check_batches`` takes a stream
of Arrow record batches and gives a stream of findings batches, with memory for one batch only;
``spark_function`` makes the function that Spark's ``mapInArrow`` takes, and needs no Spark itself.
Needs the extra ``batch``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from claimcheck.batch.api import check_batches, check_table
from claimcheck.batch.files import JobResult, Progress, check_files
from claimcheck.batch.findings import FINDINGS_SCHEMA, FINDINGS_SCHEMA_PLAIN

if TYPE_CHECKING:
    from claimcheck.batch.spark import SPARK_SCHEMA, spark_function

__all__ = [
    "FINDINGS_SCHEMA",
    "FINDINGS_SCHEMA_PLAIN",
    "SPARK_SCHEMA",
    "JobResult",
    "Progress",
    "check_batches",
    "check_files",
    "check_table",
    "spark_function",
]


def __getattr__(name: str) -> Any:
    if name in ("SPARK_SCHEMA", "spark_function"):
        from claimcheck.batch import spark

        return getattr(spark, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
