"""What kind of input a file is, told from how it begins."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from claimcheck.io.x12.segments import begins_like_x12

__all__ = ["INPUT_FORMATS", "InputFormat", "kind_of"]

InputFormat: TypeAlias = Literal["csv", "jsonl", "x12", "fhir", "fhir-r4", "fhir-r5"]
INPUT_FORMATS: Final = ("csv", "jsonl", "x12", "fhir", "fhir-r4", "fhir-r5")


def kind_of(beginning: bytes) -> InputFormat:
    """The kind of a file that begins so and is not FHIR, blanks and byte-order mark apart."""
    if begins_like_x12(beginning):
        return "x12"
    return "jsonl" if beginning.lstrip().startswith(b"{") else "csv"
