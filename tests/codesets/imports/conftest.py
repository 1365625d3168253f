"""Writing files in the shapes that are published."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

_CONTENT_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
    "</Types>"
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def _column(at: int) -> str:
    """The letters of a column, from 0."""
    return (chr(64 + at // 26) if at >= 26 else "") + chr(65 + at % 26)


def _workbook(rows: Sequence[Sequence[str | int]]) -> bytes:
    """An Excel workbook with one sheet; texts as texts, whole numbers as numbers."""
    lines = []
    for number, row in enumerate(rows, 1):
        cells = []
        for at, cell in enumerate(row):
            place = f"{_column(at)}{number}"
            if isinstance(cell, int):
                cells.append(f'<c r="{place}"><v>{cell}</v></c>')
            elif cell:
                cells.append(
                    f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">'
                    f"{escape(cell)}</t></is></c>"
                )
        lines.append(f'<row r="{number}">{"".join(cells)}</row>')
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _CONTENT_TYPES)
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{_RELS}"><Relationship Id="rId1" '
            f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
            '<sheet name="Table" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{_RELS}"><Relationship Id="rId1" '
            f'Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/worksheets/sheet1.xml",
            f'<worksheet xmlns="{_MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>',
        )
    return content.getvalue()


def _zipped(members: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return content.getvalue()


@pytest.fixture
def put(tmp_path):
    """Write a file of bytes or text (as cp1252, with CRLF); gives its path."""

    def write(name: str, content: bytes | str) -> Path:
        path = tmp_path / name
        data = content if isinstance(content, bytes) else content.encode("cp1252")
        path.write_bytes(data)
        return path

    return write


@pytest.fixture
def put_zip(put):
    """Write a ZIP of files; gives its path."""

    def write(name: str, members: dict[str, bytes]) -> Path:
        return put(name, _zipped(members))

    return write


@pytest.fixture
def put_workbook(put):
    """Write an Excel workbook of rows; gives its path."""

    def write(name: str, rows: Sequence[Sequence[str | int]]) -> Path:
        return put(name, _workbook(rows))

    return write


@pytest.fixture
def data(tmp_path) -> Path:
    """A folder for a store; not there yet."""
    return tmp_path / "store"


@pytest.fixture
def as_workbook():
    """The bytes of an Excel workbook of rows."""
    return _workbook


@pytest.fixture
def zip_bytes():
    """The bytes of a ZIP of files."""
    return _zipped
