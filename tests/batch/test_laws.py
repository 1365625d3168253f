"""The batch engine says what the engine for single lines says, on usual and adversarial lines."""

from __future__ import annotations

import os
import random
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import claimcheck
from claimcheck.codesets.bundle import DiagnosisCodes
from claimcheck.io.claims import claim_key

pa = pytest.importorskip("pyarrow")
from claimcheck import batch  # noqa: E402 - after the extra was found

CHECKER = claimcheck.Checker()
EDGES = sorted(CHECKER.epochs.starts)
NAMES = [field.name for field in batch.FINDINGS_SCHEMA]


def reports_of(checker, lines):
    """The reports of lines, those of consecutive ones with one claim id together."""
    for key, group in groupby(lines, lambda line: claim_key([line.get("claim_id")])):
        if key is None:
            yield from map(checker.check, group)
        else:
            yield from checker.check_claim(group).reports


def one_by_one(checker, lines):
    """The findings table, made by the engine for single lines and claims."""
    found = []
    for row, report in enumerate(reports_of(checker, lines)):
        for f in report.findings:
            whole = f.as_dict()
            ids = {"row": row, "line_id": report.line_id, "claim_id": report.claim_id}
            found.append({name: {**whole, **ids}[name] for name in NAMES})
    return found


def columns_of(lines, types):
    names = {name for line in lines for name in line} | {"code"}
    arrays = {
        name: pa.array([line.get(name) for line in lines], types.get(name, pa.string()))
        for name in sorted(names)
    }
    return pa.table(arrays)


TEXT = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.sampled_from(
        ["", " ", "26,59", "80 ", "=1+1", "\u200b", "８１", "Quimby Zanzibar", "0", "1.0"]
    ),
)


def usually(*values):
    return st.one_of(*[st.sampled_from(values)] * 6, TEXT)


CODES = usually("0252U", "81452", "0252u", "99213", "252U", "", None)
MODIFIERS = usually("80", "26", "TC", "59", "00", "62", "GA", "GZ", "U1", "as", "", None, "93")
PLACES = usually("81", "12", "97", "1", "27", "81 ", "", None)
DIAGNOSES = usually(
    *["O03.9", "o039", "O00.9", "N96", "Z34.90", "J06.9", "C91.00", "C50.911", "O31.1", "", None],
    *["E10.9", "E11.9", "R73.9", "O26.20"],  # exclude each other, in part
)
TAXONOMIES = usually("291U00000X", "207P00000X", "204V00000X", "122300000X", "207V00000X", None)
PAYERS = usually("Aetna", "BCBS", "cigna", "nobody", None)
DAYS = st.one_of(
    st.none(),
    st.sampled_from([day + timedelta(days=off) for day in EDGES for off in (-1, 0, 1)]),
    st.dates(),
)
IDS = usually("L1", "C-1/2", "a b", "1961-02-03", "x" * 65, None)

LINES = st.lists(
    st.fixed_dictionaries(
        {"code": CODES},
        optional={
            "line_id": IDS,
            "claim_id": IDS,
            "modifiers": st.one_of(st.none(), st.lists(MODIFIERS, max_size=6)),
            "place_of_service": PLACES,
            "diagnoses": st.one_of(st.none(), st.lists(DIAGNOSES, max_size=7)),
            "taxonomy": TAXONOMIES,
            "billing_taxonomy": TAXONOMIES,
            "ordering_taxonomy": TAXONOMIES,
            "payer": PAYERS,
            "service_date": DAYS,
            "units": st.one_of(st.none(), st.integers(-1, 3)),
            "conditions": st.one_of(
                st.none(),
                st.lists(st.sampled_from(["distinct-service", "nothing", "?"]), max_size=2),
            ),
        },
    ),
    min_size=1,
    max_size=40,
)
TYPES = {
    "modifiers": pa.list_(pa.string()),
    "diagnoses": pa.large_list(pa.string()),
    "conditions": pa.list_(pa.string()),
    "service_date": pa.date32(),
    "units": pa.int64(),
}
EXAMPLES = int(os.environ.get("CLAIMCHECK_EXAMPLES", "150"))


