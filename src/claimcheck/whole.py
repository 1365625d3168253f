"""Files that appear whole or not at all."""

from __future__ import annotations

import glob
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["remove_leftovers", "whole_file"]

_SUFFIX = ".tmp"


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """Give a temporary file beside ``target``; it is renamed to it when the block ends well.

    On any failure the temporary file goes, and what stood at ``target`` is as it was.

    Raises:
        OSError: the folder is not there or cannot be written.
    """
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=_SUFFIX, dir=target.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb+") as stream:
            os.fsync(stream.fileno())
        temporary.chmod(_mode(target))
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def remove_leftovers(target: Path) -> None:
    """Remove temporary files of ``target`` that a killed process left."""
    for leftover in target.parent.glob(f".{glob.escape(target.name)}.*{_SUFFIX}"):
        leftover.unlink(missing_ok=True)


def _mode(target: Path) -> int:
    """The permissions of the file that is replaced, or those that a new file gets."""
    if target.exists():
        return stat.S_IMODE(target.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
