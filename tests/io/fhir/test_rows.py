from __future__ import annotations

import json
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimcheck.errors import InputError
from claimcheck.io import open_lines
from claimcheck.io.fhir import documents, looks_like_fhir

from .conftest import CLAIM

PRETTY = {"indent": 1}


def test_ndjson_one_resource_after_the_other(rows, made):
    other = made.claim_with(id="CLM-8")
    found = rows(made.CLAIM, b"", made.bundle_of(other), made.CLAIM)
    assert [(row.number, row.at, row.place) for row in found] == [
        (1, 1, "Claim.item[0]"),
        (2, 1, "Claim.item[1]"),
        (3, 3, "Bundle.entry[0].resource.item[0]"),
        (4, 3, "Bundle.entry[0].resource.item[1]"),
        (5, 4, "Claim.item[0]"),
        (6, 4, "Claim.item[1]"),
    ]
    assert [row.origin.resource for row in found] == [1, 1, 2, 2, 3, 3]
    # The same id twice is still two claims.
    assert len({row.key for row in found}) == 3


def test_claims_without_id_are_claims_of_their_own(rows, made):
    nameless = made.claim_with(id=None)
    found = rows(made.bundle_of(nameless, nameless))
    assert [row.key == found[0].key for row in found] == [True, True, False, False]


def test_lines_stand_alone_if_claims_are_off(rows, made):
    assert [row.key for row in rows(made.CLAIM, group_by=())] == [None, None]


def test_columns_to_group_by_do_not_concern_fhir(rows, made):
    found = rows(made.CLAIM, group_by=["encounter"], mapping={"HCPCS": "code"})
    assert found[0].key == found[1].key is not None


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_document_over_many_lines(rows, made, newline):
    text = json.dumps(made.bundle_of(made.CLAIM, *made.OTHERS), **PRETTY).replace("\n", newline)
    found = rows(b"\xef\xbb\xbf" + text.encode())
    assert [row.line.code for row in found] == ["0252U", "G0154"]


def test_a_bundle_in_a_bundle_sees_the_outer_one(rows, made):
    found = rows(made.bundle_of(made.bundle_of(made.CLAIM), *made.OTHERS))
    assert found[0].place == "Bundle.entry[0].resource.entry[0].resource.item[0]"
    assert found[0].line.payer == "aetna"


