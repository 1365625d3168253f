"""The script that makes the data file of Excludes1 notes."""

from __future__ import annotations

import importlib.util
import zlib
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree

import pytest

from claimcheck.authoring import extract_excludes
from claimcheck.codesets import excludes

needs_package = pytest.mark.skipif(
    importlib.util.find_spec("simple_icd_10_cm") is None,
    reason="simple-icd-10-cm is a build-time tool and is not installed",
)
ELSEWHERE = "sends the reader elsewhere"
CONDITION = "holds under a condition"
NO_CODE = "names no code in parentheses"
UNREAD = "names codes in a way that is not read"


@pytest.mark.parametrize(
    ("note", "decided"),
    [
        ("a thing (N96)", ("N96",)),
        ("a thing (A37.-)", ("A37.-",)),
        ("a thing (D71-)", ("D71.-",)),
        ("a thing (O26.2-)", ("O26.2-",)),
        ("a thing (T40.2X5)", ("T40.2X5",)),
        ("a thing (O00-O9A)", ("O00-O9A",)),
        ("a thing (C7A.02-, C7B.-,)", ("C7A.02-", "C7B.-")),
        ("a thing (C81-C86, C88, C96.-)", ("C81-C86", "C88", "C96.-")),
        ("a thing (I01.0 -I01.9)", ("I01.0-I01.9",)),
        ("a thing (P28.3- - P28.4-)", ("P28.3-P28.4",)),
        ("a thing (I70.2--I70.7-)", ("I70.2-I70.7",)),
        ("a thing (J60-J67.9)", ("J60-J67.9",)),
        ("a thing (M43.3-M43.5X9)", ("M43.3-M43.5X9",)),
        ("a thing (in) (of) the other (G6PD) (D55.0)", ("D55.0",)),
        ("a thing of CD30 cells (C86.6-)", ("C86.6-",)),
        ("any type in A15 (J65)", ("J65",)),
        ("a thing (of):", NO_CODE),
        ("a thing E72.4", NO_CODE),
        ("a thing (Z89.52-", NO_CODE),
        ("a thing - code to thing", ELSEWHERE),
        ("a thing-code to thing (S14, S24)", ELSEWHERE),
        ("a thing -See the other thing (V90-V94)", ELSEWHERE),
        ("a thing - omit code", ELSEWHERE),
        ("what is classifiable to (Y62-Y69)", ELSEWHERE),
        ("a thing (M51.- with fifth character 6)", CONDITION),
        ("a thing (E08-E13 with .42)", CONDITION),
        ("a thing (S92.-with 7th character B)", CONDITION),
        ("a thing (I69. with final characters -23)", CONDITION),
        ("a thing (I05-I09) unless another", CONDITION),
        ("a thing, without mention of another (Y83-Y84)", CONDITION),
        ("when part of another (Z01.4-)", CONDITION),
        ("a thing (A00-R94 and T80-T88.6)", UNREAD),
        # read as a range it would hold all of I69.0 and I69.1
        ("a thing (I69.01-I69.11-, I69.21-)", UNREAD),
        ("a thing (F98.2.-F98.3)", UNREAD),
        ("a thing (O9A-O00)", UNREAD),
    ],
)
def test_what_a_note_names(note: str, decided: tuple[str, ...] | extract_excludes.Reason) -> None:
    assert extract_excludes.decide(note) == decided


SMALL = """<ICD10CM.tabular><chapter><name>2</name><desc>Neoplasms (C00-D49)</desc>
<section id="C43-C44"><excludes1><note>one (D49.2)</note><note>two (C43)</note></excludes1>
<diag><name>C43</name></diag>
<diag><name>C4A</name><excludes1><note>see elsewhere</note></excludes1></diag>
<diag><name>C44</name><diag><name>C44.0</name>
<excludes1><note>three (C43.-)</note></excludes1><excludes1><note>(D49.2, C43.-)</note></excludes1>
</diag></diag></section>
<section id="D49"><excludes1><note>of the block (C44.0)</note></excludes1>
<diag><name>D49</name><excludes1><note>of the category (C43)</note><note>none (A00)</note></excludes1>
<diag><name>D49.2</name></diag></diag></section>
</chapter></ICD10CM.tabular>"""


def test_a_small_list() -> None:
    found = extract_excludes.read_tabular(ElementTree.fromstring(SMALL))  # noqa: S314 - our own text
    assert found.notes == {
        "C43-C44": ["D49.2", "C43"],
        "D49": ["C44.0", "C43"],
        "C44.0": ["C43.-", "D49.2"],
    }
    assert found.moved == {"C4A": "C43~"}
    assert found.kept == 6
    assert found.dropped == {ELSEWHERE: 1, "names no code of the release": 1}
    assert zlib.decompress(extract_excludes.pack(found)) == (
        b"claimcheck icd10cm-excludes1 1\nC4A=C43~\n"
        b"C43-C44 D49.2 C43\nD49 C44.0 C43\nC44.0 C43.- D49.2\n"
    )


def test_a_chapter_without_its_range_is_refused() -> None:
    root = ElementTree.fromstring(SMALL.replace("(C00-D49)", ""))  # noqa: S314 - our own text
    root[0].append(ElementTree.fromstring("<excludes1><note>(C43)</note></excludes1>"))  # noqa: S314
    with pytest.raises(ValueError, match="does not end with its range"):
        extract_excludes.read_tabular(root)


@needs_package
def test_two_runs_give_the_same_bytes_and_the_shipped_notes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = tmp_path / "first.bin", tmp_path / "second.bin"
    assert extract_excludes.main([str(first)]) == 0
    assert extract_excludes.main([str(second)]) == 0
    assert first.read_bytes() == second.read_bytes()
    assert "5407 notes, 5180 kept, at 2571 places" in capsys.readouterr().err
    # Compared unpacked: another zlib may pack the same text differently.
    shipped = (files("claimcheck.codesets") / "data" / excludes.DATA_FILE).read_bytes()
    assert zlib.decompress(first.read_bytes()) == zlib.decompress(shipped)


@pytest.mark.parametrize("arguments", [[], ["a", "b"], ["--help"]])
def test_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert extract_excludes.main(arguments) == 2
    assert capsys.readouterr().err.startswith("usage:")


def test_an_absent_package_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def absent() -> None:
        raise ModuleNotFoundError("simple-icd-10-cm is not installed")

    monkeypatch.setattr(extract_excludes, "require_package", absent)
    assert extract_excludes.main([str(tmp_path / "out.bin")]) == 2
    assert capsys.readouterr().err == "extract_excludes: simple-icd-10-cm is not installed\n"
    assert list(tmp_path.iterdir()) == []
