"""Claim lines: reading what a caller proposes, once, into values that the checks can trust.

Nothing that a line says raises. A value that cannot be read leaves its place empty and a ``Problem``
behind, which a check turns into a finding. A ``Problem`` carries a value only where the value could
be a code of its field (people put names into the wrong column); anything else it describes by shape.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from types import NoneType
from typing import Any, Final, TypeAlias

import attrs

from claimcheck.dates import MONTHS, parse_date

__all__ = ["FIELDS", "ClaimLine", "ForeignCode", "Problem", "read_line"]

FIELDS: Final = (
    "line_id",
    "claim_id",
    "code",
    "modifiers",
    "place_of_service",
    "diagnoses",
    "taxonomy",
    "billing_taxonomy",
    "ordering_taxonomy",
    "payer",
    "service_date",
    "units",
    "conditions",
)
"""The fields of a claim line, in the order in which findings are told."""

CODE_SHAPE: Final = re.compile(r"[0-9]{5}|[0-9]{4}[AFMTU]|[A-V][0-9]{4}")
MODIFIER_SHAPE: Final = re.compile(r"[0-9A-Z]{2}")
PLACE_SHAPE: Final = re.compile(r"[0-9]{2}")
# Not "letter, digit, ...": April 2026 has codes such as QA0.0, C4A and Z3A.
DIAGNOSIS_SHAPE: Final = re.compile(r"[A-Z][0-9A][0-9AB][0-9A-Z]{0,4}")
TAXONOMY_SHAPE: Final = re.compile(r"(?=.*[0-9])[0-9A-Z]{9}X")
CONDITION_SHAPE: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
IDENTIFIER_SHAPE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/#|+=-]{0,63}")
# Dates and the like are not repeated: the id may stand in the wrong column.
_DATE_LIKE: Final = re.compile(
    rf"[0-9]{{1,4}}[-/.](?:[0-9]{{1,2}}|(?i:{'|'.join(MONTHS)}))[-/.][0-9]{{1,4}}"
)
_PLAIN_IDENTIFIER: Final = re.compile(f"(?!{_DATE_LIKE.pattern}$){IDENTIFIER_SHAPE.pattern}")
_SEPARATORS: Final = re.compile(r"\s*[,;:|/-]\s*|\s+")
_DIAGNOSIS_SEPARATORS: Final = re.compile(r"\s*[,;:|/]\s*|\s+")
_NOT_A_PAYER_LETTER: Final = re.compile(r"[^a-z0-9]+")
INVISIBLE: Final = " \t\r\n\v\f\u00a0\u200b\u2060\ufeff"
_REMEMBERED: Final = 50_000
# What pandas puts where a value is missing; told by name, since pandas is not imported for it.
_MISSING_TYPES: Final = frozenset({"NAType", "NaTType"})
LONGEST_PAYER: Final = 80

Slots: TypeAlias = tuple[str, ...]


@attrs.frozen
class Problem:
    """Something about one field that could not be read as it stands.

    Attributes:
        field: name of the field; ``code`` for a problem of the whole line.
        defect: slug of the finding that tells it.
        shape: what stands there, told without showing it.
        index: position in a list field, else None.
        value: the value, only where it could be a code of the field.
        looks_like: the code that was probably meant, or the field name that was, or None.
    """

    field: str
    defect: str
    shape: str
    index: int | None = None
    value: str | None = None
    looks_like: str | None = None


@attrs.frozen
class ForeignCode:
    """A code that says itself that it is of another code set than its field's.

    It is kept, and not checked against the field's code set. A mapping of ``system`` and ``code`` says
    the same.

    Attributes:
        system: name of the code set, ``ICD-9-CM`` for example.
        code: the code.
    """

    system: str
    code: str


_FOREIGN: Final[Mapping[str, str]] = {
    "code": "code-other-code-set",
    "diagnoses": "diagnosis-other-code-set",
}
_SYSTEM_SHAPE: Final = re.compile(r"ICD-9-CM|qualifier [0-9A-Z]{1,3}")


def _foreign_problem(field: str, raw: object, index: int | None) -> Problem | None:
    """What to tell of a code of another code set; None if it is none."""
    if isinstance(raw, Mapping) and len(raw) == 2 and "system" in raw and "code" in raw:
        raw = ForeignCode(str(raw["system"]), str(raw["code"]))
    if not isinstance(raw, ForeignCode) or field not in _FOREIGN:
        return None
    system = raw.system if _SYSTEM_SHAPE.fullmatch(raw.system) else "another code set"
    code = raw.code.strip().upper()
    shown = code if _could_be(code, 5) else None
    return Problem(field, _FOREIGN[field], system, index, shown)


class _Unreadable(Exception):
    """A raw value that is no text; carries its shape only."""


def describe_shape(text: str) -> str:
    """Tell the shape of a text without showing it, for example ``16 characters, letters and blanks``."""
    kinds = []
    if any(letter.isalpha() for letter in text):
        kinds.append("letters")
    if any(letter.isdigit() for letter in text):
        kinds.append("digits")
    if any(letter.isspace() for letter in text):
        kinds.append("blanks")
    if any(not (c.isalnum() or c.isspace()) for c in text):
        kinds.append("other signs")
    count = f"{len(text)} character" + ("" if len(text) == 1 else "s")
    listed = " and ".join([", ".join(kinds[:-1]), kinds[-1]] if len(kinds) > 1 else kinds)
    return f"{count}, {listed}" if listed else count


def _as_text(raw: object) -> str | None:
    """The text of a raw scalar, stripped; None for absent (None, NaN, blank text)."""
    if raw is None or type(raw).__name__ in _MISSING_TYPES:
        return None
    if isinstance(raw, str):
        text = raw.strip().strip(INVISIBLE)
        return text or None
    if isinstance(raw, bool):
        raise _Unreadable("a truth value")
    if isinstance(raw, int):
        # int() drops a subclass's own __str__.
        return str(int(raw)) if abs(raw) < 10**20 else _refuse("a very large number")
    if isinstance(raw, float):
        if math.isnan(raw):
            return None
        return str(int(raw)) if raw.is_integer() and abs(raw) < 1e20 else _refuse("a fraction")
    if isinstance(raw, Decimal):
        return None if raw.is_nan() else _as_text(float(raw))
    item = getattr(raw, "item", None)  # numpy scalars
    if callable(item) and not isinstance(raw, bytes | bytearray | Mapping):
        try:
            inner = item()
        except Exception:  # a foreign object that only looks like a scalar
            raise _Unreadable(_kind(raw)) from None
        if type(inner) is not type(raw):
            return _as_text(inner)
    raise _Unreadable(_kind(raw))


def _refuse(shape: str) -> str:
    raise _Unreadable(shape)


def _kind(raw: object) -> str:
    if isinstance(raw, Mapping):
        return "a mapping"
    if isinstance(raw, str):
        return "a text"
    if raw is None:
        return "nothing"
    if isinstance(raw, bytes | bytearray):
        return "bytes"
    if isinstance(raw, date):
        return "a date"
    if isinstance(raw, Iterable):
        return "a list"
    return "an object that is no text"


def _could_be(text: str, longest: int) -> bool:
    return (
        len(text) <= longest and text.isascii() and text.isalnum() and any(map(str.isdigit, text))
    )


# --- readers of one value: raw text -> (value or None, problem or None) -------------------------

Read: TypeAlias = tuple[str | None, Problem | None]


def _read_code(text: str) -> Read:
    code = text.upper() if text.isascii() else text
    if CODE_SHAPE.fullmatch(code):
        return code, None
    shown = code if _could_be(code, 5) else None
    return None, Problem(
        "code", "code-malformed", describe_shape(text), None, shown, _meant_code(code)
    )


def _meant_code(code: str) -> str | None:
    """The code probably meant where O stands for 0, I for 1, or a leading zero was lost."""
    if not _could_be(code, 5):
        return None
    digits = code[:4].replace("O", "0").replace("I", "1").replace("L", "1") + code[4:]
    if len(code) == 5 and CODE_SHAPE.fullmatch(digits):
        return digits
    if len(code) in (3, 4) and CODE_SHAPE.fullmatch(code.zfill(5)):
        return code.zfill(5)
    return None


def _read_modifier(text: str) -> Read:
    modifier = text.upper() if text.isascii() else text
    if MODIFIER_SHAPE.fullmatch(modifier):
        return modifier, None
    shown = modifier if _could_be(modifier, 2) else None
    return None, Problem("modifiers", "modifier-malformed", describe_shape(text), None, shown)


def _read_place(text: str) -> Read:
    if text.endswith(".0") and text[:-2].isdigit():
        text = text[:-2]
    if PLACE_SHAPE.fullmatch(text):
        return text, None
    if text in "123456789" and len(text) == 1:
        place = "0" + text
        return place, Problem(
            "place_of_service", "place-digit-lost", describe_shape(text), None, place
        )
    shown = text.upper() if _could_be(text, 2) else None
    return None, Problem("place_of_service", "place-malformed", describe_shape(text), None, shown)


def _read_diagnosis(text: str) -> Read:
    code = text.upper() if text.isascii() else text
    dotless = code[:3] + code[4:] if code[3:4] == "." else code
    if DIAGNOSIS_SHAPE.fullmatch(dotless):
        return dotted(dotless), None
    meant = _meant_diagnosis(dotless) if _could_be(dotless, 7) else None
    # Digits alone are more likely a number of a person than a diagnosis, unless they look like one.
    shown = _could_be(dotless, 7) and (meant is not None or not dotless.isdigit())
    return None, Problem(
        "diagnoses",
        "diagnosis-malformed",
        describe_shape(text),
        None,
        code if shown else None,
        meant,
    )


def dotted(code: str) -> str:
    """An ICD-10-CM code with its dot: ``O039`` becomes ``O03.9``, ``N96`` stays."""
    return f"{code[:3]}.{code[3:]}" if len(code) > 3 else code


def _meant_diagnosis(code: str) -> str | None:
    first = {"0": "O", "1": "I"}.get(code[0], code[0])
    second = {"O": "0", "I": "1", "L": "1"}.get(code[1:2], code[1:2])
    third = {"O": "0", "I": "1", "L": "1"}.get(code[2:3], code[2:3])
    meant = first + second + third + code[3:]
    return dotted(meant) if meant != code and DIAGNOSIS_SHAPE.fullmatch(meant) else None


def _taxonomy_reader(field: str) -> Callable[[str], Read]:
    def read(text: str) -> Read:
        taxonomy = text.upper() if text.isascii() else text
        if TAXONOMY_SHAPE.fullmatch(taxonomy):
            return taxonomy, None
        # Stricter than "could be a code": ten digits are a telephone number, nine an SSN.
        shown = _could_be(taxonomy, 10) and taxonomy.endswith("X")
        return None, Problem(
            field, "taxonomy-malformed", describe_shape(text), None, taxonomy if shown else None
        )

    return read


def payer_slug(text: str) -> str:
    """A payer's name as it is compared: lower case, everything but letters and digits as one dash."""
    return _NOT_A_PAYER_LETTER.sub("-", text.lower()).strip("-")


