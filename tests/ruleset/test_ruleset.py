import gc
import pickle
import threading
from datetime import date
from hashlib import sha256

import pytest

from claimcheck.errors import RuleFileError
from claimcheck.ruleset import load_rules
from claimcheck.ruleset.codec import encode
from claimcheck.ruleset.load import read_folder
from claimcheck.ruleset.ruleset import empty_rules, plain_name
from claimcheck.ruleset.stack import stack_rules

DAY = date(2026, 5, 4)


def verdict(ruling):
    return None if ruling is None else ruling.entry.verdict


@pytest.fixture
def layered(write, entry):
    base = {
        "family": "laboratory",
        "modifiers": [
            entry("modifiers", "90", "applicable"),
            entry("modifiers", "Q-", "not-applicable"),
        ],
        "conflicts": [{"modifiers": ["26", "TC"], "because": "Wide.", "cite": {"at": "x"}}],
    }
    family = {
        "family": "pla",
        "extends": "laboratory",
        "modifiers": [entry("modifiers", "26", "not-applicable")],
        "facts": [{"fact": "one-laboratory", "says": "Wide.", "cite": {"at": "x"}}],
    }
    code = {
        "code": "0252U",
        "family": "pla",
        "modifiers": [
            entry("modifiers", "26", "conditional", when="a-condition"),
            entry("modifiers", "80", "not-applicable"),
        ],
        "conflicts": [{"modifiers": ["TC", "26"], "because": "Narrow.", "cite": {"at": "x"}}],
        "facts": [{"fact": "one-laboratory", "says": "Narrow.", "cite": {"at": "x"}}],
        "related": [{"code": "88271", "relation": "a sibling", "cite": {"at": "x"}}],
        "payers": [{"payer": "blue-cross", "named": "Blue Cross", "cite": {"at": "x"}}],
    }
    payer = {
        "overlay": "aetna",
        "payer": "aetna",
        "statements": [
            {"code": "0252U", "modifiers": [entry("modifiers", "90", "not-applicable")]},
            {"family": "pla", "modifiers": [entry("modifiers", "80", "applicable")]},
        ],
    }
    site = {
        "overlay": "a-site",
        "statements": [
            {"family": "laboratory", "modifiers": [entry("modifiers", "QX", "applicable")]}
        ],
    }
    other = {"code": "81452", "family": "laboratory"}
    return load_rules(write("rules", base, family, code, payer, site, other), bundled=False)


def test_the_narrowest_layer_decides_whole(layered):
    rule = layered.rule("0252U", None, DAY)
    assert rule.families == ("laboratory", "pla")
    ruling = rule.modifier("26")
    assert ruling.entry.id == "codes/0252U#modifiers/26"
    assert ruling.layers == ("families/pla", "codes/0252U")
    assert verdict(rule.modifier("QK")) == "not-applicable"
    assert rule.modifier("QX").layers == ("families/laboratory", "sites/a-site")
    assert verdict(rule.modifier("QX")) == "applicable"
    assert rule.modifier("77") is None
    assert rule.modifier("26") is ruling


def test_a_payers_overlay_speaks_for_that_payer_only(layered):
    plain, aetna = layered.rule("0252U", None, DAY), layered.rule("0252U", "aetna", DAY)
    assert verdict(plain.modifier("90")) == "applicable"
    assert verdict(aetna.modifier("90")) == "not-applicable"
    # What an overlay says of a family stands above the code's own file.
    assert verdict(plain.modifier("80")) == "not-applicable"
    assert verdict(aetna.modifier("80")) == "applicable"
    assert layered.rule("0252U", "somebody", DAY) is plain


def test_of_equal_conflicts_and_facts_the_narrowest_layers_stand(layered):
    rule = layered.rule("0252U", None, DAY)
    assert [conflict.because for conflict in rule.conflicts] == ["Narrow."]
    assert [fact.says for fact in rule.facts] == ["Narrow."]
    assert [related.code for related in rule.related] == ["88271"]
    assert rule.payers == ("blue-cross",)


