"""837P files: two readers read back exactly the lines that were written."""

from __future__ import annotations

from io import BytesIO, StringIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import claimcheck
from claimcheck.io import read_lines
from claimcheck.line import FIELDS, read_line
from claimcheck.testing import claims, write_x12, x12_files

from .drawing import drawn, plainest

pytest.importorskip("pyx12")
import pyx12.error_handler
import pyx12.params
import pyx12.x12context
import pyx12.x12n_document

KEPT = [name for name in FIELDS if name not in ("ordering_taxonomy", "conditions")]


def told(line):
    return [getattr(line, name) for name in KEPT]


@settings(max_examples=200, database=None)
@given(claims(for_x12=True))
def test_our_reader_reads_back_exactly_the_lines(claim):
    written = write_x12([claim])
    assert [told(line) for line in read_lines(BytesIO(written))] == [
        told(read_line(line)) for line in claim
    ]


@settings(max_examples=50, database=None)
@given(x12_files())
def test_the_lines_of_a_drawn_file_are_clean(written):
    lines = list(read_lines(BytesIO(written)))
    assert lines
    assert {claimcheck.check(line).status for line in lines} == {"clean"}


def by_maps(written: bytes):
    """Code, modifiers, units, date, taxonomy and diagnoses of each line, by pyx12's own maps."""
    reader = pyx12.x12context.X12ContextReader(
        pyx12.params.params(), pyx12.error_handler.errh_null(), StringIO(written.decode())
    )
    billing, diagnoses, lines = None, [], []
    for node in reader.iter_segments():
        segment, path = node.seg_data, node.cur_path
        name = segment.get_seg_id()
        if name == "PRV" and "2000A" in path and "2400" not in path:
            billing = segment.get_value("PRV03")
        elif name == "HL" and segment.get_value("HL03") == "20":
            billing = None
        elif name == "HI":
            codes = [segment.get_value(f"HI{at:02}-2") for at in range(1, 13)]
            diagnoses = [code for code in codes if code]
        elif name == "SV1":
            modifiers = [segment.get_value(f"SV101-{at}") for at in range(3, 7)]
            pointers = [segment.get_value(f"SV107-{at}") for at in range(1, 5)]
            lines.append(
                {
                    "code": segment.get_value("SV101-2"),
                    "modifiers": [one for one in modifiers if one],
                    "place": segment.get_value("SV105"),
                    "units": segment.get_value("SV104"),
                    "diagnoses": [diagnoses[int(at) - 1] for at in pointers if at],
                    "taxonomy": None,
                    "billing": billing,
                }
            )
        elif name == "DTP":
            lines[-1]["date"] = segment.get_value("DTP03")
        elif name == "PRV":
            lines[-1]["taxonomy"] = segment.get_value("PRV03")
    return lines


def test_pyx12_reads_back_the_lines_and_finds_the_file_valid():
    found = drawn(claims(for_x12=True), 25)
    written = write_x12(found)
    assert by_maps(written) == [
        {
            "code": line["code"],
            "modifiers": line.get("modifiers", []),
            "place": line["place_of_service"],
            "units": str(line["units"]),
            "diagnoses": [code.replace(".", "") for code in line["diagnoses"]],
            "taxonomy": line.get("taxonomy"),
            "billing": line.get("billing_taxonomy"),
            "date": line["service_date"].replace("-", ""),
        }
        for claim in found
        for line in claim
    ]
    acknowledged = StringIO()
    assert pyx12.x12n_document.x12n_document(
        pyx12.params.params(), StringIO(written.decode()), acknowledged, None
    )


def test_the_plainest_file_says_that_it_is_made_up():
    text = plainest(x12_files()).decode()
    assert "SV1*HC:0252U*100*UN*1*05**1~" in text
    assert "HI*ABK:N96~" in text
    assert text.count("SYNTHETIC") > 5


LINE = {
    "claim_id": "C1",
    "code": "0252U",
    "place_of_service": "81",
    "diagnoses": ["N96"],
    "payer": "aetna",
    "service_date": "2026-05-04",
    "units": 1,
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"units": None}, "claim 1, line 2: has no units, which an 837P needs"),
        ({"diagnoses": []}, "claim 1, line 2: has no diagnoses, which"),
        ({"code": "0252*"}, "claim 1, line 2: an 837P cannot carry code as the line has it"),
        ({"modifiers": ["59", "2~"]}, "cannot carry modifiers"),
        ({"modifiers": ["59"] * 5}, "cannot carry modifiers"),
        ({"service_date": "someday"}, "cannot carry service_date"),
        ({"units": "two"}, "cannot carry units"),
        ({"payer": "---"}, "cannot carry payer"),
        ({"payer": "cigna"}, "claim 1, line 2: has another payer than the first line"),
        ({"claim_id": "C2"}, "claim 1, line 2: has another claim_id than the first line"),
    ],
)
def test_what_an_837p_cannot_say_is_refused(change, message):
    with pytest.raises(claimcheck.StrategyError, match=r"draw lines|first line") as told:
        write_x12([[LINE, {**LINE, **change}]])
    assert message in str(told.value)


