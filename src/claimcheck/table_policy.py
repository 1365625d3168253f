"""Which payers follow Medicare's tables, and whose claims are checked."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import attrs

from claimcheck.codesets.national.tables import Setting

__all__ = ["Authority", "TablePolicy"]

Authority: TypeAlias = Literal["binding", "advisory", "ignored"]
"""What Medicare's tables are to a payer: its own rules, a hint, or nothing."""

MEDICARE: Final = ("medicare", "medicare-part-b", "original-medicare", "traditional-medicare")


@attrs.frozen(kw_only=True)
class TablePolicy:
    """Which payers follow Medicare's tables, and whose claims are checked.

    Attributes:
        binding: keys of the payers that the tables bind: what they rule out is an error.
        ignored: keys of the payers for which the tables say nothing.
        setting: ``practitioner``, ``outpatient`` (hospital) or ``dme`` (supplier): which MUE and PTP
            tables speak.

    For every other payer, and for a line without one, the tables are advisory: warnings.
    """

    binding: tuple[str, ...] = MEDICARE
    ignored: tuple[str, ...] = ()
    setting: Setting = "practitioner"

    def authority(self, payer: str | None) -> Authority:
        """What the tables are to a payer, by its key."""
        if payer is None:
            return "advisory"
        if payer in self.binding:
            return "binding"
        return "ignored" if payer in self.ignored else "advisory"
