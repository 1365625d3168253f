"""Claims in the batch engine: the same findings as the engine for single claims, however rows come."""

from __future__ import annotations

import json
import os
from datetime import date
from itertools import groupby, pairwise

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import claimcheck
from claimcheck.checks.definition import Codes, Pairs, Repeats
from claimcheck.cli.group import cli

np = pytest.importorskip("numpy")
pa = pytest.importorskip("pyarrow")
import pyarrow.parquet as pq  # noqa: E402 - after the extra was found

from claimcheck import batch  # noqa: E402
from claimcheck.batch.claims import Grouper  # noqa: E402
from claimcheck.batch.columns import plan_of  # noqa: E402
from claimcheck.batch.engine import Engine  # noqa: E402
from claimcheck.batch.keys import keys_of  # noqa: E402
from claimcheck.batch.returning import ReturningHashes  # noqa: E402
from claimcheck.io.claims import ReturningClaims  # noqa: E402

EXAMPLES = int(os.environ.get("CLAIMCHECK_EXAMPLES", "150"))
NAMES = [field.name for field in batch.FINDINGS_SCHEMA]
DAY = date(2026, 5, 4)


def defect(line, code, **more):
    return claimcheck.Defect(
        severity=claimcheck.Severity.WARNING, message=f"About {code}.", hint="h", line=line, **more
    )


def related(code_sets, code, other, epoch):
    """Two codes that may not stand together, in one order and from one day on only."""
    return (code, other) in {("81452", "0252U"), ("0252U", "81452")} and epoch.day != date(1, 1, 1)


@claimcheck.define_check("claim-pair", field="code", suspects=Pairs(related))
def claim_pair(lines):
    """Two codes of one day; a line without a date is of any."""
    for at, line in enumerate(lines):
        for other in lines[:at]:
            days = {line.service_date, other.service_date} - {None}
            if {line.code, other.code} == {"81452", "0252U"} and len(days) < 2:
                yield defect(at, line.code)


@claimcheck.define_check(
    "claim-alone", field="code", suspects=Codes(lambda _, code, __: code == "99213")
)
def claim_alone(lines):
    """A code that needs another one on the claim; findings of one row in no order of position."""
    if {line.code for line in lines} == {"99213"}:
        yield defect(len(lines) - 1, "99213", field="modifiers", index=2)
        yield defect(len(lines) - 1, "99213", field="modifiers", index=1)


@claimcheck.define_check(
    "claim-units", field="units", suspects=Repeats(("code", "modifiers", "service_date"))
)
def claim_units(lines):
    """Lines of one code and day, and modifiers in any order."""
    seen = set()
    for at, line in enumerate(lines):
        key = (line.code, tuple(sorted(filter(None, line.modifiers))), line.service_date)
        if line.code is not None and key in seen:
            yield defect(at, line.code)
        seen.add(key)


@claimcheck.define_check("claim-long", field="code")
def claim_long(lines):
    """Any claim may be suspect."""
    if len(lines) > 3:
        yield defect(0, lines[0].code, value=str(len(lines)))


QUICK = claimcheck.Checker(checks=[claim_pair, claim_alone, claim_units])
SLOW = claimcheck.Checker(checks=[claim_pair, claim_alone, claim_units, claim_long])
EXCEPTIONS = claimcheck.Checker(
    checks=[claim_units],
    config=claimcheck.Config(
        exceptions=(
            claimcheck.FindingException(
                finding="claim-duplicate-line",
                reason="r",
                payer="aetna",
                severity=claimcheck.Severity.ERROR,
            ),
            claimcheck.FindingException(finding="claim-units", reason="r", code="0252U"),
        )
    ),
)
CHECKERS = {"quick": QUICK, "slow": SLOW, "exceptions": EXCEPTIONS}

LINES = st.lists(
    st.fixed_dictionaries(
        {
            "claim_id": st.sampled_from(["A", "A", "A", "B", "a b", " A", "", " ", None]),
            "code": st.sampled_from(["0252U", "81452", "99213", "0252u", "?", None]),
        },
        optional={
            "line_id": st.sampled_from(["L1", "L2", "not plain", None]),
            "modifiers": st.lists(st.sampled_from(["59", "26", "", "26,59", None]), max_size=3),
            "place_of_service": st.sampled_from(["81", None]),
            "payer": st.sampled_from(["Aetna", None]),
            "service_date": st.sampled_from([DAY, DAY, date(2020, 1, 1), None]),
            "units": st.sampled_from([1, 2, None]),
        },
    ),
    min_size=1,
    max_size=30,
)


