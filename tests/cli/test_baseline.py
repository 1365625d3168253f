"""``--baseline`` and ``--write-baseline``, and what is said of exceptions of the settings."""

from __future__ import annotations

import json
import os
import re
import stat

import pytest

import claimcheck

from .test_privacy import INPUTS, TRACE

HEADER = "claim_id,line_id,code,mod1,pos,dx1,dos"
CLEAN = "CLM-1,1,0252U,,81,O03.9,2026-05-04"
ERROR = "CLM-2,1,0252U,80,81,O03.9,2026-05-04"
SAME = "CLM-7,9,0252U,80,81,O03.9,2026-06-04"
OTHER = "CLM-3,1,0252U,82,81,O03.9,2026-05-04"
BROKEN = "CLM-6,1"
LATER = "if they are mended, write it again"


@pytest.fixture(params=["check", "batch"])
def command(request, run, csv_file):
    """Run either command on rows; gives its result."""
    if request.param == "batch":
        pytest.importorskip("pyarrow")

    def invoke(*arguments, rows=()):
        path = csv_file(HEADER, *rows)
        output = ["-o", "out.csv"] if request.param == "batch" else ["--format", "csv"]
        return run(request.param, path, *output, *arguments)

    return invoke


def values_in(path):
    return [entry.value for entry in claimcheck.Baseline.load(path).entries]


def test_from_the_first_run_to_the_last(command, tmp_path):
    known = tmp_path / "known.json"
    first = command("--write-baseline", known, rows=[CLEAN, ERROR, SAME])
    assert first.exit_code == 0, first.stderr
    assert f"{known}: baseline written, 1 entry for 2 findings\n" in first.stderr
    assert values_in(known) == ["80"]
    second = command("--baseline", known, rows=[CLEAN, SAME])
    assert second.exit_code == 0
    assert "modifier-not-applicable" not in second.stdout
    assert " from the baseline" in second.stderr
    third = command("--baseline", known, rows=[ERROR, OTHER])
    assert third.exit_code == 1
    assert "1 error" in third.stderr
    mended = command("--baseline", known, rows=[CLEAN])
    assert mended.exit_code == 0
    assert f"claimcheck: 1 entry of the baseline did not occur; {LATER}\n" in mended.stderr


def test_the_baseline_in_use_is_written_again_with_everything(command, tmp_path):
    known = tmp_path / "known.json"
    command("--write-baseline", known, rows=[ERROR, OTHER])
    assert values_in(known) == ["80", "82"]
    new = OTHER.replace("82", "QK")
    again = command("--baseline", known, "--write-baseline", known, rows=[OTHER, new])
    assert again.exit_code == 0
    assert "1 error" in again.stderr
    assert LATER not in again.stderr
    assert values_in(known) == ["82", "QK"]


def test_the_settings_name_it(command, tmp_path):
    (tmp_path / "claimcheck.toml").write_text('baseline = "known.json"\n')
    missing = command(rows=[ERROR])
    assert missing.exit_code == 2
    assert missing.stderr.startswith("claimcheck: known.json: there is no such file; make it with:")
    assert command("--write-baseline", "known.json", rows=[ERROR]).exit_code == 0
    assert command(rows=[SAME]).exit_code == 0
    assert command(rows=[OTHER]).exit_code == 1
    claimcheck.Baseline().write(tmp_path / "none.json")
    assert command("--baseline", "none.json", rows=[SAME]).exit_code == 1


def test_the_day_and_the_rules_are_written(command, tmp_path):
    command("--write-baseline", "known.json", rows=[CLEAN])
    baseline = claimcheck.Baseline.load("known.json")
    assert baseline.entries == ()
    assert baseline.ruleset == claimcheck.Checker().stamp
    assert baseline.written == claimcheck.Checker().today


