"""Damaged and strange Claims: every row is accounted for, and nothing raises."""

from __future__ import annotations

import copy
import json
import random
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

import claimcheck
from claimcheck.io import open_lines

from .conftest import CLAIM, OTHERS, bundle_of

BUNDLE = bundle_of(CLAIM, *OTHERS)
STRANGE = (None, True, -1, 0, 1.5, 10**30, "", " ", "x", [], {}, [[]], [None], {"a": []}, "\u0000")


def places_of(value, path=()):
    """The path of everything in a JSON value."""
    yield path
    if isinstance(value, dict):
        for name, part in value.items():
            yield from places_of(part, (*path, name))
    elif isinstance(value, list):
        for at, part in enumerate(value):
            yield from places_of(part, (*path, at))


PLACES = list(places_of(BUNDLE))[1:]


def changed(document, path, value):
    document = copy.deepcopy(document)
    parent = document
    for step in path[:-1]:
        parent = parent[step]
    parent[path[-1]] = value
    return document


def read_all(content, input_format="fhir"):
    """All rows, each readable or rejected, checked; the numbers go up by one."""
    with open_lines(BytesIO(content), input_format) as source:
        rows = list(source)
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    for row in rows:
        assert (row.line is None) != (row.rejected is None)
        if row.line is not None:
            claimcheck.check(row.line)
    return rows


@pytest.mark.parametrize("path", PLACES, ids=lambda path: ".".join(map(str, path)))
def test_a_strange_value_anywhere(path):
    for value in STRANGE:
        assert read_all(json.dumps(changed(BUNDLE, path, value)).encode())


def test_a_strange_value_does_not_lose_the_claim_beside_it():
    other = copy.deepcopy({**CLAIM, "id": "CLM-8"})
    bundle = bundle_of(CLAIM, *OTHERS, other)
    inside = [path for path in PLACES if path[:2] == ("entry", 0) and len(path) > 2]
    assert len(inside) > 80
    for path in inside:
        rows = read_all(json.dumps(changed(bundle, path, "x")).encode())
        assert [row.line.code for row in rows[-2:]] == ["0252U", "G0154"], path
        assert rows[-1].line.claim_id == "CLM-8", path


@given(st.binary(max_size=200), st.integers(0, 4_000), st.integers(0, 60))
def test_bytes_put_anywhere(inserted, at, dropped):
    content = json.dumps(BUNDLE).encode()
    at = min(at, len(content))
    damaged = content[:at] + inserted + content[at + dropped :]
    whole = json.dumps(CLAIM).encode()
    rows = read_all(whole + b"\n" + damaged.replace(b"\n", b" ") + b"\n" + whole)
    codes = [row.line.code if row.line else None for row in rows]
    assert codes[:2] == codes[-2:] == ["0252U", "G0154"]


NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(max_size=5),
    lambda part: (
        st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=3), part, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*CLAIM, "contained", "meta"]), JSON))
def test_a_claim_of_anything(parts):
    assert read_all(json.dumps({**parts, "resourceType": "Claim"}).encode())


SEQUENCES = st.sampled_from([{}, None, "x", {"sequence": 1}, {"sequence": 2}, {"sequence": 3}])


@given(st.lists(SEQUENCES, min_size=1, max_size=6))
def test_items_of_any_sequence_have_ids_of_their_own(items):
    rows = read_all(json.dumps({**CLAIM, "item": items}).encode())
    told = [row.line.line_id if row.line else row.rejected for row in rows]
    assert len(told) == len(items)
    for item, one in zip(items, told, strict=True):
        assert (one == "the item is no object") is not isinstance(item, dict)
    ids = [one for one in told if one != "the item is no object"]
    assert len(set(ids)) == len(ids)


@given(st.dictionaries(st.sampled_from([*CLAIM["item"][0], "detail"]), JSON))
def test_an_item_of_anything(parts):
    rows = read_all(json.dumps({**CLAIM, "item": [parts]}).encode())
    assert {row.rejected for row in rows} <= {None, "the detail is no object"}
    ids = [row.line.line_id for row in rows if row.line]
    assert len(set(ids)) == len(ids)


@given(st.binary(max_size=300))
def test_anything_said_to_be_fhir(content):
    if content.replace(b"\xef\xbb\xbf", b"", 1).strip():
        read_all(content)


def mutated(chance):
    """A Bundle with some strange values in it, and now and then with damaged bytes."""
    document = copy.deepcopy(BUNDLE)
    for _ in range(chance.randint(1, 6)):
        path = chance.choice(list(places_of(document))[1:] or [("x",)])
        document = changed(document, path, chance.choice(STRANGE))
    content = bytearray(json.dumps(document, indent=chance.choice((None, 1))).encode())
    for _ in range(chance.choice((0, 0, 1, 5))):
        at = chance.randrange(len(content))
        content[at : at + chance.randint(0, 3)] = chance.randbytes(chance.randint(0, 3))
    return bytes(content)


def test_many_changes_at_once():
    chance = random.Random(7)
    for _ in range(1_000):
        read_all(mutated(chance))


@pytest.mark.fuzz
def test_a_hundred_thousand_changed_bundles():
    chance = random.Random()
    for _ in range(100_000):
        content = mutated(chance)
        try:
            read_all(content, chance.choice(("fhir", "fhir-r4", "fhir-r5")))
        except BaseException:
            print(content)
            raise
