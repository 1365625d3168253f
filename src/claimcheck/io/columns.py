"""How columns map to the fields of a line: decided once, before any row is read.

Names of columns are never shown, unless they are among those known here: a column may be named
after a person.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

import attrs

from claimcheck.errors import InputError
from claimcheck.io.claims import ClaimKey, claim_key
from claimcheck.line import FIELDS

__all__ = ["ColumnProblem", "Plan", "checked_mapping", "field_of", "plan_columns", "recognised"]

LISTS: Final = ("modifiers", "diagnoses", "conditions")
ALIASES: Final[Mapping[str, str]] = {
    **{field: field for field in FIELDS},
    **dict.fromkeys(
        ("hcpcs", "cpt", "hcpcs_code", "cpt_code", "procedure_code", "hcpcs_cpt", "hcpcs_cd"),
        "code",
    ),
    **dict.fromkeys(("modifier", "mod", "mods"), "modifiers"),
    **dict.fromkeys(
        ("pos", "place", "pos_code", "place_of_service_code", "line_place_of_srvc_cd"),
        "place_of_service",
    ),
    **dict.fromkeys(
        ("diagnosis", "diagnosis_code", "diagnosis_codes", "dx", "dx_code", "dx_codes"),
        "diagnoses",
    ),
    **dict.fromkeys(
        ("icd", "icd10", "icd_10", "line_icd_dgns_cd"),
        "diagnoses",
    ),
    **dict.fromkeys(
        ("dos", "date_of_service", "claim_line_start_date", "line_1st_expns_dt"), "service_date"
    ),
    **dict.fromkeys(("service_unit_quantity", "line_srvc_cnt"), "units"),
    **dict.fromkeys(("rendering_taxonomy", "performing_taxonomy"), "taxonomy"),
    **dict.fromkeys(("claim_line_number", "line_num"), "line_id"),
    "clm_id": "claim_id",
    "condition": "conditions",
}
"""Names of columns, in lower case with ``_`` between words, and the field that each gives.

Those of CMS carrier records (``HCPCS_CD``, ``LINE_NUM``) and of Tuva's ``medical_claim``
(``service_unit_quantity``) are among them. CMS's columns of the whole claim (``ICD_DGNS_CD1``,
``PRNCPAL_DGNS_CD``) are not: a line points to ``LINE_ICD_DGNS_CD``.
"""

_NUMBERED: Final = (
    (re.compile(r"(?:hcpcs_)?(?:mod|modifier|modifiers)_?([1-9][0-9]?)"), "modifiers"),
    (re.compile(r"hcpcs_([1-9])(?:st|nd|rd|th)_mdfr_cd"), "modifiers"),
    (
        re.compile(r"(?:dx|diag|diagnosis|diagnosis_code|dx_code|icd|icd_?10)_?([1-9][0-9]?)"),
        "diagnoses",
    ),
)
_SUGGESTED: Final = (*ALIASES, "modifier_1", "diagnosis_1")


class ColumnProblem(ValueError):
    """Columns that cannot be mapped; the message shows no name that is not known here."""


@attrs.frozen
class Plan:
    """Where each field stands among the cells of a row.

    Attributes:
        scalars: position of the cell, and field.
        lists: field, and the positions of its slots in order (None: no column for that slot).
        not_read: number of columns that give no field.
        looks_like: a field that one of those seems to be meant for, or None.
        keys: positions of the cells that tell which claim a row belongs to (None: no such cell).
    """

    scalars: tuple[tuple[int, str], ...]
    lists: tuple[tuple[str, tuple[int | None, ...]], ...]
    not_read: int
    looks_like: str | None
    keys: tuple[int | None, ...] = ()

    def key(self, cells: Sequence[Any]) -> ClaimKey | None:
        """The key of one row's claim, or None if the row stands alone."""
        return claim_key([None if at is None else cells[at] for at in self.keys])

    def fields(self, cells: Sequence[Any]) -> dict[str, Any]:
        """The fields of one row; a blank cell is None."""
        found = {field: None if cells[at] == "" else cells[at] for at, field in self.scalars}
        for field, slots in self.lists:
            found[field] = [None if at is None else cells[at] for at in slots]
        return found


@attrs.frozen
class _Column:
    at: int
    name: str  # normalised
    field: str
    slot: int | None  # number of the slot of a list field; None: the whole field


def plain(name: str) -> str:
    """A column's name for comparison: lower case, ``_`` for everything between words."""
    return re.sub(r"[^0-9a-z]+", "_", name.lower()).strip("_")


def recognised(names: Sequence[str]) -> int:
    """How many of the names give a field by themselves."""
    return sum(_known(plain(name)) is not None for name in names)


def field_of(name: str, mapping: Mapping[str, str]) -> str | None:
    """The field that a column of this name gives as a whole, by the mapping or by itself, or None."""
    for column, field in mapping.items():
        if plain(column) == plain(name):
            return field
    return ALIASES.get(plain(name))


def checked_mapping(mapping: Mapping[str, str] | None) -> dict[str, str]:
    """The mapping (column to field), once it is certain that its fields exist.

    Raises:
        InputError: a field that there is not, or two columns for one field that takes one.
    """
    given = dict(mapping or {})
    for field in given.values():
        if field not in FIELDS:
            close = get_close_matches(field.lower(), FIELDS, 1, 0.6)
            meant = f"did you mean {close[0]}? " if close else ""
            raise InputError(
                f"a column is mapped to a field that there is not; {meant}"
                f"the fields are {', '.join(FIELDS)}"
            )
        if field not in LISTS and list(given.values()).count(field) > 1:
            raise InputError(f"two columns are mapped to {field}, which takes one")
    return given


