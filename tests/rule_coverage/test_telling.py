"""Rule coverage as text, JSON and a page; nothing of a line is in any of them."""

from __future__ import annotations

import builtins
from html.parser import HTMLParser
from typing import Any

import pytest

import claimcheck
from claimcheck.coverage import RuleCoverage, measure
from claimcheck.errors import ConfigurationError, InputError

LINES = [
    {"code": "0001U", "modifiers": ["59", "P2"], "diagnoses": ["O03.9", "N96"]},
    {"code": "99213"},
]
TEXT = """\
  2 lines recorded, 1 of them of none of the codes below
  1 code, 29.4 %: 5 of 17 exercised (3 fired, 2 passed), 6 overridden
  rules without any line: 0002U

0001U: A special test
  1 line, 29.4 % exercised
  code        0 of 1 exercised
  modifiers   2 of 8 exercised (1 fired, 1 passed), 3 overridden
  conflicts   0 of 1 exercised, 1 overridden
  places      0 of 2 exercised, 1 overridden
  diagnoses   2 of 2 exercised (1 fired, 1 passed)
  exclusions  1 of 1 exercised (1 fired, 0 passed)
  taxonomies  0 of 2 exercised, 1 overridden
  by layer
    families/base       1 of 3 exercised (0 fired, 1 passed), 4 overridden
    families/special    0 of 2 exercised
    codes/0001U         4 of 9 exercised (3 fired, 1 passed), 1 overridden
    payers/acme-policy  0 of 1 exercised, 1 overridden
    sites/our-lab       0 of 2 exercised
  never exercised
    code        codes/0001U: effective
    modifiers   sites/our-lab: 80, 26
    modifiers   payers/acme-policy: 59
    modifiers   codes/0001U: 90@unstated, 90@2024-01-01
    modifiers   families/base: 26
    conflicts   families/special: TC+26
    places      families/special: 2-
    places      families/base: 11
    taxonomies  codes/0001U: 291U-/performing, 291U00000X/ordering
"""
VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(HTMLParser):
    """Finds elements that are not closed, and addresses of any kind."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def read_page(text: str) -> Page:
    page = Page()
    page.feed(text)
    assert page.open == []
    return page


def test_the_text(small: claimcheck.Checker) -> None:
    first, _, rest = measure(LINES, small).text().partition("\n")
    assert first == f"Rule coverage of {small.stamp}"
    assert rest == TEXT


@pytest.mark.parametrize("width", [20, 60, 100, 140])
def test_the_text_keeps_to_its_width(checker: claimcheck.Checker, width: int) -> None:
    rows = measure([{"code": "0252U"}], checker).text(width).splitlines()
    assert max(map(len, rows)) <= max(width, 60)


def test_many_codes_without_lines_are_not_all_named(small: claimcheck.Checker) -> None:
    figures = measure([], small).as_dict()
    figures["codes_without_lines"] = [f"{number:04}U" for number in range(25)]
    told = RuleCoverage.from_dict(figures).text()
    assert "0019U and 5 more" in told
    assert "0020U" not in told


def test_the_page_is_one_file_and_has_every_figure(small: claimcheck.Checker) -> None:
    coverage = measure(LINES, small)
    text = coverage.html()
    page = read_page(text)
    assert page.addresses == ["#code-0001U"]
    assert "script" not in page.tags
    assert '<dd id="percent">29.4 %</dd>' in text
    for state, count in coverage.counts.items():
        assert f'<dd id="{state}">{count}</dd>' in text
    for entry in coverage.codes["0001U"].entries:
        assert f"<code>{entry.id}</code>" in text


def test_a_page_without_codes(small: claimcheck.Checker) -> None:
    text = measure([], small).html()
    read_page(text)
    assert "No line has a code that a rule file speaks of." in text


def test_the_page_escapes_what_rule_files_say(small: claimcheck.Checker) -> None:
    figures = measure(LINES, small).as_dict()
    figures["codes"][0]["title"] = "<script>alert(1)</script>"
    assert "script" not in read_page(RuleCoverage.from_dict(figures).html()).tags


def test_the_page_needs_jinja2(small: claimcheck.Checker, monkeypatch: pytest.MonkeyPatch) -> None:
    load = builtins.__import__

    def without(name: str, *more: Any) -> Any:
        if name == "jinja2":
            raise ModuleNotFoundError(name=name)
        return load(name, *more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ConfigurationError, match="html needs jinja2"):
        measure([], small).html()


@pytest.mark.parametrize("planted", ["Quimby Zanzibar", "W123456789012", "1961-02-03", "J06.9"])
def test_nothing_of_a_line_is_told(checker: claimcheck.Checker, planted: str) -> None:
    good = {
        "code": "0252U",
        "modifiers": ["80"],
        "place_of_service": "81",
        "diagnoses": ["O03.9"],
        "taxonomy": "291U00000X",
    }
    fields = [
        *("line_id", "claim_id", "code", "modifiers", "place_of_service", "diagnoses", "taxonomy"),
        *("billing_taxonomy", "ordering_taxonomy", "payer", "service_date", "units", "conditions"),
        planted,
    ]
    coverage = measure([{**good, field: planted} for field in fields], checker)
    assert coverage.lines == len(fields)
    for told in (coverage.text(), coverage.to_json(), coverage.html(), repr(coverage)):
        assert planted.casefold() not in told.casefold()
        assert planted.replace(".", "") not in told


def doubled(figures: dict[str, Any]) -> None:
    figures["codes"] *= 2
    figures["lines"] *= 2
    figures["lines"] -= figures["lines_elsewhere"]


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda f: f["codes"][0]["entries"][0].update(fired=-1), "on less than 0 or more lines"),
        (lambda f: f["codes"][0]["entries"][0].update(passed=999), "on less than 0 or more lines"),
        (lambda f: f["codes"][0]["entries"][0].update(layer="bogus"), "layer begins with none of"),
        (lambda f: f["codes"][0]["entries"].append(f["codes"][0]["entries"][0]), "stands twice"),
        (lambda f: f.update(lines=f["lines"] + 1), "lines is not the sum"),
        (lambda f: f.update(lines_elsewhere=-1), "a number of lines is less than 0"),
        (doubled, "a code stands twice in codes"),
    ],
)
def test_figures_that_no_lines_give_are_refused(
    small: claimcheck.Checker, damage: Any, told: str
) -> None:
    figures = measure(LINES, small).as_dict()
    assert RuleCoverage.from_dict(figures).as_dict() == figures
    damage(figures)
    with pytest.raises(InputError, match=told):
        RuleCoverage.from_dict(figures)


def test_codes_are_a_list_in_any_case(small: claimcheck.Checker) -> None:
    assert measure(LINES, small, codes=[" 0001u "]).as_dict() == (
        measure(LINES, small, codes=["0001U"]).as_dict()
    )


@pytest.mark.parametrize("codes", ["0001U", "", 3, [1], [None]])
def test_codes_that_are_no_list_of_texts_are_refused(small: claimcheck.Checker, codes: Any) -> None:
    with pytest.raises(ConfigurationError, match="codes is a list of procedure codes"):
        measure(LINES, small, codes=codes)
