"""The page's charts: SVG that takes its colours from the page, and the figures behind it."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from xml.etree import ElementTree as ET

import attrs

from claimcheck.report.page.counts import Counted
from claimcheck.report.text import counted
from claimcheck.verdict import Severity

__all__ = ["BARS", "Bar", "Chart", "chart_of", "chart_of_days", "drawn"]

BARS: Final = 12
FEWEST_UPRIGHT: Final = 7
MOST_DAYS: Final = 62
MOST_MONTHS: Final = 60
_WIDTH: Final = 460
_SVG: Final = "http://www.w3.org/2000/svg"
_DROPPED: Final = ("script", "desc")
_LONGEST_LABEL: Final = 34


@attrs.frozen
class Bar:
    """One bar: what it stands for, its findings by severity, and the filter that shows them.

    ``first`` and ``last`` are the days of a bar of a period.
    """

    label: str
    counts: tuple[int, int, int]
    value: str | None = None
    first: str | None = None
    last: str | None = None

    @property
    def total(self) -> int:
        """All findings of the bar."""
        return sum(self.counts)


@attrs.frozen
class Chart:
    """A chart: its name in the page, title, what a bar is, its bars, and the filter they set."""

    name: str
    title: str
    heading: str
    bars: tuple[Bar, ...]
    note: str = ""
    upright: bool = False
    svg: str = ""


def by_severity(found: Counter[Severity]) -> tuple[int, int, int]:
    """Errors, warnings, information."""
    return found[Severity.ERROR], found[Severity.WARNING], found[Severity.INFO]


def chart_of(
    name: str, title: str, heading: str, things: Counted[Any], absent: str, others: str
) -> Chart:
    """The chart of the commonest things.

    Args:
        name: of the filter that a bar sets.
        title: of the chart.
        heading: of the column of the things.
        things: what is counted.
        absent: label of the findings without the thing.
        others: what the things beyond the commonest are called.
    """
    commonest, rest, number = things.top(BARS)
    bars = [
        Bar(absent if thing is None else str(thing), by_severity(found), str(thing or ""))
        for thing, found in commonest
    ]
    if rest.total():
        bars.append(Bar(f"all other {others}", by_severity(rest)))
    note = f"The {BARS} commonest of {number + BARS:,}." if number else ""
    return Chart(name, title, heading, tuple(bars), note)


def chart_of_days(days: Counted[date | None]) -> Chart:
    """Findings by date of service: by day, by month or by year, as many bars as can be read."""
    dated = sorted((day, found) for day, found in days.counts.items() if day is not None)
    form, word = _period([day for day, _ in dated])
    periods: dict[str, Counter[Severity]] = {}
    within: dict[str, list[date]] = {}
    for day, found in dated:
        label = day.isoformat()[:form]
        periods.setdefault(label, Counter()).update(found)
        within.setdefault(label, []).append(day)
    bars = [
        Bar(
            label,
            by_severity(found),
            None,
            min(within[label]).isoformat(),
            max(within[label]).isoformat(),
        )
        for label, found in periods.items()
    ]
    undated = days.counts.get(None, Counter[Severity]()).total() + days.others.total()
    note = f"{counted(undated, 'finding')} on lines without a date that is told." if undated else ""
    title = f"Findings by {word} of service"
    # Few bars that share the whole width would be blocks.
    return Chart("day", title, word.capitalize(), tuple(bars), note, len(bars) >= FEWEST_UPRIGHT)


def _period(days: Sequence[date]) -> tuple[int, str]:
    """How many characters of an ISO date make a bar, and what that is called."""
    if len(days) <= MOST_DAYS:
        return 10, "day"
    if len({day.isoformat()[:7] for day in days}) <= MOST_MONTHS:
        return 7, "month"
    return 4, "year"


def drawn(chart: Chart) -> Chart:
    """The chart with its SVG; without bars it has none."""
    return attrs.evolve(chart, svg=_svg(chart)) if chart.bars else chart


def _svg(chart: Chart) -> str:
    pygal, Style = _pygal()  # noqa: N806 a class
    # Horizontal bars are drawn from the bottom.
    bars = chart.bars if chart.upright else chart.bars[::-1]
    kind = pygal.StackedBar if chart.upright else pygal.HorizontalStackedBar
    style = Style(
        background="transparent",
        plot_background="transparent",
        foreground="var(--ink)",
        foreground_strong="var(--ink)",
        foreground_subtle="var(--line)",
        colors=("var(--error)", "var(--warning)", "var(--info)"),
        font_family="inherit",
        label_font_size=13,
        major_label_font_size=13,
        opacity="1",
        opacity_hover="1",
    )
    picture = kind(
        style=style,
        js=[],
        width=_WIDTH,
        height=300 if chart.upright else 44 + 25 * len(bars),
        show_legend=False,
        margin=4,
        margin_right=36 if chart.upright else 8,
        margin_bottom=24 if chart.upright else 4,
        spacing=4,
        truncate_label=_LONGEST_LABEL,
        x_label_rotation=50 if chart.upright and len(bars) > 4 else 0,
        formatter=lambda number: f"{number:,.0f}",
        max_scale=5,
        order_min=0,  # no half findings on an axis
        show_x_guides=False,
    )
    picture.uuid = chart.name
    picture.x_labels = [_label(chart, bar, at) for at, bar in enumerate(bars)]
    for at, severity in enumerate(Severity):
        picture.add(severity.value, [bar.counts[at] for bar in bars])
    return _cleaned(picture.render_tree())


def _pygal() -> tuple[Any, Any]:
    """Pygal and its style, without the old kind of finder that it adds to Python's import system.

    That finder is for pygal's own plugins, and every later import of anybody's would warn of it.
    """
    before = list(sys.meta_path)
    import pygal
    from pygal.style import Style

    sys.meta_path[:] = [
        finder
        for finder in sys.meta_path
        if finder in before or not type(finder).__module__.startswith("pygal")
    ]
    return pygal, Style


def _label(chart: Chart, bar: Bar, at: int) -> str:
    if not chart.upright:
        return f"{bar.label}  {bar.total:,}"
    every = -(-len(chart.bars) // 16)
    return "" if at % every else bar.label


def _cleaned(tree: Any) -> str:
    """The picture as text, without script, comments and what only the script would read."""
    for parent in list(tree.iter()):
        for child in list(parent):
            if not isinstance(child.tag, str) or child.tag.rpartition("}")[2] in _DROPPED:
                parent.remove(child)
    tree.set("aria-hidden", "true")  # the figure has the numbers as a table
    tree.set("focusable", "false")
    return ET.tostring(tree, encoding="unicode")