def test_entries_and_statements_come_layer_by_layer(layered):
    rule = layered.rule("0252U", "aetna", DAY)
    assert [part.layer for part in rule.statements] == [
        "families/laboratory",
        "families/pla",
        "codes/0252U",
        "payers/aetna",
        "payers/aetna",
        "sites/a-site",
    ]
    assert [entry.value for entry in rule.entries()] == "90 Q- 26 26 80 80 90 QX".split()  # noqa: SIM905
    assert repr(rule) == (
        "<Rule 0: 0252U from families/laboratory, families/pla, codes/0252U, payers/aetna, "
        "payers/aetna, sites/a-site>"
    )


def test_a_layer_that_says_nothing_changes_nothing(layered, write, tmp_path):
    silent = {"overlay": "silent", "statements": [{"code": "0252U"}, {"family": "pla"}]}
    with_silence = load_rules(
        tmp_path / "rules", write("more", silent, sources=False), bundled=False
    )
    assert with_silence.name == "rules+more"
    for payer in (None, "aetna"):
        before, after = (rules.rule("0252U", payer, DAY) for rules in (layered, with_silence))
        assert before.entries() == after.entries()
        for modifier in ("26", "80", "90", "QK", "QX", "77"):
            assert before.modifier(modifier) == after.modifier(modifier)


def test_rules_are_numbered_in_the_order_of_their_first_use(layered):
    first = layered.rule("81452", None, DAY)
    second = layered.rule("0252U", "aetna", None)
    assert (first.number, second.number) == (0, 1)
    assert layered.rule("81452", "aetna", date(1999, 1, 1)) is not None
    assert layered.rule("81452", None, None) is first
    assert layered.rule("99999", None, DAY) is None
    assert layered.code_file("99999") is None


def test_many_threads_get_one_rule(layered):
    found = []
    start = threading.Barrier(8)

    def ask():
        start.wait()
        found.append(layered.rule("0252U", "aetna", DAY))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(rule) for rule in found}) == 1


@pytest.fixture
def dated(write, entry):
    code = {
        "code": "0252U",
        "effective": {"from": "2021-07-01", "cite": {"at": "x"}},
        "modifiers": [
            entry("modifiers", "80", "applicable", effective={"to": "2024-06-30"}),
            entry(
                "modifiers",
                "80",
                "not-applicable",
                effective={"from": "2024-07-01", "to": "2025-12-31"},
            ),
        ],
        "places": [entry("places", "81", "applicable", effective={"from": "2025-01-01"})],
    }
    return load_rules(write("rules", {"family": "laboratory"}, code), bundled=False)


def test_periods_are_inclusive_on_both_ends(dated):
    said = {
        day: verdict(dated.rule("0252U", None, date.fromisoformat(day)).modifier("80"))
        for day in ("2000-01-01", "2024-06-30", "2024-07-01", "2025-12-31", "2026-01-01")
    }
    assert list(said.values()) == [
        "applicable",
        "applicable",
        "not-applicable",
        "not-applicable",
        None,
    ]


def test_an_undated_line_takes_what_is_open(dated):
    rule = dated.rule("0252U")
    assert rule.modifier("80") is None
    assert rule.had("modifiers")
    assert not rule.has("modifiers")
    assert rule.has("places")
    assert not rule.had("diagnoses")
    assert rule is dated.rule("0252U", None, date(2030, 1, 1))


def test_boundaries_are_all_days_on_which_something_begins_or_has_ended(dated):
    assert {day.isoformat() for day in dated.boundaries} == {
        "2021-07-01",
        "2024-07-01",
        "2025-01-01",
        "2026-01-01",
    }


