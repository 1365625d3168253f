"""What reports say of the tables: used, absent, outside their dates, of no stated edition."""

from __future__ import annotations

import json
from datetime import date

import pytest

import claimcheck
from claimcheck.codesets.store import KINDS
from claimcheck.config import config_from
from claimcheck.errors import ConfigurationError


def settings(tables):
    return config_from({"national-tables": tables}, "test", None)


def test_without_any_import_every_table_is_absent():
    report = claimcheck.Checker().check({"code": "99213", "modifiers": ["80"]})
    assert [f.code for f in report.findings] == ["code-no-rule"]
    assert report.status == "not-checked"
    assert set(report.coverage.absent) == set(KINDS) - {"icd10cm"}
    assert json.loads(json.dumps(report.as_dict()))["coverage"]["mpfs"] == "absent"


def test_a_table_that_has_the_code_is_named_with_its_edition(checker):
    report = checker.check({"code": "88305", "modifiers": ["26"], "units": 1})
    assert report.status == "clean"
    assert report.coverage["mpfs"] == "checked"
    assert report.coverage["clfs"] == "no-row"
    assert report.coverage["mue-practitioner"] == "checked"
    assert report.coverage["mue-outpatient"] == "absent"
    assert report.coverage["modifiers"] == "checked"
    assert report.coverage["units"] == "checked"
    assert report.coverage["code"] == "checked"
    assert report.editions["mpfs"] == "2024Q3"
    assert report.as_dict()["editions"]["mue-practitioner"] == "2024Q3"


def test_a_code_that_no_table_has_is_not_checked(checker):
    report = checker.check({"code": "99999", "service_date": "2024-08-01"})
    assert report.status == "not-checked"
    assert report.coverage["modifiers"] == "no-value"
    assert report.coverage["mpfs"] == "no-row"


def test_an_edition_that_nothing_states_judges_no_dated_line(tmp_path, put):
    row = ("99213", "", "A", "0", "XXX", "0", "0", "0", "0", "0", None)
    put(tmp_path, "mpfs", "unstated", None, None, {"mpfs": [row]}, stated=False)
    checker = claimcheck.Checker(data=tmp_path, payer="medicare")
    line = {"code": "99213", "modifiers": ["80"]}
    dated = checker.check({**line, "service_date": "2024-08-01"})
    assert [f.code for f in dated.findings] == ["code-no-rule"]
    assert dated.coverage["mpfs"] == "unstated"
    undated = checker.check(line)
    assert [f.code for f in undated.findings] == ["modifier-not-payable"]


def test_the_edition_of_the_date_decides(tmp_path, put):
    def row(assistant):
        return ("11042", "", "A", "0", "000", "2", "0", assistant, "0", "0", None)

    put(tmp_path, "mpfs", "2024Q3", "2024-07-01", "2024-09-30", {"mpfs": [row("1")]})
    put(tmp_path, "mpfs", "2024Q4", "2024-10-01", "2024-12-31", {"mpfs": [row("2")]})
    checker = claimcheck.Checker(data=tmp_path)

    def told(day):
        line = {"code": "11042", "modifiers": ["80"], "service_date": day}
        return [f.code for f in checker.check(line).findings]

    assert told("2024-09-30") == ["modifier-not-payable"]
    assert told("2024-10-01") == []
    assert told(None) == []  # the newest
    assert told("2025-01-01") == ["code-no-rule"]


def test_a_payer_that_does_not_follow_the_tables(folder):
    config = settings({"binding": ["Medicare", "Aetna"], "ignored": ["Cigna"]})
    checker = claimcheck.Checker(data=folder, config=config)

    def told(payer):
        line = {"code": "99213", "modifiers": ["80"], "payer": payer}
        report = checker.check(line)
        return [(f.code, f.severity.value) for f in report.findings], report.coverage["mpfs"]

    assert told("aetna") == ([("modifier-not-payable", "error")], "checked")
    assert told("cigna") == ([("code-no-rule", "info")], "ignored")
    assert told("humana") == ([("modifier-not-payable", "warning")], "checked")


