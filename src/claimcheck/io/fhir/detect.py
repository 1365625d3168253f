"""Telling FHIR from JSON Lines of claim lines, by the beginning of the input."""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from claimcheck.io.raw import RawLines

__all__ = ["is_fhir", "looks_like_fhir", "object_of"]

LOOKED_AT: Final = 1 << 16
"""Bytes of a document of many lines that are looked at."""

_RESOURCE: Final = re.compile(rb'"(?:resourceType|productOrService|fullUrl)"\s*:')


def looks_like_fhir(beginning: bytes) -> bool:
    """Whether these first bytes of an input are those of FHIR resources as JSON.

    If the first line is a JSON object, it decides; else what looks like the keys of a resource.
    """
    beginning = beginning.lstrip(b"\xef\xbb\xbf").lstrip()
    if not beginning.startswith(b"{"):
        return False
    whole = object_of(beginning.split(b"\n", 1)[0])
    return "resourceType" in whole if whole is not None else bool(_RESOURCE.search(beginning))


def is_fhir(raw: RawLines, beginning: bytes) -> bool:
    """Whether an input is FHIR; as much of it is looked at as that takes, and is still to be read."""
    if not beginning.lstrip().startswith(b"{"):
        return False
    while len(beginning) < LOOKED_AT:
        if b"\n" in beginning and (_RESOURCE.search(beginning) or object_of(beginning)):
            break
        piece = raw.look_further(LOOKED_AT - len(beginning))
        if not piece:
            break
        beginning += piece
    return looks_like_fhir(beginning)


def object_of(line: bytes) -> dict[str, Any] | None:
    """The JSON object that a line is, or None."""
    try:
        read = msgspec.json.decode(line)
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) else None
