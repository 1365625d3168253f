"""What the pytest plugin costs a run that does not use it.

One trivial test is run in fresh processes, again and again, in turn with the plugin and without it
(``-p no:claimcheck``), and once more with the plugin, which shows how much of a difference is chance:

    python tests/benchmarks/plugin.py [ROUNDS] [PYTHON]

PYTHON is an interpreter that has claimcheck and pytest; default is the one that runs this script. Told
are medians of the wall clock and of the processor's time, which other programs disturb less. Bytecode is
written, as by default: where it is not, pytest compiles every module that it loads anew, ours too. Where
claimcheck is installed from a wheel, pytest also reads the list of the wheel's files, with the plugin
and without it; that is measured by itself.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BAR = 5.0
"""Milliseconds that the plugin may cost."""

LISTING = """
import time
from importlib.metadata import distribution
start = time.perf_counter()
files = [str(file) for file in distribution("claimcheck-lines").files or ()]
print(len(files), (time.perf_counter() - start) * 1000)
"""


def run(python: str, folder: Path, *more: str) -> tuple[float, float]:
    """Milliseconds of one run of pytest: of the wall clock, and of the processor."""
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *more, "test_trivial.py"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(command, cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall * 1000, busy * 1000


def main() -> None:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    python = sys.argv[2] if len(sys.argv) > 2 else sys.executable
    kinds = {"with": (), "without": ("-p", "no:claimcheck"), "with, again": ()}
    times: dict[str, list[tuple[float, float]]] = {which: [] for which in kinds}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "test_trivial.py").write_text("def test_trivial():\n    assert True\n", "utf-8")
        (folder / "pytest.ini").write_text("[pytest]\n", "utf-8")
        for number in range(rounds + 2):
            for which, more in kinds.items():
                spent = run(python, folder, *more)
                if number >= 2:  # the first runs write bytecode
                    times[which].append(spent)
    for at, clock in enumerate(("wall clock", "processor")):
        median = {which: statistics.median(t[at] for t in taken) for which, taken in times.items()}
        told = ", ".join(f"{which} {median[which]:.1f} ms" for which in kinds)
        cost, chance = median["with"] - median["without"], median["with, again"] - median["with"]
        print(f"{clock}: {told}")
        print(f"  the plugin costs {cost:.1f} ms (bar {BAR} ms); chance is {chance:.1f} ms")
    listed = subprocess.run([python, "-c", LISTING], check=True, capture_output=True, text=True)
    count, spent_listing = listed.stdout.split()
    print(f"pytest reads the names of {count} installed files in {float(spent_listing):.1f} ms")


if __name__ == "__main__":
    main()
