"""Reading single cells, each with a clear refusal."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date, timedelta
from typing import Final

from claimcheck.dates import parse_date
from claimcheck.errors import InputError
from claimcheck.line import CODE_SHAPE

__all__ = [
    "UNIX_EPOCH",
    "is_code",
    "named",
    "read_among",
    "read_code",
    "read_day",
    "refuse",
    "shown",
]

UNIX_EPOCH: Final = date(1970, 1, 1).toordinal()
_NO_NAME: Final = re.compile(r"[0-9A-Za-z]{1,2}|(?=.*[0-9])[0-9A-Za-z.,*$/+-]{1,7}")

_LIKE_A_DATE: Final = re.compile(r"[0-9/-]{1,10}")


def refuse(name: str, row: int, what: str) -> InputError:
    """The error of a row."""
    return InputError(f"{name}, row {row}: {what}")


def is_code(text: str) -> bool:
    """Whether a text has the shape of a CPT or HCPCS code."""
    return CODE_SHAPE.fullmatch(text) is not None


def read_code(name: str, row: int, cell: str, what: str = "the code") -> str:
    """A CPT or HCPCS code, in capitals."""
    code = cell.upper()
    if CODE_SHAPE.fullmatch(code) is None:
        if not cell:
            raise refuse(name, row, f"{what} is empty")
        lost = (
            "; a spreadsheet may have taken its zeros" if cell.isdigit() and len(cell) < 5 else ""
        )
        raise refuse(name, row, f"{what} {named(cell)} has no shape of a CPT or HCPCS code{lost}")
    return code


def read_among(name: str, row: int, cell: str, known: Collection[str], what: str) -> str:
    """One of a few values."""
    if cell not in known:
        *some, end = known
        expected = f"{', '.join(some)} or {end}" if some else end
        raise refuse(name, row, f"{what} is {shown(cell)}, and {expected} was expected")
    return cell


def read_day(name: str, row: int, cell: str, what: str) -> date | None:
    """A date in one of the forms of ``parse_date``, or as ``YYYYDDD``; None if the cell is empty or *."""
    if not cell or cell == "*":
        return None
    day = _day_of_year(cell) if len(cell) == 7 and cell.isdigit() else parse_date(cell)
    if day is None:
        # What is no day is nobody's birthday.
        told = repr(cell) if _LIKE_A_DATE.fullmatch(cell) else shown(cell)
        raise refuse(name, row, f"{what} is {told}, and a date was expected")
    return day


def _day_of_year(cell: str) -> date | None:
    year, number = int(cell[:4]), int(cell[4:])
    if not 1 <= year <= 9998 or not 1 <= number <= 366:
        return None
    day = date(year, 1, 1) + timedelta(days=number - 1)
    return day if day.year == year else None


def named(cell: str) -> str:
    """A cell after what it is: ``'A1'``, or ``(a text of 8 characters)``."""
    return shown(cell) if _NO_NAME.fullmatch(cell) else f"({shown(cell)})"


def shown(cell: str) -> str:
    """A cell as a message repeats it: only if it could be a code, an indicator or a small number.

    Someone may give a file of people by mistake.
    """
    if not cell:
        return "empty"
    if _NO_NAME.fullmatch(cell) is None:
        return f"a text of {len(cell)} characters"
    return repr(cell)
