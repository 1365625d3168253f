"""What imported tables cost: the batch engine with all of them against none, and one pair looked up.

    python tests/benchmarks/tables.py [ROWS] [PAIRS]

The tables are made up, as large as the real ones, and speak of every code of the lines. With and
without are measured in turn, each in a process of its own.
"""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from batch_data import codes, write_lines, write_rules
from ptp_data import codes as paired_codes
from ptp_data import write_parts

from claimcheck.codesets.imports import import_files

CODES = 200
ROUNDS = 3
QUARTERS = {"2026Q2": "04-01-2026", "2026Q3": "07-01-2026"}
BATCH = """
import resource, sys, time
import claimcheck
from claimcheck.batch import check_files
checker = claimcheck.Checker(rules=[sys.argv[1]], data=sys.argv[3])
begun = time.perf_counter()
done = check_files([sys.argv[2]], sys.argv[4], checker)
seconds = time.perf_counter() - begun
found = sum(done.counts.findings.values())
print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, found)
"""
PAIR = """
import random, sys, timeit
from datetime import date
from claimcheck.codesets.national import tables_of
tables, day = tables_of(sys.argv[1]), date(2026, 8, 1)
sys.path.insert(0, sys.argv[2])
from ptp_data import codes
names = sorted(codes())[:9000]
draw = random.Random(1)
asked = [(draw.choice(names[:500]), draw.choice(names)) for _ in range(20_000)]
def ask():
    for one, two in asked:
        tables.pair(one, two, day)
ask()
print(min(timeit.repeat(ask, number=1, repeat=5)) / len(asked) * 1e6)
"""


def write_tables(folder: Path, pairs: int) -> Path:
    """Make the store."""
    draw = random.Random(2)
    store = folder / "store"
    names = sorted({*codes(CODES), *paired_codes()})
    others = sorted({*paired_codes()} - {*codes(CODES)})
    for quarter, day in QUARTERS.items():
        month = {"2026Q2": "APR", "2026Q3": "JUL"}[quarter]
        rows = [
            "hcpcs,mod,status_code,pctc_ind,glob_days,mult_proc,bilat_surg,asst_surg,co_surg,team_surg"
        ]
        for name in names:
            kind = draw.choice(("X,9,XXX,9,9,9,9,9", "A,1,XXX,0,0,0,0,0", "A,0,090,2,1,2,1,0"))
            rows.append(f"{name},,{kind}")
        _put(store, "mpfs", folder / f"PPRRVU26_{month}.csv", rows)
        _put(
            *(store, "clfs", folder / f"clfs_{quarter.lower()}.csv"),
            ["YEAR,HCPCS,MOD,EFF_DATE,INDICATOR,RATE"]
            + [f"2026,{name},,20260101,N,00010.00" for name in names[::6]],
        )
        _put(
            *(store, "mue-practitioner", folder / f"MCR_MUE_PractitionerServices_Eff_{day}.csv"),
            ["code,mue_value,mai,rationale"]
            + [f"{name},{draw.choice((1, 2, 3, 4, 16))},{draw.choice((2, 3))}," for name in names],
        )
        _put(
            *(store, "addon", folder / f"aoc_{quarter.lower()}.csv"),
            ["primary_code,add_on_code,aoc_edit_type"]
            + [f"{one},{codes(1)[0]},1" for one in codes(CODES)[1::2]]
            + [f"{one},{two},1" for two in others[::34] for one in draw.sample(names, 15)],
        )
    import_files("ptp-practitioner", write_parts(folder, pairs), store)
    return store


def _put(store: Path, kind: str, path: Path, rows: list[str]) -> None:
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    import_files(kind, [path], store)  # type: ignore[arg-type]


def batch(*arguments: Path) -> tuple[float, float, int]:
    done = subprocess.run(
        [sys.executable, "-c", BATCH, *arguments], capture_output=True, text=True, check=True
    )
    seconds, peak, found = done.stdout.split()
    return float(seconds), float(peak), int(found)


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    pairs = int(sys.argv[2]) if len(sys.argv) > 2 else 2_500_000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = write_tables(folder, pairs)
        size = (store / "codesets.sqlite").stat().st_size / 1e6
        print(f"store of all tables: {size:.0f} MB, {pairs:,} pairs")
        done = subprocess.run(
            [sys.executable, "-c", PAIR, store, Path(__file__).parent],
            capture_output=True,
            text=True,
            check=True,
        )
        print(f"one pair after warm-up: {float(done.stdout):.2f} us")
        write_rules(folder / "rules", CODES)
        for noisy in (False, True):
            lines = folder / "lines.parquet"
            write_lines(lines, rows, CODES, noisy=noisy)
            _compare(folder, lines, store, "noisy" if noisy else "usual", rows)


def _compare(folder: Path, lines: Path, store: Path, what: str, rows: int) -> None:
    """Time the batch engine without and with tables, in turn."""
    ways = {"without tables": folder / "nothing", "with tables": store}
    seen: dict[str, list[tuple[float, float, int]]] = {way: [] for way in ways}
    for _ in range(ROUNDS):
        for way, data in ways.items():
            seen[way].append(batch(folder / "rules", lines, data, folder / "out.parquet"))
    medians = {way: statistics.median(it[0] for it in them) for way, them in seen.items()}
    for way, them in seen.items():
        print(
            f"{what}, {way}: {medians[way]:.2f} s for {rows:,} lines, peak "
            f"{max(it[1] for it in them):,.0f} MiB, {them[0][2]:,} findings"
        )
    print(f"{what}, ratio: {medians['with tables'] / medians['without tables']:.2f}")


if __name__ == "__main__":
    main()
