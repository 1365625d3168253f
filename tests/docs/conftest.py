"""A checker that has the extracts of official tables in the documentation imported."""

from __future__ import annotations

from pathlib import Path

import pytest

import claimcheck
from claimcheck.authoring.documentation.extracts import import_extracts


@pytest.fixture(scope="session")
def extracts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store with the extracts."""
    data = tmp_path_factory.mktemp("extracts")
    import_extracts(data)
    return data


@pytest.fixture(scope="session")
def with_tables(extracts: Path) -> claimcheck.Checker:
    return claimcheck.Checker(data=extracts)