REFUSED = {
    "eob": (
        {"resourceType": "ExplanationOfBenefit", "item": [{}]},
        "the resource is an ExplanationOfBenefit, which is decided; give the Claim",
    ),
    "eob-of-samples": (
        {"resourceType": "ExplanationOfBenefitBase", "CLM_TYPE_CD": "72", "diagnoses": []},
        "the resource is an ExplanationOfBenefitBase (an ExplanationOfBenefit in the flat form of Blue "
        "Button's samples), which is decided; give the Claim",
    ),
    "patient": (
        {"resourceType": "Patient", "name": [{"family": "Zanzibar"}]},
        "the resource is of type Patient, not a Claim",
    ),
    "made-up": (
        {"resourceType": "Zanzibar"},
        "the resource is of another type, not a Claim",
    ),
    "typeless": ({"id": "1"}, "the object is no FHIR resource: it has no resourceType"),
    "type-of-another-type": (
        {"resourceType": 7},
        "the object is no FHIR resource: it has no resourceType",
    ),
    "no-item": ({"resourceType": "Claim", "id": "1"}, "the Claim has no item"),
    "items-of-another-type": ({"resourceType": "Claim", "item": "x"}, "the Claim has no item"),
    "withdrawn": (
        {"resourceType": "Claim", "status": "entered-in-error", "item": [{"sequence": 1}]},
        "the Claim is marked as entered in error",
    ),
    "empty-bundle": ({"resourceType": "Bundle"}, "the Bundle has no Claim"),
    "bundle-of-others": (
        {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient"}}]},
        "the Bundle has no Claim",
    ),
    "array": (b"[1]", "the text is JSON, but no object"),
    "cut": (b'{"resourceType": "Claim", "item": [', "the text is no JSON"),
    "broken": (b'{"resourceType": Claim}', "the text is no JSON (byte 18)"),
    "not-utf-8": (b'{"resourceType": "Cl\xff"}', "the text has bytes that are not UTF-8"),
    "deep": (b'{"resourceType":' + b"[" * 100_000, "the text is nested too deeply"),
    "prose": (b"Quimby Zanzibar", "the text is no JSON (byte 1)"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_claim_is_rejected_and_the_next_one_read(rows, made, name):
    content, reason = REFUSED[name]
    found = rows(made.CLAIM, content, made.CLAIM)
    assert [row.rejected for row in found] == [None, None, reason, None, None]
    assert found[2].at == 2


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_claim_alone(rows, name):
    content, reason = REFUSED[name]
    assert [row.rejected for row in rows(content)] == [reason]


def test_what_is_like_a_claim_in_a_bundle_is_told(rows, made):
    found = rows(made.bundle_of({"resourceType": "ExplanationOfBenefit"}, made.CLAIM))
    assert [row.rejected is None for row in found] == [False, True, True]
    assert found[0].origin.path == "Bundle.entry[0].resource"


def test_an_entry_that_is_no_object_is_told_with_its_place(rows, made):
    bundle = made.bundle_of(made.CLAIM, {"resourceType": "Patient"})
    bundle["entry"][1:1] = [7, None, {"resource": "Zanzibar"}, {"resource": None}, {"fullUrl": "x"}]
    found = rows(bundle)
    assert [(row.place, row.rejected) for row in found] == [
        ("Bundle.entry[0].resource.item[0]", None),
        ("Bundle.entry[0].resource.item[1]", None),
        ("Bundle.entry[1]", "the entry is no object"),
        ("Bundle.entry[2]", "the entry is no object"),
        ("Bundle.entry[3].resource", "the resource is no object"),
        ("Bundle.entry[4].resource", "the resource is no object"),
    ]
    inner = {"resourceType": "Bundle", "entry": [[]]}
    (row,) = rows(made.bundle_of(inner))
    assert row.place == "Bundle.entry[0].resource.entry[0]"


def test_a_damaged_first_line_does_not_lose_the_others(rows, made):
    found = rows(b'{"resourceType": "Claim", "it', made.CLAIM, made.CLAIM)
    assert [row.rejected for row in found] == [
        "the text is no JSON (byte 30)",
        *[None] * 4,
    ]


def test_a_damaged_document_is_one_row(rows, made):
    text = json.dumps(made.CLAIM, **PRETTY).encode()
    assert [row.rejected for row in rows(text[:-20])] == ["the text is no JSON"]


def pretty(*resources, **options):
    return [json.dumps(one, **{"indent": 2, **options}).encode() for one in resources]


def ids_of(found):
    return [row.line.line_id if row.line else row.rejected for row in found]


@pytest.mark.parametrize(
    "between", [b"\n", b"", b"\r\n\n", b" ", b"\n\xef\xbb\xbf", b"\xef\xbb\xbf"]
)
@pytest.mark.parametrize("indent", [2, 0, "\t"])
def test_documents_over_many_lines_one_after_the_other(made, between, indent):
    documents = [made.claim_with(id=f"C{number}") for number in range(3)]
    documents.append(made.bundle_of(made.CLAIM, *made.OTHERS))
    texts = pretty(*documents, indent=indent)
    with open_lines(BytesIO(between.join(texts))) as source:
        found = list(source)
    assert ids_of(found) == [f"{c}/{n}" for c in ("C0", "C1", "C2", "CLM-7") for n in (1, 2)]
    assert [row.origin.resource for row in found] == [1, 1, 2, 2, 3, 3, 4, 4]
    starts, line = [], 1
    for text in texts:
        starts += [line, line]
        line += text.count(b"\n") + between.count(b"\n")
    assert [row.at for row in found] == starts
    assert found[-1].line.payer == "aetna"
    assert source.damage is None


@pytest.mark.parametrize("between", [b"\n", b""])
@pytest.mark.parametrize("size", range(20, 2_000, 37))
def test_a_document_that_is_cut_does_not_lose_those_beside_it(made, between, size):
    first, second, third = pretty(*[made.claim_with(id=f"C{number}") for number in range(3)])
    assert len(second) > 2_000
    content = between.join([first, second[:size], third])
    with open_lines(BytesIO(content)) as source:
        found = list(source)
    (reason,) = [row.rejected for row in found if row.line is None]
    assert ids_of(found) == ["C0/1", "C0/2", reason, "C2/1", "C2/2"]
    assert reason.startswith("the text is no JSON")
    assert source.damage.problems == (f"row 3: {reason}",)
    assert (source.read, source.rejected) == (5, 1)


def test_a_document_that_is_broken_within(made):
    texts = pretty(*[made.claim_with(id=f"C{number}") for number in range(3)])
    texts[1] = texts[1].replace(b'"use":', b'"use"')
    with open_lines(BytesIO(b"\n".join(texts))) as source:
        found = list(source)
    at = texts[1].index(b'"use"') + len(b'"use" "')
    reason = f"the text is no JSON (byte {at})"
    assert ids_of(found) == ["C0/1", "C0/2", reason, "C2/1", "C2/2"]
    assert source.damage.problems == (f"row 3: {reason}",)


def test_several_documents_on_a_line(rows, made):
    one, two, three = (json.dumps(made.claim_with(id=f"C{n}")).encode() for n in range(3))
    found = rows(one + two + b" " + three, one)
    assert ids_of(found) == [f"C{c}/{n}" for c in (0, 1, 2, 0) for n in (1, 2)]
    assert {row.at for row in found} == {1, 2}
    assert ids_of(rows(one + b"x" + two)) == ["C0/1", "C0/2", "the text is no JSON (byte 1)"]


def test_documents_of_many_lines_behind_documents_of_one(rows, made):
    one, two = made.claim_with(id="C0"), made.claim_with(id="C1")
    found = rows(one, *pretty(two, two), one)
    assert ids_of(found) == [f"C{c}/{n}" for c in (0, 1, 1, 0) for n in (1, 2)]
    lines = pretty(two)[0].count(b"\n") + 1
    assert [row.at for row in found] == [1, 1, 2, 2, 2 + lines, 2 + lines, *[2 + 2 * lines] * 2]


def test_documents_over_many_lines_are_read_as_they_come(made):
    """However many there are, one of them is in memory."""
    asked = []

    class Slow(BytesIO):
        def readline(self, size=-1):
            asked.append(1)
            return super().readline(size)

    text = pretty(made.CLAIM)[0] + b"\n"
    source = iter(open_lines(Slow(text * 1_000)))
    next(source)
    assert len(asked) <= 2 * text.count(b"\n")


def first_key_on_the_brace(resource):
    return b"{" + pretty(resource)[0][1:].lstrip()


STYLES = {
    "compact": lambda one: json.dumps(one, separators=(",", ":")).encode(),
    "indent": lambda one: pretty(one)[0],
    "tab": lambda one: pretty(one, indent="\t")[0],
    "brace": first_key_on_the_brace,
}
BETWEEN = [b"", b"\n", b"\r\n", b"\n\xef\xbb\xbf"]


def told(content):
    """The ids of the lines, and the damage."""
    with open_lines(BytesIO(content), "fhir") as source:
        return ids_of(source), source.damage


@pytest.mark.parametrize(
    ("style", "between"),
    [("indent", b"\n\xef\xbb\xbf"), ("indent", b""), ("brace", b"\n"), ("brace", b"")],
)
def test_a_document_of_many_lines_behind_one_of_one_line(made, style, between):
    one, two = made.claim_with(id="C0"), made.claim_with(id="C1")
    content = STYLES["compact"](one) + between + STYLES[style](two)
    assert told(content) == (["C0/1", "C0/2", "C1/1", "C1/2"], None)
    assert told(content + b"\n" + STYLES["compact"](one))[1] is None


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("end", [b"\xef\xbb\xbf", b"\n\xef\xbb\xbf", b"\n\xef\xbb\xbf\n"])
def test_a_mark_of_byte_order_at_the_end_is_no_damage(made, style, end):
    assert told(STYLES[style](made.CLAIM) + end) == (["CLM-7/1", "CLM-7/2"], None)


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(STYLES)), st.sampled_from(BETWEEN), st.booleans()),
        min_size=2,
        max_size=4,
    )
)
def test_documents_of_any_style_follow_each_other(parts):
    content, at, starts = b"", 1, []
    for number, (style, between, id_first) in enumerate(parts):
        claim = {**CLAIM, "id": f"C{number}", "text": {"div": "}{ } {"}}
        if id_first:
            claim = {"id": claim.pop("id"), **claim}
        piece = STYLES[style](claim) + between
        starts += [at, at]
        content, at = content + piece, at + piece.count(b"\n")
    with open_lines(BytesIO(content), "fhir") as source:
        found = list(source)
    assert ids_of(found) == [f"C{c}/{n}" for c in range(len(parts)) for n in (1, 2)]
    assert [row.at for row in found] == starts
    assert source.damage is None


