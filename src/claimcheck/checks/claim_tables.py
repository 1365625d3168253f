"""Checks across the lines of a claim against the imported national tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import accumulate
from typing import Final

from claimcheck.checks.definition import Defect, Lonely, Pairs, Totals, check
from claimcheck.checks.units import counts_time, units_told
from claimcheck.checks.wording import edition_title, listed, named_line, table_severity
from claimcheck.codesets.bundle import CodeSets
from claimcheck.codesets.national.tables import PairEdit
from claimcheck.dates import Epoch
from claimcheck.line import ClaimLine
from claimcheck.table_policy import Authority
from claimcheck.verdict import Severity

_EITHER_COLUMN_SINCE: Final = date(2019, 7, 1)
_DISTINCT: Final = ("59", "XE", "XP", "XS", "XU")
_LABORATORY: Final = ("91",)
_VISIT: Final = ("24", "25", "27", "57")
_PROCEDURE: Final = ("58", "78", "79")
_SIDES: Final = ("LT", "RT")
_SIDED: Final = frozenset(_SIDES)
_ONE_LINE: Final = " A procedure on both sides is one line with modifier 50 and one unit."
_PARTS: Final = frozenset({"26", "TC", "54", "55", "56", "62", "66", "80", "81", "82", "AS"})
_PLACES_OF_BODY: Final = frozenset(
    {
        *("LT", "RT", "E1", "E2", "E3", "E4", "LC", "LD", "LM", "RC", "RI"),
        *("FA", "F1", "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9"),
        *("TA", "T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9"),
    }
)


def _are_paired(code_sets: CodeSets, code: str, other: str, epoch: Epoch) -> bool:
    """Whether two codes are an edit in force, in either order."""
    tables = code_sets.tables
    return any(tables.pair(*pair, epoch.day) for pair in ((code, other), (other, code)))


@check(
    "claim-bundled-pair",
    field="code",
    carc="236",
    tables=("ptp-practitioner", "ptp-outpatient"),
    suspects=Pairs(_are_paired),
)
def claim_bundled_pair(
    lines: tuple[ClaimLine, ...], code_sets: CodeSets, table_authorities: tuple[Authority, ...]
) -> Iterator[Defect]:
    """Two procedure codes of one claim and day are a pair of which only the first is paid.

    What it finds:
        A line whose code stands in column 2 of an NCCI procedure-to-procedure edit in force, beside a
        line of the same day whose code stands in column 1. Indicator 0: the two are never paid
        together. Indicator 1: they are if a modifier of the PTP list (59, XE, XP, XS, XU, an anatomic
        one, 24, 25, 27, 57, 58, 78, 79, 91) says that the services were distinct; such a modifier on
        either of the two lines silences the finding if it can describe a service of that code
        (those of visits on no test, image or operation, anatomic ones on no laboratory test). Before
        2019-07-01, 59 and the X modifiers count on the column-2 line alone. Lines of two providers
        (different taxonomies) are no pair.

    Why it matters:
        The column-2 code is denied as part of the other (CARC 236).

    Example:
        [{"code": "81229", "service_date": "2024-08-01"},
         {"code": "0252U", "diagnoses": ["O03.9"], "service_date": "2024-08-01"}]

    What to do:
        Bill the column-1 code alone; or, if the record shows a distinct service (another specimen,
        site or encounter), say so with the modifier that describes it. A modifier that is only there
        to be paid is false.

    Sources:
        The imported edition of the NCCI procedure-to-procedure edits for the setting.
    """
    tables = code_sets.tables
    for day, positions in _by_day(lines).items():
        of_code: dict[str, list[int]] = {}
        for position in positions:
            of_code.setdefault(lines[position].code or "", []).append(position)
        codes = list(of_code)
        for one in codes:
            for two in codes:
                edit = tables.pair(one, two, day) if one != two else None
                if edit is not None:
                    yield from _paired(
                        lines, table_authorities, edit, of_code[one], of_code[two], day, code_sets
                    )


def _paired(
    lines: tuple[ClaimLine, ...],
    authorities: tuple[Authority, ...],
    edit: PairEdit,
    firsts: Sequence[int],
    seconds: Sequence[int],
    day: date | None,
    code_sets: CodeSets,
) -> Iterator[Defect]:
    """The column-2 lines that no modifier separates from all column-1 lines."""
    for second in seconds:
        if authorities[second] == "ignored":
            continue
        beside = [
            first
            for first in firsts
            if _may_be_of_one_provider(lines[first], lines[second])
            and (edit.indicator == 0 or not _separated(lines[first], lines[second], day, code_sets))
        ]
        if beside:
            yield _bundled(lines, edit, beside[0], second, authorities[second])


def _may_be_of_one_provider(one: ClaimLine, other: ClaimLine) -> bool:
    """Whether no two taxonomies tell that two providers rendered the services."""
    return one.taxonomy is None or other.taxonomy is None or one.taxonomy == other.taxonomy


def _separated(first: ClaimLine, second: ClaimLine, day: date | None, code_sets: CodeSets) -> bool:
    """Whether a modifier of the PTP list stands on one of the two lines."""
    if any(_separates(modifier, second.code or "", code_sets) for modifier in second.modifiers):
        return True
    either = day is None or day >= _EITHER_COLUMN_SINCE
    return any(
        _separates(modifier, first.code or "", code_sets) and (either or modifier not in _DISTINCT)
        for modifier in first.modifiers
    )


def _separates(modifier: str, code: str, code_sets: CodeSets) -> bool:
    """Whether a modifier is on the PTP list, and can describe a service of this code at all.

    Modifiers of visits do so on no laboratory test, image or operation; those of a place of the body
    and of a global period on no laboratory test.
    """
    known = code_sets.modifiers.lookup(modifier)
    if known is None or not known.ptp_associated:
        return False
    if modifier in _VISIT:
        return not (_is_laboratory(code) or "10004" <= code <= "79999")
    if modifier in _PROCEDURE or known.family == "anatomic":
        return not _is_laboratory(code)
    return True


def _is_laboratory(code: str) -> bool:
    """Whether a code is a test without a place of the body: chemistry to cytogenetics, PLA, MAAA."""
    return code[-1:] in ("U", "M") or "80047" <= code <= "88299"


def _bundled(
    lines: tuple[ClaimLine, ...], edit: PairEdit, first: int, second: int, authority: Authority
) -> Defect:
    citation = edit.edition.cite(f"column 1 {edit.column1}, column 2 {edit.column2}")
    never = edit.indicator == 0
    how = (
        "no modifier separates them (indicator 0)"
        if never
        else "a modifier may separate them (indicator 1)"
    )
    hint = "Bill the column-1 code alone."
    if not never:
        hint += (
            " If the record shows a distinct service, say so on the column-2 line with the modifier "
            f"that describes it: {listed(separating_modifiers(edit.column2), 'or')}."
        )
    return Defect(
        severity=table_severity(authority),
        line=second,
        value=edit.column2,
        message=f"{edit.column2} is not paid beside {edit.column1} ({named_line(lines, first)}) on one "
        f"day: {edition_title(citation)} has it in column 2 of that pair, and {how}.",
        hint=hint,
        rule=f"tables/{edit.edition.kind}#{edit.column1}/{edit.column2}",
        citations=(citation,),
    )


def separating_modifiers(code: str) -> tuple[str, ...]:
    """The modifiers of the PTP list that can describe a distinct service of this column-2 code."""
    if "99202" <= code <= "99499" or "92002" <= code <= "92014":
        return _VISIT
    if _is_laboratory(code):
        return (*_DISTINCT, *_LABORATORY)
    if "10004" <= code <= "69990":
        return (*_DISTINCT, *_SIDES, *_PROCEDURE)
    return _DISTINCT


def _limit_of_day(code_sets: CodeSets, code: str, epoch: Epoch) -> int | None:
    """The units of a code that are paid for a day; None if nothing limits their sum."""
    limit = code_sets.tables.units_limit(code, epoch.day)
    if limit is None or limit.indicator == 1 or not limit.units or counts_time(code):
        return None
    return limit.units


@check(
    "claim-units-over-limit",
    field="units",
    carc="151",
    tables=("mue-practitioner", "mue-outpatient", "mue-dme"),
    suspects=Totals(_limit_of_day),
)
def claim_units_over_limit(
    lines: tuple[ClaimLine, ...], code_sets: CodeSets, table_authorities: tuple[Authority, ...]
) -> Iterator[Defect]:
    """The lines of one procedure code and day have together more units than are paid on a day.

    What it finds:
        Lines of one code and date of service whose units add up to more than the medically unlikely
        edit, if its adjudication indicator is 2 or 3 (per date of service). A line without units
        counts as one. Lines of different providers (taxonomy) or with different parts in the service
        are not added up: 26 and TC; 54, 55 and 56; 62; 66; 80, 81, 82 and AS; and, unless the tables
        bind the payer, different sides. The finding stands on the line with which the sum passes the
        limit. A line that is over the limit by itself is told by ``units-over-limit`` instead.

    Why it matters:
        All units of the day are denied (CARC 151), whatever modifier the lines carry.

    Example:
        [{"code": "0252U", "units": 1, "modifiers": ["59"], "service_date": "2024-08-01"},
         {"code": "0252U", "units": 1, "service_date": "2024-08-01"}]

    What to do:
        Check the units against the record. Over an indicator of 3 the denial may be appealed with
        documentation; over an indicator of 2 it may not.

    Sources:
        The imported edition of the medically unlikely edits for the setting.
    """
    for day, positions in _by_day(lines).items():
        alike: dict[tuple[str, str | None, frozenset[str]], list[int]] = {}
        for position in positions:
            line = lines[position]
            part = _part_in_service(line, table_authorities[position] == "binding")
            alike.setdefault((line.code or "", line.taxonomy, part), []).append(position)
        for (code, *_), own in alike.items():
            limit = code_sets.tables.units_limit(code, day) if len(own) > 1 else None
            if limit is None or limit.indicator == 1 or not limit.units or counts_time(code):
                continue
            units = [lines[position].units or 1 for position in own]
            if max(units) > limit.units or sum(units) <= limit.units:
                continue
            passed = next(at for at, total in enumerate(accumulate(units)) if total > limit.units)
            position = own[passed]
            if table_authorities[position] == "ignored":
                continue
            citation = limit.edition.cite(code)
            sides = [lines[one].modifiers for one in own]
            yield Defect(
                severity=table_severity(table_authorities[position]),
                line=position,
                value=units_told(sum(units)),
                message=f"The {len(own)} lines of {code} have {units_told(sum(units))} units on one "
                f"day; {edition_title(citation)} allows {limit.units} for the day (adjudication "
                f"indicator {limit.indicator}).",
                hint="Check the units against the record."
                + (_ONE_LINE if any("50" in s or _SIDED & {*s} for s in sides) else ""),
                rule=f"tables/{limit.edition.kind}#{code}",
                citations=(citation,),
            )


def _part_in_service(line: ClaimLine, binding: bool) -> frozenset[str]:
    """The modifiers that make a line another provider's or another part of the service."""
    kept = _PARTS if binding else _PARTS | _PLACES_OF_BODY
    return frozenset(line.modifiers) & kept


