"""What the imported tables say: of a code, a modifier, units, a pair of codes, an add-on code.

:mod:`~claimcheck.codesets.national.tables` asks the store, by date of service;
:mod:`~claimcheck.codesets.national.modifiers` decides about a modifier on a code, and
:mod:`~claimcheck.codesets.national.facts` tells all of it for people.
"""

from __future__ import annotations

from claimcheck.codesets.national.facts import TableFact, table_facts
from claimcheck.codesets.national.modifiers import ModifierWord, modifier_word
from claimcheck.codesets.national.tables import (
    NO_TABLES,
    Edition,
    FeeScheduleRow,
    NationalTables,
    PairEdit,
    Setting,
    TableState,
    UnitsLimit,
    tables_of,
)

__all__ = [
    "NO_TABLES",
    "Edition",
    "FeeScheduleRow",
    "ModifierWord",
    "NationalTables",
    "PairEdit",
    "Setting",
    "TableFact",
    "TableState",
    "UnitsLimit",
    "modifier_word",
    "table_facts",
    "tables_of",
]
