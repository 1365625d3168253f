"""What findings say by rules of one's own: words that the bundled rules have no use for."""

from __future__ import annotations

import pytest

import claimcheck
from claimcheck.checks.definition import provider_of
from claimcheck.checks.taxonomies import deciding_taxonomy

OVERLAY = """\
schema: claimcheck/overlay@1
overlay: my-lab
source: openpayer-0252u
statements:
  - code: "0252U"
    modifiers:
      - modifier: "XE"
        verdict: not-applicable
        hedged: "yes"
        because: It is seldom right.
        cite: {at: "a"}
      - modifier: "KX"
        verdict: conditional
        when: proof-on-file
        because: It asks for proof.
        cite: {at: "b"}
      - modifier: "LR"
        verdict: applicable
        because: The source calls it a round trip.
        cite: {at: "c"}
        disputed:
          effect: misnamed
          because: It has another name.
          cite: {source: modifier-list-2024, at: "LR"}
    places:
      - place: "12"
        verdict: not-applicable
        because: Not at home.
        cite: {at: "d"}
      - place: "97"
        verdict: not-applicable
        because: Nobody knows it.
        cite: {at: "k"}
    diagnoses:
      - diagnosis: "J06.9"
        verdict: not-indicated
        because: A cold is no reason.
        cite: {at: "e"}
      - diagnosis: "N96"
        verdict: indicated
        because: A reason.
        cite: {at: "f"}
        disputed:
          effect: unfit
          because: The code has ended.
          cite: {source: icd-10-cm-2026-04, at: "N96"}
    taxonomies:
      - taxonomy: "207R00000X"
        role: interpreting
        verdict: applicable
        because: Reads the report.
        cite: {at: "g"}
      - taxonomy: "282N00000X"
        role: billing
        verdict: applicable
        because: Bills it.
        cite: {at: "h"}
      - taxonomy: "163W00000X"
        role: performing
        verdict: applicable
        because: Named.
        cite: {at: "i"}
        disputed:
          effect: unfit
          because: It is no laboratory.
          cite: {source: nucc-25.1, at: "163W00000X"}
"""


CODE = """\
schema: claimcheck/code@1
code: "99999"
family: laboratory
source: openpayer-0252u
status: draft
effective: unstated
disputed:
  effect: misnamed
  because: It has another name.
  cite: {at: "j"}
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """A checker with an overlay on 0252U."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "payers").mkdir()
    (folder / "codes").mkdir()
    (folder / "payers" / "my-lab.yaml").write_text(OVERLAY)
    (folder / "codes" / "99999.yaml").write_text(CODE)
    two = CODE.replace("99999", "99998") + '  meant: ["81445", "81450"]\n'
    (folder / "codes" / "99998.yaml").write_text(two)
    return claimcheck.Checker(rules=[folder])


def said(checker, slug, **line):
    """The (severity, message, hint, rule) of the one finding with this slug."""
    (found,) = (f for f in checker.check({"code": "0252U", **line}).findings if f.code == slug)
    return found.severity.value, found.message, found.hint, found.rule


def slugs(checker, **line):
    line = {"code": "0252U", "diagnoses": ["O03.9"], **line}
    return [finding.code for finding in checker.check(line).findings]


def test_a_hedged_refusal(own):
    assert said(own, "modifier-not-applicable", modifiers=["XE"]) == (
        "warning",
        "Modifier XE does not usually fit 0252U: It is seldom right. (families/laboratory speaks of "
        "it too.)",
        "Remove modifier XE if it does not describe this service.",
        "sites/my-lab#0252U/modifiers/XE",
    )


def test_a_condition_without_a_document(own):
    assert said(own, "modifier-needs-condition", modifiers=["KX"]) == (
        "info",
        "Modifier KX fits 0252U only when proof-on-file holds: It asks for proof. "
        "(families/laboratory speaks of it too.)",
        "Confirm proof-on-file in the line's conditions, or remove the modifier.",
        "sites/my-lab#0252U/modifiers/KX",
    )
    assert slugs(own, modifiers=["KX"], conditions=["proof-on-file"]) == []