def _read_payer(text: str) -> Read:
    payer = payer_slug(text)
    if payer and len(text) <= LONGEST_PAYER:
        return payer, None
    return None, Problem("payer", "payer-malformed", describe_shape(text))


def _read_condition(text: str) -> Read:
    condition = text.lower().replace("_", "-")
    if CONDITION_SHAPE.fullmatch(condition) and len(condition) <= 64:
        return condition, None
    return None, Problem("code", "line-malformed", f"a condition of {describe_shape(text)}")


class _Remembering(dict[str, str]):
    """Remembers what was read without a problem; never a value that could not be read."""

    def __init__(self, read: Callable[[str], Read], field: str, defect: str) -> None:
        super().__init__()
        self.read = read
        self.field = field
        self.defect = defect

    def one(self, raw: object, problems: list[Problem], index: int | None = None) -> str | None:
        try:
            text = _as_text(raw)
        except _Unreadable as unreadable:
            foreign = _foreign_problem(self.field, raw, index)
            problems.append(foreign or Problem(self.field, self.defect, str(unreadable), index))
            return None
        if text is None:
            return None
        value, problem = self.read(text)
        if problem is not None:
            problems.append(problem if index is None else attrs.evolve(problem, index=index))
        elif value is not None and isinstance(raw, str):
            if len(self) >= _REMEMBERED:
                self.clear()
            self[raw] = value
        return value


