from __future__ import annotations

import csv
import io
import json

import pytest
from jsonschema import Draft202012Validator

import claimcheck
from claimcheck.report.schema import document_schema, jsonl_schema

HEADER = "claim_id,line_id,code,mod1,pos,dx1,dos"
CLEAN = "CLM-1,1,0252U,,81,O03.9,2026-05-04"
ERROR = "CLM-2,1,0252U,80,81,O03.9,2026-05-04"
WARNING = "CLM-3,1,0252U,,12,O03.9,2026-05-04"
INFO = "CLM-4,1,0252U,90,81,O03.9,2026-05-04"
UNKNOWN = "CLM-5,1,99213,,11,J06.9,2026-05-04"
BROKEN = "CLM-6,1"


@pytest.mark.parametrize(
    ("row", "fail_on", "code"),
    [
        (CLEAN, "error", 0),
        (CLEAN, "warning", 0),
        (INFO, "warning", 0),
        (UNKNOWN, "warning", 0),
        (WARNING, "error", 0),
        (WARNING, "warning", 1),
        (WARNING, "never", 0),
        (ERROR, "error", 1),
        (ERROR, "warning", 1),
        (ERROR, "never", 0),
    ],
)
def test_exit_codes(run, csv_file, row, fail_on, code):
    assert run("check", csv_file(HEADER, row), "--fail-on", fail_on).exit_code == code


def test_an_error_fails_by_default(run, csv_file):
    assert run("check", csv_file(HEADER, ERROR)).exit_code == 1
    assert run("check", csv_file(HEADER, WARNING)).exit_code == 0


def test_the_text(run, csv_file):
    result = run("check", csv_file(HEADER, CLEAN, ERROR, UNKNOWN, BROKEN))
    assert result.stderr == ""
    assert result.stdout.startswith("line 2  CLM-2  1  0252U  findings: 1 error\n\n  error    ")
    assert "rule: codes/0252U#modifiers/80\n" in result.stdout
    assert "source: Billing code page for 0252U (openpayer-0252u): " in result.stdout
    assert "denial ahead: CARC 4 - procedure code and modifier do not go together\n" in (
        result.stdout
    )
    assert "4 read: 3 checked, 1 rejected\n" in result.stdout
    assert "1 clean, 1 with findings, 1 not checked" in result.stdout
    assert "row 4: the row has 2 cells, the header 7\n" in result.stdout
    assert "ICD-10-CM: " in result.stdout
    assert "line 3" not in result.stdout


def test_fixes_are_shown_where_they_are_asked_for(run, csv_file):
    path = csv_file(HEADER, ERROR, INFO)
    assert "fix:" not in run("check", path).stdout
    text = run("check", path, "--show-fixes").stdout
    assert text.count("fix: ") == 1
    assert "\n           fix: remove 80 from modifiers (review)\n           rule: " in text
    header, first, second = csv.reader(
        io.StringIO(run("check", path, "--show-fixes", "--format", "csv").stdout)
    )
    assert (header[-1], first[-1], second[-1]) == ("fix", "remove 80 from modifiers (review)", "")
    told = json.loads(run("check", path, "--format", "json").stdout)
    assert [
        line["findings"][0]["fix"] and line["findings"][0]["fix"]["old"] for line in told["lines"]
    ] == [
        "80",
        None,
    ]


def test_json(run, csv_file):
    result = run("check", csv_file(HEADER, CLEAN, ERROR, BROKEN), "--format", "json")
    document = json.loads(result.stdout)
    Draft202012Validator(document_schema()).validate(document)
    assert [line["row"] for line in document["lines"]] == [1, 2]
    assert document["rejected"] == [{"row": 3, "reason": "the row has 2 cells, the header 7"}]
    assert result.stderr == "claimcheck: 3 rows read, 1 rejected: 1 error\n"


def test_json_lines(run, csv_file):
    result = run("check", csv_file(HEADER, CLEAN, BROKEN, ERROR), "--format", "jsonl")
    rows = [json.loads(row) for row in result.stdout.splitlines()]
    for row in rows:
        Draft202012Validator(jsonl_schema()).validate(row)
    assert [row["row"] for row in rows] == [1, 2, 3]


