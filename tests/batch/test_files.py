"""Files to files: the same findings in every format, and every row accounted for."""

from __future__ import annotations

import json
import os
import random

import pytest

import claimcheck
from claimcheck.errors import InputError

pa = pytest.importorskip("pyarrow")
import pyarrow.parquet as pq  # noqa: E402 - after the extra was found

from claimcheck.batch import check_files  # noqa: E402
from claimcheck.batch.pieces import prefetched  # noqa: E402

from .conftest import as_mapping, read_findings, read_rejects, write_lines  # noqa: E402

FORMATS = ["parquet", "csv", "jsonl"]
GOOD = {"code": "0252U", "mod1": "80", "mod2": None, "pos": "81", "dx1": "O03.9", "dx2": None}


def counted(result):
    """Rows read, once it is certain that they are all accounted for."""
    counts = result.counts
    assert counts.reported == sum(counts.lines.values())
    return counts.reported + counts.rejected


def names_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


# --- the same findings ---------------------------------------------------------------------------


@pytest.mark.parametrize("given", FORMATS)
@pytest.mark.parametrize("wanted", FORMATS)
def test_one_file(tmp_path, checker, lines, expected, given, wanted):
    source = write_lines(tmp_path / f"a.{given}", lines)
    out = tmp_path / f"out.{wanted}"
    result = check_files([source], out, checker)
    told = expected(lines)
    if wanted == "csv":  # what a spreadsheet would run is escaped there
        assert len(read_findings(out)) == len(told)
    assert read_findings(out) == told
    assert counted(result) == len(lines)
    assert sum(result.counts.findings.values()) == len(told)
    assert names_in(tmp_path) == sorted([source.name, out.name])


def test_statuses_and_counts_are_those_of_single_claims(tmp_path, checker, lines, reports_of):
    result = check_files(
        [write_lines(tmp_path / "a.csv", lines)],
        tmp_path / "out.jsonl",
        checker,
        lines=tmp_path / "lines.jsonl",
    )
    reports = list(reports_of(checker, [as_mapping(line) for line in lines]))
    judged = [json.loads(row) for row in (tmp_path / "lines.jsonl").read_text().splitlines()]
    assert [row["status"] for row in judged] == [report.status for report in reports]
    for name in ("error", "warning"):
        counts = [sum(f.severity == name for f in report.findings) for report in reports]
        assert [row[f"{name}s"] for row in judged] == counts
    for status, count in result.counts.lines.items():
        assert count == sum(report.status == status for report in reports)
    pairs = result.counts.pairs
    assert sum(pairs.values()) == sum(f.value is not None for r in reports for f in r.findings)


def test_a_pattern_and_a_folder_and_a_list_give_the_same(tmp_path, checker, lines, expected):
    folder = tmp_path / "in"
    parts = [lines[:700], lines[700:701], lines[701:]]
    for number, (part, ending) in enumerate(zip(parts, FORMATS, strict=True)):
        write_lines(folder / f"{number}.{ending}", part)
    (folder / "_SUCCESS").touch()
    (folder / ".hidden.csv").write_text("x")
    (folder / "b.csv.gz").write_bytes(b"\x1f\x8b")
    for name, inputs in {
        "folder": [folder],
        "pattern": [f"{folder}/[0-9].*"],
        "list": [folder / f"{n}.{e}" for n, e in enumerate(FORMATS)],
    }.items():
        out = tmp_path / name
        result = check_files(inputs, out, checker)
        assert (result.files, result.failed, counted(result)) == (3, (), len(lines))
        assert result.passed_over == (1 if name == "folder" else 0)
        for number, (part, ending) in enumerate(zip(parts, FORMATS, strict=True)):
            assert read_findings(out / f"{number}.{ending}.findings.parquet") == expected(part)


OVERLAY = """schema: claimcheck/overlay@1
overlay: mine
source: openpayer-0252u
statements:
  - code: "0252U"
    modifiers:
      - {modifier: "59", verdict: not-applicable, because: Made up., cite: {at: "nowhere"}}
"""


