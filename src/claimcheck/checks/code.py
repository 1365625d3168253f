"""Checks of the procedure code."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final, Literal

from claimcheck.checks.definition import Defect, check
from claimcheck.checks.wording import edition_title, listed
from claimcheck.codesets.bundle import CodeSets
from claimcheck.codesets.store.kinds import MEDICARE_KINDS, Kind
from claimcheck.dates import Epoch, Period
from claimcheck.finding import Citation
from claimcheck.fix import Fix
from claimcheck.line import Problem
from claimcheck.ruleset.model import Rule
from claimcheck.table_policy import Authority
from claimcheck.verdict import Severity, severity_of_dispute

_SHAPES = (
    "A procedure code has five characters: five digits (CPT), four digits and A, F, M, T or U "
    "(CPT categories and PLA), or a letter A to V and four digits (HCPCS Level II)."
)


@check("code-missing", field="code", carc="16")
def code_missing(problem: Problem) -> Iterator[Defect]:
    """The line has no procedure code.

    What it finds:
        A line whose ``code`` is absent, None or blank.

    Why it matters:
        Without a procedure code nothing of the line can be billed or checked.

    Example:
        {"modifiers": ["59"], "place_of_service": "81"}

    What to do:
        Give the CPT or HCPCS code of the service.

    Sources:
        X12 005010X222A1: SV101-2 is required on every service line.
    """
    if problem.defect == "code-missing":
        yield Defect(
            severity=Severity.ERROR,
            message="The line has no procedure code.",
            hint="Give the CPT or HCPCS code of the service.",
        )


@check("code-malformed", field="code", carc="16")
def code_malformed(problem: Problem) -> Iterator[Defect]:
    """The procedure code has a shape that no CPT or HCPCS code has.

    What it finds:
        A code that is not five digits, four digits and one of A F M T U, or a letter A to V and
        four digits. A lost leading zero (``252U``) and a letter O in place of a zero (``O252U``)
        are named, and not silently repaired.

    Why it matters:
        A claim with a code of the wrong shape is rejected before anybody looks at it.

    Example:
        {"code": "252U", "diagnoses": ["O03.9"]}

    What to do:
        Write the code as published. Store codes as text: a spreadsheet drops leading zeros.

    Sources:
        The shapes of CPT Category I, II and III, PLA, MAAA and HCPCS Level II codes.
    """
    if problem.defect != "code-malformed":
        return
    meant = f" It looks like {problem.looks_like}." if problem.looks_like else ""
    what = f"Procedure code {problem.value}" if problem.value else "The procedure code"
    yield Defect(
        severity=Severity.ERROR,
        value=problem.value,
        message=f"{what} ({problem.shape}) has a shape that no procedure code has.{meant}",
        hint=_SHAPES,
        fix=_spelt(problem),
    )


def _spelt(problem: Problem) -> Fix | None:
    """The code that was probably meant: a letter for a digit is spelling, a lost digit is a guess."""
    if problem.value is None or problem.looks_like is None:
        return None
    return Fix(
        kind="safe" if len(problem.value) == len(problem.looks_like) else "review",
        action="replace",
        field="code",
        old=problem.value,
        value=problem.looks_like,
    )


@check("code-other-code-set", field="code")
def code_other_code_set(problem: Problem) -> Iterator[Defect]:
    """The procedure code says that it is no CPT or HCPCS code, and is not checked.

    What it finds:
        A procedure code that comes with the name of another code set: in an 837 file a qualifier
        other than HC, such as ER or WK. It is never looked up, also where it has the shape of a
        CPT or HCPCS code.

    Why it matters:
        Not checked is not passed: no rule and no list speaks of such a code.

    Example:
        {"code": {"system": "qualifier WK", "code": "BDBAA"}, "diagnoses": ["O03.9"]}

    What to do:
        If the code is CPT or HCPCS, say so: qualifier HC in an 837 file, their system in FHIR. Else have
        the line checked by hand.

    Sources:
        X12 005010X222A1: SV101-1 tells the code set of the procedure code.
    """
    if problem.defect != "code-other-code-set":
        return
    what = f"Procedure code {problem.value}" if problem.value else "The procedure code"
    yield Defect(
        severity=Severity.INFO,
        value=problem.value,
        message=f"{what} is given as {problem.shape}, not as CPT or HCPCS, and was not checked.",
        hint="If the code is CPT or HCPCS, say so: qualifier HC in an 837 file, their system in FHIR.",
        citations=(Citation("x12-837p", "SV101-1"),),
    )


@check("code-no-rule", field="code")
def code_no_rule(
    code: str | None,
    rule: Rule | None,
    epoch: Epoch,
    table_authority: Authority,
    code_sets: CodeSets,
) -> Iterator[Defect]:
    """No rule file speaks of the procedure code, so the line was not checked against any.

    What it finds:
        A well-formed code for which the rule set has no file, and which no imported fee schedule has
        for the date of service. The report's status is then ``not-checked``:
        only shapes and code sets were looked at.

    Why it matters:
        Not checked is not passed. A line without findings is no good news if nothing looked.

    Example:
        {"code": "99213", "diagnoses": ["J06.9"]}

    What to do:
        Nothing, or add a rule file for the code in a folder of your own (``--rules``).

    Sources:
        The loaded rule set, named in every report with version and hash.
    """
    if code is not None and not is_checked(code, rule, epoch, table_authority, code_sets):
        yield Defect(
            severity=Severity.INFO,
            value=code,
            message=f"No rule file{_or_table(code_sets)} speaks of {code}; shapes and code sets alone "
            "were checked.",
            hint="Not checked is not passed: add a rule file for the code, or check it by hand.",
        )


def _or_table(code_sets: CodeSets) -> str:
    """Words for the imported tables, if there are any."""
    return " and no imported table of the date" if code_sets.tables.kinds else ""


def is_checked(
    code: str, rule: Rule | None, epoch: Epoch, authority: Authority, code_sets: CodeSets
) -> bool:
    """Whether a rule file or a national table decides about a code."""
    if rule is not None:
        return True
    return authority != "ignored" and code_sets.tables.decides(code, epoch.day)


@check(
    "code-unknown",
    field="code",
    carc="181",
    tables=("mpfs", "clfs", "pla", "hcpcs"),
)
def code_unknown(
    code: str | None,
    rule: Rule | None,
    epoch: Epoch,
    table_authority: Authority,
    code_sets: CodeSets,
) -> Iterator[Defect]:
    """None of the imported lists that should have the procedure code has it.

    What it finds:
        For the date of service: a HCPCS Level II code (other than a dental D code) that is not in the
        imported HCPCS list; a PLA code that is neither in the imported PLA list nor on the laboratory
        fee schedule; a CPT code that is neither in the physician nor on the laboratory fee schedule,
        where both are imported. Always a warning: these files are Medicare's, and not the CPT book.

    Why it matters:
        A code that has been deleted, or never was, is denied (CARC 181).

    Example:
        {"code": "81454", "diagnoses": ["C50.911"]}

    What to do:
        Look the code up in the official list for the date of service.

    Sources:
        The imported editions that the message names.
    """
    if code is None or (rule is not None and rule.dispute is not None):
        return
    wanted = _lists_of(code)
    if table_authority == "ignored" and not MEDICARE_KINDS.isdisjoint(wanted):
        return
    tables, day = code_sets.tables, epoch.day
    if not wanted or any(tables.state_of(kind, code, day) != "no-row" for kind in wanted):
        return
    citations = tuple(
        edition.cite(code) for kind in wanted if (edition := tables.edition(kind, day)) is not None
    )
    names = listed([edition_title(citation) for citation in citations], "nor in")
    not_in = "neither in" if len(citations) > 1 else "not in"
    yield Defect(
        severity=Severity.WARNING,
        value=code,
        message=f"{code} is {not_in} {names}.",
        hint="Look the code up in the official list for the date of service.",
        rule=f"tables/{wanted[0]}#{code}",
        citations=citations,
    )


def _lists_of(code: str) -> tuple[Kind, ...]:
    """The lists that have every code of this kind, if they are looked at together."""
    if code[0].isalpha():
        return () if code[0] == "D" else ("hcpcs",)
    if code.endswith("U"):
        return ("pla", "clfs")
    if code.isdigit() or code[-1] in "FT":
        return ("mpfs", "clfs")
    return ()


@check("code-not-in-effect", field="code", carc="181")
def code_not_in_effect(
    code: str | None, rule: Rule | None, epoch: Epoch, code_sets: CodeSets
) -> Iterator[Defect]:
    """The procedure code is not in effect on the date of service.

    What it finds:
        A date of service before the code takes effect, or after it has ended, by its rule file or by
        an imported list of PLA or HCPCS Level II codes.

    Why it matters:
        Payers deny a code that is not valid on the date of service, whatever the date of the claim.

    Example:
        {"code": "0252U", "service_date": "2021-06-30", "diagnoses": ["O03.9"]}

    What to do:
        Check the date of service (for most laboratory tests the day of collection), or bill the
        code that was valid on it.

    Sources:
        The effective date that the rule file cites, for PLA codes the AMA's list; or the imported
        edition that the finding cites.
    """
    if code is None or epoch.day is None:
        return
    if rule is not None and not rule.period.holds(epoch.day):
        yield _outside(code, rule.period, epoch.day, f"codes/{code}#code", rule.period_citations)
        return
    tables = code_sets.tables
    for kind in _DATED_LISTS:
        span = tables.span(kind, code, epoch.day)
        edition = tables.edition(kind, epoch.day)
        if span is not None and edition is not None and not Period(*span).holds(epoch.day):
            cited = (edition.cite(code),)
            yield _outside(code, Period(*span), epoch.day, f"tables/{kind}#{code}", cited)


_DATED_LISTS: Final[tuple[Literal["pla", "hcpcs"], ...]] = ("pla", "hcpcs")


def _outside(
    code: str, period: Period, day: date, rule: str, citations: tuple[Citation, ...]
) -> Defect:
    first, last = period.first, period.last
    when = f"takes effect on {first}" if first and day < first else f"was in effect until {last}"
    return Defect(
        severity=Severity.ERROR,
        value=code,
        message=f"{code} {when}; the line's date of service lies outside.",
        hint="Check the date of service, or use the code that was valid on it.",
        rule=rule,
        citations=citations,
    )


@check("code-disputed", field="code", carc="181")
def code_disputed(rule: Rule | None) -> Iterator[Defect]:
    """The rule's source and the official lists disagree about the code itself.

    What it finds:
        A code whose rule file marks it as disputed, for example because it is in no official list.
        It is a warning if the line should not use the code, an info if only its name is wrong.

    Why it matters:
        A page on the web may describe a code that does not exist. Billing it is denied.

    Example:
        {"code": "81452", "diagnoses": ["C50.911"]}

    What to do:
        Look the code up in the official list for the date of service; the message names the code
        that the source's text describes, where one is known.

    Sources:
        The dispute's own citation in the rule file.
    """
    if rule is None or rule.dispute is None:
        return
    dispute = rule.dispute
    meant = f" Probably meant: {', '.join(dispute.meant)}." if dispute.meant else ""
    yield Defect(
        severity=severity_of_dispute(dispute.effect),
        value=rule.code,
        message=f"{rule.code} is disputed: {dispute.because}{meant}",
        hint="Confirm the code in the official list for the date of service before billing it.",
        rule=f"codes/{rule.code}#code",
        citations=dispute.citations,
    )
