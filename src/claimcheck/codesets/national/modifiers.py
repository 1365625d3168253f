"""What the Medicare fee schedules say of a modifier on a procedure code.

Sources: the relative value file of the physician fee schedule (PC/TC indicator, global days, bilateral,
assistant, co-surgeon and team surgery indicators) and the clinical laboratory fee schedule. Where they
leave a modifier to the contractor, to another modifier's rules or to the payer, nothing is said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

import attrs

from claimcheck.codesets.national.tables import FeeScheduleRow, NationalTables
from claimcheck.finding import Citation

__all__ = ["MODIFIER_FAMILIES", "ModifierWord", "Said", "modifier_word"]

Said: TypeAlias = Literal["accepted", "documentation", "refused"]

MODIFIER_FAMILIES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "professional component": ("26",),
        "technical component": ("TC",),
        "bilateral procedure": ("50",),
        "assistant at surgery": ("80", "81", "82", "AS"),
        "co-surgeons": ("62",),
        "surgical team": ("66",),
        "split global package": ("54", "55", "56"),
        "later procedure in a global period": ("58", "78", "79"),
        "visit in a global period": ("24", "57"),
        "anesthesia": (
            *("23", "AA", "AD", "G8", "G9", "QK", "QS", "QX", "QY", "QZ"),
            *("P1", "P2", "P3", "P4", "P5", "P6"),
        ),
        "CLIA-waived test": ("QW",),
        "work of a procedure": ("22", "47", "51"),
    }
)
"""The modifiers that the tables decide, by what they say of the service."""

# Medicare does not cover these codes (N) or knows another code for the service (I): it prices nothing,
# so their indicators tell nothing.
_NOT_MEDICARES: Final = frozenset("IN")
# Statuses under which an indicator 9 ("concept does not apply") decides. Of codes that Medicare
# restricts (R) or leaves to carriers (C, B, T) it tells nothing.
_DECIDING_STATUSES: Final = frozenset("AEJMPX")
_QUALIFYING_ANESTHESIA: Final = frozenset({"99100", "99116", "99135", "99140"})
_PCTC: Final = {
    "0": "a physician's service that has no separate components",
    "2": "the professional component already",
    "3": "the technical component already",
    "4": "a global test alone",
    "5": "a service incident to a physician's",
    "7": "a therapy service",
    "8": "a physician's interpretation already",
    "9": "a service to which the components do not apply",
}


@attrs.frozen
class ModifierWord:
    """What a table says of a modifier on a code.

    Attributes:
        said: ``accepted``, ``documentation`` (only with supporting documentation), or ``refused``.
        because: why, as a sentence without its subject's code.
        rule: stable id of the row, e.g. ``tables/mpfs#99213/assistant``.
        citation: the edition and the place in it.
    """

    said: Said
    because: str
    rule: str
    citation: Citation


def modifier_word(
    tables: NationalTables, code: str, modifier: str, day: date | None
) -> ModifierWord | None:
    """What the imported fee schedules say of a modifier on a code on a day; None if nothing.

    Args:
        tables: the imported tables.
        code: procedure code, upper case.
        modifier: two characters, upper case.
        day: date of service; None for an undated line.
    """
    judge = _JUDGES.get(modifier)
    if judge is None:
        return None
    row = tables.fee_schedule(code, day)
    if modifier == "QW":
        return _waived(tables, code, day, row)
    if row is not None and row.status in _NOT_MEDICARES:
        return None
    if row is not None:
        return judge(_Asked(tables, row, modifier, day))
    return _laboratory_only(tables, code, modifier, day)


@attrs.frozen
class _Asked:
    """A modifier on a code of which the physician fee schedule has a row."""

    tables: NationalTables
    row: FeeScheduleRow
    modifier: str
    day: date | None

    @property
    def decides_nine(self) -> bool:
        """Whether an indicator 9 says that the modifier is out."""
        return self.row.status in _DECIDING_STATUSES

    @property
    def is_surgical(self) -> bool:
        """Whether the code may be a procedure although it has no global days (XXX)."""
        code = self.row.code
        return "10004" <= code <= "69990" or code.endswith("T")

    def word(self, said: Said, column: str, because: str) -> ModifierWord:
        """A word of the row, with the column that decides."""
        edition = self.row.edition
        return ModifierWord(
            said,
            because,
            f"tables/mpfs#{self.row.code}/{column}",
            edition.cite(f"{self.row.code}, {_COLUMN_NAMES[column]}"),
        )


_COLUMN_NAMES: Final = {
    "pctc": "PC/TC indicator",
    "global-days": "global days",
    "bilateral": "bilateral surgery indicator",
    "assistant": "assistant at surgery indicator",
    "co-surgeon": "co-surgeons indicator",
    "team": "team surgery indicator",
    "status": "status code",
}


def _professional(asked: _Asked) -> ModifierWord | None:
    row = asked.row
    if "26" in row.split or row.pctc in ("1", "6"):
        return asked.word("accepted", "pctc", "has a professional component")
    return _no_component(asked, "professional")


def _technical(asked: _Asked) -> ModifierWord | None:
    row = asked.row
    if "TC" in row.split or row.pctc == "1":
        return asked.word("accepted", "pctc", "has a technical component")
    if row.pctc == "6":
        return asked.word("refused", "pctc", "is a laboratory test with an interpretation (6) only")
    return _no_component(asked, "technical")


def _no_component(asked: _Asked, which: str) -> ModifierWord | None:
    pctc = asked.row.pctc
    if pctc not in _PCTC or (pctc == "9" and not asked.decides_nine):
        return None
    because = f"has no {which} component apart: its PC/TC indicator {pctc} makes it {_PCTC[pctc]}"
    return asked.word("refused", "pctc", because)


def _bilateral(asked: _Asked) -> ModifierWord | None:
    told: Mapping[str, tuple[Said, str]] = {
        "0": ("refused", "is not paid as a bilateral procedure (0)"),
        "1": ("accepted", "is paid as a bilateral procedure (1)"),
        "2": ("refused", "is priced as bilateral already (2)"),
        "3": ("accepted", "is paid in full for each side (3)"),
    }
    return _by_indicator(asked, "bilateral", asked.row.bilateral, told)


def _assistant(asked: _Asked) -> ModifierWord | None:
    row = asked.row
    if row.assistant == "0" and row.global_days == "XXX" and not asked.is_surgical:
        return asked.word(
            "refused",
            "global-days",
            "has no global surgery days (XXX) and is no operation to assist at",
        )
    told: Mapping[str, tuple[Said, str]] = {
        "0": ("documentation", "is paid with an assistant only on proof of medical necessity (0)"),
        "1": ("refused", "is never paid with an assistant at surgery (1)"),
        "2": ("accepted", "is paid with an assistant at surgery (2)"),
    }
    return _by_indicator(asked, "assistant", row.assistant, told)


def _co_surgeons(asked: _Asked) -> ModifierWord | None:
    told: Mapping[str, tuple[Said, str]] = {
        "0": ("refused", "is not paid with co-surgeons (0)"),
        "1": ("documentation", "is paid with co-surgeons only on proof of medical necessity (1)"),
        "2": ("accepted", "is paid with co-surgeons of two specialties (2)"),
    }
    return _by_indicator(asked, "co-surgeon", asked.row.co_surgeon, told)


def _team(asked: _Asked) -> ModifierWord | None:
    told: Mapping[str, tuple[Said, str]] = {
        "0": ("refused", "is not paid with a surgical team (0)"),
        "1": (
            "documentation",
            "is paid with a surgical team only on proof of medical necessity (1)",
        ),
        "2": ("accepted", "is paid with a surgical team (2)"),
    }
    return _by_indicator(asked, "team", asked.row.team, told)


def _by_indicator(
    asked: _Asked, column: str, indicator: str, told: Mapping[str, tuple[Said, str]]
) -> ModifierWord | None:
    if indicator in told:
        said, because = told[indicator]
        return asked.word(said, column, because)
    if indicator == "9" and asked.decides_nine:
        return asked.word("refused", column, "is a service to which that does not apply (9)")
    return None


def _split_package(asked: _Asked) -> ModifierWord | None:
    days = asked.row.global_days
    if days in ("010", "090"):
        return asked.word("accepted", "global-days", f"has a global period ({days})")
    if days == "000" or (days == "XXX" and asked.decides_nine):
        return asked.word(
            "refused", "global-days", f"has no global period to split (global days {days})"
        )
    return None


def _later_procedure(asked: _Asked) -> ModifierWord | None:
    days = asked.row.global_days
    if days in ("010", "090"):
        return asked.word("accepted", "global-days", f"is a procedure ({days})")
    if days == "XXX" and asked.decides_nine and not asked.is_surgical:
        return asked.word(
            "refused", "global-days", "is no procedure of a global surgery package (XXX)"
        )
    return None


def _visit(asked: _Asked) -> ModifierWord | None:
    row = asked.row
    if row.global_days in ("000", "010", "090", "ZZZ"):
        because = f"is a procedure (global days {row.global_days}); the modifier is for visits"
        return asked.word("refused", "global-days", because)
    if row.global_days == "XXX" and row.pctc == "0":
        return asked.word("accepted", "global-days", "can be a visit (XXX)")
    if row.pctc in "1234678" or (row.pctc == "9" and asked.decides_nine):
        because = f"is no visit (PC/TC indicator {row.pctc}); the modifier is for visits"
        return asked.word("refused", "pctc", because)
    return None


def _anesthesia(asked: _Asked) -> ModifierWord | None:
    row = asked.row
    if row.status == "J" or "00100" <= row.code <= "01999":
        return asked.word("accepted", "status", "is an anesthesia service (J)")
    if row.status not in _DECIDING_STATUSES or row.code in _QUALIFYING_ANESTHESIA:
        return None
    because = f"is no anesthesia service (status {row.status}; those have J)"
    return asked.word("refused", "status", because)


def _of_procedures(asked: _Asked) -> ModifierWord | None:
    """Modifiers 22, 47 and 51, which are out only where no work of a procedure is priced."""
    row = asked.row
    if row.pctc == "9" and row.status == "X":
        because = "is paid outside the physician fee schedule, without physician work (status X)"
        return asked.word("refused", "status", because)
    return None


def _waived(
    tables: NationalTables, code: str, day: date | None, row: FeeScheduleRow | None
) -> ModifierWord | None:
    """QW: by the rows of the laboratory fee schedule."""
    edition = tables.edition("clfs", day)
    if edition is None:
        return None
    listed = tables.laboratory(code, day)
    rule, citation = f"tables/clfs#{code}/QW", edition.cite(f"{code}, modifier QW")
    if listed is not None:
        if "QW" in listed:
            return ModifierWord("accepted", "has a row with QW", rule, citation)
        return ModifierWord("refused", "has no row with QW", rule, citation)
    if row is not None and row.status in "AJRT":
        because = "is not on the clinical laboratory fee schedule"
        return ModifierWord("refused", because, rule, citation)
    return None


def _laboratory_only(
    tables: NationalTables, code: str, modifier: str, day: date | None
) -> ModifierWord | None:
    """A code without a row in the physician fee schedule, as all PLA codes are."""
    edition = tables.edition("clfs", day)
    if edition is None or tables.laboratory(code, day) is None:
        return None
    # Whether a test has an interpretation (26) is told by the physician fee schedule, which PLA and
    # MAAA codes never are in.
    never_in_fee_schedule = code[-1] in "UM"
    if not never_in_fee_schedule and tables.vintage("mpfs", day) is None and modifier != "TC":
        return None
    because = "is paid as a laboratory test alone, with no row for this modifier"
    return ModifierWord("refused", because, f"tables/clfs#{code}", edition.cite(code))


_Judge: TypeAlias = Callable[[_Asked], ModifierWord | None]
_OF_FAMILY: Final[Mapping[str, _Judge]] = {
    "professional component": _professional,
    "technical component": _technical,
    "bilateral procedure": _bilateral,
    "assistant at surgery": _assistant,
    "co-surgeons": _co_surgeons,
    "surgical team": _team,
    "split global package": _split_package,
    "later procedure in a global period": _later_procedure,
    "visit in a global period": _visit,
    "anesthesia": _anesthesia,
    "CLIA-waived test": lambda asked: None,
    "work of a procedure": _of_procedures,
}
_JUDGES: Final[Mapping[str, _Judge]] = {
    modifier: _OF_FAMILY[family]
    for family, modifiers in MODIFIER_FAMILIES.items()
    for modifier in modifiers
}