def test_rules_are_the_same_object_where_the_same_is_in_force(dated):
    days = [date(2000, 1, 1), date(2021, 7, 2), date(2024, 6, 30)]
    assert len({id(dated.rule("0252U", None, day)) for day in days}) == 1
    days += [date(2024, 7, 1), date(2025, 1, 1), date(2026, 1, 1), None]
    assert [dated.rule("0252U", None, day).number for day in days] == [0, 0, 0, 1, 2, 3, 3]


def test_taxonomies_have_roles(write, entry):
    dispute = {"effect": "unfit", "because": "A.", "meant": ["207V00000X"], "cite": {"at": "x"}}
    code = {
        "code": "0252U",
        "taxonomies": [
            entry("taxonomies", "207P00000X", "applicable", role="ordering", disputed=dispute),
            entry("taxonomies", "291U00000X", "applicable", role="performing"),
            entry("taxonomies", "12-", "not-applicable", role="performing", disputed=dispute),
        ],
    }
    folder = write("rules", {"family": "laboratory"}, code)
    rule = load_rules(folder, bundled=False).rule("0252U")
    assert verdict(rule.taxonomy("291U00000X", "performing")) == "applicable"
    assert rule.taxonomy("291U00000X", "ordering") is None
    assert verdict(rule.taxonomy("122300000X", "performing")) == "not-applicable"
    assert rule.has_role("ordering")
    assert not rule.has_role("billing")
    assert rule.meant("207V00000X", "ordering").value == "207P00000X"
    assert rule.meant("207V00000X", "performing").value == "12-"
    assert rule.meant("291U00000X", "ordering") is None

    site = {
        "overlay": "a-site",
        "statements": [
            {
                "code": "0252U",
                "taxonomies": [entry("taxonomies", "207P00000X", "applicable", role="ordering")],
            }
        ],
    }
    above = load_rules(folder, write("site", site, sources=False), bundled=False).rule("0252U")
    assert above.meant("207V00000X", "ordering") is None


def test_diagnoses_are_compared_without_their_dot(write, entry):
    values = ["C34..C39", "C3-", "C34.-", "C34.9"]
    verdicts = ["secondary", "indicated", "not-indicated", "secondary"]
    diagnoses = [entry("diagnoses", v, w) for v, w in zip(values, verdicts, strict=True)]
    code = {"code": "81452", "diagnoses": diagnoses}
    folder = write("rules", {"family": "laboratory"}, code)
    rule = load_rules(folder, bundled=False).rule("81452")
    found = [rule.diagnosis(value).entry.value for value in ("C349", "C341", "C351")]
    assert found == ["C34.9", "C34.-", "C3-"]
    assert rule.diagnosis("D00") is None


def test_the_memory_of_rulings_is_bounded(layered, monkeypatch):
    monkeypatch.setattr("claimcheck.ruleset.model._MEMO_SIZE", 3)
    rule = layered.rule("0252U")
    for number in range(20):
        rule.modifier(f"{number:02d}")
    assert len(rule._memo) <= 3
    assert verdict(rule.modifier("90")) == "applicable"


def test_payers_are_known_however_they_are_written(write):
    payers = [
        {
            "payer": "blue-cross-blue-shield",
            "named": "Blue Cross Blue Shield",
            "also-written": ["BCBS"],
            "cite": {"at": "x"},
        }
    ]
    overlay = {
        "overlay": "aetna-2026",
        "payer": "aetna",
        "statements": [{"code": "0252U", "payers": [{**payers[0], "also-written": ["Blues"]}]}],
    }
    code = {"code": "0252U", "payers": payers}
    rules = load_rules(write("rules", {"family": "laboratory"}, code, overlay), bundled=False)
    for text in ("Blue Cross / Blue Shield", "b.c.b.s.", "blue-cross-blue-shield", " BLUES "):
        assert rules.payer_key(text) == "blue-cross-blue-shield"
    assert rules.payer_key("AETNA") == "aetna"
    assert rules.payer_key("Cigna") is None
    assert dict(rules.payers) == {
        "aetna": "aetna",
        "blue-cross-blue-shield": "Blue Cross Blue Shield",
    }
    assert plain_name(" A. B-c ") == "abc"


