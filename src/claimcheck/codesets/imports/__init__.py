"""Importing official files into the store of code sets.

:func:`import_files` is what the command line calls. Every kind has a module that knows its published
shapes (see ``asked``); ``published`` opens files and ZIPs, ``headers`` finds columns, ``editions``
tells editions from names, ``cells`` reads single cells.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import date
from functools import partial
from importlib import import_module
from types import MappingProxyType
from typing import Final

import attrs

from claimcheck.codesets.imports.asked import Asked, Tally
from claimcheck.codesets.imports.doubts import notes_on, refuse_if_cut
from claimcheck.codesets.imports.published import open_published
from claimcheck.codesets.store import KINDS, STORE_NAME, Kind, StoredVintage, data_folder
from claimcheck.codesets.store.writing import Edition, Outcome, add_edition
from claimcheck.errors import ConfigurationError

__all__ = ["Imported", "import_files"]

_IMPORTERS: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        "nucc": "nucc",
        "icd10cm": "icd10cm",
        "mpfs": "mpfs",
        "clfs": "clfs",
        "mue-practitioner": "mue",
        "mue-outpatient": "mue",
        "mue-dme": "mue",
        "ptp-practitioner": "ptp",
        "ptp-outpatient": "ptp",
        "addon": "addon",
        "pla": "pla",
        "hcpcs": "hcpcs",
    }
)


@attrs.frozen
class Imported:
    """What became of an import.

    Attributes:
        outcome: ``added``, ``replaced``, or ``unchanged`` if the store had it from the same files.
        vintage: the edition as it stands in the store.
        notes: what the user should know.
    """

    outcome: Outcome
    vintage: StoredVintage
    notes: tuple[str, ...]


def import_files(
    kind: Kind,
    paths: Iterable[str | os.PathLike[str]],
    folder: str | os.PathLike[str] | None = None,
    *,
    edition: str | None = None,
    first: date | None = None,
    last: date | None = None,
    keep_descriptions: bool = False,
    replace: bool = False,
) -> Imported:
    """Put one edition of an official list or table into the store.

    Args:
        kind: what the files are.
        paths: all files of the edition, as downloaded.
        folder: of the store (see ``data_folder``).
        edition: its name, instead of what the files tell.
        first: the first date of service that it speaks for, instead of what the files tell.
        last: the last one.
        keep_descriptions: whether descriptor texts are kept; those of CPT codes are the AMA's.
        replace: whether an edition of that name from other files is replaced.

    Raises:
        InputError: a file is not what it is said to be; the store is as it was.
        ConfigurationError: there is no such kind, or the file in the folder is no store.
        OSError: the folder cannot be written.
    """
    if kind not in KINDS:
        raise ConfigurationError(f"kind is {kind!r}; one of {', '.join(KINDS)} was expected")
    importer = import_module(f"claimcheck.codesets.imports.{_IMPORTERS[kind]}")
    where = data_folder(folder)
    tally = Tally()
    files = open_published(paths, partial(importer.suits, kind))
    for file in files:
        refuse_if_cut(file)
    asked = Asked(kind, files, where, edition, first, last, keep_descriptions, tally)
    found: Edition = importer.read(asked)
    if not found.stated:
        tally.notes.append(
            "nothing tells which edition this is, so it covers no date of service; "
            "name it with --edition, or give --from and --to"
        )
    tally.notes += [
        f"{file.name}: the last line has no end; if it is not the last of the table, the file was cut"
        for file in files
        if not file.ends_whole
    ]
    outcome, vintage = add_edition(where, found, replace=replace)
    tally.notes += notes_on(vintage, where / STORE_NAME)
    return Imported(outcome, vintage, tuple(tally.notes))