def _is_addon(code_sets: CodeSets, code: str, epoch: Epoch) -> bool:
    """Whether a code is an add-on to codes that the table lists."""
    addon = code_sets.tables.addon(code, epoch.day)
    return addon is not None and 2 not in addon.types


def _is_primary(code_sets: CodeSets, code: str, other: str, epoch: Epoch) -> bool:
    """Whether the table lists another code as a primary of an add-on code."""
    addon = code_sets.tables.addon(code, epoch.day)
    return addon is not None and other in addon.primaries


@check(
    "claim-addon-without-primary",
    field="code",
    carc="107",
    tables=("addon",),
    suspects=Lonely(_is_addon, _is_primary),
)
def claim_addon_without_primary(
    lines: tuple[ClaimLine, ...], code_sets: CodeSets, table_authorities: tuple[Authority, ...]
) -> Iterator[Defect]:
    """An add-on code stands on the claim without a primary procedure of the same day.

    What it finds:
        An add-on code of the NCCI table with none of its primary codes on the claim for the same date
        of service. If the list of primaries is closed (type 1): an error where the tables bind the
        payer, else a warning. If it is open (type 3): an info. Where the contractor decides (type
        2), nothing.

    Why it matters:
        An add-on code is never paid alone (CARC 107).

    Example:
        [{"code": "0071U", "service_date": "2024-08-01"}]

    What to do:
        Bill the primary procedure on the same claim; or use the code for the service alone.

    Sources:
        The imported edition of the NCCI add-on code edits.
    """
    for day, positions in _by_day(lines).items():
        there = Counter(lines[position].code for position in positions)
        for position in positions:
            code = lines[position].code
            addon = None if code is None else code_sets.tables.addon(code, day)
            if addon is None or code is None or table_authorities[position] == "ignored":
                continue
            if 2 in addon.types or not addon.primaries.isdisjoint(set(there) - {code}):
                continue
            open_list = 3 in addon.types
            citation = addon.edition.cite(code)
            listed_codes = sorted(addon.primaries)
            more = f" and {len(listed_codes) - 6} more" if len(listed_codes) > 6 else ""
            yield Defect(
                severity=Severity.INFO
                if open_list
                else table_severity(table_authorities[position]),
                line=position,
                value=code,
                message=f"{code} is an add-on code, and none of the primary codes that "
                f"{edition_title(citation)} lists for it is on the claim for the same day"
                + ("; the list is not closed." if open_list else "."),
                hint=f"Bill the primary procedure with it: {', '.join(listed_codes[:6])}{more}.",
                rule=f"tables/addon#{code}",
                citations=(citation,),
            )


def _by_day(lines: tuple[ClaimLine, ...]) -> dict[date | None, list[int]]:
    """Positions of the lines that have a code, by date of service; undated lines are of one day."""
    found: dict[date | None, list[int]] = {}
    for position, line in enumerate(lines):
        if line.code is not None:
            found.setdefault(line.service_date, []).append(position)
    return found