def test_a_pipe_is_refused_and_stays(command, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    result = command("--write-baseline", "pipe", rows=[ERROR])
    assert result.exit_code == 2
    assert "pipe: is no ordinary file, which a baseline is; name another file" in result.stderr
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_the_standard_output_is_no_place_for_a_baseline(command, tmp_path):
    result = command("--write-baseline", "-", rows=[ERROR])
    assert result.exit_code == 2
    assert "-: is no ordinary file" in result.stderr
    assert not (tmp_path / "-").exists()


@pytest.mark.parametrize("by", ["settings", "option"])
def test_a_damaged_baseline_is_written_again(command, tmp_path, by):
    known = tmp_path / "known.json"
    options = ["--baseline", "known.json"]
    if by == "settings":
        (tmp_path / "claimcheck.toml").write_text('baseline = "known.json"\n')
        options = []
    command("--write-baseline", "known.json", rows=[ERROR])
    known.write_text(known.read_text().replace('"entries"', '<<<<<<< ours\n"entries"'))
    damaged = command(*options, rows=[ERROR])
    assert damaged.exit_code == 2
    assert "known.json: line 5: is no JSON" in damaged.stderr
    again = command(*options, "--write-baseline", "known.json", rows=[ERROR, OTHER])
    assert again.exit_code == 0, again.stderr
    assert values_in(known) == ["80", "82"]
    (tmp_path / "other.json").write_text("<<<<<<<")
    other = command("--baseline", "other.json", "--write-baseline", "known.json", rows=[ERROR])
    assert other.exit_code == 2
    assert "other.json: line 1: is no JSON" in other.stderr


@pytest.mark.parametrize("filters", [["--select", "modifier"], ["--ignore", "place,units"]])
def test_filters_say_nothing_of_the_baseline_and_do_not_write_it(command, tmp_path, filters):
    command("--write-baseline", "known.json", rows=[ERROR, OTHER])
    before = (tmp_path / "known.json").read_text()
    assert LATER in command("--baseline", "known.json", rows=[ERROR]).stderr
    told = command("--baseline", "known.json", *filters, rows=[ERROR])
    assert told.exit_code == 0
    assert "did not occur" not in told.stderr
    refused = command("--write-baseline", "known.json", *filters, rows=[ERROR])
    assert refused.exit_code == 2
    words = " ".join(refused.stderr.split())
    assert "--select and --ignore leave out a part of it; leave them out" in words
    assert (tmp_path / "known.json").read_text() == before


def test_no_rows_leave_the_baseline_as_it_was(command, tmp_path):
    command("--write-baseline", "known.json", rows=[ERROR])
    before = (tmp_path / "known.json").read_text()
    result = command("--write-baseline", "known.json")
    assert result.exit_code == 2
    assert "known.json: no baseline written, since there were no rows\n" in result.stderr
    assert (tmp_path / "known.json").read_text() == before


def test_rejected_rows_do_not_stop_it_but_an_unreadable_input_does(command, tmp_path):
    result = command("--write-baseline", "known.json", rows=[ERROR, BROKEN])
    assert result.exit_code == 0
    before = (tmp_path / "known.json").read_text()
    nothing = command("--write-baseline", "known.json", rows=[BROKEN])
    assert nothing.exit_code == 2
    assert "known.json: no baseline written, since not all was read\n" in nothing.stderr
    assert "nothing could be read: 1 row rejected" in nothing.stderr
    assert (tmp_path / "known.json").read_text() == before


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--write-baseline", "lines.csv"], "lines.csv: is read or written already"),
        (["--write-baseline", "out.csv", "-o", "out.csv"], "out.csv: is read or written already"),
        (["--write-baseline", "none/known.json"], "name a file in a folder that is there"),
        (["--write-baseline", "."], "name a file in a folder that is there"),
        (["--baseline", "none.json"], "none.json: there is no such file"),
        (["--baseline", "lines.csv"], "lines.csv: line 1: is no JSON"),
    ],
)
def test_what_cannot_be_done(command, tmp_path, arguments, told):
    result = command(*arguments, rows=[ERROR])
    assert result.exit_code == 2
    assert told in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["lines.csv"]


def test_a_full_disk_leaves_the_baseline_as_it_was(command, tmp_path, monkeypatch):
    command("--write-baseline", "known.json", rows=[ERROR])
    before = (tmp_path / "known.json").read_text()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(claimcheck.Baseline, "write", full)
    result = command("--write-baseline", "known.json", rows=[OTHER])
    assert result.exit_code == 2
    assert "known.json: cannot be written (No space left on device)" in result.stderr
    assert (tmp_path / "known.json").read_text() == before


def test_what_is_known_stands_in_every_report(run, csv_file):
    path = csv_file(HEADER, ERROR)
    run("check", path, "--write-baseline", "known.json")
    text = run("check", path, "--baseline", "known.json").stdout
    assert "1 clean, 0 with findings" in text
    assert re.search(r"^  known +1 finding from the baseline$", text, re.M)
    report = json.loads(run("check", path, "--baseline", "known.json", "--format", "json").stdout)
    assert (report["lines"][0]["known"], report["lines"][0]["status"]) == (1, "clean")
    assert (report["summary"]["known"], report["summary"]["baseline_unused"]) == (1, 0)
    outcome = run("check", path, "--baseline", "known.json", "--format", "operation-outcome").stdout
    texts = [issue["details"]["text"] for issue in json.loads(outcome)["issue"]]
    assert texts == [
        "1 line, 0 of them not checked: no findings.",
        "Known from the baseline, and not told: 1 finding.",
    ]
    gone = run("check", csv_file(HEADER, CLEAN), "--baseline", "known.json").stdout
    assert re.search(r"^  baseline +1 entry did not occur$", gone, re.M)


