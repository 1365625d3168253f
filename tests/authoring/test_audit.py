"""The audit on small rule files; every expectation is written by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from claimcheck.authoring.audit import AuditItem, audit_rules
from claimcheck.codesets.bundle import embedded_code_sets
from claimcheck.errors import ConfigurationError, RuleFileError
from claimcheck.ruleset import bundled_rules, write_pack

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
"""
CODE = """\
schema: claimcheck/code@1
code: "{code}"
title: A service
family: a-family
source: the-document
status: draft
effective: unstated
"""
WORDS = '    because: The document says so.\n    cite: {at: "a row"}\n'
MARK = '    disputed: {effect: EFFECT, because: A list says otherwise., cite: {at: "x"}}\n'


def entry(section: str, value: str, verdict: str, *more: str, mark: str = "") -> str:
    key = {"modifiers": "modifier", "places": "place", "diagnoses": "diagnosis"}.get(
        section, "taxonomy"
    )
    rows = [f'  - {key}: "{value}"\n    verdict: {verdict}\n', *(f"    {row}\n" for row in more)]
    if verdict == "conditional":
        rows.append("    when: some-condition\n")
    return "".join(rows) + WORDS + (MARK.replace("EFFECT", mark) if mark else "")


def section(name: str, *entries: str) -> str:
    return f"{name}:\n" + "".join(entries)


def mpfs(code: str, pctc: str = "9", status: str = "X") -> tuple[str | None, ...]:
    return (code, "", status, pctc, "XXX", "9", "9", "9", "9", "9", None)


class Folder:
    """A folder of rule files of one family, audited with given code sets."""

    def __init__(self, path: Path) -> None:
        self.path = path / "rules"
        self.write("sources.yaml", SOURCES)
        self.write("families/a-family.yaml", FAMILY)

    def write(self, name: str, text: str) -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def code(self, text: str = "", code: str = "99990") -> Folder:
        self.write(f"codes/{code}.yaml", CODE.format(code=code) + text)
        return self

    def items(self, sets=None) -> list[AuditItem]:
        done = audit_rules([self.path], sets or embedded_code_sets())
        return [item for item in done.items if item.place.file.startswith(str(self.path))]

    def told(self, sets=None) -> list[tuple[str, str, str]]:
        return [
            (item.entry.partition("#")[2], item.subject, item.outcome)
            for item in self.items(sets)
            if "#" in item.entry
        ]

    def only(self, sets=None) -> AuditItem:
        """The one item of an entry that is not about its value, or else the one about it."""
        items = [item for item in self.items(sets) if "#" in item.entry]
        others = [item for item in items if item.subject != "value"] or items
        assert len(others) == 1, others
        return others[0]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


# --- values in the embedded lists --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "verdict", "outcome", "what"),
    [
        ("modifiers", "26", "applicable", "agrees", "modifier 26 is in force"),
        (
            *("modifiers", "01", "not-applicable", "disagrees"),
            "modifier 01 does not exist: no CPT modifier has these two digits; "
            "mark the entry disputed, or correct it",
        ),
        (
            *("modifiers", "ZY", "applicable", "not-checkable"),
            "modifier ZY is not among those embedded here",
        ),
        ("modifiers", "P-", "applicable", "agrees", "P- has modifiers in the lists at hand"),
        ("modifiers", "Y-", "applicable", "not-checkable", "no list at hand has modifiers of Y-"),
        ("places", "81", "applicable", "agrees", "81 is an assigned place of service"),
        (
            *("places", "30", "applicable", "disagrees"),
            "30 is no assigned place of service; mark the entry disputed, or correct it",
        ),
        ("places", "2-", "applicable", "agrees", "2- has assigned places of service"),
        (
            *("places", "28..30", "applicable", "disagrees"),
            "28..30 has no assigned place of service; mark the entry disputed, or correct it",
        ),
        (
            *("diagnoses", "N96", "indicated", "agrees"),
            "N96 is a billable code in ICD-10-CM, April 2026 (fiscal year 2026)",
        ),
        (
            *("diagnoses", "O99.999", "indicated", "disagrees"),
            "O99.999 is not in ICD-10-CM, April 2026 (fiscal year 2026); "
            "mark the entry disputed, or correct it",
        ),
        (
            *("diagnoses", "O00.9", "not-indicated", "disagrees"),
            "O00.9 is a header in ICD-10-CM, April 2026 (fiscal year 2026), which no line can carry "
            "(below it: O00.90, O00.91); mark the entry disputed, or correct it",
        ),
        (
            *("diagnoses", "C34.-", "indicated", "agrees"),
            "C34.- has codes in ICD-10-CM, April 2026 (fiscal year 2026)",
        ),
        (
            *("diagnoses", "C3-", "indicated", "agrees"),
            "C3- has codes in ICD-10-CM, April 2026 (fiscal year 2026)",
        ),
        (
            *("diagnoses", "C81..C99", "indicated", "disagrees"),
            "C81..C99 reaches to C99, and ICD-10-CM, April 2026 (fiscal year 2026) has no such code; "
            "mark the entry disputed, or correct it",
        ),
    ],
)
def test_value_in_the_embedded_lists(folder, name, value, verdict, outcome, what):
    folder.code(section(name, entry(name, value, verdict)))
    item = next(item for item in folder.items() if item.subject == "value" and "#" in item.entry)
    assert (item.outcome, item.what) == (outcome, what)
    assert bool(item.citations) == (outcome != "not-checkable")
    assert item.needs == ("hcpcs" if outcome == "not-checkable" else None)