def test_replaces_holds_over_all_days_of_the_entry(write, entry):
    code = {
        "code": "0252U",
        "modifiers": [
            entry("modifiers", "80", "applicable", effective={"to": "2024-06-30"}),
            entry("modifiers", "80", "not-applicable", effective={"from": "2024-07-01"}),
        ],
        "diagnoses": [
            entry("diagnoses", "C34.-", "indicated"),
            entry("diagnoses", "C34.9", "secondary"),
        ],
    }
    folder = write("rules", {"family": "laboratory"}, code)

    def load(section, value, verdict, replaces, **more):
        said = entry(section, value, verdict, replaces=replaces, **more)
        site = {"overlay": "a-site", "statements": [{"code": "0252U", section: [said]}]}
        return load_rules(folder, write("site", site, sources=False), bundled=False)

    load("modifiers", "80", "applicable", "not-applicable", effective={"from": "2024-07-01"})
    load("modifiers", "80", "not-applicable", "applicable", effective={"to": "2024-06-30"})
    load("modifiers", "81", "not-applicable", "unlisted")
    load("diagnoses", "C34.9", "indicated", "secondary")
    load("diagnoses", "C34.1", "secondary", "indicated")
    load("diagnoses", "C3-", "secondary", "unlisted")
    with pytest.raises(RuleFileError, match=r"applicable .* and not-applicable .* stale"):
        load("modifiers", "80", "not-applicable", "not-applicable")
    with pytest.raises(RuleFileError, match="nothing of it"):
        load("diagnoses", "C3-", "secondary", "indicated")


def test_a_rule_set_says_what_it_is_and_survives_pickling(layered):
    assert repr(layered) == f"<RuleSet rules {layered.version}: 2 codes>"
    again = pickle.loads(pickle.dumps(layered))  # noqa: S301  # our own bytes
    assert again.hash == layered.hash
    assert (again.name, again.version) == (layered.name, layered.version)
    assert again.rule("0252U", "aetna", DAY).modifier("90") == layered.rule(
        "0252U", "aetna", DAY
    ).modifier("90")


def test_the_hash_knows_content_and_not_place(layered, write, entry, tmp_path):
    folder = tmp_path / "rules"
    moved = folder.rename(tmp_path / "elsewhere")
    assert load_rules(moved, bundled=False).hash == layered.hash
    path = moved / "codes" / "81452.yaml"
    path.write_text("# a comment\n" + path.read_text())
    assert load_rules(moved, bundled=False).hash == layered.hash
    path.write_text(path.read_text().replace("A test", "Another test"))
    assert load_rules(moved, bundled=False).hash != layered.hash


def test_the_hash_is_of_every_part_by_its_name(layered):
    parts = [("source the-document", layered.sources["the-document"])]
    parts += [(f"family {name}", layered.families[name]) for name in ("laboratory", "pla")]
    parts += [(f"code {code}", layered.code_file(code)) for code in ("0252U", "81452")]
    parts += [
        (f"overlay {name}", next(o for o in layered.overlays if o.name == name))
        for name in ("aetna", "a-site")
    ]
    rows = [f"{name} {sha256(encode(part)).hexdigest()}\n" for name, part in parts]
    whole = "".join(["claimcheck rule set 1\n", *rows]).encode()
    assert layered.hash == sha256(whole).hexdigest()


def test_rule_sets_are_equal_by_name_version_and_content(layered, write, tmp_path):
    same = load_rules(tmp_path / "rules", bundled=False)
    assert same == layered
    assert hash(same) == hash(layered)
    assert layered != "rules"
    renamed = load_rules((tmp_path / "rules").rename(tmp_path / "other"), bundled=False)
    assert renamed.hash == layered.hash
    assert renamed != layered
    (tmp_path / "other").rename(tmp_path / "rules")
    code = tmp_path / "rules" / "codes" / "81452.yaml"
    code.write_text(code.read_text().replace("A test", "Another test"))
    assert load_rules(tmp_path / "rules", bundled=False) != layered


