"""Make the ICD-10-CM data file from the PyPI package simple-icd-10-cm.

Run it again at any time; the same package and the same zlib give the same bytes::

    pip install simple-icd-10-cm==1.5.0
    python -m claimcheck.authoring.extract_icd10cm src/claimcheck/codesets/data/icd10cm.bin

Layout of the file: one zlib stream of ASCII text. The first line names the layout; then comes one
line per three-character category, in the order of the codes: the category, then the rest of each of
its codes (the category itself first), separated by a blank; a mark ends each header.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import os
import sys
import tempfile
import warnings
import zlib
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final, Protocol, cast

from claimcheck.codesets.icd10cm import FORMAT, HEADER_MARK

__all__ = [
    "PACKAGE",
    "PACKAGE_VERSION",
    "extract",
    "main",
    "pack",
    "require_package",
    "write_whole",
]

PACKAGE: Final = "simple-icd-10-cm"
# Goes with icd10cm.VINTAGE: another version carries another release, so change both together.
PACKAGE_VERSION: Final = "1.5.0"


class _Library(Protocol):
    """What is used of simple_icd_10_cm."""

    def get_all_codes(self, with_dots: bool) -> list[str]: ...
    def is_category_or_subcategory(self, code: str) -> bool: ...
    def is_leaf(self, code: str) -> bool: ...


def extract() -> dict[str, bool]:
    """Return every category and code (dotless), in order, with whether it can be billed.

    Raises ModuleNotFoundError if the package is absent, and ValueError if it has another version or
    if its codes do not nest by prefix, which the library relies upon.
    """
    library = _load_library()
    # Not `not is_block(code)`: 39 categories, B20 among them, share their name with a block.
    billable = {
        code: library.is_leaf(code)
        for code in sorted(library.get_all_codes(with_dots=False))
        if library.is_category_or_subcategory(code)
    }
    _prove_nesting(billable)
    return billable


def pack(billable: dict[str, bool]) -> bytes:
    """Lay out the data file for these codes (dotless -> billable, in order)."""
    lines: dict[str, list[str]] = {}
    for code, can_be_billed in billable.items():
        mark = "" if can_be_billed else HEADER_MARK
        lines.setdefault(code[:3], []).append(code[3:] + mark)
    text = "\n".join(
        [FORMAT, *(category + " ".join(suffixes) for category, suffixes in lines.items()), ""]
    )
    return zlib.compress(text.encode("ascii"), level=9)


def write_whole(target: Path, content: bytes) -> None:
    """Write a file that is either whole or, if writing fails, as it was before.

    Raises OSError if the folder is missing or cannot be written to.
    """
    handle, name = tempfile.mkstemp(prefix=target.name, suffix=".tmp", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        # mkstemp makes the file private; a data file is for everyone to read.
        temporary.chmod(0o644)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the script; ``arguments`` are those of the command line. Returns the exit code."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if len(given) != 1 or given[0].startswith("-"):
        print("usage: python -m claimcheck.authoring.extract_icd10cm OUT", file=sys.stderr)
        return 2
    try:
        billable = extract()
        content = pack(billable)
        write_whole(Path(given[0]), content)
    except (ModuleNotFoundError, ValueError, OSError) as error:
        print(f"extract_icd10cm: {error}", file=sys.stderr)
        return 2
    print(
        f"{len(billable)} categories and codes, {sum(billable.values())} of them billable, "
        f"{len(content)} bytes",
        file=sys.stderr,
    )
    return 0


def require_package() -> None:
    """Raise ModuleNotFoundError if the package is absent, ValueError if it has another version."""
    try:
        version = importlib.metadata.version(PACKAGE)
    except importlib.metadata.PackageNotFoundError:
        raise ModuleNotFoundError(
            f"{PACKAGE} is not installed; run: pip install {PACKAGE}=={PACKAGE_VERSION}"
        ) from None
    if version != PACKAGE_VERSION:
        raise ValueError(
            f"{PACKAGE} {version} is installed, but the release at hand comes from "
            f"{PACKAGE_VERSION}; run: pip install {PACKAGE}=={PACKAGE_VERSION}"
        )


def _load_library() -> _Library:
    """Import the package, only now since that takes two seconds and 200 MB."""
    require_package()
    with warnings.catch_warnings():
        # The package reads its files in a way that Python 3.11 deprecated.
        warnings.simplefilter("ignore", DeprecationWarning)
        return cast("_Library", importlib.import_module("simple_icd_10_cm"))


def _prove_nesting(billable: dict[str, bool]) -> None:
    """Raise ValueError unless exactly those codes are billable that begin no other code."""
    ordered = list(billable)
    for code, following in pairwise([*ordered, ""]):
        if billable[code] == following.startswith(code):
            raise ValueError(f"{code} does not nest by prefix in the source list")
        if code[:3] not in billable:
            raise ValueError(f"{code} has no category in the source list")


if __name__ == "__main__":
    sys.exit(main())
