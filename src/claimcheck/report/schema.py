"""JSON Schema (2020-12) of what the formats ``json`` and ``jsonl`` write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, get_args

from claimcheck.fix import ACTIONS, FIX_KINDS, FIXABLE
from claimcheck.line_report import COVERED, COVERED_FIELDS, CoverageState, Status
from claimcheck.verdict import Severity

__all__ = ["document_schema", "finding_schema", "jsonl_schema", "report_schema"]

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_TEXT: Final[dict[str, Any]] = {"type": "string"}
_MAYBE_TEXT: Final[dict[str, Any]] = {"type": ["string", "null"]}
_COUNT: Final[dict[str, Any]] = {"type": "integer", "minimum": 0}
_ROW: Final[dict[str, Any]] = {"type": "integer", "minimum": 1}


def _closed(properties: dict[str, Any], optional: Sequence[str] = ()) -> dict[str, Any]:
    """An object with exactly these properties, all of them required but for the optional ones."""
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def _list_of(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{name}"}


_INDEX: Final[dict[str, Any]] = {"type": ["integer", "null"], "minimum": 0}
_SEVERITY: Final = {"enum": [severity.value for severity in Severity]}
_REPORT: Final[dict[str, Any]] = {
    "line_id": _MAYBE_TEXT,
    "claim_id": _MAYBE_TEXT,
    "status": {"enum": list(get_args(Status))},
    "ok": {"type": "boolean"},
    "findings": _list_of(_ref("finding")),
    "suppressed": _COUNT,
    "known": _COUNT,
    "coverage": _closed({name: _ref("coverage-state") for name in COVERED}),
    "editions": {"type": "object", "additionalProperties": _TEXT},
    "ruleset": _ref("ruleset"),
}
_DEFINITIONS: Final[dict[str, Any]] = {
    "citation": _closed({"source": _TEXT, "at": _TEXT}),
    "coverage-state": {"enum": list(get_args(CoverageState))},
    "finding": _closed(
        {
            "code": {"type": "string", "pattern": "^[a-z]+(-[a-z0-9]+)+$"},
            "severity": _SEVERITY,
            "field": {"enum": list(COVERED_FIELDS)},
            "index": _INDEX,
            "value": _MAYBE_TEXT,
            "message": _TEXT,
            "hint": _TEXT,
            "rule": _TEXT,
            "citations": _list_of(_ref("citation")),
            "carc": _MAYBE_TEXT,
            "fix": {"anyOf": [_ref("fix"), {"type": "null"}]},
            "url": _TEXT,
        }
    ),
    "fix": _closed(
        {
            "kind": {"enum": list(FIX_KINDS)},
            "action": {"enum": list(ACTIONS)},
            "field": {"enum": list(FIXABLE)},
            "index": _INDEX,
            "old": _TEXT,
            "value": _MAYBE_TEXT,
        }
    ),
    "ruleset": _closed(
        {"name": _TEXT, "version": _TEXT, "hash": {"type": "string", "pattern": "^[0-9a-f]{64}$"}}
    ),
    "report": _closed(_REPORT),
    "row": _closed({"row": _ROW, "place": _TEXT, **_REPORT}, optional=["place"]),
    "summary": _closed(
        {
            "rows": _closed({"read": _COUNT, "checked": _COUNT, "rejected": _COUNT}),
            "lines": _closed(dict.fromkeys(get_args(Status), _COUNT)),
            "severities": _closed({severity.value: _COUNT for severity in Severity}),
            "findings": _list_of(_closed({"severity": _SEVERITY, "code": _TEXT, "count": _COUNT})),
            "suppressed": _COUNT,
            "known": _COUNT,
            "baseline_unused": _COUNT,
            "unused_exceptions": _list_of(
                _closed(
                    {
                        "what": _TEXT,
                        "reason": _TEXT,
                        "why": _TEXT,
                        "owner": _MAYBE_TEXT,
                        "until": _MAYBE_TEXT,
                    }
                )
            ),
            "columns_not_read": _COUNT,
            "column_looks_like": _MAYBE_TEXT,
            "code_sets": _list_of(
                _closed(
                    {
                        "name": _TEXT,
                        "edition": _MAYBE_TEXT,
                        "first": _MAYBE_TEXT,
                        "last": _MAYBE_TEXT,
                    }
                )
            ),
            "damage": _list_of(_TEXT),
            "notes": _list_of(_TEXT),
        }
    ),
}


def _schema(title: str, body: dict[str, Any]) -> dict[str, Any]:
    return {"$schema": _DIALECT, "title": title, **body, "$defs": _DEFINITIONS}


def finding_schema() -> dict[str, Any]:
    """The schema of ``Finding.as_dict()``."""
    return _schema("claimcheck finding", _ref("finding"))


def report_schema() -> dict[str, Any]:
    """The schema of ``Report.as_dict()``."""
    return _schema("claimcheck report", _ref("report"))


def jsonl_schema() -> dict[str, Any]:
    """The schema of one line of the format ``jsonl``."""
    rejected = _closed({"row": _ROW, "rejected": _TEXT})
    return _schema("claimcheck row", {"oneOf": [_ref("row"), rejected]})


def document_schema() -> dict[str, Any]:
    """The schema of the document that the format ``json`` writes."""
    return _schema(
        "claimcheck document",
        _closed(
            {
                "claimcheck": _TEXT,
                "ruleset": _ref("ruleset"),
                "lines": _list_of(_ref("row")),
                "rejected": _list_of(_closed({"row": _ROW, "reason": _TEXT})),
                "summary": _ref("summary"),
            }
        ),
    )
