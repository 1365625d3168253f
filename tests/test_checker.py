"""The checker: overlays, payers, dates, checks of one's own, explanations of misuse."""

from __future__ import annotations

import pickle
from datetime import date

import pytest

import claimcheck
from claimcheck import Defect, Severity, define_check
from claimcheck.checks.definition import Check, PairSieve, Repeats

SOURCES = """schema: claimcheck/sources@1
sources:
  - id: my-policy
    title: A policy made up for a test
    publisher: Nobody
    kind: secondary
    date: "2026"
"""
SITE = """schema: claimcheck/overlay@1
overlay: my-lab
source: my-policy
statements:
  - code: "0252U"
    modifiers:
      - modifier: "90"
        verdict: applicable
        because: We may bill what our partner performs.
        cite: {at: "page 1"}
"""
PAYER = """schema: claimcheck/overlay@1
overlay: aetna
payer: aetna
source: my-policy
statements:
  - family: pla
    modifiers:
      - modifier: "90"
        verdict: not-applicable
        because: The payer takes the test from its own laboratory alone.
        effective: {from: "2026-07-01", to: "2026-12-31"}
        cite: {at: "page 2"}
"""


def folder(tmp_path, **files):
    (tmp_path / "sources.yaml").write_text(SOURCES, encoding="utf-8")
    for name, text in files.items():
        (tmp_path / f"{name.replace('_', '-')}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def on_90(checker, **given):
    line = {"code": "0252U", "modifiers": ["90"], "diagnoses": ["N96"], **given}
    return [(f.code, f.severity.value, f.rule) for f in checker.check(line).findings]


FAMILY = [("modifier-needs-condition", "info", "families/laboratory#modifiers/90")]
REFUSED = [("modifier-not-applicable", "error", "payers/aetna#pla/modifiers/90")]


def test_a_payer_overlay_holds_for_its_payer_and_its_days(tmp_path):
    checker = claimcheck.Checker(rules=[folder(tmp_path, aetna=PAYER)])
    assert on_90(checker) == FAMILY
    assert on_90(checker, payer="Cigna", service_date="2026-08-01") == FAMILY
    assert on_90(checker, payer="AETNA", service_date="2026-06-30") == FAMILY
    assert on_90(checker, payer=" Aetna ", service_date="2026-07-01") == REFUSED
    assert on_90(checker, payer="aetna", service_date="2026-12-31") == REFUSED
    assert on_90(checker, payer="aetna", service_date="2027-01-01") == FAMILY
    assert on_90(checker, payer="aetna") == FAMILY


def test_the_checkers_payer_is_for_lines_that_name_none(tmp_path):
    checker = claimcheck.Checker(rules=[folder(tmp_path, aetna=PAYER)], payer="Aetna")
    assert on_90(checker, service_date="2026-08-01") == REFUSED
    assert on_90(checker, service_date="2026-08-01", payer="Cigna") == FAMILY


def test_the_site_decides_over_the_payer(tmp_path):
    rules = folder(tmp_path, aetna=PAYER, my_lab=SITE)
    checker = claimcheck.Checker(rules=rules)
    assert on_90(checker, payer="aetna", service_date="2026-08-01") == []


def test_a_stale_overlay_is_an_error(tmp_path):
    stale = SITE.replace("verdict: applicable", "verdict: applicable\n        replaces: applicable")
    with pytest.raises(claimcheck.RuleFileError) as error:
        claimcheck.Checker(rules=[folder(tmp_path, my_lab=stale)])
    assert "conditional" in str(error.value)


def test_the_stamp_changes_with_the_rules(tmp_path):
    plain = claimcheck.Checker().stamp
    mine = claimcheck.Checker(rules=[folder(tmp_path, my_lab=SITE)]).stamp
    assert plain.hash != mine.hash
    assert plain.name != mine.name


def test_a_payer_is_known_by_several_spellings():
    checker = claimcheck.Checker()
    line = {"code": "0252U", "diagnoses": ["N96"]}
    for payer in (
        "BCBS",
        "Blue Cross Blue Shield",
        "blue cross/blue shield",
        "blue-cross-blue-shield",
    ):
        assert checker.check({**line, "payer": payer}).coverage["payer"] == "checked", payer
    unknown = checker.check({**line, "payer": "Quimby Zanzibar"})
    assert unknown.coverage["payer"] == "payer-not-examined"
    assert unknown.findings == ()


@define_check("units-not-one", field="units")
def units_not_one(rule, units):
    """A check of a user's own."""
    if rule is not None and units not in (None, 1):
        yield Defect(severity=Severity.WARNING, message="More than one.", hint="Bill one.")


@define_check("modifier-in-pairs", field="modifiers")
def modifier_in_pairs(modifier, taxonomy):
    """Reads one value of a list and another field."""
    if taxonomy is None:
        yield Defect(severity=Severity.INFO, value=modifier, message="m", hint="h")


@define_check("claim-too-long", field="code")
def claim_too_long(lines):
    """Reads all lines of a claim."""
    if len(lines) > 2:
        yield Defect(severity=Severity.ERROR, line=2, message="m", hint="h")


def test_checks_of_ones_own():
    checker = claimcheck.Checker(checks=[units_not_one, modifier_in_pairs, claim_too_long])
    line = {"code": "0252U", "diagnoses": ["N96"], "units": 2, "modifiers": ["", "LR"]}
    found = {f.code: f for f in checker.check(line).findings}
    assert found["units-not-one"].rule == "checks#units-not-one"
    assert found["modifier-in-pairs"].index == 1
    claim = checker.check_claim([line, {**line, "units": 1}, {**line, "units": 3}])
    assert [f.code for f in claim.reports[2].findings][-1] == "claim-too-long"


def define(finding="units-odd", field="units", parameters="units"):
    scope: dict = {}
    exec(f"def a_check({parameters}):\n    yield", scope)  # noqa: S102 - our own text
    return define_check(finding, field=field)(scope["a_check"])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"parameters": "unit"},
            "check a_check: it reads 'unit', which is not one of billing_taxonomy, code, code_sets, "
            "conditions, diagnoses, diagnosis, diagnosis_pair, "
            "diagnosis_verdicts, epoch, known_conditions, modifier, modifiers, "
            "ordering_taxonomy, payer, place_of_service, primary_diagnosis, problem, provider, rule, "
            "table_authority, taxonomy, units",
        ),
        ({"parameters": ""}, "check a_check: it reads nothing"),
        (
            {"parameters": "modifier, diagnosis"},
            "check a_check: it reads modifier and diagnosis, each one value of a list; "
            "read modifiers or diagnoses whole instead",
        ),
        (
            {"parameters": "diagnosis_pair, provider, problem"},
            "check a_check: it reads diagnosis_pair and provider and problem, each one value of a "
            "list; read diagnoses or taxonomies or problems whole instead",
        ),
        (
            {"finding": "Odd_units"},
            "check a_check: the finding 'Odd_units' is no slug of the shape <field>-<defect>; the "
            "first word is one of line, code, modifier, place, diagnosis, taxonomy, payer, units, "
            "claim",
        ),
        (
            {"field": "unit"},
            "check a_check: the field 'unit' is not one of billing_taxonomy, code, diagnoses, "
            "modifiers, ordering_taxonomy, payer, place_of_service, service_date, taxonomy, units",
        ),
        (
            {"parameters": "lines, rule"},
            "check a_check: it reads 'rule', which is not one of code_sets, lines, table_authorities",
        ),
    ],
)
def test_bad_checks_fail_when_they_are_defined(given, message):
    with pytest.raises(claimcheck.CheckDefinitionError) as error:
        define(**given)
    assert str(error.value) == message


