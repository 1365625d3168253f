"""Baselines over files, streams and worker processes."""

from __future__ import annotations

import pickle

import pytest

import claimcheck
from claimcheck import Baseline

pa = pytest.importorskip("pyarrow")
from claimcheck import batch  # noqa: E402 - after the extra was found
from claimcheck.batch import check_files  # noqa: E402

from .conftest import as_mapping, read_findings, write_lines  # noqa: E402


@pytest.fixture(scope="module")
def everything(checker, lines, reports_of):
    """The baseline of the lines, made by the engine for single lines and claims."""
    return Baseline.of(reports_of(checker, [as_mapping(line) for line in lines]))


@pytest.fixture(scope="module")
def half(everything):
    return Baseline(everything.entries[::2], everything.ruleset)


def knowing(baseline):
    return claimcheck.Checker(baseline=baseline)


@pytest.mark.parametrize("ending", ["csv", "parquet", "jsonl"])
def test_files_give_the_baseline_of_single_claims(tmp_path, checker, lines, everything, ending):
    source = write_lines(tmp_path / f"a.{ending}", lines)
    result = check_files([source], tmp_path / "out.parquet", checker, as_baseline=True)
    assert result.baseline.entries == everything.entries
    assert result.baseline.ruleset == checker.stamp
    assert len(everything.entries) > 20
    assert "claim-duplicate-line" in {entry.finding for entry in everything.entries}
    assert check_files([source], tmp_path / "out.parquet", checker).baseline is None


def test_known_findings_are_counted_and_left_out(tmp_path, lines, half, everything, expected_of):
    source = write_lines(tmp_path / "a.csv", lines)
    out = tmp_path / "out.jsonl"
    result = check_files([source], out, knowing(half), as_baseline=True)
    assert read_findings(out) == expected_of(knowing(half))(lines)
    known = sum(entry.seen for entry in half.entries)
    total = sum(entry.seen for entry in everything.entries)
    assert 0 < result.counts.in_baseline == known
    assert sum(result.counts.findings.values()) == total - known
    assert result.baseline.entries == everything.entries
    assert result.unused_baseline_entries == ()


def test_statuses_look_at_what_is_new(tmp_path, lines, everything):
    source = write_lines(tmp_path / "a.csv", lines)
    judged = tmp_path / "judged.jsonl"
    result = check_files([source], tmp_path / "o.csv", knowing(everything), lines=judged)
    assert result.counts.lines["findings"] == 0
    assert {row["status"] for row in read_findings(judged)} == {"clean", "not-checked"}
    assert read_findings(tmp_path / "o.csv") == []


def test_entries_that_did_not_occur_are_told_after_a_continued_job(tmp_path, lines, half):
    folder = tmp_path / "in"
    write_lines(folder / "a.csv", lines[:1000])
    write_lines(folder / "b.csv", lines[1000:])
    odd = claimcheck.KnownFinding(
        **{"code": "00000", "finding": "code-strange", "field": "code", "value": "00000"},
        **{"rule": "checks#code-strange", "severity": claimcheck.Severity.INFO},
    )
    more = Baseline([*half.entries, odd], half.ruleset)
    first = check_files([folder], tmp_path / "out", knowing(more))
    assert first.unused_baseline_entries == (odd,)
    again = check_files([folder], tmp_path / "out", knowing(more), resume=True)
    assert (again.files, again.skipped) == (0, 2)
    assert again.unused_baseline_entries == (odd,)
    assert again.counts.in_baseline == first.counts.in_baseline > 0
    other = check_files([folder], tmp_path / "out", knowing(half), resume=True)
    assert (other.files, other.skipped) == (2, 0)
    with pytest.raises(ValueError, match="leave out resume"):
        check_files([folder], tmp_path / "out", resume=True, as_baseline=True)


def some_lines(count):
    return pa.table(
        {
            "claim_id": [f"C{number // 3}" for number in range(count)],
            "code": [["0252U", "99213", None][number % 3] for number in range(count)],
            "modifiers": [["80", "82", None, "26,TC"][number % 4] for number in range(count)],
        }
    )


def test_spark_is_sent_the_baseline(tmp_path):
    found = batch.check_table(some_lines(60))
    report = claimcheck.check({"code": "0252U", "modifiers": ["80"]})
    path = tmp_path / "known.json"
    Baseline.of([report]).write(path)
    function = pickle.loads(pickle.dumps(batch.spark_function(baseline=path)))  # noqa: S301
    path.unlink()  # a worker has no such file
    told = [row for part in function(iter(some_lines(60).to_batches())) for row in part.to_pylist()]
    assert told == batch.check_table(some_lines(60), knowing(Baseline.of([report]))).to_pylist()
    assert 0 < len(told) < found.num_rows


def test_spark_is_sent_the_baseline_of_the_settings(tmp_path):
    Baseline.of([claimcheck.check({"code": "0252U", "modifiers": ["80"]})]).write(
        tmp_path / "known.json"
    )
    (tmp_path / "claimcheck.toml").write_text('baseline = "known.json"\n')
    function = batch.spark_function(config=tmp_path / "claimcheck.toml")
    (tmp_path / "known.json").unlink()
    told = [row for part in function(iter(some_lines(9).to_batches())) for row in part.to_pylist()]
    assert "80" not in [row["value"] for row in told]


def test_a_baseline_of_one_engine_serves_after_it_has_forgotten(monkeypatch, lines, half):
    from claimcheck.batch import engine

    tables = [pa.Table.from_pylist([as_mapping(line) for line in lines[:500]])] * 3
    batches = [part for table in tables for part in table.to_batches()]
    whole = [part.to_pylist() for part in batch.check_batches(batches, knowing(half))]
    monkeypatch.setattr(engine, "_MOST_REMEMBERED", 10)
    assert [part.to_pylist() for part in batch.check_batches(batches, knowing(half))] == whole
