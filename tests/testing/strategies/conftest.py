"""Checkers with and without imported tables, and with overlays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import claimcheck
from claimcheck.authoring.documentation.extracts import import_extracts

SOURCES = """schema: claimcheck/sources@1
sources:
  - id: my-policy
    title: A policy made up for a test
    publisher: Nobody
    kind: secondary
    date: "2026"
"""


@pytest.fixture(scope="session")
def with_tables(tmp_path_factory: pytest.TempPathFactory) -> claimcheck.Checker:
    """A checker with the extracts of official tables that the documentation has."""
    data = tmp_path_factory.mktemp("extracts")
    import_extracts(data)
    return claimcheck.Checker(data=data)


@pytest.fixture
def overlaid(tmp_path: Path) -> Callable[..., claimcheck.Checker]:
    """A checker with an overlay on top of the bundled rules."""

    def make(text: str, **given: Any) -> claimcheck.Checker:
        (tmp_path / "sources.yaml").write_text(SOURCES, encoding="utf-8")
        name = text.split("overlay: ")[1].split("\n")[0]
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
        return claimcheck.Checker(rules=[tmp_path], **given)

    return make
