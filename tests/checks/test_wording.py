"""Words that several checks share."""

from __future__ import annotations

import pytest

from claimcheck import ClaimLine
from claimcheck.checks.wording import (
    dotless,
    edition_title,
    layers_note,
    listed,
    named_line,
    said_by,
    table_severity,
)
from claimcheck.finding import Citation
from claimcheck.ruleset.model import Entry, Ruling


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([], ""),
        (["26"], "26"),
        (["26", "TC"], "26 and TC"),
        (["26", "TC", "59"], "26, TC and 59"),
    ],
)
def test_lists(values, text):
    assert listed(values) == text
    assert listed(values, "or") == text.replace(" and ", " or ")


@pytest.mark.parametrize(
    ("layers", "note"),
    [
        (("codes/0252U",), ""),
        (("families/pla", "codes/0252U"), " (families/pla speaks of it too.)"),
        (
            ("families/laboratory", "families/pla", "codes/0252U"),
            " (families/laboratory and families/pla speak of it too.)",
        ),
    ],
)
def test_layers_that_spoke_too(layers, note):
    entry = Entry("codes/0252U#modifiers/80", "codes/0252U", "80", "applicable", "A.", ())
    assert layers_note(Ruling(entry, layers)) == note


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ("nucc-25.1", "the NUCC provider taxonomy (25.1)"),
        ("mue-practitioner-2024Q3", "the MUE table for practitioners (2024Q3)"),
        ("ptp-outpatient-2024Q3", "the NCCI PTP table for outpatient hospitals (2024Q3)"),
        ("icd10cm-FY2025", "the ICD-10-CM (FY2025)"),
        ("my-page", "my-page"),
    ],
)
def test_editions_are_told_by_their_title(source, title):
    assert edition_title(Citation(source, "x")) == title


def test_small_words():
    assert dotless("O03.9") == "O039"
    assert said_by("codes/0252U") == "The source of codes/0252U says"
    assert [table_severity(how).value for how in ("binding", "advisory")] == ["error", "warning"]
    lines = (ClaimLine(code="99213", line_id="7"), ClaimLine(code="99213"))
    assert named_line(lines, 0) == "line 7"
    assert named_line(lines, 1) == "the claim's line 2"
