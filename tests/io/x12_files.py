"""837P files made up for tests: claims as data, and the text that says them.

``build`` writes claims, ``expected`` tells the lines that a reader must find in them; neither knows the
reader. ``random_files`` draws whole files, with laboratory codes and everything that a line can inherit.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

CODES = ("0252U", "0252U", "81452", "81479", "99213", "G0480", "88305")
MODIFIERS = ("80", "26", "TC", "59", "90", "91", "QW", "GA", "76", "XU")
ICD10 = ("O039", "N96", "O021", "Z3141", "C349", "C3411", "Q928", "O200", "R7309")
ICD9 = ("4779", "2724", "V700", "63490")
TAXONOMIES = ("291U00000X", "207V00000X", "207ZP0105X", "207SG0201X", "363L00000X")
PAYERS = ("ACME HEALTH", "Example Mutual", "NORTHERN STATES PLAN", "Aetna")


@dataclass(frozen=True)
class Line:
    """One service line; what is None is not written."""

    code: str = "0252U"
    modifiers: tuple[str, ...] = ()
    qualifier: str = "HC"
    place: str | None = None  # SV105
    units: str = "1"
    unit: str = "UN"  # SV103; MJ is minutes
    pointers: tuple[int, ...] = (1,)
    date: str | None = "20260504"
    until: str | None = None
    reference: str | None = None  # REF*6R
    rendering: str | None = None  # 2420A PRV
    adjudicated: bool = False  # 2430, with its own code and date


@dataclass(frozen=True)
class Claim:
    """One claim; a dependent stands in a loop 2000C of its own."""

    id: str = "CLM-1"
    place: str = "81"
    diagnoses: tuple[tuple[str, str], ...] = (("ABK", "O039"),)
    per_hi: int = 12
    rendering: str | None = None  # 2310B PRV
    other_payer: bool = False  # 2320, with names, dates and codes of its own
    lines: tuple[Line, ...] = (Line(),)


@dataclass(frozen=True)
class Subscriber:
    payer: str | None = "ACME HEALTH"
    claims: tuple[Claim, ...] = (Claim(),)
    dependents: tuple[tuple[Claim, ...], ...] = ()


@dataclass(frozen=True)
class Biller:
    taxonomy: str | None = "291U00000X"
    subscribers: tuple[Subscriber, ...] = (Subscriber(),)


@dataclass(frozen=True)
class Signs:
    element: str = "*"
    component: str = ":"
    end: str = "~"
    after: str = "\n"


@dataclass(frozen=True)
class Interchange:
    """Groups of transactions of billers."""

    groups: tuple[tuple[tuple[Biller, ...], ...], ...] = (((Biller(),),),)
    signs: Signs = field(default_factory=Signs)
    guide: str = "005010X222A1"
    control: str = "000000905"


def build(*parts: Interchange) -> bytes:
    """The text of interchanges, one after the other."""
    return "".join(text for part in parts for text in _written(part)).encode("latin-1")


def segments_of(part: Interchange) -> list[str]:
    """The segments of an interchange, without terminators."""
    end = part.signs.end + part.signs.after
    return "".join(_written(part)).split(end)[:-1]


def joined(segments: list[str], end: str = "~\n") -> bytes:
    """Segments as a file."""
    return "".join(segment + end for segment in segments).encode("latin-1")


def with_counts(segments: list[str]) -> list[str]:
    """The same with every SE01 put right, for tests that take segments out or add some."""
    right, begun = [], 0
    for number, segment in enumerate(segments):
        if segment.startswith("ST*"):
            begun = number
        if segment.startswith("SE*"):
            segment = f"SE*{number - begun + 1}*{segment.split('*')[2]}"
        right.append(segment)
    return right


def expected(*parts: Interchange) -> list[dict]:
    """The lines of interchanges, in order, as a reader must tell them."""
    return [
        _line(line, claim, subscriber, biller, number)
        for part in parts
        for group in part.groups
        for billers in group
        for biller in billers
        for subscriber in biller.subscribers
        for claim in (*subscriber.claims, *(c for d in subscriber.dependents for c in d))
        for number, line in enumerate(claim.lines, 1)
    ]


def _line(line: Line, claim: Claim, subscriber: Subscriber, biller: Biller, number: int) -> dict:
    day = line.date
    return {
        "line_id": line.reference or f"{claim.id}/{number}",
        "claim_id": claim.id,
        "code": line.code if line.qualifier == "HC" else None,
        "modifiers": line.modifiers[:4],
        "place_of_service": line.place or claim.place,
        "diagnoses": tuple(_dotted(*claim.diagnoses[at - 1]) for at in line.pointers),
        "taxonomy": line.rendering or claim.rendering,
        "billing_taxonomy": biller.taxonomy,
        "payer": None if subscriber.payer is None else subscriber.payer.lower().replace(" ", "-"),
        "service_date": None if day is None else f"{day[:4]}-{day[4:6]}-{day[6:]}",
        "units": None if line.unit == "MJ" else float(line.units),
    }


def _dotted(qualifier: str, code: str) -> str:
    if qualifier not in ("ABK", "ABF"):
        return ""
    return f"{code[:3]}.{code[3:]}" if len(code) > 3 else code


def told(line) -> dict:
    """What a reader's line says, in the shape of ``expected``."""
    names = ("line_id", "claim_id", "code", "modifiers", "place_of_service", "diagnoses")
    names += ("taxonomy", "billing_taxonomy", "payer")
    found = {name: getattr(line, name) for name in names}
    found["service_date"] = None if line.service_date is None else line.service_date.isoformat()
    found["units"] = None if line.units is None else float(line.units)
    return found


