"""Exceptions. They mean misuse or a broken rule file, never something that a claim line says.

Every message names a place and a cause; none carries a value of a claim line.
"""

from __future__ import annotations

__all__ = [
    "BaselineError",
    "CheckDefinitionError",
    "ClaimcheckError",
    "ConfigurationError",
    "DamagedInputError",
    "FixError",
    "InputError",
    "RuleFileError",
    "RuleProblem",
    "StrategyError",
]

from typing import Final

import attrs

_PROBLEMS_TOLD: Final = 10


class ClaimcheckError(Exception):
    """Base of all exceptions that claimcheck raises by itself."""


@attrs.frozen(order=True)
class RuleProblem:
    """One problem of one rule file, at a place in it (lines and columns count from 1)."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class RuleFileError(ClaimcheckError, ValueError):
    """Rule files that cannot be used. ``problems`` has every problem of every file, in file order."""

    def __init__(self, problems: tuple[RuleProblem, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class ConfigurationError(ClaimcheckError, ValueError):
    """A setting that cannot be used; the message names the setting."""


class BaselineError(ConfigurationError):
    """A baseline file that cannot be used.

    Attributes:
        name: of the file.
        problems: what is wrong with it, each with its line where it has one.
    """

    def __init__(self, name: str, problems: tuple[str, ...]) -> None:
        super().__init__(name, problems)
        self.name = name
        self.problems = problems

    def __str__(self) -> str:
        told = list(self.problems[:_PROBLEMS_TOLD])
        if len(self.problems) > len(told):
            told.append(f"and {len(self.problems) - len(told):,} more")
        if len(told) == 1:
            return f"{self.name}: {told[0]}"
        return f"{self.name}: {len(self.problems):,} problems: {'; '.join(told)}"


class CheckDefinitionError(ClaimcheckError, TypeError):
    """A check that cannot be registered: an unknown field, a slug of the wrong shape, a missing heading."""


class FixError(ClaimcheckError, ValueError):
    """A fix that cannot be made, or not be applied to a line; the message names the field and the code."""


class StrategyError(ClaimcheckError, ValueError):
    """Test data that cannot be drawn; the message says what stands against it, and what is allowed."""


class InputError(ClaimcheckError, ValueError):
    """An input file that cannot be read at all; the message names the file and the place in it."""


class DamagedInputError(InputError):
    """An input that was read to its end, and has damage: raised after its last readable line.

    Attributes:
        name: what messages call the input.
        problems: place and cause of each problem (of the first 100), without anything of its content.
        count: number of problems.
    """

    def __init__(self, name: str, problems: tuple[str, ...], count: int) -> None:
        super().__init__(name, problems, count)
        self.name = name
        self.problems = problems
        self.count = count

    def __str__(self) -> str:
        what = "1 problem" if self.count == 1 else f"{self.count:,} problems"
        told = list(self.problems[:_PROBLEMS_TOLD])
        if self.count > len(told):
            told.append(f"and {self.count - len(told):,} more")
        return f"{self.name}: is damaged, {what}: {'; '.join(told)}"
