"""The store of imported lists and tables: one SQLite file in a folder of the user's.

:mod:`~claimcheck.codesets.store.kinds` names what can be imported, ``schema`` the tables of the file,
``reading`` opens it, ``writing`` puts an edition into it, ``folder`` says where it is.
"""

from __future__ import annotations

from claimcheck.codesets.store.folder import DATA_VARIABLE, STORE_NAME, data_folder
from claimcheck.codesets.store.kinds import KINDS, Kind
from claimcheck.codesets.store.reading import SourceFile, Store, StoredVintage, open_store

__all__ = [
    "DATA_VARIABLE",
    "KINDS",
    "STORE_NAME",
    "Kind",
    "SourceFile",
    "Store",
    "StoredVintage",
    "data_folder",
    "open_store",
]
