"""Baselines: what is known is left out and stays counted, whichever line it stands on."""

from __future__ import annotations

import json
import os
import pickle
import stat
from datetime import date
from pathlib import Path

import attrs
import pytest

import claimcheck
from claimcheck import Baseline, BaselineError, KnownFinding, Severity

FRESH = claimcheck.Checker()
LINE = {
    "code": "0252U",
    "modifiers": ["80"],
    "place_of_service": "81",
    "diagnoses": ["O03.9"],
}
REPEATED = [{**LINE, "claim_id": "C1"}, {**LINE, "claim_id": "C1"}]
ENTRY = {
    "code": "0252U",
    "finding": "modifier-not-applicable",
    "field": "modifiers",
    "value": "80",
    "rule": "codes/0252U#modifiers/80",
    "severity": "error",
    "seen": 1,
}


@pytest.fixture
def known(checker):
    return Baseline.of([checker.check(LINE)])


def knowing(baseline, **more):
    return claimcheck.Checker(baseline=baseline, **more)


def slugs(report):
    return [finding.code for finding in report.findings]


def test_a_baseline_is_keyed_by_what_the_finding_says(known):
    (entry,) = known.entries
    assert entry == KnownFinding(**{**ENTRY, "severity": Severity.ERROR})


def test_known_findings_are_left_out_and_counted(known):
    report = knowing(known).check(LINE)
    assert report.findings == ()
    assert (report.known, report.suppressed, report.status, report.ok) == (1, 0, "clean", True)
    assert [finding.value for finding in report.known_findings] == ["80"]
    assert report.as_dict()["known"] == 1


@pytest.mark.parametrize(
    "other",
    [
        {"line_id": "77", "claim_id": "other", "service_date": "2026-05-04"},
        {"payer": "Aetna", "units": 2},
        {"modifiers": [None, "80"]},
    ],
)
def test_another_row_that_says_the_same_is_known(known, other):
    report = knowing(known).check({**LINE, **other})
    assert "modifier-not-applicable" not in slugs(report)
    assert report.known == 1


def test_another_value_is_new(known):
    report = knowing(known).check({**LINE, "modifiers": ["80", "82"]})
    assert [(f.code, f.value) for f in report.findings] == [("modifier-not-applicable", "82")]
    assert (report.known, report.status, report.ok) == (1, "findings", False)


def test_the_same_value_under_another_code_is_new(checker):
    line = {**LINE, "modifiers": ["93"]}
    elsewhere = Baseline.of([checker.check({**line, "code": "81452"})])
    assert knowing(elsewhere).check(line) != knowing(Baseline.of([checker.check(line)])).check(line)
    assert [f for f in knowing(elsewhere).check(line).findings if f.value == "93"] != []


def test_a_finding_that_became_louder_is_new(known):
    quieter = Baseline([attrs.evolve(known.entries[0], severity=Severity.WARNING)])
    assert slugs(knowing(quieter).check(LINE)) == ["modifier-not-applicable"]


def test_a_finding_that_became_quieter_is_known(known, tmp_path):
    settings_file = tmp_path / "claimcheck.toml"
    settings_file.write_text(
        '[[severity]]\nfinding = "modifier"\nseverity = "info"\nreason = "r"\n', encoding="utf-8"
    )
    report = knowing(known, config=settings_file).check(LINE)
    assert (report.findings, report.known) == ((), 1)


def test_what_the_settings_make_louder_is_new(checker, tmp_path):
    line = {**LINE, "modifiers": ["62"]}
    known = Baseline.of([checker.check(line)])
    assert [entry.severity for entry in known.entries] == ["warning"]
    settings_file = tmp_path / "claimcheck.toml"
    settings_file.write_text(
        '[[severity]]\nfinding = "modifier"\nseverity = "error"\nreason = "r"\n', encoding="utf-8"
    )
    report = knowing(known, config=settings_file).check(line)
    assert [(f.value, f.severity) for f in report.findings] == [("62", "error")]


def test_findings_across_lines_are_known(checker):
    found = checker.check_claim(REPEATED)
    assert "claim-duplicate-line" in [finding.code for finding in found.findings]
    report = knowing(Baseline.of([found])).check_claim(REPEATED)
    assert (report.findings, report.ok, report.status) == ((), True, "clean")
    assert [one.known for one in report.reports] == [1, 2]


def test_a_line_of_a_code_without_rule_stays_not_checked(checker):
    line = {"code": "99213", "modifiers": ["Q"]}
    found = checker.check(line)
    report = knowing(Baseline.of([found])).check(line)
    assert found.findings != ()
    assert (report.findings, report.status) == ((), "not-checked")


