"""Mutated 837P files: no crash, no hang, no readable service line is lost, none is made of a cut segment."""

from __future__ import annotations

import random
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("pyx12")

from claimcheck.errors import InputError
from claimcheck.io import open_lines

from .x12_files import build, joined, random_interchange, segments_of

BLANKS = b"\r\n\t \x1a"
SEEDS = [segments_of(random_interchange(random.Random(seed), 1)) for seed in (3, 4, 11)]
FOLLOWING = build(random_interchange(random.Random(5), 1))
SERVICES = FOLLOWING.count(b"~\nSV1*")
BEHIND = st.sampled_from([None, None, b"", b"\n", b"\r\n\xef\xbb\xbf"])
SIGNS = st.sampled_from(
    [b"~", b"*", b":", b"\n", b"~~", b"HL*", b"SV1*", b"\x00", b"\xff", b"9", b""]
)
POOL = st.sampled_from(
    [
        *("HL*9*1*22*0", "CLM*X*1***81:B:1", "HI*ABK:N96", "LX*1", "LX*7", "SBR*P", "NM1*PR*2*X"),
        *("SV1*HC:0252U:80*1*UN*1***1", "DTP*472*D8*20260504", "PRV*PE*PXC*207V00000X", "N3*x"),
        *("REF*6R*7", "IEA*1*1", "Nd4*x", "*x", "SV2*1*HC:1", "GE*1*1", "SE*1*1", "SV1", "CLM"),
        *("DTP*472", "HI", ""),
    ]
)


@st.composite
def mutated(draw):
    """A file with some segments taken out, put in, moved or doubled, and some bytes changed."""
    segments = list(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(3, len(segments) - 1))
        change = draw(st.integers(0, 3))
        if change == 0:
            del segments[at]
        elif change == 1:
            segments.insert(at, draw(POOL))
        elif change == 2:
            segments.insert(at, segments[draw(st.integers(3, len(segments) - 1))])
        else:
            segments[at] = draw(POOL)
        if len(segments) < 5:
            break
    text = "".join(segment + "~\n" for segment in segments).encode("latin-1")
    head = len("".join(segment + "~\n" for segment in segments[:3]))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(head, len(text)))
        text = text[:at] + draw(SIGNS) + text[at + draw(st.integers(0, 3)) :]
    return text[: draw(st.sampled_from([len(text), len(text), draw(st.integers(0, len(text)))]))]


def check(text: bytes, behind: bytes | None = None) -> None:
    """What holds for every file, whatever is wrong with it: no line is lost, none is of a cut segment.

    ``behind`` stands between the file and a whole one that follows; None if none does.
    """
    *whole, cut = [segment.strip(BLANKS) for segment in text.split(b"~")]
    services = sum(segment.startswith(b"SV1*") or segment == b"SV1" for segment in whole)
    if len(text) < 107:  # no whole ISA: it may not even be X12
        behind = None
    if behind is not None:
        services += SERVICES
        text += behind + FOLLOWING
    begun = [segment for segment in whole if segment.startswith(b"ST")]
    try:
        source = open_lines(BytesIO(text))
        rows = list(source)
    except InputError:
        assert behind is None
        assert not whole or not any(segment.startswith(b"ST*837*") for segment in whole)
        return
    read = sum(row.line is not None for row in rows)
    # A transaction that says to hold something else is passed over.
    if all(segment.endswith(b"*005010X222A1") and b"*837*" in segment for segment in begun):
        assert read == services
    if cut and not cut.startswith((b"IEA", b"ISA")):
        assert source.damage is not None
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    if read < len(rows):
        assert source.damage is not None


@settings(max_examples=300, deadline=2000, suppress_health_check=list(HealthCheck))
@given(mutated(), BEHIND)
def test_some_mutated_files(text, behind):
    check(text, behind)


@settings(max_examples=300, deadline=2000, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(SEEDS), st.integers(0, 1_000_000), BEHIND)
def test_some_files_cut_anywhere(segments, size, behind):
    text = joined(segments)
    check(text[: size % len(text)], behind)


@pytest.mark.fuzz
@settings(max_examples=100_000, deadline=2000, suppress_health_check=list(HealthCheck))
@given(mutated(), BEHIND)
def test_many_mutated_files(text, behind):
    check(text, behind)


@settings(max_examples=100, deadline=2000)
@given(st.binary(max_size=300))
def test_anything_after_an_isa(text):
    head = build(random_interchange(random.Random(3), 1))[:107]
    try:
        list(open_lines(BytesIO(head + text)))
    except InputError as error:
        assert "the input:" in str(error)  # noqa: PT017 - most files are refused