@pytest.mark.parametrize(
    ("value", "outcome", "needs"),
    [
        ("207P00000X", "agrees", None),
        ("204V00000X", "disagrees", None),
        ("2071234567", "disagrees", None),
        ("207L00000X", "not-checkable", "nucc"),
        ("207S-", "agrees", None),
        ("99-", "not-checkable", "nucc"),
    ],
)
def test_taxonomy_in_the_embedded_extract(folder, value, outcome, needs):
    folder.code(section("taxonomies", entry("taxonomies", value, "applicable", "role: ordering")))
    item = folder.only()
    assert (item.outcome, item.needs) == (outcome, needs)


@pytest.mark.parametrize(
    ("value", "named", "told"),
    [
        ("81", "Laboratory", [("value", "agrees"), ("name", "agrees")]),
        ("81", "Hospital", [("value", "agrees"), ("name", "disagrees")]),
        ("30", "Hospital", [("value", "disagrees")]),
    ],
)
def test_the_name_of_a_place(folder, value, named, told):
    folder.code(section("places", entry("places", value, "applicable", f"named: {named}")))
    assert [row[1:] for row in folder.told()] == told


def test_a_modifier_before_its_time(folder):
    # XE is used from 2015-01-01 on.
    ended = 'effective: {from: unstated, to: "2014-12-31"}'
    folder.code(section("modifiers", entry("modifiers", "XE", "applicable", ended)))
    assert folder.only().what == (
        "modifier XE begins on 2015-01-01; mark the entry disputed, or correct it"
    )


def test_the_place_of_an_item_is_that_of_the_statement(folder):
    folder.code(section("places", entry("places", "30", "applicable")))
    item = folder.only()
    assert item.place.file == str(folder.path / "codes" / "99990.yaml")
    assert (item.place.line, item.place.column) == (9, 12)
    assert item.entry == "codes/99990#places/30"


# --- imported lists of values --------------------------------------------------------------------------

NUCC = [
    ("207L00000X", "g", "Anesthesiology", None, "Anesthesiology Physician", "Individual", None),
    ("207SC0300X", "g", "Medical Genetics", "Clinical Cytogenetics", "Cyto", "Individual", None),
]


@pytest.mark.parametrize(
    ("value", "named", "told"),
    [
        ("207L00000X", "Anesthesiology", [("value", "agrees"), ("name", "agrees")]),
        ("207L00000X", "Surgery", [("value", "agrees"), ("name", "disagrees")]),
        # By classification and specialization, though the display name has other words.
        ("207SC0300X", "Medical Genetics", [("value", "agrees"), ("name", "agrees")]),
        # The embedded extract has the code; an imported list that lacks it decides.
        ("207P00000X", "Emergency Medicine", [("value", "disagrees")]),
        ("207S-", "Genetics", [("value", "agrees")]),
        ("99-", "Nothing", [("value", "disagrees")]),
    ],
)
def test_taxonomy_in_an_imported_list(folder, imported, value, named, told):
    sets = imported("nucc", NUCC, name="26.0", last=None)
    more = ("role: ordering", f"named: {named}")
    folder.code(section("taxonomies", entry("taxonomies", value, "applicable", *more)))
    assert [row[1:] for row in folder.told(sets)] == told