_CODE = _Remembering(_read_code, "code", "code-malformed")
_MODIFIER = _Remembering(_read_modifier, "modifiers", "modifier-malformed")
_PLACE = _Remembering(_read_place, "place_of_service", "place-malformed")
_DIAGNOSIS = _Remembering(_read_diagnosis, "diagnoses", "diagnosis-malformed")
_TAXONOMY = {
    field: _Remembering(_taxonomy_reader(field), field, "taxonomy-malformed")
    for field in ("taxonomy", "billing_taxonomy", "ordering_taxonomy")
}
_PERFORMING, _BILLING, _ORDERING = _TAXONOMY.values()
_PAYER = _Remembering(_read_payer, "payer", "payer-malformed")
_CONDITION = _Remembering(_read_condition, "code", "line-malformed")


def _read_list(
    raw: object,
    reader: _Remembering,
    separators: re.Pattern[str],
    problems: list[Problem],
) -> Slots:
    """Read a list field. Blank and unreadable slots keep their place as ``""``; trailing blanks go."""
    if isinstance(raw, Mapping | bytes | bytearray):
        problems.append(Problem(reader.field, reader.defect, _kind(raw)))
        return ()
    try:
        items = _items(raw)
    except Exception:  # what a line says never raises
        problems.append(Problem(reader.field, reader.defect, "a list that cannot be read"))
        return ()
    slots: list[str] = []
    filled = 0
    for item in items:
        before = len(problems)
        pieces = _pieces(item, separators)
        if len(pieces) > 1 and not _may_be_told(pieces, reader):
            text = str(item).strip()
            problems.append(Problem(reader.field, reader.defect, describe_shape(text), len(slots)))
            slots.append("")
        else:
            for piece in pieces:
                slots.append(reader.one(piece, problems, len(slots)) or "")
                if slots[-1]:
                    filled = len(slots)
        if len(problems) > before:
            filled = len(slots)
    return tuple(slots[:filled])


