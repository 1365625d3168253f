"""How long an import of all procedure-to-procedure edits takes, and how large the store is.

    python tests/benchmarks/codesets_import.py [ROWS]

The import runs in a process of its own, so that its peak of memory is its own.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ptp_data import write_parts

PROGRAM = """
import resource, sys
from claimcheck.codesets.imports import import_files
done = import_files("ptp-practitioner", sys.argv[2:], sys.argv[1])
print(done.outcome, done.vintage.rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def run(folder: Path, files: list[Path]) -> None:
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, folder, *files], capture_output=True, text=True, check=True
    )
    seconds = time.perf_counter() - begun
    outcome, rows, peak = done.stdout.split()
    size = (folder / "codesets.sqlite").stat().st_size
    print(
        f"{outcome}: {int(rows):,} rows in {seconds:.1f} s, "
        f"peak {int(peak) / 1024:,.0f} MiB, store {size / 1e6:.1f} MB"
    )


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2_500_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = write_parts(folder, count)
        packed = sum(file.stat().st_size for file in files)
        print(f"{len(files)} parts, {packed / 1e6:.0f} MB packed")
        for _ in range(2):
            run(folder / "store", files)


if __name__ == "__main__":
    main()
