"""Checks of the modifiers."""

from __future__ import annotations

from collections.abc import Iterator

from claimcheck.checks.definition import Defect, check
from claimcheck.checks.wording import (
    edition_title,
    layers_note,
    listed,
    said_by,
    table_severity,
)
from claimcheck.codesets.bundle import CodeSets
from claimcheck.codesets.national import modifier_word
from claimcheck.dates import Epoch
from claimcheck.finding import Citation
from claimcheck.fix import Fix
from claimcheck.line import Problem
from claimcheck.ruleset.model import Rule, Ruling
from claimcheck.table_policy import Authority
from claimcheck.verdict import Severity, severity_of_dispute, severity_of_refusal

MOST_MODIFIERS = 4
_OVERLAYS = ("payers/", "sites/")
_X12_MODIFIERS = (Citation("x12-837p", "SV101-3 to SV101-6"),)


@check("modifier-malformed", field="modifiers", carc="16")
def modifier_malformed(problem: Problem) -> Iterator[Defect]:
    """A modifier is not two letters or digits.

    What it finds:
        A slot of ``modifiers`` that does not hold exactly two letters or digits. The value is shown
        only if it could be part of a modifier.

    Why it matters:
        A claim with a modifier of the wrong shape is rejected.

    Example:
        {"code": "0252U", "modifiers": ["8"], "diagnoses": ["O03.9"]}

    What to do:
        Write each modifier with two characters, in a list or separated (``26,59``).

    Sources:
        X12 005010X222A1: SV101-3 to SV101-6 have exactly two characters.
    """
    if problem.defect != "modifier-malformed":
        return
    what = f"Modifier {problem.value}" if problem.value else "A modifier"
    yield Defect(
        severity=Severity.ERROR,
        value=problem.value,
        message=f"{what} ({problem.shape}) is not two letters or digits.",
        hint="Write each modifier with two characters, in a list or separated by commas.",
        citations=_X12_MODIFIERS,
    )


@check("modifier-unknown", field="modifiers", carc="182")
def modifier_unknown(modifier: str, epoch: Epoch, code_sets: CodeSets) -> Iterator[Defect]:
    """A modifier is not in the modifier list on the date of service.

    What it finds:
        Two digits that are no CPT modifier (an error, since that part of the embedded list is
        complete), a modifier used before it began or after it ended (an error), or a modifier with a
        letter that the embedded list does not have (an info, since its HCPCS Level II part is not
        complete).

    Why it matters:
        A modifier that does not exist on the date of service is denied.

    Example:
        {"code": "0252U", "modifiers": ["00"], "diagnoses": ["O03.9"]}

    What to do:
        Remove the modifier or use the one that was meant.

    Sources:
        The CPT and HCPCS modifier lists as of mid 2024.
    """
    if code_sets.modifiers.in_force(modifier, epoch.day):
        return
    known = code_sets.modifiers.lookup(modifier)
    imported = code_sets.modifiers.imported(epoch.day)
    citations = (Citation(code_sets.modifiers.vintage.source, modifier),)
    if known is not None:
        began = known.start is not None and epoch.day is not None and epoch.day < known.start
        when = f"begins on {known.start}" if began else f"ended on {known.end}"
        message = f"Modifier {modifier} {when}; the line's date of service lies outside."
        severity = Severity.ERROR
    elif code_sets.modifiers.is_complete_for(modifier):
        message = f"Modifier {modifier} does not exist: no CPT modifier has these two digits."
        severity = Severity.ERROR
    elif imported is not None:
        citations = (imported.cite(f"modifier {modifier}"),)
        message = (
            f"Modifier {modifier} is not in force: neither the CPT modifiers nor "
            f"{edition_title(citations[0])} have it for the date of service."
        )
        severity = Severity.ERROR
    else:
        message = (
            f"Modifier {modifier} is not among the HCPCS Level II modifiers embedded here, "
            "which are a part of all."
        )
        severity = Severity.INFO
    yield Defect(
        severity=severity,
        value=modifier,
        message=message,
        hint="Remove the modifier, or use the one that was meant.",
        rule=f"codesets/modifiers#{modifier}",
        citations=citations,
        # An info may mean that the list at hand is not complete.
        fix=Fix.removing("modifiers", modifier) if severity is Severity.ERROR else None,
    )


@check("modifier-too-many", field="modifiers", carc="16", at_least=5)
def modifier_too_many(modifiers: tuple[str, ...]) -> Iterator[Defect]:
    """A line has more than four modifiers.

    What it finds:
        A fifth modifier, and any after it. Blank slots do not count.

    Why it matters:
        The 837P and the CMS-1500 form have room for four; a fifth is lost or the line rejected.

    Example:
        {"code": "0252U", "modifiers": ["59", "90", "GA", "KX", "Q0"], "diagnoses": ["O03.9"]}

    What to do:
        Keep the four that decide payment, or ask the payer about modifier 99.

    Sources:
        X12 005010X222A1: SV101-3 to SV101-6.
    """
    given = [index for index, modifier in enumerate(modifiers) if modifier]
    if len(given) > MOST_MODIFIERS:
        yield Defect(
            severity=Severity.ERROR,
            index=given[MOST_MODIFIERS],
            message=f"The line has {len(given)} modifiers; a claim line has room for four.",
            hint="Keep the four that decide payment.",
            citations=_X12_MODIFIERS,
        )