def raw_slots(field: str, raw: object) -> list[object]:
    """What stands in each slot of a list field (``modifiers`` or ``diagnoses``), as it was given."""
    reader, separators = (
        (_MODIFIER, _SEPARATORS) if field == "modifiers" else (_DIAGNOSIS, _DIAGNOSIS_SEPARATORS)
    )
    slots: list[object] = []
    for item in _items(raw):
        pieces = _pieces(item, separators)
        slots += pieces if len(pieces) < 2 or _may_be_told(pieces, reader) else [item]
    return slots


def _items(raw: object) -> list[object]:
    return list(raw) if isinstance(raw, Iterable) and not isinstance(raw, str) else [raw]


def _pieces(item: object, separators: re.Pattern[str]) -> list[object]:
    return list(separators.split(item.strip())) if isinstance(item, str) else [item]


def _may_be_told(pieces: list[object], reader: _Remembering) -> bool:
    """Whether a text that was cut into pieces is codes; if not, none of its pieces is shown.

    A name, a date or a number of a person falls into pieces too, and some of those look like codes.
    A misspelt code (``003.9``) among codes spoils nothing.
    """
    texts = [piece for piece in pieces if isinstance(piece, str) and piece]
    if len(texts) == 3 and all(map(str.isdigit, texts)) and min(map(int, texts)) <= 12:
        return False  # a date: no modifier is as small as a month
    unread: list[Problem] = []
    for text in texts:
        reader.one(text, unread)
    return all(problem.looks_like for problem in unread)


def holds_several(field: str, item: object) -> bool:
    """Whether one item of a list field (``modifiers`` or ``diagnoses``) is several slots in one text."""
    separators = _SEPARATORS if field == "modifiers" else _DIAGNOSIS_SEPARATORS
    return isinstance(item, str) and separators.search(item.strip()) is not None


def _read_date(raw: object, problems: list[Problem]) -> date | None:
    if type(raw).__name__ in _MISSING_TYPES:
        return None
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    if type(raw).__name__ == "datetime64":
        raw = None if str(raw) == "NaT" else str(raw)
    try:
        text = _as_text(raw)
    except _Unreadable as unreadable:
        problems.append(Problem("service_date", "line-malformed", str(unreadable)))
        return None
    if text is None:
        return None
    day = _DATES.get(text)
    if day is not None:
        return day
    day = parse_date(text)
    if day is None:
        problems.append(Problem("service_date", "line-malformed", describe_shape(text)))
    else:
        if len(_DATES) >= _REMEMBERED:
            _DATES.clear()
        _DATES[text] = day
    return day


