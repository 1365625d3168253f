"""The text of an 837P that says the lines of claims: only what a line needs, with made-up parties."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, TypeAlias, TypeGuard

from claimcheck.dates import parse_date
from claimcheck.errors import StrategyError
from claimcheck.line import FIELDS, payer_slug, read_line

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
_MOST_DIGITS: Final = 15
_CHARGE: Final = 100
_ISA: Final = (
    *("ISA", "00", " " * 10, "00", " " * 10, "ZZ", "SYNTHETIC".ljust(15), "ZZ"),
    *("SYNTHETIC".ljust(15), "260504", "1200", "^", "00501", "000000001", "0", "T", ":"),
)
_PROVIDER: Final = "1234567893"  # the NPI of the standard's examples


def write_x12(claims: Sequence[Sequence[Mapping[str, Any]]]) -> bytes:
    """Write claims as an 837P of version 5010, all in one transaction.

    Read back, every value is what it was, but for ``ordering_taxonomy`` and ``conditions``, which an
    837P has no place for; a line without ``line_id`` comes back with one. Providers, members and
    numbers are made up, and say so.

    Args:
        claims: lists of lines, each a mapping of plain values as ``claims(for_x12=True)`` draws them.

    Returns:
        The bytes of the file.

    Raises:
        StrategyError: what is given is no list of claims; a line lacks a field that an 837P needs, or
            has a value that would come back as another; or lines of a claim differ in claim id, payer
            or billing taxonomy.
    """
    if not _are_claims(claims):
        raise StrategyError(
            "write_x12 takes a list of claims, each a list of lines, each a mapping; write [claim] for "
            "one claim, and [[line]] for one line"
        )
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
    yield ("HI", *(f"{kind}:{_without_dot(code)}" for kind, code in listed))
    for number, line in enumerate(claim, 1):
        yield ("LX", str(number))
        yield from _service(line, diagnoses)


def _service(line: Mapping[str, Any], diagnoses: Sequence[str]) -> Iterator[Segment]:
    procedure = ":".join(("HC", line["code"], *line.get("modifiers", ())))
    pointers = ":".join(str(1 + diagnoses.index(code)) for code in line["diagnoses"])
    units, place = _digits(line["units"]), line["place_of_service"]
    yield ("SV1", procedure, str(_CHARGE), "UN", units, place, "", pointers)
    yield ("DTP", "472", "D8", f"{parse_date(line['service_date']):%Y%m%d}")
    if line.get("line_id"):
        yield ("REF", "6R", line["line_id"])
    if line.get("taxonomy"):
        yield ("NM1", "82", "1", "SYNTHETIC", "PROVIDER", "", "", "", "XX", _PROVIDER)
        yield ("PRV", "PE", "PXC", line["taxonomy"])


def _digits(units: float) -> str:
    """A number with all its digits, and no exponent."""
    text = f"{Decimal(str(units)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _without_dot(diagnosis: str) -> str:
    return diagnosis.replace(".", "")


# --- what cannot be written ----------------------------------------------------------------------


def _are_claims(given: object) -> bool:
    return _is_list(given) and all(
        _is_list(claim) and all(isinstance(line, Mapping) for line in claim) for claim in given
    )


def _is_list(given: object) -> TypeGuard[Sequence[Any]]:
    return isinstance(given, Sequence) and not isinstance(given, str | bytes | bytearray)


def _refuse_unwritable(number: int, claim: Sequence[Mapping[str, Any]]) -> None:
    for at, line in enumerate(claim, 1):
        where = f"claim {number}, line {at}"
        missing = [field for field in _NEEDED if not line.get(field)]
        if missing:
            raise StrategyError(
                f"{where}: has no {' and no '.join(missing)}, which an 837P needs; draw lines with "
                "for_x12=True"
            )
        if not set(FIELDS).issuperset(line):
            raise StrategyError(
                f"{where}: has a field that is none of a claim line's, and an 837P has no place for it; "
                "leave it out"
            )
        wrong = [field for field, value in line.items() if not _carries(field, value)]
        if wrong:
            raise StrategyError(
                f"{where}: an 837P cannot carry {' and '.join(wrong)} as the line has it: it would come "
                "back as another, or not at all; draw lines with for_x12=True"
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
        could_be = type(value) in (int, float) and 0 < value < 1_000_000
        return could_be and len(_digits(value).replace(".", "")) <= _MOST_DIGITS
    if field == "service_date":
        return isinstance(value, str) and parse_date(value) is not None
    if field == "payer":
        return isinstance(value, str) and payer_slug(value) != "" and len(value) <= 50
    if field in ("modifiers", "diagnoses"):
        return (
            isinstance(value, list | tuple)
            and len(value) <= _MOST_LISTED
            and all(_is_plain(one) for one in value)
            and (field == "modifiers" or _keep_their_dots(value))
        )
    return _is_plain(value)


def _keep_their_dots(diagnoses: Sequence[str]) -> bool:
    """Whether diagnoses are read as the same with and without the dot, which an 837P leaves out."""
    as_given = read_line({"diagnoses": list(diagnoses)})
    come_back = read_line({"diagnoses": [_without_dot(code) for code in diagnoses]})
    return (as_given.diagnoses, as_given.problems) == (come_back.diagnoses, come_back.problems)


def _is_plain(value: Any) -> bool:
    return isinstance(value, str) and _PLAIN.fullmatch(value) is not None and value == value.strip()