def test_the_count_and_the_loudest_severity_are_written():
    tally = Baseline.of([FRESH.check(LINE), FRESH.check({**LINE, "line_id": "2"})])
    assert [entry.seen for entry in tally.entries] == [2]
    loud, quiet = FRESH.check(LINE), claimcheck.Checker(config=quieter_modifiers()).check(LINE)
    assert [entry.severity for entry in Baseline.of([quiet, loud]).entries] == ["error"]
    assert [entry.severity for entry in Baseline.of([loud, quiet]).entries] == ["error"]


def quieter_modifiers():
    exception = claimcheck.FindingException(
        finding="modifier", reason="r", severity=Severity.WARNING
    )
    return claimcheck.Config(exceptions=(exception,))


def test_a_baseline_of_reports_with_a_baseline_has_everything(known):
    lines = [LINE, {**LINE, "modifiers": ["82"]}]
    assert [entry.value for entry in Baseline.of(knowing(known).check_lines(lines)).entries] == [
        "80",
        "82",
    ]


def test_entries_that_no_longer_occur_are_told(known):
    checker = knowing(known)
    assert checker.unused_baseline_entries() == known.entries
    checker.check({**LINE, "modifiers": []})
    assert checker.unused_baseline_entries() == known.entries
    checker.check(LINE)
    assert checker.unused_baseline_entries() == ()
    assert FRESH.unused_baseline_entries() == ()


def test_a_baseline_has_one_entry_for_what_is_said(known):
    with pytest.raises(ValueError, match="two entries of a baseline say the same"):
        Baseline([*known.entries, attrs.evolve(known.entries[0], severity=Severity.INFO)])


def test_reports_of_two_rule_sets_are_refused(checker, known):
    stamp = claimcheck.RuleSetStamp("mine", "1", "0" * 64)
    report = checker.check(LINE)
    other = attrs.evolve(report, judgement=attrs.evolve(report._judgement, ruleset=stamp))
    with pytest.raises(ValueError, match="one rule set"):
        Baseline.of([report, other])


def test_a_checker_with_a_baseline_survives_pickling(known):
    again = pickle.loads(pickle.dumps(knowing(known)))  # noqa: S301 - our own bytes
    assert again.baseline == known
    assert again.check(LINE).known == 1


def test_the_settings_name_a_baseline_beside_them(known, tmp_path, monkeypatch):
    folder = tmp_path / "project"
    folder.mkdir()
    known.write(folder / "known.json")
    (folder / "claimcheck.toml").write_text('baseline = "known.json"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert claimcheck.Checker(config=folder / "claimcheck.toml").check(LINE).known == 1
    none = claimcheck.Checker(config=folder / "claimcheck.toml", baseline=Baseline())
    assert none.check(LINE).known == 0


# --- files ---------------------------------------------------------------------------------------


def test_the_file_is_sorted_json_with_one_entry_a_line(checker, tmp_path):
    reports = [checker.check({**LINE, "modifiers": [m]}) for m in ("82", "80")]
    path = tmp_path / "known.json"
    Baseline.of(reports, written=date(2026, 11, 22)).write(path)
    stamp = checker.stamp
    assert path.read_text("utf-8") == (
        "{\n"
        '"schema": "claimcheck/baseline@1",\n'
        '"written": "2026-11-22",\n'
        f'"ruleset": {{"name": "{stamp.name}", "version": "{stamp.version}", '
        f'"hash": "{stamp.hash}"}},\n'
        '"entries": [\n'
        '{"code": "0252U", "finding": "modifier-not-applicable", "field": "modifiers", '
        '"value": "80", "rule": "codes/0252U#modifiers/80", "severity": "error", "seen": 1},\n'
        '{"code": "0252U", "finding": "modifier-not-applicable", "field": "modifiers", '
        '"value": "82", "rule": "codes/0252U#modifiers/82", "severity": "error", "seen": 1}\n'
        "]\n"
        "}\n"
    )
    assert [child.name for child in tmp_path.iterdir()] == ["known.json"]


def test_an_empty_baseline_is_written_and_read(tmp_path):
    Baseline().write(tmp_path / "known.json")
    assert json.loads((tmp_path / "known.json").read_text("utf-8"))["entries"] == []
    assert Baseline.load(tmp_path / "known.json") == Baseline()


def test_a_failed_write_leaves_the_file_as_it_was(known, tmp_path, monkeypatch):
    path = tmp_path / "known.json"
    path.write_text("as before", encoding="utf-8")

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="No space left"):
        known.write(path)
    monkeypatch.undo()
    assert path.read_text("utf-8") == "as before"
    assert [child.name for child in tmp_path.iterdir()] == ["known.json"]