def test_the_setting_chooses_the_tables(tmp_path, put, fill):
    fill(tmp_path)
    put(
        *(tmp_path, "mue-outpatient", "2024Q3", "2024-07-01", "2024-09-30"),
        {"mue": [("0252U", 5, 3, None)]},
    )
    outpatient = claimcheck.Checker(data=tmp_path, config=settings({"setting": "outpatient"}))
    line = {"code": "0252U", "units": 2, "diagnoses": ["O03.9"]}
    assert "units-over-limit" not in [f.code for f in outpatient.check(line).findings]
    pair = outpatient.check_claim([{"code": "81229"}, line])
    assert "claim-bundled-pair" not in [f.code for f in pair.findings]


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ([], "test: national-tables is a table with binding, ignored, setting"),
        (
            {"bnding": []},
            "test: national-tables: unknown key 'bnding'; the keys are binding, ignored, setting",
        ),
        (
            {"setting": "office"},
            "test: national-tables: setting is one of practitioner, outpatient, dme",
        ),
        ({"binding": "medicare"}, "test: national-tables: binding is a list of texts"),
        (
            {"binding": ["Aetna"], "ignored": ["aetna"]},
            "test: national-tables: aetna is in binding and in ignored",
        ),
    ],
)
def test_bad_settings_are_named(tables, message):
    with pytest.raises(ConfigurationError) as caught:
        settings(tables)
    assert str(caught.value) == message


def test_where_the_store_is(folder, tmp_path, monkeypatch):
    line = {"code": "88305"}
    monkeypatch.setenv("CLAIMCHECK_DATA", str(folder))
    assert claimcheck.Checker().check(line).status == "clean"
    monkeypatch.setenv("CLAIMCHECK_DATA", str(tmp_path / "nothing"))
    assert claimcheck.Checker().check(line).status == "not-checked"
    assert claimcheck.Checker(data=folder).check(line).status == "clean"
    monkeypatch.delenv("CLAIMCHECK_DATA")
    config = config_from({"data": folder.name}, "test", folder.parent)
    assert claimcheck.Checker(config=config).check(line).status == "clean"


def test_a_file_that_is_no_store(tmp_path):
    (tmp_path / "codesets.sqlite").write_bytes(b"not a store at all" * 100)
    with pytest.raises(ConfigurationError, match="is no store of code sets"):
        claimcheck.Checker(data=tmp_path)


def test_a_limit_of_units_alone_decides_about_no_code(tmp_path, put):
    put(tmp_path, "mue-practitioner", "2024Q3", None, None, {"mue": [("99213", 2, 3, None)]})
    checker = claimcheck.Checker(data=tmp_path)
    line = {"code": "99213", "modifiers": ["80"], "service_date": "2024-08-01"}
    report = checker.check(line)
    assert report.status == "not-checked"
    assert report.coverage["units"] == "no-value"
    over = checker.check({**line, "units": 3})
    assert over.status == "not-checked"
    assert over.coverage["units"] == "checked"
    assert [f.code for f in over.findings] == ["code-no-rule", "units-over-limit"]


def test_editions_are_those_that_were_asked(checker):
    line = {"code": "99213", "service_date": "2030-01-01"}
    assert "icd10cm" not in checker.check(line).editions


def test_of_two_pairs_in_force_the_one_that_begins_last_decides(tmp_path, put):
    days = date(1970, 1, 1).toordinal()
    rows = [
        ("27447", "20680", date(2022, 1, 1).toordinal() - days, 0, 1),
        ("27447", "20680", date(2023, 1, 1).toordinal() - days, 0, 0),
    ]
    put(tmp_path, "ptp-practitioner", "2024Q3", None, "2024-09-30", {"ptp": rows})
    tables = claimcheck.Checker(data=tmp_path).tables
    assert tables.pair("27447", "20680", date(2022, 6, 1)).indicator == 1
    assert tables.pair("27447", "20680", date(2024, 6, 1)).indicator == 0
    assert tables.pair("27447", "20680", None).indicator == 0
