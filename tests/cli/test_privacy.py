"""Nothing that is about a person leaves, whatever column, header or broken row it stands in."""

from __future__ import annotations

import json
import re

import pytest

from claimcheck.errors import InputError
from claimcheck.io import open_lines
from claimcheck.line import FIELDS

PLANTED = ("Quimby Zanzibar", "W123456789012", "1961-02-03")
TRACE = re.compile(r"quimby|zanzibar|W123456789012|1961-02-03|19610203|02/03/1961", re.I)
# An id that looks like an id is the caller's own and is repeated.
IDS = ("line_id", "claim_id")
FORMATS = ("text", "json", "jsonl", "csv", "html", "operation-outcome", "sarif")
GOOD = {
    "line_id": "1",
    "claim_id": "CLM-1",
    "code": "0252U",
    "modifiers": "80",
    "place_of_service": "81",
    "diagnoses": "O03.9",
    "taxonomy": "291U00000X",
    "billing_taxonomy": "291U00000X",
    "ordering_taxonomy": "207V00000X",
    "payer": "Aetna",
    "service_date": "2026-05-04",
    "units": "1",
    "conditions": "performed-by-reference-laboratory",
}


def lines_with_plants():
    for planted in PLANTED:
        for field in FIELDS:
            if not (field in IDS and planted.startswith("W")):
                yield {**GOOD, field: planted}


def table(delimiter=","):
    header = delimiter.join([*FIELDS, "Quimby Zanzibar", "W123456789012", "1961-02-03"])
    yield header
    for line in lines_with_plants():
        yield delimiter.join([*(line[field] for field in FIELDS), *PLANTED])
    planted = delimiter.join(PLANTED)
    yield planted
    yield f'"{planted}'
    yield f'"{PLANTED[0]}"x{delimiter}{planted}'
    yield delimiter.join([*GOOD.values(), *PLANTED, *PLANTED])
    yield delimiter.join([*GOOD.values(), PLANTED[0] + "\0", PLANTED[1], PLANTED[2]])


def objects():
    for line in lines_with_plants():
        yield json.dumps({**line, "Quimby Zanzibar": "x", "y": list(PLANTED)})
        field, planted = next((f, v) for f, v in line.items() if v in PLANTED)
        yield json.dumps({**line, field: [planted, {planted: planted}]})
    yield '{"Quimby Zanzibar": W123456789012'
    yield "Quimby Zanzibar"
    yield json.dumps(list(PLANTED))
    yield json.dumps({"code": "0252U", "cpt": "Quimby Zanzibar"})


def bytes_of(rows):
    return "".join(f"{row}\n" for row in rows).encode() + b"\xff,Quimby Zanzibar\n"


INPUTS = {
    "csv": bytes_of(table()),
    "semicolons": bytes_of(table(";")),
    "jsonl": bytes_of(objects()),
}


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("kind", INPUTS)
def test_in_every_format(run, tmp_path, kind, name):
    path = tmp_path / "lines"
    path.write_bytes(INPUTS[kind])
    out = tmp_path / "out"
    shown = run("check", path, "--format", name)
    assert shown.exit_code == 1, shown.stderr
    assert "reject" in shown.stdout or "Not read: " in shown.stdout
    written = run("check", path, "--format", name, "-o", out)
    for text in (shown.stdout, shown.stderr, written.stdout, written.stderr, out.read_text()):
        assert not TRACE.findall(text)


SEGMENTS = [
    "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260504*1200*^*00501"
    "*000000001*0*P*:",
    "GS*HC*SENDER*RECEIVER*20260504*1200*1*X*005010X222A1",
    "ST*837*0001*005010X222A1",
    "HL*1**20*1",
    "HL*2*1*22*0",
    "SBR*P*18*******CI",
    "NM1*IL*1*ZANZIBAR*QUIMBY****MI*W123456789012",
    "DMG*D8*19610203*F",
    "CLM*CLM-1*100***81:B:1*Y*A*Y*Y",
    "HI*ABK:O039",
    "LX*1",
    "SV1*HC:0252U:80*100*UN*1***1",
    "DTP*472*D8*20260504",
]
TRAILERS = ["SE*12*0001", "GE*1*1", "IEA*1*000000001"]
BESIDE = {
    "in a count": ["SE*Quimby Zanzibar*W123456789012", "GE*19610203*1", "IEA*1*000000001"],
    "in a segment of no 837": ["QUIMBY ZANZIBAR*W123456789012*19610203", *TRAILERS],
    "in a line without SV1": ["LX*2", "NTE*ADD*Quimby Zanzibar 1961-02-03", *TRAILERS],
    "where the file ends": ["LX*2", "SV1*HC:Quimby Zanzibar"],
    "in a transaction of another kind": ["ST*Quimby Zanzibar*W123456789012", *TRAILERS],
    "in a parent": ["HL*3*W123456789012*23*0", *TRAILERS],
}


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("where", BESIDE)
def test_damage_in_every_format(run, tmp_path, where, name):
    pytest.importorskip("pyx12")
    path = tmp_path / "a.837"
    path.write_bytes("~".join([*SEGMENTS, *BESIDE[where]]).encode() + b"~" * (where[-4:] != "ends"))
    shown = run("check", path, "--format", name)
    assert shown.exit_code == 2, shown.stderr
    assert "segment " in shown.stdout
    assert not TRACE.findall(shown.stdout + shown.stderr)
    run("batch", path, "-o", "out.parquet", "--report", "page.html")
    for written in ("out.parquet", "page.html"):
        assert not TRACE.search((tmp_path / written).read_bytes().decode("latin-1"))


@pytest.mark.parametrize(
    ("content", "options"),
    [
        (b"Quimby Zanzibar,W123456789012\n1961-02-03,x\n", []),
        (b"code,Quimby Zanzibar\n", ["--map", "Quimby Zanzibar=codes"]),
        (b"code,Quimby Zanzibar,Quimby Zanzibar\n", ["--map", "Quimby Zanzibar=line_id"]),
        (b"code\n", ["--map", "Quimby Zanzibar=line_id"]),
        (b"code\n", ["--map", "a=Quimby Zanzibar"]),
        (b'"Quimby Zanzibar\n1961-02-03\n', []),
        (b"Quimby Zanzibar\rW123456789012\r", []),
        (b"Quimby\0Zanzibar", []),
        (b"Quimby Zanzibar\n" * 3, ["--input-format", "jsonl"]),
        (b"code\nQuimby,Zanzibar\n", []),
    ],
)
def test_when_nothing_can_be_read(run, content, options):
    result = run("check", "-", *options, input=content)
    assert result.exit_code == 2
    assert not TRACE.findall(result.stdout + result.stderr)


def test_exceptions_of_the_readers(tmp_path):
    path = tmp_path / "a.csv"
    for content in (b"Quimby Zanzibar\n", b"code,cpt,Quimby Zanzibar\n"):
        path.write_bytes(content)
        with pytest.raises(InputError) as caught:
            open_lines(path)
        assert not TRACE.findall(repr(caught.value) + str(caught.value))
        assert caught.value.__cause__ is None


def test_a_source_and_its_rejected_rows_do_not_show_what_they_read(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(INPUTS["jsonl"])
    with open_lines(path) as source:
        rejected = [row for row in source if row.line is None]
    assert rejected
    assert not TRACE.findall(repr(rejected) + repr(source))
