"""Fixes: the edit of a line that settles a finding, for a program or a person to make."""

from __future__ import annotations

from typing import Any, Final, Literal, TypeAlias

import attrs

__all__ = ["ACTIONS", "FIX_KINDS", "Fix", "FixAction", "FixKind"]

FixKind: TypeAlias = Literal["safe", "review"]
FixAction: TypeAlias = Literal["replace", "remove", "remove-repeats"]
FIX_KINDS: Final = ("safe", "review")
ACTIONS: Final = ("replace", "remove", "remove-repeats")


@attrs.frozen(kw_only=True)
class Fix:
    """One edit of one field of a line.

    Attributes:
        kind: ``safe`` changes spelling or format alone; ``review`` removes or replaces a value, which
            only somebody who knows what was done may decide.
        action: ``replace`` puts ``value`` in place of ``old``; ``remove`` takes ``old`` out of a list
            wherever it stands; ``remove-repeats`` leaves the first ``old`` of a list alone.
        field: name of the line's field.
        index: position of what is replaced in a list field; None where all that are ``old`` are meant.
        old: the value that is replaced or removed.
        value: the new value; None where one is removed.
    """

    kind: FixKind
    action: FixAction
    field: str
    index: int | None = None
    old: str
    value: str | None = None

    @classmethod
    def removing(cls, field: str, old: str) -> Fix:
        """The removal of a value from a list field, for review."""
        return cls(kind="review", action="remove", field=field, old=old)

    def as_dict(self) -> dict[str, Any]:
        """The fix as JSON-ready values, in a fixed order."""
        return {
            "kind": self.kind,
            "action": self.action,
            "field": self.field,
            "index": self.index,
            "old": self.old,
            "value": self.value,
        }

    def __str__(self) -> str:
        if self.action == "replace":
            edit = f"write {self.value} for {self.old} in {self.field}"
        elif self.action == "remove":
            edit = f"remove {self.old} from {self.field}"
        else:
            edit = f"keep only the first {self.old} of {self.field}"
        return f"{edit} ({self.kind})"
