"""Checks of the provider taxonomies: performing, billing and ordering provider."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from claimcheck.checks.definition import Defect, Provider, check
from claimcheck.checks.wording import edition_title, layers_note, listed, said_by
from claimcheck.codesets.bundle import CodeSets
from claimcheck.dates import Epoch
from claimcheck.finding import Citation
from claimcheck.fix import Fix
from claimcheck.line import Problem
from claimcheck.ruleset.model import Entry, Rule, Ruling
from claimcheck.verdict import Role, Severity, severity_of_dispute

ROLES: Final[dict[str, tuple[Role, ...]]] = {
    "taxonomy": ("performing", "interpreting"),
    "billing_taxonomy": ("billing", "performing"),
    "ordering_taxonomy": ("ordering",),
}
"""The roles that each field stands for."""

_ALL_ROLES: Final[tuple[Role, ...]] = ("performing", "interpreting", "billing", "ordering")

_FIELD_WORDS: Final = {
    "taxonomy": "performing provider",
    "billing_taxonomy": "billing provider",
    "ordering_taxonomy": "ordering provider",
}


@check("taxonomy-malformed", field="taxonomy", carc="16")
def taxonomy_malformed(problem: Problem) -> Iterator[Defect]:
    """A provider taxonomy is not ten characters that end in X.

    What it finds:
        A taxonomy that is not nine letters or digits and an X. The value is shown only if it ends in
        X and has at most ten letters and digits, since ten digits may be a telephone number.

    Why it matters:
        A claim with a malformed taxonomy is rejected by payers that ask for one.

    Example:
        {"code": "0252U", "taxonomy": "291U0000X", "diagnoses": ["O03.9"]}

    What to do:
        Write the code of the NUCC list; a clinical laboratory's is 291U00000X.

    Sources:
        NUCC provider taxonomy, version 25.1: the shape of all its codes.
    """
    if problem.defect != "taxonomy-malformed":
        return
    what = f"Taxonomy {problem.value}" if problem.value else "The taxonomy"
    yield Defect(
        severity=Severity.ERROR,
        field=problem.field,
        value=problem.value,
        message=f"{what} ({problem.shape}) is not nine letters or digits and an X.",
        hint="Write the ten characters of the NUCC list.",
        citations=(Citation("nucc-25.1", "all codes"),),
    )


@check("taxonomy-unknown", field="taxonomy", carc="16")
def taxonomy_unknown(provider: Provider, epoch: Epoch, code_sets: CodeSets) -> Iterator[Defect]:
    """A provider taxonomy is not in the NUCC list on the date of service.

    What it finds:
        With an imported NUCC list: a code that it does not have; an error if the list covers the date
        of service, else an info. Without one: a code of which it is known that no version has it; a
        code that is merely absent from the few embedded ones gives no finding.

    Why it matters:
        Payers reject a taxonomy that does not exist.

    Example:
        {"code": "0252U", "taxonomy": "204V00000X", "diagnoses": ["O03.9"]}

    What to do:
        Use the provider's own code, as enrolled with the payer.

    Sources:
        The imported edition of the NUCC provider taxonomy; else versions 9.0 to 25.1, of which the
        absence of some codes is known.
    """
    taxonomies, taxonomy = code_sets.taxonomies, provider.taxonomy
    imported = taxonomies.imported(epoch.day)
    if imported is not None and taxonomies.has(taxonomy, epoch.day):
        return
    severity = Severity.ERROR
    if imported is not None:
        citation = imported.cite(taxonomy)
        message = f"Taxonomy {taxonomy} is not in {edition_title(citation)}."
    elif taxonomies.known_absent(taxonomy):
        citation = Citation(taxonomies.vintage.source, taxonomy)
        message = f"Taxonomy {taxonomy} is in no version of the NUCC list."
    else:
        newest = taxonomies.newest()
        if newest is None or taxonomies.has(taxonomy, None):
            return
        severity, citation = Severity.INFO, newest.cite(taxonomy)
        message = (
            f"Taxonomy {taxonomy} is not in {edition_title(citation)}, which does not cover the date "
            "of service."
        )
    yield Defect(
        severity=severity,
        field=provider.field,
        value=taxonomy,
        message=message,
        hint="Use the provider's own code, as enrolled with the payer.",
        rule=f"codesets/taxonomy#{taxonomy}",
        citations=(citation,),
    )


def roles_asked(field: str) -> tuple[Role, ...]:
    """The roles in which a taxonomy of the field is looked for, first those that the field stands for.

    Anybody may order a test, so an ordering provider is judged as such alone.
    """
    own = ROLES[field]
    others = () if field == "ordering_taxonomy" else _ALL_ROLES
    return (*own, *(role for role in others if role not in own))


def deciding_taxonomy(rule: Rule, provider: Provider) -> Entry | None:
    """The entry that decides about a provider: in a role of the field, or disputed in another."""
    ruling = _ruling(rule, provider)
    if ruling is None or not (_in_role(ruling, provider) or ruling.entry.dispute is not None):
        return None
    return ruling.entry


def _ruling(rule: Rule, provider: Provider) -> Ruling | None:
    """The ruling for the roles of the field; failing that, for any other role."""
    for role in roles_asked(provider.field):
        ruling = rule.taxonomy(provider.taxonomy, role)
        if ruling is not None:
            return ruling
    return None


def _in_role(ruling: Ruling, provider: Provider) -> bool:
    return ruling.entry.role in ROLES[provider.field]


@check("taxonomy-not-applicable", field="taxonomy", carc="8")
def taxonomy_not_applicable(rule: Rule | None, provider: Provider) -> Iterator[Defect]:
    """A rule says that a provider of this taxonomy does not perform or bill the service.

    What it finds:
        A taxonomy for which the deciding entry says ``not-applicable`` in the field's role.

    Why it matters:
        Payers deny a procedure code that does not fit the provider's specialty (CARC 8).

    Example:
        {"code": "0252U", "taxonomy": "122300000X", "diagnoses": ["O03.9"]}

    What to do:
        Give the taxonomy of the provider who performed the service: for a laboratory 291U00000X.

    Sources:
        The cited row of the rule file or of its family.
    """
    if rule is None:
        return
    ruling = _ruling(rule, provider)
    if ruling is None or not _in_role(ruling, provider):
        return
    entry = ruling.entry
    if entry.verdict != "not-applicable" or entry.dispute is not None:
        return
    yield Defect(
        severity=Severity.WARNING,
        field=provider.field,
        value=provider.taxonomy,
        message=f"Taxonomy {provider.taxonomy} does not fit {rule.code} as "
        f"{_FIELD_WORDS[provider.field]}: {entry.because}{layers_note(ruling)}",
        hint="Give the taxonomy of the provider who performed the service.",
        rule=entry.id,
        citations=entry.citations,
    )


@check("taxonomy-disputed", field="taxonomy", carc="8")
def taxonomy_disputed(rule: Rule | None, provider: Provider) -> Iterator[Defect]:
    """The rule's source and the NUCC list disagree about the taxonomy.

    What it finds:
        A taxonomy whose deciding entry is marked as disputed: a warning where the official fact
        makes it unfit for the line or the source lists it in another role, else an info.

    Why it matters:
        A list that calls Emergency Medicine "Obstetrics & Gynecology" puts the wrong provider on the
        claim.

    Example:
        {"code": "0252U", "taxonomy": "207P00000X", "diagnoses": ["O03.9"]}

    What to do:
        Use the code that the provider is enrolled with; the finding names the one probably meant.

    Sources:
        Both sides are cited: the row of the document, and the NUCC list.
    """
    if rule is None:
        return
    ruling = _ruling(rule, provider)
    if ruling is None or ruling.entry.dispute is None:
        return
    entry, dispute = ruling.entry, ruling.entry.dispute
    severity = severity_of_dispute(dispute.effect)
    other_role = ""
    if not _in_role(ruling, provider):
        severity = Severity.WARNING
        other_role = f" It is listed as {entry.role}, and stands here for the " + (
            f"{_FIELD_WORDS[provider.field]}."
        )
    named = f" {said_by(entry.layer)}: {entry.named}." if entry.named else ""
    meant = f" Probably meant: {listed(dispute.meant)}." if dispute.meant else ""
    yield Defect(
        severity=severity,
        field=provider.field,
        value=provider.taxonomy,
        message=f"Taxonomy {provider.taxonomy} on {rule.code} is disputed.{named} "
        f"Officially: {dispute.because}{meant}{other_role}",
        hint=f"Use {listed(dispute.meant)} if that provider was meant."
        if dispute.meant
        else "Use the code that the provider is enrolled with.",
        rule=entry.id,
        citations=entry.citations + dispute.citations,
        fix=_meant(provider, dispute.meant) if not other_role else None,
    )


def _meant(provider: Provider, meant: Sequence[str]) -> Fix | None:
    """The one taxonomy that was probably meant; None where there is none, or a choice."""
    if len(meant) != 1:
        return None
    return Fix(
        kind="review",
        action="replace",
        field=provider.field,
        old=provider.taxonomy,
        value=meant[0],
    )


@check("taxonomy-unlisted", field="taxonomy")
def taxonomy_unlisted(
    rule: Rule | None, provider: Provider, code_sets: CodeSets
) -> Iterator[Defect]:
    """No rule mentions the taxonomy in this role.

    What it finds:
        A taxonomy of which no layer says anything in the field's role, where the rules do speak of
        that role.

    Why it matters:
        Silence is not permission and no ban. It never is more than an info.

    Example:
        {"code": "0252U", "taxonomy": "207R00000X", "diagnoses": ["O03.9"]}

    What to do:
        Check that the taxonomy is the one of the provider in that role.

    Sources:
        The loaded rule set, named in every report.
    """
    if rule is None or code_sets.taxonomies.known_absent(provider.taxonomy):
        return
    roles = ROLES[provider.field]
    if not any(rule.has_role(role) for role in roles):
        return
    ruling = _ruling(rule, provider)
    if ruling is not None and (_in_role(ruling, provider) or ruling.entry.dispute is not None):
        return
    if any(rule.meant(provider.taxonomy, role) is not None for role in roles):
        return
    role = f"; it is listed as {ruling.entry.role}" if ruling is not None else ""
    yield Defect(
        severity=Severity.INFO,
        field=provider.field,
        value=provider.taxonomy,
        message=f"No rule mentions taxonomy {provider.taxonomy} for {rule.code} as "
        f"{_FIELD_WORDS[provider.field]}{role}.",
        hint=f"Check that it is the taxonomy of the {_FIELD_WORDS[provider.field]}.",
        rule=f"codes/{rule.code}#taxonomies",
    )
