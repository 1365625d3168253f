"""Words that several checks share."""

from __future__ import annotations

from collections.abc import Sequence

from claimcheck.ruleset.model import Ruling

__all__ = ["dotless", "layers_note", "listed", "said_by"]


def dotless(diagnosis: str) -> str:
    """An ICD-10-CM code without its dot, as rules compare it."""
    return diagnosis.replace(".", "")


def listed(values: Sequence[str]) -> str:
    """``26 and TC``; ``26, TC and 59``."""
    if len(values) < 2:
        return "".join(values)
    return f"{', '.join(values[:-1])} and {values[-1]}"


def layers_note(ruling: Ruling) -> str:
    """Tell that wider layers spoke too, if they did."""
    wider = [layer for layer in ruling.layers if layer != ruling.entry.layer]
    if not wider:
        return ""
    return f" ({listed(wider)} {'speaks' if len(wider) == 1 else 'speak'} of it too.)"


def said_by(layer: str) -> str:
    """Who speaks: ``The source of codes/0252U says``."""
    return f"The source of {layer} says"
