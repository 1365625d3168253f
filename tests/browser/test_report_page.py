from __future__ import annotations

import time

import pytest

expect = pytest.importorskip("playwright.sync_api").expect
axe = pytest.importorskip("axe_playwright_python.sync_playwright")
from .conftest import page_of, some_lines  # noqa: E402 - after the extra was found

pytestmark = pytest.mark.browser

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 740}


def column(page, heading):
    headings = page.locator("#table thead th").all_inner_texts()
    at = [text.strip() for text in headings].index(heading) + 1
    return [t.strip() for t in page.locator(f"#table tbody td:nth-child({at})").all_inner_texts()]


def info(page):
    return page.locator(".dt-info").inner_text()


def total(page):
    return int(info(page).split(" of ")[1].split(" ")[0].replace(",", ""))


def test_it_opens_from_disk_with_errors_first(show, small):
    page = show(small)
    assert page.title().startswith("Claim check: ")
    assert column(page, "Severity")[0] == "error"
    assert page.locator("figure svg").count() == 5
    assert page.locator("#sampled").inner_text().startswith("The table has all ")


def test_no_value_runs(show, small):
    page = show(small)
    page.select_option("#filter-finding", "diagnosis-missing")
    page.locator("button.more").first.click()
    text = page.locator(".detail").inner_text()
    assert "</script><script>" in text
    assert "<svg onload" in text
    assert page.locator("#table img, #table svg, #table script, #table i").count() == 0
    assert "owned" not in page.title()
    assert column(page, "Line")[0] == "<i>L</i>"


def test_sorting_by_a_heading(show, small):
    page = show(small)
    heading = page.locator("#table thead th", has_text="Service")
    heading.click()
    expect(heading).to_have_attribute("aria-sort", "ascending")
    assert column(page, "Service") == sorted(column(page, "Service"))
    heading.click()
    expect(heading).to_have_attribute("aria-sort", "descending")
    days = column(page, "Service")
    assert days == sorted(days, reverse=True)
    assert len(set(days)) > 5


def test_searching_finds_words_of_messages_and_sources(show, small):
    page = show(small)
    everything = total(page)
    page.locator("input[type=search]").fill("no rule file speaks")
    assert set(column(page, "Finding")) == {"code-no-rule"}
    assert 0 < total(page) < everything
    page.locator("input[type=search]").fill("The page of a code")
    assert set(column(page, "Finding")) == {"modifier-not-applicable"}


def test_filters_go_together_and_can_be_cleared(show, small):
    page = show(small)
    everything = total(page)
    page.select_option("#filter-severity", "info")
    page.select_option("#filter-code", "81452")
    page.select_option("#filter-payer", label="none")
    assert set(column(page, "Severity")) == {"info"}
    assert set(column(page, "Code")) == {"81452"}
    assert set(column(page, "Payer")) == {""}
    page.get_by_role("button", name="Clear filters").click()
    expect(page.locator("#table tbody tr")).to_have_count(25)
    assert total(page) == everything


def test_filtering_by_days(show, small):
    page = show(small)
    page.locator("#filter-first").fill("2026-03-01")
    page.locator("#filter-last").fill("2026-03-31")
    days = column(page, "Service")
    assert days
    assert all("2026-03-01" <= day <= "2026-03-31" for day in days)


@pytest.mark.parametrize(
    ("chart", "label", "heading"),
    [
        ("finding", "code-no-rule", "Finding"),
        ("severity", "error", "Severity"),
        ("code", "81452", "Code"),
        ("payer", "medicare", "Payer"),
    ],
)
def test_a_figure_of_a_chart_filters_the_table_and_agrees_with_it(
    show, small, chart, label, heading
):
    page = show(small)
    figure = page.locator(f"#chart-of-{chart}")
    figure.locator("summary").click()
    row = figure.locator("tr", has=page.get_by_role("button", name=label, exact=True))
    count = int(row.locator("td").last.inner_text())
    row.get_by_role("button").click()
    expect(page.locator(".dt-info").first).to_contain_text(f"of {count} findings")
    assert set(column(page, heading)) == {label}
    assert page.evaluate("document.activeElement.id") == "findings-heading"


