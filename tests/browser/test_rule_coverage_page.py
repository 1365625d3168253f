"""What the page of rule coverage looks like in a real browser."""

import pytest

pytest.importorskip("playwright.sync_api")
axe = pytest.importorskip("axe_playwright_python.sync_playwright")
from claimcheck.coverage import measure  # noqa: E402 - after the extra was found

pytestmark = pytest.mark.browser

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 320, "height": 740}
LINES = [
    {"code": "0252U", "modifiers": ["80", "90"], "diagnoses": ["O03.9", "N96"]},
    {"code": "81452", "place_of_service": "81", "taxonomy": "207ZP0102X"},
]


@pytest.fixture(scope="module")
def page_file(tmp_path_factory, checker):
    path = tmp_path_factory.mktemp("page") / "coverage.html"
    path.write_text(measure(LINES, checker).html(), "utf-8")
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_nobody_is_kept_out(show, page_file, scheme, viewport):
    """Every rule of axe, contrast included; and nothing is wider than the window."""
    page = show(page_file, ready="footer", viewport=viewport, color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(it => it.open = true)")
    found = axe.Axe().run(page)
    assert found.response["violations"] == [], found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"]


def test_dark_and_light(show, page_file):
    def paper(scheme):
        page = show(page_file, ready="footer", color_scheme=scheme)
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    assert (paper("light"), paper("dark")) == ("rgb(255, 255, 255)", "rgb(18, 23, 29)")