def test_the_page_and_the_outcome_tell_what_is_left_out(run, csv_file, tmp_path):
    pytest.importorskip("jinja2")
    run("check", csv_file(HEADER, OTHER, CLEAN), "--write-baseline", "known.json")
    run("check", csv_file(HEADER, ERROR, OTHER), "--write-baseline", "two.json")
    (tmp_path / "claimcheck.toml").write_text(IN_ORDER + UNUSED)
    path = csv_file(HEADER, ERROR, OTHER)
    page = run("check", path, "--baseline", "known.json", "--format", "html").stdout
    assert '<dt>findings known from the baseline</dt><dd id="known">1</dd>' in page
    assert "lines that have nothing else count as clean" in page
    assert "of the baseline did not occur" not in page
    assert (
        "<li>ignore taxonomy: matched nothing; reason: they know; owner: lab-team; "
        "until 9999-12-31</li>"
    ) in page
    page = run("check", path, "--baseline", "two.json", "--format", "html").stdout
    assert "<p>1 entry of the baseline did not occur.</p>" in page
    assert "known from the baseline" not in run("check", path, "--format", "html").stdout
    outcome = run("check", path, "--baseline", "known.json", "--format", "operation-outcome").stdout
    last = [json.loads(line)["issue"][-1] for line in outcome.splitlines()]
    assert [issue["details"]["text"] for issue in last] == [
        "Switched off by the settings, and not told: 1 finding.",
        "Known from the baseline, and not told: 1 finding.",
    ]


def test_a_claims_findings_are_known(command):
    twice = [CLEAN, CLEAN.replace(",1,", ",2,")]
    options = ["--fail-on", "warning"]
    assert command(*options, rows=twice).exit_code == 1
    command("--write-baseline", "known.json", rows=twice)
    assert command("--baseline", "known.json", *options, rows=twice).exit_code == 0


def test_both_commands_write_the_same(run, csv_file, tmp_path):
    pytest.importorskip("pyarrow")
    rows = [ERROR, SAME, OTHER, BROKEN, "CLM-8,1,99213,,1,J06.9,", "CLM-8,1,,8A,81,O00.9,x"]
    path = csv_file(HEADER, *rows)
    run("check", path, "--write-baseline", "one.json")
    run("batch", path, "-o", "out.csv", "--write-baseline", "two.json")
    assert (tmp_path / "one.json").read_text() == (tmp_path / "two.json").read_text()
    assert len(values_in("one.json")) > 5


def test_explain_needs_no_baseline(run, tmp_path):
    (tmp_path / "claimcheck.toml").write_text('baseline = "known.json"\n')
    assert run("explain", "0252U").exit_code == 0


@pytest.mark.parametrize("kind", INPUTS)
def test_nothing_of_a_person_is_written(run, tmp_path, kind):
    path = tmp_path / "lines"
    path.write_bytes(INPUTS[kind])
    assert run("check", path, "--write-baseline", "one.json").exit_code == 0
    assert run("batch", path, "-o", "out.csv", "--write-baseline", "two.json").exit_code == 0
    text = (tmp_path / "one.json").read_text() + (tmp_path / "two.json").read_text()
    assert "modifier-malformed" in text
    assert not TRACE.findall(text)
    for trace in ("CLM-1", "Aetna", "aetna", "2026-05-04"):
        assert trace not in text


def test_damage_leaves_the_baseline_unwritten(run, tmp_path):
    path = tmp_path / "claims.ndjson"
    path.write_text('{"resourceType": "Claim", "id": "1"}\n{"resourceType": "Cl\n')
    result = run("check", path, "--input-format", "fhir", "--write-baseline", "known.json")
    assert result.exit_code == 2
    assert "known.json: no baseline written, since not all was read\n" in result.stderr
    assert not (tmp_path / "known.json").exists()


