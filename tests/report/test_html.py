from __future__ import annotations

import base64
import hashlib
import json
import re
from datetime import date
from html.parser import HTMLParser

import attrs
import pytest

from claimcheck.report import Context, Damage, Note, Tally
from claimcheck.report.htmlout import HtmlWriter
from claimcheck.report.page import assets
from claimcheck.report.page.assets import missing, table_library

pytestmark = pytest.mark.skipif(bool(missing()), reason="needs the extra html")

HOSTILE = (
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<!--<script>",
    "{{ 7 * 7 }}",
    "\u2028\u2029&lt;b&gt;",
)


class Page(HTMLParser):
    """The elements of a page, the text of each id, and the text of scripts."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.texts, self.scripts, self._id = [], {}, [], None
        self._in_script = False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        self._id = dict(attributes).get("id")
        self._in_script = tag == "script"

    def handle_endtag(self, tag):
        self._id, self._in_script = None, False

    def handle_data(self, data):
        if self._in_script:
            self.scripts.append(data)
        elif self._id:
            self.texts[self._id] = self.texts.get(self._id, "") + data

    @property
    def data(self):
        return json.loads(self.scripts[0])


def number(page, name):
    return int(page.texts[name].replace(",", ""))


def test_the_page_tells_the_outcome_and_what_was_asked(write):
    text = write("html", write.bad, write.clean, write.not_checked, "a certain reason")
    page = Page(text)
    assert "<title>Claim check: 3 findings on 3 lines</title>" in text
    assert "row 4: a certain reason" in text
    assert "ab" * 32 in text
    assert "2026-04-01 to 2026-09-30" in text
    assert "ignore place: expired on 2026-01-31; reason: we know" in text
    assert number(page, "rows-rejected") == 1
    assert "The table has all 3 findings." in text


def test_the_totals_are_those_of_the_json_summary(write):
    rows = (write.bad, write.clean, write.not_checked, write.bad, "a reason")
    summary = json.loads(write("json", *rows))["summary"]
    page = Page(write("html", *rows))
    for severity, count in summary["severities"].items():
        assert number(page, f"total-{severity}") == count
    for status, count in summary["lines"].items():
        assert number(page, f"lines-{status}") == count
    assert number(page, "rows-rejected") == summary["rows"]["rejected"]
    total = sum(summary["severities"].values())
    assert len(page.data["shown"]) == total
    told = [page.data["findings"][page.data["lines"][at][8][n][0]] for at, n in page.data["shown"]]
    for found in summary["findings"]:
        assert sum(one[0] == found["code"] for one in told) == found["count"]


def test_the_table_has_the_line_and_the_sources(write):
    data = Page(write("html", write.bad)).data
    assert data["lines"] == [
        [1, "1", "CLM-7", "0252U", "", "", "findings", "", [[0, 0], [1, None]]]
    ]
    assert data["findings"][0][:4] == ["modifier-not-applicable", "error", "modifiers", "80"]
    assert data["findings"][0][9] == [
        ["The page of a code", "a-page", ["row 80", "row 81"]],
        ["", "a-list", ["80"]],
    ]


def test_findings_switched_off_and_columns_not_read_are_told(write):
    text = write("html", write.bad, columns_not_read=3, looks_like="payer")
    assert "<dt>findings switched off by the settings</dt><dd>2</dd>" in text
    assert "3 columns of the input were not read; one looks like payer." in text


def test_the_page_names_its_input(write):
    page = Page(write("html", write.bad, inputs=["claims/2026/a&b.csv"]))
    assert page.texts["input"] == "Input: "
    assert "<strong>a&amp;b.csv</strong>" in write("html", inputs=["claims/2026/a&b.csv"])
    assert "<strong>standard input</strong>" in write("html", inputs=["standard input"])


def test_several_inputs_fold_out_and_two_of_one_name_are_told_apart(write):
    text = write("html", write.bad, inputs=["in/a.csv", "in/x/b.csv", "in/y/b.csv"])
    told = re.search(r'<details id="input">.*?</details>', text, re.DOTALL)[0]
    assert "<summary>3 input files</summary>" in told
    assert re.findall("<li>(.*)</li>", told) == ["a.csv", "in/x/b.csv", "in/y/b.csv"]


def test_of_very_many_inputs_the_first_thousand_are_named(write):
    text = write("html", write.bad, inputs=[f"in/{number}.csv" for number in range(1_200)])
    told = re.search(r'<details id="input">.*?</details>', text, re.DOTALL)[0]
    assert "<summary>1,200 input files</summary>" in told
    assert len(re.findall("<li>", told)) == 1_001
    assert "<li>and 200 more</li>" in told


def alarm(text):
    """The words of the warning at the top of the page; None without one."""
    found = re.search(r'<section id="incomplete".*?</section>', text, re.DOTALL)
    return found and " ".join(re.sub("<[^>]*>", " ", found[0]).split())


def test_damage_is_told_at_the_top(write):
    places = tuple(f"segment {number}: what <b> is wrong" for number in range(1, 101))
    damage = [Damage("in/a.837", places, 250)]
    text = write("html", write.bad, "a reason", inputs=["in/a.837"], damage=damage)
    told = alarm(text)
    assert told.startswith(
        "The input is damaged: not all of it was checked a.837 is damaged in 250"
    )
    assert "segment 10: what &lt;b&gt; is wrong and 240 more" in told
    assert "segment 11:" not in told
    assert told.endswith("1 of 2 rows were rejected and not checked. Why")
    assert text.index('id="incomplete"') < text.index('id="outcome-heading"')
    assert "<title>Claim check: damaged input, 2 findings on 1 lines</title>" in text


def test_rejected_rows_are_told_at_the_top(write):
    assert alarm(write("html", write.bad)) is None
    assert alarm(write("html", write.bad, "why")).startswith("Not every row could be read 1 of 2")


def test_notes_on_the_input(write):
    note = Note("in/a.837", "segment 3: read as 5010")
    one = write("html", write.bad, inputs=["in/a.837"], notes=[note])
    assert '<ul id="notes">\n<li>segment 3: read as 5010</li>' in one
    two = write("html", write.bad, inputs=["in/a.837", "in/b.837"], notes=[note])
    assert "<li>a.837: segment 3: read as 5010</li>" in two


def test_without_findings_there_is_no_table(write):
    text = write("html", write.clean)
    assert "There are no findings." in text
    assert [tag for tag, _ in Page(text).elements if tag == "script"] == []


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_value_runs_whatever_it_is(write, hostile):
    texts = dict.fromkeys(("code", "field", "value", "message", "hint", "rule", "carc"), hostile)
    finding = attrs.evolve(write.error, **texts)
    usual = Page(write("html", write.report_of(write.error, line_id="1"), "reason"))
    text = write("html", write.report_of(finding, line_id=hostile, claim_id=hostile), hostile)
    page = Page(text)
    kinds = [tag for tag, _ in page.elements if tag in ("script", "img", "b", "form")]
    assert kinds == [tag for tag, _ in usual.elements if tag in ("script", "img", "b", "form")]
    assert [name for _, given in page.elements for name in given if name.startswith("on")] == []
    assert page.data["lines"][0][1] == hostile
    assert page.data["findings"][0][4] == hostile
    assert "49" not in page.texts.get("sampled", "")


def test_nothing_is_asked_from_elsewhere(write):
    text = write("html", write.bad)
    page = Page(text)
    asked = [
        given[name]
        for _, given in page.elements
        for name in ("src", "href", "xlink:href", "action", "data", "poster", "srcset")
        if name in given
    ]
    assert asked == ["#findings"]
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)[1]
    assert {it[:5] for it in re.findall(r"url\(([^)]*)", style)} <= {"data:"}
    assert "@import" not in style


def test_the_policy_lets_only_the_pages_own_script_run(write):
    page = Page(write("html", write.bad))
    policy = next(given["content"] for _, given in page.elements if "http-equiv" in given)
    digest = hashlib.sha256("".join(page.scripts[1:]).encode()).digest()
    assert f"script-src 'sha256-{base64.b64encode(digest).decode()}'" in policy
    assert policy.startswith("default-src 'none'; ")


def test_the_same_rows_give_the_same_page(write):
    assert write("html", write.bad, write.clean) == write("html", write.bad, write.clean)


def test_payer_and_day_are_in_the_table_and_a_rare_payer_is_not_named(write, tmp_path):
    with (tmp_path / "page.html").open("w+", encoding="utf-8") as out:
        context = Context(ruleset=write.stamp, payers=frozenset({"aetna"}), today=date(2026, 6, 1))
        writer, tally = HtmlWriter(out, context), Tally()
        writer.start()
        for row, payer in enumerate(("aetna", "jane-doe"), start=1):
            tally.add(write.bad)
            writer.line(row, write.bad, "0252U", None, payer, date(2026, 5, row))
        writer.finish(tally.summary(ruleset=context.ruleset))
        out.seek(0)
        text = out.read()
    assert "jane-doe" not in text
    assert [line[4:6] for line in Page(text).data["lines"]] == [
        ["aetna", "2026-05-01"],
        ["other payer", "2026-05-02"],
    ]
    assert ">2026-05-01</button>" in text


def test_the_table_library_is_in_itables_and_itables_is_not_imported():
    library = table_library()
    assert re.fullmatch(r"[\w$]+", library.jquery)
    assert "export{" not in library.script[-400:]
    assert "dataTable" in library.style
    assert missing() == []


def test_another_bundle_is_refused(monkeypatch, tmp_path):
    (tmp_path / "html").mkdir()
    (tmp_path / "html" / "dt_bundle.js").write_text("export{a as b}")
    monkeypatch.setattr(
        assets, "find_spec", lambda _: attrs.make_class("Spec", ["origin"])(str(tmp_path / "x.py"))
    )
    with pytest.raises(RuntimeError, match="ships no bundle that exports jQuery"):
        table_library()
