"""Made-up procedure-to-procedure edits in the published shape, as many as there are; deterministic."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Iterator
from pathlib import Path

BANNER = (
    "A notice about rights stands here.\r\n"
    "Column1/Column2 Edits\r\n"
    "Column 1\tColumn 2\t*=in existence\tEffective\tDeletion\tModifier\tPTP Edit Rationale\r\n"
    "\t\tprior to 1996\tDate\tDate\t0=not allowed\t\r\n"
    "\t\t\t\t*=no data\t1=allowed\t\r\n"
    "\t\t\t\t\t9=not applicable\t\r\n"
)
RATIONALES = [f"Made-up reason number {number} of this pair of codes" for number in range(12)]
STARTS = ["19960101"] + [
    f"{year}{month}01" for year in range(1997, 2027) for month in ("01", "04", "07", "10")
]
ENDS = [f"{year}{day}" for year in range(2000, 2027) for day in ("0331", "0630", "0930", "1231")]
COLUMN_1 = 9_000
COLUMN_2 = 12_000


def codes() -> list[str]:
    """Codes of the shapes that edits name."""
    plain = [f"{number:05}" for number in range(100, 99_999, 10)]
    return [*plain, *(f"{number:04}T" for number in range(600)), *(f"G{n:04}" for n in range(1500))]


def rows(count: int) -> Iterator[str]:
    """Lines of the table, by column 1 and column 2."""
    choose = random.Random(4)
    names = sorted(codes()[:COLUMN_2])
    per_code = count // COLUMN_1 + 1
    given = 0
    for one in names[:COLUMN_1]:
        for two in sorted(choose.sample(names, per_code)):
            start = choose.choice(STARTS)
            mark = "*" if start == "19960101" else ""
            indicator = choose.choices("019", (12, 86, 2))[0]
            over = choose.random() < 0.33 and [end for end in ENDS if end > start]
            end = choose.choice(over) if over else "*"
            told = choose.choice(RATIONALES)
            yield f"{one}\t{two}\t{mark}\t{start}\t{end}\t{indicator}\t{told}\r\n"
            given += 1
            if given == count:
                return


def write_parts(folder: Path, count: int, parts: int = 4) -> list[Path]:
    """Write the table in parts, each in a ZIP, as it is downloaded."""
    made = []
    source = rows(count)
    each = -(-count // parts)
    for part in range(1, parts + 1):
        path = folder / f"ccipra-v322r0-f{part}.zip"
        with (
            zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
            archive.open(f"ccipra-v322r0-f{part}.TXT", "w") as member,
        ):
            member.write(BANNER.encode("latin-1"))
            for _, line in zip(range(each), source, strict=False):
                member.write(line.encode("latin-1"))
        made.append(path)
    return made
