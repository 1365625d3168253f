"""The pytest plugin, run by pytest's own ``pytester``."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import claimcheck
import claimcheck.ruleset.yamlfile

# What inner runs in this process need is loaded once, and not again by each of them.
import claimcheck.testing.assertions
import claimcheck.testing.items
import claimcheck.testing.run
from claimcheck.coverage import measure

from ..io.x12_files import Biller, Claim, Interchange, Line, Subscriber, build

pytest_plugins = ("pytester",)

OVERLAY = Path(__file__).parents[2] / "docs" / "examples" / "overlay"
GOOD = {"code": "0252U", "diagnoses": ["O03.9"]}
ASSISTED = {**GOOD, "modifiers": ["80"]}  # an error
UNLISTED = {**GOOD, "taxonomy": "207R00000X"}  # an info
HEDGED = {**GOOD, "modifiers": ["62"]}  # a warning
NO_RULE = {"code": "88305"}
INI = "[pytest]\nclaimcheck_files = claims/*.jsonl\n"


def jsonl(pytester: pytest.Pytester, *lines: dict[str, Any] | str, name: str = "a") -> Path:
    """Write ``claims/a.jsonl``."""
    path = pytester.path / "claims" / f"{name}.jsonl"
    path.parent.mkdir(exist_ok=True)
    rows = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(rows) + "\n", "utf-8")
    return path


def run(pytester: pytest.Pytester, *args: str) -> pytest.RunResult:
    """Run pytest in this process, without plugins that have no part in it."""
    return pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:xdist", *args)


# --- the checker --------------------------------------------------------------------------------


def test_the_settings_of_the_project_make_the_checker(pytester: pytest.Pytester) -> None:
    pytester.makepyprojecttoml(
        """
        [tool.claimcheck]
        payer = "Aetna"
        [[tool.claimcheck.ignore]]
        finding = "taxonomy-unlisted"
        reason = "Covered by another department."
        """
    )
    pytester.makepyfile(
        """
        from claimcheck.testing import assert_clean

        def test_fixture(claimcheck_checker):
            assert claimcheck_checker.payer == "aetna"

        def test_assertions_use_it():
            report = assert_clean({"code": "0252U", "diagnoses": ["O03.9"], "taxonomy": "207R00000X"})
            assert (report.suppressed, report.coverage["payer"]) == (1, "checked")
        """
    )
    result = run(pytester)
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        [
            "1 line checked: 1 clean, 0 with findings; no finding",
            "1 finding suppressed by the configuration",
            "rules: claimcheck-bundled *",
        ]
    )


def test_ini_options_win_over_the_settings(pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("own.toml").write_text('payer = "Cigna"\nfail-on = "error"\n', "utf-8")
    pytester.path.joinpath("claimcheck.toml").write_text('payer = "Aetna"\n', "utf-8")
    shutil.copytree(OVERLAY, pytester.path / "overlay")
    pytester.makeini(
        """
        [pytest]
        claimcheck_config = own.toml
        claimcheck_rules = overlay
        claimcheck_fail_on = warning
        """
    )
    test = pytester.makepyfile(
        """
        def test_it(claimcheck_checker):
            assert claimcheck_checker.payer == "cigna"
            assert claimcheck_checker.config.fail_on == "warning"
            line = {"code": "0252U", "modifiers": ["90"], "diagnoses": ["O03.9"]}
            rule = claimcheck_checker.check(line).findings[0].rule
            assert rule == "sites/example-lab#pla/modifiers/90"
        """
    )
    assert test.exists()
    run(pytester).assert_outcomes(passed=1)
    run(pytester, "-o", "claimcheck_payer=Medicare").stdout.fnmatch_lines(
        ["*AssertionError: assert 'medicare' == 'cigna'"]
    )


@pytest.mark.parametrize(
    ("ini", "told"),
    [
        ("claimcheck_fail_on = info", "claimcheck_fail_on is one of error, warning, never"),
        ("claimcheck_payer = ---", "payer has no letter or digit; give a name such as aetna"),
        ("claimcheck_config = none.toml", "none.toml: cannot be read (FileNotFoundError)"),
        (
            "claimcheck_data = no/data",
            "claimcheck_data: *no/data is no folder; name the one into *",
        ),
        ("claimcheck_baseline = none.json", "none.json: there is no such file*"),
    ],
)
def test_settings_that_cannot_be_used_are_told_without_traceback(
    pytester: pytest.Pytester, ini: str, told: str
) -> None:
    pytester.makeini(f"[pytest]\nclaimcheck_files = claims/*.jsonl\n{ini}\n")
    jsonl(pytester, {**GOOD, "line_id": "A"})
    pytester.makepyfile(
        """
        from claimcheck.testing import assert_clean

        def test_fixture(claimcheck_checker):
            pass

        def test_assertion():
            assert_clean({"code": "0252U", "diagnoses": ["O03.9"]})
        """
    )
    result = run(pytester)
    result.assert_outcomes(failed=2, errors=1)
    result.stdout.fnmatch_lines(["*_ ERROR at setup of test_fixture _*", told])
    result.stdout.fnmatch_lines(
        ["*_ A (a.jsonl:*) _*", told, "*_ test_assertion _*", f"E *Error: {told}"]
    )
    result.stdout.no_fnmatch_line("*run.py:*")


def test_a_folder_without_imported_lists_is_told(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nclaimcheck_data = data\n")
    pytester.mkdir("data")
    pytester.makepyfile(SUITE)
    result = run(pytester, "-k", "found")
    result.assert_outcomes(passed=1, deselected=6)
    result.stdout.fnmatch_lines(
        ["national tables: none is imported in the folder of claimcheck_data"]
    )
    result = run(pytester, "-k", "found", "-o", "claimcheck_data=")
    result.stdout.no_fnmatch_line("national tables*")


def test_lines_that_the_fixture_checks_are_counted(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest, pickle, claimcheck
        from claimcheck.testing import assert_clean, assert_finding

        GOOD = {"code": "0252U", "diagnoses": ["O03.9"]}

        def test_each_way_once(claimcheck_checker):
            claimcheck_checker.check(GOOD)
            claimcheck_checker.check_claim([GOOD, {"code": "88305"}])
            list(claimcheck_checker.check_lines([GOOD, GOOD]))
            assert_clean(GOOD, checker=claimcheck_checker)
            pickle.loads(pickle.dumps(claimcheck_checker)).check(GOOD)

        def test_another_rule_set(tmp_path):
            other = claimcheck.Checker(rules=[RULES])
            assert_clean(GOOD, checker=other)
        """.replace("RULES", repr(str(OVERLAY)))
    )
    result = run(pytester)
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        [
            "6 lines checked: 6 clean, 0 with findings; 1 info",
            "1 line not checked, which is not passed: 88305 (1)",
            "rules: claimcheck-bundled * (6 lines)",
            "rules: * (1 line)",
        ]
    )


