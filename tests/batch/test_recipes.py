"""The programs of docs/recipes.md print what the page says, each with the library that it is about."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pyarrow", reason="pyarrow is not installed")

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "recipes.md"
PROGRAM = re.compile(r"```python\n(.*?)```\n(?:\nprints\n\n```text\n(.*?)```)?", re.DOTALL)
LIBRARIES = {
    "Polars": "polars",
    "DuckDB": "duckdb",
    "pandas": "pandas",
    "More lines than fit into memory": "pyarrow.csv",
    "Spark": "pyspark",
}


def programs() -> dict[str, list[tuple[str, str]]]:
    """Per section of the page its programs, each with what it prints."""
    sections = re.split(r"^## ", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    by_heading = {text.split("\n", 1)[0]: PROGRAM.findall(text) for text in sections}
    return {heading: found for heading, found in by_heading.items() if found}


def run(heading: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip(LIBRARIES[heading], reason=f"{LIBRARIES[heading]} is not installed")
    monkeypatch.chdir(ROOT)
    names: dict[str, Any] = {"__name__": "page"}
    for program, printed in programs()[heading]:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(program, str(PAGE), "exec"), names)  # noqa: S102 - our own documentation
        assert out.getvalue() == printed


def test_every_program_of_the_page_is_run() -> None:
    assert list(programs()) == list(LIBRARIES)
    found = [one for section in programs().values() for one in section]
    assert len(found) == PAGE.read_text("utf-8").count("```python")


@pytest.mark.parametrize("heading", [name for name in LIBRARIES if name != "Spark"])
def test_the_recipe_prints_what_the_page_says(
    heading: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(heading, monkeypatch)


@pytest.mark.spark
def test_the_recipe_for_spark(spark: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run("Spark", monkeypatch)
