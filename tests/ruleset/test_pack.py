import os
import subprocess
import sys
from datetime import date
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claimcheck.errors import ClaimcheckError, RuleFileError
from claimcheck.ruleset import load_rules, open_pack, write_pack
from claimcheck.ruleset.codec import encode
from claimcheck.ruleset.pack import is_pack, pack_bytes, unpack

DAYS = ["2021-07-01", "2024-01-01", "2024-06-30", "2024-07-01", "2026-05-04"]
VERDICTS = {
    "modifiers": ["applicable", "not-applicable"],
    "places": ["applicable", "not-applicable"],
    "diagnoses": ["indicated", "secondary", "not-indicated"],
}
VALUES = {
    "modifiers": ["80", "26", "8-", "Q-", "P1..P6", "QK"],
    "places": ["81", "8-", "11..23"],
    "diagnoses": ["O03.9", "O03.-", "C81..C96", "C90.00"],
}
ASKED = {
    "modifiers": ["80", "81", "26", "QK", "P3", "77"],
    "places": ["81", "82", "12", "97"],
    "diagnoses": ["O039", "O034", "C9000", "C9001", "N96"],
}


@st.composite
def sections(draw):
    found = {}
    for section, verdicts in VERDICTS.items():
        key = {"modifiers": "modifier", "places": "place", "diagnoses": "diagnosis"}[section]
        entries = []
        for value in draw(st.lists(st.sampled_from(VALUES[section]), unique=True)):
            said = {
                key: value,
                "verdict": draw(st.sampled_from(verdicts)),
                "because": draw(st.sampled_from(["A reason.", "Größe, “quoted”: yes", "#"])),
                "cite": {"at": draw(st.sampled_from(["row 1", "~", "00"]))},
            }
            if draw(st.booleans()):
                first, last = sorted(draw(st.tuples(*[st.sampled_from(DAYS)] * 2)))
                said["effective"] = {"from": first, "to": draw(st.sampled_from([last, "unstated"]))}
            entries.append(said)
        found[section] = entries
    return found


@st.composite
def trees(draw):
    overlay = {
        "overlay": "an-overlay",
        "statements": [{"code": "0252U", **draw(sections())}, {"family": "f", **draw(sections())}],
    }
    if draw(st.booleans()):
        overlay["payer"] = "aetna"
    return [
        {"family": "f", **draw(sections())},
        {"code": "0252U", "family": "f", **draw(sections())},
        {"code": "81452", "family": "f", **draw(sections())},
        overlay,
    ]


def rulings(rules):
    for code in rules.codes:
        for payer in (None, "aetna"):
            for day in (None, *map(date.fromisoformat, DAYS)):
                rule = rules.rule(code, payer, day)
                yield rule.number, rule.entries()
                yield [rule.modifier(value) for value in ASKED["modifiers"]]
                yield [rule.place(value) for value in ASKED["places"]]
                yield [rule.diagnosis(value) for value in ASKED["diagnoses"]]


@given(trees())
@settings(max_examples=60, deadline=None)
def test_a_pack_says_what_its_yaml_says(folder_writer, files):
    with TemporaryDirectory() as name:
        rules = load_rules(folder_writer(Path(name) / "rules", *files), bundled=False)
        write_pack(rules, Path(name) / "rules.pack")
        opened = open_pack(Path(name) / "rules.pack")
        assert opened.hash == rules.hash
        assert (opened.name, opened.version) == (rules.name, rules.version)
        assert opened.boundaries == rules.boundaries
        assert opened.conditions == rules.conditions
        assert dict(opened.payers) == dict(rules.payers)
        assert dict(opened.sources) == dict(rules.sources)
        assert list(rulings(opened)) == list(rulings(rules))
        assert pack_bytes(opened) == (Path(name) / "rules.pack").read_bytes()