def test_a_line_that_is_cut_does_not_lose_those_behind_it(rows, made):
    """Also where the next line could go on with it, and where no type stands first."""
    whole = {"id": "C1", **made.claim_with(id="C1")}
    for cut in (b'{"id": "C0", "item": [', b'{"id": "C0", "item": [{"a": 1}, ', b'{"id": "C0'):
        found = rows(made.CLAIM, cut, whole, whole, b"Zanzibar", cut, cut, whole, whole)
        ids = [row.line.line_id for row in found if row.line]
        assert ids == ["CLM-7/1", "CLM-7/2", *["C1/1", "C1/2"] * 4]


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_document_with_its_first_key_on_the_brace_that_is_damaged_is_one_row(made, at):
    texts = [first_key_on_the_brace(made.claim_with(id=f"C{number}")) for number in range(4)]
    texts[at] = texts[at].replace(b'"use":', b'"use"')
    ids, damage = told(b"\n".join(texts))
    assert [one for one in ids if one.startswith("C")] == [
        f"C{c}/{n}" for c in range(4) for n in (1, 2) if c != at
    ]
    assert damage.count == 1


def test_a_line_that_is_too_long_behind_one_that_is_cut(rows, made, monkeypatch):
    small = {"resourceType": "Claim", "item": [{"sequence": 1}]}
    monkeypatch.setattr(documents, "LARGEST", 500)
    found = rows(small, b'{"resourceType": "Claim", "item": [', made.CLAIM, small)
    assert [row.rejected for row in found] == [
        None,
        "the text is no JSON",
        "the resource is longer than 500 bytes",
        None,
    ]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("between", BETWEEN[1:])
