"""Lines of generated files against x12sdk, which reads a transaction into a tree of validated models.

It takes every shape that ``random_interchange`` draws, repeated HI among them, and lacks no field that is
compared; composites but HI's and ranges of dates come as text, and are split here. x12sdk 2.2 misreads two
valid shapes, which therefore are not drawn for it:

- a subscriber with claims of their own and with dependents (CLM below an HL whose HL04 is 1): it gives these
  claims to the dependent read last, of whatever subscriber, and fails where there was none;
- a segment terminator that is a line feed, or is followed by a carriage return: it drops line feeds, and
  them alone, before it looks for the terminator.

It refuses a subscriber without a payer and a line without a date, as its guide does; neither is drawn.
"""

from __future__ import annotations

import random
from collections import Counter
from io import BytesIO

import pytest

pytest.importorskip("x12sdk")
from x12sdk.generate import generate_837p
from x12sdk.io import X12ModelReader

from claimcheck.io import read_lines

from .x12_files import Signs, build, expected, random_interchange, replace, told

SIGNS = (Signs(), Signs("|", ">", "~", ""), Signs("+", "<", "'", "\n"))
LISTS = ("ABK", "ABF", "BK", "BF")
HI = [f"health_care_code_{number}" for number in range(1, 13)]


def by_models(content: bytes, component: str) -> list[dict]:
    """The lines of a file, each with what its loops in the models say."""
    with X12ModelReader(content.decode()) as reader:
        return [
            _line(line, claim, subscriber, biller, component)
            for transaction in reader.models()
            for biller in transaction.loop_2000a
            for subscriber in biller.loop_2000b
            for patient in (subscriber, *(subscriber.loop_2000c or ()))
            for claim in patient.loop_2300 or ()
            for line in claim.loop_2400
        ]


def _line(line, claim, subscriber, biller, component):
    service = line.sv1_segment
    procedure = service.product_service_id_qualifier.split(component)
    pointers = service.composite_diagnosis_code_pointer.split(component)
    codes = [getattr(segment, name) for segment in claim.hi_segment for name in HI]
    diagnoses = [code for code in codes if code and code[0] in LISTS]
    claim_id = claim.clm_segment.patient_control_number
    references = [
        segment.reference_identification
        for segment in line.ref_segment
        if segment.reference_identification_qualifier == "6R"
    ]
    (date,) = (
        segment.date_time_period
        for segment in line.dtp_segment
        if segment.date_time_qualifier == "472"
    )
    place = claim.clm_segment.health_care_service_location_information.split(component)[0]
    payer = subscriber.loop_2010bb.nm1_segment.name_last_or_organization_name
    return {
        "line_id": references[0] if references else f"{claim_id}/{line.lx_segment.assigned_number}",
        "claim_id": claim_id,
        "code": procedure[1],
        "modifiers": tuple(procedure[2:6]),
        "place_of_service": service.place_of_service_code or place,
        "diagnoses": tuple(_dotted(*diagnoses[int(pointer) - 1]) for pointer in pointers),
        "taxonomy": _taxonomy(line.loop_2420a) or _taxonomy(claim.loop_2310b),
        "billing_taxonomy": _taxonomy(biller),
        "payer": payer.lower().replace(" ", "-"),
        "service_date": _day(date),
        "units": None
        if service.unit_basis_measurement_code == "MJ"
        else float(service.service_unit_count),
    }


def _taxonomy(loop):
    provider = loop and loop.prv_segment
    return provider.reference_identification if provider else None


def _dotted(kind, code):
    if kind in ("BK", "BF"):
        return ""
    return f"{code[:3]}.{code[3:]}" if len(code) > 3 else code


def _day(date):
    if isinstance(date, str):  # a range, or its start
        return f"{date[:4]}-{date[4:6]}-{date[6:8]}"
    return date.isoformat()


def compared(seed: int) -> list[dict]:
    """The lines of a generated file, once both readers and the generator agree on every field."""
    signs = SIGNS[seed % len(SIGNS)]
    part = replace(random_interchange(random.Random(seed), 3), signs=signs)
    lines = [told(line) for line in read_lines(BytesIO(build(part)))]
    assert lines == by_models(build(part), signs.component)
    assert lines == expected(part)
    return lines


@pytest.mark.parametrize("seed", range(3))
def test_a_few_files(seed):
    assert compared(seed)


@pytest.mark.oracle
def test_ten_thousand_lines():
    lines: list[dict] = []
    seed = 500
    while len(lines) < 10_000:
        lines += compared(seed)
        seed += 1
    codes = Counter(line["code"] for line in lines)
    assert min(codes["0252U"], codes["81452"]) > 1_000
    modifiers = {modifier for line in lines for modifier in line["modifiers"]}
    assert modifiers >= {"90", "91", "QW", "TC"}


@pytest.mark.oracle
def test_files_that_it_generates_itself():
    lines: list[dict] = []
    for seed in range(30):
        content = generate_837p(seed=seed, claims=20).encode()
        told_here = [told(line) for line in read_lines(BytesIO(content))]
        assert told_here == by_models(content, ":")
        lines += told_here
    assert len(lines) > 1_000