def overlaid(folder, payer=None):
    """A checker with one more rule, of a payer or of all."""
    folder.mkdir()
    of_payer = "" if payer is None else f"payer: {payer}\n"
    (folder / "mine.yaml").write_text(OVERLAY.replace("source:", f"{of_payer}source:"))
    return claimcheck.Checker(rules=[folder])


def test_a_partitioned_folder_gives_a_column(tmp_path, lines, expected_of):
    checker = overlaid(tmp_path / "rules", "blue-cross")
    expected = expected_of(checker)
    without = [{name: cell for name, cell in line.items() if name != "payer"} for line in lines]
    folder = tmp_path / "in"
    for ending in FORMATS:
        write_lines(folder / "payer=Blue%20Cross" / "year=2026" / f"a.{ending}", without)
    write_lines(folder / "payer=aetna" / "b.csv", lines)
    check_files([folder], tmp_path / "out", checker)
    told = expected(without, payer="Blue Cross")
    assert told != expected(without)
    for ending in FORMATS:
        path = tmp_path / f"out/payer=Blue%20Cross/year=2026/a.{ending}.findings.parquet"
        assert read_findings(path) == told
    own = read_findings(tmp_path / "out/payer=aetna/b.csv.findings.parquet")
    assert own == expected(lines)  # the file's own column wins


def test_a_partition_counts_for_patterns_and_single_files_and_by_its_alias(tmp_path, checker):
    source = write_lines(tmp_path / "pos=81/hcpcs=0252U/a.parquet", [{"mod1": "80", "plan": "x"}])
    check_files([source], tmp_path / "one.jsonl", checker)
    check_files([f"{tmp_path}/pos=*/*/*.parquet"], tmp_path / "out", checker)
    one = read_findings(tmp_path / "one.jsonl")
    assert one == read_findings(tmp_path / "out/pos=81/hcpcs=0252U/a.parquet.findings.parquet")
    assert "modifier-not-applicable" in {finding["code"] for finding in one}


def test_pieces_do_not_matter(tmp_path, checker, lines, expected, monkeypatch):
    monkeypatch.setattr("claimcheck.batch.sources.PYTHON_ROWS_AT_ONCE", 17)
    monkeypatch.setattr("claimcheck.batch.parquet_source.ROWS_AT_ONCE", 17)
    for ending in FORMATS:
        source = write_lines(tmp_path / "payer=x" / f"a.{ending}", lines)
        check_files([source], tmp_path / "out.jsonl", checker)
        assert read_findings(tmp_path / "out.jsonl") == expected(lines)


