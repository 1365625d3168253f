"""Where the store is: a folder that is given, one that the environment names, or the user's own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

__all__ = ["DATA_VARIABLE", "STORE_NAME", "data_folder"]

DATA_VARIABLE: Final = "CLAIMCHECK_DATA"
STORE_NAME: Final = "codesets.sqlite"


def data_folder(given: str | os.PathLike[str] | None = None) -> Path:
    """The folder of the store: ``given``, else what ``CLAIMCHECK_DATA`` names, else the user's own.

    It need not exist.
    """
    if given is not None:
        return Path(given)
    named = os.environ.get(DATA_VARIABLE, "").strip()
    if named:
        return Path(named)
    import platformdirs

    return Path(platformdirs.user_data_dir("claimcheck", appauthor=False))
