"""The commands and queries of the page on official lists give what it prints."""

from __future__ import annotations

import re
import shlex
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from claimcheck.authoring.documentation.extracts import EXTRACTS
from claimcheck.cli.group import cli
from claimcheck.codesets.national.modifiers import MODIFIER_FAMILIES
from claimcheck.codesets.store import KINDS
from claimcheck.codesets.store.schema import COLUMNS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "code-sets.md").read_text("utf-8")
COMMANDS = re.compile(r"```sh\n(.*?)```\n(?:\nprints\n\n```text\n(.*?)```)?", re.DOTALL)
QUERIES = re.compile(r"```sql\n(.*?)```\n\ngives\n\n```text\n(.*?)```", re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with the documentation in it; code sets go into ``code-sets``."""
    (tmp_path / "docs").symlink_to(ROOT / "docs", target_is_directory=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setenv("CLAIMCHECK_DATA", "code-sets")
    return tmp_path


def run(block: str) -> str:
    """What the commands of a block write to the standard output."""
    written = ""
    for row in block.splitlines():
        program, *arguments = shlex.split(row)
        if program == "export":
            assert arguments == ["CLAIMCHECK_DATA=code-sets"]
            continue
        assert program == "claimcheck"
        done = CliRunner().invoke(cli, arguments)
        assert done.exit_code == 0, done.output
        written += done.stdout
    return written


def test_the_commands_print_what_the_page_says(folder: Path) -> None:
    found = COMMANDS.findall(PAGE)
    assert len([printed for _, printed in found if printed]) == 4
    for commands, printed in found:
        written = run(commands)
        if printed:
            assert written == printed
    ((queries, answers),) = QUERIES.findall(PAGE)
    with closing(sqlite3.connect(folder / "code-sets" / "codesets.sqlite")) as store:
        rows = [row for query in queries.split(";\n") for row in store.execute(query)]
    told = ["|".join("" if cell is None else str(cell) for cell in row) for row in rows]
    assert told == answers.splitlines()


@pytest.mark.parametrize("page", ["README.md", "docs/quickstart.md"])
def test_the_two_commands_of_other_pages(page: str, folder: Path) -> None:
    text = (ROOT / page).read_text("utf-8")
    block = next(
        body for body in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) if "import" in body
    )
    written = run(block.replace(".venv/bin/", ""))
    assert "added: mpfs 2024Q3" in written
    assert "modifier 80 refused" in written


def test_all_extracts_kinds_tables_and_families_are_named() -> None:
    for kind, name in EXTRACTS:
        assert f"claimcheck codesets import {kind} docs/examples/tables/{name}\n" in PAGE
    for kind in KINDS:
        assert f"`{kind}`" in PAGE
    for table in COLUMNS:
        assert f"`{table}`" in PAGE
    for family in MODIFIER_FAMILIES:
        assert PAGE.count(f"\n| {family} |") == 2


def test_every_row_of_the_counts_has_all_codes() -> None:
    rows = re.findall(
        r"^\| .+ \| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \|$", PAGE, re.MULTILINE
    )
    sums = [sum(int(cell.replace(",", "")) for cell in row) for row in rows]
    families = len(MODIFIER_FAMILIES)
    assert sums == [16_471] * families + [2_055] * families
    assert "16,471 codes" in PAGE
    assert "2,055 codes" in PAGE