def test_a_rule_set_without_rules():
    rules = empty_rules()
    assert repr(rules) == f"<RuleSet empty {rules.version}: 0 codes>"
    assert rules.rule("0252U") is None
    assert (rules.conditions, rules.boundaries, dict(rules.payers)) == (set(), set(), {})
    assert rules.hash == sha256(b"claimcheck rule set 1\n").hexdigest()


def test_a_payers_key_gives_way_to_its_name_whichever_comes_first(write):
    payers = [{"payer": "aetna", "named": "Aetna", "cite": {"at": "x"}}]
    first = {"overlay": "a-first", "payer": "aetna", "statements": [{"code": "0252U"}]}
    code = {"code": "0252U", "payers": payers}
    below = write("below", {"family": "laboratory"}, code)
    assert dict(load_rules(below, bundled=False).payers) == {"aetna": "Aetna"}
    above = load_rules(below, write("above", first, sources=False), bundled=False)
    assert dict(above.payers) == {"aetna": "Aetna"}
    assert above.payer_key("AETNA") == "aetna"
    again = [{"payer": "aetna", "named": "Aetna Life", "cite": {"at": "x"}}]
    other = {"code": "81452", "payers": again}
    both = load_rules(below, write("other", other, sources=False), bundled=False)
    assert dict(both.payers) == {"aetna": "Aetna"}
    assert both.payer_key("aetna life") == "aetna"
    named = {
        "overlay": "a-named",
        "payer": "aetna",
        "statements": [{"code": "0252U", "payers": again}],
    }
    one = load_rules(
        write("one", {"family": "laboratory"}, {"code": "0252U"}, named), bundled=False
    )
    assert dict(one.payers) == {"aetna": "Aetna Life"}


def test_what_a_rule_set_knows_of_all_its_files(write, entry):
    family = {
        "family": "laboratory",
        "modifiers": [entry("modifiers", "26", "conditional", when="in-the-family")],
        "facts": [
            {"fact": "a", "says": "A.", "cite": {"at": "x"}, "effective": {"to": "2020-12-31"}}
        ],
    }
    code = {
        "code": "0252U",
        "effective": {"from": "2021-07-01", "cite": {"at": "x"}},
        "modifiers": [entry("modifiers", "90", "conditional", when="in-the-code")],
    }
    said = entry("modifiers", "80", "conditional", when="in-the-overlay")
    site = {
        "overlay": "a-site",
        "statements": [
            {"code": "0252U", "modifiers": [{**said, "effective": {"from": "2023-01-01"}}]}
        ],
    }
    rules = load_rules(write("rules", family, code, site), bundled=False)
    assert rules.conditions == {"in-the-family", "in-the-code", "in-the-overlay"}
    days = sorted(day.isoformat() for day in rules.boundaries)
    assert days == ["2021-01-01", "2021-07-01", "2023-01-01"]


def test_replaces_looks_at_the_layer_that_decides_below(write, entry):
    family = {
        "family": "laboratory",
        "modifiers": [
            entry("modifiers", "80", "applicable"),
            entry("modifiers", "81", "applicable"),
        ],
    }
    code = {"code": "0252U", "modifiers": [entry("modifiers", "80", "not-applicable")]}
    said = entry("modifiers", "81", "not-applicable")
    payer = {
        "overlay": "aetna",
        "payer": "aetna",
        "statements": [{"family": "laboratory", "modifiers": [said]}],
    }
    below = write("rules", family, code, payer)

    def load(about, modifier, replaces, **more):
        said = entry("modifiers", modifier, "applicable", replaces=replaces)
        over = {"overlay": "over", **more, "statements": [{**about, "modifiers": [said]}]}
        return load_rules(below, write("over", over, sources=False), bundled=False)

    load({"code": "0252U"}, "80", "not-applicable")
    load({"family": "laboratory"}, "80", "applicable")
    load({"code": "0252U"}, "81", "applicable")
    load({"code": "0252U"}, "81", "not-applicable", payer="aetna")
    load({"family": "laboratory"}, "81", "not-applicable", payer="aetna")
    load({"family": "laboratory"}, "81", "applicable")
    load({"family": "laboratory"}, "81", "applicable", payer="cigna")
    with pytest.raises(RuleFileError, match="stale"):
        load({"code": "0252U"}, "80", "applicable")
    with pytest.raises(RuleFileError, match="stale"):
        load({"family": "laboratory"}, "81", "not-applicable", payer="cigna")


