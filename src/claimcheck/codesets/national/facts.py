"""What the imported tables have of a procedure code, as statements for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import attrs

from claimcheck.codesets.national.modifiers import modifier_word
from claimcheck.codesets.national.tables import NationalTables
from claimcheck.finding import Citation

__all__ = ["TableFact", "table_facts"]


@attrs.frozen
class TableFact:
    """One statement of one edition: what it says, and the place in it."""

    says: str
    citation: Citation


def table_facts(
    tables: NationalTables, code: str, modifiers: Sequence[str], day: date | None
) -> Iterator[TableFact]:
    """What the editions that decide for a day have of a code, and of modifiers on it.

    Args:
        tables: the imported tables.
        code: procedure code.
        modifiers: the modifiers that are asked for; of others nothing is told.
        day: date of service; None takes the newest editions.
    """
    yield from _fee_schedules(tables, code, day)
    limit = tables.units_limit(code, day)
    if limit is not None:
        unit = "unit" if limit.units == 1 else "units"
        yield TableFact(
            f"at most {limit.units} {unit}, adjudication indicator {limit.indicator}",
            limit.edition.cite(code),
        )
    addon = tables.addon(code, day)
    if addon is not None:
        shown = sorted(addon.primaries)[:8]
        more = len(addon.primaries) - len(shown)
        primaries = ", ".join(shown) + (f" and {more} more" if more else "")
        types = " and ".join(str(number) for number in sorted(addon.types))
        yield TableFact(
            f"an add-on code (type {types}) to {primaries or 'what the contractor says'}",
            addon.edition.cite(code),
        )
    paired = tables.pairs_of(code, day)
    if paired is not None and paired[0]:
        yield TableFact(
            f"column 1 of {paired[0]:,} {'pair' if paired[0] == 1 else 'pairs'}: codes that are not "
            "paid beside it",
            paired[1].cite(f"column 1 {code}"),
        )
    yield from _lists(tables, code, day)
    for modifier in modifiers:
        word = modifier_word(tables, code, modifier, day)
        if word is not None:
            yield TableFact(
                f"modifier {modifier} {word.said}: {code} {word.because}", word.citation
            )


def _fee_schedules(tables: NationalTables, code: str, day: date | None) -> Iterator[TableFact]:
    row = tables.fee_schedule(code, day)
    if row is not None:
        rows = f", rows with {', '.join(sorted(row.split))}" if row.split else ""
        yield TableFact(
            f"status {row.status}, PC/TC {row.pctc}, global days {row.global_days}, bilateral "
            f"{row.bilateral}, assistant {row.assistant}, co-surgeons {row.co_surgeon}, team "
            f"{row.team}{rows}",
            row.edition.cite(code),
        )
    listed = tables.laboratory(code, day)
    edition = tables.edition("clfs", day)
    if listed is not None and edition is not None:
        also = " and with QW" if "QW" in listed else ""
        yield TableFact(f"paid as a laboratory test{also}", edition.cite(code))


def _lists(tables: NationalTables, code: str, day: date | None) -> Iterator[TableFact]:
    kinds = (("pla", "a PLA code"), ("hcpcs", "a HCPCS Level II code"))
    for kind, what in kinds:
        span = tables.span("pla" if kind == "pla" else "hcpcs", code, day)
        edition = tables.edition("pla" if kind == "pla" else "hcpcs", day)
        if span is not None and edition is not None:
            first, last = span
            since = f" from {first}" if first else ""
            until = f" to {last}" if last else ""
            yield TableFact(f"{what}{since}{until}", edition.cite(code))
