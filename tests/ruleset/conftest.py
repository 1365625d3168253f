"""Rule folders made of plain trees, written with every scalar in quotes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

Tree = dict[str, Any]
FOLDERS = {"code": "codes", "family": "families", "overlay": "payers"}
DEFAULTS: dict[str, Tree] = {
    "code": {
        "title": "A test",
        "family": "laboratory",
        "source": "the-document",
        "status": "draft",
        "effective": "unstated",
    },
    "family": {"title": "A family", "source": "the-document", "status": "draft"},
    "overlay": {"source": "the-document"},
}
SOURCE = {
    "id": "the-document",
    "title": "The document",
    "publisher": "The publisher",
    "kind": "secondary",
    "date": "2026-05",
}


class _NoAliases(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def write_tree(path: Path, kind: str, tree: Tree) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = {"schema": f"claimcheck/{kind}@1", **tree}
    text = yaml.dump(
        whole, Dumper=_NoAliases, default_style='"', sort_keys=False, allow_unicode=True
    )
    path.write_text(text)


def write_folder(folder: Path, *files: Tree, sources: bool = True) -> Path:
    """Write rule files; each tree is a code, a family or an overlay, by its key of that name."""
    folder.mkdir(parents=True, exist_ok=True)
    if sources:
        write_tree(folder / "sources.yaml", "sources", {"sources": [SOURCE]})
    for file in files:
        kind = next(kind for kind in ("overlay", "code", "family") if kind in file)
        tree = {**DEFAULTS[kind], **file}
        write_tree(folder / FOLDERS[kind] / f"{file[kind]}.yaml", kind, tree)
    return folder


def an_entry(section: str, value: str, verdict: str, **more: Any) -> Tree:
    key = {"modifiers": "modifier", "places": "place", "diagnoses": "diagnosis"}
    return {
        key.get(section, "taxonomy"): value,
        "verdict": verdict,
        "because": "A reason.",
        "cite": {"at": f"row {value}"},
        **more,
    }


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def write_here(name: str, *files: Tree, sources: bool = True) -> Path:
        return write_folder(tmp_path / name, *files, sources=sources)

    return write_here


@pytest.fixture
def entry() -> Callable[..., Tree]:
    return an_entry


@pytest.fixture(scope="session")
def folder_writer() -> Callable[..., Path]:
    return write_folder
