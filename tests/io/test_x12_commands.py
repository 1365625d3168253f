"""837P files through the commands: places, damage and exit codes, alone and beside tables."""

from __future__ import annotations

import csv
import json
import os
import random
import re
import subprocess
import sys
from io import BytesIO, StringIO

import pytest

pytest.importorskip("pyx12")
pytest.importorskip("click")
from click.testing import CliRunner

from claimcheck.cli.group import cli
from claimcheck.errors import InputError
from claimcheck.io import open_lines, read_lines

from .x12_files import (
    Biller,
    Claim,
    Interchange,
    Line,
    Subscriber,
    build,
    joined,
    random_interchange,
    segments_of,
)

COMMAND = [sys.executable, "-m", "claimcheck"]
LINES = (Line("0252U", ("80",)), Line("0252U", ("QW",), reference="R-2"))
FILE = Interchange((((Biller(subscribers=(Subscriber(claims=(Claim(lines=LINES),)),)),),),))
SEGMENTS = segments_of(FILE)
BAD = joined(["SE*7*0001" if s.startswith("SE*") else s for s in SEGMENTS])
SE = next(n for n, s in enumerate(SEGMENTS, 1) if s.startswith("SE*"))
TOLD = f"is damaged, 1 problem: segment {SE}: SE01 says 7 segments; there are {SE - 2}"
FIRST = "segment 24, place of service in segment 21"


