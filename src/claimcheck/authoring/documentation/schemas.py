"""JSON Schema files of rule files and reports, for editors and other tools."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from claimcheck.report.schema import (
    document_schema,
    finding_schema,
    jsonl_schema,
    report_schema,
)
from claimcheck.ruleset.schema import KINDS, json_schema

__all__ = ["schema_files"]

_OF_REPORTS = {
    "finding": finding_schema,
    "report": report_schema,
    "output-json": document_schema,
    "output-jsonl-row": jsonl_schema,
}


def schema_files() -> Iterator[tuple[str, str]]:
    """Path below the documentation folder and text of every schema."""
    for kind in KINDS:
        yield f"schema/{kind}.schema.json", _text(json_schema(kind))
    for name, make in _OF_REPORTS.items():
        yield f"schema/{name}.schema.json", _text(make())


def _text(schema: dict[str, Any]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