def test_a_wrong_taxonomy_name_is_told_with_both_names(folder, imported):
    sets = imported("nucc", NUCC, name="26.0", last=None)
    more = ("role: ordering", "named: Surgery")
    folder.code(section("taxonomies", entry("taxonomies", "207L00000X", "applicable", *more)))
    item = folder.only(sets)
    assert item.what == (
        "`Anesthesiology Physician` is the name of 207L00000X in the NUCC provider taxonomy (26.0), "
        "and it is named `Surgery` here; mark the entry disputed, or correct it"
    )
    assert [str(it) for it in item.citations] == ["nucc-26.0: 207L00000X"]
    assert item.place.line == 12


def test_modifiers_of_an_imported_list(folder, imported):
    hcpcs = [("G0001", None, None, None)]
    modifiers = [("LT", None, None, "Left side"), ("ZY", None, None, "A new thing")]
    sets = imported(
        "hcpcs", hcpcs, last=None, descriptions=True, more={"hcpcs_modifier": modifiers}
    )
    folder.code(
        section(
            "modifiers",
            entry("modifiers", "ZY", "applicable", "named: The new thing"),
            entry("modifiers", "ZX", "applicable"),
            entry("modifiers", "Z-", "applicable"),
            entry("modifiers", "Y-", "applicable"),
            entry("modifiers", "LT", "applicable", "named: Right side"),
            entry("modifiers", "59", "applicable", "named: Distinct service"),
        )
    )
    assert folder.told(sets) == [
        ("modifiers/ZY", "value", "agrees"),
        ("modifiers/ZY", "name", "agrees"),
        ("modifiers/ZX", "value", "disagrees"),
        ("modifiers/Z-", "value", "agrees"),
        ("modifiers/Y-", "value", "disagrees"),
        ("modifiers/LT", "value", "agrees"),
        ("modifiers/LT", "name", "disagrees"),
        ("modifiers/59", "value", "agrees"),
        ("modifiers/59", "name", "not-checkable"),
    ]


def test_titles_of_diagnoses_are_read_where_they_were_kept(folder, imported):
    folder.code(
        section(
            "diagnoses",
            entry("diagnoses", "O03.4", "indicated", "named: Abortion with hemorrhage"),
            entry("diagnoses", "N96", "indicated", "named: Recurrent pregnancy loss"),
        )
    )
    without = {item.needs for item in folder.items() if item.subject == "name"}
    assert without == {"titles: import icd10cm with --keep-descriptions"}
    rows = [("O034", 1, "Incomplete abortion without complication"), ("N96", 1, "Pregnancy loss")]
    # An old edition decides of no code that is valid now, and its titles still are titles.
    sets = imported("icd10cm", rows, name="FY2024", first=None, last=date(2024, 9, 30))
    assert {item.needs for item in folder.items(sets) if item.subject == "name"} == without
    sets = imported(
        *("icd10cm", rows), name="FY2025", first=None, last=date(2025, 9, 30), descriptions=True
    )
    assert [row for row in folder.told(sets) if row[1] == "name"] == [
        ("diagnoses/O03.4", "name", "disagrees"),
        ("diagnoses/N96", "name", "agrees"),
    ]


def test_a_newer_edition_of_diagnoses_decides(folder, imported):
    folder.code(
        section(
            "diagnoses",
            entry("diagnoses", "N96", "indicated"),
            entry("diagnoses", "O00.-", "indicated"),
            entry("diagnoses", "C3-", "indicated"),
        )
    )
    rows = [("N96", 0, None), ("N961", 1, None), ("O00", 1, None)]
    sets = imported("icd10cm", rows, name="FY2027", first=date(2026, 10, 1), last=date(2027, 9, 30))
    assert folder.told(sets) == [
        ("diagnoses/N96", "value", "disagrees"),
        ("diagnoses/O00.-", "value", "agrees"),
        ("diagnoses/C3-", "value", "disagrees"),
    ]


def test_an_entry_that_has_ended_is_held_against_its_last_day(folder, imported):
    ended = 'effective: {from: unstated, to: "2024-03-31"}'
    folder.code(section("diagnoses", entry("diagnoses", "N96", "indicated", ended)))
    item = folder.only()
    assert (item.outcome, item.needs) == ("not-checkable", "icd10cm")
    assert item.what == (
        "no edition of ICD-10-CM at hand covers 2024-03-31, so N96 was not looked up"
    )
    first, last = date(2023, 10, 1), date(2024, 9, 30)
    sets = imported("icd10cm", [("A00", 0, None)], name="FY2024", first=first, last=last)
    assert folder.only(sets).what == (
        "N96 is not in ICD-10-CM FY2024; mark the entry disputed, or correct it"
    )


