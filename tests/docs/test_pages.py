"""What is written by hand: programs run, links resolve, commands exist, nothing names a machine."""

from __future__ import annotations

import contextlib
import io
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from click.testing import CliRunner

import claimcheck
from claimcheck.checks import CHECKS, CLAIM_CHECKS
from claimcheck.cli.group import cli
from claimcheck.config import config_from
from claimcheck.ruleset.schema import SCHEMAS, validate
from claimcheck.ruleset.yamlfile import read_yaml

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [
        *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "rules").rglob("*.md"),
    ]
)
WITH_PROGRAMS = (
    "README.md",
    "docs/quickstart.md",
    "docs/baselines.md",
    "docs/batch.md",
    "docs/fixes.md",
    "docs/strategies.md",
    "docs/testing.md",
    "docs/writing-checks.md",
)
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def blocks(page: str, language: str) -> list[str]:
    text = (ROOT / page).read_text("utf-8")
    return [body for told, body in BLOCK.findall(text) if told == language]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", WITH_PROGRAMS)
def test_programs_print_what_the_page_says(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    text = (ROOT / page).read_text("utf-8")
    names: dict[str, Any] = {"__name__": "page"}
    found = re.findall(r"```python\n(.*?)```\n(?:\nprints\n\n```text\n(.*?)```)?", text, re.DOTALL)
    assert found
    for program, printed in found:
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            # In brackets: else Hypothesis looks for the source in the page, whose lines are others.
            exec(compile(program, f"<{page}>", "exec"), names)  # noqa: S102 - our own documentation
        assert out.getvalue() == printed


def test_the_readmes_commands_are_one_line_each() -> None:
    first, second = blocks("README.md", "sh")[:2]
    assert first.count("\n") == second.count("\n") == 1
    assert "claimcheck check docs/examples/claim-lines.csv" in first
    assert second.rstrip().endswith("-m pytest")


def test_the_readmes_finding_is_what_the_command_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    command = ["check", "docs/examples/claim-lines.csv", "--fail-on", "never"]
    done = CliRunner().invoke(cli, command)
    assert done.exit_code == 0
    assert blocks("README.md", "text")[0] in done.stdout
    read = re.search(r"rows +(\d+) read", done.stdout)
    assert read is not None
    assert f"Check the {read[1]} lines" in (ROOT / "README.md").read_text("utf-8")


def test_the_changelog_has_the_version() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert f"\n## {claimcheck.__version__}" in changes
    counted = f"{len(CHECKS)} findings about a line and {len(CLAIM_CHECKS)} across"
    assert counted in changes


def anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.MULTILINE)
    plain = (re.sub(r"[^\w\s-]", "", heading).strip().lower() for heading in headings)
    return {re.sub(r"\s+", "-", heading) for heading in plain}


def broken_links(page: Path) -> Iterator[str]:
    text = BLOCK.sub("", page.read_text("utf-8"))
    for target in LINK.findall(text):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, fragment = target.partition("#")
        path = (page.parent / file).resolve() if file else page
        if not path.exists() or (fragment and fragment not in anchors(path)):
            yield target


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_resolve(page: Path) -> None:
    assert list(broken_links(page)) == []


@pytest.mark.parametrize("page", ["docs/how-findings-are-made.md", "docs/code-sets.md"])
def test_settings_on_the_pages_are_read(page: str) -> None:
    found = blocks(page, "toml")
    assert found
    for settings in found:
        config_from(tomllib.loads(settings), "page", ROOT)


@pytest.mark.parametrize("text", blocks("docs/rule-files.md", "yaml"))
def test_the_rule_files_on_the_page_are_right(text: str) -> None:
    read = read_yaml(text.encode())
    assert list(read.problems) == []
    tree = read.tree
    assert isinstance(tree, dict)
    if "schema" in tree:
        model, departures = validate(SCHEMAS[tree["schema"]], tree)
        assert (departures, model is None) == ((), False)


def test_the_navigation_names_pages_that_exist() -> None:
    settings = yaml.safe_load((ROOT / ".mkdocs.yml").read_text("utf-8"))
    for item in settings["nav"]:
        target = item if isinstance(item, str) else next(iter(item.values()))
        assert (ROOT / settings["docs_dir"] / target).is_file()


def texts() -> Iterator[Path]:
    """Every text file that belongs to the project."""
    for top in ("src", "rules", "tests", "docs", ".ci"):
        for path in (ROOT / top).rglob("*"):
            hidden = {"__pycache__", "_rules"} & set(path.parts)
            if path.is_file() and not hidden and path.suffix not in (".bin", ".pyc", ".pack"):
                yield path
    for path in ROOT.iterdir():
        if path.is_file() and path.name != ".git" and not path.name.startswith(".coverage"):
            yield path


def test_nothing_names_a_place_on_a_machine() -> None:
    # Written in parts, so that this file does not name one itself.
    machine = re.compile(r"(^|[^\w.])/(" + "|".join(("home", "Users", "root", "work")) + r")/\w")
    wrong = [
        f"{name_of(path)}:{number}"
        for path in texts()
        for number, row in enumerate(path.read_text("utf-8", "replace").splitlines(), 1)
        if machine.search(row)
    ]
    assert wrong == []


def commands(group: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every command of the command line with its full name."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def test_the_command_line_page_names_every_command_and_option() -> None:
    page = (ROOT / "docs" / "command-line.md").read_text("utf-8")
    for name, command in commands(cli, "claimcheck"):
        assert name in page
        for parameter in command.params:
            for option in parameter.opts:
                if option.startswith("-"):
                    assert f"`{option}`" in page or f" {option} " in page, f"{name} {option}"


def test_the_command_line_page_names_no_command_that_is_not_there() -> None:
    there = {name for name, _ in commands(cli, "claimcheck")}
    for page in ("README.md", "docs/command-line.md"):
        text = (ROOT / page).read_text("utf-8")
        for words in re.findall(r"claimcheck ((?:rules |codesets )?[a-z]+)(?= [^=]|`|\n)", text):
            if words.split()[0] in ("check", "explain", "rules", "codesets"):
                assert words in ("rules", "codesets") or f"claimcheck {words}" in there, words
