"""Where a report goes: standard output, or a file that is either whole or not there."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import get_terminal_size
from typing import TextIO

from claimcheck.cli.group import Failure, silence_stdout
from claimcheck.whole import whole_file

__all__ = ["text_width", "writing"]


def text_width() -> int:
    """Columns of the terminal; 100 where there is none."""
    return get_terminal_size((100, 24)).columns if sys.stdout.isatty() else 100


@contextmanager
def writing(target: Path | None, *read_from: str) -> Iterator[TextIO]:
    """A text file to write the report to.

    A file is written under a temporary name in the same folder and renamed when it is whole; on any
    failure nothing is left, and a file that was there before is as it was. What is no regular file
    (``/dev/null``, a pipe) is written to as it is.

    Raises:
        Failure: it cannot be written, or is one of the inputs, ``read_from``.
    """
    if target is None or str(target) == "-":
        try:
            yield sys.stdout
            sys.stdout.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            silence_stdout()
            raise Failure(f"the standard output cannot be written ({_why(error)})") from None
        return
    try:
        if any(_is_input(target, name) for name in read_from):
            raise Failure(f"{target}: is the input; name another file for --output")
        with _special(target) if _is_special(target) else _whole(target.resolve()) as stream:
            yield stream
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Failure(f"{target}: cannot be written ({_why(error)})") from None


def _why(error: OSError) -> str:
    return error.strerror or type(error).__name__


def _is_input(target: Path, read_from: str) -> bool:
    return read_from != "-" and target.exists() and os.path.samefile(target, read_from)


def _is_special(target: Path) -> bool:
    return target.exists() and not stat.S_ISREG(target.stat().st_mode)


@contextmanager
def _special(target: Path) -> Iterator[TextIO]:
    with target.open("w", encoding="utf-8", newline="") as stream:
        yield stream


@contextmanager
def _whole(target: Path) -> Iterator[TextIO]:
    with (
        whole_file(target) as temporary,
        temporary.open("w", encoding="utf-8", newline="") as stream,
    ):
        yield stream
