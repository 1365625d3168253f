"""The example of a claim pipeline: its tests pass, its page tells of what is there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "pipeline"
PAGE = (ROOT / "docs" / "pipeline.md").read_text("utf-8")

_OF_THE_RUN = ("BUILD_NUMBER", "CI", "PYTEST_ADDOPTS", "PYTHONPATH")


@pytest.fixture
def run(tmp_path: Path):
    """Run Python in a copy of the example, as if nothing of the repository were there."""
    project = tmp_path / "pipeline"
    shutil.copytree(EXAMPLE, project, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in _OF_THE_RUN and not name.startswith("COV_")
    }

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=project,
            env={**environment, "COLUMNS": "80", "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            timeout=300,
        )

    return run


def test_the_tests_of_the_pipeline_pass(run) -> None:
    done = run("-m", "pytest", "--claimcheck-coverage")
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^=+ 16 passed\b", done.stdout, re.MULTILINE), done.stdout
    assert "\n2 lines not checked, which is not passed: 81229 (2)\n" in done.stdout
    assert "\n  1 code, 7.2 %: 15 of 207 exercised (6 fired, 9 passed), " in done.stdout


def test_a_careless_feed_is_found_by_them(run, tmp_path: Path) -> None:
    lines = tmp_path / "pipeline" / "lab_billing" / "lines.py"
    text = lines.read_text("utf-8")
    careless = text.replace('"modifiers": [],', '"modifiers": list(order.visit_modifiers),')
    assert careless != text
    lines.write_text(careless, encoding="utf-8")
    done = run("-m", "pytest", "-q", "tests/test_lines.py")
    assert done.returncode == 1
    assert "test_every_order_becomes_a_clean_line[ORD-1001]" in done.stdout
    assert "fix: remove 80 from modifiers (review)" in done.stdout


def test_the_program_writes_a_file_that_its_baseline_knows(run, tmp_path: Path) -> None:
    done = run("-m", "lab_billing", "orders.csv", "claims.837")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("5 lines written, 0 held back\n")
    arguments = ["check", "claims.837", "--baseline", "tests/known.json", "--format", "json"]
    checked = run("-m", "claimcheck", *arguments)
    assert checked.returncode == 0, checked.stderr
    assert '"known":2' in checked.stdout.replace(" ", "")


def test_the_page_names_every_file() -> None:
    files = [path for path in EXAMPLE.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    for path in files:
        assert path.name in PAGE or path.name == "__init__.py", path


def test_the_page_shows_the_test_as_it_is() -> None:
    shown = re.search(r"```text\n(def test_the_surgeons.*?)```", PAGE, re.DOTALL)
    assert shown is not None
    assert shown[1] in (EXAMPLE / "tests" / "test_lines.py").read_text("utf-8")
