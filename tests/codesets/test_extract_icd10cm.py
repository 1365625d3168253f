"""The script that makes the ICD-10-CM data file."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import zlib
from importlib.resources import files
from pathlib import Path

import pytest

from claimcheck.authoring import extract_icd10cm
from claimcheck.codesets import icd10cm

needs_package = pytest.mark.skipif(
    importlib.util.find_spec("simple_icd_10_cm") is None,
    reason="simple-icd-10-cm is a build-time tool and is not installed",
)

SMALL = {"A00": False, "A000": True, "A001": True, "N96": True}


def test_the_layout_of_the_file() -> None:
    assert zlib.decompress(extract_icd10cm.pack(SMALL)) == (
        b"claimcheck icd10cm 1\nA00- 0 1\nN96\n"
    )


@needs_package
def test_two_runs_give_the_same_bytes_and_the_shipped_codes(tmp_path: Path) -> None:
    first, second = tmp_path / "first.bin", tmp_path / "second.bin"
    assert extract_icd10cm.main([str(first)]) == 0
    assert extract_icd10cm.main([str(second)]) == 0
    assert first.read_bytes() == second.read_bytes()
    # Compared unpacked: another zlib may pack the same text differently.
    shipped = (files("claimcheck.codesets") / "data" / icd10cm.DATA_FILE).read_bytes()
    assert zlib.decompress(first.read_bytes()) == zlib.decompress(shipped)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first.bin", "second.bin"]


def test_an_absent_package_is_named_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def absent(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", absent)
    assert extract_icd10cm.main([str(tmp_path / "out.bin")]) == 2
    assert "pip install simple-icd-10-cm==1.5.0" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "1.4.0")
    with pytest.raises(ValueError, match=r"1\.4\.0 is installed"):
        extract_icd10cm.extract()


@pytest.mark.parametrize("arguments", [[], ["a", "b"], ["--help"]])
def test_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert extract_icd10cm.main(arguments) == 2
    assert capsys.readouterr().err.startswith("usage:")


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    target = tmp_path / "a folder"
    target.mkdir()
    with pytest.raises(IsADirectoryError):
        extract_icd10cm.write_whole(target, b"content")
    assert list(tmp_path.iterdir()) == [target]


def test_a_file_of_another_layout_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(icd10cm, "read_bytes", lambda name: zlib.compress(b"something else\n"))
    icd10cm._lines.cache_clear()
    try:
        with pytest.raises(ValueError, match="make it again"):
            icd10cm._lines()
    finally:
        icd10cm._lines.cache_clear()
