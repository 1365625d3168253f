import string

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from claimcheck.ruleset import yamlfile
from claimcheck.ruleset.yamlfile import Marks, read_yaml

TEXT = st.text(alphabet=string.ascii_letters + string.digits + " .:-#'\"[]{}~é%", max_size=12)
KEYS = st.text(alphabet=string.ascii_lowercase, min_size=1, max_size=6)
TREES = st.recursive(
    TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(KEYS, TREES, max_size=4))
def test_what_is_quoted_comes_back_as_it_is(tree):
    found = read_yaml(yaml.safe_dump(tree, default_style='"', allow_unicode=True).encode())
    assert found.problems == ()
    assert found.tree == tree


@given(st.binary(max_size=60))
def test_any_bytes_give_a_tree_or_problems(data):
    found = read_yaml(data)
    assert found.tree is not None or found.problems
    assert all(problem.line >= 1 and problem.column >= 1 for problem in found.problems)


@pytest.mark.parametrize(
    "text",
    [
        "a: 00100",
        "a: 1e3",
        "a: 089",
        "a: 0o17",
        "a: 1_000",
        "a: NO",
        "a: null",
        "a: 2026-05-04",
        "a: 1:30",
        "a: =",
    ],
)
def test_what_yaml_would_change_must_be_quoted(text):
    (problem,) = read_yaml(text.encode()).problems
    assert (problem.line, problem.column) == (1, 4)
    assert "in quotes it is text" in problem.message


def test_a_block_scalar_is_text_and_a_byte_order_mark_is_none():
    found = read_yaml(b"\xef\xbb\xbfcode: |\n  00\nnote: >\n  12\n")
    assert found.problems == ()
    assert found.tree == {"code": "00\n", "note": "12\n"}


def test_places_of_keys_and_values():
    marks = read_yaml(b'a: x\nb:\n  - c: "y"\n').marks
    assert marks.key(("b",)) == (2, 1)
    assert marks.value(("b", 0, "c")) == (3, 8)
    assert marks.key(("b", 0)) == (3, 5)
    assert marks.value(("b", 0, "missing", 3)) == (3, 5)
    assert marks.value(("b", 0, "missing")) == (3, 5)
    assert marks.value(("b", 7)) == (3, 3)
    assert ("a",) in marks
    assert ("missing",) not in marks
    assert Marks().value(("a",)) == (1, 1)


def test_the_first_of_two_equal_keys_is_kept():
    found = read_yaml(b"a: x\na: [y]\n")
    assert found.tree == {"a": "x"}
    assert [str(problem.message) for problem in found.problems] == [
        "`a` stands twice; it stands in line 1 already"
    ]


def test_unquoted_unstated_needs_no_quotes():
    assert read_yaml(b'from: unstated\nto: "2026-01-01"\n').problems == ()


def test_an_anchored_key_and_an_undefined_alias_are_problems():
    assert "key `a`" in read_yaml(b"&k a: x\n").problems[0].message
    assert "not YAML" in read_yaml(b"a: [\n").problems[0].message
    found = read_yaml(b"a: *nothing\n")
    assert found.problems


@pytest.mark.parametrize(
    "data", [b"a: \x07", "a: \x80".encode(), b"a: [\tb", b'a: "\\q"', b"a: x\n\ty"]
)
def test_the_pure_python_parser_finds_problems_at_the_same_places(data, monkeypatch):
    fast = [(problem.line, problem.column) for problem in read_yaml(data).problems]
    monkeypatch.setattr(yamlfile, "_LOADER", yaml.SafeLoader)
    slow = [problem.line for problem in read_yaml(data).problems]
    assert slow == [line for line, _ in fast]


def test_bytes_that_are_not_utf8():
    found = read_yaml("schema: x\ntitle: Scheiße\n".encode("latin-1"))
    assert found.tree is None
    (problem,) = found.problems
    assert (problem.line, problem.column) == (2, 13)
    assert problem.message == "byte 0xDF is not UTF-8; rule files are UTF-8"