def test_exclusions_and_conflicts(folder):
    excludes = 'excludes: [{codes: ["O26.2-", "O26.2", "X99.9Z"], because: So., cite: {at: "x"}}]'
    conflict = '  - modifiers: ["26", "02"]\n' + WORDS
    folder.code(
        section("diagnoses", entry("diagnoses", "N96", "indicated", excludes))
        + section("conflicts", conflict)
    )
    assert folder.told() == [
        ("diagnoses/N96", "value", "agrees"),
        ("diagnoses/N96", "excludes", "agrees"),
        ("diagnoses/N96", "excludes", "disagrees"),
        ("diagnoses/N96", "excludes", "disagrees"),
        ("conflicts/26+02", "value", "agrees"),
        ("conflicts/26+02", "value", "disagrees"),
    ]


# --- modifiers against the fee schedules ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("verdict", "pctc", "outcome"),
    [
        ("applicable", "1", "agrees"),
        ("conditional", "1", "agrees"),
        ("not-applicable", "1", "disagrees"),
        ("applicable", "9", "disagrees"),
        ("conditional", "9", "disagrees"),
        ("not-applicable", "9", "agrees"),
    ],
)
def test_a_component_and_the_fee_schedule(folder, imported, verdict, pctc, outcome):
    sets = imported("mpfs", [mpfs("99990", pctc)])
    folder.code(section("modifiers", entry("modifiers", "26", verdict)))
    assert folder.told(sets)[1:] == [("modifiers/26", "verdict", outcome)]


def test_a_refused_modifier_is_told_with_the_indicator(folder, imported):
    folder.code(section("modifiers", entry("modifiers", "26", "conditional")))
    item = folder.only(imported("mpfs", [mpfs("99990")]))
    assert item.what == (
        "modifier 26 does not fit 99990 by the Medicare physician fee schedule (2026Q1): 99990 has no "
        "professional component apart: its PC/TC indicator 9 makes it a service to which the "
        "components do not apply; the entry says conditional; mark the entry disputed, or correct it"
    )
    assert [str(it) for it in item.citations] == ["mpfs-2026Q1: 99990, PC/TC indicator"]


def test_not_typically_leaves_room_for_what_the_table_pays(folder, imported):
    more = 'hedged: "yes"'
    folder.code(section("modifiers", entry("modifiers", "26", "not-applicable", more)))
    item = folder.only(imported("mpfs", [mpfs("99990", "1")]))
    assert item.outcome == "agrees"
    assert item.what == (
        "modifier 26 fits 99990 by the Medicare physician fee schedule (2026Q1): "
        "99990 has a professional component; the entry says hedged not-applicable"
    )


def test_documentation_is_a_condition_and_no_refusal(folder, imported):
    sets = imported(
        "mpfs",
        [("99990", "", "A", "0", "090", "2", "0", "0", "0", "0", None)],
    )
    folder.code(
        section(
            "modifiers",
            entry("modifiers", "80", "conditional"),
            entry("modifiers", "81", "not-applicable"),
        )
    )
    assert [row for row in folder.told(sets) if row[1] == "verdict"] == [
        ("modifiers/80", "verdict", "agrees"),
        ("modifiers/81", "verdict", "disagrees"),
    ]


def test_what_is_missing_is_told(folder, imported):
    folder.code(section("modifiers", entry("modifiers", "26", "conditional")))
    assert folder.only().needs == "mpfs or clfs"
    sets = imported("clfs", [("88888", "", None)])
    assert folder.only(sets).needs == "mpfs"
    # N: the table does not tell of a code that Medicare does not cover.
    sets = imported("mpfs", [mpfs("99990", status="N")])
    item = folder.only(sets)
    assert (item.outcome, item.needs) == (
        "not-checkable",
        "a person: the fee schedules leave the modifier open",
    )


