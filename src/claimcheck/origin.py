"""Where a line stands in its input, where the input is no table: for outputs that point back into it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias

import attrs

__all__ = ["Origin", "Unit"]

Unit: TypeAlias = Literal["line", "segment"]
"""What counts the places of an input: lines of the file, or segments of an X12 file."""

_NONE: Final[Mapping[str, str]] = {}


@attrs.frozen
class Origin:
    """Where a line, or what was rejected in place of one, stands in a FHIR resource.

    Attributes:
        resource: number of the resource in the input, counted from 1.
        path: FHIRPath of the line, for example ``Bundle.entry[1].resource.item[0]``.
        fields: FHIRPath of every field of the line that is there; of a list field that of the list.
        use: ``Claim.use``, or None.
        kind: ``Claim.type``: ``professional``, ``institutional`` or another of FHIR's, or None.
    """

    resource: int
    path: str
    fields: Mapping[str, str] = attrs.field(default=_NONE, eq=False)
    use: str | None = None
    kind: str | None = None

    def of(self, field: str, index: int | None = None) -> str:
        """FHIRPath of a field, or of one value of a list field; that of the line if it is not there."""
        path = self.fields.get(field)
        if path is None:
            return self.path
        return path if index is None else f"{path}[{index}]"

    def as_dict(self) -> dict[str, Any]:
        """What a report says of it, as JSON-ready values."""
        return {"resource": self.resource, "path": self.path}