def test_no_baseline_is_written_from_a_part_of_the_files(run, csv_file, tmp_path):
    pytest.importorskip("pyarrow")
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.csv").write_text(f"{HEADER}\n{ERROR}\n")
    (folder / "b.csv").write_bytes(b"\x1f\x8b")
    result = run("batch", folder, "-o", "out", "--write-baseline", "known.json")
    assert result.exit_code == 2
    assert "known.json: no baseline written, since not all was read\n" in result.stderr
    assert not (tmp_path / "known.json").exists()


def test_an_interrupted_job_is_not_continued_into_a_baseline(run, csv_file):
    path = csv_file(HEADER, ERROR)
    result = run("batch", path, "-o", "out", "--resume", "--write-baseline", "known.json")
    assert result.exit_code == 2
    assert "leave out --resume, or --write-baseline" in " ".join(result.stderr.split())


# --- exceptions of the settings ------------------------------------------------------------------

IN_ORDER = """
[[ignore]]
finding = "modifier-not-applicable"
reason = "the surgeon bills it"
value = "80"
owner = "billing-team"
until = 9999-12-31
"""
EXPIRED = """
[[ignore]]
finding = "place"
reason = "the post is empty"
owner = "lab-team"
until = 2020-01-31
"""
UNUSED = """
[[ignore]]
finding = "taxonomy"
reason = "they know"
owner = "lab-team"
until = 9999-12-31
"""
NOBODYS = """
[[ignore]]
finding = "modifier-not-applicable"
reason = "so be it"
"""


def told_of(command, tmp_path, text, *options):
    (tmp_path / "claimcheck.toml").write_text(text)
    result = command(*options, rows=[ERROR])
    return result.exit_code, " ".join(result.stderr.split())


def test_expired_and_unused_exceptions_are_told_with_their_owner(command, tmp_path):
    code, words = told_of(command, tmp_path, IN_ORDER + EXPIRED + UNUSED)
    assert code == 0
    assert (
        "ignore place: expired on 2020-01-31; reason: the post is empty; owner: lab-team" in words
    )
    assert (
        "ignore taxonomy: matched nothing; reason: they know; owner: lab-team; until 9999-12-31"
        in words
    )
    assert "the surgeon bills it" not in words
    assert "no owner" not in words


@pytest.mark.parametrize(
    ("text", "code"), [(IN_ORDER, 0), (IN_ORDER + EXPIRED, 1), (IN_ORDER + UNUSED, 1), (NOBODYS, 1)]
)
def test_strict_suppressions(command, tmp_path, text, code):
    last = "claimcheck: exceptions of the settings are not in order (strict-suppressions)"
    assert told_of(command, tmp_path, text)[0] == 0
    by_option, words = told_of(command, tmp_path, text, "--strict-suppressions")
    assert (by_option, last in words) == (code, bool(code))
    by_setting, words = told_of(command, tmp_path, "strict-suppressions = true\n" + text)
    assert (by_setting, last in words) == (code, bool(code))


@pytest.mark.parametrize("filters", [["--select", "code"], ["--ignore", "modifier"]])
def test_filters_do_not_make_exceptions_unused(command, tmp_path, filters):
    strict = ["--strict-suppressions", *filters]
    code, words = told_of(command, tmp_path, IN_ORDER + UNUSED, *strict)
    assert code == 0
    assert "ignore taxonomy" not in words
    assert "the surgeon bills it" not in words
    code, words = told_of(command, tmp_path, IN_ORDER + EXPIRED, *strict)
    assert code == 1
    assert "ignore place: expired on 2020-01-31" in words
    assert told_of(command, tmp_path, NOBODYS, *strict)[0] == 1


def test_exceptions_without_owner_or_last_day_are_told(command, tmp_path):
    half = NOBODYS + 'owner = "x"\n'
    code, words = told_of(command, tmp_path, IN_ORDER + half)
    assert code == 0
    assert "1 exception of the settings has no owner or no last day (until): ignore[1]" in words
    _, words = told_of(command, tmp_path, NOBODYS + half)
    assert "2 exceptions of the settings have no owner or no last day" in words


def test_what_the_command_line_ignores_holds_for_one_run(command, tmp_path):
    result = command("--ignore", "modifier,taxonomy", "--strict-suppressions", rows=[ERROR])
    assert result.exit_code == 0
    assert "no owner" not in result.stderr


def test_an_expired_exception_switches_nothing_off(command, tmp_path):
    code, words = told_of(command, tmp_path, IN_ORDER.replace("9999", "2020"))
    assert code == 1
    assert "expired on 2020-12-31; reason: the surgeon bills it; owner: billing-team" in words
