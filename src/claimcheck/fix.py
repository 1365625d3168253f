"""Fixes: the edit of a line that settles a finding, for a program or a person to make."""

from __future__ import annotations

from typing import Any, Final, Literal, TypeAlias

import attrs

from claimcheck.errors import FixError

__all__ = ["ACTIONS", "FIXABLE", "FIX_KINDS", "LISTS", "Fix", "FixAction", "FixKind"]

FixKind: TypeAlias = Literal["safe", "review"]
FixAction: TypeAlias = Literal["replace", "remove", "remove-repeats"]
FIX_KINDS: Final = ("safe", "review")
ACTIONS: Final = ("replace", "remove", "remove-repeats")
LISTS: Final = ("modifiers", "diagnoses")
FIXABLE: Final = (
    *("code", *LISTS, "place_of_service"),
    *("taxonomy", "billing_taxonomy", "ordering_taxonomy"),
)
"""The fields that a fix may change: those that hold codes."""


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

    Raises:
        FixError: a word that is none of these, or a value that does not go with the action.
    """

    kind: FixKind
    action: FixAction
    field: str
    index: int | None = None
    old: str
    value: str | None = None

    def __attrs_post_init__(self) -> None:
        closed = (("kind", FIX_KINDS), ("action", ACTIONS), ("field", FIXABLE))
        for name, allowed in closed:
            if getattr(self, name) not in allowed:
                raise FixError(f"the {name} of a fix is one of {', '.join(allowed)}")
        if self.action != "replace" and self.field not in LISTS:
            raise FixError(f"a fix can {self.action} only in a list: {' or '.join(LISTS)}")
        if (self.value is None) is (self.action == "replace"):
            raise FixError("a fix that replaces has a new value, and one that removes has none")

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
