"""A list that is cut anywhere is refused, or the user is told; it never passes for a whole one."""

from __future__ import annotations

from itertools import permutations

import pytest

from claimcheck.codesets.imports import import_files
from claimcheck.codesets.store import open_store
from claimcheck.errors import InputError

NUCC = (
    "Code,Grouping,Classification,Specialization,Definition,Notes,Display Name,Section\r\n"
    '207ZP0102X,Group,Class,Special,"A text,\r\nown",Note,Shown,Individual\r\n'
    "291U00000X,Group,Class,,Own,,Shown,Non-Individual\r\n"
)
CLFS = (
    '"A notice, own",,,,,\r\nYEAR,HCPCS,MOD,EFF_DATE,INDICATOR,RATE\r\n'
    "2026,0252U,,20260101,N,00759.05\r\n2026,81025,QW,20260101,N,00008.61\r\n"
)
MPFS = (
    "hcpcs,mod,status_code,pctc_ind,glob_days,mult_proc,bilat_surg,asst_surg,co_surg,team_surg\r\n"
    "88305,26,A,1,XXX,0,0,0,0,0\r\n27447,,A,0,090,2,1,2,2,1\r\n"
)
PLA = "hcpcs_code,date_released,date_effective\r\n0252U,2021-04-01,2021-07-01\r\n"
ICD10CM = "".join(
    f"{order:05} {code:7} {billable} {'own title':60} own title in full\r\n"
    for order, code, billable in ((1, "O03", 0), (2, "O039", 1))
)
HCPCS = "".join(
    f"{code:>5}00100{number}{'own text':80}{'own':28}{'':149}2013010120130101{'':8}N\r\n"
    for code, number in (("G0452", 3), ("QW", 7))
)
WHOLE = {
    "nucc": ("nucc_taxonomy_251.csv", NUCC, 2),
    "clfs": ("clfs_2026q2.csv", CLFS, 2),
    "mpfs": ("mpfs_2026q2.csv", MPFS, 2),
    "pla": ("pla.csv", PLA, 1),
    "icd10cm": ("icd10cm_order_2026.txt", ICD10CM, 2),
    "hcpcs": ("HCPC2026_JUL_ANWEB.txt", HCPCS, 2),
}


@pytest.mark.parametrize("kind", WHOLE)
def test_cut_anywhere(put, data, kind):
    name, text, rows = WHOLE[kind]
    refused = 0
    for at in range(0, len(text), 7):
        cut = text[:at]
        try:
            found = import_files(kind, [put(name, cut)], data, replace=True)
        except InputError:
            refused += 1
            continue
        if cut.endswith(("\r", "\n")):
            assert found.vintage.rows < rows
        else:
            assert any("the last line has no end" in note for note in found.notes)
    assert refused > 5
    assert import_files(kind, [put(name, text)], data, replace=True).vintage.rows == rows


@pytest.mark.parametrize("kind", WHOLE)
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\r\n \r\n", "is empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "is a PNG picture, not a table"),
    ],
    ids=["empty", "blank", "picture"],
)
def test_no_table(put, data, kind, content, message):
    name = WHOLE[kind][0]
    with pytest.raises(InputError) as caught:
        import_files(kind, [put(name, content)], data)
    assert str(caught.value) == f"{name}: {message}"
    assert open_store(data) is None


@pytest.mark.parametrize("kind", WHOLE)
def test_a_zip_of_a_picture(put_zip, data, kind):
    path = put_zip("download.zip", {"own/picture.png": b"\x89PNG\r\n\x1a\n"})
    with pytest.raises(InputError) as caught:
        import_files(kind, [path], data)
    assert str(caught.value) == (
        "download.zip: holds no file of this kind; it holds 1 file with .png"
    )
    assert open_store(data) is None


@pytest.mark.parametrize(("kind", "other"), [*permutations(WHOLE, 2)])
def test_a_list_of_another_kind_is_refused(put, data, kind, other):
    with pytest.raises(InputError):
        import_files(kind, [put(WHOLE[other][0], WHOLE[other][1])], data)
    assert open_store(data) is None
