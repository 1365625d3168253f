"""The envelopes of an X12 file (ISA, GS, ST and their ends): what they hold, and whether counts are right."""

from __future__ import annotations

from typing import Final

import attrs

from claimcheck.io.x12.damage import Log
from claimcheck.io.x12.segments import Interchange

__all__ = ["Envelope"]

_OTHERS: Final = (
    (("X223", "X096"), "institutional claims (837I)"),
    (("X224", "X097"), "dental claims (837D)"),
)
_TRAILERS: Final = frozenset(("SE", "GE", "IEA"))
_NAMES: Final = _TRAILERS | {"GS", "ST"}


@attrs.define(eq=False)
class Envelope:
    """Where in its envelopes a file stands.

    Attributes:
        names: the segments that it takes.
        trailers: those that end something, and say how much of it there was.
        inside: whether a transaction of professional claims is open.
        passing_over: whether a transaction is open that is not read.
        professional: whether there was anything of professional claims so far.
    """

    _damage: Log
    _notes: Log
    names: frozenset[str] = _NAMES
    trailers: frozenset[str] = _TRAILERS
    inside: bool = False
    passing_over: bool = False
    professional: bool = False
    _interchange: Interchange | None = None
    _groups: int = 0
    _group: tuple[str, str] | None = None  # control number, implementation guide
    _sets: int = 0
    _set: tuple[int, str] | None = None  # its segment, control number
    _refused: str | None = None
    _noted: bool = False
    _told_outside: bool = False

    def isa(self, number: int, interchange: Interchange) -> None:
        """Begin an interchange."""
        self._interchange = interchange
        self._groups, self._group, self._set = 0, None, None
        self.inside = self.passing_over = self._told_outside = False
        if not interchange.whole:
            self._damage.add(number, "ISA has not the prescribed 106 characters")

    def segment(self, number: int, name: str, parts: list[str]) -> None:
        """Take a segment of the envelopes."""
        if name == "ST":
            self._open_set(number, parts)
        elif name == "SE":
            self._close_set(number, parts)
        elif name == "GS":
            self._open_group(number, parts)
        elif name == "GE":
            self._close_group(number, parts)
        else:
            self._close(number, parts)

    def end(self, number: int) -> None:
        """The interchange is over; SE, GE and IEA should have come."""
        self._missing_end(number)
        self._missing_group_end(number)
        if self._interchange is not None:
            self._damage.add(number, "the interchange ends without its IEA")
            self._interchange = None
        self.inside = self.passing_over = False

    def claims_outside(self, number: int) -> None:
        """Claims stand where no transaction is open; they are read, and it is told once."""
        self.professional = True
        if not self._told_outside:
            self._damage.add(number, "claims stand outside of a transaction (ST to SE)")
            self._told_outside = True

    def nothing_told(self) -> str:
        """Why a file without professional claims is refused."""
        if self._refused is not None:
            return f"has {self._refused}; claimcheck reads professional claims (837P, 005010X222)"
        return "is X12 without any transaction (ST to SE); there is nothing to check"

    # --- transactions ----------------------------------------------------------------------------

    def _open_set(self, number: int, parts: list[str]) -> None:
        self._missing_end(number)
        self._sets += 1
        self._set = (number, _at(parts, 2))
        guide = _at(parts, 3) or (self._group[1] if self._group else "")
        what = _refusal(_at(parts, 1), guide)
        self.inside, self.passing_over = what is None, what is not None
        self._told_outside = False
        if what is None:
            self.professional = True
            self._note_version(number, guide)
            return
        self._refused = self._refused or what
        self._damage.add(number, f"the transaction has {what}; not read")

    def _note_version(self, number: int, guide: str) -> None:
        version = self._interchange.version if self._interchange else ""
        if not self._noted and (guide.startswith("004010") or (not guide and version == "00401")):
            self._noted = True
            self._notes.add(number, "is version 4010, which 5010 has replaced; read as 5010")

    def _close_set(self, number: int, parts: list[str]) -> None:
        if self._set is None:
            self._damage.add(number, "SE ends a transaction that was not begun")
        else:
            begun, control = self._set
            self._compare(number, "SE01", _at(parts, 1), number - begun + 1, "segments")
            if _at(parts, 2) != control:
                self._damage.add(
                    number, f"SE02 is not the control number of ST in segment {begun:,}"
                )
        self._set, self.inside, self.passing_over = None, False, False

    def _missing_end(self, number: int) -> None:
        if self._set is not None:
            self._damage.add(number, f"the transaction of segment {self._set[0]:,} has no SE")
        self._set = None

    # --- groups and the interchange --------------------------------------------------------------

    def _open_group(self, number: int, parts: list[str]) -> None:
        self._missing_end(number)
        if self._group is not None:
            self._damage.add(number, "the group before it has no GE")
        self._groups += 1
        self._sets = 0
        self._group = (_at(parts, 6), _at(parts, 8))
        self.inside = self.passing_over = False

    def _close_group(self, number: int, parts: list[str]) -> None:
        self._missing_end(number)
        if self._group is None:
            self._damage.add(number, "GE ends a group that was not begun")
        else:
            self._compare(number, "GE01", _at(parts, 1), self._sets, "transactions")
            if _at(parts, 2) != self._group[0]:
                self._damage.add(number, "GE02 is not the control number of its GS")
        self._group = None
        self.inside = self.passing_over = False

    def _close(self, number: int, parts: list[str]) -> None:
        self._missing_end(number)
        self._missing_group_end(number)
        if self._interchange is not None:
            self._compare(number, "IEA01", _at(parts, 1), self._groups, "groups")
            if _at(parts, 2) != self._interchange.control:
                self._damage.add(number, "IEA02 is not the control number of its ISA")
        self._interchange = None
        self.inside = self.passing_over = False

    def _missing_group_end(self, number: int) -> None:
        if self._group is not None:
            self._damage.add(number, "the last group has no GE")
        self._group = None

    def _compare(self, number: int, element: str, told: str, count: int, what: str) -> None:
        """Hold a count against what was counted; it may have zeros before it."""
        if not (told.isascii() and told.isdigit() and len(told) <= 10):
            self._damage.add(number, f"{element} is no count of {what}; there are {count:,}")
        elif int(told) != count:
            self._damage.add(number, f"{element} says {int(told):,} {what}; there are {count:,}")


def _at(parts: list[str], index: int) -> str:
    return parts[index].strip() if index < len(parts) else ""


def _refusal(transaction: str, guide: str) -> str | None:
    """What a transaction holds that is not read; None for professional claims."""
    if transaction != "837":
        known = transaction if len(transaction) == 3 and transaction.isdigit() else "another kind"
        return f"a transaction of {known}, not 837" if known == "another kind" else f"an {known}"
    for marks, what in _OTHERS:
        if any(mark in guide for mark in marks):
            return what
    return None