def test_a_component_of_a_code_in_neither_fee_schedule(folder, imported):
    imported("clfs", [("88888", "", None)])
    sets = imported("mpfs", [mpfs("88888")])
    folder.code(
        section(
            "modifiers",
            entry("modifiers", "26", "conditional"),
            entry("modifiers", "TC", "not-applicable"),
            entry("modifiers", "62", "applicable"),
        )
    )
    verdicts = [item for item in folder.items(sets) if item.subject == "verdict"]
    assert [item.outcome for item in verdicts] == ["disagrees", "agrees", "not-checkable"]
    assert verdicts[0].what == (
        "neither the Medicare physician fee schedule (2026Q1) nor the Medicare clinical laboratory "
        "fee schedule (2026Q1) has a row of 99990, with modifier 26 or without; the entry says "
        "conditional; mark the entry disputed, or correct it"
    )


# --- families and overlays -----------------------------------------------------------------------------


def test_a_family_is_held_against_all_its_codes(folder, imported):
    sets = imported("mpfs", [mpfs("99990"), mpfs("99991", "1"), mpfs("99992", "1")])
    folder.code().code(code="99991").code(code="99992")
    folder.write(
        "families/a-family.yaml",
        FAMILY + section("modifiers", entry("modifiers", "26", "not-applicable")),
    )
    item = folder.only(sets)
    assert (item.entry, item.outcome) == ("families/a-family#modifiers/26", "disagrees")
    assert item.what == (
        "modifier 26 fits 99991 by the Medicare physician fee schedule (2026Q1): 99991 has a "
        "professional component (as for 99992); the entry says not-applicable; "
        "mark the entry disputed, or correct it"
    )


def test_a_family_is_not_contradicted_by_a_code_that_has_its_own_entry(folder, imported):
    sets = imported("mpfs", [mpfs("99990"), mpfs("99991", "1")])
    own = section("modifiers", entry("modifiers", "26", "applicable"))
    folder.code().code(own, code="99991")
    folder.write(
        "families/a-family.yaml",
        FAMILY + section("modifiers", entry("modifiers", "26", "not-applicable")),
    )
    told = [(item.entry, item.outcome) for item in folder.items(sets) if item.subject == "verdict"]
    assert told == [
        ("codes/99991#modifiers/26", "agrees"),
        ("families/a-family#modifiers/26", "agrees"),
    ]


def test_a_family_without_codes(folder, imported):
    folder.write(
        "families/a-family.yaml",
        FAMILY + section("modifiers", entry("modifiers", "26", "not-applicable")),
    )
    item = folder.only(imported("mpfs", [mpfs("99990")]))
    assert (item.outcome, item.needs) == (
        "not-checkable",
        "a person: the family has no code here",
    )


def test_overlays_of_payers_and_sites(folder, imported):
    sets = imported("mpfs", [mpfs("99990"), mpfs("99991", "1")])
    folder.code().code(code="99991")
    entries = section("modifiers", entry("modifiers", "26", "applicable")).replace("\n", "\n    ")
    folder.write(
        "a-payer.yaml",
        "schema: claimcheck/overlay@1\noverlay: a-payer\npayer: a-payer\nsource: the-document\n"
        f'statements:\n  - family: a-family\n    {entries.rstrip()}\n  - code: "99991"\n'
        f"    {entries.rstrip()}\n",
    )
    told = [(item.entry, item.outcome) for item in folder.items(sets) if item.subject == "verdict"]
    assert told == [
        ("payers/a-payer#a-family/modifiers/26", "disagrees"),
        ("payers/a-payer#99991/modifiers/26", "agrees"),
    ]


# --- marks ---------------------------------------------------------------------------------------------


def test_a_table_that_changes_its_mind_makes_the_mark_stale(folder, imported):
    marked = entry("modifiers", "26", "conditional", "named: Reading", mark="unfit")
    folder.code(section("modifiers", marked))
    sets = imported("mpfs", [mpfs("99990")])
    assert ("modifiers/26", "verdict", "disputed-confirmed") in folder.told(sets)
    sets = imported(
        *("mpfs", [mpfs("99990", "1")]), name="2026Q2", first=date(2026, 4, 1), last=None
    )
    (item,) = [item for item in folder.items(sets) if "#" in item.entry]
    assert (item.subject, item.outcome) == ("mark", "disputed-stale")
    assert item.what == (
        "the entry is marked disputed, and the lists agree with it: modifier 26 is in force; no list "
        "at hand has a name of 26 to hold `Reading` against; modifier 26 fits 99990 by the Medicare "
        "physician fee schedule (2026Q2): 99990 has a professional component; the entry says "
        "conditional; take the mark away"
    )
    assert (item.place.line, item.place.column) == (15, 15)


