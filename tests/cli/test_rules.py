from __future__ import annotations

import json

import pytest

import claimcheck
from claimcheck.ruleset import bundled_folder


def test_list(run, checker):
    result = run("rules", "list")
    assert result.exit_code == 0
    for code in checker.ruleset.codes:
        assert f"  {code}  " in result.stdout
    for family in checker.ruleset.families:
        assert f"  {family}  " in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 100


def test_list_as_json(run, checker):
    told = json.loads(run("rules", "list", "--format", "json").stdout)
    assert [file["code"] for file in told["codes"]] == list(checker.ruleset.codes)
    assert told["hash"] == checker.ruleset.hash


@pytest.mark.parametrize("subject", ["0252U", "0252u", "pla", "laboratory"])
def test_show(run, subject):
    result = run("rules", "show", subject)
    assert result.exit_code == 0
    assert "families/laboratory#modifiers/80" in result.stdout


def test_show_as_json(run):
    told = json.loads(run("rules", "show", "pla", "--format", "json").stdout)
    assert told["family"] == "pla"


@pytest.mark.parametrize(
    ("subject", "message"),
    [
        ("plaa", "there are no rules for plaa; the nearest: pla"),
        ("0253U", "there are no rules for 0253U; the nearest: 0252U"),
        ("zzz", "there are no rules for zzz"),
    ],
)
def test_show_what_there_is_not(run, subject, message):
    result = run("rules", "show", subject)
    assert (result.exit_code, result.stderr) == (2, f"claimcheck: {message}\n")


def test_lint_of_the_bundled_rules(run):
    result = run("rules", "lint")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "claimcheck: 0 problems\n"


def test_lint_of_a_bad_folder(run, tmp_path):
    (tmp_path / "site.yaml").write_text("schema: claimcheck/overlay@1\nnonsense: x\n")
    result = run("rules", "lint", tmp_path)
    assert result.exit_code == 1
    assert "site.yaml:2:1: " in result.stdout


def test_lint_of_nothing(run):
    result = run("rules", "lint", "none")
    assert (result.exit_code, result.stderr) == (2, "claimcheck: none: there is no such folder\n")


def test_pack(run, tmp_path):
    out = tmp_path / "my.pack"
    assert run("rules", "pack", bundled_folder(), "-o", out).exit_code == 0
    assert claimcheck.open_pack(out).hash == claimcheck.load_rules().hash
    checked = run("check", "-", "--rules", out, input="code,mod1\n0252U,80\n")
    assert checked.exit_code == 1


def test_pack_of_an_overlay_takes_the_bundled_rules_along(run, tmp_path):
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "site.yaml").write_text(
        "schema: claimcheck/overlay@1\noverlay: site\nsource: carc\nstatements:\n"
        '  - family: pla\n    places:\n      - place: "81"\n        verdict: not-applicable\n'
        "        because: We do not bill this place.\n        cite: {at: our own rule}\n"
    )
    out = tmp_path / "my.pack"
    assert run("rules", "pack", folder, "-o", out).exit_code == 0
    assert "0252U" in claimcheck.open_pack(out).codes


def test_pack_cannot_be_written(run, tmp_path):
    result = run("rules", "pack", bundled_folder(), "-o", tmp_path / "none" / "x.pack")
    assert result.exit_code == 2
    assert result.stderr.endswith("cannot be written (No such file or directory)\n")


def test_pack_of_nothing(run, tmp_path):
    result = run("rules", "pack", "none", "-o", tmp_path / "x.pack")
    assert (result.exit_code, result.stderr) == (2, "claimcheck: none: there is no such folder\n")


CASES = """schema: claimcheck/test@1
code: "0252U"
cases:
  - name: a laboratory line is clean
    line: {place_of_service: "81", diagnoses: ["N96"]}
    findings: []
  - name: an expectation that does not hold
    line: {place_of_service: "81", diagnoses: ["N96"], modifiers: ["80"]}
    findings:
      - {finding: modifier-disputed, severity: warning, value: "26"}
"""


def test_the_bundled_rules_pass_their_tests(run):
    result = run("rules", "test")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.endswith("cases passed\n")


def test_a_case_that_fails_is_told_with_its_place(run, tmp_path):
    path = tmp_path / "0252U.test.yaml"
    path.write_text(CASES, encoding="utf-8")
    result = run("rules", "test", str(tmp_path))
    assert result.exit_code == 1
    assert result.stdout == (
        f"{path}:7:11: an expectation that does not hold: missing warning modifier-disputed on 26; "
        "unexpected error modifier-not-applicable on 80\n"
    )
    assert result.stderr == "claimcheck: 1 of 2 cases passed\n"


def test_no_tests_and_broken_tests_end_with_2(run, tmp_path):
    result = run("rules", "test", str(tmp_path))
    assert result.exit_code == 2
    assert result.stderr.startswith("claimcheck: there are no tests")
    (tmp_path / "x.test.yaml").write_text(CASES.replace("warning", "loud"), encoding="utf-8")
    result = run("rules", "test", str(tmp_path))
    assert result.exit_code == 2
    assert "x.test.yaml:10:" in result.stderr
