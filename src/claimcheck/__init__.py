"""Check proposed healthcare claim lines against cited coding rules.

The public names are loaded when they are first used: ``import claimcheck`` by itself is cheap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from claimcheck._version import __version__

if TYPE_CHECKING:
    from claimcheck.baseline import Baseline, KnownFinding
    from claimcheck.checks.definition import Check, Defect, Provider
    from claimcheck.checks.definition import check as define_check
    from claimcheck.config import Config, FindingException, load_config
    from claimcheck.errors import (
        BaselineError,
        CheckDefinitionError,
        ClaimcheckError,
        ConfigurationError,
        FixError,
        InputError,
        RuleFileError,
        RuleProblem,
        StrategyError,
    )
    from claimcheck.explanation import Explanation
    from claimcheck.finding import Citation, Finding
    from claimcheck.fix import Fix
    from claimcheck.fixing import apply
    from claimcheck.line import ClaimLine
    from claimcheck.line_report import ClaimReport, Coverage, Report, RuleSetStamp
    from claimcheck.ruleset import RuleSet, load_rules, open_pack, write_pack
    from claimcheck.scalar import Checker, check, check_claim, check_lines, explain
    from claimcheck.table_policy import TablePolicy
    from claimcheck.verdict import Severity

__all__ = [
    "Baseline",
    "BaselineError",
    "Check",
    "CheckDefinitionError",
    "Checker",
    "Citation",
    "ClaimLine",
    "ClaimReport",
    "ClaimcheckError",
    "Config",
    "ConfigurationError",
    "Coverage",
    "Defect",
    "Explanation",
    "Finding",
    "FindingException",
    "Fix",
    "FixError",
    "InputError",
    "KnownFinding",
    "Provider",
    "Report",
    "RuleFileError",
    "RuleProblem",
    "RuleSet",
    "RuleSetStamp",
    "Severity",
    "StrategyError",
    "TablePolicy",
    "__version__",
    "apply",
    "check",
    "check_claim",
    "check_lines",
    "define_check",
    "explain",
    "load_config",
    "load_rules",
    "open_pack",
    "write_pack",
]

_HOME = {
    "Baseline": "baseline",
    "KnownFinding": "baseline",
    "Check": "checks.definition",
    "Defect": "checks.definition",
    "Provider": "checks.definition",
    "define_check": "checks.definition:check",
    "Config": "config",
    "FindingException": "config",
    "load_config": "config",
    "BaselineError": "errors",
    "CheckDefinitionError": "errors",
    "ClaimcheckError": "errors",
    "ConfigurationError": "errors",
    "FixError": "errors",
    "InputError": "errors",
    "RuleFileError": "errors",
    "RuleProblem": "errors",
    "StrategyError": "errors",
    "Explanation": "explanation",
    "Citation": "finding",
    "Finding": "finding",
    "Fix": "fix",
    "apply": "fixing",
    "ClaimLine": "line",
    "ClaimReport": "line_report",
    "Coverage": "line_report",
    "Report": "line_report",
    "RuleSetStamp": "line_report",
    "RuleSet": "ruleset",
    "load_rules": "ruleset",
    "open_pack": "ruleset",
    "write_pack": "ruleset",
    "Checker": "scalar",
    "check": "scalar",
    "check_claim": "scalar",
    "check_lines": "scalar",
    "explain": "scalar",
    "TablePolicy": "table_policy",
    "Severity": "verdict",
}


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    module, _, inner = home.partition(":")
    value = getattr(import_module(f"claimcheck.{module}"), inner or name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
