"""The imported tables, asked by date of service.

Several editions of a kind may stand side by side. The one that decides for a day is, among those that
cover it, the one that begins last. An undated line (day ``None``) is judged by the newest edition.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, TypeVar

import attrs

from claimcheck.codesets.store.folder import STORE_NAME, data_folder
from claimcheck.codesets.store.kinds import KINDS, TITLES, Kind
from claimcheck.finding import Citation

if TYPE_CHECKING:
    import os

    from claimcheck.codesets.store.reading import Store, StoredVintage

__all__ = [
    "NO_TABLES",
    "SETTINGS",
    "Addon",
    "Edition",
    "FeeScheduleRow",
    "NationalTables",
    "PairEdit",
    "Setting",
    "TableState",
    "UnitsLimit",
    "tables_of",
]

Setting: TypeAlias = Literal["practitioner", "outpatient", "dme"]
"""Whose claims are checked: it decides which MUE and PTP tables speak."""

SETTINGS: Final[tuple[Setting, ...]] = ("practitioner", "outpatient", "dme")

TableState: TypeAlias = Literal["checked", "no-row", "out-of-date-range", "unstated", "absent"]
"""What an imported table has to say of a code on a day.

``checked``: it has the code. ``no-row``: it covers the day and does not have the code.
``out-of-date-range``: no imported edition covers the day. ``unstated``: the only edition does not say
which days it covers. ``absent``: none is imported.
"""

_MUE_OF: Final[Mapping[Setting, Kind]] = {
    "practitioner": "mue-practitioner",
    "outpatient": "mue-outpatient",
    "dme": "mue-dme",
}
_PTP_OF: Final[Mapping[Setting, Kind | None]] = {
    "practitioner": "ptp-practitioner",
    "outpatient": "ptp-outpatient",
    "dme": None,
}
_MOST_REMEMBERED: Final = 200_000
_MOST_PAIRS: Final = 400_000
_UNIX_EPOCH: Final = date(1970, 1, 1).toordinal()

T = TypeVar("T")


@attrs.frozen
class Edition:
    """An edition that decides for a day: its kind, its name, and how findings cite it."""

    kind: Kind
    name: str

    @property
    def source(self) -> str:
        """Source id of its citations: ``mpfs-2024Q3``."""
        return f"{self.kind}-{self.name}".replace(" ", "-")

    def cite(self, at: str) -> Citation:
        """A citation of a place in it, such as ``99213, global days``."""
        return Citation(self.source, at)


@attrs.frozen
class FeeScheduleRow:
    """The row of a code in the relative value file of the Medicare physician fee schedule.

    The indicators are the file's own letters and digits: ``status`` (A active, X excluded by statute,
    N not covered, I not valid for Medicare, J anesthesia, ...), ``pctc`` (PC/TC), ``global_days``,
    ``multiple``, ``bilateral``, ``assistant``, ``co_surgeon``, ``team``. ``split`` names the modifiers
    that have rows of their own (26, TC, 53).
    """

    code: str
    status: str
    pctc: str
    global_days: str
    multiple: str
    bilateral: str
    assistant: str
    co_surgeon: str
    team: str
    split: frozenset[str]
    edition: Edition


@attrs.frozen
class UnitsLimit:
    """A medically unlikely edit.

    ``indicator`` is its adjudication indicator: 1 per claim line, 2 per date of service by policy, 3
    per date of service, may be appealed.
    """

    units: int
    indicator: int
    edition: Edition


@attrs.frozen
class PairEdit:
    """A procedure-to-procedure edit in force: ``indicator`` 0 never, 1 with a modifier."""

    column1: str
    column2: str
    indicator: int
    edition: Edition


@attrs.frozen
class Addon:
    """An add-on code: the primary codes that are listed for it.

    ``types`` has the edit types of its rows: 1 the list is closed, 2 the contractor decides, 3 the
    list is open.
    """

    code: str
    primaries: frozenset[str]
    types: frozenset[int]
    edition: Edition


class NationalTables:
    """What the imported tables say. Answers are remembered; it may be used from several threads.

    Args:
        store: the store, or None if nothing is imported.
        setting: whose claims are checked.
    """

    def __init__(self, store: Store | None, setting: Setting = "practitioner") -> None:
        self.store = store
        self.setting = setting
        self.mue_kind: Kind = _MUE_OF[setting]
        self.ptp_kind: Kind | None = _PTP_OF[setting]
        self._of_kind: dict[Kind, list[StoredVintage]] = {}
        for vintage in store.vintages if store is not None else ():
            self._of_kind.setdefault(vintage.kind, []).append(vintage)
        self._chosen: dict[tuple[Kind, date | None], StoredVintage | None] = {}
        self._remembered: dict[tuple[str, int, str], Any] = {}
        self._pairs: dict[tuple[int, str], dict[str, tuple[tuple[int, int, int], ...]]] = {}
        self._pairs_held = 0
        self._edits: dict[tuple[str, str, date | None], Any] = {}
        self._addons: dict[tuple[str, date | None], Any] = {}
        self._numbers: dict[str, int] | None = None
        self._codes: dict[int, str] = {}
        self._spans: dict[tuple[int, int, int], tuple[int, int, int]] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        # Sent to another process as the place of the store: it is opened there.
        folder = None if self.store is None else str(self.store.path.parent)
        return _sent, (folder, self.setting)

    @property
    def kinds(self) -> frozenset[Kind]:
        """The kinds of which some edition is imported."""
        return frozenset(self._of_kind)

    @property
    def relevant(self) -> tuple[Kind, ...]:
        """The kinds that can say something about lines of this setting, in a fixed order."""
        others = {*_MUE_OF.values(), *(kind for kind in _PTP_OF.values() if kind)}
        own = {self.mue_kind, self.ptp_kind}
        return tuple(kind for kind in KINDS if kind not in others or kind in own)

    def vintages(self) -> tuple[StoredVintage, ...]:
        """Every imported edition."""
        return () if self.store is None else self.store.vintages

    def boundaries(self) -> frozenset[date]:
        """Every day on which an answer of some table changes."""
        return frozenset() if self.store is None else self.store.boundaries()

    def titles(self) -> dict[str, str]:
        """Titles of the imported editions, by the source id of their citations."""
        return {
            Edition(it.kind, it.name).source: f"{TITLES[it.kind]}, {it.name}"
            for it in self.vintages()
        }

    # --- which edition ---------------------------------------------------------------------------

    def vintage(self, kind: Kind, day: date | None) -> StoredVintage | None:
        """The edition that decides for a day; None if none does."""
        key = (kind, day)
        try:
            return self._chosen[key]
        except KeyError:
            pass
        chosen = _decisive(self._of_kind.get(kind, ()), day)
        if len(self._chosen) >= _MOST_REMEMBERED:
            self._chosen.clear()
        self._chosen[key] = chosen
        return chosen

    def edition(self, kind: Kind, day: date | None) -> Edition | None:
        """As ``vintage``, as findings cite it."""
        vintage = self.vintage(kind, day)
        return None if vintage is None else Edition(kind, vintage.name)

    def state(self, kind: Kind, day: date | None) -> TableState:
        """Whether a table can speak of a day: ``no-row`` (it can), or why not."""
        editions = self._of_kind.get(kind)
        if not editions:
            return "absent"
        if self.vintage(kind, day) is not None:
            return "no-row"
        return "out-of-date-range" if any(it.stated for it in editions) else "unstated"

    def state_of(self, kind: Kind, code: str | None, day: date | None) -> TableState:
        """What a table has to say of a code on a day."""
        state = self.state(kind, day)
        if state != "no-row" or code is None:
            return state
        return "checked" if self._has(kind, code, day) else "no-row"

    def _has(self, kind: Kind, code: str, day: date | None) -> bool:
        if kind == "mpfs":
            return self.fee_schedule(code, day) is not None
        if kind == "clfs":
            return self.laboratory(code, day) is not None
        if kind == self.mue_kind:
            return self.units_limit(code, day) is not None
        if kind == "addon":
            return self.addon(code, day) is not None
        if kind == "pla":
            return self.span("pla", code, day) is not None
        if kind == "hcpcs":
            return self.span("hcpcs", code, day) is not None
        # Taxonomies and diagnoses are no procedure codes; pairs concern any code of a claim.
        return True

    def decides(self, code: str, day: date | None) -> bool:
        """Whether a fee schedule has the code on the day, so that its modifiers can be judged.

        A limit of units is not enough: of a line without units it says nothing.
        """
        return self.fee_schedule(code, day) is not None or self.laboratory(code, day) is not None

    # --- one code --------------------------------------------------------------------------------

    def fee_schedule(self, code: str, day: date | None) -> FeeScheduleRow | None:
        """The code's row of the physician fee schedule."""
        return self._asked("mpfs", code, day, self._fee_schedule)

    def _fee_schedule(self, vintage: StoredVintage, code: str) -> FeeScheduleRow | None:
        rows = self._rows(
            "SELECT modifier, status, pctc, global_days, multiple, bilateral, assistant, co_surgeon, "
            "team FROM mpfs WHERE vintage = ? AND code = ? ORDER BY modifier",
            (vintage.id, code),
        )
        if not rows:
            return None
        _, status, pctc, days, multiple, bilateral, assistant, co_surgeon, team = rows[0]
        return FeeScheduleRow(
            *(code, status, pctc, days, multiple, bilateral, assistant, co_surgeon, team),
            split=frozenset(row[0] for row in rows if row[0]),
            edition=Edition("mpfs", vintage.name),
        )

    def laboratory(self, code: str, day: date | None) -> frozenset[str] | None:
        """The modifiers with which the laboratory fee schedule lists the code (``""``: none).

        None if it does not list the code, or no edition covers the day.
        """
        return self._asked("clfs", code, day, self._laboratory)

    def _laboratory(self, vintage: StoredVintage, code: str) -> frozenset[str] | None:
        rows = self._rows(
            "SELECT modifier FROM clfs WHERE vintage = ? AND code = ?", (vintage.id, code)
        )
        return frozenset(row[0] for row in rows) if rows else None

    def units_limit(self, code: str, day: date | None) -> UnitsLimit | None:
        """The code's limit of units in this setting."""
        return self._asked(self.mue_kind, code, day, self._units_limit)

    def _units_limit(self, vintage: StoredVintage, code: str) -> UnitsLimit | None:
        rows = self._rows(
            "SELECT units, indicator FROM mue WHERE vintage = ? AND code = ?", (vintage.id, code)
        )
        if not rows:
            return None
        units, indicator = rows[0]
        return UnitsLimit(units, indicator, Edition(vintage.kind, vintage.name))

    def addon(self, code: str, day: date | None) -> Addon | None:
        """What the add-on table says of a code on a day; None if it is no add-on code."""
        key = (code, day)
        known = self._addons.get(key, self)
        if known is self:
            if len(self._addons) >= _MOST_REMEMBERED:
                self._addons.clear()
            known = self._addons[key] = self._addon(code, day)
        answer: Addon | None = known
        return answer

    def _addon(self, code: str, day: date | None) -> Addon | None:
        found: list[tuple[Any, ...]] | None = self._asked("addon", code, day, self._addon_rows)
        vintage = self.vintage("addon", day)
        if not found or vintage is None:
            return None
        rows = [row for row in found if _holds(row[2], row[3], day)]
        if not rows:
            return None
        return Addon(
            code,
            frozenset(row[0] for row in rows if row[0] != "CCCCC"),
            frozenset(row[1] for row in rows),
            Edition("addon", vintage.name),
        )

    def _addon_rows(self, vintage: StoredVintage, code: str) -> list[tuple[Any, ...]] | None:
        return self._rows(
            "SELECT primary_code, type, first, last FROM addon WHERE vintage = ? AND code = ?",
            (vintage.id, code),
        )

    def span(
        self, kind: Literal["pla", "hcpcs", "hcpcs_modifier"], code: str, day: date | None
    ) -> tuple[date | None, date | None] | None:
        """First and last day of a code in a list of codes; None if the list does not have it."""
        table: Kind = "pla" if kind == "pla" else "hcpcs"

        def ask(vintage: StoredVintage, asked: str) -> tuple[date | None, date | None] | None:
            rows = self._rows(
                f"SELECT first, last FROM {kind} WHERE vintage = ? AND code = ?",  # noqa: S608 - our own names
                (vintage.id, asked),
            )
            return (_date(rows[0][0]), _date(rows[0][1])) if rows else None

        return self._asked(table, code, day, ask, kind)

    def taxonomy(self, code: str, day: date | None) -> tuple[str, ...] | None:
        """Display name, classification, specialization and section; None if the list has no such code."""
        return self._asked("nucc", code, day, self._taxonomy)

    def _taxonomy(self, vintage: StoredVintage, code: str) -> tuple[str, ...] | None:
        rows = self._rows(
            "SELECT display_name, classification, specialization, section FROM taxonomy "
            "WHERE vintage = ? AND code = ?",
            (vintage.id, code),
        )
        return tuple(cell or "" for cell in rows[0]) if rows else None

    def diagnosis(self, code: str, vintage: StoredVintage) -> tuple[bool, str | None] | None:
        """Whether a diagnosis (no dot) is billable in an edition, and its title if that was kept."""
        key = ("icd10cm", vintage.id, code)
        found = self._remembered.get(key, self)
        if found is self:
            rows = self._rows(
                "SELECT billable, description FROM icd10cm WHERE vintage = ? AND code = ?",
                (vintage.id, code),
            )
            found = (bool(rows[0][0]), rows[0][1]) if rows else None
            self._keep(key, found)
        answer: tuple[bool, str | None] | None = found
        return answer

    def billable_below(self, code: str, vintage: StoredVintage, limit: int) -> tuple[str, ...]:
        """The first billable diagnoses below a header, without their dot."""
        rows = self._rows(
            "SELECT code FROM icd10cm WHERE vintage = ? AND code > ? AND code < ? AND billable "
            "ORDER BY code LIMIT ?",
            (vintage.id, code, code + "~", limit),
        )
        return tuple(row[0] for row in rows)

    # --- pairs -----------------------------------------------------------------------------------

    def pair(self, column1: str, column2: str, day: date | None) -> PairEdit | None:
        """The edit in force on a day with these two codes in these columns; None if there is none.

        An edit of indicator 9 is none.
        """
        key = (column1, column2, day)
        known = self._edits.get(key, self)
        if known is self:
            if len(self._edits) >= _MOST_REMEMBERED:
                self._edits.clear()
            known = self._edits[key] = self._pair(column1, column2, day)
        answer: PairEdit | None = known
        return answer

    def _pair(self, column1: str, column2: str, day: date | None) -> PairEdit | None:
        kind = self.ptp_kind
        vintage = None if kind is None else self.vintage(kind, day)
        if vintage is None or kind is None:
            return None
        column = self._pairs.get((vintage.id, column1))
        if column is None:
            column = self._column(vintage, column1)
        spans = column.get(column2)
        if spans is None:
            return None
        number = 0 if day is None else day.toordinal() - _UNIX_EPOCH
        for first, last, indicator in reversed(spans):  # the one that begins last decides
            in_force = (
                (not last) if day is None else first <= number and (not last or number <= last)
            )
            if in_force and indicator != 9:
                return PairEdit(column1, column2, indicator, Edition(kind, vintage.name))
        return None

    def pairs_of(self, column1: str, day: date | None) -> tuple[int, Edition] | None:
        """With how many column-2 codes a code is paired on a day; None if no table covers it."""
        kind = self.ptp_kind
        vintage = None if kind is None else self.vintage(kind, day)
        if vintage is None or kind is None:
            return None
        column = self._column(vintage, column1)
        count = sum(self.pair(column1, column2, day) is not None for column2 in column)
        return count, Edition(kind, vintage.name)

    def _column(
        self, vintage: StoredVintage, column1: str
    ) -> dict[str, tuple[tuple[int, int, int], ...]]:
        """All pairs of a column-1 code: column-2 code -> (first, last, indicator) of its edits."""
        if self._numbers is None:
            numbered = self._rows("SELECT code, id FROM code")
            self._codes = {number: code for code, number in numbered}
            self._numbers = dict(numbered)
        column: dict[str, tuple[tuple[int, int, int], ...]] = {}
        number = self._numbers.get(column1)
        if number is not None:
            rows = self._rows(
                "SELECT column2, first, last, indicator FROM ptp WHERE vintage = ? AND column1 = ? "
                "ORDER BY column2, first, last",
                (vintage.id, number),
            )
            for column2, *rest in rows:
                span = (rest[0], rest[1], rest[2])
                span = self._spans.setdefault(span, span)
                code = self._codes[column2]
                column[code] = (*column.get(code, ()), span)
        if self._pairs_held > _MOST_PAIRS:
            self._pairs.clear()
            self._pairs_held = 0
        self._pairs[vintage.id, column1] = column
        self._pairs_held += len(column) + 1
        return column

    # --- asking ----------------------------------------------------------------------------------

    def _asked(
        self,
        kind: Kind,
        code: str,
        day: date | None,
        ask: Callable[[StoredVintage, str], T | None],
        table: str = "",
    ) -> T | None:
        """The answer of the edition that decides for the day, remembered."""
        vintage = self.vintage(kind, day)
        if vintage is None:
            return None
        key = (table or kind, vintage.id, code)
        found = self._remembered.get(key, self)
        if found is self:
            found = ask(vintage, code)
            self._keep(key, found)
        answer: T | None = found
        return answer

    def _keep(self, key: tuple[str, int, str], found: object) -> None:
        if len(self._remembered) >= _MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[key] = found

    def _rows(self, query: str, parameters: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        return [] if self.store is None else self.store.rows(query, parameters)


NO_TABLES: Final = NationalTables(None)
"""Nothing imported."""


def tables_of(
    folder: str | os.PathLike[str] | None = None, setting: Setting = "practitioner"
) -> NationalTables:
    """The tables in the store of a folder (see ``data_folder``); none if there is no store.

    Raises:
        ConfigurationError: there is a file of the store's name that is no store.
    """
    path = data_folder(folder) / STORE_NAME
    if not path.is_file():
        return NO_TABLES if setting == "practitioner" else NationalTables(None, setting)
    from claimcheck.codesets.store.reading import Store

    return NationalTables(Store(path), setting)


def _sent(folder: str | None, setting: Setting) -> NationalTables:
    return NationalTables(None, setting) if folder is None else tables_of(folder, setting)


def _decisive(editions: Any, day: date | None) -> StoredVintage | None:
    """Among the editions that cover the day, the one that begins last; for no day, the newest."""
    if day is not None:
        covering = [it for it in editions if it.covers(day)]
        return max(covering, key=lambda it: (it.first or date.min, it.name), default=None)
    return max(
        editions,
        key=lambda it: (it.stated, it.last or date.max, it.first or date.min, it.name),
        default=None,
    )


def _holds(first: str | None, last: str | None, day: date | None) -> bool:
    """Whether a row is in force; texts are ISO dates, or nothing for an end that is unstated."""
    if day is None:
        return not last
    text = day.isoformat()
    return (not first or first <= text) and (not last or text <= last)


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