@settings(max_examples=EXAMPLES)
@given(LINES)
def test_batch_is_scalar_line_by_line(lines):
    table = columns_of(lines, TYPES)
    assert batch.check_table(table, CHECKER).to_pylist() == one_by_one(CHECKER, table.to_pylist())


@settings(max_examples=EXAMPLES // 2)
@given(LINES, st.randoms())
def test_splitting_and_joining_changes_nothing(lines, chance):
    table = columns_of(lines, TYPES)
    whole = batch.check_table(table, CHECKER).to_pylist()
    cuts = sorted(chance.randrange(len(lines) + 1) for _ in range(3))
    bounds = [0, *cuts, len(lines)]
    parts = [
        piece
        for low, high in pairwise(bounds)
        for piece in table.slice(low, high - low).to_batches()
    ]
    found = batch.check_batches(parts, CHECKER)
    assert [row for part in found for row in part.to_pylist()] == whole


@settings(max_examples=EXAMPLES // 2)
@given(LINES, st.randoms())
def test_permuting_lines_permutes_findings(lines, chance):
    order = list(range(len(lines)))
    chance.shuffle(order)
    table = columns_of(lines, TYPES)
    by_row: dict[int, list] = {}
    for finding in batch.check_table(table, CHECKER, group_by=()).to_pylist():
        by_row.setdefault(finding.pop("row"), []).append(finding)
    shuffled: dict[int, list] = {}
    for finding in batch.check_table(table.take(order), CHECKER, group_by=()).to_pylist():
        shuffled.setdefault(order[finding.pop("row")], []).append(finding)
    assert shuffled == by_row


@settings(max_examples=EXAMPLES)
@given(LINES, LINES, st.sampled_from(["error", "warning", "info"]))
def test_batch_is_scalar_with_a_baseline_and_settings(lines, before, severity):
    """What some lines gave is known when others are checked, claim findings too."""
    known = claimcheck.Baseline.of(reports_of(CHECKER, columns_of(before, TYPES).to_pylist()))
    exceptions = (
        claimcheck.FindingException(finding="diagnosis", reason="r", code="81452"),
        claimcheck.FindingException(
            finding="modifier", reason="r", severity=claimcheck.Severity(severity), value="26"
        ),
    )
    config = claimcheck.Config(exceptions=exceptions)
    made = [
        claimcheck.Checker(rules=CHECKER.ruleset, config=config, baseline=known) for _ in range(2)
    ]
    table = columns_of(lines, TYPES)
    assert batch.check_table(table, made[0]).to_pylist() == one_by_one(made[1], table.to_pylist())
    assert made[0].unused_baseline_entries() == made[1].unused_baseline_entries()
    assert made[0].unused_exceptions() == made[1].unused_exceptions()


def many_lines(count, seed):
    """Lines as a night's claims have them, awkward ones among them."""
    draw = random.Random(seed)
    odd = [None, "", " ", "Quimby", "0", "26,59", "ｘ", "8A", "252U", "O252U"]

    def pick(values, awkward=0.03):
        return draw.choice(odd) if draw.random() < awkward else draw.choice(values)

    lines = []
    for number in range(count):
        day = draw.choice(EDGES) + timedelta(days=draw.choice([-1, 0, 1, 40]))
        lines.append(
            {
                "line_id": pick([f"L{number}", f"C-{number}/1"]),
                "claim_id": f"C{number // 3}",
                "code": pick(["0252U", "81452", "0252U", "99213"]),
                "mod1": pick([None, None, None, "80", "26", "59", "GA", "QK"]),
                "mod2": pick([None, None, None, None, "TC", "59", "GZ"]),
                "place_of_service": pick(["81", "81", "22", "12", "97"]),
                "dx1": pick(["O03.9", "N96", "C50.911", "C91.00", "J06.9", "O00.9"]),
                "dx2": pick([None, None, "Z34.90", "O03.4"]),
                "dx3": pick([None, None, None, "O31.10X0"]),
                "taxonomy": pick(["291U00000X", "207P00000X", None]),
                "payer": pick(["Aetna", "BCBS", None, "x"]),
                "service_date": draw.choice([day, day, None]),
                "units": draw.choice([1, 1, 2, 0, None]),
            }
        )
    return lines


def as_mapping(line):
    mapped = {name: value for name, value in line.items() if name[:2] not in ("mo", "dx")}
    mapped["modifiers"] = [line["mod1"], line["mod2"]]
    mapped["diagnoses"] = [line["dx1"], line["dx2"], line["dx3"]]
    return mapped


def test_twenty_thousand_lines_in_slot_columns():
    lines = many_lines(20_000, seed=7)
    types = {"service_date": pa.date32(), "units": pa.int64()}
    found = batch.check_table(columns_of(lines, types), CHECKER).to_pylist()
    assert found == one_by_one(CHECKER, [as_mapping(line) for line in lines])
    assert len({finding["code"] for finding in found}) > 20


@pytest.mark.parametrize("payer", [None, "aetna"])
def test_the_configuration_holds_as_for_single_lines(payer):
    config = claimcheck.Config(
        payer=payer,
        exceptions=(
            claimcheck.FindingException(finding="place", reason="r", code="0252U"),
            claimcheck.FindingException(
                finding="modifier-disputed",
                reason="r",
                payer="aetna",
                severity=claimcheck.Severity.ERROR,
            ),
            claimcheck.FindingException(
                finding="diagnosis-not-supporting", reason="r", value="J06.9"
            ),
        ),
    )
    lines = many_lines(3_000, seed=8)
    types = {"service_date": pa.date32(), "units": pa.int64()}
    mine, theirs = claimcheck.Checker(config=config), claimcheck.Checker(config=config)
    found = batch.check_table(columns_of(lines, types), mine).to_pylist()
    assert found == one_by_one(theirs, [as_mapping(line) for line in lines])
    assert mine.unused_exceptions() == theirs.unused_exceptions() == ()


OVERLAY = """schema: claimcheck/overlay@1
overlay: aetna
payer: aetna
source: openpayer-0252u
statements:
  - code: "0252U"
    modifiers:
      - modifier: "59"
        verdict: not-applicable
        because: Made up for a test.
        effective: {from: "2026-05-01", to: "2026-05-31"}
        cite: {at: "nowhere"}
"""


def test_payer_overlays_and_their_days(tmp_path):
    (tmp_path / "aetna.yaml").write_text(OVERLAY, encoding="utf-8")
    checker = claimcheck.Checker(rules=[tmp_path])
    days = [date(2026, 4, 30), date(2026, 5, 1), date(2026, 5, 31), date(2026, 6, 1), None]
    lines = [
        {"code": "0252U", "modifiers": ["59"], "payer": payer, "service_date": day}
        for payer in ("Aetna", "aetna ", "Cigna", None)
        for day in days
    ]
    table = columns_of(lines, TYPES)
    found = batch.check_table(table, checker).to_pylist()
    assert found == one_by_one(checker, lines)
    refused = [f["row"] for f in found if f["rule"] == "payers/aetna#0252U/modifiers/59"]
    assert refused == [1, 2, 6, 7]


@claimcheck.define_check("units-many", field="units")
def units_many(units, modifiers, diagnosis):
    """A check of a user's own, on a combination that no bundled check reads."""
    if units and units > 1 and "59" not in modifiers:
        yield claimcheck.Defect(
            severity=claimcheck.Severity.WARNING, value=diagnosis, message="m", hint="h"
        )


def test_a_users_own_check_runs_in_both_engines():
    checker = claimcheck.Checker(checks=[units_many])
    lines = many_lines(3_000, seed=9)
    types = {"service_date": pa.date32(), "units": pa.int64()}
    found = batch.check_table(columns_of(lines, types), checker).to_pylist()
    assert found == one_by_one(checker, [as_mapping(line) for line in lines])
    assert any(finding["code"] == "units-many" for finding in found)


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("service_date", ["2026-05-04", "05/04/2026", "20260504", "soon", None], pa.string()),
        ("service_date", [20260504, 46146, None], pa.int64()),
        ("service_date", [datetime(2026, 5, 4, 23), None], pa.timestamp("us")),
        ("service_date", [datetime(2026, 5, 4, 23), None], pa.timestamp("us", "America/New_York")),
        ("service_date", [date(2021, 6, 30), date(2021, 7, 1), None], pa.date64()),
        ("place_of_service", [81, 1, None, 97], pa.int8()),
        ("place_of_service", [81.0, 1.0, None, float("nan"), 2.5], pa.float64()),
        ("code", [81452, 99213, None, 252], pa.int32()),
        ("code", ["0252U", "81452", None], pa.large_string()),
        ("code", ["0252U", "81452", None], pa.string_view()),
        ("units", [1.0, 0.0, 2.5, float("nan"), None], pa.float64()),
        ("units", ["1", "0", "many", None], pa.string()),
        ("units", [True, False, None], pa.bool_()),
        ("modifiers", ["26,59", "80", "", None, "26-59-80-QK-TC", "Quimby Zanzibar"], pa.string()),
        ("modifiers", [22, 59, None], pa.int64()),
        ("modifiers", [["26,59"], ["80", "26 TC"], [], None], pa.list_(pa.string())),
        ("modifiers", [["80"] * 40, ["80"], None], pa.list_(pa.string())),
        ("diagnoses", ["O03.9;N96", "O039", None, ",".join(["N96"] * 30)], pa.string()),
        ("diagnoses", [["N96"], None, ["", "N96"], ["bad", "N96"]], pa.list_(pa.large_string())),
        ("line_id", [1, -5, None], pa.int64()),
        ("line_id", ["ok", "", "not ok", "1-2-2026", "-x", "Ä"], pa.large_string()),
        ("line_id", [1.0, 2.5, None], pa.float64()),
        ("payer", ["Aetna", "---", "x" * 90, None], pa.dictionary(pa.int8(), pa.string())),
        ("taxonomy", [None, None], pa.null()),
        ("conditions", ["distinct-service", "a b", None], pa.string()),
    ],
)
def test_columns_of_every_type(name, values, kind):
    filler = {"code": "0252U", "modifiers": ["59"], "diagnoses": ["N96"]}
    columns = {
        field: pa.array([value] * len(values), TYPES.get(field, pa.string()))
        for field, value in filler.items()
        if field != name
    }
    table = pa.table({**columns, name: pa.array(values, kind)})
    lines = table.to_pylist()
    assert batch.check_table(table, CHECKER).to_pylist() == one_by_one(CHECKER, lines)


