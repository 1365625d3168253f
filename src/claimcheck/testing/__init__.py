"""For the tests of claim pipelines: assertions, strategies, the parts of the pytest plugin.

The names are loaded when they are first used: ``import claimcheck.testing`` imports neither pytest nor
Hypothesis, and the assertions need neither.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from claimcheck.testing.assertions import (
        assert_clean,
        assert_finding,
        assert_no_finding,
        assert_no_new_findings,
    )
    from claimcheck.testing.strategies import (
        claim_lines,
        claims,
        defective_lines,
        diagnoses,
        modifiers,
        write_x12,
        x12_files,
    )

__all__ = [
    "assert_clean",
    "assert_finding",
    "assert_no_finding",
    "assert_no_new_findings",
    "claim_lines",
    "claims",
    "defective_lines",
    "diagnoses",
    "modifiers",
    "write_x12",
    "x12_files",
]

_HOME = {
    "assert_clean": "assertions",
    "assert_finding": "assertions",
    "assert_no_finding": "assertions",
    "assert_no_new_findings": "assertions",
    "claim_lines": "strategies",
    "claims": "strategies",
    "defective_lines": "strategies",
    "diagnoses": "strategies",
    "modifiers": "strategies",
    "write_x12": "strategies",
    "x12_files": "strategies",
}


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"claimcheck.testing.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