def test_a_mark_stands_while_one_answer_is_not_known(folder):
    folder.code(
        section(
            "modifiers",
            entry("modifiers", "26", "conditional", mark="unfit"),
            entry("modifiers", "53", "conditional", mark="unfit"),
        )
    )
    assert folder.told() == [
        ("modifiers/26", "value", "agrees"),
        ("modifiers/26", "verdict", "not-checkable"),
        ("modifiers/53", "value", "agrees"),
        ("modifiers/53", "verdict", "not-checkable"),
    ]


@pytest.mark.parametrize(
    ("value", "more", "told"),
    [
        ("207P00000X", "named: Surgery", [("value", "agrees"), ("name", "disputed-confirmed")]),
        ("207P00000X", "named: Emergency Medicine", [("mark", "disputed-stale")]),
        # What a provider may do, no list tells.
        ("207P00000X", None, [("value", "agrees"), ("verdict", "not-checkable")]),
        ("204V00000X", "named: Surgery", [("value", "disputed-confirmed")]),
    ],
)
def test_marks_of_taxonomies(folder, value, more, told):
    words = ("role: ordering", *([more] if more else []))
    marked = entry("taxonomies", value, "applicable", *words, mark="misnamed")
    folder.code(section("taxonomies", marked))
    assert [row[1:] for row in folder.told()] == told


def test_a_mark_that_names_what_is_not_there_is_wrong_itself(folder):
    marked = entry("taxonomies", "207P00000X", "applicable", "role: ordering", "named: Surgery")
    mark = (
        "    disputed:\n      effect: misnamed\n      because: So.\n      official-name: Surgery\n"
        '      meant: ["204V00000X"]\n      cite: {at: "x"}\n'
    )
    folder.code(section("taxonomies", marked + mark))
    items = {item.subject: item for item in folder.items() if "#" in item.entry}
    assert items["name"].outcome == "disputed-confirmed"
    assert items["official-name"].outcome == items["meant"].outcome == "disagrees"
    assert items["meant"].what == "204V00000X is in no NUCC version 9.0 to 25.1; correct it"
    assert items["meant"].place.line == 19


# --- procedure codes -----------------------------------------------------------------------------------


def of_code(folder: Folder, sets=None) -> list[tuple[str, str, str | None]]:
    return [
        (item.subject, item.outcome, item.needs)
        for item in folder.items(sets)
        if item.entry.startswith("codes/") and "#" not in item.entry
    ]


def effective(first: str, last: str = "unstated") -> str:
    return f'effective: {{from: "{first}", to: {last}, cite: {{at: "x"}}}}\n'


def dated(folder: Folder, code: str, first: str, last: str = "unstated") -> Folder:
    text = CODE.format(code=code).replace("effective: unstated\n", effective(first, last))
    folder.write(f"codes/{code}.yaml", text)
    return folder


def test_a_cpt_code_is_in_one_of_the_fee_schedules(folder, imported):
    folder.code()
    assert of_code(folder) == [("value", "not-checkable", "mpfs and clfs")]
    sets = imported("clfs", [("88888", "", None)])
    assert of_code(folder, sets) == [("value", "not-checkable", "mpfs")]
    sets = imported("mpfs", [mpfs("88888")])
    assert of_code(folder, sets) == [("value", "disagrees", None)]
    sets = imported("mpfs", [mpfs("99990")], name="2026Q2", first=date(2026, 4, 1), last=None)
    assert of_code(folder, sets) == [("value", "agrees", None)]


def test_a_code_in_no_list_is_told_with_the_lists(folder, imported):
    imported("clfs", [("88888", "", None)])
    item = next(
        item
        for item in folder.code().items(imported("mpfs", [mpfs("88888")]))
        if "#" not in item.entry
    )
    assert item.what == (
        "99990 is neither in the Medicare physician fee schedule (2026Q1) nor in the Medicare "
        "clinical laboratory fee schedule (2026Q1); mark the entry disputed, or correct it"
    )


