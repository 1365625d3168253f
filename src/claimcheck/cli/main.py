"""Entry point of the command ``claimcheck``; imports nothing heavy by itself."""

from __future__ import annotations

import signal
import sys
import threading
from types import FrameType

__all__ = ["main"]

_NOT_INSTALLED = (
    "claimcheck: the command line needs click and rich; "
    'install it with: pip install "claimcheck-lines[cli]"'
)


def main() -> int:
    """Run the command line. Returns the exit code.

    0: nothing at or above ``--fail-on``; 1: findings; 2: the command could not do its work; 130: it
    was interrupted; 141: whoever read its output went away.
    """
    try:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, _terminated)
        from claimcheck.cli.group import cli
    except ModuleNotFoundError as error:
        if error.name not in ("click", "rich"):
            raise
        print(_NOT_INSTALLED, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    try:
        cli.main(prog_name="claimcheck")
    except KeyboardInterrupt:
        return 130
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def _terminated(number: int, frame: FrameType | None) -> None:
    """End by way of the clean-up that an exception brings, so that no half-written file is left."""
    raise SystemExit(128 + number)