def test_twelve_diagnosis_columns_and_a_gap():
    names = ["code", *[f"dx{n}" for n in (1, 2, 4, 12)]]
    table = pa.table(
        {name: pa.array(["0252U"] if name == "code" else ["N96"], pa.string()) for name in names}
    )
    lines = [{"code": "0252U", "diagnoses": ["N96", "N96", "", "N96", *[""] * 7, "N96"]}]
    assert batch.check_table(table, CHECKER).to_pylist() == one_by_one(CHECKER, lines)


@claimcheck.define_check("diagnosis-beside", field="diagnoses")
def diagnosis_beside(diagnosis_pair, units):
    """A user's own check of pairs without a sieve; stands on the second of the two, if told."""
    if diagnosis_pair[0] != diagnosis_pair[1]:
        yield claimcheck.Defect(
            severity=claimcheck.Severity.INFO,
            value="-".join(diagnosis_pair),
            message="m",
            hint="h",
            index={None: None, 1: 0}.get(units, 1),
        )


def excluding_lines(count, seed):
    draw = random.Random(seed)
    pool = ["N96", "O26.20", "Z34.90", "O03.9", "O31.10X0", "E10.9", "E11.9", "R73.9", "E88.9"]
    days = [date(2026, 3, 31), date(2026, 4, 1), date(2026, 9, 30), date(2026, 10, 1), None]
    return [
        {
            "code": draw.choice(["0252U", "99213", "81452", None, "x"]),
            "diagnoses": draw.choices([*pool, "", "bad", "Q99.999"], k=draw.randrange(6)),
            "service_date": draw.choice(days),
            "units": draw.choice([1, 2, None]),
        }
        for _ in range(count)
    ]


