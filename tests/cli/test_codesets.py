from __future__ import annotations

import hashlib
import json
import zipfile

import pytest

from claimcheck.codesets.store import KINDS

EDITS = "primary_code,add_on_code,aoc_edit_type\r\n00001,00002,1\r\nCCCCC,0001T,2\r\n"
DIGEST = hashlib.sha256(EDITS.encode()).hexdigest()


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    """The folder that the environment names."""
    folder = tmp_path / "data"
    monkeypatch.setenv("CLAIMCHECK_DATA", str(folder))
    return folder


@pytest.fixture
def put(tmp_path):
    def write(name: str, content: str | bytes = EDITS):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("cp1252"))
        return path

    return write


FEW = (
    "claimcheck: note: it has 2 rows, and the whole list more than 5,000; what it lacks is taken to be "
    "absent\n"
)


def test_import(run, put, data):
    done = run("codesets", "import", "addon", put("aoc_2024q2.csv"))
    assert (done.exit_code, done.stderr) == (0, FEW)
    assert done.stdout == (
        "added: addon 2024Q2 (NCCI add-on code table)\n"
        "  dates of service 2024-04-01 to 2024-06-30\n"
        "  2 rows read, 2 kept; no descriptor texts\n"
        f"  aoc_2024q2.csv, sha256 {DIGEST[:12]}\n"
        f"  store: {data / 'codesets.sqlite'}\n"
    )
    again = run("codesets", "import", "addon", put("aoc_2024q2.csv"))
    assert again.stdout.startswith("unchanged: addon 2024Q2 ")


def test_import_into_a_folder(run, put, tmp_path, data):
    done = run("codesets", "import", "addon", put("aoc_2024q2.csv"), "--data", tmp_path / "own")
    assert done.exit_code == 0
    assert (tmp_path / "own" / "codesets.sqlite").is_file()
    assert not data.exists()


def test_nothing_tells_the_edition(run, put):
    done = run("codesets", "import", "addon", put("edits.csv"))
    assert done.exit_code == 0
    assert done.stderr == (
        "claimcheck: note: nothing tells which edition this is, so it covers no date of service; "
        f"name it with --edition, or give --from and --to\n{FEW}"
    )
    assert "  no date of service (the edition is unstated)\n" in done.stdout


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--edition", "2026Q3"], "dates of service 2026-07-01 to 2026-09-30"),
        (["--from", "2026-01-01"], "dates of service from 2026-01-01"),
        (["--to", "12/31/2026"], "dates of service to 2026-12-31"),
        (
            ["--edition", "ours", "--from", "20260101", "--to", "20260131"],
            "dates of service 2026-01-01 to 2026-01-31",
        ),
    ],
)
def test_the_user_tells_the_edition(run, put, options, told):
    done = run("codesets", "import", "addon", put("edits.csv"), *options)
    assert (done.exit_code, done.stderr) == (0, FEW)
    assert f"  {told}\n" in done.stdout


def test_a_correction_needs_a_word(run, put):
    run("codesets", "import", "addon", put("aoc_2024q2.csv"))
    corrected = put("aoc_2024q2r1.csv", EDITS + "00003,00002,1\r\n")
    refused = run("codesets", "import", "addon", corrected)
    assert refused.exit_code == 2
    assert refused.stderr.startswith("claimcheck: addon 2024Q2 is in the store already, from other")
    done = run("codesets", "import", "addon", corrected, "--replace")
    assert done.exit_code == 0
    assert done.stdout.startswith("replaced: addon 2024Q2 ")


def test_keep_descriptions(run, put):
    content = "code,mue_value,mai,rationale\r\n00001,1,2,Why\r\n"
    path = put("mue_practitioner_2026q3.csv", content)
    done = run("codesets", "import", "mue-practitioner", path, "--keep-descriptions")
    assert "descriptor texts kept" in done.stdout