def test_csv(run, csv_file):
    result = run("check", csv_file(HEADER, CLEAN, ERROR, BROKEN), "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [(row["row"], row["severity"]) for row in rows] == [("2", "error"), ("3", "rejected")]


@pytest.mark.parametrize("name", ["text", "json", "jsonl", "csv"])
def test_the_findings_are_those_of_the_library(run, csv_file, checker, name):
    result = run("check", csv_file(HEADER, ERROR), "--format", name)
    report = checker.check(
        {"code": "0252U", "modifiers": "80", "place_of_service": "81", "diagnoses": "O03.9"}
    )
    for finding in report.findings:
        assert finding.code in result.stdout


def test_standard_input(run):
    result = run("check", "-", input=f"{HEADER}\n{ERROR}\n")
    assert result.exit_code == 1
    assert run("check", "-", input='{"code": "99213"}').exit_code == 0


def test_a_code_without_rules_is_an_info(run):
    result = run("check", "-", input="code\n99213\n")
    assert result.exit_code == 0
    assert "code-no-rule" in result.stdout


def test_nothing_could_be_read(run, csv_file):
    result = run("check", csv_file(HEADER, BROKEN, BROKEN))
    assert result.exit_code == 2
    assert result.stderr == "claimcheck: nothing could be read: 2 rows rejected\n"
    assert "row 1: the row has 2 cells" in result.stdout


def test_a_header_alone_is_no_failure(run, csv_file):
    result = run("check", csv_file(HEADER))
    assert result.exit_code == 0
    assert "0 read: 0 checked, 0 rejected" in result.stdout


def test_the_lines_of_a_claim_are_checked_together(run, csv_file):
    result = run("check", csv_file(HEADER, CLEAN, CLEAN.replace(",1,", ",2,")))
    assert "claim-duplicate-line" in result.stdout
    assert "line 2  CLM-1  2" in result.stdout
    other = run("check", csv_file(HEADER, CLEAN, CLEAN.replace("CLM-1", "CLM-9")))
    assert "claim-duplicate-line" not in other.stdout


def test_a_very_long_claim_is_checked_in_parts(run, csv_file):
    rows = [f"CLM-1,{number},99213,,11,J06.9,2026-05-04" for number in range(2500)]
    result = run("check", csv_file(HEADER, *rows), "--format", "jsonl")
    told = [json.loads(row)["row"] for row in result.stdout.splitlines()]
    assert told == list(range(1, 2501))


def test_select_and_ignore(run, csv_file):
    path = csv_file(HEADER, ERROR, WARNING)
    assert run("check", path, "--ignore", "modifier").exit_code == 0
    assert run("check", path, "--ignore", "place,modifier", "--fail-on", "warning").exit_code == 0
    only = run("check", path, "--select", "place", "--format", "csv").stdout
    assert "place-not-applicable" in only
    assert "modifier-not-applicable" not in only


def test_an_exception_that_matched_nothing_is_told(run, csv_file):
    result = run("check", csv_file(HEADER, CLEAN), "--ignore", "modifier-unlisted")
    assert "ignore modifier-unlisted: matched nothing; reason: given on the command line" in (
        result.stdout
    )


def test_suppressed_findings_are_counted(run, csv_file):
    result = run("check", csv_file(HEADER, ERROR), "--ignore", "modifier-not-applicable")
    assert "suppressed  1 finding by the configuration\n" in result.stdout


def test_map(run, csv_file):
    path = csv_file("service,Modifier A,dx", "0252U,80,O03.9")
    result = run("check", path, "--map", "service=code", "--map", "Modifier A=modifiers")
    assert result.exit_code == 1
    assert "modifiers[0] 80" in result.stdout


def test_columns_not_read(run, csv_file):
    result = run("check", csv_file("code,modifers,Quimby", "0252U,80,x"), "--format", "csv")
    assert result.stderr.endswith(
        "claimcheck: a column that is not read looks like modifiers; "
        "map it with --map COLUMN=modifiers\n"
    )


def test_settings_are_found_and_the_command_line_wins(run, csv_file, tmp_path):
    (tmp_path / "claimcheck.toml").write_text('fail-on = "warning"\n')
    path = csv_file(HEADER, WARNING)
    assert run("check", path).exit_code == 1
    assert run("check", path, "--fail-on", "error").exit_code == 0


def test_settings_of_a_given_file(run, csv_file, tmp_path):
    other = tmp_path / "other.toml"
    other.write_text(
        '[[ignore]]\nfinding = "modifier"\nreason = "a certain reason"\nuntil = "2020-01-31"\n'
    )
    result = run("check", csv_file(HEADER, ERROR), "--config", other)
    assert result.exit_code == 1
    assert "ignore modifier: expired on 2020-01-31; reason: a certain reason" in result.stdout


def test_rules_of_ones_own(run, csv_file, tmp_path):
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "site.yaml").write_text(
        "schema: claimcheck/overlay@1\noverlay: site\nsource: carc\nstatements:\n"
        '  - code: "0252U"\n    places:\n      - place: "81"\n        verdict: not-applicable\n'
        "        because: We do not bill this place.\n        cite: {at: our own rule}\n"
    )
    result = run("check", csv_file(HEADER, CLEAN), "--rules", folder)
    assert "sites/site#0252U/places/81" in result.stdout
    assert "claimcheck-bundled+site" in result.stdout


