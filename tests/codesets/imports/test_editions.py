from __future__ import annotations

from datetime import date

import pytest

from claimcheck.codesets.imports.editions import (
    UNSTATED,
    Told,
    fiscal_year,
    from_names,
    half_year,
    quarter,
    quarter_of,
    settle,
)
from claimcheck.codesets.imports.published import open_published
from claimcheck.errors import InputError


def told(kind, *paths):
    return from_names(kind, open_published(paths, lambda _: 1))


@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [
        ("mpfs", "PPRRVU24_JUL.csv", "2024Q3"),
        ("mpfs", "PPRRVU2026_Jan_nonQPP.csv", "2026Q1"),
        ("mpfs", "RVU24C.csv", "2024Q3"),
        ("mpfs", "rvu24ar.csv", "2024Q1"),
        ("mpfs", "rvu26c-updated-06-30-2026.csv", "2026Q3"),
        ("mpfs", "mpfs_indicators_2024_jul.csv", "2024Q3"),
        ("clfs", "26clabq2.csv", "2026Q2"),
        ("clfs", "PUF_CLFS_CY2026_Q2V1.csv", "2026Q2"),
        ("clfs", "CLFS 2025 Q2V1.csv", "2025Q2"),
        ("clfs", "clfs_2026q2.csv", "2026Q2"),
        ("mue-practitioner", "MCR_MUE_PractitionerServices_Eff_07-01-2026.csv", "2026Q3"),
        ("mue-dme", "mue_dme_2024q2.csv", "2024Q2"),
        ("mue-outpatient", "medicare-ncci-2026-q3-outpatient-mue.csv", "2026Q3"),
        ("ptp-practitioner", "ccipra-v300r0-f1.TXT", "2024Q1"),
        ("ptp-practitioner", "ccipra-v322r0-f1.TXT", "2026Q3"),
        ("ptp-outpatient", "ccioph-v313r1-f2.csv", "2025Q4"),
        ("ptp-practitioner", "medicare-ncci-2025q4-ptp-edits-ccipra-v313r0-f1.csv", "2025Q4"),
        ("ptp-practitioner", "ptp_practitioner_2024q3_doccodes.csv", "2024Q3"),
        ("addon", "AOC_V2026Q2-F-MCR.txt", "2026Q2"),
        ("addon", "AOC_V2025Q4_01-MCR.txt", "2025Q4"),
        ("addon", "aoc_2024q2.csv", "2024Q2"),
        ("hcpcs", "HCPC2026_JUL_ANWEB.txt", "2026Q3"),
        ("hcpcs", "july-2026-alpha-numeric-hcpcs-file.csv", "2026Q3"),
        ("nucc", "nucc_taxonomy_251.csv", "25.1"),
        ("nucc", "nucc_taxonomy_26.0.csv", "26.0"),
        ("icd10cm", "icd10cm_order_2026.txt", "FY2026"),
        ("icd10cm", "icd10cm-order-April-2026.txt", "FY2026 April"),
        ("mpfs", "fees.csv", None),
        ("mpfs", "fees_2024_may.csv", None),
        ("ptp-practitioner", "ccipra-v324r0-f1.TXT", None),
        ("mue-dme", "Eff_07-15-2026.csv", None),
        ("nucc", "taxonomy.csv", None),
        ("icd10cm", "order.txt", None),
    ],
)
def test_names(put, kind, name, expected):
    found = told(kind, put(name, "1,2\r\n"))
    assert (found and found.name) == expected


def test_the_name_inside_a_zip_comes_first(put_zip):
    inside = {"PUF_CLFS_CY2026_Q2V1.csv": b"1,2\n"}
    assert told("clfs", put_zip("26clabq1.zip", inside)) == quarter(2026, 2)
    assert told("clfs", put_zip("26clabq3.zip", {"table.csv": b"1,2\n"})) == quarter(2026, 3)


def test_files_of_two_editions(put):
    first, second = put("ccipra-v320r0-f1.txt", "1,2\r\n"), put("ccipra-v321r0-f2.txt", "3,4\r\n")
    with pytest.raises(InputError) as caught:
        told("ptp-practitioner", first, second)
    assert str(caught.value) == (
        "ccipra-v321r0-f2.txt: is of edition 2026Q2, and ccipra-v320r0-f1.txt of 2026Q1; "
        "give the files of one edition"
    )


def test_dates():
    assert quarter(2024, 1) == Told("2024Q1", date(2024, 1, 1), date(2024, 3, 31))
    assert quarter(2024, 2) == Told("2024Q2", date(2024, 4, 1), date(2024, 6, 30))
    assert quarter(2024, 4) == Told("2024Q4", date(2024, 10, 1), date(2024, 12, 31))
    assert quarter_of(date(2024, 9, 30)) == quarter(2024, 3)
    assert half_year(2025, 0) == Told("25.0", date(2025, 4, 1), date(2025, 9, 30))
    assert half_year(2025, 1) == Told("25.1", date(2025, 10, 1), date(2026, 3, 31))
    assert fiscal_year(2026) == Told("FY2026", date(2025, 10, 1), date(2026, 9, 30))
    assert fiscal_year(2026, True) == Told("FY2026 April", date(2026, 4, 1), date(2026, 9, 30))


Q3 = quarter(2026, 3)


@pytest.mark.parametrize(
    ("kind", "found", "options", "expected"),
    [
        ("clfs", Q3, {}, Q3),
        ("clfs", None, {}, UNSTATED),
        ("clfs", None, {"edition": "2026Q3"}, Q3),
        ("clfs", quarter(2024, 1), {"edition": "2026q3"}, Q3),
        ("nucc", None, {"edition": "25.1"}, half_year(2025, 1)),
        ("icd10cm", None, {"edition": "FY2026 April"}, fiscal_year(2026, True)),
        (
            "clfs",
            Q3,
            {"last": date(2026, 8, 31)},
            Told("2026Q3", date(2026, 7, 1), date(2026, 8, 31)),
        ),
        (
            "clfs",
            None,
            {"edition": "ours", "first": date(2026, 1, 1)},
            Told("ours", date(2026, 1, 1), None),
        ),
        (
            "clfs",
            None,
            {"first": date(2026, 1, 1)},
            Told("2026-01-01 to open", date(2026, 1, 1), None),
        ),
        ("ptp-practitioner", Q3, {"speaks_before": True}, Told("2026Q3", None, Q3.last)),
        (
            "ptp-practitioner",
            Q3,
            {"speaks_before": True, "first": date(2026, 1, 1)},
            Told("2026Q3", date(2026, 1, 1), Q3.last),
        ),
    ],
)
def test_what_is_stored(kind, found, options, expected):
    assert settle(kind, found, **options) == expected


def test_an_unstated_edition_covers_nothing():
    assert not UNSTATED.stated


def test_an_edition_that_does_not_tell_its_dates():
    with pytest.raises(InputError) as caught:
        settle("clfs", Q3, "ours")
    assert str(caught.value) == ("the edition 'ours' does not tell its dates; give --from and --to")


def test_contradictory_dates():
    with pytest.raises(InputError) as caught:
        settle("clfs", Q3, last=date(2026, 6, 30))
    assert str(caught.value) == (
        "the edition 2026Q3 would end on 2026-06-30, before it begins on 2026-07-01"
    )
