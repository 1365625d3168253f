"""The rules that come with claimcheck: a pack in the wheel, the repository's YAML in a checkout."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from claimcheck.errors import RuleFileError, RuleProblem
from claimcheck.ruleset.ruleset import RuleSet, empty_rules

__all__ = ["BUNDLED_NAME", "bundled_folder", "bundled_rules"]

BUNDLED_NAME = "claimcheck-bundled"
_PACKAGE = Path(__file__).resolve().parent.parent
_SHIPPED = _PACKAGE / "_rules"
_CHECKOUT = _PACKAGE.parent.parent / "rules"


def bundled_folder() -> Path:
    """The folder with the YAML of the bundled rules.

    Raises:
        RuleFileError: the installation has neither; it is damaged.
    """
    for folder in (_SHIPPED, _CHECKOUT):
        if (folder / "sources.yaml").is_file():
            return folder
    message = "the bundled rules are missing; install claimcheck again"
    raise RuleFileError((RuleProblem(str(_SHIPPED), 1, 1, message),))


@lru_cache(maxsize=1)
def bundled_rules() -> RuleSet:
    """The bundled rules, one object per process; never looked for in the current directory.

    Raises:
        RuleFileError: they are missing or damaged, or (in a checkout) have problems.
    """
    pack = _SHIPPED / "bundled.pack"
    if pack.is_file():
        from claimcheck.ruleset.pack import open_pack

        return open_pack(pack)
    from claimcheck.ruleset.build import assemble

    folder = bundled_folder()
    return assemble([folder], empty_rules(), BUNDLED_NAME).or_raise()