@pytest.mark.parametrize(
    ("kind", "name", "content", "message"),
    [
        ("addon", "x.csv", b"", "x.csv: is empty"),
        ("addon", "x.csv", b"\x89PNG\r\n\x1a\n", "x.csv: is a PNG picture, not a table"),
        (
            "addon",
            "x.csv",
            EDITS.encode() + b"00001,00002,1\r\n",
            "x.csv, row 4: 00002 with the primary 00001 is in row 2 already; each may be there once",
        ),
        (
            "mue-dme",
            "x.csv",
            EDITS.encode(),
            "x.csv: no header with columns for code, MUE value, MUE adjudication indicator "
            "in the first 40 rows; it looks like NCCI add-on code edits",
        ),
        (
            "addon",
            "x.csv",
            EDITS.encode() + b"00001,0",
            "x.csv, row 4: 2 cells, and the header has 3; the file may be cut",
        ),
    ],
)
def test_a_refusal_leaves_the_store_as_it_was(run, put, data, kind, name, content, message):
    run("codesets", "import", "addon", put("aoc_2024q2.csv"))
    before = (data / "codesets.sqlite").read_bytes()
    done = run("codesets", "import", kind, put(name, content))
    assert (done.exit_code, done.stdout, done.stderr) == (2, "", f"claimcheck: {message}\n")
    assert (data / "codesets.sqlite").read_bytes() == before


def test_a_zip_of_a_picture(run, tmp_path, data):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("scan.png", b"\x89PNG")
    done = run("codesets", "import", "mpfs", path)
    assert done.exit_code == 2
    assert done.stderr == (
        "claimcheck: x.zip: holds no file of this kind; it holds 1 file with .png\n"
    )
    assert not data.exists()


def test_what_is_asked_wrongly(run, put):
    assert run("codesets", "import", "carc", put("x.csv")).exit_code == 2
    assert run("codesets", "import", "addon").exit_code == 2
    done = run("codesets", "import", "addon", put("x.csv"), "--from", "July")
    assert done.exit_code == 2
    assert "is no date; write it 2026-07-01" in done.stderr


def test_help_names_every_kind(run):
    told = run("codesets", "import", "--help").stdout
    assert all(f"    {kind}  " in told for kind in KINDS)


def test_list_of_nothing(run, data):
    done = run("codesets", "list")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "  CMS place of service: 2024, all dates of service\n" in done.stdout
    assert f"\nImported, in {data / 'codesets.sqlite'}\n  nothing\n" in done.stdout
    assert done.stdout.endswith(f"\nAbsent: {', '.join(KINDS)}\n")


def test_list(run, put, data):
    run("codesets", "import", "addon", put("aoc_2024q2.csv"))
    told = run("codesets", "list").stdout
    assert (
        "  addon             2024Q2: 2 rows, dates of service 2024-04-01 to 2024-06-30\n"
        f"    aoc_2024q2.csv, sha256 {DIGEST[:12]}\n"
    ) in told
    assert told.endswith(f"Absent: {', '.join(kind for kind in KINDS if kind != 'addon')}\n")


def test_list_as_json(run, put, tmp_path):
    own = tmp_path / "own"
    run("codesets", "import", "addon", put("aoc_2024q2.csv"), "--data", own)
    told = json.loads(run("codesets", "list", "--data", own, "--format", "json").stdout)
    assert [one["list"] for one in told["embedded"]] == [
        "ICD-10-CM",
        "CMS place of service",
        "modifiers",
        "NUCC taxonomy",
    ]
    assert told["store"] == str(own / "codesets.sqlite")
    assert told["imported"] == [
        {
            "kind": "addon",
            "title": "NCCI add-on code table",
            "edition": "2024Q2",
            "stated": True,
            "from": "2024-04-01",
            "to": "2024-06-30",
            "rows_read": 2,
            "rows": 2,
            "descriptions": False,
            "files": [{"name": "aoc_2024q2.csv", "sha256": DIGEST}],
        }
    ]
    assert told["absent"] == [kind for kind in KINDS if kind != "addon"]


def test_a_broken_store(run, put, data):
    data.mkdir()
    (data / "codesets.sqlite").write_bytes(b"x" * 5000)
    for arguments in (["list"], ["import", "addon", put("aoc_2024q2.csv")]):
        done = run("codesets", *arguments)
        assert (done.exit_code, done.stdout) == (2, "")
        assert "is no store of code sets" in done.stderr