def table_of(lines):
    types = {
        "modifiers": pa.list_(pa.string()),
        "service_date": pa.date32(),
        "units": pa.int64(),
    }
    names = ["claim_id", "code", "line_id", "modifiers", "place_of_service", "payer"]
    return pa.table(
        {
            name: pa.array([line.get(name) for line in lines], types.get(name, pa.string()))
            for name in [*names, "service_date", "units"]
        }
    )


def key_of(line):
    return (line.get("claim_id") or "").strip() or None


def claim_by_claim(checker, lines, key=key_of):
    """The findings table, made by the engine for single claims."""
    found, row = [], 0
    for told, group in groupby(lines, key):
        together = list(group)
        for start in range(0, len(together), 1000):
            part = together[start : start + 1000]
            alone = told is None
            reports = map(checker.check, part) if alone else checker.check_claim(part).reports
            for report in reports:
                ids = {"row": row, "line_id": report.line_id, "claim_id": report.claim_id}
                for finding in report.findings:
                    whole = {**finding.as_dict(), **ids}
                    found.append({name: whole[name] for name in NAMES})
                row += 1
    return found


def rows_of(batches):
    return [row for part in batches for row in part.to_pylist()]


@pytest.mark.parametrize("name", CHECKERS)
@settings(max_examples=EXAMPLES)
@given(lines=LINES)
def test_batch_is_scalar_claim_by_claim(name, lines):
    checker, table = CHECKERS[name], table_of(lines)
    assert batch.check_table(table, checker).to_pylist() == claim_by_claim(checker, lines)


@settings(max_examples=EXAMPLES)
@given(LINES, st.lists(st.integers(0, 30), max_size=6), st.booleans())
def test_no_split_of_the_batches_changes_anything(lines, cuts, encoded):
    bounds = [0, *sorted(min(cut, len(lines)) for cut in cuts), len(lines)]
    parts = []
    for low, high in pairwise(bounds):
        part = table_of(lines[low:high]).combine_chunks().to_batches() or [
            pa.RecordBatch.from_pylist([], table_of(lines).schema)
        ]
        if encoded:  # a dictionary of its own for each batch
            columns = [
                column.dictionary_encode() if pa.types.is_string(column.type) else column
                for column in part[0].columns
            ]
            part = [pa.RecordBatch.from_arrays(columns, names=part[0].schema.names)]
        parts += part
    found = list(batch.check_batches(parts, SLOW))
    assert rows_of(found) == claim_by_claim(SLOW, lines)
    assert len(found) in (len(parts), len(parts) + 1)


def test_there_is_something_to_find():
    """The laws above would hold of an engine that finds nothing."""
    lines = [
        {"claim_id": "A", "code": "0252U", "line_id": "L1", "modifiers": ["59", "26"]},
        {"claim_id": "A", "code": "81452"},
        {"claim_id": "A", "code": "0252U", "modifiers": ["26", "59"]},
        {"claim_id": None, "code": "0252U"},
        {"claim_id": None, "code": "0252U"},
        {"claim_id": "A", "code": "99213"},
    ]
    found = batch.check_table(table_of(lines), QUICK).to_pylist()
    told = [(f["row"], f["code"], f["index"]) for f in found if f["code"].startswith("claim-")]
    assert told == [
        (1, "claim-pair", None),
        (2, "claim-duplicate-line", None),
        (2, "claim-pair", None),
        (2, "claim-units", None),
        (5, "claim-alone", 2),
        (5, "claim-alone", 1),
    ]
    messages = {f["code"]: f["message"] for f in found if f["row"] == 2}
    assert messages["claim-duplicate-line"] == (
        "The line repeats line L1: 0252U with the same modifiers, place, provider, date and units."
    )


def repeated(count, claim="C", **more):
    return [{"claim_id": claim, "code": "99213", "units": 1, **more} for _ in range(count)]


def test_a_claim_over_three_batches_is_one():
    lines = [*repeated(1, "A"), *repeated(7, "B"), *repeated(1, "C")]
    for number, line in enumerate(lines):
        line |= {"units": number + 1, "line_id": f"L{number}"}
    lines[7]["units"] = lines[1]["units"]
    parts = table_of(lines).to_batches(max_chunksize=3)
    found = list(batch.check_batches(parts))
    told = [
        [(row["row"], row["line_id"]) for row in part.to_pylist() if row["code"][:5] == "claim"]
        for part in found
    ]
    assert told == [[], [], [(7, "L7")], []]
    assert [row["row"] for row in rows_of(found) if row["code"] == "code-no-rule"] == [*range(9)]