_DATES: dict[str, date] = {}
_SMALL_NUMBER: Final = re.compile(r"-?[0-9]{1,4}(\.[0-9]{1,3})?")


def _read_units(raw: object, problems: list[Problem]) -> int | float | None:
    if type(raw) is int and 0 < raw < 1_000_000:
        return raw
    if isinstance(raw, float | Decimal):
        if raw.is_nan() if isinstance(raw, Decimal) else math.isnan(raw):
            return None
        text: str | None = _plain_number(raw)
    else:
        try:
            text = _as_text(raw)
        except _Unreadable as unreadable:
            problems.append(Problem("units", "units-malformed", str(unreadable)))
            return None
    if text is None:
        return None
    try:
        number = Decimal(text) if text.isascii() else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or not 0 < number < 1_000_000:
        shown = text if _SMALL_NUMBER.fullmatch(text) else None
        problems.append(Problem("units", "units-malformed", describe_shape(text), None, shown))
        return None
    return int(number) if number == number.to_integral_value() else float(number)


def _plain_number(number: float | Decimal) -> str:
    """A number without exponent or needless zeros; a word for what is not finite."""
    if not math.isfinite(number):
        return "infinite"
    return str(int(number)) if number == int(number) else format(number, "f")


def _read_identifier(raw: object, field: str, problems: list[Problem]) -> str | None:
    try:
        text = _as_text(raw)
    except _Unreadable as unreadable:
        problems.append(Problem("code", "line-id-withheld", f"{field} is {unreadable}"))
        return None
    if text is None:
        return None
    if IDENTIFIER_SHAPE.fullmatch(text) and not _DATE_LIKE.fullmatch(text):
        return text
    problems.append(Problem("code", "line-id-withheld", f"{field} has {describe_shape(text)}"))
    return None


