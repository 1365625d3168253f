"""Small stores of imported lists, with rows written by hand."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from claimcheck.codesets.bundle import CodeSets, code_sets_with
from claimcheck.codesets.national import tables_of
from claimcheck.codesets.store.reading import SourceFile
from claimcheck.codesets.store.writing import Edition, add_edition

TABLE_OF = {"nucc": "taxonomy", "hcpcs": "hcpcs"}


@pytest.fixture
def imported(tmp_path: Path) -> Callable[..., CodeSets]:
    """Put an edition into a store and give the code sets with everything put there so far."""
    folder = tmp_path / "data"

    def put(
        kind: Any = None,
        rows: Any = (),
        *,
        name: str = "2026Q1",
        first: date | None = date(2026, 1, 1),
        last: date | None = date(2026, 3, 31),
        descriptions: bool = False,
        more: dict[str, Any] | None = None,
    ) -> CodeSets:
        if kind is not None:
            tables = {TABLE_OF.get(kind, kind): list(rows), **(more or {})}
            file = SourceFile(f"{kind}.csv", hashlib.sha256(repr(tables).encode()).hexdigest())
            edition = Edition(
                *(kind, name, True, first, last, (file,), tables, descriptions),
                rows_read=lambda: len(list(rows)),
            )
            add_edition(folder, edition)
        return code_sets_with(tables_of(folder))

    return put
