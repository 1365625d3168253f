"""Which payers follow Medicare's tables, and whose claims are checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, Literal, TypeAlias

import attrs

from claimcheck.codesets.national.tables import Setting
from claimcheck.line import payer_slug

__all__ = ["Authority", "TablePolicy"]

Authority: TypeAlias = Literal["binding", "advisory", "ignored"]
"""What Medicare's tables are to a payer: its own rules, a hint, or nothing."""

MEDICARE: Final = (
    "medicare",
    "medicare-b",
    "medicare-part-b",
    "original-medicare",
    "traditional-medicare",
)


def _slugs(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(payer_slug(name) for name in names)


@attrs.frozen(kw_only=True)
class TablePolicy:
    """Which payers follow Medicare's tables, and whose claims are checked.

    Attributes:
        binding: the payers that the tables bind: what they rule out is an error.
        ignored: the payers for which the tables say nothing.
        setting: ``practitioner``, ``outpatient`` (hospital) or ``dme`` (supplier): which MUE and PTP
            tables speak.

    For every other payer, and for a line without one, the tables are advisory: warnings.
    """

    binding: tuple[str, ...] = attrs.field(default=MEDICARE, converter=_slugs)
    ignored: tuple[str, ...] = attrs.field(default=(), converter=_slugs)
    setting: Setting = "practitioner"

    def authority(self, payer: str | None) -> Authority:
        """What the tables are to a payer, by its key."""
        if payer is None:
            return "advisory"
        if payer in self.binding:
            return "binding"
        return "ignored" if payer in self.ignored else "advisory"

    def with_keys(self, key_of: Callable[[str], str | None]) -> TablePolicy:
        """The same policy, with every payer by the key that the rules know it by."""
        return attrs.evolve(
            self,
            binding=tuple(key_of(payer) or payer for payer in self.binding),
            ignored=tuple(key_of(payer) or payer for payer in self.ignored),
        )
