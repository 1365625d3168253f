from __future__ import annotations

import re
import sys
from datetime import date, timedelta
from xml.etree import ElementTree as ET

import pytest

from claimcheck.report.page.assets import missing
from claimcheck.report.page.charts import BARS, Bar, Chart, chart_of, chart_of_days, drawn
from claimcheck.report.page.counts import Counted
from claimcheck.verdict import Severity

pytestmark = pytest.mark.skipif(bool(missing()), reason="needs the extra html")


def things(**numbers):
    counts = Counted()
    for name, number in numbers.items():
        counts.add(name, Severity.ERROR, number)
    return counts


def days(*given):
    counts = Counted()
    for day in given:
        counts.add(day, Severity.INFO)
    return counts


def test_the_commonest_come_first_and_the_rest_is_one_bar():
    counts = things(**{f"a{number:02}": 100 - number for number in range(BARS + 3)})
    chart = chart_of("code", "By code", "Code", counts, "none", "codes")
    assert chart.bars[0] == Bar("a00", (100, 0, 0), "a00")
    assert chart.bars[-1] == Bar("all other codes", (88 + 87 + 86, 0, 0))
    assert chart.note == "The 12 commonest of 15."
    assert sum(bar.total for bar in chart.bars) == counts.total


def test_what_is_absent_has_its_own_word():
    counts = Counted()
    counts.add(None, Severity.WARNING)
    bars = chart_of("payer", "By payer", "Payer", counts, "no payer", "payers").bars
    assert bars == (Bar("no payer", (0, 1, 0), ""),)


def test_few_days_are_told_by_day():
    chart = chart_of_days(days(date(2026, 5, 4), date(2026, 5, 4), date(2026, 1, 31), None))
    assert chart.title == "Findings by day of service"
    assert [(bar.label, bar.total) for bar in chart.bars] == [("2026-01-31", 1), ("2026-05-04", 2)]
    assert chart.note == "1 finding on lines without a date that is told."


def test_many_days_are_told_by_month_and_very_many_by_year():
    start = date(2026, 1, 30)
    chart = chart_of_days(days(*(start + timedelta(number) for number in range(63))))
    assert chart.title == "Findings by month of service"
    assert chart.bars[1] == Bar("2026-02", (0, 0, 28), None, "2026-02-01", "2026-02-28")
    assert [bar.total for bar in chart.bars] == [2, 28, 31, 2]
    years = chart_of_days(days(*(date(2000 + at // 12, at % 12 + 1, 1) for at in range(72))))
    assert [(bar.label, bar.total) for bar in years.bars] == [
        (f"200{year}", 12) for year in range(6)
    ]


def ticks(chart):
    """The numbers along the axis of a picture."""
    found = ET.fromstring(drawn(chart).svg).iter("{http://www.w3.org/2000/svg}text")  # noqa: S314
    words = [element.text or "" for element in found]
    return [word for word in words if re.fullmatch(r"[0-9.,]+", word)]


@pytest.mark.parametrize(
    ("count", "expected"), [(1, {"0", "1"}), (2, {"0", "1", "2"}), (3, {"0", "1", "2", "3"})]
)
@pytest.mark.parametrize("upright", [True, False])
def test_there_are_no_half_findings_on_an_axis(count, expected, upright):
    bars = (Bar("one", (count, 0, 0)), Bar("two", (0, 1, 0)))
    found = ticks(Chart("code", "By code", "Code", bars, upright=upright))
    assert expected <= set(found)
    assert not [word for word in found if "." in word]


def test_few_days_lie_so_that_they_are_no_blocks():
    start = date(2026, 5, 1)
    for count in (1, 6, 7):
        chart = chart_of_days(days(*(start + timedelta(number) for number in range(count))))
        assert chart.upright == (count == 7)


def test_the_picture_is_well_formed_and_carries_no_script():
    hostile = "<script>alert(1)</script>"
    picture = drawn(Chart("code", "By code", "Code", (Bar(hostile, (1, 2, 3)),))).svg
    names = [element.tag.rpartition("}")[2] for element in ET.fromstring(picture).iter()]  # noqa: S314
    assert "rect" in names
    assert "script" not in names
    assert "<!--" not in picture
    assert "http://www.w3.org/2000/svg" in picture
    assert "href" not in picture


def test_drawing_leaves_no_finder_that_later_imports_warn_of():
    assert drawn(Chart("code", "By code", "Code", (Bar("a", (1, 2, 3)),))).svg
    assert "pygal" in sys.modules
    assert not [it for it in sys.meta_path if type(it).__module__.startswith("pygal")]


def test_a_chart_without_bars_has_no_picture():
    assert drawn(Chart("day", "By day", "Day", ())).svg == ""