CODES = ("code", "diagnosis", "modifier", "place", "place_of_service", "taxonomy", "value")
CODES += ("billing_taxonomy", "ordering_taxonomy", "date", "from", "service_date", "to")
LISTS = ("codes", "diagnoses", "meant", "modifiers")


@pytest.mark.parametrize("key", [*CODES, *LISTS])
def test_codes_and_dates_stand_in_quotes(key):
    written = f"{key}: [AB]" if key in LISTS else f"{key}: AB"
    column = len(key) + (4 if key in LISTS else 3)
    (problem,) = read_yaml(written.encode()).problems
    assert (problem.line, problem.column) == (1, column)
    assert problem.message == f'`AB` is not in quotes; `{key}` is written "AB"'
    assert read_yaml(written.replace("AB", '"AB"').encode()).problems == ()


@pytest.mark.parametrize("key", ["title", "because", "verdict"])
def test_words_need_no_quotes(key):
    assert read_yaml(f"{key}: AB".encode()).problems == ()


@pytest.mark.parametrize("key", LISTS)
def test_text_in_place_of_a_list_is_not_asked_for_quotes(key):
    assert read_yaml(f"{key}: AB".encode()).problems == ()


def test_an_alias_stands_for_what_was_anchored_and_is_told():
    found = read_yaml(b"a: &x [y, z]\nb: *x\nc: plain\nd: *x\n")
    assert found.tree == {"a": ["y", "z"], "b": ["y", "z"], "c": "plain", "d": ["y", "z"]}
    assert [(problem.line, problem.column, problem.message) for problem in found.problems] == [
        (1, 4, "anchor `&x`; write the value out where it is needed"),
        (2, 4, "alias `*x`; write the value out"),
        (4, 4, "alias `*x`; write the value out"),
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("1", "a number"),
        ("-1.5", "a number"),
        (".5", "a number"),
        ("1.", "a number"),
        ("1e3", "a number"),
        ("1.5E-3", "a number"),
        ("089", "a number"),
        ("0o17", "a number"),
        ("1_000", "a number"),
        ("1:30", "a number"),
        ("0x1F", "a number"),
        ("1:30.5", "a number"),
        (".inf", "a number"),
        ("NO", "true or false"),
        ("yes", "true or false"),
        ("null", "nothing"),
        ("~", "nothing"),
        ("2026-05-04", "a date"),
        ("=", "something that is no text"),
        ("<<", "something that is no text"),
    ],
)
def test_what_yaml_would_make_of_it_is_told(text, kind):
    (problem,) = read_yaml(f"a: {text}".encode()).problems
    assert problem.message == f'`{text}` would be read as {kind}; in quotes it is text: "{text}"'


@pytest.mark.parametrize("text", ["1a", "e3", "0o18", "1.2.3", "on the line", "-", "1-2"])
def test_what_yaml_leaves_alone_needs_no_quotes(text):
    found = read_yaml(f"a: [x, {text}]".encode())
    assert (found.problems, found.tree) == ((), {"a": ["x", text]})


def test_twenty_levels_are_deep_enough():
    def nested(levels):
        return ("a: {" + "a: {" * (levels - 2) + 'a: "x"' + "}" * (levels - 1)).encode()

    assert read_yaml(nested(20)).problems == ()
    (problem,) = read_yaml(nested(21)).problems
    assert problem.message == "nested deeper than 20 levels"
    assert read_yaml(nested(21)).tree is None


@pytest.mark.parametrize(
    ("data", "place", "tab"),
    [
        (b"title: a long title\nb: [", (2, 5), False),  # where the file ends
        (b"a:\n  b: x\n \tc: y", (3, 2), True),
        (b"a: x\n\ty", (2, 1), True),
        (b"a: [b, }\t", (1, 8), False),  # the tab stands behind it
        (b"a: }\tb", (1, 4), False),
    ],
)
def test_where_it_is_not_yaml(data, place, tab):
    (problem,) = read_yaml(data).problems
    assert (problem.line, problem.column) == place
    if tab:
        assert problem.message == "a tab stands here; YAML indents with blanks"
    else:
        assert problem.message.startswith("not YAML from here on: ")