def test_a_payer(run, csv_file):
    result = run("check", csv_file(HEADER, CLEAN), "--payer", "Aetna", "--format", "jsonl")
    assert json.loads(result.stdout)["coverage"]["payer"] == "checked"


# --- output files ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["text", "json", "jsonl", "csv"])
def test_an_output_file_has_what_stdout_has(run, csv_file, tmp_path, name):
    path = csv_file(HEADER, ERROR, BROKEN)
    out = tmp_path / "out"
    result = run("check", path, "--format", name, "-o", out)
    assert result.stdout == ""
    assert result.stderr == "claimcheck: 2 rows read, 1 rejected: 1 error\n"
    assert out.read_text() == run("check", path, "--format", name).stdout
    assert sorted(p.name for p in tmp_path.iterdir()) == ["lines.csv", "out"]


def test_an_output_file_is_replaced_and_keeps_its_permissions(run, csv_file, tmp_path):
    out = tmp_path / "out"
    out.write_text("before")
    out.chmod(0o640)
    run("check", csv_file(HEADER, ERROR), "-o", out)
    assert out.read_text().startswith("line 1")
    assert out.stat().st_mode & 0o777 == 0o640


def test_an_output_file_behind_a_link(run, csv_file, tmp_path):
    real = tmp_path / "real"
    link = tmp_path / "link"
    link.symlink_to(real)
    run("check", csv_file(HEADER, ERROR), "-o", link)
    assert link.is_symlink()
    assert real.read_text().startswith("line 1")


def test_a_failure_leaves_the_file_that_was_there(run, csv_file, tmp_path, monkeypatch):
    out = tmp_path / "out"
    out.write_text("before")

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", fail)
    result = run("check", csv_file(HEADER, ERROR), "-o", out)
    assert result.exit_code == 2
    assert result.stderr == f"claimcheck: {out}: cannot be written (No space left on device)\n"
    assert out.read_text() == "before"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["lines.csv", "out"]


# --- what cannot be done: exact messages ----------------------------------------------------------


