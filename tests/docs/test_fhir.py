"""The command of the page on FHIR gives what it prints, and its example is a valid Claim."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from fhir.resources.R4B.claim import Claim

from claimcheck.cli.group import cli

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "fhir.md").read_text("utf-8")


def test_the_command_prints_what_the_page_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    (shown,) = re.findall(
        r"```sh\nclaimcheck (.*)\n```\n\nprints.*\n\n```json\n((?:.*\n)*?)```", PAGE
    )
    command, printed = shown
    done = CliRunner().invoke(cli, command.split())
    assert done.exit_code == 1
    assert done.stdout.count("\n") == 1
    assert json.loads(done.stdout) == json.loads(printed)


def test_the_example_is_a_valid_claim() -> None:
    text = (ROOT / "docs" / "examples" / "claim.json").read_text("utf-8")
    assert Claim.model_validate_json(text).id == "CLM-1041"