def test_an_overlay_that_lies_below_is_known_by_its_name(layered, write):
    again = {"overlay": "aetna", "statements": [{"code": "0252U"}]}
    more = write("more", again, sources=False)
    with pytest.raises(RuleFileError) as caught:
        stack_rules([more], layered)
    assert str(caught.value) == (
        f"{more / 'payers' / 'aetna.yaml'}:3:12: a second file for overlay aetna, besides rules "
        f"{layered.version}; an overlay has one file; allowed: another name"
    )


@pytest.mark.parametrize("on", [True, False])
def test_reading_leaves_the_collector_as_it_was(write, monkeypatch, on):
    seen = []

    def reading(folder):
        seen.append(gc.isenabled())
        return read_folder(folder)

    monkeypatch.setattr("claimcheck.ruleset.build.read_folder", reading)
    was_on = gc.isenabled()
    (gc.enable if on else gc.disable)()
    try:
        load_rules(write("rules", {"family": "laboratory"}), bundled=False)
        assert (seen, gc.isenabled()) == ([False], on)
    finally:
        (gc.enable if was_on else gc.disable)()


def test_where_there_are_no_sources_at_all(write):
    folder = write("rules", {"family": "laboratory"}, sources=False)
    with pytest.raises(RuleFileError) as caught:
        load_rules(folder, bundled=False)
    assert [problem.message for problem in caught.value.problems] == [
        "source `the-document` is in no sources.yaml; there is none"
    ]


def test_a_statement_may_hold_for_one_day(write, entry):
    one = {"effective": {"from": "2024-07-01", "to": "2024-07-01"}}
    code = {"code": "0252U", "modifiers": [entry("modifiers", "80", "applicable", **one)]}
    rules = load_rules(write("rules", {"family": "laboratory"}, code), bundled=False)
    days = [date(2024, 6, 30), date(2024, 7, 1), date(2024, 7, 2)]
    said = [verdict(rules.rule("0252U", None, day).modifier("80")) for day in days]
    assert said == [None, "applicable", None]


def test_each_entry_that_replaces_is_looked_at(write, entry):
    folder = write("rules", {"family": "laboratory"}, {"code": "0252U"})
    said = [
        entry("modifiers", "79", "applicable"),
        entry("modifiers", "80", "applicable", replaces="conditional"),
        entry("modifiers", "81", "applicable", replaces="applicable"),
    ]
    site = {"overlay": "a-site", "statements": [{"code": "0252U", "modifiers": said}]}
    with pytest.raises(RuleFileError) as caught:
        load_rules(folder, write("site", site, sources=False), bundled=False)
    stale = (
        "but the layers below say nothing of it; the overlay is stale: read what lies below again"
    )
    assert [problem.message for problem in caught.value.problems] == [
        f"`replaces: conditional`, {stale}",
        f"`replaces: applicable`, {stale}",
    ]


def test_where_there_are_no_families_at_all(write):
    with pytest.raises(RuleFileError) as caught:
        load_rules(write("rules", {"code": "0252U"}), bundled=False)
    assert [problem.message for problem in caught.value.problems] == [
        "no rule file for family laboratory; there is none"
    ]
