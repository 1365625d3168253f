"""Nothing that is about a person leaves the batch command, but for the lines that are asked for."""

from __future__ import annotations

import pytest

from .test_privacy import INPUTS, TRACE, lines_with_plants

pa = pytest.importorskip("pyarrow")
import pyarrow.parquet as pq  # noqa: E402 - after the extra was found


@pytest.fixture
def folder(tmp_path):
    """The awkward files of the test of ``check``, and a Parquet file of the same kind."""
    folder = tmp_path / "in"
    folder.mkdir()
    for name, content in INPUTS.items():
        (folder / f"{name}.txt").write_bytes(content)
    lines = list(lines_with_plants())
    columns = {name: pa.array([line[name] for line in lines]) for name in lines[0]}
    broken = [b"Quimby Zanzibar \xff"] + [b"W123456789012"] * (len(lines) - 1)
    columns["Quimby Zanzibar"] = pa.array(broken, pa.binary()).view(pa.string())
    columns["modifiers"] = columns["modifiers"].cast(pa.binary())
    raw = columns["modifiers"].to_pylist()
    columns["modifiers"] = pa.array([*raw[:-1], b"Quimby\xff"], pa.binary()).view(pa.string())
    path = folder / "lines.parquet"
    pq.write_table(pa.table(columns), path, row_group_size=10, write_page_checksum=True)
    chunk = pq.ParquetFile(path).metadata.row_group(1).column(2)
    content = bytearray(path.read_bytes())
    content[chunk.data_page_offset + chunk.total_compressed_size // 2] ^= 0xFF
    path.write_bytes(bytes(content))
    (folder / "Aetna.csv").write_bytes(b"Quimby Zanzibar,W123456789012\n1961-02-03,x\n")
    return folder


def texts(folder):
    for path in folder.rglob("*"):
        if path.suffix == ".parquet":
            yield str(pq.read_table(path).to_pylist()) + str(pq.read_metadata(path).metadata)
        elif path.is_file():
            yield path.read_text("utf-8")


@pytest.mark.parametrize("name", ["parquet", "csv", "jsonl"])
def test_in_every_format(run, folder, tmp_path, name):
    result = run("batch", folder, "-o", "out", "--format", name, "--report", "page.html")
    assert result.exit_code == 2, result.stderr
    assert "1 could not be read" in result.stderr
    written = list(texts(tmp_path / "out"))
    assert sum(text.startswith("row,reason") for text in written) == len(INPUTS) + 1
    page = (tmp_path / "page.html").read_text()
    assert "modifier-not-applicable" in page
    for text in (result.stdout, result.stderr, page, *written):
        assert not TRACE.findall(text)


def test_the_lines_repeat_the_input(run, folder, tmp_path):
    """By their nature; docs/batch.md says so."""
    result = run("batch", folder / "csv.txt", "-o", "out.csv", "--lines", "lines.csv")
    assert not TRACE.findall(result.stderr + (tmp_path / "out.csv").read_text())
    assert TRACE.findall((tmp_path / "lines.csv").read_text())