def test_documents_of_any_style_are_read_as_they_come(made, style, between):
    asked = []

    class Slow(BytesIO):
        def readline(self, size=-1):
            asked.append(1)
            return super().readline(size)

    text = STYLES[style](made.CLAIM) + between
    source = iter(open_lines(Slow(text * 1_000), "fhir"))
    next(source)
    assert len(asked) <= 2 * text.count(b"\n") + 4


def test_only_a_document_is_limited_in_size(rows, made, monkeypatch):
    monkeypatch.setattr(documents, "LARGEST", 5_000)
    assert len(rows(first_key_on_the_brace(made.CLAIM) * 20)) == 40
    assert len(rows(b"\n".join(pretty(made.CLAIM) * 20))) == 40
    assert len(rows(b"".join(pretty(made.CLAIM) * 20))) == 40


def test_a_document_that_is_too_long(rows, made, monkeypatch):
    monkeypatch.setattr(documents, "LARGEST", 500)
    with pytest.raises(InputError) as caught:
        rows(json.dumps(made.CLAIM, **PRETTY).encode())
    assert str(caught.value) == (
        "the input: is no NDJSON, and has a JSON document of more than 500 bytes; write its Claims "
        "as NDJSON, one to a line"
    )


def test_a_resource_of_ndjson_that_is_too_long(rows, made, monkeypatch):
    small = made.claim_with(
        item=[{"sequence": 1}], careTeam=None, diagnosis=None, insurance=None, type=None
    )
    monkeypatch.setattr(documents, "LARGEST", 500)
    found = rows(small, made.CLAIM, small)
    assert [row.rejected for row in found] == [None, "the resource is longer than 500 bytes", None]


def test_a_bundle_on_one_line_may_be_longer_than_a_line_of_a_table(rows, made):
    many = [made.claim_with(id=f"CLM-{number}") for number in range(1_500)]
    document = json.dumps(made.bundle_of(*many)).encode()
    assert len(document) > 1 << 20
    assert len(rows(document, input_format=None)) == 3_000


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'{"resourceType": "Claim"}', True),
        (b'\xef\xbb\xbf\n {"id": "1", "resourceType": "Claim"}\n', True),
        (b'{\n "resourceType": ', True),
        (b'{"entry": [{"fullUrl": "', True),
        (b'{"code": "0252U"}\n{"resourceType": "Claim"}', False),
        (b'{"code": "0252U", "x": {"resourceType": "Claim"}}', False),
        (b'{"code": "0252U"', False),
        (b'[{"resourceType": "Claim"}]', False),
        (b'code,"resourceType": x', False),
        (b"", False),
    ],
)
def test_fhir_is_told_from_its_beginning(content, expected):
    assert looks_like_fhir(content) is expected


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b'{"resourceType": "Claim", "item": [{"sequence": 1}]}', "fhir"),
        (b'{\n\n"id": "1",\n"resourceType": "Claim", "item": [{"sequence": 1}]}', "fhir"),
        (b'{"code": "0252U", "note": "' + b"x" * 5_000 + b'"}\n{"resourceType": "Claim"}', "jsonl"),
        (b'{"code": "0252U"}\n', "jsonl"),
        (b'{"code": "0252U"', "jsonl"),
        (b'{"code":\n{"code": "0252U"}\n', "jsonl"),
    ],
)
def test_the_kind_of_an_input(content, kind):
    with open_lines(BytesIO(content)) as source:
        assert source.kind == kind
        assert next(row.number for row in source) == 1


def test_a_given_format_overrules_the_content(made):
    content = json.dumps(made.CLAIM).encode()
    with open_lines(BytesIO(content), "jsonl") as source:
        (row,) = source
    assert row.line.code is None
    assert row.place is None


def test_ndjson_is_read_as_it_comes(made):
    asked = []

    class Slow(BytesIO):
        def readline(self, size=-1):
            asked.append(1)
            return super().readline(size)

    line = json.dumps(made.CLAIM).encode() + b"\n"
    source = iter(open_lines(Slow(line * 1_000)))
    next(source)
    assert len(asked) <= 8


def test_rows_are_counted(made):
    content = json.dumps(made.CLAIM).encode() + b"\n{}\n"
    with open_lines(BytesIO(content)) as source:
        list(source)
        assert (source.read, source.rejected, source.columns_not_read) == (3, 1, 0)