# --- text ----------------------------------------------------------------------------------------


def _written(part: Interchange):
    signs = part.signs
    end = signs.end + signs.after

    def write(*elements: str) -> str:
        told = [element.replace(":", signs.component) for element in elements]
        return signs.element.join(told) + end

    version = "00401" if part.guide.startswith("004010") else "00501"
    yield write(
        *("ISA", "00", " " * 10, "00", " " * 10, "ZZ", "SENDER".ljust(15), "ZZ"),
        *("RECEIVER".ljust(15), "260504", "1253", "^", version, part.control, "0", "T", ":"),
    )
    for number, group in enumerate(part.groups, 1):
        yield write(
            "GS", "HC", "SENDER", "RECEIVER", "20260504", "1253", str(number), "X", part.guide
        )
        for at, billers in enumerate(group, 1):
            control = f"{at:04}"
            body = [("ST", "837", control, part.guide), *_transaction(billers)]
            yield from (write(*elements) for elements in body)
            yield write("SE", str(len(body) + 1), control)
        yield write("GE", str(len(group)), str(number))
    yield write("IEA", str(len(part.groups)), part.control)


def _transaction(billers):
    yield ("BHT", "0019", "00", "0123", "20260504", "1023", "CH")
    yield ("NM1", "41", "2", "SUBMITTING SERVICE", "", "", "", "", "46", "12345")
    yield ("PER", "IC", "QUIMBY", "TE", "5555550100")
    yield ("NM1", "40", "2", "RECEIVING HOUSE", "", "", "", "", "46", "67890")
    number = 0
    for biller in billers:
        number += 1
        own = number
        yield ("HL", str(own), "", "20", "1")
        if biller.taxonomy:
            yield ("PRV", "BI", "PXC", biller.taxonomy)
        yield ("NM1", "85", "2", "EXAMPLE LABORATORY", "", "", "", "", "XX", "1234567893")
        yield ("N3", "1 MAIN STREET")
        yield ("N4", "SPRINGFIELD", "NY", "111110000")
        yield ("REF", "EI", "123456789")
        for subscriber in biller.subscribers:
            number += 1
            mine = number
            yield ("HL", str(mine), str(own), "22", "1" if subscriber.dependents else "0")
            relation = "" if subscriber.dependents else "18"
            yield ("SBR", "P", relation, "", "", "", "", "", "", "CI")
            yield ("NM1", "IL", "1", "ZANZIBAR", "QUIMBY", "", "", "", "MI", "W123456789012")
            yield ("N3", "2 SIDE STREET")
            yield ("N4", "SPRINGFIELD", "NY", "11111")
            yield ("DMG", "D8", "19610203", "F")
            if subscriber.payer is not None:
                yield ("NM1", "PR", "2", subscriber.payer, "", "", "", "", "PI", "54321")
            for claim in subscriber.claims:
                yield from _claim(claim)
            for claims in subscriber.dependents:
                number += 1
                yield ("HL", str(number), str(mine), "23", "0")
                yield ("PAT", "19")
                yield ("NM1", "QC", "1", "ZANZIBAR", "JUNIOR")
                yield ("N3", "2 SIDE STREET")
                yield ("N4", "SPRINGFIELD", "NY", "11111")
                yield ("DMG", "D8", "20100203", "M")
                for claim in claims:
                    yield from _claim(claim)