def test_parquet_columns_of_other_types(tmp_path, checker):
    table = pa.table(
        {
            "code.x": pa.array(["z", "z", "z"]),
            "code": pa.array(["0252U", "0252U", "0252U"]).dictionary_encode(),
            "modifiers": pa.array([["80"], None, []], pa.list_(pa.string())),
            "pos": pa.array([81, 1, None], pa.int8()),
            "dos": pa.array([20260504, None, 1], pa.int32()),
            "amount": pa.array([1.5, None, 2.5]),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    check_files(
        [tmp_path / "a.parquet"], tmp_path / "o.jsonl", checker, lines=tmp_path / "l.parquet"
    )
    found = {(f["row"], f["code"]) for f in read_findings(tmp_path / "o.jsonl")}
    assert {(0, "modifier-not-applicable"), (1, "place-digit-lost"), (2, "line-malformed")} <= found
    beside = pq.read_table(tmp_path / "l.parquet")
    assert beside.select(table.schema.names).equals(table)


# --- outputs -------------------------------------------------------------------------------------


def test_parquet_says_which_rules(tmp_path, checker):
    source = write_lines(tmp_path / "a.csv", [GOOD])
    check_files([source], tmp_path / "out.parquet", checker)
    metadata = pq.read_schema(tmp_path / "out.parquet").metadata
    assert metadata[b"claimcheck.ruleset.name"].decode() == checker.stamp.name
    assert metadata[b"claimcheck.ruleset.version"].decode() == checker.stamp.version
    assert metadata[b"claimcheck.ruleset.hash"].decode() == checker.stamp.hash


def test_csv_runs_no_formula(tmp_path, checker):
    row = {**GOOD, "line_id": "=1+1", "claim_id": "-2", "payer": "@x", "=cmd": "+1"}
    table = pa.table({name: [cell] for name, cell in row.items()})
    pq.write_table(table, tmp_path / "a.parquet")
    check_files([tmp_path / "a.parquet"], tmp_path / "o.csv", checker, lines=tmp_path / "l.csv")
    for name in ("o.csv", "l.csv"):
        text = (tmp_path / name).read_text()
        cells = [cell for row in text.splitlines() for cell in row.split(",")]
        assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []
    assert "'=cmd" in (tmp_path / "l.csv").read_text()


@pytest.mark.parametrize("given", FORMATS)
@pytest.mark.parametrize("wanted", FORMATS)
def test_no_rows_give_whole_outputs(tmp_path, checker, given, wanted):
    source = tmp_path / f"a.{given}"
    if given == "parquet":
        pq.write_table(pa.table({"code": pa.array([], pa.string()), "n": [1][:0]}), source)
    else:
        source.write_text("code,pos\n" if given == "csv" else "\n\n")
    out, lines = tmp_path / f"out.{wanted}", tmp_path / f"lines.{wanted}"
    if given == "jsonl":
        with pytest.raises(InputError, match="is empty"):
            check_files([source], out, checker, lines=lines)
        return
    assert counted(check_files([source], out, checker, lines=lines)) == 0
    assert read_findings(out) == read_findings(lines) == []
    if wanted == "parquet":
        assert pq.read_schema(lines).names[-3:] == ["status", "errors", "warnings"]


def test_columns_that_are_called_as_ours_stay(tmp_path, checker):
    source = write_lines(tmp_path / "a.parquet", [{**GOOD, "status": "paid", "errors": "none"}])
    check_files([source], tmp_path / "o.csv", checker, lines=tmp_path / "l.jsonl")
    told = json.loads((tmp_path / "l.jsonl").read_text())
    assert (told["status"], told["errors"], told["warnings"]) == ("paid", "none", 0)
    assert (told["claimcheck_status"], told["claimcheck_errors"]) == ("findings", 1)


def test_an_output_through_a_link_leaves_the_link(tmp_path, checker):
    source = write_lines(tmp_path / "a.csv", [GOOD])
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "out.csv").symlink_to("real.csv")
    check_files([source], tmp_path / "out.csv", checker)
    assert (tmp_path / "out.csv").is_symlink()
    assert read_findings(tmp_path / "real.csv")


def test_a_name_that_looks_like_a_pattern(tmp_path, checker):
    source = write_lines(tmp_path / "in" / "a[1].csv", [GOOD])
    left = tmp_path / "out" / ".a[1].csv.findings.parquet.x.tmp"
    left.parent.mkdir()
    left.touch()
    assert check_files([source, source], tmp_path / "out", checker).files == 1
    assert not left.exists()
    assert (tmp_path / "out/a[1].csv.findings.parquet").is_file()


# --- what is refused -----------------------------------------------------------------------------


def refused(match, *arguments, **options):
    with pytest.raises(InputError, match=match) as caught:
        check_files(*arguments, **options)
    assert caught.value.__cause__ is None


def test_outputs_that_cannot_be(tmp_path, checker):
    source = write_lines(tmp_path / "in" / "a.csv", [GOOD])
    (tmp_path / "link.csv").symlink_to(source)
    before = source.read_bytes()
    out = tmp_path / "out.csv"
    refused("is the input", [source], source, checker)
    refused("is the input", [source], tmp_path / "link.csv", checker)
    refused("is the input", [source], out, checker, lines=source)
    refused("two outputs", [source], out, checker, lines=out)
    refused("is no file that can be written whole", [source], "/dev/null", checker)
    refused("is no file that can be written whole", [source], "-", checker)
    refused("no such folder", [source], tmp_path / "none" / "out.csv", checker)
    refused("a folder, not a file", [source.parent], out, checker)
    refused("is within the input", [source.parent], source.parent / "out", checker)
    refused("is within the input", [f"{tmp_path}/**/*.csv"], tmp_path / "out", checker)
    refused("holds an input", [source], source.parent, checker)
    refused("beside their findings", [source.parent], tmp_path / "o", checker, rejects=out)
    write_lines(tmp_path / "file", [GOOD])
    refused("is a file; several inputs", [source.parent], tmp_path / "file", checker)
    assert source.read_bytes() == before
    assert not out.exists()


def test_inputs_that_cannot_be(tmp_path, checker):
    out = tmp_path / "out"
    one = write_lines(tmp_path / "x" / "a.csv", [GOOD])
    two = write_lines(tmp_path / "y" / "a.csv", [GOOD])
    (tmp_path / "empty").mkdir()
    refused("no input", [], out, checker)
    refused("no such file", [tmp_path / "none.csv"], out, checker)
    refused("no file matches", [f"{tmp_path}/*.parquet"], out, checker)
    refused("has no file that ends in", [tmp_path / "empty"], out, checker)
    refused("standard input", ["-"], out, checker)
    refused("the same name; give their common folder", [one, two], out, checker)
    refused("a field that there is not", [one], out, checker, mapping={"code": "cods"})
    assert (
        check_files([tmp_path], out.with_name("z") / ".." / ".." / f"{tmp_path.name}-o").files == 2
    )


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_column_that_is_missing_is_told_before_the_first_row(tmp_path, checker, ending):
    source = write_lines(tmp_path / f"a.{ending}", [{"Quimby": "0252U", "pos": "81"}])
    refused("no column gives the procedure code", [source], tmp_path / "out.csv", checker)
    gone = {"mapping": {"cpt4": "code"}}
    refused("mapped to code is not in the header", [source], tmp_path / "o.csv", checker, **gone)
    assert names_in(tmp_path) == [source.name]
    check_files([source], tmp_path / "out.csv", checker, mapping={"Quimby": "code"})


def test_a_folder_that_is_not_empty_is_refused(tmp_path, checker):
    source = write_lines(tmp_path / "in" / "a.csv", [GOOD]).parent
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("x")
    refused("is not empty", [source], out, checker)
    refused("is not empty", [source], tmp_path / "o", checker, lines=out)
    assert names_in(out) == ["mine.txt"]
    assert check_files([source], out, checker, resume=True).files == 1


# --- nothing is lost -----------------------------------------------------------------------------


def csv_of(*rows):
    return "".join(f"{row}\n" for row in ("code,pos,line_id", *rows)).encode()


@pytest.mark.parametrize(
    ("content", "read", "rejected"),
    [
        (csv_of("0252U,81,1", "0252U,81", "0252U,81,3"), 3, [1]),
        (csv_of("0252U,81,1", "0252U,8")[:-1], 2, [1]),
        (csv_of("0252U,81,1", '"0252U,81,2', "0252U,81,3"), 3, [1]),
        (csv_of("0252U,81,1").replace(b"\n", b"\r\n") + b"\xff\xfe,81,2\r\n0252U,81,3", 3, [1]),
        (csv_of("0252U,81,1", "02\x0052U,81,2", "0252U,81,3"), 3, [1]),
        (csv_of("0252U,81,1", "0252U," + "8" * (1 << 20), "0252U,81,3"), 3, [1]),
        (b'{"code": "0252U"}\n{"code": \n[1]\n{"code": "0252U"}\n{"code": "02', 5, [1, 2, 4]),
        (b'{"code": "0252U"}\n{"code": "\xff"}\n{"code": "0252U"}\n', 3, [1]),
        (b'{"code": "0252U"}\n{"code": "0252U", "cpt": "0252U"}\n', 2, [1]),
    ],
)
def test_broken_rows_of_text(tmp_path, checker, content, read, rejected):
    source = tmp_path / "a.txt"
    source.write_bytes(content)
    lines = tmp_path / "l.jsonl"
    result = check_files([source], tmp_path / "o.parquet", checker, lines=lines)
    assert counted(result) == read
    told = read_rejects(tmp_path / "o.rejects.csv")
    assert [row for row, _ in told] == rejected
    assert result.counts.rejected_rows == told
    assert result.rejects == (str(tmp_path / "o.rejects.csv"),)
    assert len(lines.read_text().splitlines()) == read - len(rejected)
    rows = {finding["row"] for finding in read_findings(tmp_path / "o.parquet")}
    assert rows <= set(range(read)) - set(rejected)


def test_a_truncated_file_of_text_loses_no_row(tmp_path, checker, lines, expected):
    whole = [line for line in lines if "\n" not in "".join(filter(None, line.values()))]
    for ending in ("csv", "jsonl"):
        content = write_lines(tmp_path / f"a.{ending}", whole).read_bytes()
        (tmp_path / f"a.{ending}").write_bytes(content[: len(content) * 2 // 3])
        result = check_files([tmp_path / f"a.{ending}"], tmp_path / "o.jsonl", checker)
        physical = content[: len(content) * 2 // 3].count(b"\n")
        assert counted(result) in (physical, physical + 1)
        kept = result.counts.reported
        assert read_findings(tmp_path / "o.jsonl")[:-20] == expected(whole[:kept])[:-20]


def test_rejects_of_an_earlier_run_go(tmp_path, checker):
    source, out = tmp_path / "a.csv", tmp_path / "o.csv"
    source.write_bytes(csv_of("0252U"))
    check_files([source], out, checker, rejects=tmp_path / "r.csv")
    assert read_rejects(tmp_path / "r.csv") == [(0, "the row has 1 cell, the header 3")]
    source.write_bytes(csv_of("0252U,81,1"))
    check_files([source], out, checker, rejects=tmp_path / "r.csv")
    assert names_in(tmp_path) == ["a.csv", "o.csv"]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", "code\n0252U\n".encode("utf-16"), "UTF-16"),
        ("a.csv", b"\x1f\x8b\x08", "gzip"),
        ("a.parquet", b"PAR1", "cannot be read as Parquet"),
        ("a.parquet", b"PAR1" + b"\0" * 90, "cannot be read as Parquet"),
    ],
)
def test_a_file_that_cannot_be_read_stops_no_other(tmp_path, checker, name, content, reason):
    folder = tmp_path / "in"
    write_lines(folder / "0.csv", [GOOD])
    write_lines(folder / "z.parquet", [GOOD])
    (folder / name).write_bytes(content)
    refused(reason, [folder / name], tmp_path / "one.csv", checker)
    result = check_files([folder], tmp_path / "out", checker)
    assert (result.files, counted(result)) == (2, 2)
    assert [path for path, _ in result.failed] == [str(folder / name)]
    assert reason in result.failed[0][1]
    told = names_in(tmp_path / "out")
    assert [it for it in told if it.startswith(name)] == []
    assert not (tmp_path / "one.csv").exists()


def test_a_parquet_file_without_its_end(tmp_path, checker, lines):
    source = write_lines(tmp_path / "a.parquet", lines)
    source.write_bytes(source.read_bytes()[:-100])
    refused("nothing of it was checked", [source], tmp_path / "out.csv", checker)


def damage(path, group, column, at=0.5, length=40):
    """Flip bytes within one column chunk."""
    chunk = pq.ParquetFile(path).metadata.row_group(group).column(column)
    start = chunk.dictionary_page_offset or chunk.data_page_offset
    content = bytearray(path.read_bytes())
    first = start + int(chunk.total_compressed_size * at)
    for place in range(first, min(first + length, start + chunk.total_compressed_size)):
        content[place] ^= 0xFF
    path.write_bytes(bytes(content))


@pytest.mark.parametrize("column", [0, 2, 5])
def test_a_damaged_row_group_costs_its_own_rows_only(tmp_path, checker, lines, expected, column):
    source = write_lines(tmp_path / "a.parquet", lines, write_page_checksum=True)
    damage(source, 3, column)
    result = check_files([source], tmp_path / "o.parquet", checker, lines=tmp_path / "l.parquet")
    assert counted(result) == len(lines)
    rejected = read_rejects(tmp_path / "o.rejects.csv")
    assert [row for row, _ in rejected] == list(range(900, 1200))
    assert {reason.split(" (")[0] for _, reason in rejected} == {"row group 3 is damaged"}
    assert "Quimby" not in repr(rejected)
    rows = [*range(900), *range(1200, len(lines))]
    assert read_findings(tmp_path / "o.parquet") == expected([lines[row] for row in rows], rows)
    assert pq.read_metadata(tmp_path / "l.parquet").num_rows == len(rows)


def test_damage_anywhere_loses_no_row(tmp_path, checker, lines):
    """Without checksums damage may go unseen; but no row is lost, and nothing raises."""
    draw = random.Random(5)
    for number in range(int(os.environ.get("CLAIMCHECK_DAMAGES", "20"))):
        source = write_lines(
            tmp_path / "a.parquet", lines, compression=("snappy", "none")[number % 2]
        )
        damage(
            source, draw.randrange(7), draw.randrange(11), draw.random(), draw.choice([1, 3, 30])
        )
        result = check_files([source], tmp_path / "o.parquet", checker, lines=tmp_path / "l.csv")
        assert counted(result) == len(lines)
        rejects = tmp_path / "o.rejects.csv"
        told = [row for row, _ in read_rejects(rejects)] if rejects.exists() else []
        assert len(set(told)) == len(told) == result.counts.rejected


def test_text_in_parquet_that_is_not_utf_8(tmp_path, checker, lines, expected):
    some = [{**line, "note": None} for line in lines[:50]]
    table = pa.table(
        {
            name: pa.array([line[name] for line in some], pa.string())
            for name in some[0]
            if name not in ("mod1", "note")
        }
    )
    raw = [(line["mod1"] or "").encode() for line in some]
    raw[7], raw[20] = b"\xff", b"8\xe9"
    broken = pa.array(raw, pa.binary()).view(pa.string())
    notes = pa.array([b"\xe9" if row == 30 else None for row in range(50)], pa.binary())
    table = table.append_column("mod1", broken).append_column("note", notes.view(pa.string()))
    pq.write_table(table, tmp_path / "a.parquet")
    check_files([tmp_path / "a.parquet"], tmp_path / "o.parquet", checker)
    reason = "the row has bytes that are not UTF-8"
    assert read_rejects(tmp_path / "o.rejects.csv") == [(7, reason), (20, reason)]
    rows = [row for row in range(50) if row not in (7, 20)]
    assert read_findings(tmp_path / "o.parquet") == expected([some[row] for row in rows], rows)
    result = check_files(
        [tmp_path / "a.parquet"], tmp_path / "o.csv", checker, lines=tmp_path / "l.csv"
    )
    assert [row for row, _ in read_rejects(tmp_path / "o.rejects.csv")] == [7, 20, 30]
    assert counted(result) == 50


def test_an_error_of_the_reader_comes_through():
    def pieces():
        yield 1
        raise OSError("gone")

    found = prefetched(pieces())
    assert next(found) == 1
    with pytest.raises(OSError, match="gone"):
        next(found)


# --- resuming ------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path, lines):
    for number, ending in enumerate(FORMATS):
        write_lines(
            tmp_path / "in" / f"{number}.{ending}", lines[number * 500 : number * 500 + 500]
        )
    (tmp_path / "in" / "3.csv").write_bytes(csv_of("0252U,81,1", "0252U"))
    return tmp_path / "in"


def times(out):
    return {name: (out / name).stat().st_mtime_ns for name in names_in(out)}


def resumed(folder, checker, **options):
    out = folder.parent / "out"
    return check_files([folder], out, checker, resume=True, **options)


def test_what_is_done_is_not_done_again(folder, checker):
    out = folder.parent / "out"
    first = check_files([folder], out, checker, lines=out)
    before = times(out)
    assert len(before) == 4 * 3 + 1
    for name in ("1.csv.summary.json", "2.jsonl.findings.parquet", "3.csv.rejects.csv"):
        (out / name).unlink()
    (out / ".1.csv.findings.parquet.x.tmp").write_bytes(b"left by a killed process")
    again = resumed(folder, checker, lines=out)
    assert (again.files, again.skipped) == (3, 1)
    after = times(out)
    assert set(after) == set(before)
    changed = {name.split(".")[0] for name in before if after[name] != before[name]}
    assert changed == {"1", "2", "3"}
    assert again.counts.as_dict() == first.counts.as_dict()
    assert (again.counts.rejected, again.rejects) == (1, first.rejects)
    assert again.columns_not_read == first.columns_not_read == 1
    assert resumed(folder, checker, lines=out).files == 0
    assert not list(out.glob(".*"))


def test_what_has_changed_is_done_again(folder, checker):
    def of(**options):
        return resumed(folder, options.pop("checker", checker), **options).files

    assert (of(), of()) == (4, 0)
    os.utime(folder / "0.parquet", ns=(1, 1))
    assert (of(), of()) == (1, 0)
    other = claimcheck.Checker(payer="aetna")
    assert (of(checker=other), of(checker=other), of()) == (4, 0, 4)
    config = claimcheck.Config(select=("modifier",))
    assert of(checker=claimcheck.Checker(config=config)) == 4
    assert of(output_format="csv") == 4
    names = names_in(folder.parent / "out")
    assert [name for name in names if "findings.parquet" in name] == []
    assert of(mapping={"note": "conditions"}) == 3  # one file has no such column
    summary = folder.parent / "out/0.parquet.summary.json"
    for damaged in ("", "[]", '{"fingerprint": 1}', summary.read_text().replace('"counts"', '"c"')):
        summary.write_text(damaged)
        assert of(mapping={"note": "conditions"}) == 1


def test_changed_rules_are_applied(folder, checker, tmp_path):
    resumed(folder, checker)
    changed = overlaid(tmp_path / "rules")
    result = resumed(folder, changed)
    assert (result.files, result.skipped) == (4, 0)
    assert json.loads((tmp_path / "out/1.csv.summary.json").read_text())["ruleset"] == {
        "name": changed.stamp.name,
        "version": changed.stamp.version,
        "hash": changed.stamp.hash,
    }


def test_a_file_that_has_become_unreadable_leaves_no_old_findings(folder, checker):
    resumed(folder, checker)
    (folder / "1.csv").write_bytes(b"\x1f\x8b")
    result = resumed(folder, checker)
    assert (result.files, result.skipped, len(result.failed)) == (0, 3, 1)
    assert [name for name in names_in(folder.parent / "out") if name.startswith("1.")] == []


def test_an_exception_that_an_earlier_run_used_is_not_unused(folder, checker):
    def fresh():
        exceptions = (
            claimcheck.FindingException(finding="place-digit-lost", reason="r"),
            claimcheck.FindingException(finding="modifier", reason="r", code="99999"),
        )
        return claimcheck.Checker(config=claimcheck.Config(exceptions=exceptions))

    first = resumed(folder, fresh())
    again = resumed(folder, fresh())
    assert again.files == 0
    assert [e.code for e in first.unused_exceptions] == ["99999"]
    assert again.unused_exceptions == first.unused_exceptions


def test_progress_goes_from_nothing_to_the_end(folder, checker):
    told = []
    result = resumed(folder, checker, progress=told.append)
    assert [it.done for it in told] == sorted(it.done for it in told)
    assert told[-1].done == 1
    assert told[-1].rows == counted(result) == 1_502
    assert told[-1].findings == sum(result.counts.findings.values())
    assert (told[0].files_done, told[-1].files_done, told[-1].files) == (0, 3, 4)