@check("modifier-duplicate", field="modifiers", carc="16", at_least=2)
def modifier_duplicate(modifiers: tuple[str, ...]) -> Iterator[Defect]:
    """A modifier stands on the line twice.

    What it finds:
        The second and any later occurrence of a modifier on one line.

    Why it matters:
        The repetition says nothing, takes one of four places, and some payers reject it.

    Example:
        {"code": "0252U", "modifiers": ["59", "59"], "conditions": ["distinct-service"],
         "diagnoses": ["O03.9"]}

    What to do:
        Remove the repetition. For a repeated service use units or a second line.

    Sources:
        X12 005010X222A1: SV101-3 to SV101-6 each name a further modifier.
    """
    for index, modifier in enumerate(modifiers):
        if modifier and modifier in modifiers[:index]:
            yield Defect(
                severity=Severity.WARNING,
                index=index,
                value=modifier,
                message=f"Modifier {modifier} stands on the line more than once.",
                hint="Remove the repetition.",
                citations=_X12_MODIFIERS,
                fix=Fix(kind="review", action="remove-repeats", field="modifiers", old=modifier),
            )


@check("modifier-not-applicable", field="modifiers", carc="4")
def modifier_not_applicable(rule: Rule | None, modifier: str) -> Iterator[Defect]:
    """A rule says that the modifier does not fit the procedure code.

    What it finds:
        A modifier for which the deciding entry says ``not-applicable``: an error, or a warning where
        the source hedges ("not typically").

    Why it matters:
        Payers deny a line whose modifier does not go with its procedure code (CARC 4). An assistant
        surgeon's modifier on a laboratory test is an example.

    Example:
        {"code": "0252U", "modifiers": ["80"], "diagnoses": ["O03.9"]}

    What to do:
        Remove the modifier, or put it on the line where it belongs. Never remove one only to be
        paid: the line must tell what was done.

    Sources:
        The cited row of the rule file's document, or the national table that its family cites.
    """
    ruling = rule.modifier(modifier) if rule is not None else None
    if ruling is None or rule is None:
        return
    entry = ruling.entry
    if entry.verdict != "not-applicable" or entry.dispute is not None:
        return
    belongs = f" It belongs to {entry.belongs_to}." if entry.belongs_to else ""
    usually = "does not usually fit" if entry.hedged else "does not fit"
    yield Defect(
        severity=severity_of_refusal(entry.hedged),
        value=modifier,
        message=f"Modifier {modifier} {usually} {rule.code}: {entry.because}{layers_note(ruling)}",
        hint=f"Remove modifier {modifier} if it does not describe this service.{belongs}",
        rule=entry.id,
        citations=entry.citations,
        fix=Fix.removing("modifiers", modifier),
    )


@check("modifier-needs-condition", field="modifiers", carc="4")
def modifier_needs_condition(
    rule: Rule | None, modifier: str, conditions: tuple[str, ...]
) -> Iterator[Defect]:
    """A modifier fits only under a condition that the line does not confirm.

    What it finds:
        A modifier for which the deciding entry says ``conditional``, on a line that does not name
        that condition in ``conditions``.

    Why it matters:
        The modifier is right only if something holds that the line itself does not show; a payer
        may ask for the record of it.

    Example:
        {"code": "0252U", "modifiers": ["90"], "diagnoses": ["O03.9"]}

    What to do:
        Confirm that the condition holds and is documented, then name it in ``conditions``; or
        remove the modifier.

    Sources:
        The cited row of the rule file's document or of its family.
    """
    ruling = rule.modifier(modifier) if rule is not None else None
    if ruling is None or rule is None:
        return
    entry = ruling.entry
    if entry.verdict != "conditional" or entry.dispute is not None or entry.when in conditions:
        return
    document = f" Document {entry.document}." if entry.document else ""
    yield Defect(
        severity=Severity.INFO,
        value=modifier,
        message=f"Modifier {modifier} fits {rule.code} only when {entry.when} holds: "
        f"{entry.because}{layers_note(ruling)}",
        hint=f"Confirm {entry.when} in the line's conditions, or remove the modifier.{document}",
        rule=entry.id,
        citations=entry.citations,
    )


