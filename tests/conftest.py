"""What the tests share: one checker of the bundled rules, and short ways to look at findings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import settings

import claimcheck

settings.register_profile("default", deadline=None)
settings.register_profile("long", deadline=None, max_examples=5000)
settings.load_profile("default")


@pytest.fixture(scope="session")
def checker() -> claimcheck.Checker:
    return claimcheck.Checker()


@pytest.fixture(scope="session")
def told(checker: claimcheck.Checker) -> Callable[..., list[tuple[str, str, str | None]]]:
    """The (code, severity, value) of a line's findings, in order."""

    def tell(**line: Any) -> list[tuple[str, str, str | None]]:
        return [(f.code, f.severity.value, f.value) for f in checker.check(line).findings]

    return tell