def test_a_sieve_is_for_pairs_of_diagnoses():
    sieve = PairSieve(
        rules=lambda rule: True,
        speaks=lambda rule, diagnosis: True,
        standing=lambda code_sets, diagnosis: diagnosis,
        meet=lambda one, other: True,
    )
    with pytest.raises(claimcheck.CheckDefinitionError) as error:

        @define_check("units-sieved", field="units", sieve=sieve)
        def units_sieved(units):
            yield

    assert str(error.value) == "check units_sieved: a sieve is for checks that read diagnosis_pair"


@define_check("diagnosis-second", field="diagnoses")
def diagnosis_second(diagnosis_pair, units):
    """A user's own check of pairs, told on the second of the two, or on the first without units."""
    yield Defect(
        severity=Severity.INFO,
        value=" ".join(diagnosis_pair),
        message="m",
        hint="h",
        index=None if units is None else 1,
    )


def test_a_check_of_pairs_is_called_for_every_two_and_says_where_it_stands():
    checker = claimcheck.Checker(checks=[diagnosis_second])
    line = {"code": "0252U", "diagnoses": ["N96", "", "O03.9", "bad", "N96"]}

    def told(**more):
        findings = checker.check({**line, **more}).findings
        return [(f.index, f.value) for f in findings if f.code == "diagnosis-second"]

    assert told() == [(0, "N96 O03.9"), (0, "N96 N96"), (2, "O03.9 N96")]
    assert told(units=1) == [(2, "N96 O03.9"), (4, "N96 N96"), (4, "O03.9 N96")]
    assert told(diagnoses=["N96"]) == []