@pytest.mark.parametrize("own", [(), (diagnosis_beside,)])
@pytest.mark.parametrize("size", [7, 5_000])
def test_pairs_of_diagnoses_are_judged_as_on_single_lines(own, size):
    checker = claimcheck.Checker(checks=own)
    lines = excluding_lines(2_000, seed=21)
    types = {**TYPES, "units": pa.int64()}
    pieces = columns_of(lines, types).to_batches(max_chunksize=size)
    found = [row for part in batch.check_batches(pieces, checker) for row in part.to_pylist()]
    assert found == one_by_one(checker, lines)
    excluding = [f for f in found if f["code"] == "diagnosis-excludes"]
    assert {f["index"] for f in excluding} == {0, 1, 2, 3, 4}
    assert any(f["rule"].startswith("codes/0252U") for f in excluding)
    assert any(f["rule"].startswith("codesets/icd10cm") for f in excluding)


@pytest.mark.parametrize("seed", range(3))
def test_pairs_in_columns_that_are_full_or_have_gaps(seed):
    draw = random.Random(seed)
    pool = ["E10.9", "E11.9", "R73.9", "N96"]
    columns = {
        "code": ["99213"] * 400,
        "dx1": draw.choices(pool, k=400),
        "dx2": draw.choices([*pool, "", None], k=400),
        "dx3": draw.choices(pool, k=400),
        "dx4": draw.choices([*pool, None], k=400),
    }
    table = pa.table({name: pa.array(cells, pa.string()) for name, cells in columns.items()})
    lines = [
        {"code": "99213", "diagnoses": [columns[f"dx{n}"][row] for n in (1, 2, 3, 4)]}
        for row in range(400)
    ]
    found = batch.check_table(table, CHECKER).to_pylist()
    assert found == one_by_one(CHECKER, lines)
    assert {f["index"] for f in found if f["code"] == "diagnosis-excludes"} == {0, 1, 2, 3}