# --- nothing when unused ------------------------------------------------------------------------


def test_an_unused_plugin_loads_nothing_and_says_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_modules():
            ours = {name for name in sys.modules if name.split(".")[0] == "claimcheck"}
            assert ours == {
                "claimcheck", "claimcheck._version", "claimcheck.testing",
                "claimcheck.testing.current", "claimcheck.testing.plugin",
            }
            assert not {"pydantic", "hypothesis", "yaml", "attr", "msgspec"} & {*sys.modules}
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:hypothesispytest", "-p", "no:cov")
    result.assert_outcomes(passed=1)
    assert [row for row in result.outlines if "claimcheck" in row and "plugins:" not in row] == []


def test_the_plugin_can_be_switched_off(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from claimcheck.testing import assert_clean

        def test_assertions_do_without():
            assert_clean({"code": "0252U", "diagnoses": ["O03.9"]})

        def test_no_fixture(claimcheck_checker):
            pass
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:claimcheck")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*fixture 'claimcheck_checker' not found"])
    result.stdout.no_fnmatch_line("*lines checked*")


def test_a_run_inside_a_test_leaves_the_outer_run_alone(
    pytester: pytest.Pytester, claimcheck_checker: claimcheck.Checker
) -> None:
    pytester.makeini("[pytest]\nclaimcheck_payer = Cigna\n")
    pytester.makepyfile(
        "def test_it(claimcheck_checker): assert claimcheck_checker.payer == 'cigna'"
    )
    run(pytester).assert_outcomes(passed=1)
    from claimcheck.testing.current import current_run

    outer = current_run()
    assert outer is not None
    assert outer.checker is claimcheck_checker
    assert claimcheck_checker.payer is None


# --- files of claim lines -----------------------------------------------------------------------


def test_each_line_of_a_file_is_a_test(pytester: pytest.Pytester) -> None:
    pytester.makeini(INI)
    jsonl(
        pytester,
        {"line_id": "A-1", **GOOD},
        {"line_id": "A-2", **ASSISTED},
        "",
        {"line_id": "A-3", **HEDGED},
        {"line_id": "A-4", **NO_RULE},
        UNLISTED,
        {"line_id": "A-1", **GOOD},
        {"line_id": "1975-05-04", **GOOD},
        {"line_id": "a::b", **GOOD},
    )
    result = run(pytester, "-v", "-rs")
    result.assert_outcomes(passed=6, failed=1, skipped=1)
    result.stdout.fnmatch_lines(
        [
            "claims/a.jsonl::A-1 PASSED*",
            "claims/a.jsonl::A-2 FAILED*",
            "claims/a.jsonl::A-3 PASSED*",
            "claims/a.jsonl::A-4 SKIPPED*",
            "claims/a.jsonl::row-5 PASSED*",
            "claims/a.jsonl::A-1@row-6 PASSED*",
            "claims/a.jsonl::row-7 PASSED*",
            "claims/a.jsonl::a:b PASSED*",
            "*_ A-2 (a.jsonl:*) _*",
            "claims/a.jsonl:2: row 2 gives 1 error.",
            "line A-2: code 0252U; modifiers 80; diagnoses O03.9",
            "    rule: codes/0252U#modifiers/80",
            "7 lines checked: 3 clean, 4 with findings; 1 error, 1 warning, 3 infos",
            "1 line not checked, which is not passed: 88305 (1)",
            "SKIPPED [[]1] claims/a.jsonl:5: not checked: neither a rule file nor a national table "
            "decides on 88305",
        ]
    )


