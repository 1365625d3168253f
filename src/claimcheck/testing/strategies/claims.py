"""Strategy of claims: lines that are submitted together."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

from claimcheck.errors import StrategyError
from claimcheck.scalar import Checker
from claimcheck.testing.strategies.arguments import code_of, of_checker
from claimcheck.testing.strategies.drawing import MOST_CLAIMS, Draw, with_ids
from claimcheck.testing.strategies.lines import claim_lines, clean_search, drawn_line
from claimcheck.testing.strategies.scenes import CLEAN, Line, Workbench, in_order, told_of
from claimcheck.testing.strategies.search import Search

__all__ = ["claims"]

_MOST_DIAGNOSES: Final = 12
_CLAIM: Final = st.integers(1, MOST_CLAIMS)


def claims(
    code: str | None = None,
    *,
    payer: str | None = None,
    clean: bool = True,
    most_lines: int = 4,
    for_x12: bool = False,
    checker: Checker | None = None,
) -> st.SearchStrategy[list[Line]]:
    """Draw claims: lists of one line or more, with one ``claim_id``, one payer and one biller.

    A claim has at most twelve different diagnoses. It shrinks to one plain line.

    Args:
        code: the procedure code of all lines; None draws one for each line.
        payer: the payer of all claims; None draws none, or one that some rule names.
        clean: every line is clean in ``checker.check_claim(claim)``, that is by itself and beside the
            others. If false, lines are those of ``claim_lines(clean=False)``.
        most_lines: the most lines of a claim, 1 to 50.
        for_x12: as for ``claim_lines``: what ``write_x12`` can write.
        checker: whose rules, settings and tables count; None takes that of the pytest
            plugin, else that of ``claimcheck.check``.

    Raises:
        StrategyError: no clean claim of the code was found, with the findings that stand in the way;
            or an argument is wrong.
        ConfigurationError: the settings of the test run cannot be used.
    """
    if not isinstance(most_lines, int) or not 1 <= most_lines <= 50:
        raise StrategyError("most_lines is a whole number from 1 to 50")
    if not clean:
        lines = claim_lines(code, payer=payer, clean=False, for_x12=for_x12, checker=checker)
        return _realistic(lines, most_lines)

    def made(bench: Workbench) -> st.SearchStrategy[list[Line]]:
        search = clean_search(bench, code_of(code), payer, for_x12=for_x12, alone=True)
        return _clean(bench, search, most_lines)

    return of_checker(checker, made)


@st.composite
def _clean(draw: Draw, bench: Workbench, search: Search[None], most_lines: int) -> list[Line]:
    number = draw(_CLAIM)
    claim = [with_ids(drawn_line(draw, search, alone=True), number)]
    for _ in range(draw(st.integers(1, most_lines)) - 1):
        line = _beside(claim[0], drawn_line(draw, search), other_day=draw(st.booleans()))
        longer = [*claim, with_ids(line, number, len(claim) + 1)]
        if _fits_on_a_claim(longer) and _is_clean(bench, longer):
            claim = longer
    return claim


def _beside(first: Line, line: Line, *, other_day: bool) -> Line:
    """A line with what all lines of a claim share: payer, biller and, unless it is another day, date."""
    shared = ("payer", "billing_taxonomy", *(() if other_day else ("service_date",)))
    return in_order({**line, **{field: first.get(field) for field in shared}})


def _fits_on_a_claim(claim: list[Line]) -> bool:
    return len({code for line in claim for code in line.get("diagnoses", ())}) <= _MOST_DIAGNOSES


def _is_clean(bench: Workbench, claim: list[Line]) -> bool:
    return all(told_of(report) == CLEAN for report in bench.checker.check_claim(claim).reports)


@st.composite
def _realistic(draw: Draw, lines: st.SearchStrategy[Line], most_lines: int) -> list[Line]:
    number = draw(_CLAIM)
    drawn = draw(st.lists(lines, min_size=1, max_size=most_lines))
    payer = drawn[0].get("payer")
    return [
        in_order({**line, "payer": payer, "claim_id": f"CLM-{number}", "line_id": _id(number, at)})
        for at, line in enumerate(drawn, 1)
    ]


def _id(claim: int, line: int) -> str:
    return f"CLM-{claim}-{line}"