def test_the_check_is_called_for_suspect_pairs_alone(monkeypatch):
    called = []
    excluded = DiagnosisCodes.excluded

    def spy(self, one, other):
        called.append((one, other))
        return excluded(self, one, other)

    monkeypatch.setattr(DiagnosisCodes, "excluded", spy)
    diagnoses = ["E11.9", "I10", "E78.5", "Z79.4", "E10.9", "N18.9"]
    lines = [{"code": code, "diagnoses": diagnoses} for code in ("99213", "99214", "81452")]
    batch.check_table(columns_of(lines, TYPES), claimcheck.Checker())
    assert called == [("E11.9", "E10.9")]


def test_forgetting_is_harmless(monkeypatch):
    monkeypatch.setattr("claimcheck.batch.engine._MOST_REMEMBERED", 5)
    lines = many_lines(300, seed=10)
    types = {"service_date": pa.date32(), "units": pa.int64()}
    pieces = columns_of(lines, types).to_batches(max_chunksize=50)
    found = [row for part in batch.check_batches(pieces, CHECKER) for row in part.to_pylist()]
    assert found == one_by_one(CHECKER, [as_mapping(line) for line in lines])


def test_large_key_spaces_give_the_same(monkeypatch):
    lines = many_lines(2_000, seed=11)
    types = {"service_date": pa.date32(), "units": pa.int64()}
    table = columns_of(lines, types)
    usual = batch.check_table(table, CHECKER)
    monkeypatch.setattr("claimcheck.batch.encode._LARGEST_TABLE", 1)
    assert batch.check_table(table, CHECKER).to_pylist() == usual.to_pylist()


def agree(table, checker=CHECKER):
    found = batch.check_table(table, checker).to_pylist()
    assert found == one_by_one(checker, table.to_pylist())
    return found


@claimcheck.define_check("diagnosis-many", field="diagnoses", at_least=2)
def diagnosis_many(diagnoses):
    """Reads one list; bundled checks that read the other must not suffer from it."""
    yield claimcheck.Defect(severity=claimcheck.Severity.INFO, message="m", hint="h")


@claimcheck.define_check("diagnosis-both", field="diagnoses")
def diagnosis_both(modifiers, diagnoses):
    """Reads both lists."""
    if len(modifiers) == len(diagnoses):
        yield claimcheck.Defect(severity=claimcheck.Severity.INFO, message="m", hint="h")


@pytest.mark.parametrize("own", [diagnosis_many, diagnosis_both])
def test_a_users_check_takes_nothing_from_bundled_ones(own):
    lines = [
        {"code": "0252U", "modifiers": ["26", "26"], "diagnoses": ["N96"]},
        {"code": "0252U", "modifiers": ["59"], "diagnoses": ["N96", "O03.9"]},
        {"code": "0252U", "modifiers": [], "diagnoses": None},
    ]
    found = agree(columns_of(lines, TYPES), claimcheck.Checker(checks=[own]))
    assert {"modifier-duplicate", own.finding} <= {finding["code"] for finding in found}


