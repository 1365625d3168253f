"""The text of an 837P that says the lines of claims: only what a line needs, with made-up parties."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from claimcheck.dates import parse_date
from claimcheck.errors import StrategyError
from claimcheck.line import payer_slug

__all__ = ["write_x12"]

Segment: TypeAlias = tuple[str, ...]

_GUIDE: Final = "005010X222A1"
_NEEDED: Final = (
    "claim_id",
    "code",
    "place_of_service",
    "diagnoses",
    "payer",
    "service_date",
    "units",
)
_PLAIN: Final = re.compile(r"[A-Za-z0-9 .#=+_/-]{1,50}")
_MOST_DIAGNOSES: Final = 12
_MOST_LISTED: Final = 4
_CHARGE: Final = 100
_ISA: Final = (
    *("ISA", "00", " " * 10, "00", " " * 10, "ZZ", "SYNTHETIC".ljust(15), "ZZ"),
    *("SYNTHETIC".ljust(15), "260504", "1200", "^", "00501", "000000001", "0", "T", ":"),
)
_PROVIDER: Final = "1234567893"  # the NPI of the standard's examples


def write_x12(claims: Sequence[Sequence[Mapping[str, Any]]]) -> bytes:
    """Write claims as an 837P of version 5010, all in one transaction.

    Read back, the lines are what they were, but for ``ordering_taxonomy`` and ``conditions``, which an
    837P has no place for. Providers, members and numbers are made up, and say so.

    Args:
        claims: lists of lines, each a mapping of plain values as ``claims(for_x12=True)`` draws them.

    Returns:
        The bytes of the file.

    Raises:
        StrategyError: a line lacks a field that an 837P needs, or has a value that it cannot carry; or
            lines of a claim differ in claim id, payer or billing taxonomy.
    """
    if not claims or not all(claims):
        raise StrategyError("an 837P has at least one claim, and a claim at least one line")
    for number, claim in enumerate(claims, 1):
        _refuse_unwritable(number, claim)
    body = [("ST", "837", "0001", _GUIDE), *_transaction(claims)]
    segments = [
        _ISA,
        ("GS", "HC", "SYNTHETIC", "SYNTHETIC", "20260504", "1200", "1", "X", _GUIDE),
        *body,
        ("SE", str(len(body) + 1), "0001"),
        ("GE", "1", "1"),
        ("IEA", "1", "000000001"),
    ]
    return "".join("*".join(segment) + "~\n" for segment in segments).encode("ascii")


def _transaction(claims: Sequence[Sequence[Mapping[str, Any]]]) -> Iterator[Segment]:
    yield ("BHT", "0019", "00", "0001", "20260504", "1200", "CH")
    yield ("NM1", "41", "2", "SYNTHETIC SUBMITTER", "", "", "", "", "46", "00000")
    yield ("PER", "IC", "SYNTHETIC", "TE", "5555550100")
    yield ("NM1", "40", "2", "SYNTHETIC RECEIVER", "", "", "", "", "46", "00000")
    for number, claim in enumerate(claims):
        yield from _parties(2 * number + 1, claim[0])
        yield from _claim(claim)


def _parties(level: int, first: Mapping[str, Any]) -> Iterator[Segment]:
    yield ("HL", str(level), "", "20", "1")
    if first.get("billing_taxonomy"):
        yield ("PRV", "BI", "PXC", first["billing_taxonomy"])
    yield ("NM1", "85", "2", "SYNTHETIC LABORATORY", "", "", "", "", "XX", _PROVIDER)
    yield from _ADDRESS
    yield ("REF", "EI", "000000000")
    yield ("HL", str(level + 1), str(level), "22", "0")
    yield ("SBR", "P", "18", "", "", "", "", "", "", "CI")
    yield ("NM1", "IL", "1", "SYNTHETIC", "MEMBER", "", "", "", "MI", "SYNTHETIC1")
    yield from _ADDRESS
    yield ("DMG", "D8", "19000101", "U")
    payer = payer_slug(first["payer"]).upper().replace("-", " ")
    yield ("NM1", "PR", "2", payer, "", "", "", "", "PI", "00000")


_ADDRESS: Final = (("N3", "1 SYNTHETIC STREET"), ("N4", "SYNTHETIC CITY", "NY", "100010000"))


def _claim(claim: Sequence[Mapping[str, Any]]) -> Iterator[Segment]:
    first = claim[0]
    diagnoses = list(dict.fromkeys(code for line in claim for code in line["diagnoses"]))
    facility = f"{first['place_of_service']}:B:1"
    charge = str(_CHARGE * len(claim))
    yield ("CLM", first["claim_id"], charge, "", "", facility, "Y", "A", "Y", "Y")
    kinds = ("ABK", *("ABF",) * len(diagnoses))
    listed = zip(kinds, diagnoses, strict=False)
    yield ("HI", *(f"{kind}:{code.replace('.', '')}" for kind, code in listed))
    for number, line in enumerate(claim, 1):
        yield ("LX", str(number))
        yield from _service(line, diagnoses)


def _service(line: Mapping[str, Any], diagnoses: Sequence[str]) -> Iterator[Segment]:
    procedure = ":".join(("HC", line["code"], *line.get("modifiers", ())))
    pointers = ":".join(str(1 + diagnoses.index(code)) for code in line["diagnoses"])
    units, place = f"{line['units']:g}", line["place_of_service"]
    yield ("SV1", procedure, str(_CHARGE), "UN", units, place, "", pointers)
    yield ("DTP", "472", "D8", f"{parse_date(line['service_date']):%Y%m%d}")
    if line.get("line_id"):
        yield ("REF", "6R", line["line_id"])
    if line.get("taxonomy"):
        yield ("NM1", "82", "1", "SYNTHETIC", "PROVIDER", "", "", "", "XX", _PROVIDER)
        yield ("PRV", "PE", "PXC", line["taxonomy"])


# --- what cannot be written ----------------------------------------------------------------------


def _refuse_unwritable(number: int, claim: Sequence[Mapping[str, Any]]) -> None:
    for at, line in enumerate(claim, 1):
        where = f"claim {number}, line {at}"
        missing = [field for field in _NEEDED if not line.get(field)]
        if missing:
            raise StrategyError(
                f"{where}: has no {' and no '.join(missing)}, which an 837P needs; draw lines with "
                "for_x12=True"
            )
        wrong = [field for field, value in line.items() if not _carries(field, value)]
        if wrong:
            raise StrategyError(
                f"{where}: an 837P cannot carry {' and '.join(wrong)} as the line has it; draw lines "
                "with for_x12=True"
            )
        for field in ("claim_id", "payer", "billing_taxonomy"):
            if line.get(field) != claim[0].get(field):
                raise StrategyError(
                    f"{where}: has another {field} than the first line of its claim"
                )
    if len({code for line in claim for code in line["diagnoses"]}) > _MOST_DIAGNOSES:
        raise StrategyError(
            f"claim {number}: has more than twelve diagnoses, which an 837P cannot carry"
        )


def _carries(field: str, value: Any) -> bool:
    """Whether a value comes back from an 837P as it is."""
    if field in ("ordering_taxonomy", "conditions") or value is None:
        return True
    if field == "units":
        return type(value) in (int, float) and 0 < value < 1_000_000
    if field == "service_date":
        return isinstance(value, str) and parse_date(value) is not None
    if field == "payer":
        return isinstance(value, str) and payer_slug(value) != "" and len(value) <= 50
    if field in ("modifiers", "diagnoses"):
        return (
            isinstance(value, list | tuple)
            and len(value) <= _MOST_LISTED
            and all(_is_plain(one) for one in value)
        )
    return _is_plain(value)


def _is_plain(value: Any) -> bool:
    return isinstance(value, str) and _PLAIN.fullmatch(value) is not None and value == value.strip()
