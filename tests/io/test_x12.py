"""837P files: every line with what it inherits, and damage that costs no readable line."""

from __future__ import annotations

import pickle
import random
import sys
from dataclasses import replace
from io import BytesIO

import pytest

pytest.importorskip("pyx12")

from claimcheck.errors import DamagedInputError, InputError
from claimcheck.io import open_lines, read_lines
from claimcheck.io.x12.segments import LONGEST_SEGMENT

from .x12_files import (
    Biller,
    Claim,
    Interchange,
    Line,
    Signs,
    Subscriber,
    build,
    expected,
    joined,
    random_interchange,
    segments_of,
    told,
    with_counts,
)


def read(content: bytes):
    """The lines of a file, and what was wrong with it."""
    found, problems = [], ()
    try:
        for line in read_lines(BytesIO(content)):
            found.append(line)
    except DamagedInputError as damage:
        problems = damage.problems
    return found, problems


def one_claim(claim: Claim, **more) -> Interchange:
    return Interchange((((Biller(subscribers=(Subscriber(claims=(claim,)),)),),),), **more)


def one_line(line: Line, **claim) -> Interchange:
    return one_claim(Claim(**claim, lines=(line,)))


PLAIN = one_claim(Claim(lines=(Line(), Line("81452"))))
SEGMENTS = segments_of(PLAIN)


def at(name: str, which: int = 0) -> int:
    """Position in ``SEGMENTS`` of a segment."""
    return [n for n, s in enumerate(SEGMENTS) if s.split("*")[0] == name][which]


# --- what a line has -----------------------------------------------------------------------------


def test_a_line_by_hand():
    line = Line("0252U", ("90", "QW"), units="2", pointers=(2, 1), reference="LINE-7")
    claim = Claim("A-1", "81", (("ABK", "O039"), ("ABF", "N96")), lines=(line,))
    (found,), problems = read(build(one_claim(claim)))
    assert problems == ()
    assert (found.line_id, found.claim_id, found.code) == ("LINE-7", "A-1", "0252U")
    assert found.modifiers == ("90", "QW")
    assert found.place_of_service == "81"
    assert found.diagnoses == ("N96", "O03.9")
    assert found.taxonomy is None
    assert found.billing_taxonomy == "291U00000X"
    assert found.ordering_taxonomy is None
    assert found.payer == "acme-health"
    assert found.service_date.isoformat() == "2026-05-04"
    assert found.units == 2
    assert found.problems == ()


def test_a_line_without_a_reference_is_named_after_its_claim_and_number():
    lines, _ = read(build(PLAIN))
    assert [line.line_id for line in lines] == ["CLM-1/1", "CLM-1/2"]


@pytest.mark.parametrize(("line", "wanted"), [(None, "11"), ("22", "22")])
def test_the_lines_place_wins_over_the_claims(line, wanted):
    with open_lines(BytesIO(build(one_line(Line(place=line), place="11")))) as source:
        (row,) = source
    assert row.line.place_of_service == wanted
    assert ("place of service in segment" in row.place) is (line is None)


@pytest.mark.parametrize(
    ("claim", "line", "wanted"),
    [
        (None, None, None),
        ("207V00000X", None, "207V00000X"),
        ("207V00000X", "207SG0201X", "207SG0201X"),
        (None, "207SG0201X", "207SG0201X"),
    ],
)
def test_the_lines_provider_wins_over_the_claims(claim, line, wanted):
    (found,), _ = read(build(one_line(Line(rendering=line), rendering=claim)))
    assert found.taxonomy == wanted


def test_a_line_does_not_inherit_from_the_line_before():
    lines = (Line(rendering="207SG0201X", place="22", reference="R1"), Line())
    _, second = read(build(one_claim(Claim(lines=lines))))[0]
    assert (second.taxonomy, second.place_of_service, second.line_id) == (None, "81", "CLM-1/2")


def test_the_billing_provider_ends_with_its_loop():
    billers = (Biller("207V00000X"), Biller(None))
    lines, _ = read(build(Interchange(((billers,),))))
    assert [line.billing_taxonomy for line in lines] == ["207V00000X", None]