@pytest.fixture
def rules(write, entry):
    code = {"code": "0252U", "modifiers": [entry("modifiers", "80", "not-applicable")]}
    return load_rules(
        write("rules", {"family": "laboratory"}, code, {"code": "81452"}), bundled=False
    )


def test_nothing_is_left_behind_when_writing_fails(rules, tmp_path, monkeypatch):
    target = tmp_path / "out" / "rules.pack"
    with pytest.raises(OSError, match="No such file"):
        write_pack(rules, target)
    target.parent.mkdir()
    write_pack(rules, target)
    before = target.read_bytes()

    def full(_):
        assert {path.name for path in target.parent.iterdir()} == {
            "rules.pack",
            f".rules.pack.{os.getpid()}.tmp",
        }
        raise OSError("disk full")

    monkeypatch.setattr("claimcheck.ruleset.pack.os.fsync", full)
    with pytest.raises(OSError, match="disk full"):
        write_pack(rules, target)
    assert target.read_bytes() == before
    assert list(target.parent.iterdir()) == [target]


def test_replacing_a_pack_does_not_disturb_who_has_it_open(rules, tmp_path, write):
    target = tmp_path / "rules.pack"
    write_pack(rules, target)
    opened = open_pack(target)
    other = load_rules(write("other", {"family": "laboratory"}), bundled=False)
    write_pack(other, target)
    assert opened.rule("0252U").modifier("80").entry.verdict == "not-applicable"


NO_PACK = "this is no claimcheck pack; packs are written by `claimcheck rules pack`"
CUT = "the pack is cut short or has something after its end; build the pack again"


def test_what_is_no_pack_is_told(rules, tmp_path):
    path = tmp_path / "some.pack"
    whole = pack_bytes(rules)

    def told(data):
        path.write_bytes(data)
        with pytest.raises(RuleFileError) as caught:
            open_pack(path)
        return str(caught.value).removeprefix(f"{path}:1:1: ")

    assert told(b"") == NO_PACK
    assert told(whole[:51]) == NO_PACK
    assert told(b"PK\x03\x04" * 50) == NO_PACK
    assert told(whole[:100]) == "the pack is damaged; build the pack again"
    assert told(whole[:-1]) == CUT
    assert told(whole + b"x") == CUT
    assert told(whole[:8] + b"\0\0\0\x63" + whole[12:]) == (
        "a pack of format 99; this version of claimcheck reads format 1; update claimcheck"
    )
    assert told(whole[:8] + b"\0\0\0\0" + whole[12:]) == (
        "a pack of format 0; this version of claimcheck reads format 1; build the pack again"
    )
    with pytest.raises(RuleFileError) as caught:
        unpack(whole[:51], "bytes")
    assert str(caught.value) == f"bytes:1:1: {NO_PACK}"
    with pytest.raises(RuleFileError) as caught:
        open_pack(tmp_path / "nowhere.pack")
    assert str(caught.value) == (
        f"{tmp_path / 'nowhere.pack'}:1:1: the pack cannot be read: No such file or directory"
    )


def test_damage_to_one_code_is_told_when_it_is_asked_for(rules):
    whole = bytearray(pack_bytes(rules))
    whole[-1] ^= 0x40
    damaged = unpack(bytes(whole), "some.pack")
    assert damaged.code_file("0252U") == rules.code_file("0252U")
    assert damaged.code_file("0252U") is damaged.code_file("0252U")
    assert damaged.code_file("99999") is None
    with pytest.raises(RuleFileError) as caught:
        damaged.code_file("81452")
    assert str(caught.value) == (
        "some.pack:1:1: the rules for 81452 are not what was written; build the pack again"
    )


def test_the_head_of_a_pack_is_as_the_layout_says(rules):
    whole = pack_bytes(rules)
    assert whole[:12] == b"\x89CLMPACK\0\0\0\x01"
    end = 52 + int.from_bytes(whole[12:20], "big")
    assert whole[20:52] == sha256(whole[52:end]).digest()
    blobs = b"".join(rules.store.blob(code) for code in ("0252U", "81452"))
    assert whole[end:] == blobs


