"""One step of ``batch.py``, in a process of its own; prints seconds and peak memory as JSON."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from batch import LOOP_ROWS


def main() -> None:
    """Run the step that the command line names."""
    step, lines, rules, folder = sys.argv[1], *map(Path, sys.argv[2:5])
    prepare, run = _STEPS[step]
    given = prepare(rules)
    started = time.perf_counter()
    figures = run(given, lines, folder) or {}
    figures.setdefault("seconds", time.perf_counter() - started)
    figures["megabytes"] = _peak()
    print(json.dumps(figures))


def _peak() -> float:
    """Peak memory in MB; where the system tells it, without what the parent had when it forked."""
    try:
        status = Path("/proc/self/status").read_text("ascii")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def _nothing(rules: Path) -> None:
    return None


def _read(_: Any, lines: Path, folder: Path) -> None:
    import polars

    polars.read_parquet(lines)


def _rewrite(_: Any, lines: Path, folder: Path) -> None:
    import polars

    polars.read_parquet(lines).write_parquet(folder / "rewritten.parquet")


def _tables(rules: Path) -> dict[str, Any]:
    """What fits each code, as four tables for joins."""
    import polars

    from claimcheck import Checker

    ruleset = Checker(rules=[rules]).ruleset
    rows: dict[str, list[tuple[str, str]]] = {
        name: [] for name in ("modifiers", "places", "diagnoses", "taxonomies")
    }
    fits = ("applicable", "indicated", "conditional")
    for code in ruleset.codes:
        rule = ruleset.rule(code, None, date(2026, 5, 4))
        assert rule is not None
        for part in rule.statements:
            for name, found in rows.items():
                found += [
                    (code, entry.value) for entry in getattr(part, name) if entry.verdict in fits
                ]
    pathologists = [
        (code, value) for code in ruleset.codes for value in ("291U00000X", "207ZP0102X")
    ]
    rows["taxonomies"] += pathologists
    return {
        name: polars.DataFrame(
            sorted(set(found)), schema={"code": polars.String, "value": polars.String}, orient="row"
        )
        for name, found in rows.items()
    }


def _joins(tables: dict[str, Any], lines: Path, folder: Path) -> dict[str, float]:
    import polars as pl

    frame = pl.read_parquet(lines).with_row_index("row")
    found = []
    for columns, name in (
        (["mod1", "mod2"], "modifiers"),
        (["place_of_service"], "places"),
        (["dx1", "dx2"], "diagnoses"),
        (["taxonomy"], "taxonomies"),
    ):
        for column in columns:
            found.append(
                frame.select("row", "line_id", "claim_id", "code", value=pl.col(column))
                .drop_nulls("value")
                .join(tables[name], on=["code", "value"], how="anti")
                .with_columns(field=pl.lit(column))
            )
    findings = pl.concat(found).sort("row")
    findings.write_parquet(folder / "joined.parquet")
    return {"findings": len(findings)}


def _checker(rules: Path) -> Any:
    from claimcheck import Checker

    return Checker(rules=[rules])


def _with_own_check(rules: Path) -> Any:
    from claimcheck import Checker, Defect, Severity, define_check

    @define_check("units-made-up", field="units")
    def units_made_up(rule: Any, units: Any, place_of_service: Any) -> Any:
        """A check of a user's own."""
        if rule is not None and units == 1 and place_of_service == "11":
            yield Defect(severity=Severity.INFO, message="Made up.", hint="Nothing.")

    return Checker(rules=[rules], checks=[units_made_up])


def _claimcheck(checker: Any, lines: Path, folder: Path) -> dict[str, float]:
    from claimcheck.batch import check_files

    result = check_files([lines], folder / "findings.parquet", checker)
    return {"findings": sum(result.counts.findings.values())}


def _loop(checker: Any, lines: Path, folder: Path) -> dict[str, float]:
    """``Checker.check`` on the first lines, scaled to all of them."""
    import pyarrow.parquet as pq

    parquet = pq.ParquetFile(lines)
    batch = next(parquet.iter_batches(LOOP_ROWS))
    started = time.perf_counter()
    count = 0
    for line in batch.to_pylist():
        line["modifiers"] = [line.pop("mod1"), line.pop("mod2")]
        line["diagnoses"] = [line.pop("dx1"), line.pop("dx2")]
        del line["charge"]
        count += len(checker.check(line).findings)
    scale = parquet.metadata.num_rows / batch.num_rows
    return {"seconds": (time.perf_counter() - started) * scale, "findings": count * scale}


def _sets(rules: Path) -> dict[str, Any]:
    """What fits each code, as sets for a hand-written loop."""
    fitting: dict[str, Any] = {}
    for name, table in _tables(rules).items():
        for code, value in table.iter_rows():
            fitting.setdefault(code, {}).setdefault(name, set()).add(value)
    return fitting


def _hand_loop(fitting: dict[str, Any], lines: Path, folder: Path) -> dict[str, float]:
    """A loop that one would write by hand: sets, no dates, payers, messages or malformed values."""
    import pyarrow.parquet as pq

    parquet = pq.ParquetFile(lines)
    batch = next(parquet.iter_batches(LOOP_ROWS))
    started = time.perf_counter()
    found: list[Any] = []
    for row, line in enumerate(batch.to_pylist()):
        fits = fitting[line["code"]]
        for field in ("mod1", "mod2"):
            value = line[field]
            if value is not None and value not in fits["modifiers"]:
                found.append((row, line["line_id"], field, value))
        for field in ("dx1", "dx2"):
            value = line[field]
            if value is not None and value not in fits["diagnoses"]:
                found.append((row, line["line_id"], field, value))
        for field, name in (("place_of_service", "places"), ("taxonomy", "taxonomies")):
            if line[field] not in fits[name]:
                found.append((row, line["line_id"], field, line[field]))
    scale = parquet.metadata.num_rows / batch.num_rows
    return {
        "seconds": (time.perf_counter() - started) * scale,
        "findings": len(found) * scale,
    }


_STEPS: dict[str, tuple[Callable[[Path], Any], Callable[[Any, Path, Path], Any]]] = {
    "read": (_nothing, _read),
    "rewrite": (_nothing, _rewrite),
    "joins": (_tables, _joins),
    "claimcheck": (_checker, _claimcheck),
    "own check": (_with_own_check, _claimcheck),
    "hand loop": (_sets, _hand_loop),
    "loop": (_checker, _loop),
}

if __name__ == "__main__":
    main()
