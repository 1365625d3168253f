from pathlib import Path

import pytest

from claimcheck.authoring.lint import LONGEST_REASON, lint_rules
from claimcheck.errors import RuleFileError, RuleProblem
from claimcheck.ruleset import bundled_folder

SOURCES = """\
schema: claimcheck/sources@1
sources:
  - id: the-document
    title: The document
    publisher: The publisher
    kind: secondary
    date: unstated
"""
FAMILY = """\
schema: claimcheck/family@1
family: a-family
title: A family
source: the-document
status: draft
modifiers:
  - modifier: "90"
    verdict: applicable
    because: A reference laboratory may do the test.
    cite: {at: "row 90"}
"""
CODE = """\
schema: claimcheck/code@1
code: "99990"
title: A panel
family: a-family
source: the-document
status: draft
effective: unstated
"""


def write(folder: Path, **files: str) -> Path:
    paths = {
        "sources": "sources.yaml",
        "family": "families/a-family.yaml",
        "code": "codes/99990.yaml",
        "test": "codes/99990.test.yaml",
        "overlay": "my-site.yaml",
    }
    texts = {"sources": SOURCES, "family": FAMILY, "code": CODE, **files}
    for name, text in texts.items():
        path = folder / paths[name]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def words(problems: tuple[RuleProblem, ...]) -> list[str]:
    return [f"{Path(p.file).name}:{p.line}:{p.column}: {p.message}" for p in problems]


def test_sound_files_have_no_problem(tmp_path):
    assert lint_rules([write(tmp_path)]) == ()
    assert lint_rules([write(tmp_path)], bundled=False) == ()


def test_the_bundled_rules_have_no_problem():
    assert words(lint_rules([bundled_folder()])) == []


def test_style(tmp_path):
    code = CODE.replace("title: A panel\n", "").replace("family: a-family\n", "")
    code = code.replace("draft", "reviewed")
    assert words(lint_rules([write(tmp_path, code=code)])) == [
        "99990.yaml:1:1: `family` is missing; a code has the entries of its family, too",
        "99990.yaml:1:1: `title` is missing; a code file says what it is about",
        "99990.yaml:4:9: the file is reviewed and has no entry; allowed: draft, or some entries",
    ]


@pytest.mark.parametrize(
    ("because", "message"),
    [
        ("x" * (LONGEST_REASON + 1), "`because` has 301 characters; allowed: 300"),
        ("One says this. Two says that.", "`because` has two sentences"),
        ("Paid at 1.5 times, e.g. The fee of Dr. Smith vs. Aetna.", None),
    ],
)
def test_reasons_are_one_short_sentence(tmp_path, because, message):
    facts = (
        f'facts:\n  - fact: a-fact\n    says: S.\n    because: "{because}"\n    cite: {{at: "1"}}\n'
    )
    dispute = f'    disputed: {{effect: unfit, because: "{because}", cite: {{at: "1"}}}}\n'
    found = words(lint_rules([write(tmp_path, code=CODE + facts + dispute)]))
    assert len(found) == (0 if message is None else 2)
    assert all(message in text for text in found)


def test_an_entry_that_repeats_what_lies_below(tmp_path):
    same = FAMILY[FAMILY.index("modifiers:") :]
    indented = "".join(f"    {line}\n" for line in same.splitlines())
    overlay = (
        "schema: claimcheck/overlay@1\noverlay: my-site\nsource: the-document\nstatements:\n"
        f"  - family: a-family\n{indented}"
    )
    assert words(lint_rules([write(tmp_path, code=CODE + same, overlay=overlay)])) == [
        "99990.yaml:9:5: the entry says word for word what families/a-family#modifiers/90 says "
        "below; leave it out",
        "my-site.yaml:7:9: the entry says word for word what families/a-family#modifiers/90 says "
        "below; leave it out",
    ]
    other = same.replace("may do", "does")
    (tmp_path / "my-site.yaml").unlink()
    assert lint_rules([write(tmp_path, code=CODE + other)]) == ()


def test_problems_of_loading_come_too(tmp_path):
    assert words(lint_rules([write(tmp_path, code=CODE + "colour: red\n", family="")])) == [
        "99990.yaml:8:1: unknown key `colour`; allowed: schema, code, title, family, source, "
        "status, effective, disputed, modifiers, places, diagnoses, taxonomies, conflicts, "
        "payers, related, facts",
        "a-family.yaml:1:1: the file is empty; a rule file begins with the key `schema`",
    ]


def test_test_files_are_read(tmp_path):
    case = "  - {name: a case, line: {}, findings: []}\n"
    test = f'schema: claimcheck/test@1\ncode: "99991"\ncases:\n{case}{case}'
    assert words(lint_rules([write(tmp_path, test=test)])) == [
        "99990.test.yaml:2:7: `code` is 99991, but the file is 99990.test.yaml; allowed: "
        "99991.test.yaml",
        "99990.test.yaml:5:12: a second case of this name, besides the one in line 4",
    ]
    assert len(lint_rules([write(tmp_path, test=test + "cases: []\n")])) == 3
    assert len(lint_rules([write(tmp_path, test="")])) == 1


def test_broken_bundled_rules_are_reported_only_where_they_are_asked_for(tmp_path, monkeypatch):
    def broken():
        raise RuleFileError((RuleProblem("bundled.pack", 1, 1, "broken"),))

    monkeypatch.setattr("claimcheck.authoring.lint.bundled_rules", broken)
    assert lint_rules([write(tmp_path)]) == ()
    assert words(lint_rules([write(tmp_path)], bundled=True)) == ["bundled.pack:1:1: broken"]


NONSENSE = """schema: claimcheck/overlay@1
overlay: nonsense
source: openpayer-0252u
statements:
  - code: "0252U"
    diagnoses:
      - {diagnosis: "O99.999", verdict: indicated, because: No such code., cite: {at: "x"}}
      - {diagnosis: "O03", verdict: indicated, because: A header., cite: {at: "x"}}
      - {diagnosis: "QA0.0", verdict: not-indicated, because: A header of the new shape., cite: {at: "x"}}
      - {diagnosis: "O03.-", verdict: indicated, because: A prefix is fine., cite: {at: "x"}}
    places:
      - {place: "97", verdict: applicable, because: Not assigned., cite: {at: "x"}}
    modifiers:
      - {modifier: "01", verdict: applicable, because: No such modifier., cite: {at: "x"}}
      - {modifier: "U1", verdict: applicable, because: May exist., cite: {at: "x"}}
"""


def test_values_that_no_line_can_carry(tmp_path):
    path = tmp_path / "nonsense.yaml"
    path.write_text(NONSENSE, encoding="utf-8")
    assert [str(problem) for problem in lint_rules([tmp_path])] == [
        f"{path}:7:21: `O99.999` is not in ICD-10-CM, April 2026 (fiscal year 2026); mark it "
        "disputed, or correct it",
        f"{path}:8:21: `O03` is a header, which no line can carry; write the prefix `O03.-` for "
        "all codes below it",
        f"{path}:12:17: `97` is no assigned place of service; mark it disputed, or correct it",
        f"{path}:14:20: `01` is no CPT modifier; mark it disputed, or correct it",
    ]
