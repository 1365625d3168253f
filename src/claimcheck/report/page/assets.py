"""The table library that goes into the page, out of the package that brings it."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import attrs

__all__ = ["NEEDED", "Library", "missing", "own", "table_library"]

NEEDED: Final = ("itables", "jinja2", "pygal")
"""What the extra ``html`` brings."""

_EXPORTS: Final = re.compile(r"export\s*\{([^{}]*)\}\s*;?\s*(?:/\*.*\*/\s*)?\Z", re.DOTALL)
_FOLDER: Final = Path(__file__).parent


@attrs.frozen
class Library:
    """DataTables with jQuery: its script, its style, and what jQuery is called in the script."""

    script: str
    style: str
    jquery: str


def missing() -> list[str]:
    """The packages of the extra ``html`` that are not installed."""
    return [name for name in NEEDED if find_spec(name) is None]


def table_library() -> Library:
    """The bundle that itables ships; itables itself is not imported.

    Raises:
        ModuleNotFoundError: itables is not installed.
        RuntimeError: its bundle is not as expected.
    """
    found = find_spec("itables")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("itables is not installed", name="itables")
    folder = Path(found.origin).parent / "html"
    script = (folder / "dt_bundle.js").read_text("utf-8")
    exports = _EXPORTS.search(script)
    name = exports and re.search(r"([\w$]+)\s+as\s+jQuery\b", exports[1])
    if not exports or not name:
        raise RuntimeError("this itables ships no bundle that exports jQuery; install another one")
    # The page's own script follows in the same module, so nothing need be exported.
    script = script[: exports.start()] + script[exports.end(1) + 1 :].lstrip(";")
    return Library(script, (folder / "dt_bundle.css").read_text("utf-8"), name[1])


def own(name: str) -> str:
    """The text of a file beside this module."""
    return (_FOLDER / name).read_text("utf-8")
