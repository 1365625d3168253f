"""The generated pages of the documentation: findings, rules, JSON Schemas.

``python -m claimcheck.authoring.documentation docs`` writes them below a folder and removes pages
that no longer belong; with ``--check`` it only names what is stale. The pages depend on the code,
the bundled rules and the extracts of official tables in ``docs/examples``, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from claimcheck.authoring.documentation.extracts import checkers
from claimcheck.authoring.documentation.findings import finding_pages
from claimcheck.authoring.documentation.rules import rule_pages
from claimcheck.authoring.documentation.schemas import schema_files
from claimcheck.ruleset import bundled_folder, bundled_rules

__all__ = ["OWNED", "pages", "stale", "write"]

OWNED = ("findings", "rules", "schema")
"""The folders that hold generated files only."""


def pages() -> dict[str, str]:
    """Every generated file: path below the documentation folder -> text."""
    rules = bundled_rules()
    with checkers(rules) as (checker, with_tables):
        return dict(
            [
                *finding_pages(checker, with_tables),
                *rule_pages(rules, bundled_folder()),
                *schema_files(),
            ]
        )


def stale(folder: Path) -> tuple[str, ...]:
    """The files below ``folder`` that are missing, differ, or no longer belong, sorted."""
    wanted = pages()
    differing = {name for name, text in wanted.items() if _read(folder / name) != text}
    return tuple(sorted(differing | set(_foreign(folder, wanted))))


def write(folder: Path) -> tuple[str, ...]:
    """Write what is stale and remove what no longer belongs; gives the files touched, sorted."""
    wanted = pages()
    touched = stale(folder)
    for name in touched:
        path = folder / name
        if name in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[name], "utf-8", newline="\n")
        else:
            path.unlink()
    return touched


def _read(path: Path) -> str | None:
    return path.read_bytes().decode("utf-8") if path.is_file() else None


def _foreign(folder: Path, wanted: dict[str, str]) -> Iterator[str]:
    for owned in OWNED:
        for path in sorted((folder / owned).rglob("*")):
            name = path.relative_to(folder).as_posix()
            if path.is_file() and name not in wanted:
                yield name
