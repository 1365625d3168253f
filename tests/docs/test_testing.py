"""The page about testing shows what pytest prints, here and from the wheel in a fresh project."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "testing.md"
EXAMPLE = ROOT / "docs" / "examples" / "testing"
WHEEL_FOLDER = "CLAIMCHECK_WHEEL_FOLDER"

# With CI set, pytest tells failures at full length in its summary.
_OF_THE_RUN = ("BUILD_NUMBER", "CI", "PYTEST_ADDOPTS", "PYTHONPATH")


def shown() -> str:
    """The output on the page."""
    found = re.search(
        r"```text\n(=+ test session starts.*?)```", PAGE.read_text("utf-8"), re.DOTALL
    )
    assert found is not None
    return found[1]


def compared(output: str) -> list[str]:
    """Rows of pytest's output without what differs from run to run and from version to version."""
    rows = [re.sub(r"=+ (.*) in [0-9.]+s =+", r"\1", row.rstrip()) for row in output.splitlines()]
    return [row for row in rows if row.strip(" ^")]


def run_example(python: Path | str, folder: Path) -> str:
    """What pytest prints in a copy of the example."""
    project = folder / "project"
    shutil.copytree(EXAMPLE, project, ignore=shutil.ignore_patterns("__pycache__"))
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in _OF_THE_RUN and not name.startswith("COV_")
    }
    done = subprocess.run(
        [str(python), "-m", "pytest", "--no-header", "-p", "no:cacheprovider"],
        cwd=project,
        env={**environment, "COLUMNS": "80", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


def test_the_page_shows_what_pytest_prints(tmp_path: Path) -> None:
    assert compared(run_example(sys.executable, tmp_path)) == compared(shown())


def test_the_page_shows_the_projects_settings() -> None:
    text = PAGE.read_text("utf-8")
    settings = (EXAMPLE / "pyproject.toml").read_text("utf-8")
    assert f"```toml\n{settings}```" in text
    assert "claimcheck_files" in tomllib.loads(settings)["tool"]["pytest"]["ini_options"]


def test_the_page_names_every_option() -> None:
    from claimcheck.testing.plugin import _INI

    text = PAGE.read_text("utf-8")
    for name, *_ in _INI:
        assert f"| `claimcheck_{name}` |" in text


@pytest.mark.wheel
def test_the_wheel_serves_a_fresh_project(tmp_path: Path) -> None:
    folder = Path(os.environ.get(WHEEL_FOLDER) or tmp_path / "wheel")
    if not folder.is_dir():
        build = ["-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder)]
        subprocess.run([sys.executable, *build, str(ROOT)], check=True, timeout=600)
    (wheel,) = folder.glob("*.whl")
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True, timeout=300)
    python = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    install = ["-m", "pip", "install", "--quiet", f"{wheel}[testing]"]
    subprocess.run([str(python), *install], check=True, timeout=600, cwd=tmp_path)
    assert compared(run_example(python, tmp_path)) == compared(shown())