@pytest.mark.parametrize("rows", [250, 999, 1000, 1001, 5000])
def test_a_very_long_claim_is_cut_after_a_thousand_rows(rows):
    lines = [*repeated(3, "A"), *repeated(2500, "B"), *repeated(1, "A")]
    parts = table_of(lines).to_batches(max_chunksize=rows)
    found = rows_of(batch.check_batches(parts, SLOW))
    assert found == claim_by_claim(SLOW, lines)
    first = set(range(2504)) - {
        row["row"] for row in found if row["code"] == "claim-duplicate-line"
    }
    assert first == {0, 3, 1003, 2003, 2503}


def test_a_long_claim_is_no_more_than_its_codes():
    lines = [{"claim_id": "A", "code": f"{80000 + at}", "service_date": DAY} for at in range(995)]
    lines += [{"claim_id": "A", "code": code} for code in ("0252U", "81452", "0252U", "99213")]
    lines += repeated(40, "B", service_date=DAY, units=None)
    assert batch.check_table(table_of(lines), QUICK).to_pylist() == claim_by_claim(QUICK, lines)


@pytest.mark.parametrize(
    ("columns", "together"),
    [
        ({"key": pa.array([1, 1, 2, None, None])}, [0, 1]),
        ({"key": pa.array([1.0, 1.0, 1.5, float("nan"), float("nan")])}, [0, 1]),
        ({"key": pa.array([1.0, 1.0, 2.0, None, float("nan")])}, [0, 1]),
        ({"key": pa.array(["x", "x\u00a0", " y", "", "\u200b"])}, [0, 1]),
        ({"key": pa.array(["x" * 40, "x" * 40, "x" * 39 + "y", "z", None])}, [0, 1]),
        ({"key": pa.array(["x", "x", "y", " ", None], pa.large_string())}, [0, 1]),
        ({"key": pa.array(["x", "x", "y", None, None]).dictionary_encode()}, [0, 1]),
        ({"key": pa.array([DAY, DAY, date(2020, 1, 1), None, None])}, [0, 1]),
        ({"key": pa.array([True, True, False, None, None])}, [0, 1]),
        ({"key": pa.array([[1], [1], [2], None, None])}, [0, 1]),
        ({"key": pa.array([2**63, 2**63, 1, None, None], pa.uint64())}, [0, 1]),
        ({"key": pa.array(["x", "x", "x", "x", None]), "and": ["1", "1", "2", None, ""]}, [0, 1]),
    ],
)
def test_any_columns_serve_as_the_key(columns, together):
    table = pa.table({"Code": ["99213"] * 5, "claim_id": ["A"] * 5, **columns})
    found = batch.check_table(table, group_by=list(columns)).to_pylist()
    told = [row["row"] for row in found if row["code"] == "claim-duplicate-line"]
    assert told == together[1:]


def test_no_grouping_column_switches_claims_off():
    table = table_of(repeated(4))
    found = batch.check_table(table, group_by=()).to_pylist()
    assert found == [
        row for row in batch.check_table(table).to_pylist() if row["code"][:5] != "claim"
    ]
    assert {row["row"] for row in found} == {0, 1, 2, 3}


@pytest.mark.parametrize(
    ("group_by", "message"),
    [
        (
            ["Quimby"],
            "no column has name 1 of those to group by; name columns of the header "
            "(--group-by COLUMN), or group by none",
        ),
        (["claim_id", "A a"], "several columns have name 2 of those to group by"),
        (
            "claim_id",
            'group_by is no list of column names; write it as ["claim_id"], or () for no claims',
        ),
        (
            [1],
            'group_by is no list of column names; write it as ["claim_id"], or () for no claims',
        ),
    ],
)
def test_columns_that_cannot_be_grouped_by(group_by, message):
    table = pa.table({"code": ["0252U"], "claim_id": ["A"], "a-a": ["x"], "a_a": ["y"]})
    for check in (
        lambda: batch.check_table(table, group_by=group_by),
        lambda: list(batch.check_batches(table.to_batches(), group_by=group_by)),
    ):
        with pytest.raises(claimcheck.InputError) as told:
            check()
        assert str(told.value) == message


