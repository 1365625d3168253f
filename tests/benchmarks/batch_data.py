"""Made-up rules and lines for the batch benchmarks: realistic shares of values, deterministic."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from claimcheck.codesets import icd10cm

SOURCES = """schema: claimcheck/sources@1
sources:
  - id: made-up
    title: Made up for a benchmark
    publisher: Nobody
    kind: secondary
    date: "2026"
"""
HEAD = """schema: claimcheck/code@1
code: "{code}"
title: Made-up test
family: molecular-pathology
source: made-up
status: reviewed
effective: {{from: "2021-07-01", cite: {{at: "row"}}}}
modifiers:
  - modifier: "{fits}"
    verdict: applicable
    because: It fits.
    cite: {{at: "row"}}
  - modifier: "52"
    verdict: not-applicable
    hedged: "yes"
    because: It does not fit.
    effective: {{from: "{turn}"}}
    cite: {{at: "row"}}
diagnoses:
"""
DIAGNOSIS = """  - diagnosis: "{code}"
    verdict: indicated
    because: It is a reason.
    cite: {{at: "row"}}
"""
DIAGNOSES_PER_CODE = 30
PAYERS = ["Aetna", "Blue Cross Blue Shield", "Cigna Health", "UnitedHealthcare", "Medicare"]
FITTING_MODIFIERS = ["59", "90", "91"]
PLACES = ["81", "81", "81", "81", "22", "19", "11"]
TAXONOMIES = ["291U00000X", "291U00000X", "207ZP0102X"]


def codes(count: int) -> list[str]:
    """Made-up procedure codes of the shape of CPT."""
    return [f"{70000 + number}" for number in range(count)]


def write_rules(folder: Path, count: int) -> None:
    """Write a folder of ``count`` made-up rule files on top of the bundled families."""
    (folder / "codes").mkdir(parents=True)
    (folder / "sources.yaml").write_text(SOURCES, encoding="utf-8")
    for number, code in enumerate(codes(count)):
        turn = date(2024, 1, 1) + timedelta(days=91 * (number % 12))
        text = HEAD.format(code=code, fits=FITTING_MODIFIERS[number % 3], turn=turn)
        text += "".join(DIAGNOSIS.format(code=it) for it in _cached_diagnoses(number))
        (folder / "codes" / f"{code}.yaml").write_text(text, encoding="utf-8")


_DIAGNOSES: dict[int, list[str]] = {}
_BILLABLE: list[str] = []


def _cached_diagnoses(number: int) -> list[str]:
    if not _BILLABLE:
        _BILLABLE.extend(
            icd10cm.dotted(code)
            for code, kind in icd10cm.entries()
            if kind == "billable" and code[0] in "CDEJK"
        )
    start = number * 37 % (len(_BILLABLE) - DIAGNOSES_PER_CODE)
    return _BILLABLE[start : start + DIAGNOSES_PER_CODE]


def write_lines(path: Path, rows: int, code_count: int, *, noisy: bool, seed: int = 1) -> None:
    """Write ``rows`` lines of 14 columns as Parquet.

    Args:
        path: the file.
        rows: number of lines.
        code_count: how many of the made-up codes occur.
        noisy: whether most lines have something wrong (about 2.6 findings a line, else 0.06).
        seed: of the random numbers.
    """
    draw = np.random.default_rng(seed)
    names = np.array(codes(code_count))
    per_code = np.array([_cached_diagnoses(number) for number in range(code_count)])
    wrong = 0.55 if noisy else 0.016
    writer = None
    for start in range(0, rows, 500_000):
        table = _chunk(draw, min(500_000, rows - start), start, names, per_code, wrong)
        if writer is None:
            writer = pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)
    if writer is not None:
        writer.close()


def _first_lines(draw: np.random.Generator, count: int) -> np.ndarray:
    """Per line the position of the first line of its claim; claims have 1 to 6 lines."""
    sizes = draw.integers(1, 7, count)
    starts = np.cumsum(sizes) - sizes
    return np.repeat(starts, sizes)[:count]


def _chunk(
    draw: np.random.Generator,
    count: int,
    start: int,
    names: np.ndarray,
    per_code: np.ndarray,
    wrong: float,
) -> pa.Table:
    code = draw.integers(0, len(names), count)

    def sometimes(share: float) -> np.ndarray:
        return draw.random(count) < share

    def text(values: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
        return pa.array(values, pa.string(), mask=missing)

    first = per_code[code, draw.integers(0, per_code.shape[1], count)]
    second = per_code[code, draw.integers(0, per_code.shape[1], count)]
    astray = sometimes(wrong)
    first = np.where(
        astray, np.array(["Z00.00", "J06.9", "R69"])[draw.integers(0, 3, count)], first
    )
    second = np.where(
        astray, np.array(["Z00.00", "R69", "O00.9"])[draw.integers(0, 3, count)], second
    )
    fitting = np.array(FITTING_MODIFIERS)[code % 3]
    bad = np.array(["80", "62", "QK", "95", "54"])[draw.integers(0, 5, count)]
    modifier = np.where(sometimes(wrong), bad, fitting)
    place = np.array(PLACES)[draw.integers(0, len(PLACES), count)]
    place = np.where(
        sometimes(wrong), np.array(["12", "02", "97"])[draw.integers(0, 3, count)], place
    )
    taxonomy = np.array(TAXONOMIES)[draw.integers(0, len(TAXONOMIES), count)]
    unfit = np.array(["122300000X", "204V00000X"])[draw.integers(0, 2, count)]
    taxonomy = np.where(sometimes(wrong), unfit, taxonomy)
    first_line = _first_lines(draw, count)  # a claim is of one day and one payer
    day = np.datetime64("2026-04-01") + draw.integers(0, 180, count)[first_line]
    payer = np.array(PAYERS)[draw.integers(0, len(PAYERS), count)[first_line]]
    number = np.arange(start, start + count)
    absent = ~sometimes(wrong) & ~sometimes(0.15)
    return pa.table(
        {
            "line_id": text(np.char.add("L", number.astype(str))),
            "claim_id": text(np.char.add("C", (start + first_line).astype(str))),
            "code": text(names[code]),
            "mod1": text(modifier, absent),
            "mod2": text(np.full(count, "LR"), ~sometimes(wrong / 4)),
            "place_of_service": text(place),
            "dx1": text(first),
            "dx2": text(second, ~sometimes(0.5)),
            "taxonomy": text(taxonomy),
            "billing_taxonomy": text(np.full(count, "291U00000X")),
            "payer": text(payer),
            "service_date": pa.array(day),
            "units": pa.array(np.ones(count, np.int64)),
            "charge": pa.array(draw.integers(1000, 99999, count) / 100),
        }
    )
