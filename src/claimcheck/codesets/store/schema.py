"""The tables of the store.

Every row belongs to one *vintage*: one edition of one kind. Dates in ``ptp`` are days since 1970-01-01,
since there are millions of them; ``ptp_pair`` shows them as dates. All other dates are ISO texts. A
first day that is absent is unstated; a last day that is absent is open.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from claimcheck.codesets.store.kinds import Kind

__all__ = ["APPLICATION_ID", "COLUMNS", "FORMAT", "SCHEMA", "TABLES"]

APPLICATION_ID: Final = 0x636C6368  # "clch"
FORMAT: Final = 1

SCHEMA: Final = """
CREATE TABLE vintage (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,          -- the edition as its publisher calls it: 2026Q3, 25.1, FY2026
    stated INTEGER NOT NULL,     -- 0: nothing tells which edition it is; then it covers no date
    first TEXT,                  -- first and last date of service that it speaks for
    last TEXT,
    rows_read INTEGER NOT NULL,  -- rows of the source files
    rows INTEGER NOT NULL,       -- rows kept
    descriptions INTEGER NOT NULL,
    UNIQUE (kind, name)
);
CREATE TABLE source_file (
    vintage INTEGER NOT NULL REFERENCES vintage (id),
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (vintage, position)
) WITHOUT ROWID;
CREATE TABLE boundary (          -- days on which an answer of the vintage changes
    vintage INTEGER NOT NULL REFERENCES vintage (id),
    day TEXT NOT NULL,
    PRIMARY KEY (vintage, day)
) WITHOUT ROWID;
CREATE TABLE taxonomy (
    vintage INTEGER NOT NULL, code TEXT NOT NULL, grouping TEXT, classification TEXT,
    specialization TEXT, display_name TEXT, section TEXT, definition TEXT,
    PRIMARY KEY (vintage, code)
) WITHOUT ROWID;
CREATE TABLE icd10cm (           -- codes without their dot
    vintage INTEGER NOT NULL, code TEXT NOT NULL, billable INTEGER NOT NULL, description TEXT,
    PRIMARY KEY (vintage, code)
) WITHOUT ROWID;
CREATE TABLE mpfs (              -- modifier: "" for the code itself, or 26, TC, 53
    vintage INTEGER NOT NULL, code TEXT NOT NULL, modifier TEXT NOT NULL, status TEXT NOT NULL,
    pctc TEXT NOT NULL, global_days TEXT NOT NULL, multiple TEXT NOT NULL, bilateral TEXT NOT NULL,
    assistant TEXT NOT NULL, co_surgeon TEXT NOT NULL, team TEXT NOT NULL, description TEXT,
    PRIMARY KEY (vintage, code, modifier)
) WITHOUT ROWID;
CREATE TABLE clfs (              -- modifier: "" or QW
    vintage INTEGER NOT NULL, code TEXT NOT NULL, modifier TEXT NOT NULL, description TEXT,
    PRIMARY KEY (vintage, code, modifier)
) WITHOUT ROWID;
CREATE TABLE mue (
    vintage INTEGER NOT NULL, code TEXT NOT NULL, units INTEGER NOT NULL,
    indicator INTEGER NOT NULL,  -- adjudication indicator: 1 line, 2 and 3 date of service
    rationale TEXT,
    PRIMARY KEY (vintage, code)
) WITHOUT ROWID;
CREATE TABLE code (              -- the codes that ptp names, as small numbers
    id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE
);
CREATE TABLE ptp (
    vintage INTEGER NOT NULL, column1 INTEGER NOT NULL, column2 INTEGER NOT NULL,
    first INTEGER NOT NULL,      -- 0: unstated
    last INTEGER NOT NULL,       -- 0: open
    indicator INTEGER NOT NULL,  -- 0 never, 1 with a modifier, 9 the edit does not apply
    PRIMARY KEY (vintage, column1, column2, first, last)
) WITHOUT ROWID;
CREATE VIEW ptp_pair AS
    SELECT vintage.kind, vintage.name AS vintage, one.code AS column1, two.code AS column2,
        CASE ptp.first WHEN 0 THEN NULL ELSE date(ptp.first * 86400, 'unixepoch') END AS first,
        CASE ptp.last WHEN 0 THEN NULL ELSE date(ptp.last * 86400, 'unixepoch') END AS last,
        ptp.indicator
    FROM ptp
    JOIN vintage ON vintage.id = ptp.vintage
    JOIN code AS one ON one.id = ptp.column1
    JOIN code AS two ON two.id = ptp.column2;
CREATE TABLE addon (
    vintage INTEGER NOT NULL, code TEXT NOT NULL, primary_code TEXT NOT NULL,
    type INTEGER NOT NULL,       -- 1 closed list, 2 left to the contractor (CCCCC), 3 open list
    first TEXT NOT NULL,         -- "": unstated
    last TEXT,
    PRIMARY KEY (vintage, code, primary_code, first)
) WITHOUT ROWID;
CREATE TABLE pla (
    vintage INTEGER NOT NULL, code TEXT NOT NULL, first TEXT, last TEXT, description TEXT,
    PRIMARY KEY (vintage, code)
) WITHOUT ROWID;
CREATE TABLE hcpcs (
    vintage INTEGER NOT NULL, code TEXT NOT NULL, first TEXT, last TEXT, description TEXT,
    PRIMARY KEY (vintage, code)
) WITHOUT ROWID;
CREATE TABLE hcpcs_modifier (
    vintage INTEGER NOT NULL, code TEXT NOT NULL, first TEXT, last TEXT, description TEXT,
    PRIMARY KEY (vintage, code)
) WITHOUT ROWID;
"""

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "taxonomy": (
            "code",
            "grouping",
            "classification",
            "specialization",
            "display_name",
            "section",
            "definition",
        ),
        "icd10cm": ("code", "billable", "description"),
        "mpfs": (
            "code",
            "modifier",
            "status",
            "pctc",
            "global_days",
            "multiple",
            "bilateral",
            "assistant",
            "co_surgeon",
            "team",
            "description",
        ),
        "clfs": ("code", "modifier", "description"),
        "mue": ("code", "units", "indicator", "rationale"),
        "ptp": ("column1", "column2", "first", "last", "indicator"),
        "addon": ("code", "primary_code", "type", "first", "last"),
        "pla": ("code", "first", "last", "description"),
        "hcpcs": ("code", "first", "last", "description"),
        "hcpcs_modifier": ("code", "first", "last", "description"),
    }
)
"""Per table, the columns of a row as an importer gives it; the vintage is added."""

TABLES: Final[Mapping[Kind, tuple[str, ...]]] = MappingProxyType(
    {
        "nucc": ("taxonomy",),
        "icd10cm": ("icd10cm",),
        "mpfs": ("mpfs",),
        "clfs": ("clfs",),
        "mue-practitioner": ("mue",),
        "mue-outpatient": ("mue",),
        "mue-dme": ("mue",),
        "ptp-practitioner": ("ptp",),
        "ptp-outpatient": ("ptp",),
        "addon": ("addon",),
        "pla": ("pla",),
        "hcpcs": ("hcpcs", "hcpcs_modifier"),
    }
)
"""The tables that an edition of a kind fills."""
