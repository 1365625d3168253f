"""Which claims are suspect, told from numbers: none is missed, and few are named for nothing."""

from __future__ import annotations

from datetime import date

import pytest

import claimcheck
from claimcheck.checks.definition import Check, Codes, Lonely, Pairs, Repeats, Totals

np = pytest.importorskip("numpy")
pa = pytest.importorskip("pyarrow")
from claimcheck.batch.claims import Claims  # noqa: E402 - after the extra was found
from claimcheck.batch.columns import plan_of  # noqa: E402
from claimcheck.batch.engine import Engine  # noqa: E402

ONE, OTHER = date(2026, 5, 4), date(2020, 1, 1)
TYPES = {"service_date": pa.date32(), "units": pa.int64(), "modifiers": pa.list_(pa.string())}


def suspects(kind, *claims):
    """The positions of the suspect claims, and the lines of the claims that were handed over."""
    seen = []

    def across(lines):
        seen.append(len(lines))
        return ()

    engine = Engine(claimcheck.Checker())
    one = Check("claim-x", "code", ("lines",), across, suspects=kind)
    engine.checker.running_claim_checks = (one,)
    engine._forget()
    lines = [line for claim in claims for line in claim]
    names = dict.fromkeys(name for line in lines for name in line)
    table = pa.table(
        {n: pa.array([li.get(n) for li in lines], TYPES.get(n, pa.string())) for n in names}
    )
    sizes = np.array([len(claim) for claim in claims])
    ends = np.cumsum(sizes)
    batch = table.combine_chunks().to_batches()[0]
    plan = plan_of(batch.schema, None)
    engine.judge(batch, plan, Claims(ends - sizes, ends))
    return seen


def of(code, **more):
    return {"code": code, **more}


def test_claims_are_suspect_by_a_code():
    asked = []

    def function(code_sets, code, epoch):
        asked.append((code, epoch.day))
        return code == "81452"

    claims = [of("0252U")], [of("81452")], [of(None), of("0252U"), of("81452")], [of("?")]
    assert suspects(Codes(function), *claims) == [1, 3]
    assert sorted(code for code, _ in asked) == ["0252U", "81452"]  # once each


def test_a_code_may_be_of_an_epoch():
    kind = Codes(lambda code_sets, code, epoch: epoch.day is not None and epoch.day > OTHER)
    lines = [of("0252U", service_date=day) for day in (ONE, OTHER, None)]
    assert suspects(kind, [lines[1], lines[2]], [lines[0]], [lines[1]]) == [1]


FIRST, SECOND = of("0252U", service_date=ONE), of("81452", service_date=ONE)
FILL = [of(f"{70000 + at}", service_date=ONE) for at in range(60)]


@pytest.mark.parametrize("between", [[], [of("99213", service_date=ONE)] * 4, FILL])
def test_claims_are_suspect_by_two_codes_of_one_day(between):
    kind = Pairs(lambda code_sets, code, other, epoch: {code, other} == {"0252U", "81452"})

    def found(one, other):
        return bool(suspects(kind, [of("99213")], [one, *between, other], [one], [other]))

    for first, second in ((FIRST, SECOND), (SECOND, FIRST)):
        assert found(first, second)
        assert not found(first, {**second, "service_date": OTHER})
        assert found(first, {**second, "service_date": None})
        assert not found(first, first)
        assert not found(first, of(None, service_date=ONE))


def test_two_codes_are_asked_about_in_the_epoch_of_either():
    for day in (ONE, OTHER):
        kind = Pairs(lambda *given, day=day: given[3] == claimcheck.Checker().epochs.of(day))
        dated = of("0252U", service_date=day)
        for claim in ([dated, of("81452")], [of("81452"), dated]):
            assert suspects(kind, claim) == [2]


def test_two_codes_are_asked_about_once():
    asked = []

    def function(code_sets, code, other, epoch):
        asked.append({code, other})
        return False

    assert suspects(Pairs(function), [FIRST, SECOND], [SECOND, FIRST, FIRST], FILL[:3]) == []
    assert asked.count({"0252U", "81452"}) == 1
    assert len(asked) == 4


LINE = of("0252U", service_date=ONE, units=2, modifiers=["59", "26"], payer="x")


