"""A small folder of rules with two families, a code, a payer's and a site's overlay."""

from __future__ import annotations

from pathlib import Path

import pytest

import claimcheck

SOURCES = """\
schema: claimcheck/sources@1
sources:
  - {id: a-page, title: A page, publisher: A publisher, kind: secondary, date: "2026-05"}
"""
BASE = """\
schema: claimcheck/family@1
family: base
title: What every test shares
source: a-page
status: draft
modifiers:
  - {modifier: "80", verdict: not-applicable, because: A reason., cite: {at: "1"}}
  - {modifier: "26", verdict: conditional, when: read-only, because: A reason., cite: {at: "2"}}
  - {modifier: "P1", verdict: not-applicable, because: A reason., cite: {at: "3"}}
  - {modifier: "59", verdict: applicable, because: A reason., cite: {at: "4"}}
places:
  - {place: "21..23", verdict: applicable, because: A reason., cite: {at: "5"}}
  - {place: "11", verdict: applicable, because: A reason., cite: {at: "6"}}
conflicts:
  - {modifiers: ["26", "TC"], because: A reason., cite: {at: "7"}}
"""
SPECIAL = """\
schema: claimcheck/family@1
family: special
title: What the special tests share
extends: base
source: a-page
status: draft
places:
  - {place: "2-", verdict: not-applicable, because: A reason., cite: {at: "1"}}
conflicts:
  - {modifiers: ["TC", "26"], because: A reason., cite: {at: "2"}}
"""
CODE = """\
schema: claimcheck/code@1
code: "0001U"
title: A special test
family: special
source: a-page
status: draft
effective: {from: "2020-01-01", to: unstated, cite: {at: "1"}}
modifiers:
  - {modifier: "P-", verdict: not-applicable, because: A reason., cite: {at: "2"}}
  - modifier: "90"
    verdict: applicable
    because: A reason.
    cite: {at: "3"}
    effective: {from: unstated, to: "2023-12-31"}
  - modifier: "90"
    verdict: not-applicable
    because: A reason.
    cite: {at: "4"}
    effective: {from: "2024-01-01", to: unstated}
diagnoses:
  - diagnosis: "O03.-"
    verdict: indicated
    because: A reason.
    cite: {at: "5"}
    excludes:
      - {codes: ["N96"], because: A reason., cite: {at: "6"}}
  - {diagnosis: "N96", verdict: indicated, because: A reason., cite: {at: "7"}}
taxonomies:
  - {taxonomy: "291U-", role: performing, verdict: applicable, because: A reason., cite: {at: "8"}}
  - {taxonomy: "291U00000X", role: interpreting, verdict: applicable, because: A reason., cite: {at: "9"}}
  - {taxonomy: "291U00000X", role: ordering, verdict: applicable, because: A reason., cite: {at: "10"}}
"""
OTHER = """\
schema: claimcheck/code@1
code: "0002U"
title: Another special test
family: special
source: a-page
status: draft
effective: unstated
"""
PAYER = """\
schema: claimcheck/overlay@1
overlay: acme-policy
payer: acme
source: a-page
statements:
  - family: base
    modifiers:
      - {modifier: "59", verdict: not-applicable, because: A reason., cite: {at: "1"}}
  - code: "0001U"
    modifiers:
      - {modifier: "80", verdict: applicable, because: A reason., cite: {at: "2"}}
"""
SITE = """\
schema: claimcheck/overlay@1
overlay: our-lab
source: a-page
statements:
  - code: "0001U"
    modifiers:
      - {modifier: "80", verdict: not-applicable, because: A reason., cite: {at: "1"}}
      - modifier: "26"
        verdict: applicable
        because: A reason.
        cite: {at: "2"}
        effective: {from: "2026-01-01", to: unstated}
"""


@pytest.fixture(scope="session")
def small_rules(tmp_path_factory: pytest.TempPathFactory) -> claimcheck.RuleSet:
    folder: Path = tmp_path_factory.mktemp("small")
    for name, text in {
        "sources.yaml": SOURCES,
        "families/base.yaml": BASE,
        "families/special.yaml": SPECIAL,
        "codes/0001U.yaml": CODE,
        "codes/0002U.yaml": OTHER,
        "payers/acme-policy.yaml": PAYER,
        "sites/our-lab.yaml": SITE,
    }.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return claimcheck.load_rules(folder, bundled=False)


@pytest.fixture(scope="session")
def small(small_rules: claimcheck.RuleSet) -> claimcheck.Checker:
    return claimcheck.Checker(rules=small_rules)
