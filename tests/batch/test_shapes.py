"""Files in the shapes that CMS and Tuva publish are read without any mapping."""

from __future__ import annotations

import json

import pytest

pa = pytest.importorskip("pyarrow")
import pyarrow.parquet as pq  # noqa: E402 - after the extra was found

from claimcheck.batch import check_files  # noqa: E402

# Every column that gives a field, and those beside them that look as if they did.
CARRIER = {
    "BENE_ID": "-10000010254618",
    "CLM_ID": "-10000930037831",
    "NCH_CLM_TYPE_CD": "71",
    "CLM_FROM_DT": "01-APR-2026",
    "CLM_THRU_DT": "09-MAY-2026",
    "CARR_CLM_HCPCS_YR_CD": "6",
    "PRNCPAL_DGNS_CD": "J069",
    "PRNCPAL_DGNS_VRSN_CD": "0",
    "ICD_DGNS_CD1": "J069",
    "ICD_DGNS_VRSN_CD1": "0",
    "ICD_DGNS_CD2": "E119",
    "LINE_NUM": "1",
    "PRVDR_SPCLTY": "69",
    "LINE_SRVC_CNT": "1.0",
    "LINE_CMS_TYPE_SRVC_CD": "5",
    "LINE_PLACE_OF_SRVC_CD": "81",
    "LINE_1ST_EXPNS_DT": "04-MAY-2026",
    "LINE_LAST_EXPNS_DT": "04-MAY-2026",
    "HCPCS_CD": "0252U",
    "HCPCS_1ST_MDFR_CD": "80",
    "HCPCS_2ND_MDFR_CD": "",
    "CARR_LINE_MTUS_CNT": "3",
    "LINE_ICD_DGNS_CD": "O039",
    "LINE_ICD_DGNS_VRSN_CD": "0",
}
TUVA = {
    "claim_id": "C1",
    "claim_line_number": "2",
    "claim_type": "professional",
    "person_id": "P",
    "payer": "Aetna",
    "plan": "gold",
    "claim_start_date": "2026-05-01",
    "claim_line_start_date": "2026-05-04",
    "claim_line_end_date": "2026-05-04",
    "place_of_service_code": "81",
    "service_unit_quantity": "1",
    "hcpcs_code": "0252U",
    **{f"hcpcs_modifier_{n}": "80" if n == 1 else "" for n in range(1, 6)},
    "rendering_npi": "1",
    "diagnosis_code_type": "icd-10-cm",
    **{f"diagnosis_code_{n}": "O039" if n == 1 else "" for n in range(1, 26)},
    **{f"diagnosis_poa_{n}": "" for n in range(1, 26)},
    **{f"procedure_code_{n}": "" for n in range(1, 26)},
}
LINE = {
    "code": "0252U",
    "place_of_service": "81",
    "payer": None,
    "taxonomy": None,
    "conditions": None,
}


def checked(tmp_path, checker, record, delimiter):
    path = tmp_path / "a.txt"
    path.write_text(f"{delimiter.join(record)}\n{delimiter.join(record.values())}\n")
    lines = tmp_path / "lines.jsonl"
    result = check_files([path], tmp_path / "out.jsonl", checker, lines=lines)
    found = [json.loads(row) for row in (tmp_path / "out.jsonl").read_text().splitlines()]
    return result, json.loads(lines.read_text()), found


def test_cms_carrier_records(tmp_path, checker):
    result, line, found = checked(tmp_path, checker, CARRIER, "|")
    assert result.looks_like is None
    assert line.items() >= LINE.items()
    assert (line["line_id"], line["service_date"], line["units"]) == ("1", "04-MAY-2026", "1.0")
    assert (line["modifiers"], line["diagnoses"]) == ("80,", "O039")
    assert [(f["code"], f["value"]) for f in found if f["severity"] == "error"] == [
        ("modifier-not-applicable", "80")
    ]
    assert {f["line_id"] for f in found} == {"1"}


def test_tuva_medical_claim(tmp_path, checker):
    result, line, found = checked(tmp_path, checker, TUVA, ",")
    assert result.looks_like is None
    assert line.items() >= {**LINE, "payer": "Aetna"}.items()
    assert (line["claim_id"], line["line_id"]) == ("C1", "2")
    assert (line["service_date"], line["units"]) == ("2026-05-04", "1")
    assert line["modifiers"].strip(",") == "80"
    assert line["diagnoses"].strip(",") == "O039"
    assert [f["code"] for f in found] == ["modifier-not-applicable"]


@pytest.mark.parametrize("record", [CARRIER, TUVA])
def test_the_same_in_parquet_with_numbers_and_dates(tmp_path, checker, record):
    typed = {name: pa.array([cell or None], pa.string()) for name, cell in record.items()}
    for name in ("LINE_NUM", "LINE_PLACE_OF_SRVC_CD", "claim_line_number", "place_of_service_code"):
        if name in typed:
            typed[name] = typed[name].cast(pa.int32())
    for name in ("LINE_SRVC_CNT", "service_unit_quantity"):
        if name in typed:
            typed[name] = typed[name].cast(pa.float64())
    if "claim_line_start_date" in typed:
        typed["claim_line_start_date"] = typed["claim_line_start_date"].cast(pa.date32())
    pq.write_table(pa.table(typed), tmp_path / "a.parquet")
    check_files([tmp_path / "a.parquet"], tmp_path / "p.jsonl", checker)
    _, _, found = checked(tmp_path, checker, record, "|")
    told = [json.loads(row) for row in (tmp_path / "p.jsonl").read_text().splitlines()]
    assert told == found


def test_zeros_that_a_number_has_lost_are_told(tmp_path, checker):
    table = pa.table({"HCPCS_CD": [252], "LINE_PLACE_OF_SRVC_CD": [1], "HCPCS_1ST_MDFR_CD": [0]})
    pq.write_table(table, tmp_path / "a.parquet")
    check_files([tmp_path / "a.parquet"], tmp_path / "o.jsonl", checker)
    told = [json.loads(row) for row in (tmp_path / "o.jsonl").read_text().splitlines()]
    assert [(f["code"], f["value"]) for f in told] == [
        ("code-malformed", "252"),
        ("modifier-malformed", "0"),
        ("place-digit-lost", "01"),
    ]
    assert "00252" in told[0]["message"]