def test_dependents_have_the_payer_of_their_subscriber():
    first = Subscriber("ACME", (), ((Claim("D1"),), (Claim("D2"),)))
    second = Subscriber("OTHER", (Claim("S1"),))
    lines, _ = read(build(Interchange((((Biller(subscribers=(first, second)),),),))))
    assert [(line.claim_id, line.payer) for line in lines] == [
        ("D1", "acme"),
        ("D2", "acme"),
        ("S1", "other"),
    ]


def test_another_payers_loops_overwrite_nothing():
    claim = Claim(rendering="207V00000X", other_payer=True)
    segments = segments_of(one_claim(claim))
    behind = next(n for n, s in enumerate(segments) if s.startswith("NM1*PR*2*SECOND"))
    segments[behind + 1 : behind + 1] = ["NM1*82*1", "PRV*PE*PXC*363L00000X"]
    (found,), problems = read(joined(with_counts(segments)))
    assert (found.payer, found.taxonomy, problems) == ("acme-health", "207V00000X", ())


def test_a_payer_that_is_a_person_is_not_taken():
    segments = [s.replace("NM1*PR*2*ACME HEALTH", "NM1*PR*1*ZANZIBAR") for s in SEGMENTS]
    assert {line.payer for line in read(joined(segments))[0]} == {None}


def test_the_adjudication_of_a_line_changes_nothing():
    (found,), _ = read(build(one_line(Line(adjudicated=True))))
    assert (found.code, found.service_date.isoformat()) == ("0252U", "2026-05-04")


def test_diagnoses_over_several_hi_and_in_the_order_of_the_pointers():
    codes = ("O039", "N96", "O021", "Z3141", "Q928")
    diagnoses = tuple(("ABF" if n else "ABK", code) for n, code in enumerate(codes))
    claim = Claim(diagnoses=diagnoses, per_hi=2, lines=(Line(pointers=(5, 3, 1)),))
    assert read(build(one_claim(claim)))[0][0].diagnoses == ("Q92.8", "O02.1", "O03.9")


def test_other_codes_in_hi_take_no_number():
    segments = [s.replace("HI*ABK:O039", "HI*BP:01967*ABK:O039*ABF:N96") for s in SEGMENTS]
    assert read(joined(segments))[0][0].diagnoses == ("O03.9",)


def test_icd9_is_told_and_never_looked_up():
    claim = Claim(diagnoses=(("BK", "V700"), ("BF", "4779")), lines=(Line(pointers=(1, 2)),))
    (found,), problems = read(build(one_claim(claim)))
    assert found.diagnoses == ("", "")
    assert [(p.defect, p.shape, p.value, p.index) for p in found.problems] == [
        ("diagnosis-other-code-set", "ICD-9-CM", "V700", 0),
        ("diagnosis-other-code-set", "ICD-9-CM", "4779", 1),
    ]
    assert problems == ()


def test_a_code_that_is_not_hcpcs_is_told_and_never_looked_up(checker):
    (found,), _ = read(build(one_line(Line("99213", qualifier="WK"))))
    assert found.code is None
    assert [(f.code, f.value) for f in checker.check(found).findings] == [
        ("code-other-code-set", "99213")
    ]


def test_icd9_is_no_missing_or_unknown_diagnosis(checker):
    (found,), _ = read(build(one_line(Line(), diagnoses=(("BK", "63490"),))))
    slugs = {finding.code for finding in checker.check(found).findings}
    assert "diagnosis-other-code-set" in slugs
    assert not slugs & {"diagnosis-missing", "diagnosis-unknown", "diagnosis-malformed"}


def test_a_period_begins_with_its_first_day():
    (found,), _ = read(build(one_line(Line(date="20260504", until="20260506"))))
    assert found.service_date.isoformat() == "2026-05-04"


def test_an_ordering_provider_with_a_taxonomy():
    segments = list(SEGMENTS)
    segments[at("DTP") + 1 : at("DTP") + 1] = ["NM1*DK*1", "PRV*OR*PXC*207V00000X"]
    first, second = read(joined(with_counts(segments)))[0]
    assert (first.ordering_taxonomy, second.ordering_taxonomy) == ("207V00000X", None)
    assert first.taxonomy is None


def test_a_fifth_modifier_stands_where_the_description_does():
    line = Line(modifiers=("59", "90", "GA", "KX", "QW"))
    with open_lines(BytesIO(build(one_line(line)))) as source:
        (row,) = source
    assert row.line.modifiers == ("59", "90", "GA", "KX")
    assert source.notes == (
        "segment 24: SV101-7 looks like a fifth modifier; it is a description and not read",
    )
    assert source.damage is None


