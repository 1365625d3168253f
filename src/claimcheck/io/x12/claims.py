"""From segments to service lines: which loop a segment stands in, and what of it a line needs.

Of each segment only the elements that a claim line has are kept; names, member ids and birth dates are
never taken out of theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, TypeAlias

import attrs

from claimcheck.errors import InputError
from claimcheck.io.claims import ClaimKey, claim_key
from claimcheck.io.raw import RawLines
from claimcheck.io.rows import Row
from claimcheck.io.x12.damage import Log
from claimcheck.io.x12.envelope import Envelope
from claimcheck.io.x12.segments import (
    CUT,
    OVERLONG,
    Interchange,
    interchanges,
    refuse_without_pyx12,
)
from claimcheck.line import FIELDS, MODIFIER_SHAPE, ForeignCode

__all__ = ["X12Rows"]

Parts: TypeAlias = list[str]

_KNOWN: Final = frozenset(
    {
        *("BHT", "ISA", "N1", "N2", "N3", "N4", "PER", "CUR", "PAT", "DMG", "TA1"),  # parties
        *(
            "PWK",
            "CN1",
            "AMT",
            "K3",
            "NTE",
            "CRC",
            "HCP",
            "HSD",
            "QTY",
            "MEA",
            "PS1",
        ),  # claims, lines
        *("CR1", "CR2", "CR3", "CR4", "CR5", "CR6", "SV3", "SV4", "SV5", "LIN", "CTP", "LQ", "FRM"),
        *(
            "CAS",
            "OI",
            "MOA",
            "MIA",
            "SVD",
            "CL1",
            "TOO",
            "UR",
            "DN1",
            "DN2",
            "IMM",
        ),  # other payers
    }
)
"""Segments of an 837 of either version that say nothing a line needs."""

_ICD10: Final = ("ABK", "ABF")
_ICD9: Final = ("BK", "BF")
_TAXONOMY: Final = ("PXC", "ZZ")
_MINUTES: Final = "MJ"
_MODIFIERS: Final = slice(2, 6)  # SV101-3 to SV101-6


@attrs.define(eq=False)
class _Claim:
    """What the lines of a claim share.

    Attributes:
        at: number of its segment, which tells it from others of the same id.
        id, place: CLM01 and CLM05-1.
        diagnoses: those of its HI segments, in order.
        taxonomy: of the rendering provider of the whole claim.
        others: whether the loops of another payer (2320, 2330) have begun.
        without_hi: whether a HI was lost, so that pointers cannot be followed.
    """

    at: int
    id: str | None
    place: str | None = None
    diagnoses: list[str | ForeignCode | None] = attrs.field(factory=list)
    taxonomy: str | None = None
    others: bool = False
    without_hi: bool = False


@attrs.define(eq=False)
class _Line:
    """A service line on its way.

    Attributes:
        service: the parts of its SV1, once it came.
        lost: why it cannot be read, or None.
        incomplete: whether a segment of it may be lost, so that the claim's provider may not be its own.
    """

    at: int
    number: str | None
    service: Parts | None = None
    id: str | None = None
    date: str | None = None
    taxonomy: str | None = None
    ordering: str | None = None
    lost: str | None = None
    incomplete: bool = False


class X12Rows:
    """The service lines of the 837P transactions of a file. Iterate it once.

    Args:
        raw: the file.
        group_by: fields that tell which claim a line belongs to; none of them switches claims off;
            None for the claim in which the line stands.

    Raises:
        InputError: pyx12 is missing, the file has no professional claims, or there is no such field.
    """

    not_read = 0
    looks_like = None

    def __init__(self, raw: RawLines, group_by: Sequence[str] | None = None) -> None:
        refuse_without_pyx12(raw.name)
        if any(name not in FIELDS for name in group_by or ()):
            raise InputError(
                f"{raw.name}: is an X12 file, which has no columns to group by; its lines are grouped "
                "by claim, by names of fields, or not at all"
            )
        self._group_by = group_by
        self._damage, self._notes = Log(), Log()
        self._envelope = Envelope(self._damage, self._notes)
        self._number = 0  # of segments
        self._rows = 0
        self._component = ":"
        self._ready: list[Row] = []
        self._forget()
        self._handlers: dict[str, Callable[[Parts], None]] = {
            "HL": self._hl,
            "NM1": self._nm1,
            "PRV": self._prv,
            "SBR": self._sbr,
            "CLM": self._clm,
            "HI": self._hi,
            "LX": self._lx,
            "SV1": self._sv1,
            "SV2": self._sv2,
            "DTP": self._dtp,
            "REF": self._ref,
        }
        self._steps = self._read(raw)
        while not self._ready and not self._envelope.professional:
            if next(self._steps, None) is None:
                raise InputError(f"{raw.name}: {self._envelope.nothing_told()}")

    @property
    def damage(self) -> tuple[str, ...]:
        """What was wrong so far, by segment: the first 100."""
        return tuple(self._damage.kept)

    @property
    def damage_count(self) -> int:
        """Number of problems so far."""
        return self._damage.count

    @property
    def notes(self) -> tuple[str, ...]:
        """What is no damage and still worth knowing, by segment: the first 100."""
        return tuple(self._notes.kept)

    @property
    def notes_count(self) -> int:
        """Number of notes so far."""
        return self._notes.count

    def __iter__(self) -> Iterator[Row]:
        """Every line, readable or rejected, in order."""
        yield from self._taken()
        for _ in self._steps:
            if self._ready:
                yield from self._taken()

    def _taken(self) -> list[Row]:
        ready, self._ready = self._ready, []
        return ready

    # --- segments --------------------------------------------------------------------------------

    def _read(self, raw: RawLines) -> Iterator[bool]:
        """Take one segment after the other; what they give is in ``_ready``."""
        for interchange in interchanges(raw):
            self._number += 1
            if interchange is None:
                self._damage.add(self._number, "ISA does not tell the delimiters; not read")
                continue
            yield from self._read_one(interchange)
            self._end_cut_line()
            self._forget()
            self._envelope.end(self._number)
        yield True

    def _read_one(self, interchange: Interchange) -> Iterator[bool]:
        self._envelope.isa(self._number, interchange)
        self._component, element = interchange.component, interchange.element
        handlers, envelope = self._handlers, self._envelope
        for text in interchange:
            if text[0] <= " " or text[-1] <= " ":
                if text[0] in (OVERLONG, CUT):
                    self._number += 1
                    self._damaged(text, element)
                    yield True
                    continue
                text = text.strip("\r\n\t ")
                if not text:
                    continue
            self._number += 1
            at = text.find(element)
            name = text[:at] if at >= 0 else text
            if name in envelope.names:
                if name == "SE":
                    self._end_line()
                else:
                    self._end_cut_line()
                if name != "GS":
                    self._forget()
                envelope.segment(self._number, name, text.split(element))
                yield True
            elif envelope.passing_over:
                continue
            elif name in handlers:
                handlers[name](text.split(element))
                if self._ready:
                    yield True
            elif name not in _KNOWN:
                self._unknown()

    def _forget(self) -> None:
        """Leave all loops."""
        self._level: str | None = None
        self._subscriber: str | None = None
        self._billing: str | None = None
        self._payer: str | None = None
        self._claim: _Claim | None = None
        self._line: _Line | None = None
        self._who: str | None = None
        self._last_number: str | None = None
        self._doubt = False

    def _unknown(self) -> None:
        """A segment that no 837 has; a CLM may have been meant."""
        self._damage.add(self._number, "is of a kind that no 837 has; not read")
        self._doubt = True
        if self._line is not None:
            self._line.incomplete = True

    def _damaged(self, text: str, element: str) -> None:
        """A segment that was too long, or had no terminator."""
        parts = text[1:].split(element)
        if self._envelope.passing_over and parts[0] not in self._envelope.names:
            return
        if text[0] == OVERLONG:
            self._damage.add(self._number, "is longer than 65,536 characters; not read")
            self._lose(parts[0])
        elif parts[0] in self._envelope.trailers:
            self._end_line()
            self._envelope.segment(self._number, parts[0], parts)
        else:
            self._cut(parts[0])

    def _lose(self, name: str) -> None:
        """What follows from a segment that was not read."""
        self._doubt = True
        if self._line is not None and name not in _KNOWN:
            self._line.incomplete = True
        if name in ("CLM", "HL"):
            self._end_line()
            self._level = self._level if name == "CLM" else None
            self._claim = _Claim(self._number, None) if name == "CLM" else None
            self._payer = self._payer if name == "CLM" else None
        elif name == "HI" and self._claim is not None:
            self._claim.without_hi = True
        elif name == "SV1":
            self._service_begins().lost = "its SV1 is longer than 65,536 characters"

    def _cut(self, name: str) -> None:
        """A last segment without terminator: any of its values may lack its end, so none is taken."""
        known = name in self._handlers or name in self._envelope.names or name in _KNOWN
        lost = f"{name} is not read" if known else "not read"
        self._damage.add(
            self._number, f"the interchange ends within it, without its terminator; {lost}"
        )
        if name == "SV1":
            self._service_begins().lost = "its SV1 is cut off"

    # --- loops above the claim -------------------------------------------------------------------

    def _hl(self, parts: Parts) -> None:
        self._end_line()
        self._claim = self._who = self._last_number = None
        self._doubt = False
        self._level = _at(parts, 3)
        self._outside()
        if self._level == "20":
            self._billing = self._payer = self._subscriber = None
        elif self._level == "22":
            self._payer, self._subscriber = None, _at(parts, 1)
        elif self._level == "23" and _at(parts, 2) != self._subscriber:
            self._payer = None
            self._damage.add(self._number, "HL names a parent that is not the subscriber before it")

    def _nm1(self, parts: Parts) -> None:
        self._who = _at(parts, 1)
        if self._who == "85" and (self._claim is not None or self._level != "20"):
            self._biller_without_hl()
        # After CLM it is another payer's (2330B). A payer is no person.
        if self._who == "PR" and self._claim is None and _at(parts, 2) != "1":
            self._payer = _at(parts, 3)

    def _sbr(self, parts: Parts) -> None:
        if self._claim is None:
            return
        self._end_line()
        self._who = None
        if self._last_number is None:
            self._claim.others = True
        else:
            self._damage.add(self._number, "SBR stands behind service lines; its HL is not there")
            self._claim = self._last_number = self._payer = self._subscriber = None
            self._level, self._doubt = "22", False

    def _biller_without_hl(self) -> None:
        """A billing provider begins; what was before it is no longer so."""
        self._end_line()
        self._damage.add(self._number, "the billing provider has no HL")
        self._claim = self._last_number = self._payer = self._subscriber = self._billing = None
        self._level, self._doubt = "20", False

    def _prv(self, parts: Parts) -> None:
        role, taxonomy = _at(parts, 1), _at(parts, 3)
        if _at(parts, 2) not in _TAXONOMY:
            return
        if role == "BI":
            if self._claim is not None or self._level != "20":
                self._biller_without_hl()
            self._billing = taxonomy
        elif self._line is not None:
            if self._who == "82" and role == "PE":
                self._line.taxonomy = taxonomy
            elif self._who == "DK":
                self._line.ordering = taxonomy
        elif (
            self._claim is not None
            and self._who == "82"
            and role == "PE"
            and not self._claim.others
        ):
            self._claim.taxonomy = taxonomy

    # --- the claim -------------------------------------------------------------------------------

    def _clm(self, parts: Parts) -> None:
        self._end_line()
        self._outside()
        self._who = self._last_number = None
        self._doubt = False
        facility = (_at(parts, 5) or "").split(self._component)
        # Qualifier A makes it a type of bill, which is no place of service.
        place = facility[0] if facility[1:2] != ["A"] else ""
        self._claim = _Claim(self._number, _at(parts, 1), place or None)

    def _hi(self, parts: Parts) -> None:
        if self._line is not None or (self._claim is not None and self._last_number is not None):
            self._end_line()
            self._damage.add(self._number, "HI stands behind service lines; its CLM is not there")
            self._claim = _Claim(self._number, None)
            self._last_number, self._doubt = None, False
        if self._claim is None:
            self._damage.add(self._number, "HI stands outside of a claim")
            return
        for part in parts[1:]:
            qualifier, _, rest = part.partition(self._component)
            code = rest.partition(self._component)[0].strip()
            if qualifier in _ICD10:
                self._claim.diagnoses.append(code or None)
            elif qualifier in _ICD9:
                self._claim.diagnoses.append(ForeignCode("ICD-9-CM", code) if code else None)

    # --- the line --------------------------------------------------------------------------------

    def _lx(self, parts: Parts) -> None:
        self._end_line()
        number = _at(parts, 1)
        if self._doubt and number == "1" and self._last_number is not None:
            self._damage.add(self._number, "LX begins anew; the CLM before it is not there")
            self._claim = _Claim(self._number, None)
            self._doubt = False
        self._line = _Line(self._number, number)
        self._last_number = number or "?"
        self._who = None

    def _service_begins(self) -> _Line:
        """The line that SV1 belongs to: that of its LX, else one without."""
        if self._line is None or self._line.service is not None or self._line.lost:
            self._end_line()
            self._damage.add(self._number, "SV1 has no LX")
            self._line = _Line(self._number, None)
            self._last_number = self._last_number or "?"
        self._line.at = self._number
        return self._line

    def _sv1(self, parts: Parts) -> None:
        self._outside()
        self._service_begins().service = parts

    def _sv2(self, parts: Parts) -> None:
        if self._line is not None and self._line.service is None:
            self._line.lost = "SV2 is an institutional service line"

    def _dtp(self, parts: Parts) -> None:
        line = self._line
        if line is not None and line.date is None and _at(parts, 1) == "472":
            told = _at(parts, 3) or ""
            line.date = (told.partition("-")[0] if _at(parts, 2) == "RD8" else told) or None

    def _ref(self, parts: Parts) -> None:
        if self._line is not None and self._line.id is None and _at(parts, 1) == "6R":
            self._line.id = _at(parts, 2)

    def _outside(self) -> None:
        if not self._envelope.inside:
            self._envelope.claims_outside(self._number)

    # --- rows ------------------------------------------------------------------------------------

    def _end_cut_line(self) -> None:
        """Give the line behind which the transaction is cut off."""
        if self._line is not None:
            self._line.incomplete = True
            self._end_line()

    def _end_line(self) -> None:
        """Give the line whose segments are all there, if there is one."""
        line, self._line = self._line, None
        if line is None:
            return
        self._rows += 1
        if line.service is None or line.lost:
            reason = line.lost or "the service line has no SV1"
            self._damage.add(line.at, f"{reason}; the line is not read")
            told = f"segment {line.at:,}: {reason}"
            self._ready.append(Row(self._rows, line.at, None, told, None, f"segment {line.at:,}"))
            return
        claim = self._claim
        if claim is None:
            self._damage.add(line.at, "the service line stands outside of a claim")
            claim = _Claim(line.at, None)
        fields = self._fields(line, line.service, claim)
        if line.date is None:
            self._damage.add(line.at, "the service line has no date of service (DTP*472)")
        place = f"segment {line.at:,}"
        if _at(line.service, 5) is None and claim.place is not None:
            place += f", place of service in segment {claim.at:,}"
        self._ready.append(Row(self._rows, line.at, fields, None, self._key(fields, claim), place))

    def _key(self, fields: dict[str, Any], claim: _Claim) -> ClaimKey | None:
        if self._group_by is None:
            return (str(claim.at),)
        return claim_key([fields.get(name) for name in self._group_by])

    def _fields(self, line: _Line, service: Parts, claim: _Claim) -> dict[str, Any]:
        procedure = service[1].split(self._component) if len(service) > 1 else []
        modifiers = [part.strip() or None for part in procedure[_MODIFIERS]]
        if len(procedure) > 6 and MODIFIER_SHAPE.fullmatch(procedure[6].strip()):
            self._notes.add(
                line.at, "SV101-7 looks like a fifth modifier; it is a description and not read"
            )
        line_id = line.id
        if line_id is None and claim.id and line.number:
            line_id = f"{claim.id}/{line.number}"
        return {
            "line_id": line_id,
            "claim_id": claim.id,
            "code": _code(procedure),
            "modifiers": modifiers,
            "place_of_service": _at(service, 5) or claim.place,
            "diagnoses": self._diagnoses(line, service, claim),
            "taxonomy": line.taxonomy or (None if line.incomplete else claim.taxonomy),
            "billing_taxonomy": self._billing,
            "ordering_taxonomy": line.ordering,
            "payer": self._payer,
            "service_date": line.date,
            # Minutes are no count of services.
            "units": None if (_at(service, 3) or "").upper() == _MINUTES else _at(service, 4),
        }

    def _diagnoses(
        self, line: _Line, service: Parts, claim: _Claim
    ) -> list[str | ForeignCode | None]:
        """The diagnoses that SV107 points to, in its order."""
        found: list[str | ForeignCode | None] = []
        for pointer in (_at(service, 7) or "").split(self._component):
            pointer = pointer.strip()
            if not pointer:
                continue
            place = (
                int(pointer) if pointer.isascii() and pointer.isdigit() and len(pointer) < 3 else 0
            )
            if 0 < place <= len(claim.diagnoses):
                found.append(claim.diagnoses[place - 1])
            elif not claim.without_hi:
                self._notes.add(line.at, "SV107 points to a diagnosis that the claim does not have")
        return found


def _at(parts: Parts, index: int) -> str | None:
    """An element without blanks around it; None if it is absent or blank."""
    if index >= len(parts):
        return None
    return parts[index].strip() or None


def _code(procedure: Parts) -> str | ForeignCode | None:
    """SV101-2, which is CPT or HCPCS only with the qualifier HC."""
    code = procedure[1].strip() if len(procedure) > 1 else ""
    qualifier = procedure[0].strip() if procedure else ""
    if not code or qualifier == "HC":
        return code or None
    return ForeignCode(f"qualifier {qualifier}", code)