@check("modifier-disputed", field="modifiers", carc="4")
def modifier_disputed(
    rule: Rule | None,
    modifier: str,
    epoch: Epoch,
    table_authority: Authority,
    code_sets: CodeSets,
) -> Iterator[Defect]:
    """The rule's source and an official source disagree about the modifier.

    What it finds:
        A modifier whose deciding entry is marked as disputed: a warning where the official fact
        makes it unfit for the line, an info where only its name or wording is wrong. Confirming a
        condition does not settle a dispute. And a modifier that a rule file permits, while an
        imported fee schedule rules it out for the code: an error if the tables bind the payer, else
        a warning, unless the permission is the payer's own.

    Why it matters:
        A page that lists a modifier is no proof that a payer takes it. Modifier 26 on a code that
        no fee schedule splits is denied, whatever the page says.

    Example:
        {"code": "0252U", "modifiers": ["26"], "diagnoses": ["O03.9"]}

    What to do:
        Follow the official source, unless your payer says otherwise in writing; then record that in
        a payer overlay with its citation.

    Sources:
        Both sides are cited: the row of the document, and the official table.
    """
    ruling = rule.modifier(modifier) if rule is not None else None
    if ruling is None or rule is None:
        return
    entry, dispute = ruling.entry, ruling.entry.dispute
    if dispute is None:
        yield from _against_tables(rule, ruling, modifier, epoch, table_authority, code_sets)
        return
    yield Defect(
        severity=severity_of_dispute(dispute.effect),
        value=modifier,
        message=f"Modifier {modifier} on {rule.code} is disputed. {said_by(entry.layer)}: "
        f"{entry.because} Officially: {dispute.because}{layers_note(ruling)}",
        hint=f"Do not rely on modifier {modifier} here unless the payer has confirmed it in writing."
        if dispute.effect == "unfit"
        else f"Use modifier {modifier} by its official meaning.",
        rule=entry.id,
        citations=entry.citations + dispute.citations,
        fix=Fix.removing("modifiers", modifier) if dispute.effect == "unfit" else None,
    )


def _against_tables(
    rule: Rule,
    ruling: Ruling,
    modifier: str,
    epoch: Epoch,
    authority: Authority,
    code_sets: CodeSets,
) -> Iterator[Defect]:
    """A permission of the rules that an imported fee schedule contradicts."""
    entry = ruling.entry
    if authority == "ignored" or entry.verdict == "not-applicable":
        return
    if authority == "advisory" and entry.layer.startswith(_OVERLAYS):
        return
    word = modifier_word(code_sets.tables, rule.code, modifier, epoch.day)
    if word is None or word.said != "refused":
        return
    yield Defect(
        severity=table_severity(authority),
        value=modifier,
        message=f"Modifier {modifier} on {rule.code} is disputed. {said_by(entry.layer)}: "
        f"{entry.because} Officially: by {edition_title(word.citation)}, {rule.code} {word.because}."
        f"{layers_note(ruling)}",
        hint=f"Do not rely on modifier {modifier} here unless the payer has confirmed it in writing.",
        rule=entry.id,
        citations=(*entry.citations, word.citation),
        fix=Fix.removing("modifiers", modifier),
    )


@check(
    "modifier-conflict",
    field="modifiers",
    carc="4",
    at_least=2,
    concerns=lambda rule: rule is not None and bool(rule.conflicts),
)
def modifier_conflict(rule: Rule | None, modifiers: tuple[str, ...]) -> Iterator[Defect]:
    """Two modifiers of the line exclude each other.

    What it finds:
        All modifiers of a combination that a rule says may not stand together, for example 26 and TC.

    Why it matters:
        A line cannot be the professional component alone and the technical component alone; the
        contradiction is denied.

    Example:
        {"code": "81452", "modifiers": ["26", "TC"], "diagnoses": ["C50.911"]}

    What to do:
        Bill one of the two, or the global service without either.

    Sources:
        The cited row of the rule file.
    """
    if rule is None:
        return
    for conflict in rule.conflicts:
        if all(modifier in modifiers for modifier in conflict.modifiers):
            last = max(modifiers.index(modifier) for modifier in conflict.modifiers)
            yield Defect(
                severity=Severity.ERROR,
                index=last,
                value=modifiers[last],
                message=f"Modifiers {listed(conflict.modifiers)} may not stand together: "
                f"{conflict.because}",
                hint=f"Keep at most one of {listed(conflict.modifiers)}.",
                rule=conflict.id,
                citations=conflict.citations,
            )


@check("modifier-unlisted", field="modifiers")
def modifier_unlisted(
    rule: Rule | None,
    modifier: str,
    epoch: Epoch,
    table_authority: Authority,
    code_sets: CodeSets,
) -> Iterator[Defect]:
    """No rule mentions the modifier for this procedure code.

    What it finds:
        A modifier that exists, and of which no layer and no imported fee schedule says anything for
        the code.

    Why it matters:
        Silence is not permission and no ban: nobody has looked. It never is more than an info.

    Example:
        {"code": "0252U", "modifiers": ["LR"], "diagnoses": ["O03.9"]}

    What to do:
        Check the payer's own policy; put what you learn into an overlay with its citation.

    Sources:
        The loaded rule set, named in every report.
    """
    if rule is None or rule.modifier(modifier) is not None:
        return
    if not code_sets.modifiers.in_force(modifier, epoch.day):
        return
    if table_authority != "ignored" and modifier_word(
        code_sets.tables, rule.code, modifier, epoch.day
    ):
        return
    yield Defect(
        severity=Severity.INFO,
        value=modifier,
        message=f"No rule mentions modifier {modifier} for {rule.code}.",
        hint="Check the payer's own policy for it.",
        rule=f"codes/{rule.code}#modifiers",
    )
