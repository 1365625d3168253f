"""Running the command inside the test's process, in a folder of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from claimcheck.cli.group import cli


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of the repository are found, and no terminal of the developer is looked at."""
    monkeypatch.chdir(tmp_path)
    for name in ("COLUMNS", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)


def _runner() -> CliRunner:
    """A runner that keeps the standard error apart, as click does by itself from 8.2 on."""
    try:
        return CliRunner(mix_stderr=False)  # type: ignore[call-arg]
    except TypeError:
        return CliRunner()


@pytest.fixture
def run():
    """Run ``claimcheck``; ``input`` is the standard input."""

    def invoke(*arguments: object, input: bytes | str | None = None) -> Result:  # noqa: A002
        return _runner().invoke(cli, [str(a) for a in arguments], input=input)

    return invoke


@pytest.fixture
def csv_file(tmp_path):
    """Write a CSV file of rows given as texts; gives its path."""

    def write(*rows: str, name: str = "lines.csv") -> Path:
        path = tmp_path / name
        path.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
        return path

    return write
