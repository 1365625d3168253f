"""From claim lines to an 837P file. Patients and identifiers are made up here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any


def file_of(lines: Iterable[dict[str, Any]]) -> str:
    """An 837P interchange of one transaction; lines of one claim stand together."""
    body = list(_transaction(lines))
    segments = [
        "ISA*00*          *00*          *ZZ*LABSENDER      *ZZ*CLEARINGHOUSE  "
        "*260511*0900*^*00501*000000001*0*T*:",
        "GS*HC*LABSENDER*CLEARINGHOUSE*20260511*0900*1*X*005010X222A1",
        *body,
        f"SE*{len(body) + 1}*0001",
        "GE*1*1",
        "IEA*1*000000001",
    ]
    return "".join(f"{segment}~\n" for segment in segments)


def _transaction(lines: Iterable[dict[str, Any]]) -> Iterator[str]:
    yield "ST*837*0001*005010X222A1"
    yield "BHT*0019*00*1*20260511*0900*CH"
    yield "NM1*41*2*EXAMPLE LABORATORY*****46*LABSENDER"
    yield "PER*IC*BILLING*TE*5555550100"
    yield "NM1*40*2*EXAMPLE CLEARINGHOUSE*****46*CLEARINGHOUSE"
    yield "HL*1**20*1"
    hierarchy = 1
    for claim_id, together in groupby(lines, key=lambda line: line["claim_id"]):
        claim = list(together)
        if hierarchy == 1:
            yield f"PRV*BI*PXC*{claim[0]['billing_taxonomy']}"
            yield "NM1*85*2*EXAMPLE LABORATORY*****XX*1234567893"
            yield "N3*1 EXAMPLE STREET"
            yield "N4*EXAMPLETOWN*NY*100010000"
            yield "REF*EI*123456789"
        hierarchy += 1
        yield f"HL*{hierarchy}*1*22*0"
        yield "SBR*P*18*******CI"
        yield "NM1*IL*1*PATIENT*EXAMPLE****MI*EXAMPLE0001"
        yield "NM1*PR*2*" + claim[0]["payer"].upper() + "*****PI*99999"
        yield from _claim(claim_id, claim)


def _claim(claim_id: str, claim: list[dict[str, Any]]) -> Iterator[str]:
    diagnoses = list(dict.fromkeys(code for line in claim for code in line["diagnoses"]))
    yield f"CLM*{claim_id}*{100 * len(claim)}***{claim[0]['place_of_service']}:B:1*Y*A*Y*Y"
    codes = [code.replace(".", "") for code in diagnoses]
    yield "*".join(["HI", f"ABK:{codes[0]}", *(f"ABF:{code}" for code in codes[1:])])
    yield "NM1*82*2*EXAMPLE LABORATORY*****XX*1234567893"
    yield f"PRV*PE*PXC*{claim[0]['taxonomy']}"
    for number, line in enumerate(claim, 1):
        procedure = ":".join(["HC", line["code"], *line["modifiers"]])
        pointers = ":".join(str(diagnoses.index(code) + 1) for code in line["diagnoses"])
        yield f"LX*{number}"
        yield f"SV1*{procedure}*100*UN*{line['units']}*{line['place_of_service']}**{pointers}"
        yield f"DTP*472*D8*{line['service_date']:%Y%m%d}"
        yield f"REF*6R*{line['line_id']}"
