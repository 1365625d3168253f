"""Real report pages in headless Chromium, from disk, with the network blocked."""

from __future__ import annotations

import io
import os
import random
import shutil
from datetime import date, timedelta

import pytest

from claimcheck.finding import Citation, Finding
from claimcheck.line_report import COVERED, Coverage, Judgement, Report, RuleSetStamp
from claimcheck.report import CodeSetEdition, Context, Damage, Note, Tally, open_writer
from claimcheck.verdict import Severity

sync_api = pytest.importorskip("playwright.sync_api")

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
STAMP = RuleSetStamp("a-rule-set", "1.2.3", "ab" * 32)
ERROR = Finding(
    code="modifier-not-applicable",
    severity=Severity.ERROR,
    field="modifiers",
    index=1,
    value="80",
    message="Modifier 80 does not fit 0252U.",
    hint="Remove modifier 80.",
    rule="codes/0252U#modifiers/80",
    citations=(Citation("a-page", "row 80"), Citation("a-list", "<b>80</b>")),
    carc="4",
)
HOSTILE = Finding(
    code="diagnosis-missing",
    severity=Severity.WARNING,
    field="diagnoses",
    value="<img src=x onerror=document.title='owned'>",
    message="</script><script>document.title='owned'</script>",
    hint="<svg onload=document.title='owned'>",
    rule="checks#diagnosis-missing",
)
INFO = Finding(
    code="code-no-rule",
    severity=Severity.INFO,
    field="code",
    message="No rule file speaks of the code.",
    hint="Nothing to do.",
    rule="checks#code-no-rule",
)
COVERAGE = Coverage(("checked",) * len(COVERED))


def page_of(lines, **known):
    """The page of lines: id, code, payer, day, findings; ``known`` is what else a summary tells."""
    out = io.StringIO()
    context = Context(
        ruleset=STAMP,
        sources={"a-page": "The page of a code"},
        payers=frozenset({"aetna", "medicare"}),
        today=date(2026, 6, 1),
    )
    writer, tally = open_writer("html", out, context), Tally()
    writer.start()
    for number, (line_id, code, payer, day, findings) in enumerate(lines, start=1):
        status = "findings" if findings else "clean"
        report = Report(line_id, f"CLM-{number}", Judgement(findings, status, COVERAGE, STAMP))
        tally.add(report)
        writer.line(number, report, code, payer=payer, day=day)
    tally.reject(number + 1, "the row has 2 cells, and the header 9")
    editions = [CodeSetEdition("ICD-10-CM", "2026"), CodeSetEdition("MUE table", None)]
    writer.finish(tally.summary(ruleset=STAMP, code_sets=editions, **known))
    return out.getvalue()


def some_lines(count):
    draw = random.Random(7)
    for number in range(count):
        yield (
            f"L{number}",
            draw.choice(["0252U", "0252U", "81452", "99213"]),
            draw.choice(["aetna", "medicare", None]),
            date(2026, 1, 1) + timedelta(draw.randrange(150)),
            draw.choice([(ERROR,), (INFO,), (ERROR, INFO), ()]),
        )


@pytest.fixture(scope="session")
def chromium():
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if program is None:
        pytest.skip("Chromium is not here")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    """Sixty lines; the first has a hostile finding and an id that is no id."""
    path = tmp_path_factory.mktemp("page") / "small.html"
    first = ("<i>L</i>", "0252U", "aetna", date(2026, 5, 4), (ERROR, HOSTILE))
    known = {
        "inputs": ["claims/a.837", "claims/b.837"],
        "damage": [Damage("claims/a.837", ("segment 57: the service line has no SV1",), 1)],
        "notes": [Note("claims/b.837", "segment 3: read as 5010")],
    }
    path.write_text(page_of([first, *some_lines(59)], **known), "utf-8")
    return path


@pytest.fixture
def show(chromium):
    """Open a page; whatever goes wrong in it fails the test."""
    contexts, wrong = [], []

    def open_page(path, ready="button.more", **options):
        context = chromium.new_context(offline=True, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: wrong.append(said.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda asked: wrong.append(asked.url) if asked.url[:4] == "http" else 0)
        page.goto(path.as_uri())
        page.wait_for_selector(ready, timeout=30_000)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []
