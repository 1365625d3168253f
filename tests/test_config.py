"""Configuration: exceptions with reasons and expiry, selection, and clear words for bad settings."""

from __future__ import annotations

from datetime import date

import pytest

import claimcheck
from claimcheck.config import config_from, find_config

LINE = {"code": "0252U", "modifiers": ["80", "26"], "diagnoses": ["O03.9"], "payer": "Aetna"}
TODAY = date(2026, 11, 1)


def checker(**settings):
    return claimcheck.Checker(config=claimcheck.Config(**settings), today=TODAY)


def ignore(finding, **scope):
    return claimcheck.FindingException(finding=finding, reason="because", **scope)


def slugs(checker, line=LINE):
    return [finding.code for finding in checker.check(line).findings]


def test_without_exceptions_everything_is_told():
    assert slugs(checker()) == ["modifier-not-applicable", "modifier-disputed"]


@pytest.mark.parametrize(
    ("exception", "left"),
    [
        (ignore("modifier-disputed"), ["modifier-not-applicable"]),
        (ignore("modifier"), []),
        (ignore("modifier-disputed", code="0252U"), ["modifier-not-applicable"]),
        (ignore("modifier-disputed", code="81452"), None),
        (ignore("modifier-disputed", payer="aetna"), ["modifier-not-applicable"]),
        (ignore("modifier-disputed", payer="cigna"), None),
        (ignore("modifier-disputed", payer="AETNA "), ["modifier-not-applicable"]),
        (ignore("modifier-disputed", code=" 0252u"), ["modifier-not-applicable"]),
        (ignore("modifier-disputed", value="26"), ["modifier-not-applicable"]),
        (ignore("modifier-disputed", value="53"), None),
        (ignore("modifier-disputed", until=TODAY), ["modifier-not-applicable"]),
        (ignore("modifier-disputed", until=date(2026, 10, 31)), None),
    ],
)
def test_an_exception_covers_what_it_says(exception, left):
    mine = checker(exceptions=(exception,))
    everything = ["modifier-not-applicable", "modifier-disputed"]
    report = mine.check(LINE)
    assert [f.code for f in report.findings] == (everything if left is None else left)
    assert report.suppressed == len(everything) - len(report.findings)
    assert mine.unused_exceptions() == ((exception,) if left is None else ())


def test_an_exception_may_change_the_severity():
    raised = ignore("modifier-disputed", severity=claimcheck.Severity.ERROR)
    finding = checker(exceptions=(raised,)).check(LINE).findings[1]
    assert (finding.code, finding.severity) == ("modifier-disputed", "error")


def test_the_first_exception_that_covers_decides():
    first = ignore("modifier-disputed", severity=claimcheck.Severity.INFO)
    mine = checker(exceptions=(first, ignore("modifier-disputed")))
    assert mine.check(LINE).findings[1].severity == "info"
    assert mine.unused_exceptions() == (ignore("modifier-disputed"),)


def test_a_line_whose_findings_are_all_ignored_is_clean_and_says_how_many():
    report = checker(exceptions=(ignore("modifier"),)).check(LINE)
    assert (report.status, report.suppressed) == ("clean", 2)


def test_select():
    assert slugs(checker(select=("modifier-disputed",))) == ["modifier-disputed"]
    assert slugs(checker(select=("code", "diagnosis"))) == []


def test_exceptions_hold_for_claims_too():
    line = {"code": "0252U", "diagnoses": ["N96"]}
    plain = claimcheck.Checker().check_claim([line, line])
    assert [f.code for f in plain.findings] == ["claim-duplicate-line"]
    mine = checker(exceptions=(ignore("claim"),)).check_claim([line, line])
    assert mine.findings == ()
    assert mine.status == "clean"
    assert mine.reports[1].suppressed == 1


TOML = """
select = ["modifier", "place"]
payer = "Aetna"
rules = ["mine"]
fail-on = "warning"

[[ignore]]
finding = "modifier-disputed"
reason = "confirmed by the payer"
code = "0252u"
payer = "Cigna Health"
until = 2027-03-31
owner = "billing"

[[severity]]
finding = "place-unlisted"
severity = "warning"
reason = "we want to see these"
"""


