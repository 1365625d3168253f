"""Reading the first sheet of an Excel workbook, as texts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import BinaryIO

from claimcheck.errors import InputError

__all__ = ["rows"]


def rows(stream: BinaryIO, name: str) -> Iterator[tuple[int, list[str]]]:
    """Rows of the first sheet that has any, from 1, with their cells as stripped texts.

    Numbers without a fraction come without a point, dates as ISO texts.

    Raises:
        InputError: the workbook is damaged or empty, or python-calamine is missing.
    """
    try:
        from python_calamine import CalamineWorkbook
    except ImportError:
        raise InputError(
            f"{name}: is an Excel workbook, and python-calamine, which reads it, is missing; "
            'pip install "claimcheck-lines[excel]", or save the sheet as CSV'
        ) from None
    try:
        workbook = CalamineWorkbook.from_filelike(stream)
        for title in workbook.sheet_names:
            sheet = workbook.get_sheet_by_name(title)
            if sheet.height:
                break
        else:
            raise InputError(f"{name}: is empty")
    except InputError:
        raise
    except Exception as error:
        # The reader has an exception of its own for every format, without a common base.
        raise InputError(
            f"{name}: is an Excel workbook that is damaged ({type(error).__name__})"
        ) from None
    for number, cells in enumerate(sheet.iter_rows(), 1):
        yield number, [_text(cell) for cell in cells]


def _text(cell: object) -> str:
    if type(cell) is str:
        return cell.strip()
    if type(cell) is float:
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else str(cell).strip()