def test_a_modifier_with_another_name(own):
    assert said(own, "modifier-disputed", modifiers=["LR"]) == (
        "info",
        "Modifier LR on 0252U is disputed. The source of sites/my-lab says: The source calls it a "
        "round trip. Officially: It has another name.",
        "Use modifier LR by its official meaning.",
        "sites/my-lab#0252U/modifiers/LR",
    )


def test_layers_that_speak_too(own):
    assert said(own, "place-not-applicable", place_of_service="12")[1] == (
        "Place of service 12 (Home) does not fit 0252U: Not at home. (families/pla speaks of it too.)"
    )
    assert said(own, "place-not-applicable", place_of_service="97")[1] == (
        "Place of service 97 does not fit 0252U: Nobody knows it."
    )
    assert said(own, "diagnosis-not-indicated", diagnoses=["J06.9"])[1] == (
        "Diagnosis J06.9 is no reason for 0252U: A cold is no reason."
    )


def test_a_disputed_diagnosis_without_a_name(own):
    assert said(own, "diagnosis-disputed", diagnoses=["N96"])[:2] == (
        "warning",
        "Diagnosis N96 is disputed. Officially: The code has ended.",
    )


def test_a_disputed_code_without_what_was_meant(own):
    assert said(own, "code-disputed", code="99999")[:2] == (
        "info",
        "99999 is disputed: It has another name.",
    )
    assert said(own, "code-disputed", code="99998")[1] == (
        "99998 is disputed: It has another name. Probably meant: 81445, 81450."
    )


def test_a_taxonomy_is_told_in_the_field_where_it_stands(own):
    line = {"code": "0252U", "diagnoses": ["O03.9"], "billing_taxonomy": "122300000X"}
    (finding,) = own.check(line).findings
    assert (finding.code, finding.field) == ("taxonomy-not-applicable", "billing_taxonomy")
    assert finding.message.startswith(
        "Taxonomy 122300000X does not fit 0252U as billing provider: "
    )


def test_a_disputed_taxonomy_without_what_was_meant(own):
    assert said(own, "taxonomy-disputed", taxonomy="163W00000X") == (
        "warning",
        "Taxonomy 163W00000X on 0252U is disputed. Officially: It is no laboratory.",
        "Use the code that the provider is enrolled with.",
        "sites/my-lab#0252U/taxonomies/163W00000X/performing",
    )


@pytest.mark.parametrize(
    ("field", "taxonomy", "told"),
    [
        ("taxonomy", "207R00000X", None),  # interpreting is performing's other role
        ("billing_taxonomy", "282N00000X", None),
        ("billing_taxonomy", "291U00000X", None),  # who performs may bill
        ("taxonomy", "282N00000X", "performing provider; it is listed as billing."),
        ("billing_taxonomy", "207R00000X", "billing provider; it is listed as interpreting."),
        ("ordering_taxonomy", "282N00000X", "ordering provider."),
    ],
)
def test_the_roles_of_each_field(own, field, taxonomy, told):
    line = {field: taxonomy, "diagnoses": ["O03.9"]}
    if told is None:
        assert slugs(own, **line) == []
    else:
        assert said(own, "taxonomy-unlisted", **line) == (
            "info",
            f"No rule mentions taxonomy {taxonomy} for 0252U as {told}",
            f"Check that it is the taxonomy of the {told.partition(';')[0].rstrip('.')}.",
            "codes/0252U#taxonomies",
        )


@pytest.mark.parametrize(
    ("field", "taxonomy", "entry"),
    [
        ("taxonomy", "291U00000X", "families/laboratory#taxonomies/291U00000X/performing"),
        ("ordering_taxonomy", "207P00000X", "codes/0252U#taxonomies/207P00000X/ordering"),
        # Disputed in another role: the dispute decides all the same.
        ("taxonomy", "207P00000X", "codes/0252U#taxonomies/207P00000X/ordering"),
        ("taxonomy", "282N00000X", None),  # in another role, and undisputed
        ("taxonomy", "999999999X", None),
        ("ordering_taxonomy", "291U00000X", None),
    ],
)
def test_the_entry_that_decides_about_a_provider(own, field, taxonomy, entry):
    decides = deciding_taxonomy(own.ruleset.rule("0252U"), provider_of(field, taxonomy))
    assert (None if decides is None else decides.id) == entry
