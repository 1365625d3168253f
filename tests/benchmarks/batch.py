"""The batch engine beside Polars and a plain Python loop, on lines of a benchmark's own making.

    python tests/benchmarks/batch.py [--rows 10000000] [--rounds 3] [--noisy] [--codes 200] [--folder DIR]

Everything runs in one go, interleaved, each step in a fresh process (so that its peak memory is its
own), and the medians are told as ratios:

* *read*: all 14 columns with Polars.
* *rewrite*: read all columns and write them to another Parquet file with Polars.
* *joins*: what one would write by hand in Polars: four joins of the lines with tables of modifiers,
  places, diagnoses and taxonomies that fit each code, and one findings file. It knows nothing of
  dates, payers, layers, malformed values, conditions or messages.
* *claimcheck*: ``check_files`` to a findings file.
* *own check*: the same with a check of a user's own, written in plain Python.
* *hand loop*: a loop over the rows with sets in plain Python, as little as the joins know, on a part of
  the lines and scaled up.
* *loop*: the engine for single lines, called in a Python loop over a part of the lines and scaled up.

``--noisy`` makes lines with about 2.6 findings each instead of 0.06.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
STEPS = ("read", "rewrite", "joins", "claimcheck", "own check", "hand loop", "loop")
LOOP_ROWS = 100_000


def main() -> None:
    """Make the data, run the rounds, print the figures."""
    options = _options()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(options.folder or temporary)
        lines, rules = _data(folder, options)
        print(f"{options.rows:,} lines, {lines.stat().st_size / 1e6:.0f} MB of Parquet")
        told: dict[str, list[dict[str, float]]] = {step: [] for step in STEPS}
        for number in range(options.rounds):
            for step in STEPS:
                figures = _run(step, lines, rules, folder)
                told[step].append(figures)
                print(
                    f"round {number + 1}  {step:11} {figures['seconds']:8.2f} s "
                    f"{figures['megabytes']:7.0f} MB  {figures.get('findings', 0):>12,.0f} findings",
                    flush=True,
                )
    median = {s: statistics.median(f["seconds"] for f in told[s]) for s in STEPS}
    ours, findings = median["claimcheck"], told["claimcheck"][0]["findings"]
    print(f"\nfindings per line: {findings / options.rows:.3f}")
    print(f"claimcheck / rewrite: {ours / median['rewrite']:.2f} (bar 1.0)")
    print(f"claimcheck / joins: {ours / median['joins']:.2f} (bar 1.5)")
    print(f"claimcheck / read: {ours / median['read']:.2f}")
    print(f"loop / claimcheck: {median['loop'] / ours:.1f} (bar 20)")
    print(f"hand loop / claimcheck: {median['hand loop'] / ours:.1f}")
    print(f"loop / own check: {median['loop'] / median['own check']:.1f} (bar 10)")
    peak = max(f["megabytes"] for f in told["claimcheck"])
    print(f"peak memory of claimcheck: {peak:.0f} MB (bar 1,200)")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure the batch engine.")
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--codes", type=int, default=200, help="codes that have rule files")
    parser.add_argument("--noisy", action="store_true")
    parser.add_argument("--folder", help="keep the data here, and use what is there")
    return parser.parse_args()


def _data(folder: Path, options: argparse.Namespace) -> tuple[Path, Path]:
    sys.path.insert(0, str(HERE))
    import batch_data

    from claimcheck import load_rules, write_pack

    folder.mkdir(parents=True, exist_ok=True)
    kind = "noisy" if options.noisy else "usual"
    lines = folder / f"{kind}-{options.rows}-{options.codes}.parquet"
    rules = folder / f"rules-{options.codes}.pack"
    if not rules.exists():
        batch_data.write_rules(folder / f"rules-{options.codes}", options.codes)
        write_pack(load_rules(folder / f"rules-{options.codes}"), rules)
    if not lines.exists():
        batch_data.write_lines(lines, options.rows, options.codes, noisy=options.noisy)
    return lines, rules


def _run(step: str, lines: Path, rules: Path, folder: Path) -> dict[str, float]:
    command = [sys.executable, str(HERE / "batch_steps.py"), step, lines, rules, folder]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


if __name__ == "__main__":
    main()