def test_a_failure_is_headed_by_its_place(pytester: pytest.Pytester) -> None:
    pytester.makeini(INI)
    jsonl(pytester, "", "", {"line_id": "A.1", **ASSISTED})
    result = run(pytester, "-v")
    result.stdout.fnmatch_lines(
        [
            "claims/a.jsonl::A.1 FAILED*",
            "*_ A.1 (a.jsonl:3) _*",
            "claims/a.jsonl:3: row 1 gives 1 error.",
        ]
    )


@pytest.mark.parametrize("name", ["A-1@row-2", "a:b", "row-3"])
def test_one_line_can_be_run_alone(pytester: pytest.Pytester, name: str) -> None:
    pytester.makeini(INI)
    jsonl(pytester, {"line_id": "A-1", **GOOD}, {"line_id": "A-1", **GOOD}, GOOD)
    jsonl(pytester, {"line_id": "a::b", **GOOD}, name="b")
    file = "b" if name == "a:b" else "a"
    result = run(pytester, "-v", f"claims/{file}.jsonl::{name}")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines([f"claims/{file}.jsonl::{name} PASSED*", "1 line checked*"])


@pytest.mark.parametrize(
    ("fail_on", "failed"), [("error", ["A"]), ("warning", ["A", "B"]), ("never", [])]
)
def test_fail_on_decides_what_fails(
    pytester: pytest.Pytester, fail_on: str, failed: list[str]
) -> None:
    pytester.makeini(f"{INI}claimcheck_fail_on = {fail_on}\n")
    lines = {"A": ASSISTED, "B": HEDGED, "C": UNLISTED}
    jsonl(pytester, *({"line_id": name, **line} for name, line in lines.items()))
    result = run(pytester)
    result.assert_outcomes(passed=3 - len(failed), failed=len(failed))
    result.stdout.fnmatch_lines([f"FAILED claims/a.jsonl::{name}*" for name in failed])


def test_a_line_may_say_what_it_gives(pytester: pytest.Pytester) -> None:
    pytester.makeini(INI)
    twice = {**GOOD, "modifiers": ["80", "82"]}
    slug = "modifier-not-applicable"
    jsonl(
        pytester,
        {"line_id": "passes", **ASSISTED, "expect": [slug], "note": "no assistant"},
        {"line_id": "passes-twice", **twice, "expect": [slug, slug]},
        {"line_id": "passes-clean", **GOOD, "expect": []},
        {"line_id": "passes-unchecked", **NO_RULE, "expect": ["code-no-rule"]},
        {"line_id": "once-too-few", **twice, "expect": [slug]},
        {"line_id": "misses", **GOOD, "expect": [slug]},
        {"line_id": "surprises", **UNLISTED, "expect": []},
        {
            "line_id": "misspelt",
            **ASSISTED,
            "expect": ["modifer-not-applicable", slug, "place-unlistd"],
        },
        {"line_id": "no-list", **ASSISTED, "expect": slug},
    )
    result = run(pytester, "-v")
    result.assert_outcomes(passed=4, failed=5)
    result.stdout.fnmatch_lines([f"*::passes{more} PASSED*" for more in ("", "-twice", "-clean")])
    result.stdout.fnmatch_lines(
        [
            "*_ once-too-few (a.jsonl:*) _*",
            "claims/a.jsonl:5: row 5 does not give exactly what it expects.",
            f"  unexpected  {slug}",
            "*_ misses (a.jsonl:*) _*",
            f"  missing     {slug}",
            "It gives no finding.",
            "*_ surprises (a.jsonl:*) _*",
            "  unexpected  taxonomy-unlisted",
            "*_ misspelt (a.jsonl:*) _*",
            "claims/a.jsonl:8: row 8 expects findings that there are not.",
            f"  expect[[]0]  the nearest is {slug}",
            "  expect[[]2]  the nearest is place-unlisted",
            "*_ no-list (a.jsonl:*) _*",
            "claims/a.jsonl:9: row 9 was not checked: expect is a list of findings, for *",
        ]
    )