@attrs.frozen(init=False, kw_only=True)
class ClaimLine:
    """One proposed service line, normalised.

    Every argument takes what callers have: text in any case, with blanks; numbers; lists or one
    separated text for modifiers and diagnoses; None. What cannot be read is in ``problems``.

    Attributes:
        line_id, claim_id: the caller's own ids, repeated in reports; None if absent or withheld.
        code: CPT or HCPCS code, upper case, or None.
        modifiers: two characters each; a blank or unreadable slot is ``""`` and keeps its place.
        place_of_service: two digits, or None.
        diagnoses: ICD-10-CM codes with their dot, those that the line points to, first is primary.
        taxonomy: NUCC code of the rendering or performing provider, or None.
        billing_taxonomy, ordering_taxonomy: of the billing and the ordering provider, or None.
        payer: the payer's name in lower case with dashes, or None.
        service_date: date of service, or None.
        units: positive number of units, or None.
        conditions: names of the conditions that the line has confirmed, sorted.
        problems: what could not be read as it stands.
    """

    line_id: str | None
    claim_id: str | None
    code: str | None
    modifiers: Slots
    place_of_service: str | None
    diagnoses: Slots
    taxonomy: str | None
    billing_taxonomy: str | None
    ordering_taxonomy: str | None
    payer: str | None = attrs.field(repr=False)
    service_date: date | None = attrs.field(repr=False)
    units: int | float | None
    conditions: Slots = attrs.field(repr=False)
    problems: tuple[Problem, ...]
    _content: tuple[object, ...] = attrs.field(repr=False, eq=False)

    def __init__(
        self,
        *,
        line_id: object = None,
        claim_id: object = None,
        code: object = None,
        modifiers: object = None,
        place_of_service: object = None,
        diagnoses: object = None,
        taxonomy: object = None,
        billing_taxonomy: object = None,
        ordering_taxonomy: object = None,
        payer: object = None,
        service_date: object = None,
        units: object = None,
        conditions: object = None,
        problems: Iterable[Problem] = (),
    ) -> None:
        found: list[Problem] = list(problems) if problems else []
        if line_id is not None:
            line_id = _read_identifier(line_id, "line_id", found)
        if claim_id is not None:
            claim_id = _read_identifier(claim_id, "claim_id", found)
        before = len(found)
        if code is not None:
            code = _known(_CODE, code) or _CODE.one(code, found)
        if code is None and len(found) == before and not _is_no_line(problems):
            found.append(CODE_MISSING)
        read_modifiers: Slots = ()
        if modifiers is not None:
            known = _known_list(_MODIFIER, modifiers)
            read_modifiers = (
                _read_list(modifiers, _MODIFIER, _SEPARATORS, found) if known is None else known
            )
        if place_of_service is not None:
            place_of_service = _known(_PLACE, place_of_service) or _PLACE.one(
                place_of_service, found
            )
        read_diagnoses: Slots = ()
        if diagnoses is not None:
            known = _known_list(_DIAGNOSIS, diagnoses)
            read_diagnoses = (
                _read_list(diagnoses, _DIAGNOSIS, _DIAGNOSIS_SEPARATORS, found)
                if known is None
                else known
            )
        if taxonomy is not None:
            taxonomy = _known(_PERFORMING, taxonomy) or _PERFORMING.one(taxonomy, found)
        if billing_taxonomy is not None:
            billing_taxonomy = _known(_BILLING, billing_taxonomy) or _BILLING.one(
                billing_taxonomy, found
            )
        if ordering_taxonomy is not None:
            ordering_taxonomy = _known(_ORDERING, ordering_taxonomy) or _ORDERING.one(
                ordering_taxonomy, found
            )
        if payer is not None:
            payer = _known(_PAYER, payer) or _PAYER.one(payer, found)
        if service_date is not None:
            service_date = _read_date(service_date, found)
        if units is not None:
            units = _read_units(units, found)
        read_conditions: Slots = ()
        if conditions is not None:
            slots = _read_list(conditions, _CONDITION, _DIAGNOSIS_SEPARATORS, found)
            read_conditions = tuple(sorted({slot for slot in slots if slot}))
        told = tuple(found)
        put = object.__setattr__
        put(self, "line_id", line_id)
        put(self, "claim_id", claim_id)
        put(self, "code", code)
        put(self, "modifiers", read_modifiers)
        put(self, "place_of_service", place_of_service)
        put(self, "diagnoses", read_diagnoses)
        put(self, "taxonomy", taxonomy)
        put(self, "billing_taxonomy", billing_taxonomy)
        put(self, "ordering_taxonomy", ordering_taxonomy)
        put(self, "payer", payer)
        put(self, "service_date", service_date)
        put(self, "units", units)
        put(self, "conditions", read_conditions)
        put(self, "problems", told)
        content = (
            code,
            read_modifiers,
            place_of_service,
            read_diagnoses,
            taxonomy,
            billing_taxonomy,
            ordering_taxonomy,
            payer,
            units,
            read_conditions,
            told,
        )
        put(self, "_content", content)

    @classmethod
    def of_values(
        cls,
        line_id: object,
        claim_id: object,
        values: Sequence[object],
        service_date: date | None,
        problems: tuple[Problem, ...],
    ) -> ClaimLine:
        """A line of values that were read already, one by one; only its ids are read here.

        Args:
            line_id: as the caller has it; that it must be withheld is in ``problems``.
            claim_id: likewise.
            values: code, modifiers, place_of_service, diagnoses, taxonomy, billing_taxonomy,
                ordering_taxonomy, payer, units, conditions.
            service_date: the date of service.
            problems: all of the line.
        """
        line = object.__new__(cls)
        put = object.__setattr__
        ids: list[Problem] = []
        put(line, "line_id", None if line_id is None else _read_identifier(line_id, "line_id", ids))
        put(
            line,
            "claim_id",
            None if claim_id is None else _read_identifier(claim_id, "claim_id", ids),
        )
        for name, value in zip(CONTENT, values, strict=True):
            put(line, name, value)
        put(line, "service_date", service_date)
        put(line, "problems", problems)
        put(line, "_content", (*values, problems))
        return line


CONTENT: Final = (
    "code",
    "modifiers",
    "place_of_service",
    "diagnoses",
    "taxonomy",
    "billing_taxonomy",
    "ordering_taxonomy",
    "payer",
    "units",
    "conditions",
)
CODE_MISSING: Final = Problem("code", "code-missing", "nothing")


def _is_no_line(problems: Iterable[Problem]) -> bool:
    """Whether the code is absent because there is no line to speak of."""
    return any(problem.defect == "line-malformed" for problem in problems)


