"""Lines of generated files against pyx12's map reader, which finds the loops by its own maps."""

from __future__ import annotations

import random
from collections import Counter
from io import BytesIO, StringIO

import pytest

pytest.importorskip("pyx12")
import pyx12.error_handler
import pyx12.params
import pyx12.x12context

from claimcheck.io import read_lines

from .x12_files import build, expected, random_interchange, told

LISTS = ("ABK", "ABF", "BK", "BF")


def by_maps(content: bytes):
    """The lines of a file, from the loop path that the map reader gives each segment."""
    reader = pyx12.x12context.X12ContextReader(
        pyx12.params.params(), pyx12.error_handler.errh_null(), StringIO(content.decode())
    )
    seen: dict[str, object] = {}
    lines: list[dict] = []
    for node in reader.iter_segments():
        segment = node.seg_data
        name, path = segment.get_seg_id(), node.cur_path.split("/")
        loop = path[-2] if path[-1] == name or path[-1].startswith(name) else path[-1]

        def value(reference, segment=segment, name=name):
            return segment.get_value(f"{name}{reference}")

        if loop == "2000A" and name == "HL":
            seen = {"billing": None, "payer": None}
        elif loop == "2000A" and name == "PRV":
            seen["billing"] = value("03")
        elif loop == "2000B" and name == "HL":
            seen["payer"] = None
        elif loop == "2010BB" and name == "NM1":
            seen["payer"] = value("03")
        elif loop == "2300" and name == "CLM":
            seen |= {"claim": value("01"), "place": value("05-1"), "dx": [], "rendering": None}
        elif loop == "2300" and name == "HI":
            codes = [(value(f"{n:02}-1"), value(f"{n:02}-2")) for n in range(1, 13)]
            seen["dx"] += [pair for pair in codes if pair[0] in LISTS]
        elif loop == "2310B" and name == "PRV":
            seen["rendering"] = value("03")
        elif loop == "2400" and name == "LX":
            lines.append({"number": value("01"), **seen, "reference": None, "own": None})
        elif loop == "2400" and name == "SV1":
            modifiers = [value(f"01-{n}") for n in range(3, 7)]
            pointers = [value(f"07-{n}") for n in range(1, 5)]
            lines[-1] |= {
                "code": value("01-2"),
                "modifiers": tuple(filter(None, modifiers)),
                "units": value("04"),
                "minutes": value("03") == "MJ",
                "line place": value("05"),
                "pointers": [int(pointer) for pointer in pointers if pointer],
            }
        elif loop == "2400" and name == "DTP" and value("01") == "472":
            lines[-1]["date"] = value("03")[:8]
        elif loop == "2400" and name == "REF" and value("01") == "6R":
            lines[-1]["reference"] = value("02")
        elif loop == "2420A" and name == "PRV":
            lines[-1]["own"] = value("03")
    return list(map(_line, lines))


def _line(found):
    day = found["date"]
    codes = [found["dx"][pointer - 1] for pointer in found["pointers"]]
    return {
        "line_id": found["reference"] or f"{found['claim']}/{found['number']}",
        "claim_id": found["claim"],
        "code": found["code"],
        "modifiers": found["modifiers"],
        "place_of_service": found["line place"] or found["place"],
        "diagnoses": tuple(
            "" if kind in ("BK", "BF") else f"{code[:3]}.{code[3:]}" if len(code) > 3 else code
            for kind, code in codes
        ),
        "taxonomy": found["own"] or found["rendering"],
        "billing_taxonomy": found["billing"],
        "payer": None if found["payer"] is None else found["payer"].lower().replace(" ", "-"),
        "service_date": f"{day[:4]}-{day[4:6]}-{day[6:]}",
        "units": None if found["minutes"] else float(found["units"]),
    }


def compared(seed: int) -> list[dict]:
    """The lines of a generated file, once both readers and the generator agree on every field.

    Diagnoses over several HI, other payers and minutes are among what is drawn.
    """
    part = random_interchange(random.Random(seed), 3)
    lines = [told(line) for line in read_lines(BytesIO(build(part)))]
    assert lines == by_maps(build(part))
    assert lines == expected(part)
    return lines


@pytest.mark.parametrize("seed", range(3))
def test_a_few_files(seed):
    assert compared(seed)


@pytest.mark.oracle
def test_three_thousand_lines():
    lines: list[dict] = []
    seed = 100
    while len(lines) < 3_000:
        lines += compared(seed)
        seed += 1
    codes = Counter(line["code"] for line in lines)
    assert min(codes["0252U"], codes["81452"]) > 300
    assert {modifier for line in lines for modifier in line["modifiers"]} >= {
        "90",
        "91",
        "QW",
        "TC",
    }
