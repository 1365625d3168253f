"""Words that several checks share."""

from __future__ import annotations

from collections.abc import Sequence

from claimcheck.codesets.store.kinds import KINDS, TITLES
from claimcheck.finding import Citation
from claimcheck.line import ClaimLine
from claimcheck.ruleset.model import Ruling
from claimcheck.table_policy import Authority
from claimcheck.verdict import Severity

__all__ = [
    "dotless",
    "edition_title",
    "layers_note",
    "listed",
    "named_line",
    "said_by",
    "table_severity",
]


def dotless(diagnosis: str) -> str:
    """An ICD-10-CM code without its dot, as rules compare it."""
    return diagnosis.replace(".", "")


def listed(values: Sequence[str], last: str = "and") -> str:
    """``26 and TC``; ``26, TC and 59``."""
    if len(values) < 2:
        return "".join(values)
    return f"{', '.join(values[:-1])} {last} {values[-1]}"


def layers_note(ruling: Ruling) -> str:
    """Tell that wider layers spoke too, if they did."""
    wider = [layer for layer in ruling.layers if layer != ruling.entry.layer]
    if not wider:
        return ""
    return f" ({listed(wider)} {'speaks' if len(wider) == 1 else 'speak'} of it too.)"


def said_by(layer: str) -> str:
    """Who speaks: ``The source of codes/0252U says``."""
    return f"The source of {layer} says"


def table_severity(authority: Authority) -> Severity:
    """How loud a national table is: an error where it binds the payer, else a warning."""
    return Severity.ERROR if authority == "binding" else Severity.WARNING


def edition_title(citation: Citation) -> str:
    """The imported edition that a citation names: ``the NUCC provider taxonomy (25.1)``."""
    for kind in sorted(KINDS, key=len, reverse=True):
        if citation.source.startswith(f"{kind}-"):
            return f"the {TITLES[kind]} ({citation.source.removeprefix(f'{kind}-')})"
    return citation.source


def named_line(lines: tuple[ClaimLine, ...], position: int) -> str:
    """A line of the claim, by its id or by its place among those that were read."""
    line_id = lines[position].line_id
    return f"line {line_id}" if line_id else f"the claim's line {position + 1}"
