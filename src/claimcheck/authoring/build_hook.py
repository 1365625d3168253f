"""Build hook of the distribution: compiles the bundled rules into the pack that the wheel carries.

Hatchling loads this file by its path (``[tool.hatch.build.hooks.custom]``, pyproject.toml); nothing
in the package imports it. Editable installs read the YAML of the checkout and need no pack.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

__all__ = ["RulesBuildHook"]

_INSIDE = "claimcheck/_rules"


class RulesBuildHook(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's is not for us to bind
    """Adds ``claimcheck/_rules`` to a wheel: the pack, and the YAML that it was made of."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the rules and tell hatchling which files to add."""
        if self.target_name != "wheel" or version == "editable":
            return
        root = Path(self.root)
        self._temporary = Path(tempfile.mkdtemp(prefix="claimcheck-rules-"))
        pack = self._temporary / "bundled.pack"
        _write_bundled_pack(root, pack)
        added = build_data.setdefault("force_include", {})
        added[str(pack)] = f"{_INSIDE}/bundled.pack"
        for path in sorted((root / "rules").rglob("*.yaml")):
            added[str(path)] = f"{_INSIDE}/{path.relative_to(root / 'rules').as_posix()}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the temporary pack."""
        temporary = getattr(self, "_temporary", None)
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)


def _write_bundled_pack(root: Path, pack: Path) -> None:
    # The package is not installed in the build environment; its source is beside this file.
    sys.path.insert(0, str(root / "src"))
    try:
        from claimcheck.ruleset.build import assemble
        from claimcheck.ruleset.bundled import BUNDLED_NAME
        from claimcheck.ruleset.pack import write_pack
        from claimcheck.ruleset.ruleset import empty_rules

        rules = assemble([root / "rules"], empty_rules(), BUNDLED_NAME).or_raise()
        write_pack(rules, pack)
    finally:
        sys.path.remove(str(root / "src"))
