"""``claimcheck coverage``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from claimcheck.coverage import RuleCoverage, measure

HEADER = "code,modifiers,diagnoses,service_date"
ROW = "0252U,80,O03.9,2026-05-04"


def test_text_goes_to_the_standard_output(run, csv_file, checker):
    done = run("coverage", csv_file(HEADER, ROW))
    line = {"code": "0252U", "modifiers": "80", "diagnoses": "O03.9", "service_date": "2026-05-04"}
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == measure([line], checker).text()


def test_several_files_of_several_kinds_are_one_coverage(run, csv_file, tmp_path):
    lines = tmp_path / "lines.jsonl"
    lines.write_text('{"code": "81452"}\n', "utf-8")
    tests = tmp_path / "0252U.test.yaml"
    tests.write_text(
        'schema: claimcheck/test@1\ncode: "0252U"\ncases:\n'
        '  - {name: a case, line: {modifiers: ["62"]}, findings: []}\n',
        "utf-8",
    )
    done = run("coverage", csv_file(HEADER, ROW), lines, tests, "-", "--format", "json", input=ROWS)
    told = json.loads(done.stdout)
    assert done.exit_code == 0
    assert {code["code"]: code["lines"] for code in told["codes"]} == {"0252U": 3, "81452": 1}
    fired = {e["id"] for code in told["codes"] for e in code["entries"] if e["fired"]}
    assert {"codes/0252U#modifiers/80", "codes/0252U#modifiers/62"} <= fired
    assert RuleCoverage.from_json(done.stdout).as_dict() == told


ROWS = f"{HEADER}\n{ROW}\n"


def test_an_output_is_written_whole(run, csv_file, tmp_path):
    done = run("coverage", csv_file(HEADER, ROW), "--format", "html", "-o", "page.html")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "Rule coverage" in (tmp_path / "page.html").read_text("utf-8")


def test_an_output_that_is_an_input_is_refused(run, csv_file):
    first, second = csv_file(HEADER, ROW, name="a.csv"), csv_file(HEADER, ROW, name="b.csv")
    done = run("coverage", first, second, "-o", second)
    assert done.exit_code == 2
    assert "is the input" in done.stderr
    assert second.read_text() == ROWS


def test_on_failure_nothing_is_written(run, csv_file, tmp_path):
    done = run("coverage", csv_file(HEADER, ROW), "absent.csv", "-o", "out.txt")
    assert done.exit_code == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lines.csv"]


@pytest.mark.parametrize(("percent", "code"), [("1", 0), ("2", 1), ("0", 0)])
def test_fail_under(run, csv_file, percent, code):
    # 3 of 207 entries: the code's period, modifier 80, diagnosis O03.9.
    done = run("coverage", csv_file(HEADER, ROW), "--fail-under", percent)
    assert done.exit_code == code
    assert done.stderr == ("claimcheck: 1.4 % exercised, less than 2 %\n" if code else "")


def test_fail_under_fails_where_nothing_could_be_exercised(run, csv_file):
    assert run("coverage", csv_file("code", "99213"), "--fail-under", "1").exit_code == 1


def test_codes(run, csv_file):
    file = csv_file(HEADER, ROW)
    asked = run("coverage", file, "--codes", "81452, 0252u").stdout
    assert asked == run("coverage", file, "--codes", "all").stdout
    assert "81452: " in asked
    assert "81452" not in run("coverage", file, "--codes", "0252U").stdout
    assert "rules without any line: 81452" in run("coverage", file).stdout
    unknown = run("coverage", file, "--codes", "99213")
    assert (unknown.exit_code, unknown.stderr) == (
        2,
        "claimcheck: no rule file speaks of 99213\n",
    )


def test_all_does_not_hide_a_code_without_rules(run, csv_file):
    done = run("coverage", csv_file(HEADER, ROW), "--codes", "all,99999")
    assert done.exit_code == 2
    assert "no rule file speaks of 99999" in done.stderr


def test_fail_under_is_a_number(run, csv_file):
    done = run("coverage", csv_file(HEADER, ROW), "--fail-under", "nan")
    assert done.exit_code == 2
    assert "it is a number from 0 to 100" in done.stderr


def test_rules_and_payer(run, csv_file):
    overlay = Path(__file__).parents[2] / "docs" / "examples" / "overlay"
    done = run("coverage", csv_file("code,modifiers", "0252U,LR"), "--rules", overlay)
    assert "sites/example-lab" in done.stdout
    assert "families/pla#modifiers/90" not in done.stdout


def test_rejected_rows_are_told(run, csv_file):
    done = run("coverage", csv_file(HEADER, ROW, "0252U,80", '0252U,"80'))
    assert done.exit_code == 0
    assert "rejected and not counted" in done.stderr
    nothing = run("coverage", csv_file(HEADER, "0252U,80"))
    assert nothing.exit_code == 2
    assert "nothing could be read: 1 row rejected" in nothing.stderr


def test_an_empty_file_is_told(run, csv_file):
    done = run("coverage", csv_file(HEADER))
    assert done.exit_code == 0
    assert "lines.csv has no rows; nothing was recorded" in done.stderr
    assert "0 lines recorded" in done.stdout


def test_a_column_that_looks_like_a_field_is_told(run, csv_file):
    done = run("coverage", csv_file("code,modifers", "0252U,80"))
    assert "looks like modifiers" in done.stderr
    mapped = run("coverage", csv_file("code,modifers", "0252U,80"), "--map", "modifers=modifiers")
    assert mapped.stderr == ""


def test_the_standard_input_is_read_once(run):
    done = run("coverage", "-", "-", input=ROWS)
    assert done.exit_code == 2
    assert "can be read once" in done.stderr


def test_test_files_that_cannot_be_used_are_told_with_their_place(run, tmp_path):
    (tmp_path / "x.test.yaml").write_text("schema: claimcheck/test@1\ncode: 5\n", "utf-8")
    done = run("coverage", "x.test.yaml")
    assert done.exit_code == 2
    assert "x.test.yaml:2:7" in done.stderr


def test_nothing_of_a_line_leaves(run, csv_file, tmp_path):
    planted = "Quimby Zanzibar"
    file = csv_file(f"{HEADER},{planted}", f"0252U,{planted},{planted},{planted},{planted}", ROW)
    for name in ("text", "json", "html"):
        done = run("coverage", file, "--format", name)
        assert done.exit_code == 0
        assert "quimby" not in (done.stdout + done.stderr).casefold()