def _known(remembered: _Remembering, raw: object) -> str | None:
    return remembered.get(raw) if type(raw) is str else None


def _known_list(remembered: _Remembering, raw: object) -> Slots | None:
    """The slots, if every item is blank or a text that was read before without a problem."""
    if type(raw) is not list and type(raw) is not tuple:
        return None
    try:
        slots = ["" if item is None or item == "" else remembered[item] for item in raw]
    except (KeyError, TypeError, ValueError):
        return None
    while slots and not slots[-1]:
        slots.pop()
    return tuple(slots)


_FIELD_SET: Final = frozenset(FIELDS)


def read_line(raw: object) -> ClaimLine:
    """Read a line from a mapping (or take a ``ClaimLine`` as it is). Never raises for what it says."""
    if type(raw) is ClaimLine:
        return raw
    if not isinstance(raw, Mapping):
        problem = Problem("code", "line-malformed", f"{_kind(raw)}, not a mapping of fields")
        return ClaimLine(problems=(problem,))
    if _FIELD_SET.issuperset(raw):
        return ClaimLine(**raw)
    known: dict[str, Any] = {}
    unknown = []
    for name, value in raw.items():
        if isinstance(name, str) and name in _FIELD_SET:
            known[name] = value
        else:
            unknown.append(name)
    return ClaimLine(**known, problems=[_unknown_fields(unknown, known)])


def raw_key(raw: object) -> tuple[str | None, str | None, tuple[object, ...]] | None:
    """A raw line's ids, and a key of its content: equal keys mean equal lines.

    None where the line must be read to know: an id that may have to be withheld, a field that nobody
    reads, a value that is not text (``True`` and ``1`` are equal as keys, and not as values).
    """
    if type(raw) is not dict or not _FIELD_SET.issuperset(raw):
        return None
    get = raw.get
    line_id, claim_id = get("line_id"), get("claim_id")
    if not (line_id is None or is_plain_id(line_id)):
        return None
    if not (claim_id is None or is_plain_id(claim_id)):
        return None
    modifiers, diagnoses, conditions = get("modifiers"), get("diagnoses"), get("conditions")
    if type(modifiers) is list:
        modifiers = tuple(modifiers)
    if type(diagnoses) is list:
        diagnoses = tuple(diagnoses)
    if type(conditions) is list:
        conditions = tuple(conditions)
    code, place, payer = get("code"), get("place_of_service"), get("payer")
    taxonomy, billing = get("taxonomy"), get("billing_taxonomy")
    ordering, units, day = get("ordering_taxonomy"), get("units"), get("service_date")
    content = (
        code,
        modifiers,
        place,
        diagnoses,
        taxonomy,
        billing,
        ordering,
        payer,
        day,
        units,
        conditions,
    )
    if not _SAFE_KEYS.issuperset(map(type, content)):
        return None
    for cell in (modifiers, diagnoses, conditions):
        if type(cell) is tuple and not _SAFE_ITEMS.issuperset(map(type, cell)):
            return None
    return line_id, claim_id, content


_SAFE_ITEMS: Final = frozenset({str, NoneType})
_SAFE_KEYS: Final = frozenset({str, NoneType, tuple, int, date})


def key_text(raw: object) -> str | None:
    """A value as a part of a key: its text without blanks around it; None if it is blank.

    Keys are compared and never told, so what is no text serves too.
    """
    try:
        return _as_text(raw)
    except _Unreadable:
        return repr(raw)


def is_plain_id(raw: object) -> bool:
    """Whether an id is text that is repeated as it stands."""
    if type(raw) is not str:
        return False
    if raw.isalnum() and raw.isascii():
        return len(raw) <= 64
    return _PLAIN_IDENTIFIER.fullmatch(raw) is not None


def _unknown_fields(unknown: list[object], known: Mapping[str, object]) -> Problem:
    """Tell fields that nobody reads by their number, never by name: a name can be a person's."""
    free = [field for field in FIELDS if field not in known]
    for name in unknown:
        close = get_close_matches(name.lower(), free, 1, 0.8) if isinstance(name, str) else []
        if close and len(name) <= 2 * len(close[0]):  # type: ignore[arg-type]
            return Problem("code", "line-field-unknown", str(len(unknown)), None, None, close[0])
    return Problem("code", "line-field-unknown", str(len(unknown)))