def test_the_dates_of_a_pla_code(folder, imported):
    dated(folder, "0999U", "2025-07-01")
    assert of_code(folder) == [
        ("value", "not-checkable", "pla or clfs"),
        ("period", "not-checkable", "pla"),
    ]
    sets = imported("pla", [("0999U", "2025-07-01", None, None)])
    assert of_code(folder, sets) == [("value", "agrees", None), ("period", "agrees", None)]
    dated(folder, "0999U", "2025-04-01")
    assert of_code(folder, sets)[1:] == [("period", "disagrees", None)]
    sets = imported(
        *("pla", [("0999U", "2025-04-01", "2026-06-30", None)]),
        **{"name": "2026Q2", "first": date(2026, 4, 1), "last": None},
    )
    item = folder.items(sets)[1]
    assert item.what == (
        "the AMA list of PLA codes (2026Q2) has 0999U from 2025-04-01 to 2026-06-30, and the rule "
        "file from 2025-04-01; mark the entry disputed, or correct it"
    )
    dated(folder, "0999U", "2025-04-01", '"2026-06-30"')
    assert of_code(folder, sets)[1:] == [("period", "agrees", None)]


def test_a_list_that_is_older_than_the_code_tells_nothing(folder, imported):
    dated(folder, "0999U", "2026-04-01")
    sets = imported("pla", [("0001U", "2017-02-01", None, None)])
    assert of_code(folder, sets)[0] == ("value", "not-checkable", "pla or clfs")
    dated(folder, "0999U", "2026-03-31")
    assert of_code(folder, sets)[0] == ("value", "disagrees", None)


def test_a_hcpcs_code_and_a_cpt_code_with_dates(folder, imported):
    sets = imported("hcpcs", [("G0001", None, None, None)], last=None)
    dated(folder, "G9999", "2025-01-01")
    dated(folder, "99990", "2025-01-01")
    assert of_code(folder, sets) == [
        ("value", "not-checkable", "mpfs and clfs"),
        (
            *("period", "not-checkable"),
            "a person: no list that can be imported has dates of CPT codes",
        ),
        ("value", "disagrees", None),
        ("period", "not-checkable", "hcpcs"),
    ]
    dated(folder, "G0001", "2025-01-01")
    assert ("period", "not-checkable", "hcpcs") in of_code(folder, sets)


def test_related_codes_and_facts(folder, imported):
    related = (
        '  - code: "88888"\n    relation: follow-up\n    named: another test\n    cite: {at: "x"}\n'
        '  - code: "77777"\n    relation: follow-up\n    cite: {at: "x"}\n'
    )
    fact = (
        "  - fact: recognised\n    says: All know the code.\n"
        '    cite: {at: "x"}\n'
        '    disputed: {effect: unfit, because: So., meant: ["88888"], cite: {at: "x"}}\n'
        '  - fact: plain\n    says: It is a code.\n    cite: {at: "x"}\n'
    )
    folder.code(section("related", related) + section("facts", fact))
    imported("clfs", [("88888", "", None)])
    sets = imported("mpfs", [mpfs("99990")])
    assert folder.told(sets) == [
        ("related/88888", "value", "agrees"),
        ("related/88888", "name", "not-checkable"),
        ("related/77777", "value", "disagrees"),
        ("facts/recognised", "words", "not-checkable"),
        ("facts/recognised", "meant", "agrees"),
    ]


# --- what is read --------------------------------------------------------------------------------------


def test_the_lists_that_were_asked(imported):
    done = audit_rules([], embedded_code_sets())
    assert [(one.title, one.imported) for one in done.lists] == [
        ("ICD-10-CM", False),
        ("CMS place of service", False),
        ("modifiers", False),
        ("NUCC provider taxonomy", False),
    ]
    sets = imported("nucc", NUCC, name="26.0", last=None)
    sets = imported("mpfs", [mpfs("99990")])
    told = [(one.title, one.edition) for one in audit_rules([], sets).lists if one.imported]
    assert told == [
        ("NUCC provider taxonomy", "26.0"),
        ("Medicare physician fee schedule", "2026Q1"),
    ]


def test_a_pack_is_refused(tmp_path):
    path = tmp_path / "my.pack"
    write_pack(bundled_rules(), path)
    with pytest.raises(ConfigurationError) as caught:
        audit_rules([path], embedded_code_sets())
    assert str(caught.value) == (
        f"{path}: is a pack, which does not tell where its entries were written; "
        "give the folder that it was made from"
    )


def test_a_broken_rule_file_stops_the_audit(folder):
    folder.write("codes/99990.yaml", "schema: claimcheck/code@1\n")
    with pytest.raises(RuleFileError):
        audit_rules([folder.path], embedded_code_sets())
