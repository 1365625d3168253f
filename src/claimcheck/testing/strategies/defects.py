"""Defects: for every finding of a line, the lines of a scene that give it and no other error."""

from __future__ import annotations

from typing import Final, TypeAlias

import attrs

from claimcheck.checks import CHECKS, CLAIM_CHECKS
from claimcheck.errors import StrategyError
from claimcheck.evaluate import runs
from claimcheck.testing.slugs import nearest, slugs_of
from claimcheck.testing.strategies.arguments import payers_of
from claimcheck.testing.strategies.broken_rules import ANY_DAY, CODES, OF_RULES
from claimcheck.testing.strategies.broken_text import OF_TEXT
from claimcheck.testing.strategies.scenes import Line, Scene, Told, Workbench, told_of
from claimcheck.testing.strategies.search import Held, Search
from claimcheck.verdict import Severity

__all__ = ["RECIPES", "Site", "defect_search", "sites_of"]

RECIPES: Final = {**OF_TEXT, **OF_RULES}
"""By finding, the lines that may give it."""

_MOST_SITES: Final = 200
_OF_CHECK: Final = {one.finding: one for one in CHECKS}


@attrs.frozen
class Site:
    """A line that gives a finding, as plain as it can be, and what the checker says of it."""

    line: Line
    told: Told


Sites: TypeAlias = tuple[Site, ...]


def sites_of(scene: Scene, finding: str) -> Held[Sites] | None:
    """The lines of a scene that give a finding, no other error, and the fewest other findings.

    None if there are none.
    """
    found: list[tuple[int, Site]] = []
    for line in RECIPES[finding](scene):
        report = scene.checker.check(line)
        if all(other.code != finding for other in report.findings):
            continue
        together = report.findings + report.known_findings
        others = [other for other in together if other.code != finding]
        if all(other.severity is not Severity.ERROR for other in others):
            found.append((len(others), Site(line, told_of(report))))
        if len(found) >= _MOST_SITES:
            break
    if not found:
        return None
    least = min(others for others, _ in found)
    return Held(least, tuple(site for others, site in found if others == least))


def defect_search(
    bench: Workbench, finding: str, code: str | None, payer: str | None
) -> Search[Sites]:
    """The scenes in which a finding can be given.

    Raises:
        StrategyError: there is no such finding of a line, or no line that was tried gives it.
    """
    _refuse_other_findings(bench, finding)
    _refuse_without_tables(bench, finding, code)
    payers, more = payers_of(bench, payer)
    key = ("defects", finding, code, payer)
    search: Search[Sites] | None = bench.found.get(key)
    if search is None:
        codes = (code,) if code is not None else _codes(bench, finding)
        windows = bench.usual_windows
        if finding in ANY_DAY:
            windows = tuple(dict.fromkeys((*windows, *bench.windows)))
        search = Search(
            *(bench, payers, codes, windows),
            lambda scene: sites_of(scene, finding),
            more_payers=more,
        )
        bench.found[key] = search
    if not search.possible:
        _refuse_impossible(bench, finding, code)
    return search


def _codes(bench: Workbench, finding: str) -> tuple[str, ...]:
    own = CODES.get(finding)
    return bench.checker.ruleset.codes if own is None else own(bench)


def _refuse_other_findings(bench: Workbench, finding: str) -> None:
    if not isinstance(finding, str):
        raise StrategyError("finding is the slug of a finding of a line, such as code-missing")
    if finding in RECIPES:
        return
    if finding in {one.finding for one in CLAIM_CHECKS}:
        raise StrategyError(
            f"{finding} stands across the lines of a claim, and defective_lines draws single lines; "
            "put such a claim together from lines of claim_lines"
        )
    if finding in slugs_of(bench.checker):
        raise StrategyError(
            f"{finding} is given by a check of your own, which no strategy knows how to set off; "
            "defective_lines draws the findings of the bundled checks of a line"
        )
    near = nearest(finding, sorted(RECIPES))
    raise StrategyError(f"no finding of a line is called {finding!r}; the nearest is {near}")


def _refuse_without_tables(bench: Workbench, finding: str, code: str | None) -> None:
    wanted = _OF_CHECK[finding].tables
    if wanted and not runs(_OF_CHECK[finding], bench.checker.tables.kinds):
        raise StrategyError(
            f"{_no_line(code)} can give {finding}: it is decided by imported tables, and none of "
            f"{', '.join(wanted)} is imported; import one with `claimcheck codesets import` and give "
            "the checker its folder (data=)"
        )


def _refuse_impossible(bench: Workbench, finding: str, code: str | None) -> None:
    config, tables = bench.checker.config, bench.checker.tables
    if not config.selects(finding):
        raise StrategyError(
            f"{_no_line(code)} can give {finding}: the configuration does not select it"
        )
    lines = "line" if code is None else f"line of {code}"
    told = f"every {lines} that was tried is without {finding}, or has another error beside it"
    told += "; tried was what the rule set names"
    if tables.kinds:
        told += f", and the imported tables ({', '.join(sorted(tables.kinds))})"
    if config.exceptions:
        told += "; or the configuration switches it off"
    if bench.checker.baseline is not None:
        told += "; or the baseline knows it"
    raise StrategyError(told)


def _no_line(code: str | None) -> str:
    return "no line" if code is None else f"no line of {code}"
