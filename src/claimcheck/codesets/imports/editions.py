"""Which edition a file is, and the dates of service that it speaks for.

Told by the names of files; options of the user come first.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable
from datetime import date
from typing import Final

import attrs

from claimcheck.codesets.imports.published import Published
from claimcheck.codesets.store import Kind
from claimcheck.errors import InputError

__all__ = [
    "UNSTATED",
    "Told",
    "fiscal_year",
    "from_names",
    "half_year",
    "quarter",
    "quarter_of",
    "settle",
]


@attrs.frozen
class Told:
    """An edition and the dates of service that it speaks for, inclusive; None is open."""

    name: str
    first: date | None
    last: date | None
    stated: bool = True


UNSTATED: Final = Told("unstated", None, None, False)

_QUARTERLY: Final[tuple[Kind, ...]] = (
    "mpfs",
    "clfs",
    "mue-practitioner",
    "mue-outpatient",
    "mue-dme",
    "ptp-practitioner",
    "ptp-outpatient",
    "addon",
    "pla",
    "hcpcs",
)
_MONTH_NAMES: Final = "jan(?:uary)?|apr(?:il)?|july?|oct(?:ober)?"
_YEAR: Final = r"(?<!\d)(20\d\d)"
_QUARTER: Final = (  # groups: year, quarter
    re.compile(_YEAR + r"[ _-]*q([1-4])(?!\d)"),
    re.compile(r"(?<!\d)(\d\d)clabq([1-4])(?!\d)"),
)
_LETTER: Final = re.compile(r"rvu[ _-]?(\d\d)([a-d])(?:r\d*)?(?![a-z])")
_BEGINS: Final = re.compile(r"eff[a-z]*[ _-](0[147]|10)-?01-?(20\d\d)(?!\d)")
_NAMED_MONTH: Final = (
    re.compile(rf"{_YEAR}[ _-]*({_MONTH_NAMES})(?![a-z])"),
    re.compile(rf"(?<!\d)(\d\d)[ _-]({_MONTH_NAMES})(?![a-z])"),
)
_MONTH_FIRST: Final = re.compile(rf"(?<![a-z])({_MONTH_NAMES})[ _-]*(20\d\d)(?!\d)")
_PTP: Final = re.compile(r"(?<![a-z0-9])(?:cci[a-z]*[ _-]*)?v(\d\d)([0-3])(?:r\d+)?(?!\d)")
_QUARTER_OF_MONTH: Final = {"jan": 1, "apr": 2, "jul": 3, "oct": 4}
_NUCC: Final = re.compile(r"(?<!\d)(\d\d)[._]?([01])(?!\d)")
_FISCAL: Final = re.compile(_YEAR + r"(?!\d)")
_EDITION_QUARTER: Final = re.compile(r"(20\d\d)[ -]?Q([1-4])", re.IGNORECASE)
_EDITION_NUCC: Final = re.compile(r"(\d\d)\.([01])")
_EDITION_FISCAL: Final = re.compile(r"FY[ -]?(20\d\d)( April)?", re.IGNORECASE)


def quarter(year: int, number: int) -> Told:
    """The edition of a quarter, which speaks for its days."""
    last = 3 * number
    return Told(
        f"{year}Q{number}",
        date(year, last - 2, 1),
        date(year, last, monthrange(year, last)[1]),
    )


def quarter_of(day: date) -> Told:
    """The quarter that a day lies in."""
    return quarter(day.year, (day.month + 2) // 3)


def half_year(year: int, number: int) -> Told:
    """A NUCC version: x.0 is in force from April to September, x.1 from October to March."""
    name = f"{year % 100:02}.{number}"
    if number == 0:
        return Told(name, date(year, 4, 1), date(year, 9, 30))
    return Told(name, date(year, 10, 1), date(year + 1, 3, 31))


def fiscal_year(year: int, april: bool = False) -> Told:
    """An ICD-10-CM release: in force from 1 October before the year, an April update from 1 April."""
    first = date(year, 4, 1) if april else date(year - 1, 10, 1)
    return Told(f"FY{year} April" if april else f"FY{year}", first, date(year, 9, 30))


def from_names(kind: Kind, published: Iterable[Published]) -> Told | None:
    """The edition that the names of the files tell; the name inside a ZIP comes before the ZIP's.

    Raises:
        InputError: the files are of different editions.
    """
    found: dict[Told, str] = {}
    for file in published:
        for name in reversed(file.name.split("/")):
            told = _from_name(kind, name.lower())
            if told is not None:
                found.setdefault(told, file.name)
                break
    if len(found) > 1:
        (first, one), (second, two), *_ = found.items()
        raise InputError(
            f"{two}: is of edition {second.name}, and {one} of {first.name}; "
            "give the files of one edition"
        )
    return next(iter(found), None)


def _from_name(kind: Kind, name: str) -> Told | None:
    if kind == "nucc":
        match = _NUCC.search(name)
        return half_year(2000 + int(match[1]), int(match[2])) if match else None
    if kind == "icd10cm":
        match = _FISCAL.search(name)
        return fiscal_year(int(match[1]), "apr" in name) if match else None
    return _quarter_from_name(kind, name)


def _quarter_from_name(kind: Kind, name: str) -> Told | None:
    for pattern in _QUARTER:
        if match := pattern.search(name):
            return quarter(_full(match[1]), int(match[2]))
    if match := _BEGINS.search(name):
        return quarter(int(match[2]), (int(match[1]) + 2) // 3)
    if match := _LETTER.search(name):
        return quarter(_full(match[1]), "abcd".index(match[2]) + 1)
    if kind.startswith("ptp") and (match := _PTP.search(name)):
        # Version 30.0 is the first quarter of 2024.
        return quarter(1994 + int(match[1]), int(match[2]) + 1)
    for pattern in _NAMED_MONTH:
        if match := pattern.search(name):
            return quarter(_full(match[1]), _QUARTER_OF_MONTH[match[2][:3]])
    if match := _MONTH_FIRST.search(name):
        return quarter(int(match[2]), _QUARTER_OF_MONTH[match[1][:3]])
    return None


def _full(year: str) -> int:
    return int(year) if len(year) == 4 else 2000 + int(year)


def settle(
    kind: Kind,
    told: Told | None,
    edition: str | None = None,
    first: date | None = None,
    last: date | None = None,
    *,
    speaks_before: bool = False,
) -> Told:
    """The edition as it is stored: what the file tells, and what the user says instead.

    Args:
        kind: of the list.
        told: what the file tells, if anything.
        edition: what the user calls it.
        first: the first date of service that the user gives.
        last: the last one.
        speaks_before: whether the rows have dates of their own, so that the edition speaks for all
            days up to its end.

    Raises:
        InputError: the dates are contradictory, or an edition was named whose dates nobody tells.
    """
    named = told
    if edition is not None:
        named = _of_edition(kind, edition.strip())
        if named is None and first is None and last is None:
            raise InputError(
                f"the edition {edition.strip()!r} does not tell its dates; give --from and --to"
            )
        if named is None:
            named = Told(edition.strip(), None, None)
    elif named is None and (first is not None or last is not None):
        named = Told(" to ".join(str(day or "open") for day in (first, last)), None, None)
    if named is None:
        return UNSTATED
    begins = named.first if first is None and not speaks_before else first
    ends = named.last if last is None else last
    if begins is not None and ends is not None and ends < begins:
        raise InputError(
            f"the edition {named.name} would end on {ends}, before it begins on {begins}"
        )
    return Told(named.name, begins, ends)


def _of_edition(kind: Kind, edition: str) -> Told | None:
    if kind == "nucc":
        match = _EDITION_NUCC.fullmatch(edition)
        return half_year(2000 + int(match[1]), int(match[2])) if match else None
    if kind == "icd10cm":
        match = _EDITION_FISCAL.fullmatch(edition)
        return fiscal_year(int(match[1]), bool(match[2])) if match else None
    match = _EDITION_QUARTER.fullmatch(edition) if kind in _QUARTERLY else None
    return quarter(int(match[1]), int(match[2])) if match else None