def test_a_file_is_a_pack_unless_it_is_yaml(rules, tmp_path):
    write_pack(rules, tmp_path / "rules.any")
    assert is_pack(tmp_path / "rules.any")
    for name in ("rules.yaml", "rules.yml"):
        (tmp_path / name).write_bytes(b"")
        assert not is_pack(tmp_path / name)
    assert not is_pack(tmp_path)
    assert not is_pack(tmp_path / "nowhere.pack")


def test_damage_is_found_wherever_it_is(rules):
    whole = pack_bytes(rules)
    expected = list(rulings(rules))
    for at in range(0, len(whole), 7):
        broken = bytearray(whole)
        broken[at] ^= 0x40
        with pytest.raises(ClaimcheckError):
            list(rulings(unpack(bytes(broken), "broken")))
    assert list(rulings(unpack(whole, "whole"))) == expected


def test_a_head_of_another_shape_is_told(rules):
    from claimcheck.ruleset import pack
    from claimcheck.ruleset.codec import digest

    head = b"\x80"
    start = pack._START.pack(pack._MAGIC, pack.FORMAT, len(head), digest(head))
    with pytest.raises(RuleFileError) as caught:
        unpack(start + head, "odd")
    assert str(caught.value) == (
        "odd:1:1: the pack has another shape than this version of claimcheck reads; build the pack "
        "again"
    )


def test_packs_and_folders_stand_on_each_other(rules, write, entry, tmp_path):
    pack = tmp_path / "base.pack"
    write_pack(rules, pack)
    said = entry("modifiers", "80", "applicable", replaces="not-applicable")
    site = {"overlay": "a-site", "statements": [{"code": "0252U", "modifiers": [said]}]}
    folder = write("site", site, {"code": "99999"}, sources=False)
    above = load_rules(pack, folder, bundled=False)
    assert above.name == "rules+site"
    assert above.codes == ("0252U", "81452", "99999")
    assert above.rule("0252U").modifier("80").entry.verdict == "applicable"
    assert above.rule("99999").families == ("laboratory",)
    assert above.hash == load_rules(tmp_path / "rules", folder, bundled=False).hash

    write_pack(above, tmp_path / "above.pack")
    again = open_pack(tmp_path / "above.pack")
    assert again.hash == above.hash
    # What both have is the same in both, and so stands once.
    joined = load_rules(pack, tmp_path / "above.pack", bundled=False)
    assert joined.hash == above.hash
    assert joined.name == "rules+site"
    assert joined.store.blob("0252U") == rules.store.blob("0252U")
    assert joined.code_file("11111") is None

    with pytest.raises(RuleFileError, match="a second file for code 0252U, besides rules "):
        load_rules(pack, write("third", {"code": "0252U"}, sources=False), bundled=False)


def test_packs_that_differ_in_what_both_have_are_refused(rules, write, tmp_path):
    write_pack(rules, tmp_path / "one.pack")
    other = write("other", {"family": "laboratory", "title": "B"}, {"code": "81452", "title": "B"})
    write_pack(load_rules(other, bundled=False), tmp_path / "two.pack")
    with pytest.raises(RuleFileError) as caught:
        load_rules(tmp_path / "one.pack", tmp_path / "two.pack", bundled=False)
    place = f"{tmp_path / 'two.pack'}:1:1"
    also = f"is in rules {rules.version} too, and differs; say it once"
    assert str(caught.value).splitlines() == [
        f"{place}: family laboratory {also}",
        f"{place}: code 81452 {also}",
    ]


