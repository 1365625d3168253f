"""Drawing a line: a plain one first, then values that leave what the checker says as it is.

Nothing is filtered: a value that would change the answer is left off, so every draw gives a line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Final, TypeVar

from hypothesis import strategies as st

from claimcheck.testing.strategies.scenes import (
    Extra,
    Line,
    Scene,
    in_order,
    with_extra,
)
from claimcheck.testing.strategies.search import Search

__all__ = [
    "MOST_CLAIMS",
    "Draw",
    "decorated",
    "drawn_day",
    "drawn_scene",
    "index",
    "more_payers",
    "with_ids",
]

T = TypeVar("T")
Draw = st.DrawFn
Accepts = Callable[[Line], bool]

MOST_CLAIMS: Final = 999_999
_MOST_MODIFIERS: Final = 3
_MOST_DIAGNOSES: Final = 3
_SINGLE: Final = ("place_of_service", "units", "taxonomy", "billing_taxonomy", "ordering_taxonomy")


@cache
def index(count: int) -> st.SearchStrategy[int]:
    """A position among ``count`` things; the first is the simplest."""
    return st.integers(0, count - 1)


@cache
def _some(count: int, most: int) -> st.SearchStrategy[list[int]]:
    return st.lists(index(count), max_size=most)


def drawn_scene(draw: Draw, search: Search[T]) -> tuple[Scene, T]:
    """A scene that keeps the promise of a search."""
    return search.scene(
        _drawn(draw, len(search.payers)),
        _drawn(draw, len(search.codes)),
        _drawn(draw, len(search.windows)),
    )


def more_payers(search: Search[T], scene: Scene) -> Sequence[str]:
    """The payers that may take the place of a scene's own."""
    return search.more_payers if scene.payer == search.payers[0] else ()


def _drawn(draw: Draw, count: int) -> int:
    """A position among ``count`` things; drawn also where there is no choice, or nothing at all.

    Hypothesis takes fewer draws for simpler; a line of a code without any choice is none the simpler.
    """
    return draw(index(max(count, 1)))


def decorated(
    draw: Draw, scene: Scene, line: Line, accepts: Accepts, payers: Sequence[str] = ()
) -> Line:
    """The line with further values of the scene, as far as ``accepts`` takes the line with them.

    ``payers`` may take the place of the scene's own.
    """
    pool = scene.pool
    at = _drawn(draw, len(payers) + 1)
    if at:
        line = _if_accepted({**line, "payer": payers[at - 1]}, line, accepts)
    reason = _drawn(draw, len(pool.reasons))
    if pool.reasons and line.get("diagnoses") == scene.base.get("diagnoses"):
        line = _if_accepted({**line, "diagnoses": [pool.reasons[reason]]}, line, accepts)
    for field in _SINGLE:
        extras = pool.extras.get(field, ())
        at = _drawn(draw, len(extras) + 1)
        if at:
            line = _if_accepted(with_extra(line, extras[at - 1]), line, accepts)
    in_front = draw(st.booleans())
    for field, most in (("modifiers", _MOST_MODIFIERS), ("diagnoses", _MOST_DIAGNOSES)):
        for extra in _drawn_extras(draw, pool.extras[field], most):
            more = with_extra(line, extra, in_front=in_front and field == "modifiers")
            line = _if_accepted(more, line, accepts)
    return line


def _drawn_extras(draw: Draw, extras: Sequence[Extra], most: int) -> list[Extra]:
    drawn = draw(_some(max(len(extras), 1), most))
    return [extras[at] for at in drawn] if extras else []


def _if_accepted(changed: Line | None, line: Line, accepts: Accepts) -> Line:
    return changed if changed is not None and accepts(changed) else line


def drawn_day(draw: Draw, scene: Scene, line: Line) -> Line:
    """The line on any day of the scene, if it has the scene's date."""
    first, number = scene.window.day(0), _drawn(draw, scene.window.days)
    if first is None or line.get("service_date") != first:
        return line
    return {**line, "service_date": scene.window.day(number)}


def with_ids(line: Line, claim: int, number: int = 1) -> Line:
    """The line with ids that nobody takes for a person's; its own ids stay."""
    ids = {"line_id": f"CLM-{claim}-{number}", "claim_id": f"CLM-{claim}"}
    return in_order({**ids, **line})