def test_details_tell_the_line_and_its_sources(show, small):
    page = show(small)
    page.select_option("#filter-finding", "modifier-not-applicable")
    button = page.locator("button.more").first
    assert button.get_attribute("aria-expanded") == "false"
    button.click()
    text = page.locator(".detail").inner_text()
    for told in (
        "Modifier 80 does not fit 0252U.",
        "Remove modifier 80.",
        "modifiers[1] 80",
        "codes/0252U#modifiers/80",
        "CARC 4",
        "The page of a code (a-page): row 80",
        "a-list: <b>80</b>",
        "CLM-1",
        "2026-05-04",
        "warning diagnosis-missing",
    ):
        assert told in text
    assert button.get_attribute("aria-expanded") == "true"
    button.click()
    assert page.locator(".detail").count() == 0


def test_everything_works_with_the_keyboard_alone(show, small):
    page = show(small)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "filter-severity"
    page.keyboard.press("w")  # chooses warning
    assert set(column(page, "Severity")) == {"warning"}
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.className"))
        if reached[-1] == "more":
            break
    page.keyboard.press("Enter")
    assert page.locator(".detail").count() == 1
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_nobody_is_kept_out(show, small, scheme, viewport):
    """Every rule of axe, contrast included."""
    page = show(small, viewport=viewport, color_scheme=scheme)
    page.locator("button.more").first.click()
    page.evaluate("document.querySelectorAll('details').forEach(it => it.open = true)")
    found = axe.Axe().run(page)
    assert found.response["violations"] == [], found.generate_report()
    assert len(found.response["passes"]) > 20


def test_dark_and_light(show, small):
    def paper(scheme):
        page = show(small, color_scheme=scheme)
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    assert paper("light") == "rgb(255, 255, 255)"
    assert paper("dark") == "rgb(18, 23, 29)"


@pytest.mark.parametrize("width", [320, 360, 768, 1024])
def test_nothing_is_cut_off_on_a_narrow_screen(show, small, width):
    page = show(small, viewport={"width": width, "height": 740})
    page.locator("button.more").first.click()
    page.evaluate("document.querySelectorAll('details').forEach(it => it.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    widest = page.evaluate(
        "Math.max(...[...document.querySelectorAll('main *')]"
        ".filter(it => !it.closest('svg, .hidden, .scroll'))"
        ".map(it => it.getBoundingClientRect().right))"
    )
    assert widest <= width


def test_in_print_the_paper_is_white_and_the_controls_are_gone(show, small):
    page = show(small, color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("document.documentElement.className") == ""
    for hidden in ("#filters", ".dt-paging", ".dt-search", "button.more"):
        assert not page.locator(hidden).first.is_visible()
    assert page.locator("figure svg").first.is_visible()
    assert len(page.pdf()) > 20_000


@pytest.mark.parametrize("media", ["screen", "print"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_damage_is_seen_at_first_sight(show, small, media, viewport):
    page = show(small, viewport=viewport)
    page.emulate_media(media=media)
    heading = page.get_by_role("heading", name="The input is damaged: not all of it was checked")
    assert heading.is_visible()
    assert heading.bounding_box()["y"] < viewport["height"] / 2
    region = page.get_by_role("region", name="The input is damaged: not all of it was checked")
    assert "a.837 is damaged in 1 place:" in region.inner_text()
    assert region.get_by_text("segment 57: the service line has no SV1").is_visible()


def test_the_inputs_fold_out(show, small):
    page = show(small)
    assert not page.get_by_text("b.837", exact=True).is_visible()
    page.get_by_text("2 input files").click()
    assert page.get_by_text("b.837", exact=True).is_visible()


def test_the_reasons_of_rejected_rows_are_one_click_away(show, small):
    page = show(small)
    page.get_by_role("link", name="Why").click()
    assert page.evaluate("document.location.hash") == "#rejected"


def test_a_million_findings_stay_usable(show, tmp_path):
    path = tmp_path / "large.html"
    path.write_text(page_of(some_lines(1_001_000)), "utf-8")
    assert path.stat().st_size < 5_000_000
    began = time.monotonic()
    page = show(path)
    opened = time.monotonic() - began
    shown = page.locator("#sampled").inner_text()
    assert shown.startswith("The table has 10,000 of 1,000,")
    assert total(page) == 10_000
    began = time.monotonic()
    page.locator("input[type=search]").fill("0252U")
    page.select_option("#filter-severity", "info")
    filtered = time.monotonic() - began
    assert set(column(page, "Code")) == {"0252U"}
    assert set(column(page, "Severity")) == {"info"}
    print(f"opened in {opened:.1f} s, searched and filtered in {filtered:.1f} s")
    assert opened < 10
    assert filtered < 3
