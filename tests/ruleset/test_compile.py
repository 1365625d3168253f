from datetime import date

from claimcheck.dates import Period
from claimcheck.finding import Citation
from claimcheck.ruleset import load_rules
from claimcheck.ruleset.model import (
    CodeFile,
    Conflict,
    Dispute,
    Fact,
    Family,
    PayerName,
    Related,
    Source,
    Statements,
)


def test_entry_ids(write, entry):
    later = {"effective": {"from": "2024-01-01"}}
    earlier = {"effective": {"to": "2023-12-31"}}
    code = {
        "code": "81452",
        "modifiers": [
            entry("modifiers", "80", "not-applicable"),
            entry("modifiers", "26", "applicable", **earlier),
            entry("modifiers", "26", "not-applicable", **later),
        ],
        "places": [entry("places", "81", "applicable")],
        "diagnoses": [entry("diagnoses", "C34.-", "indicated")],
        "taxonomies": [
            entry("taxonomies", "207P00000X", "applicable", role="ordering"),
            entry("taxonomies", "207P00000X", "applicable", role="performing"),
        ],
        "conflicts": [{"modifiers": ["26", "TC"], "because": "A.", "cite": {"at": "x"}}],
        "payers": [{"payer": "aetna", "named": "Aetna", "cite": {"at": "x"}}],
        "related": [{"code": "88271", "relation": "a sibling", "cite": {"at": "x"}}],
        "facts": [{"fact": "one-laboratory", "says": "One.", "cite": {"at": "x"}}],
    }
    family = {"family": "laboratory", "places": [entry("places", "81", "applicable")]}
    statements = [
        {"code": "81452", "modifiers": [entry("modifiers", "90", "applicable")]},
        {"family": "laboratory", "modifiers": [entry("modifiers", "90", "applicable")]},
    ]
    payer = {"overlay": "aetna", "payer": "aetna", "statements": statements}
    site = {"overlay": "my-lab", "statements": statements}
    rules = load_rules(write("rules", code, family, payer, site), bundled=False)

    file = rules.code_file("81452")
    assert file is not None
    said = file.statements
    things = [*said.entries(), *said.conflicts, *said.payers, *said.related, *said.facts]
    assert [thing.id.removeprefix("codes/81452#") for thing in things] == [
        "modifiers/80",
        "modifiers/26@unstated",
        "modifiers/26@2024-01-01",
        "places/81",
        "diagnoses/C34.-",
        "taxonomies/207P00000X/ordering",
        "taxonomies/207P00000X/performing",
        "conflicts/26+TC",
        "payers/aetna",
        "related/88271",
        "facts/one-laboratory",
    ]
    assert rules.families["laboratory"].statements.places[0].id == "families/laboratory#places/81"
    assert [part.statements.modifiers[0].id for o in rules.overlays for part in o.statements] == [
        "payers/aetna#81452/modifiers/90",
        "payers/aetna#laboratory/modifiers/90",
        "sites/my-lab#81452/modifiers/90",
        "sites/my-lab#laboratory/modifiers/90",
    ]


def test_everything_that_an_entry_may_say(write, entry):
    dispute = {
        "effect": "misnamed",
        "because": "Another name.",
        "official-name": "Emergency Medicine",
        "meant": ["207V00000X"],
        "cite": [{"at": "a"}, {"source": "the-document", "at": "b"}],
    }
    exclusion = {"codes": ["O00..O9A"], "because": "Excludes1.", "cite": {"at": "c"}}
    code = {
        "code": "81452",
        "effective": {"from": "2021-07-01", "to": "2025-12-31", "cite": {"at": "d"}},
        "disputed": {"effect": "unfit", "because": "In no list.", "cite": {"at": "e"}},
        "modifiers": [
            entry("modifiers", "80", "not-applicable", hedged="yes", **{"belongs-to": "surgery"}),
            entry("modifiers", "26", "conditional", when="a-condition", document="the report"),
        ],
        "diagnoses": [entry("diagnoses", "Z34.90", "secondary", excludes=[exclusion])],
        "taxonomies": [
            entry(
                "taxonomies",
                "207P00000X",
                "applicable",
                role="ordering",
                named="Obstetrics",
                derived="read from its name",
                disputed=dispute,
            )
        ],
    }
    rules = load_rules(write("rules", {"family": "laboratory"}, code), bundled=False)
    file = rules.code_file("81452")
    assert file is not None
    assert file.period == Period(date(2021, 7, 1), date(2025, 12, 31))
    assert file.period_citations == (Citation("the-document", "d"),)
    assert file.dispute is not None
    assert file.dispute.effect == "unfit"
    assistant, professional = file.statements.modifiers
    assert (assistant.hedged, assistant.belongs_to) == (True, "surgery")
    assert (professional.hedged, professional.when) == (False, "a-condition")
    assert professional.document == "the report"
    assert rules.conditions == {"a-condition"}
    (supervision,) = file.statements.diagnoses
    assert supervision.excludes[0].holds("O039")
    assert not supervision.excludes[0].holds("P039")
    (doctor,) = file.statements.taxonomies
    assert doctor.dispute is not None
    assert doctor.dispute.meant == ("207V00000X",)
    assert doctor.dispute.official_name == "Emergency Medicine"
    assert doctor.dispute.citations == (
        Citation("the-document", "a"),
        Citation("the-document", "b"),
    )
    assert (doctor.named, doctor.derived) == ("Obstetrics", "read from its name")