@pytest.mark.parametrize("between", [[], [of("99213")] * 4, FILL])
@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, True),
        ({"modifiers": ["26", "", "59"]}, True),
        ({"payer": "y"}, True),
        ({"modifiers": ["26"]}, False),
        ({"modifiers": ["26", "59", "59"]}, False),
        ({"service_date": OTHER}, False),
        ({"service_date": None}, False),
        ({"units": None}, False),
        ({"code": "81452"}, False),
        ({"modifiers": ["26,59"]}, True),  # several in one cell: numbers do not tell
    ],
)
def test_claims_are_suspect_by_lines_that_agree(between, change, told):
    kind = Repeats(("code", "modifiers", "service_date", "units"))
    fill = [{**line, "units": at} for at, line in enumerate(between, 10)]
    claim = [LINE, *fill, {**LINE, **change}]
    assert suspects(kind, [LINE], claim, [LINE]) == ([len(claim)] if told else [])


def test_lines_without_the_first_field_are_no_repeats():
    blank = of(None, units=1, service_date=ONE)
    for field in ("code", "place_of_service"):
        for count in (2, 50):
            assert suspects(Repeats((field, "units")), [blank] * count) == []
    assert suspects(Repeats(("service_date", "units")), [blank] * 2, [blank] * 50) == [2, 50]


def test_without_a_word_every_claim_is_suspect_and_all_are_handed_over():
    claims = [[FIRST] * size for size in (1, 3, 500, 2, 700)]
    assert suspects(None, *claims) == [1, 3, 500, 2, 700]


def test_claims_are_suspect_by_a_code_without_its_company():
    kind = Lonely(
        lambda code_sets, code, epoch: code == "81452",
        lambda code_sets, code, other, epoch: other == "0252U",
    )
    claims = [
        [of("81452")],
        [of("81452"), of("0252U")],
        [of("0252U"), of("81450"), of("81452")],
        [of("81452"), of("81450")],
        [of("0252U"), of("81450"), of("81450")],
        [of(None), of("81452"), of("?"), of("81450"), of("99213")],
    ]
    assert suspects(kind, *claims) == [1, 2, 5]


def test_company_must_be_of_the_same_day():
    kind = Lonely(
        lambda code_sets, code, epoch: code == "81452",
        lambda code_sets, code, other, epoch: other == "0252U",
    )
    claims = [
        [of("81452", service_date=ONE), of("0252U", service_date=ONE)],
        [of("81452", service_date=ONE), of("0252U", service_date=OTHER), of("81450")],
        [of("81452", service_date=None), of("0252U", service_date=None)],
        [of("81452", service_date=None), of("0252U", service_date=ONE), of("1"), of("2")],
    ]
    assert suspects(kind, *claims) == [3, 4]


def test_a_long_claim_with_a_code_that_needs_company_is_looked_at():
    kind = Lonely(
        lambda code_sets, code, epoch: code == "81452",
        lambda code_sets, code, other, epoch: other == "0252U",
    )
    assert suspects(kind, [of("81452"), *[of("81450")] * 40]) == [41]
    assert suspects(kind, [of("0252U"), *[of("81450")] * 40]) == []


@pytest.mark.parametrize(
    ("units", "expected"),
    [([1, 1], []), ([2, 1], [2]), ([None, 2], [2]), ([None, None, None], [3]), ([3], [])],
)
def test_claims_are_suspect_by_units_that_add_up(units, expected):
    kind = Totals(lambda code_sets, code, epoch: 2 if code == "81452" else None)
    assert suspects(kind, [of("81452", units=it) for it in units]) == expected
    assert suspects(kind, [of("0252U", units=it) for it in units]) == []


def test_units_add_up_within_a_claim_and_a_day_alone():
    kind = Totals(lambda code_sets, code, epoch: 2)

    def line(day, units):
        return of("81452", service_date=day, units=units)

    claims = [
        [line(ONE, 2)],
        [line(ONE, 2), line(OTHER, 2)],
        [line(ONE, 1), of("0252U", service_date=ONE, units=9), line(ONE, 2), line(OTHER, 1)],
        [line(None, 2), line(ONE, 2), line(None, 1)],
    ]
    assert suspects(kind, *claims) == [4, 3]


def test_units_of_a_long_claim_that_repeats_a_code_are_looked_at():
    kind = Totals(lambda code_sets, code, epoch: 1_000)
    others = [of(f"{81000 + at}", units=1) for at in range(40)]
    assert suspects(kind, [*others, of("81452", units=1)]) == []
    assert suspects(kind, [*others, of("81452", units=1), of("81452", units=1)]) == [42]