def plan_columns(
    names: Sequence[str],
    mapping: Mapping[str, str],
    *,
    whole: bool,
    group_by: Sequence[str] | None = None,
) -> Plan:
    """Decide what each column gives.

    Args:
        names: names of the columns, in order.
        mapping: column to field; wins over what a name means by itself.
        whole: whether the names are those of a whole table, which must have a column for ``code``
            and every mapped one; else they are the keys of one record.
        group_by: columns whose cells together are the key of a claim; None for the one that gives
            ``claim_id``, if there is one.

    Raises:
        ColumnProblem: two columns for one field, a mapped or grouping column that is not there, none
            for ``code``.
    """
    ordered = [plain(name) for name in names]
    mapped, absent = _mapped(names, ordered, mapping)
    if whole and absent:
        raise ColumnProblem(f"the column that is mapped to {absent[0]} is not in the header")
    taken = {column.at for column in mapped}
    settled = set(mapping.values())
    own = [
        column for column in _own(ordered) if column.at not in taken and column.field not in settled
    ]
    _refuse_doubles(own)
    columns = mapped + own
    fields = {column.field for column in columns}
    keys = _keys(names, ordered, columns, group_by, whole=whole)
    used = {column.at for column in columns} | {at for at in keys if at is not None}
    looks_like = _looks_like(ordered, used, fields)
    if whole and "code" not in fields:
        hint = "a column looks like it; " if looks_like == "code" else ""
        raise ColumnProblem(
            f"no column gives the procedure code; {hint}name it code, hcpcs, cpt or "
            "procedure_code, or map it (--map COLUMN=code)"
        )
    return Plan(
        tuple((c.at, c.field) for c in columns if c.slot is None),
        tuple((field, _slots(field, columns)) for field in LISTS if _slots(field, columns)),
        len(names) - len(used),
        looks_like,
        keys,
    )


def _mapped(
    names: Sequence[str], ordered: Sequence[str], mapping: Mapping[str, str]
) -> tuple[list[_Column], list[str]]:
    """The columns that the mapping names, and the fields whose column is not there."""
    found, absent = [], []
    many = {field for field in LISTS if list(mapping.values()).count(field) > 1}
    count = dict.fromkeys(many, 0)
    for column, field in mapping.items():
        places = _places(names, ordered, column)
        if len(places) > 1:
            raise ColumnProblem(f"several columns have the name that is mapped to {field}")
        slot = None
        if field in many:
            count[field] += 1
            slot = count[field]
        if places:
            found.append(_Column(places[0], ordered[places[0]], field, slot))
        else:
            absent.append(field)
    return found, absent


def _places(names: Sequence[str], ordered: Sequence[str], column: str) -> list[int]:
    """Where the columns of this name stand: as it is written, failing that in any writing."""
    places = [at for at, name in enumerate(names) if name.strip() == column.strip()]
    if not places and plain(column):
        places = [at for at, name in enumerate(ordered) if name == plain(column)]
    return places


def _keys(
    names: Sequence[str],
    ordered: Sequence[str],
    columns: Sequence[_Column],
    group_by: Sequence[str] | None,
    *,
    whole: bool,
) -> tuple[int | None, ...]:
    """Where the grouping columns stand."""
    if group_by is None:
        return tuple(column.at for column in columns if column.field == "claim_id")
    found: list[int | None] = []
    for number, name in enumerate(group_by, 1):
        places = _places(names, ordered, name)
        if len(places) > 1:
            raise ColumnProblem(f"several columns have name {number} of those to group by")
        if whole and not places:
            raise ColumnProblem(
                f"no column has name {number} of those to group by; name columns of the header "
                "(--group-by COLUMN), or group by none"
            )
        found.append(places[0] if places else None)
    return tuple(found)


def _own(ordered: Sequence[str]) -> list[_Column]:
    numbered = "icd9" in ordered or "icd_9" in ordered
    found = []
    for at, name in enumerate(ordered):
        # icd10 is the tenth of twelve columns, or the one column of ICD-10 codes.
        tenth = numbered and name in ("icd10", "icd_10")
        known = ("diagnoses", 10) if tenth else _known(name)
        if known is not None:
            found.append(_Column(at, name, *known))
    return found


def _known(name: str) -> tuple[str, int | None] | None:
    field = ALIASES.get(name)
    if field is not None:
        return field, None
    for shape, numbered in _NUMBERED:
        match = shape.fullmatch(name)
        if match:
            return numbered, int(match[1])
    return None


def _refuse_doubles(columns: Sequence[_Column]) -> None:
    first: dict[tuple[str, int | None], _Column] = {}
    for column in columns:
        for key in ((column.field, column.slot), (column.field, None)):
            other = first.get(key)
            if other is not None:
                raise ColumnProblem(
                    f"two columns give {column.field}: {other.name} and {column.name}; "
                    f"choose one (--map COLUMN={column.field})"
                )
        first[column.field, column.slot] = column
        if column.slot is not None:
            first.setdefault((column.field, 0), column)
        elif (column.field, 0) in first:
            _refuse_doubles([column, attrs.evolve(first[column.field, 0], slot=None)])


def _slots(field: str, columns: Sequence[_Column]) -> tuple[int | None, ...]:
    by_slot = {c.slot: c.at for c in columns if c.field == field and c.slot is not None}
    return tuple(by_slot.get(slot) for slot in range(1, max(by_slot) + 1)) if by_slot else ()


def _looks_like(ordered: Sequence[str], used: set[int], fields: set[str]) -> str | None:
    for at, name in enumerate(ordered):
        if at in used or not name or len(name) > 32:
            continue
        for close in get_close_matches(name, _SUGGESTED, 3, 0.82):
            known = _known(close)
            if known is not None and known[0] not in fields and len(name) > 3:
                return known[0]
    return None