def test_the_toml_file(tmp_path):
    path = tmp_path / "claimcheck.toml"
    path.write_text(TOML, encoding="utf-8")
    config = claimcheck.load_config(path)
    assert config == claimcheck.Config(
        select=("modifier", "place"),
        payer="Aetna",
        rules=(tmp_path / "mine",),
        fail_on="warning",
        exceptions=(
            claimcheck.FindingException(
                finding="modifier-disputed",
                reason="confirmed by the payer",
                code="0252U",
                payer="cigna-health",
                until=date(2027, 3, 31),
                owner="billing",
            ),
            claimcheck.FindingException(
                finding="place-unlisted",
                reason="we want to see these",
                severity=claimcheck.Severity.WARNING,
            ),
        ),
    )
    assert [str(e) for e in config.exceptions] == [
        "ignore modifier-disputed (code 0252U, payer cigna-health)",
        "warning for place-unlisted",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "selct = []",
            "claimcheck.toml: unknown setting 'selct'; the settings are select, ignore, severity, "
            "payer, rules, data, national-tables, fail-on, baseline, strict-suppressions",
        ),
        ("select = 'modifier'", "claimcheck.toml: select is a list of texts"),
        ("select = [1]", "claimcheck.toml: select is a list of texts"),
        ("ignore = ['modifier']", "claimcheck.toml: ignore is a list of tables"),
        ("payer = 1", "claimcheck.toml: payer is a text"),
        ("baseline = 1", "claimcheck.toml: baseline is a text"),
        ("strict-suppressions = 1", "claimcheck.toml: strict-suppressions is true or false"),
        ("fail-on = 'info'", "claimcheck.toml: fail-on is one of error, warning, never"),
        ("[[ignore]]\nfinding = 'x'", "claimcheck.toml: ignore[0]: reason is missing"),
        ("[[ignore]]\nreason = 'x'", "claimcheck.toml: ignore[0]: finding is missing"),
        (
            "[[ignore]]\nfinding='x'\nreason='y'\nseverity='info'",
            "claimcheck.toml: ignore[0]: unknown key 'severity'; the keys are finding, reason, code, "
            "payer, value, until, owner",
        ),
        ("[[ignore]]\nfinding='x'\nreason=1", "claimcheck.toml: ignore[0]: reason is a text"),
        (
            "[[ignore]]\nfinding='x'\nreason='y'\nuntil='soon'",
            "claimcheck.toml: ignore[0]: until is a date such as 2027-03-31",
        ),
        (
            "[[severity]]\nfinding='x'\nreason='y'",
            "claimcheck.toml: severity[0]: severity is missing",
        ),
        (
            "[[severity]]\nfinding='x'\nreason='y'\nseverity='loud'",
            "claimcheck.toml: severity[0]: severity is one of error, warning, info",
        ),
        (
            "[[ignore]]\nfinding='modifer-disputed'\nreason='y'",
            "claimcheck.toml: ignore[0]: no finding is called 'modifer-disputed'; the nearest is "
            "modifier-disputed",
        ),
        (
            "select=['modifer']",
            "claimcheck.toml: select: no finding is called 'modifer'; the nearest is modifier",
        ),
    ],
)
def test_bad_settings_are_named(tmp_path, text, message):
    path = tmp_path / "claimcheck.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(claimcheck.ConfigurationError) as error:
        claimcheck.Checker(config=path)
    assert str(error.value) == message


def test_a_file_that_is_no_toml(tmp_path):
    path = tmp_path / "claimcheck.toml"
    path.write_text("= 1", encoding="utf-8")
    with pytest.raises(claimcheck.ConfigurationError, match=r"claimcheck.toml: Invalid statement"):
        claimcheck.load_config(path)
    with pytest.raises(claimcheck.ConfigurationError, match=r"none.toml: cannot be read"):
        claimcheck.load_config(tmp_path / "none.toml")


def test_the_nearest_file_is_found(tmp_path):
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    project = tmp_path / "pyproject.toml"
    project.write_text("[tool.claimcheck]\npayer = 'aetna'\n", encoding="utf-8")
    assert find_config(inner) == project
    assert claimcheck.load_config(project).payer == "aetna"
    own = tmp_path / "a" / "claimcheck.toml"
    own.write_text("", encoding="utf-8")
    assert find_config(inner) == own
    (inner / "pyproject.toml").write_text("[project]\nname = 'x'\n", encoding="utf-8")
    assert find_config(inner) is None
    (inner / "pyproject.toml").write_text("= broken", encoding="utf-8")
    assert find_config(inner) is None


def test_a_config_of_another_kind_is_refused():
    with pytest.raises(claimcheck.ConfigurationError, match=r"config is a claimcheck\.Config"):
        claimcheck.Checker(config={"select": []})


def test_settings_of_the_command_line_come_first(tmp_path):
    config = config_from({"select": ["modifier"]}, "x", tmp_path).adding(["place"], [])
    assert config.select == ("modifier",)
    assert config.exceptions[0].reason == "given on the command line"
    assert config.adding([], ["code"]).select == ("code",)


def test_an_exception_knows_every_way_of_writing_a_payer_and_a_diagnosis():
    line = {"code": "0252U", "diagnoses": ["J06.9"], "payer": "Blue Cross Blue Shield"}
    for scope in ({"payer": "BCBS"}, {"value": "J069"}, {"value": "j06.9"}):
        mine = checker(exceptions=(ignore("diagnosis", **scope),))
        assert mine.check(line).findings == ()


@pytest.mark.parametrize(
    ("until", "owner", "expired", "incomplete"),
    [
        ("2026-05-03", "a-team", True, False),
        ("2026-05-04", "a-team", False, False),
        ("2026-05-04", " ", False, True),
        ("2026-05-04", None, False, True),
        (None, "a-team", False, True),
    ],
)
def test_exceptions_that_are_over_or_lack_something(until, owner, expired, incomplete):
    exception = claimcheck.FindingException(
        finding="modifier",
        reason="r",
        until=None if until is None else date.fromisoformat(until),
        owner=owner,
    )
    config = claimcheck.Config(exceptions=(exception,))
    mine = claimcheck.Checker(config=config, today=date(2026, 5, 4))
    assert mine.expired_exceptions() == ((exception,) if expired else ())
    assert exception.incomplete == incomplete
