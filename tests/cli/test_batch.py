from __future__ import annotations

import json

import pytest

from claimcheck.cli.batch import FORMATS

pytest.importorskip("pyarrow")
from claimcheck.batch.outputs import OUTPUT_FORMATS

HEADER = "claim_id,line_id,code,mod1,pos,dx1,dos"
CLEAN = "CLM-1,1,0252U,,81,O03.9,2026-05-04"
ERROR = "CLM-2,1,0252U,80,81,O03.9,2026-05-04"
WARNING = "CLM-3,1,0252U,,12,O03.9,2026-05-04"
UNKNOWN = "CLM-5,1,99213,,11,J06.9,2026-05-04"
BROKEN = "CLM-6,1"


@pytest.fixture
def job(run, csv_file):
    """Check rows with options; gives the result."""

    def invoke(*rows, options=(), out="out.csv"):
        return run("batch", csv_file(HEADER, *rows), "-o", out, *options)

    return invoke


@pytest.mark.parametrize(
    ("row", "fail_on", "code"),
    [
        (CLEAN, "warning", 0),
        (UNKNOWN, "warning", 0),
        (WARNING, "error", 0),
        (WARNING, "warning", 1),
        (WARNING, "never", 0),
        (ERROR, "error", 1),
        (ERROR, "never", 0),
    ],
)
def test_exit_codes(job, row, fail_on, code):
    assert job(row, options=["--fail-on", fail_on]).exit_code == code


def test_an_error_fails_by_default_and_settings_can_say_otherwise(job, tmp_path):
    assert job(ERROR).exit_code == 1
    (tmp_path / "claimcheck.toml").write_text('fail-on = "never"\n')
    assert job(ERROR).exit_code == 0


def test_words_go_to_the_standard_error_only(job, tmp_path):
    result = job(ERROR, CLEAN, BROKEN)
    assert (result.exit_code, result.stdout) == (1, "")
    assert (tmp_path / "out.csv").read_text().count("\n") == 2
    assert (tmp_path / "out.rejects.csv").read_text().startswith('row,reason\n2,"the row has 2')


def test_the_closing_summary(run, tmp_path, csv_file):
    folder = tmp_path / "in"
    folder.mkdir()
    rows = [ERROR, CLEAN, ERROR.replace("CLM-2", "CLM-9"), ERROR]
    csv_file(HEADER + ",Quimby,procdure_code", *[f"{row},x,y" for row in rows])
    (tmp_path / "lines.csv").rename(folder / "a.csv")
    csv_file(HEADER, WARNING, UNKNOWN, BROKEN, name="b.csv").rename(folder / "b.csv")
    (folder / "c.csv").write_bytes(b"\x1f\x8b")
    (folder / "d.xlsx").write_bytes(b"x")
    settings = tmp_path / "settings.toml"
    settings.write_text(
        '[[ignore]]\nfinding = "payer"\nreason = "never comes up"\n'
        '[[ignore]]\nfinding = "place"\nreason = "was so"\nuntil = 2020-01-01\n'
    )
    result = run("batch", folder, "-o", "out", "--config", settings)
    assert (result.exit_code, result.stdout) == (2, "")
    told = " ".join(result.stderr.split())  # long paths wrap
    for text in (
        "files 2 done, 1 could not be read, 1 passed over",
        "compressed with gzip",
        "rejects in out/b.csv.rejects.csv",
        "rows 7 read: 6 checked, 1 rejected",
        "lines 1 clean, 4 with findings, 1 not checked",
        "findings 3 errors, 1 warning, 1 info",
        "row 2: the row has 2 cells, the header 7",
        "columns 2 not read",
        "rules claimcheck-bundled",
        "ICD-10-CM: April 2026",
        "ignore payer: matched nothing; reason: never comes up",
        "ignore place: expired on 2020-01-01; reason: was so",
        "modifier-not-applicable 80 3",
        " rows/s",
        "claims 1 claim was not in one piece and not checked as a whole; sort the input by claim",
        "claimcheck: 1 file could not be read",
    ):
        assert text in told, told
    assert "Quimby" not in told


def test_a_column_that_looks_like_a_field_is_told(run, csv_file):
    result = run("batch", csv_file("code,modifer", "0252U,80"), "-o", "o.csv")
    assert "a column that is not read looks like modifiers; map it with --map" in result.stderr


def test_when_every_row_is_rejected(job):
    result = job(BROKEN, BROKEN)
    assert result.exit_code == 2
    assert "nothing could be read: 2 rows rejected" in result.stderr