def whole(*entries, **changed):
    """A baseline file as ``write`` makes it, with the first entry in line 6."""
    head = {"schema": "claimcheck/baseline@1", "written": None, "ruleset": None, **changed}
    lines = [f'"{name}": {json.dumps(value)},' for name, value in head.items()]
    return "\n".join(["{", *lines, '"entries": [', ",\n".join(map(json.dumps, entries)), "]", "}"])


def without(name):
    return {key: value for key, value in ENTRY.items() if key != name}


AGAIN = "write the baseline again (--write-baseline)"
ALL_KEYS = "code, finding, field, value, rule, severity, seen"
FIELDS = (
    "code, modifiers, place_of_service, diagnoses, taxonomy, billing_taxonomy, "
    "ordering_taxonomy, payer, service_date, units"
)
BAD_FILES = {
    "empty": (
        "",
        "line 1: is no JSON (Expecting value); take back what was changed by hand or left by a "
        f"merge, or {AGAIN}",
    ),
    "merge": (
        whole(ENTRY).replace('"entries": [\n', '"entries": [\n<<<<<<< HEAD\n'),
        "line 6: is no JSON (Expecting value); take back what was changed by hand or left by a "
        f"merge, or {AGAIN}",
    ),
    "cut": (
        whole(ENTRY)[:-4],
        "line 6: is no JSON (Expecting ',' delimiter); take back what was changed by hand or left "
        f"by a merge, or {AGAIN}",
    ),
    "deep": ("[" * 100_000, f"is no baseline; {AGAIN}"),
    "list": ("[]", 'is no baseline: it does not say "schema": "claimcheck/baseline@1"'),
    "other": (
        '{"version": "3"}',
        'is no baseline: it does not say "schema": "claimcheck/baseline@1"',
    ),
    "newer": (
        whole(schema="claimcheck/baseline@2", more=1),
        "is of another version than claimcheck/baseline@1, which this claimcheck reads; use the "
        f"claimcheck that wrote it, or {AGAIN}",
    ),
    "more keys": (
        whole(note="Quimby"),
        f"has other keys than schema, written, ruleset, entries; {AGAIN}",
    ),
    "no entries": (
        '{"schema": "claimcheck/baseline@1", "written": null, "ruleset": null}',
        f"has other keys than schema, written, ruleset, entries; {AGAIN}",
    ),
    "entries": (
        '{"schema": "claimcheck/baseline@1", "written": null, "ruleset": null, "entries": {}}',
        "entries is a list",
    ),
    "head": (
        whole(written="yesterday", ruleset={"name": "x"}),
        "2 problems: written is a date such as 2027-03-31, or null; ruleset is an object with the "
        "texts name, version, hash, or null",
    ),
    "written": (whole(written=3), "written is a date such as 2027-03-31, or null"),
    "no object": (
        whole(ENTRY, "Quimby"),
        f"line 7: an entry is an object with {ALL_KEYS}",
    ),
    "missing": (whole(without("rule")), "line 6: rule is missing"),
    "unknown key": (
        whole({**ENTRY, "patient": "Quimby"}),
        f"line 6: has a key that is none of {ALL_KEYS}",
    ),
    "values": (
        whole(
            {**ENTRY, "code": 252, "finding": "Modifier", "field": "patient", "value": ["80"]},
            {**ENTRY, "rule": "", "severity": "fatal", "seen": 0},
        ),
        "7 problems: line 6: code is a text in quotation marks that is not empty, or null; "
        "line 6: finding is a finding's name such as modifier-not-applicable; "
        f"line 6: field is one of {FIELDS}; "
        "line 6: value is a text in quotation marks that is not empty, or null; "
        "line 7: rule is a text in quotation marks that is not empty; "
        "line 7: severity is one of error, warning, info; "
        "line 7: seen is a whole number from 1",
    ),
    "twice": (
        whole(ENTRY, {**ENTRY, "value": "82"}, {**ENTRY, "severity": "info"}),
        "line 8: says the same as line 6; keep the louder one",
    ),
    "many": (
        whole(*[{**without("seen"), "value": str(n)} for n in range(12)]),
        "12 problems: "
        + "".join(f"line {6 + n}: seen is missing; " for n in range(10))
        + "and 2 more",
    ),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_bad_files_are_told_with_every_problem(name, tmp_path):
    text, message = BAD_FILES[name]
    path = tmp_path / "known.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BaselineError) as error:
        Baseline.load(path)
    assert str(error.value) == f"known.json: {message}"
    assert "Quimby" not in str(error.value)
    again = pickle.loads(pickle.dumps(error.value))  # noqa: S301 - our own bytes
    assert str(again) == str(error.value)


def test_lines_are_told_in_files_of_any_layout(tmp_path):
    path = tmp_path / "known.json"
    spread = json.loads(whole(ENTRY, {**ENTRY, "seen": 0}))
    path.write_text(json.dumps(spread, indent=1), encoding="utf-8")
    with pytest.raises(BaselineError, match=r"^known\.json: line 15: seen is"):
        Baseline.load(path)
    path.write_text(json.dumps(spread), encoding="utf-8")
    with pytest.raises(BaselineError, match=r"^known\.json: line 1: seen is"):
        Baseline.load(path)


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(BaselineError) as error:
        Baseline.load(tmp_path / "known.json")
    assert str(error.value) == (
        "known.json: there is no such file; make it with: "
        "claimcheck check FILE --write-baseline known.json"
    )
    with pytest.raises(BaselineError, match=r"cannot be read \(IsADirectoryError\)"):
        Baseline.load(tmp_path)
    (tmp_path / "latin.json").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(BaselineError, match=r"cannot be read \(UnicodeDecodeError\)"):
        claimcheck.Checker(baseline=tmp_path / "latin.json")


# --- privacy -------------------------------------------------------------------------------------


def test_nothing_of_a_person_is_written():
    """Names, member ids and days in every field of a line."""
    planted = ("Quimby Zanzibar", "W123456789012", "1961-02-03")
    good = {
        **{"line_id": "W123456789012", "claim_id": "W123456789012", "payer": "Aetna"},
        **{**LINE, "service_date": "2026-05-04", "units": "1", "conditions": "x"},
        **{"taxonomy": "291U00000X", "billing_taxonomy": "291U00000X"},
        "ordering_taxonomy": "207V00000X",
    }
    lines = [{**good, field: value} for field in good for value in planted]
    lines += [{**good, field: [value, value]} for field in good for value in planted]
    assert FRESH.check(lines[0]).findings != ()
    text = (
        Baseline.of(FRESH.check_lines(lines)).text()
        + Baseline.of([FRESH.check_claim(lines)]).text()
    )
    for trace in ("quimby", "zanzibar", "w12345", "1961", "19610203", "2026-05-04", "aetna"):
        assert trace not in text.lower()
    assert '"value": null' in text


def test_values_of_payer_and_date_of_service_are_left_out():
    finding = claimcheck.Finding(
        **{"code": "payer-strange", "severity": Severity.INFO, "value": "Quimby Zanzibar"},
        **{"message": "m", "hint": "h", "field": "payer", "rule": "checks#payer-strange"},
    )
    report = FRESH.check(LINE)
    judgement = attrs.evolve(report._judgement, findings=(finding,))
    baseline = Baseline.of([attrs.evolve(report, judgement=judgement)])
    assert [entry.value for entry in baseline.entries] == [None]
    assert baseline.entry_of(finding, "0252U") is not None


def test_a_known_error_takes_no_fix_from_what_is_new(known):
    """A fix adds no error; one that was there before, and is known, is not added by it."""
    line = {**LINE, "ordering_taxonomy": "207P00000X"}
    (finding,) = knowing(known).check(line).findings
    assert str(finding.fix) == "write 207V00000X for 207P00000X in ordering_taxonomy (review)"


@pytest.mark.parametrize("reports", [FRESH.check(LINE), FRESH.check_claim([LINE]), 3, None])
def test_a_baseline_is_made_of_a_list(reports):
    with pytest.raises(
        TypeError, match=r"^Baseline\.of takes a list of reports of lines and claims; "
    ):
        Baseline.of(reports)


def test_a_baseline_is_made_of_reports():
    with pytest.raises(TypeError, match="and a int is none"):
        Baseline.of([FRESH.check(LINE), 1])


@pytest.mark.parametrize("given", [3, "", b"known.json", 0.5])
def test_what_is_no_baseline_is_told(given):
    with pytest.raises(BaselineError) as error:
        claimcheck.Checker(baseline=given)
    told = "baseline: is none: a Baseline, or the path of the file of one, is needed"
    assert str(error.value) == told


def test_a_folder_is_no_baseline(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BaselineError, match=r"^\.: cannot be read"):
        Baseline.load(".")


def test_a_pipe_is_not_written_over(known, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="is no ordinary file"):
        known.write(pipe)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ('"seen"', "line 6: a key stands twice; keep the right one"),
        ('"hash"', "ruleset is an object with the texts name, version, hash, or null"),
        ('"written"', "a key stands twice beside entries; write the baseline again"),
    ],
)
def test_a_key_that_stands_twice_is_told(known, tmp_path, key, told):
    path = tmp_path / "known.json"
    known.write(path)
    text = path.read_text()
    assert text.count(key) == 1
    path.write_text(text.replace(key, f"{key}: null, {key}"))
    with pytest.raises(BaselineError, match=told):
        Baseline.load(path)