def test_a_taken_finding_is_refused():
    with pytest.raises(claimcheck.CheckDefinitionError, match="code-disputed is taken"):
        claimcheck.Checker(checks=[define("code-disputed", "code", "code")])
    with pytest.raises(claimcheck.CheckDefinitionError, match="a plain function is none"):
        claimcheck.Checker(checks=[lambda units: []])


def test_the_memory_is_bounded_and_harmless(monkeypatch):
    monkeypatch.setattr("claimcheck.scalar._REMEMBERED", 3)
    monkeypatch.setattr("claimcheck.evaluate._REMEMBERED", 3)
    monkeypatch.setattr("claimcheck.line._REMEMBERED", 3)
    small = claimcheck.Checker()
    usual = claimcheck.Checker()
    for day in range(1, 29):
        line = {
            "code": ["0252U", "81452", "99213", "99214"][day % 4],
            "modifiers": [["80"], ["26", "59"], []][day % 3],
            "diagnoses": ["N96"],
            "payer": f"payer {day}",
            "service_date": f"2026-05-{day:02}",
        }
        assert small.check(line) == usual.check(line)
    assert len(small._judged) <= 3


def test_the_public_functions_use_the_bundled_rules():
    line = {"code": "0252U", "diagnoses": ["N96"]}
    assert claimcheck.check(line).status == "clean"
    assert [r.status for r in claimcheck.check_lines([line])] == ["clean"]
    assert claimcheck.check_claim([line]).status == "clean"
    assert claimcheck.explain(line).as_dict()


def test_streams_are_lazy():
    def endless():
        while True:
            yield {"code": "0252U", "diagnoses": ["N96"]}

    assert next(claimcheck.check_lines(endless())).status == "clean"