def test_sources_and_overlays_of_two_packs_must_be_the_same(rules, write, tmp_path):
    def pack(name, title):
        site = {"overlay": "a-site", "statements": [{"code": title}]}
        folder = write(name, {"family": "laboratory"}, {"code": "0252U"}, {"code": "81452"}, site)
        sources = folder / "sources.yaml"
        sources.write_text(sources.read_text().replace("The document", f"The document {title}"))
        write_pack(load_rules(folder, bundled=False), tmp_path / f"{name}.pack")

    pack("one", "0252U")
    pack("two", "81452")
    with pytest.raises(RuleFileError) as caught:
        load_rules(tmp_path / "one.pack", tmp_path / "two.pack", bundled=False)
    assert [problem.message.partition(" is in")[0] for problem in caught.value.problems] == [
        "source the-document",
        "overlay a-site",
    ]


def test_packs_side_by_side_know_what_each_of_them_knows(write, entry, tmp_path):
    def pack(code, payer, named, condition, day):
        said = entry("modifiers", "90", "conditional", when=condition, effective={"from": day})
        payers = [{"payer": payer, "named": named, "cite": {"at": "x"}}]
        tree = {"code": code, "modifiers": [said], "payers": payers}
        rules = load_rules(write(code, {"family": "laboratory"}, tree), bundled=False)
        write_pack(rules, tmp_path / f"{code}.pack")
        return tmp_path / f"{code}.pack"

    one = pack("0252U", "aetna", "Aetna", "one-condition", "2024-01-01")
    two = pack("81452", "aetna", "Aetna Life", "other-condition", "2025-01-01")
    three = pack("99999", "a-payer", "A Payer", "other-condition", "2025-01-01")
    joined = load_rules(one, two, three, bundled=False)
    assert joined.conditions == {"one-condition", "other-condition"}
    assert {str(day) for day in joined.boundaries} == {"2024-01-01", "2025-01-01"}
    assert dict(joined.payers) == {"a-payer": "A Payer", "aetna": "Aetna"}
    for text in ("aetna", "AETNA", "Aetna Life"):
        assert joined.payer_key(text) == "aetna"
    assert joined.name == "0252U+81452+99999"


def test_packs_side_by_side_are_one_rule_set(rules, write, tmp_path):
    write_pack(rules, tmp_path / "one.pack")
    other = write("other", {"family": "laboratory"}, {"family": "pla"}, {"code": "99999"})
    write_pack(load_rules(other, bundled=False), tmp_path / "two.pack")
    joined = load_rules(tmp_path / "one.pack", tmp_path / "two.pack", bundled=False)
    assert joined.name == "rules+other"
    assert joined.codes == ("0252U", "81452", "99999")
    assert list(joined.families) == ["laboratory", "pla"]
    assert list(joined.sources) == ["the-document"]
    assert joined.code_file("99999").code == "99999"


def test_opening_a_pack_imports_neither_pydantic_nor_yaml(rules, tmp_path):
    write_pack(rules, tmp_path / "rules.pack")
    script = (
        "import sys; from pathlib import Path; from claimcheck.ruleset import open_pack;"
        "assert open_pack(Path(sys.argv[1])).rule('0252U').modifier('80');"
        "print(sorted({'pydantic', 'yaml'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "rules.pack")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_is_at_its_default_is_left_out_of_the_bytes(rules):
    plain = msgspec.msgpack.decode(encode(rules.code_file("81452")))
    assert plain == {
        "code": "81452",
        "title": "A test",
        "status": "draft",
        "source": "the-document",
        "family": "laboratory",
        "period": {},
        "period_citations": [],
        "dispute": None,
        "statements": {"layer": "codes/81452", "kind": "code"},
    }
    (entry,) = msgspec.msgpack.decode(encode(rules.code_file("0252U")))["statements"]["modifiers"]
    assert entry == {
        "id": "codes/0252U#modifiers/80",
        "layer": "codes/0252U",
        "value": "80",
        "verdict": "not-applicable",
        "because": "A reason.",
        "citations": [{"source": "the-document", "at": "row 80"}],
    }
