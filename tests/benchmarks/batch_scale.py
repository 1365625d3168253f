"""Does the cost of a line grow with the number of rules, or the memory with the number of lines?

    python tests/benchmarks/batch_scale.py [--rows 4000000] [--rounds 3] [--folder DIR]

Both are measured with ``check_files`` on lines of ``batch_data.py``, each run in a fresh process,
interleaved, and told as ratios of medians:

* *rules*: the same number of lines with 10,000 codes in the rule set and 200 codes on the lines, against
  200 in the rule set; and with 10,000 codes on the lines too.
* *memory*: peak memory on four times the lines against that on the lines.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from batch import _run

FEW, MANY = 200, 10_000


def main() -> None:
    """Make the data, run the rounds, print the figures."""
    parser = argparse.ArgumentParser(description="Measure how the batch engine scales.")
    parser.add_argument("--rows", type=int, default=4_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(options.folder or temporary)
        few, many = _rules(folder, FEW), _rules(folder, MANY)
        lines = _lines(folder, options.rows, FEW)
        cases = {
            "200 codes": (lines, few),
            "10,000 codes in the rules": (lines, many),
            "10,000 codes in rules and lines": (_lines(folder, options.rows, MANY), many),
            "four times the lines": (_lines(folder, 4 * options.rows, FEW), few),
        }
        seconds: dict[str, list[float]] = {name: [] for name in cases}
        megabytes: dict[str, list[float]] = {name: [] for name in cases}
        for _ in range(options.rounds):
            for name, (path, rules) in cases.items():
                figures = _run("claimcheck", path, rules, folder)
                seconds[name].append(figures["seconds"])
                megabytes[name].append(figures["megabytes"])
    base = statistics.median(seconds["200 codes"])
    for name in cases:
        second, peak = statistics.median(seconds[name]), max(megabytes[name])
        print(f"{name:32} {second:7.2f} s {second / base:6.2f} times  peak {peak:6.0f} MB")
    grown = max(megabytes["four times the lines"]) / max(megabytes["200 codes"])
    print(f"memory on four times the lines: {grown:.2f} times (bar 1.1)")


def _rules(folder: Path, count: int) -> Path:
    sys.path.insert(0, str(Path(__file__).parent))
    import batch_data

    from claimcheck import load_rules, write_pack

    folder.mkdir(parents=True, exist_ok=True)
    pack = folder / f"rules-{count}.pack"
    if not pack.exists():
        batch_data.write_rules(folder / f"rules-{count}", count)
        write_pack(load_rules(folder / f"rules-{count}"), pack)
    return pack


def _lines(folder: Path, rows: int, count: int) -> Path:
    import batch_data

    path = folder / f"usual-{rows}-{count}.parquet"
    if not path.exists():
        batch_data.write_lines(path, rows, count, noisy=False)
    return path


if __name__ == "__main__":
    main()
