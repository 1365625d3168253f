"""Laws that hold with imported tables as they do without."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import claimcheck

CODES = (
    *("00100", "11042", "27447", "33533", "43842", "59400", "81229", "81445", "81455", "84165"),
    *("88305", "92014", "99100", "99213", "J1885", "0252U", "81452", "87880", "G0452", "0071U"),
    *("0070U", "0054T", "64727", "22845", "0480U", "C9803", "G9999", "81454", "0999U", "99999"),
)
MODIFIERS = (
    *("26", "TC", "50", "62", "66", "80", "AS", "54", "58", "78", "24", "57", "QW", "QK", "P3"),
    *("22", "59", "XE", "LT", "90", "ZZ", "YY", "25", "00"),
)
DAYS = st.one_of(
    st.none(),
    st.sampled_from(
        [
            *(date(2024, 6, 30), date(2024, 7, 1), date(2024, 9, 30), date(2024, 10, 1)),
            *(date(2019, 12, 31), date(2021, 7, 1), date(2025, 10, 1), date(2026, 5, 4)),
        ]
    ),
)
LINES = st.fixed_dictionaries(
    {"code": st.sampled_from(CODES)},
    optional={
        "modifiers": st.lists(st.sampled_from(MODIFIERS), max_size=3),
        "units": st.sampled_from([None, 1, 2, 8, 9, 17]),
        "service_date": DAYS,
        "payer": st.sampled_from([None, "medicare", "Aetna", "cigna"]),
        "taxonomy": st.sampled_from([None, "207P00000X", "207PX0000X", "204V00000X"]),
        "diagnoses": st.lists(st.sampled_from(["O03.9", "O03", "E66.81", "Z34.90"]), max_size=2),
    },
)


@pytest.fixture(scope="session")
def checkers(folder) -> Iterator[claimcheck.Checker]:
    policy = claimcheck.Config(tables=claimcheck.TablePolicy(ignored=("cigna",)))
    return claimcheck.Checker(data=folder, config=policy)


def as_told(finding: Any) -> tuple[Any, ...]:
    return (finding.code, finding.severity.value, finding.field, finding.index, finding.message)


@given(st.lists(LINES, min_size=1, max_size=12))
@settings(max_examples=60)
def test_a_batch_gives_what_single_lines_give(checkers, lines):
    pyarrow = pytest.importorskip("pyarrow")
    from claimcheck.batch import check_table

    names = ("code", "modifiers", "units", "service_date", "payer", "taxonomy", "diagnoses")
    types = {
        "modifiers": pyarrow.list_(pyarrow.string()),
        "diagnoses": pyarrow.list_(pyarrow.string()),
        "units": pyarrow.int64(),
        "service_date": pyarrow.date32(),
    }
    table = pyarrow.table(
        {
            name: pyarrow.array(
                [line.get(name) for line in lines], types.get(name, pyarrow.string())
            )
            for name in names
        }
    )
    batch: dict[int, list[Any]] = {}
    for row in check_table(table, checkers).to_pylist():
        told = (row["code"], row["severity"], row["field"], row["index"], row["message"])
        batch.setdefault(row["row"], []).append(told)
    single = {
        number: told
        for number, line in enumerate(lines)
        if (told := [as_told(finding) for finding in checkers.check(line).findings])
    }
    assert batch == single


CLAIMS = st.lists(
    st.lists(
        st.fixed_dictionaries(
            {"code": st.sampled_from(CODES)},
            optional={
                "modifiers": st.lists(st.sampled_from(["59", "LT", "90", "26"]), max_size=2),
                "units": st.sampled_from([None, 1, 2, 5, 0, "x"]),
                "service_date": st.sampled_from([None, date(2024, 8, 1), date(2024, 8, 2)]),
                "payer": st.sampled_from([None, "medicare", "cigna"]),
            },
        ),
        min_size=1,
        max_size=6,
    ),
    min_size=1,
    max_size=6,
)


@given(CLAIMS, st.integers(1, 7))
@settings(max_examples=150)
def test_a_batch_gives_what_single_claims_give(checkers, claims, size):
    pyarrow = pytest.importorskip("pyarrow")
    from claimcheck.batch import check_batches

    lines = [{**line, "claim_id": f"C{at}"} for at, claim in enumerate(claims) for line in claim]
    names = ("claim_id", "code", "modifiers", "units", "service_date", "payer")
    types = {"modifiers": pyarrow.list_(pyarrow.string()), "service_date": pyarrow.date32()}
    columns = {
        name: pyarrow.array(
            [
                str(line[name])
                if name == "units" and line.get(name) is not None
                else line.get(name)
                for line in lines
            ],
            types.get(name, pyarrow.string()),
        )
        for name in names
    }
    whole = pyarrow.record_batch(columns)
    parts = [whole.slice(at, size) for at in range(0, whole.num_rows, size)]
    batch = sorted(
        (row["row"], row["code"], row["severity"], row["message"])
        for found in check_batches(parts, checkers)
        for row in found.to_pylist()
    )
    single, first = [], 0
    for claim in claims:
        reports = checkers.check_claim([{**line, "claim_id": "C"} for line in claim]).reports
        single += [
            (first + at, finding.code, finding.severity.value, finding.message)
            for at, report in enumerate(reports)
            for finding in report.findings
        ]
        first += len(claim)
    assert batch == sorted(single)


@given(LINES)
def test_a_report_names_an_edition_for_every_table_that_spoke(checkers, line):
    report = checkers.check(line)
    for finding in report.findings:
        for citation in finding.citations:
            for kind in ("mpfs", "clfs", "mue-practitioner", "ptp-practitioner", "nucc", "hcpcs"):
                if citation.source.startswith(f"{kind}-2") and citation.source != "nucc-25.1":
                    assert citation.source == f"{kind}-{report.editions[kind]}"
                    assert report.coverage[kind] in ("checked", "no-row")


@given(LINES)
def test_a_table_out_of_its_dates_is_no_reason_for_a_finding(checkers, line):
    line = {**line, "service_date": date(2022, 3, 1)}
    report = checkers.check(line)
    assert report.coverage["mpfs"] == "out-of-date-range"
    slugs = {finding.code for finding in report.findings}
    assert slugs.isdisjoint({"modifier-not-payable", "units-over-limit", "code-unknown"})


@given(st.permutations(CODES[:14]), st.lists(st.sampled_from(MODIFIERS), max_size=1))
def test_the_order_of_lines_on_a_claim_changes_no_pair(checkers, codes, modifiers):
    def pairs(order):
        report = checkers.check_claim([{"code": code, "modifiers": modifiers} for code in order])
        return {
            (order[at], finding.code, finding.severity)
            for at, line in enumerate(report.reports)
            for finding in line.findings
            if finding.code in ("claim-bundled-pair", "claim-addon-without-primary")
        }

    assert pairs(list(codes)) == pairs(sorted(codes))


def errors_of(report):
    return {
        (at, finding.code, finding.field, finding.value)
        for at, line in enumerate(report.reports)
        for finding in line.findings
        if finding.severity == "error"
    }


@given(CLAIMS)
def test_a_fix_on_a_line_adds_no_error_to_its_claim(checkers, claims):
    """Modifiers 59 and 26 keep lines apart that are bundled, or added up, without them."""
    for claim in claims:
        report = checkers.check_claim(claim)
        for at, line in enumerate(report.reports):
            for finding in line.findings:
                if finding.fix is not None:
                    others = [*claim]
                    others[at] = claimcheck.apply(claim[at], finding.fix)
                    after = checkers.check_claim(others)
                    told = {(f.code, f.field, f.value) for f in after.reports[at].findings}
                    assert (finding.code, finding.field, finding.value) not in told
                    assert errors_of(after) <= errors_of(report)


def test_a_removal_that_would_bundle_two_lines_is_not_proposed(checkers):
    """No visit has a use for 79, but without it the visit is part of the operation of the same day."""
    visit = {"code": "99213", "modifiers": ["79"], "payer": "medicare"}
    (alone,) = [f for f in checkers.check(visit).findings if f.code == "modifier-not-payable"]
    assert str(alone.fix) == "remove 79 from modifiers (review)"
    claim = checkers.check_claim([{"code": "27447", "payer": "medicare"}, visit])
    (beside,) = [f for f in claim.reports[1].findings if f.code == "modifier-not-payable"]
    assert beside.fix is None


def test_a_checker_with_tables_can_be_sent(checkers):
    sent = pickle.loads(pickle.dumps(checkers))  # noqa: S301 - our own
    line = {"code": "99213", "modifiers": ["80"], "payer": "medicare"}
    assert sent.check(line).findings == checkers.check(line).findings != ()
