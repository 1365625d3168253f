"""The page on rule coverage shows what the command and the program print."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from claimcheck.cli.group import cli

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "rule-coverage.md").read_text("utf-8")
HASH = re.compile(r"\([0-9a-f]{12}\)")


def test_the_command_prints_what_the_page_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    command, printed = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)[:2]
    done = CliRunner().invoke(cli, command.split()[1:])
    assert done.exit_code == 0
    # The hash of the rules changes with any rule; the figures only with those that they count.
    assert HASH.sub("", done.stdout) == HASH.sub("", printed)


def test_the_program_prints_what_the_page_says() -> None:
    found = re.search(r"```python\n(.*?)```\n\nprints\n\n```text\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    out = io.StringIO()
    names: dict[str, Any] = {"__name__": "page"}
    with contextlib.redirect_stdout(out):
        exec(compile(found[1], "page", "exec"), names)  # noqa: S102 - our own documentation
    assert out.getvalue() == found[2]
