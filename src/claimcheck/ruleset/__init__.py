"""Rule files and rule sets: load -> schema -> resolve -> compile -> pack.

Opening a pack imports neither pydantic nor a YAML parser; only reading YAML does.
"""

from __future__ import annotations

from pathlib import Path

from claimcheck.ruleset.bundled import bundled_folder, bundled_rules
from claimcheck.ruleset.pack import open_pack, write_pack
from claimcheck.ruleset.ruleset import RuleSet

__all__ = [
    "RuleSet",
    "bundled_folder",
    "bundled_rules",
    "load_rules",
    "open_pack",
    "write_pack",
]


def load_rules(*folders: Path, bundled: bool = True) -> RuleSet:
    """Load rules: the bundled ones, and folders of rule files or packs on top, in the order given.

    Args:
        folders: folders of YAML (overlays, new codes, families, sources), single files, or packs.
        bundled: whether the bundled rules lie below.

    Raises:
        RuleFileError: with every problem of every file.
    """
    if not folders:
        if bundled:
            return bundled_rules()
        raise TypeError("load_rules(bundled=False) needs at least one folder or pack")
    from claimcheck.ruleset.stack import stack_rules

    return stack_rules([Path(folder) for folder in folders], bundled_rules() if bundled else None)
