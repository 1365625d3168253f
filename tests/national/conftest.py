"""A small store of national tables: a few real codes with the indicators of the official files."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import claimcheck
from claimcheck.codesets.store import Kind, SourceFile
from claimcheck.codesets.store.writing import Edition, add_edition

_1970 = date(1970, 1, 1).toordinal()


def days(text: str) -> int:
    return date.fromisoformat(text).toordinal() - _1970 if text else 0


def put_edition(
    folder: Path,
    kind: Kind,
    name: str,
    first: str | None,
    last: str | None,
    rows: dict[str, list[tuple[Any, ...]]],
    stated: bool = True,
) -> None:
    """Put an edition into the store of a folder."""
    edition = Edition(
        kind,
        name,
        stated,
        date.fromisoformat(first) if first else None,
        date.fromisoformat(last) if last else None,
        (SourceFile(f"{kind}-{name}.csv", f"{kind}{name}".encode().hex().ljust(64, "0")[:64]),),
        rows,
        False,
        lambda: sum(map(len, rows.values())),
    )
    add_edition(folder, edition)


# code, modifier, status, PC/TC, global days, multiple, bilateral, assistant, co-surgeons, team
MPFS = [
    ("00100", "", "J", "9", "XXX", "9", "9", "9", "9", "9"),
    ("11042", "", "A", "0", "000", "2", "0", "1", "0", "0"),
    ("27447", "", "A", "0", "090", "2", "1", "2", "1", "0"),
    ("33533", "", "A", "0", "090", "2", "0", "2", "0", "1"),
    ("43842", "", "N", "9", "090", "9", "9", "9", "9", "9"),
    ("59400", "", "A", "0", "MMM", "2", "0", "1", "0", "0"),
    ("81229", "", "X", "9", "XXX", "9", "9", "9", "9", "9"),
    ("81445", "", "X", "9", "XXX", "9", "9", "9", "9", "9"),
    ("84165", "", "X", "9", "XXX", "9", "9", "9", "9", "9"),
    ("84165", "26", "A", "6", "XXX", "0", "0", "0", "0", "0"),
    ("88305", "", "A", "1", "XXX", "0", "0", "0", "0", "0"),
    ("88305", "26", "A", "1", "XXX", "0", "0", "0", "0", "0"),
    ("88305", "TC", "A", "1", "XXX", "0", "0", "0", "0", "0"),
    ("92014", "", "A", "0", "XXX", "0", "2", "0", "0", "0"),
    ("99100", "", "B", "9", "ZZZ", "9", "9", "9", "9", "9"),
    ("99213", "", "A", "0", "XXX", "0", "0", "0", "0", "0"),
    ("77387", "", "I", "0", "XXX", "0", "0", "0", "0", "0"),
    ("J1885", "", "E", "9", "XXX", "9", "9", "9", "9", "9"),
]
CLFS = [
    ("0252U", ""),
    ("81229", ""),
    ("81445", ""),
    ("84165", ""),
    ("87880", ""),
    ("87880", "QW"),
]
MUE = [
    *(("0252U", 1, 3), ("81445", 1, 2), ("88305", 16, 3), ("J1885", 8, 1), ("00100", 1, 2)),
    *(("27447", 1, 2), ("E0601", 0, 2)),
]
PTP = [
    ("81229", "0252U", "", "", 1),
    ("0252U", "G0452", "", "", 1),
    ("81455", "81445", "", "", 0),
    ("27447", "99213", "", "", 1),
    ("81445", "88271", "2020-01-01", "2024-06-30", 1),
    ("81445", "88237", "2023-01-01", "2023-01-01", 9),
]
ADDON = [
    ("0071U", "0070U", 1, "", None),
    ("99292", "99291", 1, "2013-01-01", None),
    ("0054T", "CCCCC", 2, "", None),
    ("64727", "64702", 3, "", None),
    ("22845", "22100", 1, "2010-01-01", "2019-12-31"),
]


def fill_store(folder: Path) -> None:
    """The tables of the third quarter of 2024; NUCC 25.1; ICD-10-CM of the fiscal years 2024 and 2025."""
    quarter = ("2024Q3", "2024-07-01", "2024-09-30")
    put_edition(folder, "mpfs", *quarter, {"mpfs": [(*row, None) for row in MPFS]})
    put_edition(folder, "clfs", *quarter, {"clfs": [(*row, None) for row in CLFS]})
    put_edition(folder, "mue-practitioner", *quarter, {"mue": [(*row, None) for row in MUE]})
    pairs = [(one, two, days(first), days(last), how) for one, two, first, last, how in PTP]
    put_edition(folder, "ptp-practitioner", "2024Q3", None, "2024-09-30", {"ptp": pairs})
    put_edition(folder, "addon", "2024Q3", None, "2024-09-30", {"addon": ADDON})
    put_edition(folder, "nucc", "25.1", "2025-10-01", "2026-03-31", {"taxonomy": NUCC})
    put_edition(
        *(folder, "pla", "2024Q3", None, "2024-09-30"),
        {"pla": [("0252U", "2021-07-01", None, None), ("0480U", "2024-07-01", None, None)]},
    )
    put_edition(
        *(folder, "hcpcs", *quarter),
        {
            "hcpcs": [
                ("G0452", "2013-01-01", None, None),
                ("C9803", "2020-03-01", "2023-12-31", None),
                ("J1885", "1998-01-01", None, None),
            ],
            "hcpcs_modifier": [
                ("LT", "1990-01-01", None, None),
                ("ZZ", "2024-07-01", "2024-07-31", None),
            ],
        },
    )
    for year, codes in ((2024, [("O039", 1), ("O03", 0)]), (2025, [("O039", 1), ("E6681", 0)])):
        put_edition(
            *(folder, "icd10cm", f"FY{year}", f"{year - 1}-10-01", f"{year}-09-30"),
            {"icd10cm": [(code, billable, None) for code, billable in codes]},
        )


NUCC = [
    (
        "207P00000X",
        "",
        "Emergency Medicine",
        "",
        "Emergency Medicine Physician",
        "Individual",
        None,
    ),
    ("291U00000X", "", "Clinical Medical Laboratory", "", "", "Non-Individual", None),
]

Tell = Callable[..., list[tuple[str, str, str | None]]]


@pytest.fixture(scope="session")
def put() -> Callable[..., None]:
    return put_edition


@pytest.fixture(scope="session")
def fill() -> Callable[[Path], None]:
    return fill_store


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("national")
    fill_store(made)
    return made


@pytest.fixture(scope="session")
def checker(folder: Path) -> claimcheck.Checker:
    return claimcheck.Checker(data=folder)


def findings(
    checker: claimcheck.Checker, line: dict[str, Any]
) -> list[tuple[str, str, str | None]]:
    return [(f.code, f.severity.value, f.value) for f in checker.check(line).findings]


@pytest.fixture(scope="session")
def told(checker: claimcheck.Checker) -> Tell:
    """The (code, severity, value) of a line's findings, in order; on 2024-08-01 if undated."""

    def tell(**line: Any) -> list[tuple[str, str, str | None]]:
        return findings(checker, {"service_date": "2024-08-01", **line})

    return tell


@pytest.fixture(scope="session")
def told_of_claim(checker: claimcheck.Checker) -> Callable[..., list[tuple[Any, ...]]]:
    """The (line, code, severity, value) of the findings across the lines of a claim."""

    def tell(*lines: dict[str, Any], payer: str | None = None) -> list[tuple[Any, ...]]:
        whole: Iterable[dict[str, Any]] = [
            {"service_date": "2024-08-01", "payer": payer, **line} for line in lines
        ]
        reports = checker.check_claim(whole).reports
        return [
            (number, f.code, f.severity.value, f.value)
            for number, report in enumerate(reports)
            for f in report.findings
            if f.code.startswith("claim-")
        ]

    return tell
