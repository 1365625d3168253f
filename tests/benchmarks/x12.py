"""How fast 837P files are read and checked, how much memory it takes, and x12sdk beside it.

    python tests/benchmarks/x12.py [MEGABYTES]

Every measurement runs in a process of its own and tells its seconds of CPU, start-up included. x12sdk,
if it is installed, reads a small file only, since it is slow and keeps all of it in memory.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "io"))
from x12_files import build, random_interchange

READ = """
import resource, sys, time
from claimcheck.io import read_lines
count = sum(1 for _ in read_lines(sys.argv[1]))
"""
ROWS = """
import resource, sys, time
from claimcheck.io import open_lines
with open_lines(sys.argv[1]) as source:
    count = sum(1 for _ in source.rows())
"""
CHECK = """
import resource, sys, time
sys.argv = ["claimcheck", "check", sys.argv[1], "--format", "jsonl", "-o", "/dev/null"]
from claimcheck.cli.main import main
main()
count = 0
"""
BATCH = """
import resource, sys, time
out = sys.argv[1] + ".findings.parquet"
sys.argv = ["claimcheck", "batch", sys.argv[1], "-o", out]
from claimcheck.cli.main import main
main()
count = 0
"""
SDK = """
import resource, sys, time
from x12sdk.io import X12ModelReader
count = 0
with X12ModelReader(sys.argv[1]) as reader:
    for model in reader.models():
        count += 1
"""
END = """
print(count, time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def measure(name: str, program: str, path: Path) -> float:
    """Run a program on a file; gives its megabytes per second."""
    done = subprocess.run(
        [sys.executable, "-c", program + END, path], capture_output=True, text=True, check=False
    )
    if done.returncode:
        print(f"{name}: failed\n{done.stderr[-500:]}")
        return 0.0
    count, seconds, peak = done.stdout.split()[-3:]
    size = path.stat().st_size / 1e6
    speed = size / float(seconds)
    print(
        f"{name:24} {size:6.1f} MB in {float(seconds):6.2f} s, {speed:6.2f} MB/s, "
        f"peak {int(peak) / 1024:4.0f} MiB, {int(count):,} read"
    )
    return speed


def write(path: Path, megabytes: float) -> None:
    """A file of interchanges, all different up to 5 MB and then again."""
    draw = random.Random(1)
    some = b""
    while len(some) < min(5.0, megabytes) * 1e6:
        some += build(random_interchange(draw, 4, icd9=False))
    with path.open("wb") as out:
        for _ in range(max(1, round(megabytes * 1e6 / len(some)))):
            out.write(some)


def main() -> None:
    megabytes = float(sys.argv[1]) if len(sys.argv) > 1 else 50.0
    with tempfile.TemporaryDirectory() as name:
        large, tenth, small = (Path(name) / f"{n}.837" for n in ("large", "tenth", "small"))
        write(large, megabytes)
        write(tenth, megabytes / 10)
        measure("rows, a tenth", ROWS, tenth)
        measure("rows", ROWS, large)
        read = measure("read_lines", READ, large)
        check = measure("claimcheck check", CHECK, large)
        measure("claimcheck batch", BATCH, large)
        if check:
            print(f"check takes {read / check:.2f} times as long as read_lines")
        if find_spec("x12sdk") is not None:
            small.write_bytes(build(random_interchange(random.Random(1), 150, icd9=False)))
            sdk = measure("x12sdk", SDK, small)
            if sdk:
                print(f"read_lines is {read / sdk:.1f} times as fast as x12sdk")


if __name__ == "__main__":
    main()
