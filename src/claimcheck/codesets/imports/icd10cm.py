"""The ICD-10-CM order file, and its addenda.

A line of the order file has fixed columns: order number (1 to 5), code without its dot (7 to 13),
0 for a header or 1 for a code that can be billed (15), short title (17 to 76), long title (from 78).

A line of the addenda has what is done in front of such a line: ``Add:``, ``Delete:``,
``Revise from:`` or ``Revise to:``. A code that becomes a header is deleted and added. Counts stand
below.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import islice
from typing import Final

import attrs

from claimcheck.codesets.imports.asked import Asked
from claimcheck.codesets.imports.cells import named, refuse
from claimcheck.codesets.imports.editions import Told, from_names
from claimcheck.codesets.imports.published import Published
from claimcheck.codesets.imports.single import Once, edition, only
from claimcheck.codesets.store import Kind, StoredVintage, open_store
from claimcheck.codesets.store.writing import Edition, Row
from claimcheck.errors import InputError
from claimcheck.line import DIAGNOSIS_SHAPE

__all__ = ["read", "suits"]

_ORDER: Final = re.compile(r"[0-9]{5} [0-9A-Za-z]{3,7} +[01] ")
_SHORTEST: Final = 78  # characters of a line that has a long title
_CHANGE: Final = re.compile(r"(?i)(Add|Delete|Revise from|Revise to|No change) *: *(.*)")
_CHANGED: Final = re.compile(r"(?:[0-9]{5} +)?([0-9A-Za-z]{3,7}) +([01])(?: +(.*))?")
_COUNTS: Final = re.compile(
    r"(?i)\s*(headers?|codes?|of which|[0-9,]+ +"
    r"(headers?|codes?|additions?|deletions?|revisions?)( .*)?)\s*:?\s*"
)
_SEARCHED: Final = 40  # lines in which a file shows what it is


@attrs.frozen
class _Change:
    row: int
    what: str
    code: str
    billable: int
    title: str | None


def suits(kind: Kind, name: str) -> int:
    """How well the name of a file in a ZIP suits: the order file, else its addenda."""
    lowered = name.lower()
    if "order" not in lowered or "pcs" in lowered:
        return 0
    return 1 if "addenda" in lowered else 2


def read(asked: Asked) -> Edition:
    """The edition in the file, or the one that addenda make of the edition before.

    Raises:
        InputError: the file cannot be used, or the store has no edition that the addenda change.
    """
    published = only(asked)
    told = asked.settle(from_names("icd10cm", [published]))
    if _is_addenda(published):
        return _changed(asked, told)
    return edition(asked, told, {"icd10cm": _rows(asked)})


def _is_addenda(published: Published) -> bool:
    """Whether a text has changes and not lines of an order file.

    Raises:
        InputError: it has neither.
    """
    lines = [line for _, line in islice(published.lines(), _SEARCHED) if line.strip()]
    if any(_ORDER.match(line) for line in lines):
        return False
    if any(_CHANGE.match(line) or _COUNTS.fullmatch(line) for line in lines):
        return True
    raise InputError(
        f"{published.name}: is no ICD-10-CM order file and no addenda to one; "
        "its lines begin with an order number, a code and 0 or 1"
    )


def _rows(asked: Asked) -> Iterator[Row]:
    published = only(asked)
    name = published.name
    once = Once(name)
    before = -1
    for number, line in published.lines():
        if not line.strip("\x1a \t"):
            continue
        asked.tally.read += 1
        if _ORDER.match(line) is None:
            raise refuse(name, number, "no line of an order file: order number, code, 0 or 1")
        if len(line) < _SHORTEST:
            raise refuse(
                name,
                number,
                f"{len(line)} characters, and at least {_SHORTEST} were expected; "
                "the file may be cut",
            )
        order, code = int(line[:5]), _code(name, number, line[6:13].strip())
        once.see(number, code, code)
        if order <= before:
            raise refuse(
                name, number, f"the order number {order} follows {before}; they ascend in the file"
            )
        before = order
        yield code, int(line[14]), line[77:].strip() if asked.keep_descriptions else None


def _code(name: str, row: int, text: str) -> str:
    code = text.upper()
    if DIAGNOSIS_SHAPE.fullmatch(code) is None:
        raise refuse(name, row, f"the code {named(text)} has no shape of an ICD-10-CM code")
    return code


def _changed(asked: Asked, told: Told) -> Edition:
    """The edition that addenda make."""
    base, rows = _base(asked, told)
    changes = list(_changes(asked))
    asked.tally.read += len(changes)
    codes = _applied(only(asked).name, base.name, rows, changes)
    asked.tally.notes.append(
        f"{told.name} is {base.name}, as it is in the store, with {len(changes):,} "
        f"{'change' if len(changes) == 1 else 'changes'}"
    )
    kept = [
        (code, billable, title if asked.keep_descriptions else None)
        for code, (billable, title) in sorted(codes.items())
    ]
    made = edition(asked, told, {"icd10cm": kept})
    return attrs.evolve(made, files=(*made.files, *base.files))


def _applied(
    name: str, base: str, rows: Iterable[Row], changes: Sequence[_Change]
) -> dict[str, tuple[int, str | None]]:
    """Code -> billable and title, after the changes; what goes goes before anything comes."""
    codes = {code: (billable, title) for code, billable, title in rows}
    for change in changes:
        if change.what == "delete" and codes.pop(change.code, None) is None:
            raise refuse(name, change.row, f"deletes {change.code}, which is not in {base}")
    for change in changes:
        if change.what == "add" and change.code in codes:
            raise refuse(name, change.row, f"adds {change.code}, which is in {base} already")
        if change.what.startswith("revise") and change.code not in codes:
            raise refuse(name, change.row, f"revises {change.code}, which is not in {base}")
        if change.what in ("add", "revise to"):
            codes[change.code] = change.billable, change.title
    return codes


def _base(asked: Asked, told: Told) -> tuple[StoredVintage, list[Row]]:
    """The edition that addenda change: the latest that is in force on the day before."""
    name = only(asked).name
    if told.first is None:
        raise InputError(
            f"{name}: nothing tells when these addenda begin; say it with --edition or --from"
        )
    before = told.first - timedelta(days=1)
    store = open_store(asked.folder)
    fitting = (
        []
        if store is None
        else [it for it in store.vintages if it.kind == "icd10cm" and it.covers(before)]
    )
    if store is None or not fitting:
        raise InputError(
            f"{name}: addenda change the edition that is in force on {before}, and the store has "
            "none; import its order file first, or the order file of the new edition itself"
        )
    try:
        base = max(fitting, key=lambda it: it.first or date.min)
        if asked.keep_descriptions and not base.descriptions:
            asked.tally.notes.append(f"titles of {base.name} were not kept, so most are lacking")
        return base, store.rows(
            "SELECT code, billable, description FROM icd10cm WHERE vintage = ?", (base.id,)
        )
    finally:
        store.close()


def _changes(asked: Asked) -> Iterator[_Change]:
    name = only(asked).name
    added = Once(name)
    deleted = Once(name)
    for number, line in only(asked).lines():
        if not line.strip("\x1a \t") or _COUNTS.fullmatch(line):
            continue
        change = _CHANGE.fullmatch(line.rstrip())
        parts = None if change is None else _CHANGED.fullmatch(change[2])
        if change is None or parts is None:
            raise refuse(
                name,
                number,
                "no change of an order file: Add, Delete or Revise, order number, code, 0 or 1",
            )
        what = change[1].lower()
        code = _code(name, number, parts[1])
        if what in ("add", "delete"):
            (added if what == "add" else deleted).see(number, code, f"{change[1]}: {code}")
        title = None if parts[3] is None else parts[3][60:].strip() or parts[3].strip()
        yield _Change(number, what, code, int(parts[2]), title)
