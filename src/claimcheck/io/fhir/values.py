"""Reading parts of a resource that may be anything: what has the wrong type is as if it were absent.

Some writers give a single object where FHIR has a list; that is taken as a list of one.
"""

from __future__ import annotations

from typing import Any, Final

__all__ = [
    "EMPTY",
    "number_of",
    "object_at",
    "objects_at",
    "parts_at",
    "text_at",
    "texts_of",
]

EMPTY: Final[dict[str, Any]] = {}


def object_at(parent: dict[str, Any], name: str) -> dict[str, Any]:
    """The object under a name; an empty one if there is none."""
    value = parent.get(name)
    return value if type(value) is dict else EMPTY


def objects_at(parent: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The objects of the list under a name. What is no object keeps its place as an empty one."""
    value = parent.get(name)
    if type(value) is list:
        return [item if type(item) is dict else EMPTY for item in value]
    return [value] if type(value) is dict else []


def parts_at(parent: dict[str, Any], name: str) -> list[dict[str, Any] | None]:
    """The same, with None for what is no object."""
    value = parent.get(name)
    if type(value) is list:
        return [item if type(item) is dict else None for item in value]
    return [value] if type(value) is dict else []


def text_at(parent: dict[str, Any], name: str) -> str | None:
    """The text under a name; None if it is absent, blank or no text."""
    value = parent.get(name)
    return value if type(value) is str and value.strip() else None


def texts_of(value: Any) -> list[str]:
    """The texts of a list, or of a single text."""
    if type(value) is str:
        return [value]
    return [item for item in value if type(item) is str] if type(value) is list else []


def number_of(value: Any) -> int | None:
    """A positive whole number, or None."""
    return value if type(value) is int and 0 < value < 1_000_000_000 else None