def test_bad_input_gallery(run, csv_file, tmp_path):
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "image.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    (tmp_path / "folder").mkdir()
    csv_file("pos", "81", name="codeless.csv")
    csv_file("code,cpt", "1,2", name="twice.csv")
    good = csv_file(HEADER, CLEAN)
    gallery = {
        ("none.csv",): "none.csv: there is no such file",
        ("empty.csv",): "empty.csv: is empty",
        ("image.png",): "image.png: is a PNG image, not a table",
        ("folder",): "folder: is a folder, not a file",
        ("codeless.csv",): "codeless.csv: no column gives the procedure code; name it code, hcpcs, "
        "cpt or procedure_code, or map it (--map COLUMN=code)",
        ("twice.csv",): "twice.csv: two columns give code: code and cpt; choose one "
        "(--map COLUMN=code)",
        (
            good,
            "--map",
            "x=code",
        ): f"{good}: the column that is mapped to code is not in the header",
        (good, "--map", "x=codes"): "a column is mapped to a field that there is not; did you mean "
        f"code? the fields are {', '.join(claimcheck.line.FIELDS)}",
        (good, "--select", "modifierz"): "--select modifierz: there is no such finding; the "
        "nearest: modifier, modifier-unknown, modifier-unlisted",
        (good, "--ignore", "zzz"): "--ignore zzz: there is no such finding",
        (good, "--config", "none.toml"): "none.toml: cannot be read (FileNotFoundError)",
        (good, "-o", good): f"{good}: is the input; name another file for --output",
        (good, "-o", "none/out"): "none/out: cannot be written (No such file or directory)",
        (good, "-o", "folder"): "folder: cannot be written (Is a directory)",
    }
    for arguments, message in gallery.items():
        result = run("check", *arguments)
        assert (result.exit_code, result.stdout) == (2, ""), arguments
        assert result.stderr == f"claimcheck: {message}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Missing argument 'FILE|-'."),
        (["-", "--map", "code"], "--map is written COLUMN=FIELD, for example --map cpt4=code"),
        (["-", "--map", "a=code", "--map", "a=line_id"], "--map names one column twice"),
        (["-", "--fail-on", "info"], "'info' is not one of 'error', 'warning', 'never'."),
        (
            ["-", "--format", "xml"],
            "'xml' is not one of 'text', 'json', 'jsonl', 'csv', 'html', 'operation-outcome', 'sarif'.",
        ),
    ],
)
def test_usage(run, arguments, message):
    result = run("check", *arguments, input="code\n")
    assert result.exit_code == 2
    assert result.stderr.rstrip().endswith(message)


def test_a_bad_rule_file(run, csv_file, tmp_path):
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "site.yaml").write_text("schema: claimcheck/overlay@1\noverlay: 1\n")
    result = run("check", csv_file(HEADER, CLEAN), "--rules", folder)
    assert result.exit_code == 2
    assert "site.yaml:2:10: " in result.stderr
    assert result.stdout == ""


def test_a_bad_setting(run, csv_file, tmp_path):
    (tmp_path / "claimcheck.toml").write_text("colour = true\n")
    result = run("check", csv_file(HEADER, CLEAN))
    assert result.exit_code == 2
    assert result.stderr.startswith("claimcheck: claimcheck.toml: unknown setting 'colour'")


def test_a_rejected_row_does_not_end_its_claim(run, csv_file):
    header = "claim_id,line_id,code,pos,dx1"
    one, two = "c1,c1-1,0252U,81,O03.9", "c1,c1-3,0252U,81,O03.9"
    path = csv_file(header, one, "c1,c1-2", two, "c2,c2-1,0252U,81,O03.9")
    rows = [json.loads(row) for row in run("check", path, "--format", "jsonl").stdout.splitlines()]
    assert [row["row"] for row in rows] == [1, 2, 3, 4]
    assert rows[1]["rejected"]
    assert [[f["code"] for f in row["findings"]] for row in (rows[0], rows[2], rows[3])] == [
        [],
        ["claim-duplicate-line"],
        [],
    ]
    assert rows[2]["findings"][0]["message"].startswith("The line repeats line c1-1: 0252U")


def test_a_file_with_a_header_only_says_so(run, csv_file):
    result = run("check", csv_file(HEADER))
    assert result.exit_code == 0
    assert result.stderr.endswith("has no rows; nothing was checked\n")


def test_a_line_without_rule_and_an_error_has_its_block(run, csv_file):
    result = run("check", csv_file(HEADER, "CLM-5,1,99213,,97,J06.9,2026-05-04"))
    assert result.exit_code == 1
    assert result.stdout.startswith("line 1  CLM-5  1  99213  findings: 1 error, 1 info\n")
    assert "1 not checked" in result.stdout