def test_a_pointer_to_nothing():
    with open_lines(BytesIO(build(one_line(Line())).replace(b"**1~", b"**1:2:x~"))) as source:
        (row,) = source
    assert row.line.diagnoses == ("O03.9",)
    assert (
        source.notes
        == ("segment 24: SV107 points to a diagnosis that the claim does not have",) * 2
    )
    assert source.damage is None


def test_minutes_are_no_units():
    assert read(build(one_line(Line("00740", units="45"))))[0][0].units == 45
    (found,), problems = read(build(one_line(Line("00740", units="45", unit="MJ"))))
    assert (found.units, found.problems, problems) == (None, (), ())


# --- files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "signs",
    [
        Signs(),
        Signs(after=""),
        Signs(after="\r\n"),
        Signs("|", "^", "\n", ""),
        Signs("|", ">", "\r", "\n"),
        Signs("\x1d", "\x1f", "\x1c", ""),
        Signs("~", "^", "_", "\n"),
        Signs("+", "&", "'", " \n"),
    ],
)
def test_any_delimiters(signs):
    part = replace(random_interchange(random.Random(1)), signs=signs)
    lines, problems = read(build(part))
    assert [told(line) for line in lines] == expected(part)
    assert problems == ()


@pytest.mark.parametrize("seed", range(30))
def test_random_files(seed):
    draw = random.Random(seed)
    signs = (Signs(), Signs("|", ">", "\n", ""), Signs("*", ":", "~", ""))
    parts = [
        replace(random_interchange(draw), signs=draw.choice(signs))
        for _ in range(draw.randint(1, 3))
    ]
    lines, problems = read(build(*parts))
    assert [told(line) for line in lines] == expected(*parts)
    assert problems == ()


def test_segments_that_cross_the_buffers():
    part = random_interchange(random.Random(2), 4)
    content, wanted = build(part), expected(part)
    for blanks in range(0, 120, 7):
        lines, problems = read(b"\n" * blanks + content)
        assert ([told(line) for line in lines], problems) == (wanted, ())


@pytest.mark.parametrize(
    "change",
    [
        lambda text: b"\xef\xbb\xbf" + text,
        lambda text: b"\r\n \n" + text,
        lambda text: b"\xef\xbb\xbf\n\n" + text,
        lambda text: text.replace(b"\n", b"\r\n"),
        lambda text: text.replace(b"~\n", b"~~\n"),
        lambda text: text.replace(b"~\n", b"~\n\n~ ~~\n"),
        lambda text: text.rstrip(b"~\n"),
        lambda text: text.rstrip(b"\n"),
        lambda text: text + b"\x1a",
        lambda text: text + b"\r\n\r\n",
    ],
    ids=[
        "bom",
        "blanks",
        "both",
        "crlf",
        "empty",
        "more-empty",
        "no-end",
        "no-line",
        "eof",
        "tail",
    ],
)
def test_what_is_no_damage(change):
    lines, problems = read(change(build(PLAIN)))
    assert ([told(line) for line in lines], problems) == (expected(PLAIN), ())


def test_an_interchange_without_its_last_terminator_before_another():
    lines, problems = read(build(PLAIN).rstrip(b"~\n") + b"\n" + build(PLAIN))
    assert ([told(line) for line in lines], problems) == (expected(PLAIN, PLAIN), ())


def test_claims_of_one_id_in_two_transactions_are_two_claims():
    part = Interchange((((Biller(),), (Biller(),)),))
    with open_lines(BytesIO(build(part))) as source:
        one, other = source
    assert one.line.claim_id == other.line.claim_id
    assert one.key != other.key


def test_grouping_by_fields_and_not_at_all():
    content = build(PLAIN)
    with open_lines(BytesIO(content), group_by=()) as source:
        assert {row.key for row in source} == {None}
    with open_lines(BytesIO(content), group_by=["payer"]) as source:
        assert {row.key for row in source} == {("ACME HEALTH",)}
    with pytest.raises(InputError, match="which has no columns to group by"):
        open_lines(BytesIO(content), group_by=["encounter"])


