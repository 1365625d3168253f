"""What the tests share: one checker of the bundled rules, and short ways to look at findings."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import Phase, settings

import claimcheck

settings.register_profile("default", deadline=None)
settings.register_profile("long", deadline=None, max_examples=5000)
# Few examples, always the same ones, and no search for the smallest: tests/mutation chooses it.
settings.register_profile(
    "mutation",
    deadline=None,
    max_examples=15,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
)
settings.load_profile("default")


@pytest.fixture(autouse=True, scope="session")
def _no_imported_tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Whatever code sets this machine's user has imported, the tests do not see them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLAIMCHECK_DATA", str(tmp_path_factory.mktemp("no-data")))
        yield


@pytest.fixture(scope="session")
def checker() -> claimcheck.Checker:
    return claimcheck.Checker()


@pytest.fixture(scope="session")
def told(checker: claimcheck.Checker) -> Callable[..., list[tuple[str, str, str | None]]]:
    """The (code, severity, value) of a line's findings, in order."""

    def tell(**line: Any) -> list[tuple[str, str, str | None]]:
        return [(f.code, f.severity.value, f.value) for f in checker.check(line).findings]

    return tell


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """A Spark of this machine with two workers; for tests that are marked ``spark``."""
    sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("there is no Java")
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    session = (
        sql.SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()