def test_the_public_names_exist():
    for name in claimcheck.__all__:
        assert getattr(claimcheck, name) is not None
    assert set(dir(claimcheck)) == set(claimcheck.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = claimcheck.nothing


def test_today_decides_what_has_expired():
    exception = claimcheck.FindingException(finding="x", reason="r", until=date(2026, 1, 1))
    assert not exception.expired(date(2026, 1, 1))
    assert exception.expired(date(2026, 1, 2))


def test_a_checker_can_be_sent_to_another_process(tmp_path):
    config = claimcheck.Config(
        exceptions=(claimcheck.FindingException(finding="place", reason="r"),)
    )
    rules = folder(tmp_path, aetna=PAYER)
    one = claimcheck.Checker(rules=[rules], payer="Aetna", config=config, today=date(2026, 11, 1))
    one.check({"code": "0252U", "payer": "Quimby Zanzibar"})
    sent = pickle.dumps(one)
    assert b"uimby" not in sent
    other = pickle.loads(sent)  # noqa: S301 - our own bytes
    assert on_90(other, service_date="2026-08-01") == REFUSED
    assert (other.stamp, other.config, other.payer) == (one.stamp, one.config, one.payer)
    assert other.ruleset == one.ruleset
    assert len({other.ruleset, one.ruleset}) == 1
    assert other.ruleset != "rules"
    assert pickle.loads(pickle.dumps(one.checks)) == one.checks  # noqa: S301


def test_explaining_twice():
    for _ in range(2):
        assert claimcheck.explain({"code": "0252U"}).as_dict()
        assert claimcheck.Checker().explain({"code": "0252U"}).as_dict()


def test_a_check_with_two_lists_cannot_count_one():
    def refused(function, **given):
        with pytest.raises(claimcheck.CheckDefinitionError) as error:
            define_check("modifier-x", field="modifiers", **given)(function)
        return str(error.value)

    one = "check <lambda>: at_least is for checks that read one of diagnoses and modifiers"
    assert refused(lambda modifiers, diagnoses: (), at_least=2) == one
    assert refused(lambda units: (), at_least=2) == one
    some = "check <lambda>: late names are some of what it reads"
    assert refused(lambda units: (), late=("payer",)) == some
    assert refused(lambda modifier: (), late=("modifier",)) == some
    assert refused(lambda units, code_sets: (), late=("code_sets",)) == some
    late = define_check("modifier-x", field="modifiers", late=("payer",))
    assert late(lambda units, payer: ()).late == ("payer",)


def test_what_a_check_is_made_of():
    sieve = PairSieve(*[lambda *_: True] * 4)
    suspects = Repeats(("code", "service_date"))

    def concerns(rule):
        return rule is not None

    @define_check(
        "diagnosis-odd",
        field="diagnoses",
        carc="11",
        concerns=concerns,
        late=("payer",),
        tables=("mpfs",),
        sieve=sieve,
    )
    def diagnosis_odd(diagnosis_pair, payer):
        """Two diagnoses are odd.

            Both of them.

        What it finds:
            Odd ones.

                Further in.
            At the edge.

        Why it matters:
            It is odd:
            very odd.
        """

    assert diagnosis_odd == Check(
        finding="diagnosis-odd",
        field="diagnoses",
        reads=("diagnosis_pair", "payer"),
        function=diagnosis_odd.function,
        carc="11",
        at_least=0,
        concerns=concerns,
        late=("payer",),
        tables=("mpfs",),
        sieve=sieve,
        suspects=None,
    )
    assert not diagnosis_odd.across_lines
    assert diagnosis_odd.sections == {
        "": "Two diagnoses are odd.\n\n    Both of them.",
        "What it finds": "Odd ones.\n\n    Further in.\nAt the edge.",
        "Why it matters": "It is odd:\nvery odd.",
    }
    counted = define_check("modifier-x", field="modifiers", at_least=3)(lambda modifiers: ())
    assert (counted.at_least, counted.carc, counted.concerns) == (3, None, None)
    assert counted.sections == {"": ""}
    plain = Check("claim-x", "code", ("lines",), len)
    assert (plain.at_least, plain.carc, plain.late, plain.tables) == (0, None, (), ())
    across = define_check("claim-x", field="code", suspects=suspects)(lambda lines: ())
    assert across.across_lines
    assert across.suspects is suspects


def test_a_payer_without_a_name_is_refused():
    with pytest.raises(claimcheck.ConfigurationError, match="no letter or digit"):
        claimcheck.Checker(payer="!!")


def test_a_pack_made_on_top_of_the_bundled_rules_goes_by_one_name(tmp_path):
    rules = claimcheck.load_rules(folder(tmp_path, my_lab=SITE))
    pack = tmp_path / "mine.pack"
    claimcheck.write_pack(rules, pack)
    from_pack = claimcheck.Checker(rules=[pack]).stamp
    assert from_pack == claimcheck.Checker(rules=[tmp_path]).stamp


def test_suspects_are_for_checks_across_lines():
    def define(suspects, function):
        with pytest.raises(claimcheck.CheckDefinitionError) as error:
            claimcheck.define_check("claim-odd", field="code", suspects=suspects)(function)
        return str(error.value)

    def one(code):
        yield

    def across(lines):
        yield

    assert define(Repeats(("code",)), one) == "check one: suspects are for checks that read lines"
    for fields in ((), ("line_id",), ("code", "rule"), ("modifiers", "code")):
        assert define(Repeats(fields), across) == (
            "check across: Repeats takes some of billing_taxonomy, code, conditions, diagnoses, "
            "modifiers, ordering_taxonomy, payer, place_of_service, service_date, taxonomy, units; "
            "the first is no list"
        )


def test_what_the_checks_find_across_lines_is_told_in_order():
    line = claimcheck.ClaimLine(code="99213", line_id="L1")
    found = claimcheck.Checker().claim_findings([line, line, line])
    assert [(position, finding.code) for position, finding in found] == [
        (1, "claim-duplicate-line"),
        (2, "claim-duplicate-line"),
    ]