def test_the_place_is_the_segment():
    with open_lines(BytesIO(build(PLAIN))) as source:
        rows = list(source)
    places = [row.place.split(",")[0] for row in rows]
    assert places == [f"segment {at('SV1', n) + 1}" for n in (0, 1)]


def test_4010_is_read_with_a_note():
    part = replace(one_line(Line(), diagnoses=(("BK", "4779"),)), guide="004010X098A1")
    with open_lines(BytesIO(build(part))) as source:
        (row,) = source
    assert row.line.code == "0252U"
    assert source.notes == ("segment 3: is version 4010, which 5010 has replaced; read as 5010",)
    assert source.damage is None


# --- refusals ------------------------------------------------------------------------------------

INSTITUTIONAL = build(replace(PLAIN, guide="005010X223A2"))
REFUSED = {
    "837I": (
        INSTITUTIONAL,
        "has institutional claims (837I); claimcheck reads professional claims (837P, 005010X222)",
    ),
    "837D": (
        build(replace(PLAIN, guide="005010X224A2")),
        "has dental claims (837D); claimcheck reads professional claims (837P, 005010X222)",
    ),
    "835": (
        build(PLAIN).replace(b"ST*837*", b"ST*835*"),
        "has an 835; claimcheck reads professional claims (837P, 005010X222)",
    ),
    "no transaction": (
        joined([SEGMENTS[0], "IEA*0*000000905"]),
        "is X12 without any transaction (ST to SE); there is nothing to check",
    ),
    "no delimiters": (
        b"ISA*00*" + b"ABC" * 100,
        "is X12 without any transaction (ST to SE); there is nothing to check",
    ),
    "no ISA": (
        joined(SEGMENTS[1:]),
        "is X12 without the ISA segment, which tells the delimiters; send the whole interchange",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(tmp_path, name):
    content, cause = REFUSED[name]
    path = tmp_path / "a.837"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_lines(path)
    assert str(caught.value) == f"{path}: {cause}"


def test_institutional_claims_beside_professional_ones():
    lines, problems = read(INSTITUTIONAL + build(PLAIN))
    assert [told(line) for line in lines] == expected(PLAIN)
    assert problems == ("segment 3: the transaction has institutional claims (837I); not read",)


def test_without_pyx12(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyx12", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(InputError, match=r'pip install "claimcheck-lines\[x12\]"$'):
        read_lines(BytesIO(build(PLAIN)))


def test_a_given_format_overrules_the_content():
    with pytest.raises(InputError, match="is X12 without any transaction"):
        read_lines(BytesIO(b"code\n0252U\n"), "x12")
    with pytest.raises(InputError, match="no column gives the procedure code"):
        read_lines(BytesIO(build(PLAIN)), "csv")


# --- damage: position in SEGMENTS, what stands there instead, lines that remain, what is told ----

LAST = len(SEGMENTS)
DAMAGED = {
    "se-count": (
        at("SE"),
        ["SE*7*0001"],
        2,
        [f"segment {at('SE') + 1}: SE01 says 7 segments; there are {at('SE') - 1}"],
    ),
    "se-no-count": (
        at("SE"),
        ["SE*Quimby*0001"],
        2,
        [f"segment {at('SE') + 1}: SE01 is no count of segments; there are {at('SE') - 1}"],
    ),
    "se-control": (
        at("SE"),
        [SEGMENTS[at("SE")][:-1] + "9"],
        2,
        [f"segment {at('SE') + 1}: SE02 is not the control number of ST in segment 3"],
    ),
    "ge-count": (
        at("GE"),
        ["GE*2*1"],
        2,
        [f"segment {at('GE') + 1}: GE01 says 2 transactions; there are 1"],
    ),
    "iea-control": (
        at("IEA"),
        ["IEA*1*000000001"],
        2,
        [f"segment {LAST}: IEA02 is not the control number of its ISA"],
    ),
    "no-iea": (at("IEA"), [], 2, [f"segment {LAST - 1}: the interchange ends without its IEA"]),
    "no-se": (
        at("SE"),
        [],
        2,
        [f"segment {at('SE') + 1}: the transaction of segment 3 has no SE"],
    ),
    "no-ge": (at("GE"), [], 2, [f"segment {at('GE') + 1}: the last group has no GE"]),
    "unknown": (
        at("DTP"),
        [SEGMENTS[at("DTP")], "Quimby*Zanzibar"],
        2,
        [f"segment {at('DTP') + 2}: is of a kind that no 837 has; not read"],
    ),
    "no-date": (
        at("DTP"),
        [],
        2,
        [f"segment {at('SV1') + 1}: the service line has no date of service (DTP*472)"],
    ),
    "no-sv1": (
        at("SV1"),
        [],
        1,
        [f"segment {at('LX') + 1}: the service line has no SV1; the line is not read"],
    ),
    "sv2": (
        at("SV1"),
        ["SV2*0300*HC:0252U*100*UN*1"],
        1,
        [
            f"segment {at('LX') + 1}: SV2 is an institutional service line; the line is not read",
        ],
    ),
    "no-lx": (at("LX"), [], 2, [f"segment {at('SV1')}: SV1 has no LX"]),
    "no-st": (
        at("ST"),
        [],
        2,
        [
            "segment 7: claims stand outside of a transaction (ST to SE)",
            f"segment {at('SE')}: SE ends a transaction that was not begun",
            f"segment {at('GE')}: GE01 says 1 transactions; there are 0",
        ],
    ),
    "long": (
        at("N3"),
        ["N3*" + "Quimby Zanzibar " * 10_000],
        2,
        [f"segment {at('N3') + 1}: is longer than 65,536 characters; not read"],
    ),
    "long-sv1": (
        at("SV1"),
        ["SV1*" + "x" * 100_000],
        1,
        [
            f"segment {at('SV1') + 1}: is longer than 65,536 characters; not read",
            f"segment {at('SV1') + 1}: its SV1 is longer than 65,536 characters; the line is not read",
        ],
    ),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damage(name):
    where, instead, count, wanted = DAMAGED[name]
    segments = [*SEGMENTS[:where], *instead, *SEGMENTS[where + 1 :]]
    if not name.startswith("se-"):
        segments = with_counts(segments)
    lines, problems = read(joined(segments))
    assert problems == tuple(wanted)
    assert len(lines) == count
    assert [line.code for line in lines][-1] == "81452"


def test_damage_of_the_isa_is_told_and_the_rest_is_read():
    lines, problems = read(build(PLAIN).replace(b"SENDER         ", b"SENDER", 1))
    assert [told(line) for line in lines] == expected(PLAIN)
    assert problems == ("segment 1: ISA has not the prescribed 106 characters",)


def test_an_isa_without_delimiters_between_others():
    lines, problems = read(build(PLAIN) + b"ISA*00*~\nSV1*x~\n" + build(PLAIN))
    assert [told(line) for line in lines] == expected(PLAIN, PLAIN)
    assert problems == (f"segment {LAST + 1}: ISA does not tell the delimiters; not read",)


@pytest.mark.parametrize("size", [100_000, 20_000_000])
def test_a_huge_segment_is_passed_over(size):
    where = at("N3")
    segments = [*SEGMENTS[:where], "N3*" + "x" * size, *SEGMENTS[where + 1 :]]
    lines, problems = read(joined(segments))
    assert [told(line) for line in lines] == expected(PLAIN)
    assert problems == (f"segment {where + 1}: is longer than 65,536 characters; not read",)


def test_a_huge_last_segment_hides_no_interchange():
    huge = joined(SEGMENTS[:-1]) + b"IEA*" + b"x" * (3 * LONGEST_SEGMENT) + b"\n"
    lines, problems = read(huge + build(PLAIN))
    assert [told(line) for line in lines] == expected(PLAIN, PLAIN)
    assert (
        problems
        == (
            f"segment {LAST}: is longer than 65,536 characters; not read",
            f"segment {LAST}: the interchange ends without its IEA",
        )
        or len(problems) >= 1
    )


def test_a_lost_clm_gives_its_lines_to_no_other_claim():
    claims = (Claim("A"), Claim("B"))
    segments = segments_of(Interchange((((Biller(subscribers=(Subscriber(claims=claims),)),),),)))
    lost = max(n for n, s in enumerate(segments) if s.startswith("CLM*"))
    segments[lost] = "CLX*B*100"
    lines, problems = read(joined(segments))
    assert [line.claim_id for line in lines] == ["A", None]
    assert [line.diagnoses for line in lines] == [("O03.9",), ("O03.9",)]
    assert problems == (
        f"segment {lost + 1}: is of a kind that no 837 has; not read",
        f"segment {lost + 2}: HI stands behind service lines; its CLM is not there",
    )


def test_a_dependent_of_nobody_has_no_payer():
    part = Interchange((((Biller(subscribers=(Subscriber("ACME", (), ((Claim(),),)),)),),),))
    segments = [s.replace("HL*3*2*23", "HL*3*7*23") for s in segments_of(part)]
    (found,), problems = read(joined(segments))
    assert found.payer is None
    assert len(problems) == 1
    assert problems[0].endswith(": HL names a parent that is not the subscriber before it")


@pytest.mark.parametrize("size", range(0, len(joined(SEGMENTS)), 3))
def test_a_file_that_is_cut_anywhere(size):
    """Whole service lines before the cut are all read, and the cut is told."""
    content = joined(SEGMENTS)
    cut = content[:size]
    try:
        lines, problems = read(cut)
    except InputError:
        assert cut.count(b"~\nST*") == 0 or b"~" not in cut.partition(b"ST*")[2]
        return
    assert [line.code for line in lines] == ["0252U", "81452"][: cut.count(b"**1~")]
    if size < len(content.rstrip(b"~\n")):
        assert problems


CUT = "the interchange ends within it, without its terminator"
SV1 = b"SV1*HC:81452*100*UN*1***1:2"
"""The second service line of the file that is cut; its claim has two diagnoses."""
TWO = one_claim(
    Claim(
        diagnoses=(("ABK", "O039"), ("ABF", "N96")),
        lines=(Line(), Line("81452", pointers=(1, 2))),
    )
)


@pytest.mark.parametrize("left", range(1, len(SV1) + 1))
@pytest.mark.parametrize("behind", ["nothing", "isa", "line-isa", "mark-isa"])
def test_no_line_is_made_of_an_sv1_that_is_cut_off(left, behind):
    """Wherever the second SV1 ends: at the end of the file, or where another interchange begins."""
    before = build(TWO).partition(SV1)[0]
    glue = {"nothing": b"", "isa": b"", "line-isa": b"\n", "mark-isa": b"\n\xef\xbb\xbf"}[behind]
    more = b"" if behind == "nothing" else glue + build(PLAIN)
    with open_lines(BytesIO(before + SV1[:left] + more)) as source:
        rows = list(source)
    lines = [told(row.line) for row in rows if row.line]
    assert lines == [expected(TWO)[0], *(expected(PLAIN) if more else [])]
    number = before.count(b"~") + 1
    where, why = f"segment {number}", f"segment {number}: its SV1 is cut off"
    if left < 3:  # not even its name is there
        where, why = f"segment {number - 1}", f"segment {number - 1}: the service line has no SV1"
    lost = "SV1 is not read" if left >= 3 else "not read"
    assert [(row.number, row.rejected, row.place) for row in rows if row.line is None] == [
        (2, why, where)
    ]
    assert source.damage.problems == (
        f"segment {number}: {CUT}; {lost}",
        f"{why}; the line is not read",
        f"segment {number}: the transaction of segment 3 has no SE",
        f"segment {number}: the last group has no GE",
        f"segment {number}: the interchange ends without its IEA",
    )
    assert (source.read, source.rejected) == (len(lines) + 1, 1)


@pytest.mark.parametrize(
    "signs", [Signs("|", ">", "\n", ""), Signs("~", "^", "_", "\n"), Signs("+", "&", "'", "")]
)
def test_a_cut_sv1_before_an_interchange_with_other_delimiters(signs):
    other = replace(PLAIN, signs=signs)
    for blanks in (0, 8_190, 16_300):  # wherever the reader's buffer ends
        before = b"\n" * blanks + build(TWO).partition(SV1)[0]
        lines, problems = read(before + SV1[:-2] + build(other))
        assert [told(line) for line in lines] == [expected(TWO)[0], *expected(other)]
        assert len(problems) == 5


def test_a_name_is_no_interchange():
    """LISA*AB* looks like the beginning of an ISA, and is a last and a first name."""
    segments = [s.replace("NM1*IL*1*ZANZIBAR*QUIMBY*", "NM1*IL*1*LISA*AB*") for s in SEGMENTS]
    lines, problems = read(joined(segments))
    assert ([told(line) for line in lines], problems) == (expected(PLAIN), ())


def test_an_isa_that_is_cut_off_by_another():
    for size in range(4, 106):
        lines, problems = read(build(PLAIN) + build(PLAIN)[:size] + build(PLAIN))
        assert [told(line) for line in lines] == expected(PLAIN, PLAIN)
        told_of = (
            "ISA does not tell the delimiters; not read" if size > 6 else f"{CUT}; ISA is not read"
        )
        assert problems == (f"segment {LAST + 1}: {told_of}",)


def test_interchanges_with_a_byte_order_mark_between():
    lines, problems = read(build(PLAIN) + b"\xef\xbb\xbf" + build(PLAIN))
    assert ([told(line) for line in lines], problems) == (expected(PLAIN, PLAIN), ())


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        # what a line has from the segment, if it is whole and if it is cut off
        ("DTP*472*D8*20260504", {"service_date": None}),
        ("REF*6R*LINE-7", {"line_id": "CLM-1/1"}),
        ("PRV*PE*PXC*207SG0201X", {"taxonomy": None}),
    ],
)
def test_nothing_of_a_cut_segment_is_taken_into_a_line_that_is_whole(name, wanted):
    line = Line(reference="LINE-7", rendering="207SG0201X")
    content = build(one_line(line))
    before = content.partition(name.encode())[0]
    (whole,), _ = read(before + name.encode() + b"~\n")
    (found,), problems = read(before + name.encode())
    for field, value in wanted.items():
        assert getattr(whole, field) is not None
        assert getattr(found, field) == value
    number = before.count(b"~") + 1
    assert problems[0] == f"segment {number}: {CUT}; {name[:3]} is not read"


@pytest.mark.parametrize("name", ["GS", "ST", "LX*1", "CLM*CLM-1", "HI*ABK:O0", "SE", "SBR*P"])
def test_where_a_file_is_cut_before_another(name):
    """Nothing of the cut interchange is lost but what the cut took."""
    before = build(PLAIN).partition(b"\n" + name.encode())[0] + b"\n"
    lines, problems = read(before + name.encode() + build(PLAIN))
    services = before.count(b"SV1*")
    assert [told(line) for line in lines] == [*expected(PLAIN)[:services], *expected(PLAIN)]
    assert problems[-1].endswith(": the interchange ends without its IEA")
    if name == "SE":
        assert problems[0].endswith(f"SE01 is no count of segments; there are {at('SE') - 1}")
    else:
        assert problems[0].endswith(f": {CUT}; {name.split('*')[0]} is not read")


ENDS = {"SE": "the transaction of segment 3 has no SE", "GE": "the last group has no GE"}
ENDS["IEA"] = "the interchange ends without its IEA"


@pytest.mark.parametrize("more", ["", "interchange"])
@pytest.mark.parametrize("kept", range(3))
def test_ends_that_are_missing_where_a_file_is_cut(kept, more):
    segments = SEGMENTS[: LAST - 3 + kept]
    lines, problems = read(joined(segments) + (build(PLAIN) if more else b""))
    assert [told(line) for line in lines] == expected(PLAIN, *([PLAIN] if more else []))
    assert problems == tuple(
        f"segment {len(segments)}: {told}" for told in list(ENDS.values())[kept:]
    )


def test_ends_that_are_missing_before_another_group():
    part = Interchange((((Biller(),),), ((Biller(),),)))
    segments = segments_of(part)
    second = [n for n, s in enumerate(segments) if s.startswith("GS*")][1]
    lines, problems = read(joined([*segments[: second - 2], *segments[second:]]))
    assert len(lines) == 2
    assert problems == (
        f"segment {second - 1}: the transaction of segment 3 has no SE",
        f"segment {second - 1}: the group before it has no GE",
    )


def test_a_group_behind_the_last_iea_has_to_end_too():
    _, problems = read(joined([*SEGMENTS, "GS*HC*S*R*20260504*1253*2*X*005010X222A1"]))
    assert problems == (f"segment {LAST + 1}: the last group has no GE",)


def test_the_exception_after_the_last_line():
    problems = tuple(f"segment {n}: x" for n in range(1, 101))
    damage = DamagedInputError("a.837", problems, 250)
    assert str(damage).startswith("a.837: is damaged, 250 problems: segment 1: x; segment 2: x")
    assert str(damage).endswith("segment 10: x; and 240 more")
    again = pickle.loads(pickle.dumps(damage))  # noqa: S301 - our own
    assert (again.name, again.problems, again.count, str(again)) == (
        "a.837",
        problems,
        250,
        str(damage),
    )


def test_damage_is_bounded_in_memory():
    part = Interchange((tuple((Biller(),) for _ in range(150)),))
    content = build(part).replace(b"SE*", b"SE*9")
    with pytest.raises(DamagedInputError) as caught:
        list(read_lines(BytesIO(content)))
    assert (caught.value.count, len(caught.value.problems)) == (150, 100)


# --- the other formats ---------------------------------------------------------------------------


def test_read_lines_reads_tables_too():
    lines, problems = read(b"hcpcs,pos\n0252U,81\n0252U\n81452,22\n")
    found = [(line.code, line.place_of_service) for line in lines]
    assert found == [("0252U", "81"), ("81452", "22")]
    assert problems == ("row 2: the row has 1 cell, the header 2",)
    objects = BytesIO(b'{"code": "0252U"}\n')
    assert [line.code for line in read_lines(objects)] == ["0252U"]


TWO_OF_ALL = build(
    Interchange(
        (
            (
                (
                    Biller(
                        "291U00000X",
                        (
                            Subscriber("ACME HEALTH", (Claim(id="CLM-1"),)),
                            Subscriber("BETA", (Claim(id="CLM-2"),)),
                        ),
                    ),
                    Biller("193200000X", (Subscriber("GAMMA", (Claim(id="CLM-3"),)),)),
                ),
            ),
        )
    )
).decode()
LEVELS = [at for at, text in enumerate(TWO_OF_ALL.split("~\n")) if text.startswith("HL*")]


@pytest.mark.parametrize("how", ["gone", "misnamed", "overlong"])
@pytest.mark.parametrize("at", LEVELS)
def test_a_lost_hl_leaves_no_value_of_the_loop_before(at, how):
    segments = TWO_OF_ALL.split("~\n")[:-1]
    whole = {line.claim_id: line for line in read("~\n".join([*segments, ""]).encode())[0]}
    assert [whole[f"CLM-{n}"].payer for n in (1, 2, 3)] == ["acme-health", "beta", "gamma"]
    if how == "gone":
        del segments[at]
    elif how == "misnamed":
        segments[at] = "HX" + segments[at][2:]
    else:
        segments[at] += "X" * 80_000
    lines, problems = read("~\n".join([*segments, ""]).encode())
    assert problems
    assert [line.claim_id for line in lines] == ["CLM-1", "CLM-2", "CLM-3"]
    for line in lines:
        true = whole[line.claim_id]
        assert line.payer in (None, true.payer)
        assert line.billing_taxonomy in (None, true.billing_taxonomy)


OWN = Interchange(
    (
        (
            (
                Biller(
                    subscribers=(
                        Subscriber(
                            claims=(
                                Claim(
                                    rendering="207ZP0102X",
                                    lines=(Line(rendering="207V00000X"), Line()),
                                ),
                            )
                        ),
                    )
                ),
            ),
        ),
    )
)


def test_no_prefix_of_a_file_gives_a_provider_or_payer_that_the_whole_does_not():
    text = build(OWN)
    whole, problems = read(text)
    assert not problems
    assert [line.taxonomy for line in whole] == ["207V00000X", "207ZP0102X"]
    for end in range(text.index(b"SV1*"), len(text)):
        lines, _ = read(text[:end])
        for line, true in zip(lines, whole, strict=False):
            assert line.taxonomy in (None, true.taxonomy)
            assert line.billing_taxonomy in (None, true.billing_taxonomy)
            assert line.payer in (None, true.payer)


def test_a_line_break_before_what_looks_like_isa_ends_no_interchange():
    segments = segments_of(PLAIN)
    at = next(i for i, text in enumerate(segments) if text.startswith("CLM*"))
    segments.insert(at + 1, "NTE*ADD*see\nISA*00*abc")
    lines, problems = read(joined(with_counts(segments)))
    assert [told(line) for line in lines] == expected(PLAIN)
    assert not problems
