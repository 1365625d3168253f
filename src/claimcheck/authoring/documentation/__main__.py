"""Write or check the generated pages: ``python -m claimcheck.authoring.documentation docs``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from claimcheck.authoring.documentation import stale, write


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the generator; 0 if all is up to date afterwards, 1 if ``--check`` found stale files."""
    parser = argparse.ArgumentParser(
        prog="python -m claimcheck.authoring.documentation",
        description="Write the pages that are made from checks, rules and schemas.",
    )
    parser.add_argument("folder", type=Path, help="the documentation folder, usually docs")
    parser.add_argument("--check", action="store_true", help="write nothing; name stale files")
    given = parser.parse_args(arguments)
    found = stale(given.folder) if given.check else write(given.folder)
    for name in found:
        print(f"{'stale' if given.check else 'written'}: {name}")
    if given.check and found:
        print("Run python -m claimcheck.authoring.documentation docs", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
