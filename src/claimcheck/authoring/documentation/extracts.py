"""The extracts of official tables in ``docs/examples/tables``, with which examples are run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from claimcheck.codesets.imports import import_files
from claimcheck.codesets.national import NO_TABLES
from claimcheck.codesets.store import Kind
from claimcheck.ruleset import RuleSet
from claimcheck.scalar import Checker

__all__ = ["EXTRACTS", "FOLDER", "checkers", "import_extracts"]

FOLDER: Final = Path(__file__).parents[4] / "docs" / "examples" / "tables"
"""Where the extracts are in a checkout."""

EXTRACTS: Final[tuple[tuple[Kind, str], ...]] = (
    ("mpfs", "PPRRVU24_JUL.csv"),
    ("clfs", "PUF_CLFS_CY2024_Q3V1.csv"),
    ("mue-practitioner", "MCR_MUE_PractitionerServices_Eff_07-01-2024.csv"),
    ("ptp-practitioner", "ccipra-v302r0-f1.txt"),
    ("addon", "AOC_V2024Q3-MCR.txt"),
    ("nucc", "nucc_taxonomy_251.csv"),
    ("pla", "cpt-pla-codes.txt"),
)
"""Kind and file of each extract."""


def import_extracts(data: Path, folder: Path = FOLDER) -> None:
    """Import all extracts into the store of the folder ``data``."""
    for kind, name in EXTRACTS:
        import_files(kind, [folder / name], data)


@contextmanager
def checkers(rules: RuleSet) -> Iterator[tuple[Checker, Checker]]:
    """A checker without any imported table, and one with the extracts, whatever the user imported."""
    with TemporaryDirectory() as data:
        import_extracts(Path(data))
        with_tables = Checker(rules=rules, data=data)
        try:
            yield Checker(rules=rules, data=NO_TABLES), with_tables
        finally:
            if with_tables.tables.store is not None:
                with_tables.tables.store.close()