def test_no_row_is_lost(pytester: pytest.Pytester) -> None:
    pytester.makeini(INI)
    jsonl(
        pytester,
        {"line_id": "good", **GOOD},
        "Mary Poppins",
        {"line_id": "typo", **GOOD, "modifers": ["80"]},
        {"line_id": "foreign", **GOOD, "surname": "Poppins", "born": "1975-05-04"},
        "[1, 2]",
        {"surname": "Poppins"},
        '{"expect": ["modifier-unlisted"], "code": ',
        {"expect": []},
        '{"line_id": "big", "code": "0252U", "payer": "' + "x" * 1_100_000 + '"}',
    )
    result = run(pytester, "-l")
    result.assert_outcomes(passed=1, failed=8)
    result.stdout.fnmatch_lines(
        [
            "*_ row-2 (a.jsonl:*) _*",
            "claims/a.jsonl:2: row 2 was not checked: the line is no JSON (byte 1).",
            "*_ typo (a.jsonl:*) _*",
            "claims/a.jsonl:3: row 3 was not checked: the line has 1 field that is not read; one looks "
            "like modifiers.",
            "*_ foreign (a.jsonl:*) _*",
            "claims/a.jsonl:4: row 4 was not checked: the line has 2 fields that are not read.",
            "*_ row-5 (a.jsonl:*) _*",
            "claims/a.jsonl:5: row 5 was not checked: the line is no JSON object with fields of a "
            "claim line.",
            "*_ row-6 (a.jsonl:*) _*",
            "claims/a.jsonl:6: row 6 was not checked: the line has 1 field that is not read.",
            "*_ row-7 (a.jsonl:*) _*",
            "claims/a.jsonl:7: row 7 was not checked: the line is no JSON.",
            "*_ row-8 (a.jsonl:*) _*",
            "claims/a.jsonl:8: row 8 does not give exactly what it expects.",
            "  unexpected  code-missing",
            "*_ row-9 (a.jsonl:*) _*",
            "claims/a.jsonl:9: row 9 was not checked: the line is longer than 1,048,576 bytes.",
        ]
    )
    for private in ("Poppins", "1975", "surname", "Traceback"):
        result.stdout.no_fnmatch_line(f"*{private}*")


def test_a_line_without_a_code_that_can_be_looked_up_is_skipped(
    pytester: pytest.Pytester,
) -> None:
    pytester.makeini(INI)
    foreign = {"code": {"system": "SNOMED", "code": "123"}, "diagnoses": ["O03.9"]}
    jsonl(
        pytester,
        {"line_id": "foreign", **foreign},
        {"line_id": "expected", **foreign, "expect": ["code-other-code-set"]},
        {"line_id": "malformed", **GOOD, "code": "O252U"},
    )
    result = run(pytester, "-rs")
    result.assert_outcomes(passed=1, skipped=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "SKIPPED [[]1] claims/a.jsonl:1: not checked: there is no procedure code that can be "
            "looked up"
        ]
    )


def test_a_misspelt_expectation_is_named(pytester: pytest.Pytester) -> None:
    pytester.makeini(INI)
    jsonl(
        pytester,
        {**GOOD, "expects": []},
        "",
        {**GOOD, "Expect": []},
        {**GOOD, "expect": [], "notes": "x"},
        {**GOOD, "expected_payment": "1"},
    )
    result = run(pytester)
    result.assert_outcomes(failed=4)
    not_read = "was not checked: the line has 1 field that is not read"
    result.stdout.fnmatch_lines(
        [
            f"claims/a.jsonl:1: row 1 {not_read}; one looks like expect.",
            f"claims/a.jsonl:3: row 2 {not_read}; one looks like expect.",
            f"claims/a.jsonl:4: row 3 {not_read}; one looks like note.",
            f"claims/a.jsonl:5: row 4 {not_read}.",
        ]
    )


def test_a_key_that_stands_twice_is_no_choice(pytester: pytest.Pytester) -> None:
    pytester.makeini(INI)
    jsonl(
        pytester,
        '{"code": "0252U", "modifiers": ["80"], "diagnoses": ["O03.9"], "modifiers": []}',
        '{"code": "0252U", "expect": ["x"], "diagnoses": ["O03.9"], "expect": []}',
        '{"code": "0252U", "Mary": 1, "diagnoses": ["O03.9"], "Mary": 2}',
        '{"code": {"system": "a", "code": "b", "system": "c"}, "diagnoses": ["O03.9"]}',
    )
    result = run(pytester)
    result.assert_outcomes(failed=4)
    result.stdout.fnmatch_lines(
        [
            "claims/a.jsonl:1: row 1 was not checked: the line has modifiers twice; keep one.",
            "claims/a.jsonl:2: row 2 was not checked: the line has expect twice; keep one.",
            "claims/a.jsonl:3: row 3 was not checked: the line has a field twice; keep one.",
            "claims/a.jsonl:4: row 4 was not checked: the line has a field twice; keep one.",
        ]
    )
    result.stdout.no_fnmatch_line("*Mary*")