@pytest.mark.parametrize(
    "change",
    [
        *({"units": units} for units in (0.12345678901234567, 1 / 3, float("nan"), True)),
        {"diagnoses": ["O.039"]},  # without its dot it would be O03.9, and no longer malformed
        {"diagnoses": ["N96", "O03.9.1"]},
        {"remark": "1"},
    ],
)
def test_what_would_come_back_as_another_is_refused(change):
    with pytest.raises(claimcheck.StrategyError, match=r"claim 2, line 1: .*(carry|no place for)"):
        write_x12([[LINE], [{**LINE, **change}]])


@pytest.mark.parametrize(
    ("units", "written"),
    [
        (1, "1"),
        (2.0, "2"),
        (999999, "999999"),
        (100, "100"),
        (123456.7, "123456.7"),
        (0.333333333, "0.333333333"),
        (0.00000001, "0.00000001"),
    ],
)
def test_units_are_written_with_all_their_digits(units, written):
    file = write_x12([[{**LINE, "units": units}]])
    assert f"*UN*{written}*81*".encode() in file
    assert [line.units for line in read_lines(BytesIO(file))] == [units]


TEXTS = st.text("O03N9I1.A5U2X- /", min_size=1, max_size=9)
ODD_LINES = st.fixed_dictionaries(
    {
        "line_id": st.just("L1"),
        "claim_id": st.just("C1"),
        "code": st.sampled_from(["0252U", "0252u", "O252U", "252U", "81452"]) | TEXTS,
        "place_of_service": st.sampled_from(["81", "5", "8A"]) | TEXTS,
        "diagnoses": st.lists(
            st.sampled_from(["O03.9", "O039", "n96", "O.039", "O03.9.1", "0O3.9"]) | TEXTS,
            min_size=1,
            max_size=4,
        ),
        "payer": st.sampled_from(["Aetna", "Blue Cross/Blue Shield", "Caf\u00e9"]) | TEXTS,
        "service_date": st.sampled_from(["2026-05-04", "05/04/2026", "20260504"]),
        "units": st.integers(-1, 1_000_001) | st.floats(allow_nan=True),
    },
    optional={
        "modifiers": st.lists(st.sampled_from(["59", "8", "TC", "tc"]) | TEXTS, max_size=5),
        "taxonomy": st.sampled_from(["291U00000X", "LAB"]) | TEXTS,
        "billing_taxonomy": st.sampled_from(["291U00000X", "LAB"]) | TEXTS,
    },
)


@settings(max_examples=400, database=None)
@given(ODD_LINES)
def test_any_line_comes_back_as_it_was_or_is_refused(line):
    try:
        file = write_x12([[line]])
    except claimcheck.StrategyError:
        return
    (back,) = read_lines(BytesIO(file))
    given = read_line(line)
    assert told(back) == told(given)
    assert back.problems == given.problems


@pytest.mark.parametrize("given", [[LINE], LINE, None, "C1", [[None]], ["C1"], [None], 5])
def test_what_is_no_list_of_claims_is_refused(given):
    with pytest.raises(claimcheck.StrategyError, match=r"write \[claim\] for one claim"):
        write_x12(given)


def test_a_claim_has_room_for_twelve_diagnoses():
    lines = [{**LINE, "diagnoses": [f"O0{a}.{b}" for b in range(4)]} for a in range(4)]
    with pytest.raises(claimcheck.StrategyError, match="claim 1: has more than twelve diagnoses"):
        write_x12([lines])


def test_conditions_and_ordering_providers_are_left_out():
    more = {**LINE, "conditions": ["distinct-service"], "ordering_taxonomy": "207V00000X"}
    assert write_x12([[more]]) == write_x12([[LINE]])


@pytest.mark.parametrize("nothing", [[], [[]]])
def test_nothing_is_no_file(nothing):
    with pytest.raises(claimcheck.StrategyError, match="at least one claim"):
        write_x12(nothing)


def test_files_are_drawn_of_a_strategy_of_claims(checker):
    wanted = x12_files(claims("0252U", payer="Cigna", for_x12=True, checker=checker))
    assert b"NM1*PR*2*CIGNA*" in plainest(wanted)
    with pytest.raises(claimcheck.StrategyError, match="claims is a strategy"):
        x12_files([[LINE]])


def test_payer_and_checker_go_to_the_claims_that_are_given(checker):
    for more in ({"payer": "aetna"}, {"checker": checker}):
        with pytest.raises(claimcheck.StrategyError, match=r"give both to claims\(\.\.\.\)"):
            x12_files(claims(for_x12=True), **more)
    assert b"NM1*PR*2*AETNA*" in plainest(x12_files(payer="aetna", checker=checker))
