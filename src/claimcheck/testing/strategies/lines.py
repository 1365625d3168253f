"""Strategies of single lines: clean ones, realistic ones, and lines with one promised finding."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hypothesis import strategies as st

from claimcheck.errors import StrategyError
from claimcheck.scalar import Checker
from claimcheck.testing.strategies.arguments import code_of, of_checker, payers_of
from claimcheck.testing.strategies.defects import RECIPES, Site, defect_search, sites_of
from claimcheck.testing.strategies.drawing import (
    MOST_CLAIMS,
    Draw,
    decorated,
    drawn_day,
    drawn_scene,
    index,
    more_payers,
    with_ids,
)
from claimcheck.testing.strategies.scenes import CLEAN, Line, Scene, Workbench, in_order
from claimcheck.testing.strategies.search import Held, Search

__all__ = ["claim_lines", "clean_search", "defective_lines", "drawn_line", "line_search"]

_CLAIM: Final = st.integers(1, MOST_CLAIMS)
_MOST_DEFECTS: Final = 2


def claim_lines(
    code: str | None = None,
    *,
    payer: str | None = None,
    clean: bool = True,
    for_x12: bool = False,
    checker: Checker | None = None,
) -> st.SearchStrategy[Line]:
    """Draw claim lines, as dicts of plain values: texts, lists of texts and whole numbers.

    Every line has ``line_id``, ``claim_id`` (made up, ``CLM-1-1`` and ``CLM-1``) and ``code``; a field
    that it does not have is left out. It shrinks to the plainest line of the simplest code.

    Args:
        code: the procedure code of all lines; None draws one that has a rule file.
        payer: the payer of all lines; None draws none, or one that some rule names.
        clean: every line is clean, as ``checker.check(line).status`` says, and has no finding that the
            checker's baseline knows. If false, lines are realistic, and about half of them have one or
            two defects.
        for_x12: every line has the fields that an 837P needs (payer, date, place, units, diagnosis),
            and none that it has no place for (``ordering_taxonomy``, ``conditions``). For ``clean``
            lines alone.
        checker: whose rules, settings and tables count; None takes that of the pytest
            plugin, else that of ``claimcheck.check``.

    Raises:
        StrategyError: no clean line of the code was found, with the findings that stand on every line
            that was tried; or an argument is wrong.
        ConfigurationError: the settings of the test run cannot be used.
    """

    def made(bench: Workbench) -> st.SearchStrategy[Line]:
        asked = code_of(code)
        if for_x12 and not clean:
            raise StrategyError(
                "for_x12 is for clean lines; draw them, and break what your test needs"
            )
        if clean:
            return _clean(clean_search(bench, asked, payer, for_x12=for_x12))
        return _realistic(line_search(bench, asked, payer, _anything))

    return of_checker(checker, made)


def defective_lines(
    finding: str,
    *,
    code: str | None = None,
    payer: str | None = None,
    checker: Checker | None = None,
) -> st.SearchStrategy[Line]:
    """Draw claim lines that give a finding, at least once, and no other error.

    Other warnings and infos stand on a line only where no line can be without. Lines are as those of
    ``claim_lines``; they shrink to the plainest line that gives the finding.

    Args:
        finding: slug of a finding of a line, ``modifier-not-applicable`` for example.
        code: the procedure code of all lines; None draws one that can give the finding.
        payer: the payer of all lines; None draws none, or one that some rule names.
        checker: whose rules, settings and tables count; None takes that of the pytest
            plugin, else that of ``claimcheck.check``.

    Raises:
        StrategyError: there is no such finding of a line; no line that was tried gives it; or an
            argument is wrong.
        ConfigurationError: the settings of the test run cannot be used.
    """

    def made(bench: Workbench) -> st.SearchStrategy[Line]:
        return _defective(defect_search(bench, finding, code_of(code), payer))

    return of_checker(checker, made)


def clean_search(
    bench: Workbench,
    code: str | None,
    payer: str | None,
    *,
    for_x12: bool = False,
    alone: bool = False,
) -> Search[None]:
    """The scenes whose lines can be clean; with ``alone``, also as the one line of a claim.

    Raises:
        StrategyError: there are none.
    """
    hold = _clean_claim if alone else _clean_line
    search = line_search(bench, code, payer, hold, for_x12=for_x12)
    if not search.possible:
        _refuse_unclean(search, code, alone=alone)
    return search


def line_search(
    bench: Workbench,
    code: str | None,
    payer: str | None,
    hold: Callable[[Scene], Held[None] | None],
    *,
    for_x12: bool = False,
) -> Search[None]:
    """The scenes of lines that hold what they must."""
    payers, more = payers_of(bench, payer, for_x12=for_x12)
    key = ("lines", code, payer, hold, for_x12)
    search: Search[None] | None = bench.found.get(key)
    if search is None:
        codes = bench.checker.ruleset.codes if code is None else (code,)
        windows = bench.usual_windows[1:] if for_x12 else bench.usual_windows
        search = Search(*(bench, payers, codes, windows), hold, more_payers=more, for_x12=for_x12)
        bench.found[key] = search
    return search


def _clean_line(scene: Scene) -> Held[None] | None:
    return Held(0, None) if scene.is_clean else None


def _clean_claim(scene: Scene) -> Held[None] | None:
    return Held(0, None) if scene.ask_alone(scene.base) == CLEAN else None


def _anything(scene: Scene) -> Held[None]:
    return Held(0, None)


def _refuse_unclean(search: Search[None], code: str | None, *, alone: bool) -> None:
    which = "no clean line" if code is None else f"no clean line of {code}"
    told = [
        dict.fromkeys((scene.ask_alone(scene.base) if alone else scene.told)[1])
        for scene in search.tried()
    ]
    if not told:
        raise StrategyError(f"{which} was found: the rule set has no codes, or no dates to draw")
    always = [slug for slug in told[0] if all(slug in one for one in told)]
    where = f"stand{'s' if len(always) == 1 else ''} on every line that was tried"
    if not always:
        always = sorted({slug for one in told for slug in one})
        where = "stand on the plainest lines that were tried"
    raise StrategyError(
        f"{which} was found: {', '.join(always)} {where}; claim_lines(..., clean=False) draws lines "
        "all the same"
    )


@st.composite
def _clean(draw: Draw, search: Search[None]) -> Line:
    return with_ids(drawn_line(draw, search), draw(_CLAIM))


def drawn_line(draw: Draw, search: Search[None], *, alone: bool = False) -> Line:
    """A line of a scene, without ids, of which the checker says no more than of the base.

    With ``alone``, the checker is asked of a claim with this one line.
    """
    scene, _ = drawn_scene(draw, search)
    return drawn_day(draw, scene, _like_the_base(draw, search, scene, alone=alone))


def _like_the_base(draw: Draw, search: Search[None], scene: Scene, *, alone: bool = False) -> Line:
    ask = scene.ask_alone if alone else scene.ask
    told = ask(scene.base)
    payers = more_payers(search, scene)
    return decorated(draw, scene, scene.base, lambda line: ask(line) == told, payers)


@st.composite
def _defective(draw: Draw, search: Search[tuple[Site, ...]]) -> Line:
    scene, sites = drawn_scene(draw, search)
    site = sites[draw(index(len(sites)))]
    payers = more_payers(search, scene)
    line = decorated(draw, scene, site.line, lambda line: scene.ask(line) == site.told, payers)
    return with_ids(drawn_day(draw, scene, line), draw(_CLAIM))


@st.composite
def _realistic(draw: Draw, search: Search[None]) -> Line:
    scene, _ = drawn_scene(draw, search)
    line = _like_the_base(draw, search, scene)
    if draw(st.booleans()):
        for finding in draw(_SOME_FINDINGS):
            line = _with_defect(draw, scene, line, finding)
    return with_ids(drawn_day(draw, scene, line), draw(_CLAIM))


_SOME_FINDINGS: Final = st.lists(
    st.sampled_from(sorted(RECIPES)), min_size=1, max_size=_MOST_DEFECTS, unique=True
)


def _with_defect(draw: Draw, scene: Scene, line: Line, finding: str) -> Line:
    """The line with what sets a line of the finding apart from the scene's base."""
    key = ("sites", finding, scene.code, scene.payer, scene.window)
    if key not in scene.bench.found:
        scene.bench.found[key] = sites_of(scene, finding)
    held: Held[tuple[Site, ...]] | None = scene.bench.found[key]
    if held is None:
        return line
    broken = held.things[draw(index(len(held.things)))].line
    changed = {name: value for name, value in broken.items() if scene.base.get(name) != value}
    gone = dict.fromkeys(scene.base.keys() - broken.keys())
    return in_order({**line, **changed, **gone})