def test_a_segment_is_not_told_as_a_line_of_the_file(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nclaimcheck_files = claims/*.837\nclaimcheck_fail_on = warning\n")
    claim = Claim(lines=(Line(modifiers=("80",)),))
    biller = Biller(subscribers=(Subscriber(claims=(claim,)),))
    file = pytester.mkdir("claims").joinpath("a.837")
    file.write_bytes(build(Interchange(groups=(((biller,),),))))
    result = run(pytester)
    result.stdout.fnmatch_lines(
        [
            "*_ CLM-1/1 (a.837, segment 24, place of service in segment 21) _*",
            "claims/a.837, segment 24, place of service in segment 21: row 1 gives 1 error.",
        ]
    )


def test_lines_of_one_claim_are_checked_together_and_told_apart(
    pytester: pytest.Pytester,
) -> None:
    pytester.makeini(INI)
    line = {"claim_id": "C", **GOOD, "service_date": "2026-05-04"}
    jsonl(
        pytester,
        {"line_id": "C-1", **line},
        {"line_id": "C-2", **line, "expect": ["claim-duplicate-line"]},
        {"line_id": "D-1", **line, "claim_id": "D"},
    )
    run(pytester).assert_outcomes(passed=3)
    alone = run(pytester, "claims/a.jsonl::C-2")
    alone.assert_outcomes(passed=1)
    alone.stdout.fnmatch_lines(["1 line checked: 0 clean, 1 with findings; 1 warning"])


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.jsonl", "", "*a.jsonl: is empty"),
        ("a.jsonl", "PAR1", "*a.jsonl: is a Parquet file; *"),
        ("a.csv", "code,modifers\n0252U,80\n", "*a.csv: a column that is not read looks like mod*"),
        ("a.csv", "code,expect\n0252U,x\n", "*a.csv: expect is read in JSON Lines only, *"),
        ("a.csv", "code|Expect\n0252U|x\n", "*a.csv: expect is read in JSON Lines only, *"),
        ("a.csv", 'code;"expect"\n0252U;x\n', "*a.csv: expect is read in JSON Lines only, *"),
        (
            "a.csv",
            "code,expected\n0252U,x\n",
            "*a.csv: a column that is not read looks like expect, which is read in JSON Lines only, "
            "not in a table",
        ),
        ("a.csv", "code\n", "*a.csv: has no rows; nothing would be checked"),
        (
            "a.csv",
            "claim_id,code\nA,0252U\nB,0252U\nA,0252U\n",
            "*a.csv: 1 claim was not in one piece and not checked as a whole; *",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_an_error_of_collection(
    pytester: pytest.Pytester, name: str, content: str, told: str
) -> None:
    pytester.makeini("[pytest]\nclaimcheck_files = claims/a.*\n")
    pytester.mkdir("claims").joinpath(name).write_text(content, "utf-8")
    result = run(pytester)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*_ ERROR collecting claims/{name} _*", told])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_tables_are_read_as_the_command_line_reads_them(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nclaimcheck_files = claims/*.csv\n")
    table = (
        "line_id,code,mod1,dx1,comment\nA-1,0252U,80,O03.9,x\nA-2,0252U,,O03.9,\nA-3,a,b,c,d,e\n"
    )
    pytester.mkdir("claims").joinpath("a.csv").write_text(table, "utf-8")
    result = run(pytester, "-v")
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(
        [
            "claims/a.csv::A-1 FAILED*",
            "claims/a.csv::A-2 PASSED*",
            "claims/a.csv::row-3 FAILED*",
            "claims/a.csv:4: row 3 was not checked: *",
        ]
    )


def test_837_files_are_read_and_their_damage_fails(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nclaimcheck_files = claims/*.837\n")
    whole = build(Interchange())
    file = pytester.mkdir("claims").joinpath("a.837")
    file.write_bytes(whole)
    run(pytester).assert_outcomes(passed=1)
    file.write_bytes(whole[: whole.rindex(b"IEA")])
    result = run(pytester, "-v")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["claims/a.837::damage FAILED*", "The file is damaged: *a.837: is damaged, 1 problem: *"]
    )


def test_a_pattern_without_files_is_a_mistake(pytester: pytest.Pytester) -> None:
    pytester.makeini(INI)
    pytester.makepyfile("def test_it(): pass")
    result = run(pytester)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: claimcheck_files: no file matches claims/*.jsonl"])


def test_a_baseline_holds_for_files_and_not_for_what_they_expect(
    pytester: pytest.Pytester, checker: claimcheck.Checker
) -> None:
    pytester.makeini(f"{INI}claimcheck_baseline = known.json\n")
    known = claimcheck.Baseline.of([checker.check(ASSISTED)])
    known.write(pytester.path / "known.json")
    slug = "modifier-not-applicable"
    jsonl(
        pytester,
        {"line_id": "old", **ASSISTED},
        {"line_id": "named", **ASSISTED, "expect": [slug]},
        {"line_id": "new", **GOOD, "modifiers": ["82"]},
    )
    result = run(pytester)
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        [
            "3 lines checked: 2 clean, 1 with findings; 1 error",
            "2 findings known from the baseline, not told",
            "FAILED claims/a.jsonl::new*",
        ]
    )


# --- the mark -----------------------------------------------------------------------------------


def test_the_mark_gives_a_test_each_line(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\naddopts = --strict-markers\n")
    jsonl(pytester, {"line_id": "A-1", **GOOD}, {"line_id": "A-2", **ASSISTED})
    jsonl(pytester, {"line_id": "B-1", **UNLISTED}, name="b")
    pytester.makepyfile(
        """
        import pytest
        from claimcheck.testing import assert_clean

        @pytest.mark.claim_lines("claims/*.jsonl")
        def test_clean(claim_line):
            assert_clean(claim_line)

        class TestMore:
            @pytest.mark.parametrize("allow", ["info", "warning"])
            @pytest.mark.claim_lines("claims/b.jsonl")
            def test_unlisted(self, claim_line, allow):
                assert_clean(claim_line, allow=allow)
        """
    )
    result = run(pytester, "-v")
    result.assert_outcomes(passed=3, failed=2)
    result.stdout.fnmatch_lines(
        [
            "*::test_clean[[]a.jsonl:A-1] PASSED*",
            "*::test_clean[[]a.jsonl:A-2] FAILED*",
            "*::test_clean[[]b.jsonl:B-1] FAILED*",
            "*::test_unlisted[[]b.jsonl:B-1-info] PASSED*",
        ]
    )


@pytest.mark.parametrize(
    ("mark", "argument", "told"),
    [
        ('"claims/none.jsonl"', "claim_line", "test_it has claim_lines: no file matches claims/n*"),
        ("", "claim_line", "test_it names no file in claim_lines; *"),
        ('"claims/a.jsonl"', "", "test_it has the mark claim_lines, and no argument claim_line"),
        (
            '"claims/bad.jsonl"',
            "claim_line",
            "test_it has claim_lines: bad.jsonl:2: row 2: the line *",
        ),
        ('"claims/empty.jsonl"', "claim_line", "*empty.jsonl: is empty"),
    ],
)
def test_a_mark_that_gives_no_lines_is_an_error_of_collection(
    pytester: pytest.Pytester, mark: str, argument: str, told: str
) -> None:
    jsonl(pytester, GOOD)
    jsonl(pytester, GOOD, {**GOOD, "surname": "Poppins"}, name="bad")
    (pytester.path / "claims" / "empty.jsonl").touch()
    pytester.makepyfile(
        f"""
        import pytest

        @pytest.mark.claim_lines({mark})
        def test_it({argument}):
            pass
        """
    )
    result = run(pytester)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*_ ERROR collecting *_", told])
    result.stdout.no_fnmatch_line("*Poppins*")


def test_a_name_with_signs_of_patterns_names_its_file(pytester: pytest.Pytester) -> None:
    jsonl(pytester, {"line_id": "A-1", **GOOD}, name="a[1]")
    pytester.makeini("[pytest]\nclaimcheck_files = claims/a[1].jsonl\n")
    run(pytester, "-v").assert_outcomes(passed=1)


def test_patterns_may_be_whole_paths(pytester: pytest.Pytester) -> None:
    file = jsonl(pytester, {"line_id": "A-1", **GOOD})
    pytester.makeini(f"[pytest]\nclaimcheck_files = {file.parent.as_posix()}/*.jsonl\n")
    pytester.makepyfile(
        f"""
        import pytest

        @pytest.mark.claim_lines({str(file)!r})
        def test_it(claim_line):
            assert claim_line.line_id == "A-1"
        """
    )
    result = run(pytester, "-v")
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        ["claims/a.jsonl::A-1 PASSED*", "*::test_it[[]a.jsonl:A-1] PASSED*"]
    )


@pytest.mark.parametrize(
    ("module", "on_class", "on_test", "which"),
    [
        ("", "", '@pytest.mark.claim_lines("nosuch.jsonl")', "TestUnit.test_it"),
        ("", '@pytest.mark.claim_lines("nosuch.jsonl")', "", "TestUnit"),
        ('pytestmark = pytest.mark.claim_lines("nosuch.jsonl")', "", "", "TestUnit"),
    ],
)
def test_the_mark_is_refused_in_tests_of_unittest(
    pytester: pytest.Pytester, module: str, on_class: str, on_test: str, which: str
) -> None:
    pytester.path.joinpath("test_it.py").write_text(
        f"""
import pytest
from unittest import TestCase
{module}

{on_class}
class TestUnit(TestCase):
    {on_test}
    def test_it(self):
        pass
""",
        "utf-8",
    )
    result = run(pytester)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        [
            "*_ ERROR collecting test_it.py _*",
            f"{which} has the mark claim_lines, which gives no lines to tests of unittest; write the "
            "test as a function or in a plain class",
        ]
    )


def test_other_tests_of_unittest_are_left_alone(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest
        from unittest import TestCase

        @pytest.mark.filterwarnings("error")
        class TestUnit(TestCase):
            def test_it(self):
                pass
        """
    )
    run(pytester).assert_outcomes(passed=1)


def test_a_file_that_is_collected_before_the_session_starts(pytester: pytest.Pytester) -> None:
    jsonl(pytester, {"line_id": "A-1", **GOOD})
    pytester.makeini(INI)
    pytester.makeconftest(
        """
        import pytest

        @pytest.hookimpl(tryfirst=True)
        def pytest_sessionstart(session):
            session.config.early = session.perform_collect()
        """
    )
    result = run(pytester)
    result.assert_outcomes(passed=1)


def test_a_claim_line_needs_the_mark(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(claim_line): pass")
    result = run(pytester)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["claim_line needs the mark claim_lines, which names its files"])


# --- failures -----------------------------------------------------------------------------------


@pytest.mark.parametrize("more", [(), ("--showlocals",), ("--showlocals", "--full-trace")])
def test_tracebacks_show_nothing_of_the_line_as_it_was_given(
    pytester: pytest.Pytester, more: tuple[str, ...]
) -> None:
    pytester.makepyfile(
        """
        import json
        from pathlib import Path
        from claimcheck.testing import *

        def line():
            return json.loads(Path("line.json").read_text("utf-8"))

        def test_clean():
            assert_clean(line())

        def test_claim():
            assert_clean([line(), line()])

        def test_finding():
            assert_finding(line(), "modifier-disputed", value="26")

        def test_no_finding():
            assert_no_finding([line()], "line")

        def test_misuse():
            assert_finding(line(), "modifier-disputted")

        def test_no_line():
            assert_clean([line()["surname"]])

        def test_fixture(claimcheck_checker):
            report = claimcheck_checker.check(line())
            assert report.ok

        def test_fixture_claim(claimcheck_checker):
            report = claimcheck_checker.check_claim([line()])
            assert report.ok
        """
    )
    line = {**ASSISTED, "line_id": "Poppins", "surname": "Mary Poppins", "payer": "Mary Poppins"}
    line = {
        **line,
        "line_id": "Mary Poppins",
        "place_of_service": "Poppins",
        "conditions": ["mary"],
    }
    pytester.path.joinpath("line.json").write_text(json.dumps(line), "utf-8")
    result = run(pytester, *more)
    result.assert_outcomes(failed=8)
    text = "\n".join(result.outlines)
    assert "Poppins" not in text
    assert "mary" not in text.lower().replace("summary", "")
    if "--full-trace" not in more:
        assert "assertions.py" not in text
        result.stdout.fnmatch_lines(
            [">       assert_clean(line())", "E *: The line is not clean: *"]
        )


# --- the summary --------------------------------------------------------------------------------

SETTINGS = """
[[ignore]]
finding = "taxonomy-unlisted"
reason = "Covered."
[[ignore]]
finding = "place-unlisted"
reason = "Never there."
[[ignore]]
finding = "modifier-unlisted"
until = 2020-12-31
reason = "Long ago."
"""
SUITE = """
import pytest
from claimcheck.testing import assert_clean, assert_finding

@pytest.mark.parametrize("number", range(4))
def test_clean(number):
    assert_clean({"code": "0252U", "diagnoses": ["O03.9"]})

def test_ignored():
    assert_clean({"code": "0252U", "diagnoses": ["O03.9"], "taxonomy": "207R00000X"})

def test_not_checked():
    assert_clean({"code": "88305"}, allow_not_checked=True)

def test_found():
    assert_finding({"code": "0252U", "modifiers": ["80"], "diagnoses": ["O03.9"]},
                   "modifier-not-applicable")
"""
SUMMARY = [
    "*- claimcheck -*",
    "6 lines checked: 5 clean, 1 with findings; 1 error, 1 info",
    "1 line not checked, which is not passed: 88305 (1)",
    "1 finding suppressed by the configuration",
    "unused suppression: ignore place-unlisted: matched nothing in this run; reason: Never there.",
    "unused suppression: ignore modifier-unlisted: expired on 2020-12-31; reason: Long ago.",
    "rules: claimcheck-bundled * (????????????)",
]


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_the_summary(pytester: pytest.Pytester, workers: tuple[str, ...]) -> None:
    pytester.path.joinpath("claimcheck.toml").write_text(SETTINGS, "utf-8")
    pytester.makepyfile(SUITE)
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", *workers)
    result.assert_outcomes(passed=7)
    result.stdout.fnmatch_lines(SUMMARY, consecutive=True)


def test_quiet_is_short(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(SUITE)
    result = run(pytester, "-q", "-k", "found or not_checked")
    told = [row for row in result.outlines if "line" in row]
    assert told == [
        "claimcheck: 1 line checked: 0 clean, 1 with findings; 1 error, 1 info; 1 line not checked"
    ]
    assert not [row for row in run(pytester, "-qq", "-k", "clean").outlines if "claim" in row]


def test_a_worker_that_dies_is_told(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import os
        import pytest
        from claimcheck.testing import assert_clean

        def test_first():
            os._exit(3)

        @pytest.mark.parametrize("number", range(5))
        def test_more(number):
            assert_clean({"code": "0252U", "diagnoses": ["O03.9"]})
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-n", "2")
    result.assert_outcomes(passed=5, failed=1)
    result.stdout.fnmatch_lines(["what 1 process checked is missing here, since it ended early"])


# --- rule coverage ------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_rule_coverage_of_the_run(
    pytester: pytest.Pytester, workers: tuple[str, ...], checker: claimcheck.Checker
) -> None:
    pytester.makepyfile(SUITE.replace("def test_ignored", "def ignored"))
    result = pytester.runpytest_subprocess(
        "-p", "no:cacheprovider", "--claimcheck-coverage", *workers
    )
    result.assert_outcomes(passed=6)
    lines: list[dict[str, Any]] = [GOOD] * 4 + [NO_RULE, ASSISTED]
    told = measure(lines, checker).text().splitlines()
    at = result.outlines.index(told[0])
    assert result.outlines[at : at + len(told)] == told
    assert any("6 lines recorded" in row for row in told)


def test_rule_coverage_as_a_page(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(SUITE)
    result = run(pytester, "-q", "-k", "found", "--claimcheck-coverage=html:rules.html")
    result.stdout.fnmatch_lines(["rule coverage: rules.html"])
    assert "codes/0252U" in (pytester.path / "rules.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("page", "cause"),
    [
        ("no/rules.html", "its folder is not there; make it first"),
        ("claims", "it is a folder; name a file"),
    ],
)
def test_a_page_that_cannot_be_written_is_told_before_the_run(
    pytester: pytest.Pytester, page: str, cause: str
) -> None:
    pytester.mkdir("claims")
    pytester.makepyfile(SUITE)
    result = run(pytester, f"--claimcheck-coverage=html:{page}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [f"ERROR: --claimcheck-coverage: {page} cannot be written: {cause}"]
    )
    result.stdout.no_fnmatch_line("*passed*")


def test_a_page_without_jinja2_is_told_before_the_run(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytester.makepyfile(SUITE)
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "jinja2" else find_spec(name)
    )
    result = run(pytester, "--claimcheck-coverage=html:rules.html")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [
            "ERROR: --claimcheck-coverage: rules.html cannot be written: html needs jinja2; "
            'install it with: pip install "claimcheck-lines[[]html]"'
        ]
    )


def test_a_page_that_could_not_be_written_after_all_is_told(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from pathlib import Path
        from claimcheck.testing import assert_clean

        def test_it():
            assert_clean({"code": "0252U", "diagnoses": ["O03.9"]})
            Path("pages").rmdir()
        """
    )
    pytester.mkdir("pages")
    result = run(pytester, "-q", "--claimcheck-coverage=html:pages/rules.html")
    result.stdout.fnmatch_lines(
        ["rule coverage: pages/rules.html could not be written (No such file or directory)"]
    )


def test_rule_coverage_of_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(): pass")
    result = run(pytester, "--claimcheck-coverage=text")
    result.stdout.fnmatch_lines(["claimcheck: no line was checked; no rule was exercised"])


@pytest.mark.parametrize("given", ["=csv", "=html:", " tests"])
def test_a_rule_coverage_that_there_is_not(pytester: pytest.Pytester, given: str) -> None:
    result = run(pytester, *f"--claimcheck-coverage{given}".split())
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*is text or html:PATH; write --claimcheck-coverage=text*"])


# --- coverage of the code -----------------------------------------------------------------------


def test_pytest_cov_measures_claimcheck_with_the_plugin(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "import claimcheck\ndef test_it(): claimcheck.check({'code': '0252U'})\n", "utf-8"
    )
    command = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "--cov=claimcheck.verdict"]
    done = subprocess.run(
        [sys.executable, *command, "--cov=claimcheck.checks", "--cov-report=json", "test_it.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout
    files = json.loads((tmp_path / "coverage.json").read_text("utf-8"))["files"]
    percent = {Path(name).name: file["summary"]["percent_covered"] for name, file in files.items()}
    assert percent["claim.py"] > 50  # its module-level lines were seen