def test_what_is_not_said(write):
    code = {"code": "81452", "title": None, "family": None}
    folder = write("rules", {"family": "laboratory"})
    lines = ["schema: claimcheck/code@1", 'code: "81452"', "source: the-document"]
    lines += ["status: draft", "effective: unstated"]
    (folder / "codes").mkdir()
    (folder / "codes" / f"{code['code']}.yaml").write_text("\n".join(lines))
    rule = load_rules(folder, bundled=False).rule("81452")
    assert rule is not None
    assert (rule.title, rule.families, rule.period) == ("untitled", (), Period())
    assert rule.entries() == ()


CITE = {
    "cite": {"at": "row 1"},
    "derived": "read from its name",
    "effective": {"from": "2024-01-01"},
}
SAID = {
    "citations": (Citation("the-document", "row 1"),),
    "derived": "read from its name",
    "period": Period(date(2024, 1, 1)),
}
DISPUTED = {"effect": "unfit", "because": "In no list.", "cite": {"at": "list"}}
DISPUTE = Dispute("unfit", "In no list.", (Citation("the-document", "list"),))


def test_everything_that_the_lists_may_say(write):
    code = {
        "code": "81452",
        "conflicts": [{"modifiers": ["26", "TC"], "because": "A reason.", **CITE}],
        "payers": [
            {
                "payer": "aetna",
                "named": "Aetna",
                "also-written": ["Aetna Life"],
                "because": "Examined.",
                **CITE,
            }
        ],
        "related": [
            {
                "code": "88271",
                "relation": "a sibling",
                "named": "Its name",
                "because": "A reason.",
                "disputed": DISPUTED,
                **CITE,
            }
        ],
        "facts": [
            {
                "fact": "one-laboratory",
                "says": "One.",
                "because": "A reason.",
                "disputed": DISPUTED,
                **CITE,
            }
        ],
    }
    rules = load_rules(write("rules", {"family": "laboratory"}, code), bundled=False)
    file = rules.code_file("81452")
    assert file is not None
    layer, because = "codes/81452", "A reason."
    assert file.statements.conflicts == (
        Conflict(f"{layer}#conflicts/26+TC", layer, ("26", "TC"), because, **SAID),
    )
    assert file.statements.payers == (
        PayerName(
            f"{layer}#payers/aetna",
            "aetna",
            "Aetna",
            ("Aetna Life",),
            because="Examined.",
            **SAID,
        ),
    )
    assert file.statements.related == (
        Related(
            f"{layer}#related/88271",
            "88271",
            "a sibling",
            because=because,
            named="Its name",
            dispute=DISPUTE,
            **SAID,
        ),
    )
    assert file.statements.facts == (
        Fact(
            f"{layer}#facts/one-laboratory",
            layer,
            "one-laboratory",
            "One.",
            because=because,
            dispute=DISPUTE,
            **SAID,
        ),
    )


def test_everything_that_a_file_may_say_of_itself(write):
    code = {
        "code": "81452",
        "title": "A panel",
        "status": "reviewed",
        "effective": {"from": "2021-07-01", "cite": {"at": "row 1"}},
        "disputed": DISPUTED,
    }
    base = {"family": "laboratory", "title": "Tests", "status": "reviewed"}
    folder = write("rules", base, code)
    (folder / "families" / "pla.yaml").write_text(
        "schema: claimcheck/family@1\nfamily: pla\nextends: laboratory\nstatus: draft\n"
    )
    (folder / "sources.yaml").write_text(
        "schema: claimcheck/sources@1\n"
        "sources:\n"
        "  - id: the-document\n"
        "    title: The document\n"
        "    publisher: The publisher\n"
        "    kind: primary\n"
        '    date: "2026-05"\n'
        f'    sha256: "{"0a" * 32}"\n'
        "    note: Read in May.\n"
    )
    rules = load_rules(folder, bundled=False)
    assert rules.code_file("81452") == CodeFile(
        code="81452",
        title="A panel",
        status="reviewed",
        source="the-document",
        family="laboratory",
        period=Period(date(2021, 7, 1)),
        period_citations=(Citation("the-document", "row 1"),),
        dispute=DISPUTE,
        statements=Statements("codes/81452", "code"),
    )
    said = Statements("families/laboratory", "family")
    assert rules.families["laboratory"] == Family(
        "laboratory", "Tests", "reviewed", "the-document", None, said
    )
    said = Statements("families/pla", "family")
    assert rules.families["pla"] == Family("pla", "untitled", "draft", None, "laboratory", said)
    assert rules.sources["the-document"] == Source(
        "the-document",
        "The document",
        "The publisher",
        "primary",
        "2026-05",
        "0a" * 32,
        "Read in May.",
    )


def test_whose_an_overlay_is(write, entry):
    said = {"code": "81452", "modifiers": [entry("modifiers", "90", "applicable")]}
    payer = {"overlay": "aetna", "payer": "aetna", "statements": [said]}
    site = {"overlay": "my-lab", "statements": [said]}
    folder = write("rules", {"family": "laboratory"}, {"code": "81452"}, payer, site)
    overlays = load_rules(folder, bundled=False).overlays
    assert [(o.name, o.payer, o.source) for o in overlays] == [
        ("aetna", "aetna", "the-document"),
        ("my-lab", None, "the-document"),
    ]
    statements = [part.statements for overlay in overlays for part in overlay.statements]
    assert [(part.layer, part.kind) for part in statements] == [
        ("payers/aetna", "payer"),
        ("sites/my-lab", "site"),
    ]
    assert [entry.replaces for part in statements for entry in part.modifiers] == [None, None]
