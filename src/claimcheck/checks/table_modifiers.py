"""Checks of modifiers against the imported fee schedules."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from claimcheck.checks.definition import Defect, check
from claimcheck.checks.wording import edition_title, table_severity
from claimcheck.codesets.bundle import CodeSets
from claimcheck.codesets.national import ModifierWord, modifier_word
from claimcheck.codesets.store.kinds import Kind
from claimcheck.dates import Epoch
from claimcheck.fix import Fix
from claimcheck.ruleset.model import Rule
from claimcheck.table_policy import Authority
from claimcheck.verdict import Severity

FEE_SCHEDULES: Final[tuple[Kind, ...]] = ("mpfs", "clfs")


def _word(
    code: str | None,
    rule: Rule | None,
    modifier: str,
    epoch: Epoch,
    authority: Authority,
    code_sets: CodeSets,
) -> ModifierWord | None:
    """What the fee schedules say, unless the payer ignores them or a rule file speaks itself."""
    if code is None or authority == "ignored":
        return None
    if rule is not None and rule.modifier(modifier) is not None:
        return None
    return modifier_word(code_sets.tables, code, modifier, epoch.day)


@check("modifier-not-payable", field="modifiers", carc="4", tables=FEE_SCHEDULES)
def modifier_not_payable(
    code: str | None,
    rule: Rule | None,
    modifier: str,
    epoch: Epoch,
    table_authority: Authority,
    code_sets: CodeSets,
) -> Iterator[Defect]:
    """Medicare's fee schedule has no payment for the modifier on this procedure code.

    What it finds:
        A modifier that the imported fee schedules rule out for the code on the date of service: 26 and
        TC by the PC/TC indicator, 50 by the bilateral indicator, 62, 66, 80, 81, 82 and AS by the
        surgery indicators, 24, 54 to 58, 78 and 79 by the global days, anesthesia modifiers on other
        services, QW by the rows of the laboratory fee schedule. An error if the tables bind the
        payer, else a warning. Where a rule file speaks of the modifier, its own finding is told.

    Why it matters:
        Medicare denies a modifier that does not go with the code (CARC 4), and many payers follow.

    Example:
        {"code": "99213", "modifiers": ["80"], "diagnoses": ["J06.9"], "payer": "medicare"}

    What to do:
        Remove the modifier if it does not describe the service; if the payer takes it all the same,
        say so in a payer overlay with its citation.

    Sources:
        The imported editions of the Medicare physician fee schedule (relative value file) and the
        clinical laboratory fee schedule.
    """
    word = _word(code, rule, modifier, epoch, table_authority, code_sets)
    if word is None or word.said != "refused":
        return
    yield Defect(
        severity=table_severity(table_authority),
        value=modifier,
        message=f"Modifier {modifier} does not fit {code}: by {edition_title(word.citation)}, "
        f"{code} {word.because}.",
        hint=f"Remove modifier {modifier} if it does not describe this service.",
        rule=word.rule,
        citations=(word.citation,),
        fix=Fix.removing("modifiers", modifier),
    )


@check("modifier-needs-documentation", field="modifiers", carc="4", tables=FEE_SCHEDULES)
def modifier_needs_documentation(
    code: str | None,
    rule: Rule | None,
    modifier: str,
    epoch: Epoch,
    table_authority: Authority,
    code_sets: CodeSets,
) -> Iterator[Defect]:
    """Medicare pays the modifier on this procedure code only with supporting documentation.

    What it finds:
        An assistant, a co-surgeon or a surgical team on a code whose indicator asks for proof that
        they were needed. Where a rule file speaks of the modifier, its own finding is told.

    Why it matters:
        Without the documentation the line is denied.

    Example:
        {"code": "27447", "modifiers": ["62"], "diagnoses": ["M17.11"]}

    What to do:
        Have the record show why a further surgeon was needed.

    Sources:
        The imported edition of the Medicare physician fee schedule (relative value file).
    """
    word = _word(code, rule, modifier, epoch, table_authority, code_sets)
    if word is None or word.said != "documentation":
        return
    yield Defect(
        severity=Severity.INFO,
        value=modifier,
        message=f"Modifier {modifier} on {code} needs documentation: by "
        f"{edition_title(word.citation)}, {code} {word.because}.",
        hint="Have the record show why a further surgeon was needed.",
        rule=word.rule,
        citations=(word.citation,),
    )
