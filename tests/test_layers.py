"""Imports point downwards, and ``import claimcheck`` is cheap."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import claimcheck

PACKAGE = Path(claimcheck.__file__).parent

# From high to low. What stands in one row does not import each other.
LAYERS = (
    ("__main__",),
    ("cli",),
    ("testing",),
    ("authoring",),
    ("batch", "coverage"),
    ("scalar",),
    ("proof",),
    ("explanation", "coverage_states", "evaluate"),
    ("deciding",),
    ("report", "io"),
    ("checks",),
    ("config", "baseline"),
    ("line_report",),
    ("ruleset",),
    ("fixing", "table_policy"),
    ("codesets",),
    ("line",),
    ("finding",),
    ("dates", "fix", "verdict", "origin"),
    ("errors", "whole", "_version"),
)
HEIGHT = {unit: -row for row, units in enumerate(LAYERS) for unit in units}
HEAVY = ("pydantic", "yaml", "polars", "pyarrow", "pandas", "numpy", "click", "rich")


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def unit_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def runtime_imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything of ours that a module imports when it runs."""
    tree = ast.parse(path.read_text("utf-8"))
    typing_only = {
        id(node)
        for test in ast.walk(tree)
        if isinstance(test, ast.If) and ast.unparse(test.test) == "TYPE_CHECKING"
        for statement in test.body
        for node in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute"
            names = [node.module or ""]
            if node.module == "claimcheck":
                names = [f"claimcheck.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            if name.split(".")[0] == "claimcheck":
                yield node.lineno, name


def test_every_module_has_its_layer() -> None:
    assert {unit_of(path) for path in modules()} == set(HEIGHT)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_downwards(path: Path) -> None:
    own = unit_of(path)
    wrong = []
    for number, name in runtime_imports(path):
        unit = name.split(".")[1] if "." in name else "claimcheck"
        if unit != own and HEIGHT.get(unit, 1) >= HEIGHT[own]:
            wrong.append(f"{path.relative_to(PACKAGE)}:{number}: {own} imports {name}")
    assert wrong == []


def test_the_test_sees_an_upward_import(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text("def late():\n    from claimcheck.scalar import Checker\n", "utf-8")
    assert list(runtime_imports(module)) == [(2, "claimcheck.scalar")]


def loaded_after(program: str) -> list[str]:
    """The heavy modules that a fresh interpreter has loaded after a program."""
    told = f"{program}\nimport sys\nprint(*[name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", told], capture_output=True, text=True, check=True, timeout=120
    )
    return done.stdout.split()


def test_importing_claimcheck_loads_nothing_heavy() -> None:
    assert loaded_after("import claimcheck") == []


def test_a_check_loads_no_dataframe_library_and_no_presentation() -> None:
    loaded = loaded_after("import claimcheck\nclaimcheck.check({'code': '0252U'})")
    assert set(loaded) <= {"pydantic", "yaml"}


def test_every_public_name_is_there() -> None:
    assert set(dir(claimcheck)) >= set(claimcheck.__all__)
    for name in claimcheck.__all__:
        assert getattr(claimcheck, name) is not None