def test_when_there_are_no_rows(job, tmp_path):
    result = job()
    assert result.exit_code == 0
    assert "the input has no rows; nothing was checked" in result.stderr
    assert (tmp_path / "out.csv").exists()


def test_options(run, csv_file, tmp_path):
    source = csv_file("cpt4|stelle|m", "0252U|81|80", "0252U|97|")
    options = ["--map", "cpt4=code", "--map", "stelle=place_of_service", "--map", "m=modifiers"]
    more = ["--input-format", "csv", "--format", "jsonl", "--payer", "Aetna"]
    files = ["--lines", "judged.csv", "--rejects", "r.csv"]
    result = run("batch", source, "-o", "out", *options, *more, *files, "--select", "modifier")
    assert result.exit_code == 1, result.stderr
    found = [json.loads(row) for row in (tmp_path / "out").read_text().splitlines()]
    assert [finding["code"] for finding in found] == ["modifier-not-applicable"]
    lines = (tmp_path / "judged.csv").read_text().splitlines()
    assert [row.split(",")[-3:] for row in lines] == [
        ["status", "errors", "warnings"],
        ["findings", "1", "0"],
        ["clean", "0", "0"],
    ]
    ignored = run("batch", source, "-o", "out", *options, "--ignore", "modifier,place,diagnosis")
    assert ignored.exit_code == 0
    assert "suppressed" in ignored.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["lines.csv"], "Missing option"),
        (["-o", "out"], "Missing argument"),
        (["none.csv", "-o", "out"], "none.csv: there is no such file"),
        (["-", "-o", "out"], "standard input is no file"),
        (["lines.csv", "-o", "-"], "is no file that can be written whole"),
        (["lines.csv", "-o", "lines.csv"], "is the input"),
        (["lines.csv", "-o", "out", "--map", "x"], "COLUMN=FIELD"),
        (["lines.csv", "-o", "out", "--map", "x=y"], "a field that there is not"),
        (["lines.csv", "-o", "out", "--select", "x"], "there is no such finding"),
        (["lines.csv", "-o", "out", "--rules", "none"], "none"),
        (["lines.csv", "-o", "out", "--input-format", "parquet"], "cannot be read as Parquet"),
        (["lines.csv", "-o", "none/out"], "none: there is no such folder"),
        (["lines.csv", "-o", "out.xlsx"], "out.xlsx: its ending names no format"),
    ],
)
def test_what_cannot_be_done(run, csv_file, tmp_path, arguments, told):
    csv_file(HEADER, ERROR)
    result = run("batch", *arguments)
    assert result.exit_code == 2
    assert told in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["lines.csv"]


def test_the_formats_are_those_of_the_library():
    assert FORMATS == OUTPUT_FORMATS


def test_a_report_page_over_all_inputs(run, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for name, row in (("a", ERROR), ("b", WARNING)):
        (folder / f"{name}.csv").write_text(f"{HEADER}\n{row}\n{BROKEN}\n")
    result = run("batch", folder, "-o", "out", "--report", "page.html")
    assert result.exit_code == 1, result.stderr
    page = (tmp_path / "page.html").read_text()
    assert '<dd id="rows-rejected">2</dd>' in page
    assert '<dd id="total-error">1</dd>' in page
    assert "Rows of the input are counted from 0." in page
    assert '"a.csv.findings.parquet"' in page


def test_a_report_page_does_not_go_with_resume(job):
    result = job(ERROR, options=["--report", "page.html", "--resume"])
    assert result.exit_code == 2
    assert result.stderr.rstrip().endswith(
        "leave out --report to go on, or --resume to check all files for the page"
    )


def test_a_report_page_is_not_written_over_an_input(run, csv_file):
    path = csv_file(HEADER, ERROR)
    before = path.read_text()
    result = run("batch", path, "-o", "out.csv", "--report", path)
    assert (result.exit_code, path.read_text()) == (2, before)
    assert result.stderr == f"claimcheck: {path}: is an input; name another file for --report\n"


def test_a_report_page_needs_its_extra(job, monkeypatch, tmp_path):
    monkeypatch.setattr("claimcheck.report.page.assets.missing", lambda: ["itables", "pygal"])
    result = job(ERROR, options=["--report", "page.html"])
    assert result.exit_code == 2
    assert result.stderr == (
        "claimcheck: html needs itables and pygal; install it with: "
        'pip install "claimcheck-lines[cli,html]"\n'
    )
    assert not (tmp_path / "out.csv").exists()