@claimcheck.define_check("line-wide", field="code")
def line_wide(
    code,
    place_of_service,
    payer,
    taxonomy,
    billing_taxonomy,
    ordering_taxonomy,
    units,
    epoch,
    primary_diagnosis,
):
    """Reads more than one integer can number."""
    if units == 7:
        yield claimcheck.Defect(
            severity=claimcheck.Severity.INFO,
            message=f"{code} {place_of_service} {payer} {taxonomy} {billing_taxonomy} "
            f"{ordering_taxonomy} {epoch.day} {primary_diagnosis}",
            hint="h",
        )


def test_a_check_that_reads_more_than_one_integer_can_number():
    draw = random.Random(3)
    lines = [
        {
            "code": f"{draw.randrange(99999):05}",
            "place_of_service": f"{draw.randrange(100):02}",
            "payer": f"payer {draw.randrange(300)}",
            **{
                field: f"{draw.randrange(10**9):09}X"
                for field in ("taxonomy", "billing_taxonomy", "ordering_taxonomy")
            },
            "units": draw.randrange(300),
            "diagnoses": [f"C50.{draw.randrange(999)}"],
            "service_date": draw.choice(EDGES),
        }
        for _ in range(1500)
    ]
    found = agree(columns_of(lines, TYPES), claimcheck.Checker(checks=[line_wide]))
    assert any(finding["code"] == "line-wide" for finding in found)


def test_both_zeros_are_one():
    for values in ([0.0, -0.0], [-0.0, 0.0], [0.0, 1.5, float("nan"), None, 1e300]):
        found = agree(pa.table({"code": ["99213"] * len(values), "units": values}))
        assert [f["value"] for f in found if f["code"] == "units-malformed"][:1] == ["0"]


NO_PYTHON_VALUE = [
    ("service_date", pa.array([2932897, 0], pa.int32()).view(pa.date32())),
    ("service_date", pa.array([2**62, 0], pa.int64()).view(pa.timestamp("s"))),
    ("service_date", pa.array([2**62, 0], pa.int64()).view(pa.date64())),
    ("place_of_service", pa.array([2932897, 0], pa.int32()).view(pa.date32())),
    ("line_id", pa.array([2932897, 0], pa.int32()).view(pa.date32())),
]


@pytest.mark.parametrize(("field", "column"), NO_PYTHON_VALUE)
def test_a_cell_that_python_has_no_value_for_is_a_finding(field, column):
    found = batch.check_table(pa.table({"code": ["99213", "99213"], field: column}), CHECKER)
    told = [f["code"] for f in found.to_pylist() if f["row"] == 0]
    assert set(told) & {"line-malformed", "place-malformed", "line-id-withheld"}


def test_columns_that_nobody_reads_are_not_converted():
    table = pa.table(
        {
            "code": ["0252U"],
            "modifiers": [["26,59"]],
            "far": pa.array([2932897], pa.int32()).view(pa.date32()),
            "runs": pa.RunEndEncodedArray.from_arrays([1], ["x"]),
        }
    )
    codes = [f["code"] for f in batch.check_table(table, CHECKER).to_pylist()]
    assert codes == ["modifier-disputed", "modifier-needs-condition", "diagnosis-missing"]


def test_what_is_kept_of_the_lines_is_bounded(monkeypatch):
    monkeypatch.setattr("claimcheck.batch.engine._MOST_REMEMBERED", 500)
    draw = random.Random(5)
    codes = [f"{letter}{n:02}" for letter in "CDEF" for n in range(10, 99)]
    lines = [
        {
            "code": "0252U",
            "diagnoses": draw.choices(codes, k=4),
            "payer": f"payer {number}",
            "modifiers": draw.choices(["59", "26", "80"], k=2),
        }
        for number in range(2000)
    ]
    table = columns_of(lines, TYPES)
    found = batch.check_batches(table.to_batches(max_chunksize=100), CHECKER)
    assert [row for part in found for row in part.to_pylist()] == one_by_one(CHECKER, lines)