def run(*arguments, **options):
    """Run ``claimcheck`` with the standard error apart, as click does by itself from 8.2 on."""
    try:
        runner = CliRunner(mix_stderr=False)
    except TypeError:
        runner = CliRunner()
    return runner.invoke(cli, [str(a) for a in arguments], **options)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def good(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(build(FILE))
    return path


@pytest.fixture
def bad(tmp_path):
    path = tmp_path / "b.837"
    path.write_bytes(BAD)
    return path


def test_check_takes_it_with_no_option(good):
    done = run("check", good, "--format", "jsonl")
    rows = [json.loads(row) for row in done.stdout.splitlines()]
    assert done.exit_code == 1
    assert [(row["row"], row["claim_id"], row["line_id"], row["place"]) for row in rows] == [
        (1, "CLM-1", "CLM-1/1", FIRST),
        (2, "CLM-1", "R-2", "segment 27, place of service in segment 21"),
    ]
    assert "modifier-not-applicable" in [finding["code"] for finding in rows[0]["findings"]]


def test_the_place_is_a_column_of_csv_and_stands_in_text(good):
    rows = list(csv.DictReader(StringIO(run("check", good, "--format", "csv").stdout)))
    assert rows[0]["place"] == FIRST
    shown = run("check", good).stdout
    assert f"line 1  CLM-1  CLM-1/1  0252U  {FIRST}  findings: 1 error" in shown


def test_tables_have_no_such_column(tmp_path):
    (tmp_path / "a.csv").write_text("code,mod1\n0252U,80\n")
    assert run("check", "a.csv", "--format", "csv").stdout.splitlines()[0].endswith(",citations")
    assert "place" not in json.loads(run("check", "a.csv", "--format", "jsonl").stdout)


def test_the_format_can_be_named(good):
    assert run("check", good, "--input-format", "x12").exit_code == 1
    refused = run("check", good, "--input-format", "csv")
    assert refused.exit_code == 2
    assert "no column gives the procedure code" in refused.stderr


@pytest.mark.parametrize("name", ["text", "json", "jsonl", "csv"])
def test_damage_is_told_at_the_end_and_findings_are_written(bad, tmp_path, name):
    out = tmp_path / "out"
    for done in (
        run("check", bad, "--format", name),
        run("check", bad, "--format", name, "-o", out),
    ):
        assert done.exit_code == 2
        assert done.stderr.splitlines()[-1] == f"claimcheck: {bad}: {TOLD}"
    assert "modifier-not-applicable" in out.read_text()


def test_damage_ends_with_2_whatever_fails(bad):
    assert run("check", bad, "--fail-on", "never").exit_code == 2


def test_rule_coverage_of_a_damaged_file_is_written_and_ends_with_2(good, bad, tmp_path):
    out = tmp_path / "out"
    done = run("coverage", good, bad, "-o", out)
    assert (done.exit_code, done.stderr) == (2, f"claimcheck: {bad}: {TOLD}\n")
    assert "  4 lines recorded\n" in out.read_text()


def test_a_line_that_cannot_be_read_is_rejected_with_its_segment(tmp_path):
    where = SEGMENTS.index("LX*2")
    (tmp_path / "a.837").write_bytes(joined([*SEGMENTS[: where + 1], *SEGMENTS[where + 3 :]]))
    done = run("check", "a.837", "--format", "jsonl")
    assert done.exit_code == 2
    assert json.loads(done.stdout.splitlines()[1]) == {
        "row": 2,
        "rejected": f"segment {where + 1}: the service line has no SV1",
    }


def test_an_institutional_file(tmp_path):
    path = tmp_path / "a.837i"
    path.write_bytes(build(FILE).replace(b"005010X222A1", b"005010X223A2"))
    done = run("check", path)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == (
        f"claimcheck: {path}: has institutional claims (837I); claimcheck reads professional "
        "claims (837P, 005010X222)\n"
    )


def test_claims_are_checked_together_by_their_place(tmp_path):
    """Two lines that say the same are a duplicate in one claim, and none in two of the same id."""
    twice = Claim(lines=(Line(), Line()))
    apart = ((Biller(subscribers=(Subscriber(claims=(Claim(),)),)),),) * 2
    found = []
    for part in (
        Interchange((((Biller(subscribers=(Subscriber(claims=(twice,)),)),),),)),
        Interchange((apart,)),
    ):
        (tmp_path / "a.837").write_bytes(build(part))
        shown = run("check", "a.837", "--format", "jsonl").stdout
        run("batch", "a.837", "-o", "out.jsonl")
        batched = (tmp_path / "out.jsonl").read_text()
        found.append(["claim-duplicate-line" in text for text in (shown, batched)])
    assert found == [[True, True], [False, False]]


# --- the batch engine ----------------------------------------------------------------------------


def test_batch_gives_the_findings_of_check(tmp_path):
    pytest.importorskip("pyarrow")
    part = random_interchange(random.Random(5), 4)
    (tmp_path / "a.837").write_bytes(build(part, part))
    shown = run("check", "a.837", "--format", "csv", "--fail-on", "never")
    assert shown.exit_code == 0
    done = run("batch", "a.837", "-o", "out.csv", "--fail-on", "never")
    assert done.exit_code == 0, done.stderr
    names = (
        "line_id",
        "claim_id",
        "code",
        "severity",
        "field",
        "index",
        "value",
        "message",
        "place",
    )
    wanted = [[row[n] for n in names] for row in csv.DictReader(StringIO(shown.stdout))]
    rows = list(csv.DictReader((tmp_path / "out.csv").read_text().splitlines()))
    assert [[row[n] for n in names] for row in rows] == wanted
    assert len(wanted) > 100


@pytest.mark.parametrize(
    ("diagnoses", "judged"),
    [
        ((("ABK", "J069"),), True),
        ((("ABK", "J069"), ("ABF", "Z3490")), True),
        ((("ABK", "J069"), ("BF", "63490")), True),
        ((("BK", "63490"), ("ABF", "J069")), True),
        ((("BK", "63490"), ("BF", "4779")), False),
        ((("ABK", "J069"), ("ABF", "003.9")), True),
    ],
)
def test_a_line_is_judged_by_its_diagnoses_in_icd_10(tmp_path, diagnoses, judged):
    """ICD-9-CM is not held against the rules; a line with nothing else is not said to lack a reason."""
    pytest.importorskip("pyarrow")
    pointers = tuple(range(1, len(diagnoses) + 1))
    claim = Claim(diagnoses=diagnoses, lines=(Line(pointers=pointers),))
    part = Interchange((((Biller(subscribers=(Subscriber(claims=(claim,)),)),),),))
    (tmp_path / "a.837").write_bytes(build(part))
    shown = run("check", "a.837", "--format", "csv").stdout
    run("batch", "a.837", "-o", "out.csv")
    for text in (shown, (tmp_path / "out.csv").read_text()):
        assert ("diagnosis-not-supporting" in text) is judged
        assert "diagnosis-missing" not in text


def test_a_file_that_is_cut_within_a_line(tmp_path):
    cut = build(FILE).partition(b"LX*2")[0] + b"LX*2~\nSV1*HC:0252U:QW*100*UN*1***1"
    (tmp_path / "a.837").write_bytes(cut + build(FILE))
    number = cut.count(b"~") + 1
    done = run("check", "a.837", "--format", "jsonl")
    rows = [json.loads(row) for row in done.stdout.splitlines()]
    assert done.exit_code == 2
    assert [row.get("line_id") for row in rows] == ["CLM-1/1", None, "CLM-1/1", "R-2"]
    assert rows[1] == {"row": 2, "rejected": f"segment {number}: its SV1 is cut off"}
    assert f"segment {number}: its SV1 is cut off; the line is not read" in done.stderr
    assert "4 rows read, 1 rejected" in done.stderr
    batched = run("batch", "a.837", "-o", "out.jsonl")
    assert batched.exit_code == 2
    assert f"segment {number}: its SV1 is cut off" in " ".join(batched.stderr.split())


def test_a_mixed_folder(tmp_path, good, bad):
    folder = tmp_path / "in"
    folder.mkdir()
    good.rename(folder / "a.txt")
    bad.rename(folder / "b.837")
    (folder / "c.csv").write_text("code,mod1\n0252U,80\n")
    (folder / "d.x12").write_bytes(build(FILE).replace(b"005010X222A1", b"005010X223A2"))
    done = run("batch", folder, "-o", "out", "--format", "jsonl")
    assert done.exit_code == 2
    assert "1 file could not be read" in done.stderr
    findings = {
        path.name: [json.loads(row) for row in path.read_text().splitlines()]
        for path in (tmp_path / "out").glob("*.findings.jsonl")
    }
    assert sorted(findings) == [f"{n}.findings.jsonl" for n in ("a.txt", "b.837", "c.csv")]
    assert findings["b.837.findings.jsonl"][0]["place"] == FIRST
    assert "place" not in findings["c.csv.findings.jsonl"][0]
    again = run("batch", folder, "-o", "out", "--format", "jsonl", "--resume")
    assert again.exit_code == 2
    assert "3 done earlier" in again.stderr


def test_a_damaged_file_in_batch(bad, tmp_path):
    done = run("batch", bad, "-o", "out.jsonl")
    assert done.exit_code == 2
    assert f"segment {SE}: SE01 says 7 segments" in " ".join(done.stderr.split())
    assert done.stderr.splitlines()[-1] == (
        "claimcheck: 1 file with damage; the lines that could be read were checked"
    )
    assert "modifier-not-applicable" in (tmp_path / "out.jsonl").read_text()


# --- processes -----------------------------------------------------------------------------------


def test_a_broken_pipe_ends_quietly(tmp_path):
    path = tmp_path / "many.837"
    many = Claim(lines=LINES * 20)
    path.write_bytes(
        build(Interchange((((Biller(subscribers=(Subscriber(claims=(many,) * 200),)),),),)))
    )
    with subprocess.Popen(
        [*COMMAND, "check", str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 141


def test_standard_input_in_small_pieces(good):
    content = good.read_bytes()
    with subprocess.Popen(
        [*COMMAND, "check", "-", "--format", "jsonl"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        for start in range(0, len(content), 50):
            os.write(process.stdin.fileno(), content[start : start + 50])
        process.stdin.close()
        assert process.stdout.read().count(b"\n") == 2
        assert process.wait(60) == 1


@pytest.mark.parametrize("shape", ["file", "segment"])
def test_memory_does_not_grow(tmp_path, shape):
    def peak(times):
        path = tmp_path / "a.837"
        with path.open("wb") as out:
            if shape == "file":
                out.writelines(build(FILE) for _ in range(times))
            else:
                out.write(joined(SEGMENTS[:5]) + b"N3*")
                out.writelines(b"x" * 10_000 for _ in range(times))
        code = (
            "import sys, resource\nfrom claimcheck.io import read_lines\n"
            "try:\n    print(sum(1 for _ in read_lines(sys.argv[1])), file=sys.stderr)\n"
            "except ValueError: pass\n"
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
        )
        told = subprocess.run(
            [sys.executable, "-c", code, str(path)], capture_output=True, check=True, text=True
        )
        return int(told.stdout)

    assert peak(4_000) < peak(200) * 1.15


# --- nothing about a person ----------------------------------------------------------------------

TRACE = re.compile(
    r"quimby|zanzibar|junior|W123456789012|W999999999999|1961-?02-?03|2010-?02-?03|side street",
    re.I,
)


def planted():
    """Files with names, ids and birth dates where they belong, and where they do not."""
    claim = Claim(lines=LINES, other_payer=True)
    whole = Interchange(
        (((Biller(subscribers=(Subscriber(claims=(claim,), dependents=((claim,),)),)),),),)
    )
    content = build(whole)
    yield content
    segments = segments_of(whole)
    for number, segment in enumerate(segments[3:], 3):
        for text in ("QUIMBY ZANZIBAR", "W123456789012~19610203", "NM1*IL*1*ZANZIBAR*QUIMBY"):
            yield joined([*segments[:number], text, *segments[number + 1 :]])
        elements = segment.split("*")
        for at in range(1, len(elements)):
            if elements[0] not in ("CLM", "REF"):  # a claim id is the caller's own
                moved = [*elements[:at], "ZANZIBAR QUIMBY", *elements[at + 1 :]]
                if elements[:2] != ["NM1", "PR"]:  # a payer's name is a payer's name
                    yield joined([*segments[:number], "*".join(moved), *segments[number + 1 :]])
    for size in range(200, len(content), 61):
        yield content[:size]
    yield content.replace(b"DMG*D8*", b"DMG*" + b"ZANZIBAR" * 20_000)


def test_no_output_log_or_exception_tells_a_person(capfd, caplog):
    refused = []
    for content in planted():
        try:
            source = open_lines(BytesIO(content))
            rows = list(source)
        except InputError as error:
            refused.append(str(error) + repr(error))
            continue
        assert not TRACE.search(repr([(row.place, row.rejected) for row in rows]))
        assert not TRACE.search(repr([row.line for row in rows]))
        assert not TRACE.search(repr(source) + repr(source.damage) + repr(source.notes))
    assert not TRACE.search("".join(refused))
    assert not TRACE.search(caplog.text + "".join(capfd.readouterr()))


@pytest.mark.parametrize("name", ["text", "json", "jsonl", "csv"])
def test_no_report_tells_a_person(tmp_path, name):
    for number, content in enumerate(planted()):
        if number % 25:
            continue
        (tmp_path / "a.837").write_bytes(content)
        done = run("check", "a.837", "--format", name)
        assert not TRACE.search(done.stdout + done.stderr)
        assert done.exit_code in (1, 2)


def test_nothing_of_a_person_stays_in_memory():
    """Between two lines, no object of the reader holds a name, a member id or a birth date."""
    claim = Claim(lines=LINES, other_payer=True)
    content = build(Interchange((((Biller(subscribers=(Subscriber(claims=(claim,)),)),),),)))
    source = open_lines(BytesIO(content))
    rows = source._rows
    for _ in source:
        kept = {k: v for k, v in vars(rows).items() if k not in ("_steps", "_handlers")}
        assert not TRACE.search(repr(kept))
    assert [line.claim_id for line in read_lines(BytesIO(content))] == ["CLM-1", "CLM-1"]