@pytest.mark.parametrize("output_format", ["jsonl", "csv", "json"])
def test_rows_are_told_in_their_order_with_and_without_claims(run, csv_file, output_format):
    header = "claim_id,line_id,code,pos,dx1"
    bare, of_claim = ",,99213,11,J06.9", "c1,,99213,11,J06.9"
    rows = [bare, "x", bare, "x", of_claim, "x", of_claim, "x", bare, "x"]
    result = run("check", csv_file(header, *rows), "--format", output_format)
    if output_format == "json":
        told = json.loads(result.stdout)
        assert [line["row"] for line in told["lines"]] == [1, 3, 5, 7, 9]
        assert [row["row"] for row in told["rejected"]] == [2, 4, 6, 8, 10]
        return
    if output_format == "jsonl":
        numbers = [json.loads(line)["row"] for line in result.stdout.splitlines()]
    else:
        numbers = [int(row["row"]) for row in csv.DictReader(io.StringIO(result.stdout))]
    assert list(dict.fromkeys(numbers)) == list(range(1, 11))


def duplicates(result):
    """The rows that repeat another one of their claim."""
    rows = [json.loads(row) for row in result.stdout.splitlines()]
    return [
        row["row"]
        for row in rows
        if "claim-duplicate-line" in [finding["code"] for finding in row["findings"]]
    ]


GROUPED = ["claim_id,visit,dos,code", "C1,V1,2026-05-04,99213", "C1,V1,2026-05-04,99213"]
GROUPED += ["C2,V1,2026-05-04,99213", "C2, V2 ,2026-05-04,99213", ",V2,2026-05-04,99213"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ([], [2, 4]),
        (["--group-by", "visit"], [2, 3, 5]),
        (["--group-by", "Visit", "--group-by", "dos"], [2, 3, 5]),
        (["--group-by", "visit", "--group-by", "claim_id"], [2]),
        (["--group-by", "none"], []),
    ],
)
def test_other_columns_may_tell_the_claim(run, csv_file, options, told):
    result = run("check", csv_file(*GROUPED), "--format", "jsonl", *options)
    assert duplicates(result) == told
    assert "V1" not in result.stdout + result.stderr


def test_an_id_that_is_withheld_tells_the_claim_too(run, csv_file):
    path = csv_file("claim_id,code", "Quimby 1,99213", "Quimby 1,99213", "Quimby 2,99213")
    result = run("check", path, "--format", "jsonl")
    assert duplicates(result) == [2]
    assert "Quimby" not in result.stdout + result.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--group-by", "Quimby"],
            "no column has name 1 of those to group by; name columns of the header "
            "(--group-by COLUMN), or group by none",
        ),
        (
            ["--group-by", "visit", "--group-by", "none"],
            "--group-by takes the name of a column, or none alone",
        ),
        (["--group-by", " "], "--group-by takes the name of a column, or none alone"),
    ],
)
def test_a_grouping_that_cannot_be(run, csv_file, options, message):
    result = run("check", csv_file(*GROUPED), *options)
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Quimby" not in result.stderr


def test_claims_that_are_not_in_one_piece_are_counted(run, csv_file):
    rows = [f"{claim},99213" for claim in ("A", "B", "A", "", "B", "A", "C", "C", "")]
    result = run("check", csv_file("claim_id,code", *rows), "--format", "jsonl")
    assert duplicates(result) == [8]
    assert result.stderr.splitlines()[1:] == [
        "claimcheck: 2 claims were not in one piece and not checked as a whole; sort the input by "
        "claim"
    ]


def test_a_claim_of_one_row_is_a_claim(run, csv_file, monkeypatch):
    sizes = []
    real = claimcheck.Checker.check_claim

    def counted(checker, lines):
        sizes.append(len(lines))
        return real(checker, lines)

    monkeypatch.setattr(claimcheck.Checker, "check_claim", counted)
    path = csv_file("claim_id,code", "A,99213", ",99213", "B,99213", "B,99213")
    assert run("check", path).exit_code == 0
    assert sizes == [1, 2]
