"""Lines, and files of them in every format."""

from __future__ import annotations

import csv
import json
import random
from itertools import groupby

import pytest

import claimcheck

pa = pytest.importorskip("pyarrow")
import pyarrow.parquet as pq  # noqa: E402 - after the extra was found

from claimcheck import batch  # noqa: E402

NAMES = [field.name for field in batch.FINDINGS_SCHEMA]


@pytest.fixture(scope="session")
def checker():
    return claimcheck.Checker()


@pytest.fixture(scope="session")
def lines():
    """Two thousand lines as text, some of them awkward."""
    draw = random.Random(3)
    odd = [None, "", " ", "Quimby", "0", "26,59", "ｘ", "8A", "252U", "=1+1", 'a "b" c', "x\ny"]

    def pick(*values, awkward=0.03):
        return draw.choice(odd) if draw.random() < awkward else draw.choice(values)

    return [
        {
            "line_id": pick(f"L{number}"),
            "claim_id": f"C{number // 3}",
            "code": pick("0252U", "0252U", "81452", "99213"),
            "mod1": pick(None, "80", "26", "59"),
            "mod2": pick(None, None, "TC"),
            "pos": pick("81", "81", "22", "1"),
            "dx1": pick("O03.9", "N96", "J06.9"),
            "dx2": pick(None, None, "O03.4"),
            "payer": pick("Aetna", None),
            "dos": pick("2026-05-04", "05/04/2026", "04-MAY-2026", None),
            "units": pick("1", "2", "0", None),
            "note": "x",
        }
        for number in range(2_000)
    ]


def claim_by_claim(checker, lines, key=lambda line: line.get("claim_id")):
    """The reports of lines, where consecutive ones of one key are a claim."""
    for told, group in groupby(lines, key):
        together = list(group)
        blank = told is None or not str(told).strip(" \t\r\n\u200b")
        if blank:
            yield from map(checker.check, together)
            continue
        for start in range(0, len(together), 1000):
            yield from checker.check_claim(together[start : start + 1000]).reports


def as_mapping(line, **constants):
    """What the columns of a line give, for the engine for single lines."""
    blank = {name: None if value == "" else value for name, value in line.items()}
    mapped = {name: blank.get(name) for name in ("line_id", "claim_id", "code", "payer", "units")}
    mapped |= {"place_of_service": blank.get("pos"), "service_date": blank.get("dos")}
    mapped["modifiers"] = [line.get("mod1"), line.get("mod2")]
    mapped["diagnoses"] = [line.get("dx1"), line.get("dx2")]
    return {**mapped, **constants}


@pytest.fixture(scope="session")
def expected(expected_of, checker):
    """The findings of lines, made by the engine for single lines; ``rows`` are their numbers."""
    return expected_of(checker)


@pytest.fixture(scope="session")
def reports_of():
    return claim_by_claim


@pytest.fixture(scope="session")
def expected_of():
    return _expected_of


def _expected_of(checker):
    def make(lines, rows=None, **constants):
        found = []
        mapped = [as_mapping(line, **constants) for line in lines]
        reports = claim_by_claim(checker, mapped)
        for row, report in zip(rows or range(len(lines)), reports, strict=True):
            for finding in report.findings:
                ids = {"row": row, "line_id": report.line_id, "claim_id": report.claim_id}
                whole = {**finding.as_dict(), **ids}
                found.append({name: whole[name] for name in NAMES})
        return found

    return make


def write_lines(path, lines, **options):
    """Write lines in the format of the path's ending."""
    path.parent.mkdir(parents=True, exist_ok=True)
    names = list(lines[0])
    if path.suffix == ".parquet":
        arrays = {name: pa.array([line[name] for line in lines], pa.string()) for name in names}
        pq.write_table(pa.table(arrays), path, **{"row_group_size": 300, **options})
    elif path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, names)
            writer.writeheader()
            writer.writerows(lines)
    else:
        path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def read_findings(path):
    """The findings of a file in any format, in the types of the schema."""
    if path.suffix == ".parquet":
        return pq.read_table(path).to_pylist()
    if path.suffix == ".jsonl":
        return [json.loads(row) for row in path.read_text("utf-8").splitlines()]
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        row["row"] = int(row["row"])
        row["index"] = int(row["index"]) if row["index"] else None
        for name, cell in row.items():
            if cell == "":
                row[name] = None
    return rows


def read_rejects(path):
    with path.open(encoding="utf-8", newline="") as stream:
        return [(int(row["row"]), row["reason"]) for row in csv.DictReader(stream)]