def test_spark_puts_claims_together_within_a_partition():
    lines = [*repeated(3, "A"), *repeated(2, "B")]
    table = table_of(lines).append_column("visit", pa.array(["x", "x", "y", "y", "y"]))
    for group_by, told in ((None, [1, 2, 4]), (["visit"], [1, 3, 4]), ((), [])):
        function = batch.spark_function(group_by=group_by)
        found = rows_of(function(iter(table.to_batches(max_chunksize=1))))
        assert [row["row"] for row in found if row["code"] == "claim-duplicate-line"] == told
        assert found == batch.check_table(table, group_by=group_by).to_pylist()


# --- files ---------------------------------------------------------------------------------------


@pytest.fixture(params=["csv", "jsonl", "parquet"])
def written(request, tmp_path):
    """Write lines of texts; gives the file's path."""

    def write(lines, name="in"):
        path = tmp_path / f"{name}.{request.param}"
        names = list(lines[0])
        if request.param == "parquet":
            pq.write_table(
                pa.table({n: pa.array([line[n] for line in lines], pa.string()) for n in names}),
                path,
                row_group_size=5,
            )
        elif request.param == "jsonl":
            path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        else:
            rows = [names, *([line[n] or "" for n in names] for line in lines)]
            path.write_text("".join(",".join(row) + "\n" for row in rows))
        return path

    return write


def told_in(path):
    return [json.loads(row) for row in path.read_text("utf-8").splitlines()]


def claims_of(sizes):
    return [
        {"claim_id": f"C{number}", "visit": f"V{number // 2}", "code": "99213", "line_id": f"{at}"}
        for number, size in enumerate(sizes)
        for at in range(size)
    ]


def test_pieces_smaller_than_a_claim(written, tmp_path, monkeypatch):
    monkeypatch.setattr("claimcheck.batch.sources.PYTHON_ROWS_AT_ONCE", 2)
    monkeypatch.setattr("claimcheck.batch.parquet_source.ROWS_AT_ONCE", 2)
    lines = claims_of([3, 1, 7, 2, 1])
    result = batch.check_files(
        [written(lines)], tmp_path / "out.jsonl", SLOW, lines=tmp_path / "lines.jsonl"
    )
    found = told_in(tmp_path / "out.jsonl")
    plain = [{name: line[name] for name in line if name != "visit"} for line in lines]
    assert found == claim_by_claim(SLOW, plain)
    judged = told_in(tmp_path / "lines.jsonl")
    assert [row["line_id"] for row in judged] == [line["line_id"] for line in lines]
    assert [row["warnings"] for row in judged] == [
        sum(row["row"] == at and row["severity"] == "warning" for row in found)
        for at in range(len(lines))
    ]
    counts = result.counts
    assert (counts.reported, counts.rejected, counts.claims_apart) == (14, 0, 0)
    assert sum(counts.findings.values()) == len(found)
    assert counts.findings["warning", "claim-duplicate-line"] == 9


def test_other_columns_of_files_tell_the_claim(written, tmp_path):
    source, out = written(claims_of([1, 1, 2, 1])), tmp_path / "out.jsonl"
    for group_by, told in (
        (None, [3]),
        (["visit"], [1, 3, 4]),
        (["visit", "line_id"], [1]),
        ((), []),
    ):
        for lines in (None, tmp_path / "lines.jsonl"):
            result = batch.check_files([source], out, group_by=group_by, lines=lines)
            found = [row["row"] for row in told_in(out) if row["code"] == "claim-duplicate-line"]
            assert found == told
            assert result.columns_not_read == (0 if group_by and "visit" in group_by else 1)


def test_claims_end_with_their_file(written, tmp_path):
    lines = claims_of([2])
    folder = tmp_path / "many"
    folder.mkdir()
    for name in "ab":
        path = written(lines, name)
        path.rename(folder / path.name)
    result = batch.check_files([folder], tmp_path / "out")
    assert result.counts.findings["warning", "claim-duplicate-line"] == 2
    assert result.counts.claims_apart == 0


def test_claims_that_come_again_are_counted(written, tmp_path):
    lines = claims_of([2, 1, 2])
    stray = [*lines, {**lines[0], "claim_id": None}, *lines[:3], lines[0]]
    result = batch.check_files([written(stray)], tmp_path / "out.jsonl")
    assert result.counts.claims_apart == 2
    assert result.counts.findings["warning", "claim-duplicate-line"] == 3


