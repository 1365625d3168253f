"""The batch engine as a function for Spark's ``mapInArrow``. Spark itself is not imported here."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import attrs
import pyarrow as pa

from claimcheck.baseline import Baseline
from claimcheck.batch.api import findings_of
from claimcheck.batch.engine import Engine
from claimcheck.batch.findings import FINDINGS_SCHEMA_PLAIN, FindingsWriter, stamped
from claimcheck.config import Config
from claimcheck.errors import ConfigurationError
from claimcheck.io.claims import checked_grouping
from claimcheck.io.columns import checked_mapping
from claimcheck.line_report import RuleSetStamp
from claimcheck.scalar import Checker

__all__ = ["SPARK_SCHEMA", "SparkFunction", "spark_function"]

ROWS_GATHERED: Final = 65_536
"""Rows of Spark's small batches (10,000 by default) that are judged at once."""

_SQL: Final = {pa.int64(): "BIGINT", pa.int32(): "INT", pa.string(): "STRING"}

SPARK_SCHEMA: Final = ", ".join(
    f"{field.name} {_SQL[field.type]}{'' if field.nullable else ' NOT NULL'}"
    for field in FINDINGS_SCHEMA_PLAIN
)
"""``FINDINGS_SCHEMA_PLAIN`` as Spark writes schemas, for ``mapInArrow``."""


@attrs.frozen
class SparkFunction:
    """Checks the batches of one partition; made by ``spark_function``.

    It is sent to the workers as paths and settings. Each worker process loads the rules once, and
    keeps them and what it has learnt from partition to partition.

    Attributes:
        stamp: the rule set that it was made with; a worker that finds another one refuses to work.
    """

    rules: tuple[Path, ...]
    payer: str | None
    config: Config
    today: date
    mapping: tuple[tuple[str, str], ...]
    stamp: RuleSetStamp
    group_by: tuple[str, ...] | None = None
    baseline: Baseline | None = None

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The findings of the batches, in ``FINDINGS_SCHEMA_PLAIN``; ``row`` counts from 0."""
        engine, writer = _worker(self)
        yield from findings_of(
            _gathered(batches), engine, writer, dict(self.mapping), self.group_by
        )


def spark_function(
    *,
    rules: Iterable[str | os.PathLike[str]] | str | os.PathLike[str] = (),
    payer: str | None = None,
    config: Config | str | os.PathLike[str] | None = None,
    today: date | None = None,
    mapping: Mapping[str, str] | None = None,
    group_by: Sequence[str] | None = None,
    baseline: Baseline | str | os.PathLike[str] | None = None,
) -> SparkFunction:
    """Make the function that ``DataFrame.mapInArrow`` takes, with ``SPARK_SCHEMA`` beside it.

    The rules are loaded here once, so that what is wrong with them is told before the job starts;
    they are not sent. The settings are sent as they are read here.

    Claims are looked at within a partition, where their rows must follow each other: Spark splits a
    claim between partitions unless told otherwise. Before ``mapInArrow``, call
    ``repartition("claim_id").sortWithinPartitions("claim_id")``.

    Args:
        rules: folders of rule files or packs on top of the bundled rules, by paths that hold on the
            driver and on every worker.
        payer: the payer of lines that name none.
        config: a ``Config``, or the path of a settings file on the driver.
        today: the day on which exceptions of the configuration expire, the same for all workers;
            default is the current day of the driver.
        mapping: column name to field, where the name does not say it.
        group_by: names of the columns that together tell which claim a row belongs to. Default is
            the column that gives ``claim_id``; ``()`` looks at each row by itself only.
        baseline: known findings, or the path of their file on the driver; they are sent.

    Raises:
        RuleFileError: a rule file cannot be used.
        ConfigurationError: a setting cannot be used.
        InputError: ``mapping`` names a field that there is not, or ``group_by`` is no list of names.
    """
    folders = [rules] if isinstance(rules, str | os.PathLike) else rules
    paths = tuple(Path(folder) for folder in folders)
    checker = Checker(rules=paths, payer=payer, config=config, today=today, baseline=baseline)
    checked = tuple(checked_mapping(mapping).items())
    grouping = checked_grouping(group_by)
    return SparkFunction(
        paths,
        payer,
        checker.config,
        checker.today,
        checked,
        checker.stamp,
        grouping,
        checker.baseline,
    )


@lru_cache(maxsize=2)
def _worker(function: SparkFunction) -> tuple[Engine, FindingsWriter]:
    """What one process keeps: the second place is for a job that follows with other rules."""
    checker = Checker(
        rules=function.rules,
        payer=function.payer,
        config=function.config,
        today=function.today,
        baseline=function.baseline,
    )
    if checker.stamp != function.stamp:
        raise ConfigurationError(
            f"the rules on this worker are {checker.stamp}, those on the driver were "
            f"{function.stamp}; give both the same files and the same version of claimcheck"
        )
    return Engine(checker), FindingsWriter(stamped(FINDINGS_SCHEMA_PLAIN, checker))


def _gathered(batches: Iterable[Any]) -> Iterator[Any]:
    """The rows in fewer and larger batches, since each batch has a price of its own."""
    waiting: list[Any] = []
    rows = 0
    for batch in batches:
        if waiting and (rows + batch.num_rows > ROWS_GATHERED or batch.schema != waiting[0].schema):
            yield pa.concat_batches(waiting)
            waiting, rows = [], 0
        waiting.append(batch)
        rows += batch.num_rows
    if waiting:
        yield pa.concat_batches(waiting)