def _claim(claim: Claim):
    yield (
        "CLM",
        claim.id,
        str(100 * len(claim.lines)),
        "",
        "",
        f"{claim.place}:B:1",
        "Y",
        "A",
        "Y",
        "Y",
    )
    for start in range(0, len(claim.diagnoses), claim.per_hi):
        some = claim.diagnoses[start : start + claim.per_hi]
        yield ("HI", *(f"{qualifier}:{code}" for qualifier, code in some))
    if claim.rendering:
        yield ("NM1", "82", "1", "RENDER", "RITA", "", "", "", "XX", "1234567893")
        yield ("PRV", "PE", "PXC", claim.rendering)
    if claim.other_payer:
        yield ("SBR", "S", "18", "", "", "", "", "", "", "CI")
        yield ("CAS", "PR", "1", "7.93")
        yield ("OI", "", "", "Y", "", "", "Y")
        yield ("NM1", "IL", "1", "ZANZIBAR", "OTHER", "", "", "", "MI", "W999999999999")
        yield ("NM1", "PR", "2", "SECOND PAYER", "", "", "", "", "PI", "99999")
    for number, line in enumerate(claim.lines, 1):
        yield from _service(number, line)


def _service(number: int, line: Line):
    yield ("LX", str(number))
    procedure = ":".join([line.qualifier, line.code, *line.modifiers])
    pointers = ":".join(map(str, line.pointers))
    yield ("SV1", procedure, "100", line.unit, line.units, line.place or "", "", pointers)
    if line.date is not None:
        form = "RD8" if line.until else "D8"
        yield ("DTP", "472", form, f"{line.date}-{line.until}" if line.until else line.date)
    if line.reference:
        yield ("REF", "6R", line.reference)
    if line.rendering:
        yield ("NM1", "82", "1", "RENDER", "RALPH", "", "", "", "XX", "1234567893")
        yield ("PRV", "PE", "PXC", line.rendering)
    if line.adjudicated:
        yield ("SVD", "54321", "10", "HC:99211", "", "1")
        yield ("DTP", "573", "D8", "20260601")


# --- random files --------------------------------------------------------------------------------


def random_interchange(draw: random.Random, billers: int = 2, *, icd9: bool = True) -> Interchange:
    """An interchange with everything that a line can inherit or override."""
    count = iter(range(1, 1_000_000))
    groups = tuple(
        tuple(
            tuple(_biller(draw, count, icd9) for _ in range(draw.randint(1, billers)))
            for _ in range(draw.randint(1, 3))
        )
        for _ in range(draw.randint(1, 2))
    )
    return Interchange(groups, control=f"{draw.randint(1, 999_999_999):09}")


def _biller(draw, count, icd9) -> Biller:
    return Biller(
        draw.choice([None, *TAXONOMIES]),
        tuple(_subscriber(draw, count, icd9) for _ in range(draw.randint(1, 3))),
    )


def _subscriber(draw, count, icd9) -> Subscriber:
    own = tuple(_random_claim(draw, count, icd9) for _ in range(draw.randint(0, 2)))
    dependents = tuple(
        tuple(_random_claim(draw, count, icd9) for _ in range(draw.randint(1, 2)))
        for _ in range(draw.randint(0 if own else 1, 2))
    )
    return Subscriber(draw.choice(PAYERS), () if dependents else own, dependents)


def _random_claim(draw, count, icd9) -> Claim:
    old = icd9 and draw.random() < 0.1
    codes = draw.sample(ICD9 if old else ICD10, draw.randint(1, 4))
    first, others = ("BK", "BF") if old else ("ABK", "ABF")
    diagnoses = tuple((others if at else first, code) for at, code in enumerate(codes))
    return Claim(
        f"CLM{next(count)}",
        draw.choice(("81", "11", "22")),
        diagnoses,
        draw.choice((12, 12, 2)),
        draw.choice((None, *TAXONOMIES)),
        draw.random() < 0.3,
        tuple(_random_line(draw, len(codes)) for _ in range(draw.randint(1, 4))),
    )


def _random_line(draw, diagnoses) -> Line:
    return Line(
        draw.choice(CODES),
        tuple(draw.sample(MODIFIERS, draw.choice((0, 0, 1, 2, 3, 4)))),
        place=draw.choice((None, None, "22")),
        units=draw.choice(("1", "2", "10")),
        unit=draw.choice(("UN",) * 7 + ("MJ",)),
        pointers=tuple(draw.sample(range(1, diagnoses + 1), draw.randint(1, diagnoses))),
        date=draw.choice(("20260504", "20260630", "20251001")),
        until=draw.choice((None, None, "20260701")),
        reference=draw.choice((None, None, f"REF{draw.randint(1, 99_999)}")),
        rendering=draw.choice((None, None, *TAXONOMIES)),
        adjudicated=draw.random() < 0.2,
    )


__all__ = [
    "Biller",
    "Claim",
    "Interchange",
    "Line",
    "Signs",
    "Subscriber",
    "build",
    "expected",
    "joined",
    "random_interchange",
    "replace",
    "segments_of",
    "told",
    "with_counts",
]