def test_a_resumed_job_remembers_them_and_does_not_mix_groupings(written, tmp_path):
    folder, lines = tmp_path / "many", claims_of([2, 1])
    folder.mkdir()
    path = written([*lines, lines[0]])
    path.rename(folder / path.name)
    job = ([folder], tmp_path / "out")
    assert batch.check_files(*job).counts.claims_apart == 1
    again = batch.check_files(*job, resume=True)
    assert (again.skipped, again.counts.claims_apart) == (1, 1)
    assert batch.check_files(*job, resume=True, group_by=["visit"]).skipped == 0


def test_rejected_rows_do_not_end_a_claim_and_count_among_its_rows(tmp_path):
    good, bad = "C1,99213\n", "C1,99213,x\n"
    rows = [good, bad, good, *[bad] * 997, good, good]
    path = tmp_path / "in.csv"
    path.write_text("claim_id,code\n" + "".join(rows))
    result = batch.check_files([path], tmp_path / "out.jsonl")
    found = told_in(tmp_path / "out.jsonl")
    assert [row["row"] for row in found if row["code"] == "claim-duplicate-line"] == [2, 1001]
    assert (result.counts.reported, result.counts.rejected) == (4, 998)
    assert result.counts.claims_apart == 0


def test_parts_of_a_long_claim_count_from_its_first_row_though_rows_are_rejected(
    tmp_path, monkeypatch
):
    monkeypatch.setattr("claimcheck.batch.sources.PYTHON_ROWS_AT_ONCE", 400)
    rows = ["C1,99213,x"] * 2002
    for row in (0, 1001, 1999, 2000, 2001):
        rows[row] = "C1,99213"
    path = tmp_path / "in.csv"
    path.write_text("\n".join(["claim_id,code", *rows, ""]))
    batch.check_files([path], tmp_path / "out.jsonl")
    found = told_in(tmp_path / "out.jsonl")
    told = [row["row"] for row in found if row["code"] == "claim-duplicate-line"]
    assert told == [1999, 2001]
    done = CliRunner().invoke(cli, ["check", str(path), "--format", "jsonl"])
    rows = [json.loads(row) for row in done.stdout.splitlines()]
    single = [row["row"] - 1 for row in rows if "claim-duplicate-line" in str(row)]
    assert single == told


def test_the_name_of_a_folder_may_be_the_claim(written, tmp_path):
    lines = [{"code": "99213", "line_id": "1"}, {"code": "99213", "line_id": "2"}]
    folder = tmp_path / "claim_id=C7"
    folder.mkdir()
    path = written(lines)
    path.rename(folder / path.name)
    batch.check_files([folder / path.name], tmp_path / "out.jsonl")
    found = told_in(tmp_path / "out.jsonl")
    assert [(r["row"], r["claim_id"]) for r in found if r["code"] == "claim-duplicate-line"] == [
        (1, "C7")
    ]


def test_findings_that_name_lines_are_not_kept():
    engine = Engine(claimcheck.Checker())
    kept = []
    for number in range(3):
        lines = [line for pair in range(50) for line in repeated(2, f"C{number}-{pair}")]
        for at, line in enumerate(lines):
            line["line_id"] = f"L{number}-{at}"
        table = table_of(lines).to_batches()[0]
        plan = plan_of(table.schema, None)
        grouped = Grouper(plan).whole(table, np.arange(100))
        judged = engine.judge(grouped.batch, plan, grouped.claims)
        assert len(judged.own) == 49  # the last claim is held back
        kept.append(len(engine.known))
    assert kept[0] == kept[1] == kept[2]


def test_many_claims_are_counted_by_a_part_of_them(monkeypatch):
    monkeypatch.setattr("claimcheck.batch.returning.MOST_HASHES", 1000)
    monkeypatch.setattr("claimcheck.io.claims.MOST_HASHES", 1000)
    table = pa.table({"key": [f"C{number}" for number in range(20_000)]})
    hashes = keys_of([table["key"].combine_chunks()]).hashes(np.arange(20_000))
    assert len(set(hashes.tolist())) == 20_000
    batches, single = ReturningHashes(), ReturningClaims()
    for start in range(0, 20_000, 700):
        batches.add(hashes[start : start + 700])
    for number in range(20_000):
        single.add((f"C{number}",))
    assert batches.count == single.count == 0
    batches.add(hashes[5000:13_000])
    for number in range(5000, 13_000):
        single.add((f"C{number}",))
    assert 6000 < batches.count < 10_000
    assert 6000 < single.count < 10_000
