"""Checks of the diagnoses that the line points to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import attrs

from claimcheck.checks.definition import Defect, PairSieve, check
from claimcheck.checks.wording import dotless, layers_note, listed, said_by
from claimcheck.codesets.bundle import CodeSets, DiagnosisCodes
from claimcheck.codesets.excludes import Standing
from claimcheck.dates import Epoch
from claimcheck.finding import Citation
from claimcheck.fix import Fix
from claimcheck.line import Problem
from claimcheck.ruleset.model import Entry, Exclusion, Rule
from claimcheck.verdict import Severity, severity_of_dispute

MOST_POINTERS = 4
MOST_DIAGNOSES = 12
_SHOWN_CHILDREN = 4


@check("diagnosis-missing", field="diagnoses", carc="16")
def diagnosis_missing(rule: Rule | None, diagnosis_verdicts: frozenset[str]) -> Iterator[Defect]:
    """The line points to no diagnosis, and the rules judge this code by its diagnosis.

    What it finds:
        A line without any diagnosis, for a code whose rules say which diagnoses support it.

    Why it matters:
        A professional claim line without a diagnosis pointer is rejected, and nobody can tell
        whether the test was needed.

    Example:
        {"code": "0252U", "place_of_service": "81"}

    What to do:
        Point the line to the diagnosis that was the reason for the service.

    Sources:
        X12 005010X222A1: SV107 points from the line to the claim's diagnoses.
    """
    if rule is not None and not diagnosis_verdicts and rule.has("diagnoses"):
        yield Defect(
            severity=Severity.WARNING,
            message=f"The line points to no diagnosis; {rule.code} is judged by its diagnosis.",
            hint="Point the line to the diagnosis that was the reason for the service.",
            rule=f"codes/{rule.code}#diagnoses",
            citations=(Citation("x12-837p", "SV107"),),
        )


@check("diagnosis-malformed", field="diagnoses", carc="146")
def diagnosis_malformed(problem: Problem) -> Iterator[Defect]:
    """A diagnosis has a shape that no ICD-10-CM code has.

    What it finds:
        A diagnosis that is not a letter, two further characters and up to four more. A digit 0 in
        place of the letter O (``003.9``) is named. Lower case, a missing dot and blanks are
        understood and no finding.

    Why it matters:
        A claim with a malformed diagnosis is rejected.

    Example:
        {"code": "0252U", "diagnoses": ["003.9"]}

    What to do:
        Write the ICD-10-CM code, with or without its dot.

    Sources:
        ICD-10-CM, April 2026: the shape that all its codes share.
    """
    if problem.defect != "diagnosis-malformed":
        return
    what = f"Diagnosis {problem.value}" if problem.value else "A diagnosis"
    meant = f" It looks like {problem.looks_like}." if problem.looks_like else ""
    yield Defect(
        severity=Severity.ERROR,
        value=problem.value,
        message=f"{what} ({problem.shape}) has a shape that no ICD-10-CM code has.{meant}",
        hint="Write a letter, two more characters, and up to four after the dot: O03.9.",
        citations=(Citation("icd-10-cm-2026-04", "tabular list"),),
        fix=_spelt(problem),
    )


def _spelt(problem: Problem) -> Fix | None:
    """The diagnosis that was probably meant; for review, since 003.9 is an ICD-9-CM code as well."""
    if problem.value is None or problem.looks_like is None:
        return None
    return Fix(
        kind="review",
        action="replace",
        field="diagnoses",
        index=problem.index,
        old=problem.value,
        value=problem.looks_like,
    )


@check("diagnosis-other-code-set", field="diagnoses", carc="146")
def diagnosis_other_code_set(problem: Problem) -> Iterator[Defect]:
    """A diagnosis says that it is no ICD-10-CM code, and is not checked.

    What it finds:
        A diagnosis that comes with the name of another code set: qualifier BK or BF in an 837 file
        says ICD-9-CM. It is never looked up as an ICD-10-CM code, also where it has the shape of one.

    Why it matters:
        Claims with dates of service from 2015-10-01 need ICD-10-CM; others are denied (CARC 146).
        In an older claim ICD-9-CM is right.

    Example:
        {"code": "0252U", "diagnoses": [{"system": "ICD-9-CM", "code": "63490"}]}

    What to do:
        For dates of service from 2015-10-01 write the ICD-10-CM code with the qualifier ABK or ABF.

    Sources:
        X12 005010X222A1: HI01-1 tells the code set of the diagnosis.
    """
    if problem.defect != "diagnosis-other-code-set":
        return
    what = f"Diagnosis {problem.value}" if problem.value else "A diagnosis"
    yield Defect(
        severity=Severity.INFO,
        value=problem.value,
        message=f"{what} is given as {problem.shape}, not as ICD-10-CM, and was not checked.",
        hint="From the date of service 2015-10-01 on write the ICD-10-CM code (837: qualifier ABK or ABF).",
        citations=(Citation("x12-837p", "HI01-1"),),
    )


@check("diagnosis-unknown", field="diagnoses", carc="146")
def diagnosis_unknown(diagnosis: str, epoch: Epoch, code_sets: CodeSets) -> Iterator[Defect]:
    """A diagnosis is not in ICD-10-CM on the date of service.

    What it finds:
        A well-formed code that the list does not have: an error if the list covers the
        date of service, else an info, since the code may be older or newer than the list.

    Why it matters:
        A diagnosis that is not valid on the date of service is denied (CARC 146).

    Example:
        {"code": "0252U", "diagnoses": ["O03.9", "O99.999"], "service_date": "2026-05-04"}

    What to do:
        Look the code up in the list for the date of service; codes change each 1 October and
        sometimes on 1 April.

    Sources:
        ICD-10-CM as of April 2026, for dates of service from 2026-04-01 to 2026-09-30; for other
        dates the imported edition that covers them.
    """
    codes = code_sets.diagnoses_on(epoch.day)
    if codes.lookup(diagnosis) is not None:
        return
    covered = codes.vintage.covers(epoch.day)
    yield Defect(
        severity=Severity.ERROR if covered else Severity.INFO,
        value=diagnosis,
        message=f"Diagnosis {diagnosis} is not in {codes.vintage.name}"
        + ("." if covered else ", which does not cover the date of service."),
        hint="Look the code up in the ICD-10-CM list for the date of service.",
        rule=f"codesets/icd10cm#{diagnosis}",
        citations=(Citation(codes.vintage.source, diagnosis),),
    )


@check("diagnosis-not-billable", field="diagnoses", carc="146")
def diagnosis_not_billable(diagnosis: str, epoch: Epoch, code_sets: CodeSets) -> Iterator[Defect]:
    """A diagnosis is a header, which stands for a group of codes and cannot be billed.

    What it finds:
        An ICD-10-CM category or subcategory that has more specific codes below it: an error if the
        list covers the date of service, else an info.

    Why it matters:
        A diagnosis that is not coded to the last character is denied (CARC 146).

    Example:
        {"code": "0252U", "diagnoses": ["O00.9"], "service_date": "2026-05-04"}

    What to do:
        Use the more specific code that the record supports; the finding names some.

    Sources:
        ICD-10-CM as of April 2026, for dates of service from 2026-04-01 to 2026-09-30; for other
        dates the imported edition that covers them.
    """
    codes = code_sets.diagnoses_on(epoch.day)
    if codes.lookup(diagnosis) != "header":
        return
    covered = codes.vintage.covers(epoch.day)
    children = codes.billable_children(diagnosis, _SHOWN_CHILDREN + 1)
    more = " and others" if len(children) > _SHOWN_CHILDREN else ""
    shown = ", ".join(children[:_SHOWN_CHILDREN])
    yield Defect(
        severity=Severity.ERROR if covered else Severity.INFO,
        value=diagnosis,
        message=f"Diagnosis {diagnosis} is a header in {codes.vintage.name} and cannot be billed"
        + ("." if covered else "; that list does not cover the date of service."),
        hint=f"Use the more specific code that the record supports: {shown}{more}.",
        rule=f"codesets/icd10cm#{diagnosis}",
        citations=(Citation(codes.vintage.source, diagnosis),),
        fix=_only_choice(diagnosis, children),
    )


def _only_choice(diagnosis: str, children: Sequence[str]) -> Fix | None:
    """The one billable code below a header; None where somebody has to choose."""
    if len(children) != 1:
        return None
    return Fix(kind="review", action="replace", field="diagnoses", old=diagnosis, value=children[0])


@check("diagnosis-not-supporting", field="diagnoses", carc="11", late=("primary_diagnosis",))
def diagnosis_not_supporting(
    rule: Rule | None, primary_diagnosis: str | None, diagnosis_verdicts: frozenset[str]
) -> Iterator[Defect]:
    """None of the line's diagnoses is one that the rules name as a reason for the service.

    What it finds:
        A line with diagnoses, none of which has an entry ``indicated``. A diagnosis that a rule
        calls not indicated is told by ``diagnosis-not-indicated`` instead.

    Why it matters:
        Payers deny a test whose diagnosis does not support it (CARC 11 or 50).

    Example:
        {"code": "0252U", "diagnoses": ["J06.9"]}

    What to do:
        Point the line to the diagnosis that was the reason for the test, if the record has one.

    Sources:
        The diagnoses that the rule file cites. Its source may not name every good reason, so this
        is a warning and no error.
    """
    if rule is None or not rule.has("diagnoses"):
        return
    readable = diagnosis_verdicts - {"unreadable"}
    if not readable or readable & {"indicated", "not-indicated"}:
        return
    context = " (context only)" if "secondary" in diagnosis_verdicts else ""
    yield Defect(
        severity=Severity.WARNING,
        value=primary_diagnosis,
        message=f"No diagnosis of the line is one that the rules name as a reason for {rule.code}; "
        f"the first is {primary_diagnosis}{context}.",
        hint="Point the line to the diagnosis that was the reason for the service.",
        rule=f"codes/{rule.code}#diagnoses",
        citations=_indicated(rule),
    )


def _indicated(rule: Rule) -> tuple[Citation, ...]:
    """The places in the sources that name the reasons for the service."""
    found = {
        citation: None
        for part in rule.statements
        for entry in part.diagnoses
        if entry.verdict == "indicated"
        for citation in entry.citations
    }
    return tuple(found)


@check("diagnosis-not-indicated", field="diagnoses", carc="11")
def diagnosis_not_indicated(rule: Rule | None, diagnosis: str) -> Iterator[Defect]:
    """A rule says that the diagnosis is no reason for the service.

    What it finds:
        A diagnosis for which the deciding entry says ``not-indicated``.

    Why it matters:
        Payers deny a test for a condition that it does not serve (CARC 11 or 50).

    Example:
        {"code": "81452", "diagnoses": ["C91.00"]}

    What to do:
        Check that the right test is billed for the diagnosis, and the right diagnosis for the test.

    Sources:
        The cited row of the rule file.
    """
    ruling = rule.diagnosis(dotless(diagnosis)) if rule is not None else None
    if ruling is None or rule is None or ruling.entry.verdict != "not-indicated":
        return
    yield Defect(
        severity=Severity.WARNING,
        value=diagnosis,
        message=f"Diagnosis {diagnosis} is no reason for {rule.code}: "
        f"{ruling.entry.because}{layers_note(ruling)}",
        hint="Check that this test is the right one for the diagnosis.",
        rule=ruling.entry.id,
        citations=ruling.entry.citations,
    )


@check("diagnosis-disputed", field="diagnoses", carc="11")
def diagnosis_disputed(rule: Rule | None, diagnosis: str) -> Iterator[Defect]:
    """The rule's source and ICD-10-CM disagree about the diagnosis.

    What it finds:
        A diagnosis whose deciding entry is marked as disputed: a warning where the official fact
        makes it unfit for the line, an info where only the source's name for it is wrong.

    Why it matters:
        A code chosen by a wrong name tells the payer another condition than the record does.

    Example:
        {"code": "0252U", "diagnoses": ["O03.4"]}

    What to do:
        Choose the code by its official title, not by the name in the rule's source.

    Sources:
        Both sides are cited: the row of the document, and ICD-10-CM.
    """
    ruling = rule.diagnosis(dotless(diagnosis)) if rule is not None else None
    if ruling is None or ruling.entry.dispute is None:
        return
    entry, dispute = ruling.entry, ruling.entry.dispute
    meant = f" Probably meant: {listed(dispute.meant)}." if dispute.meant else ""
    named = f" {said_by(entry.layer)}: {entry.named}." if entry.named else ""
    yield Defect(
        severity=severity_of_dispute(dispute.effect),
        value=diagnosis,
        message=f"Diagnosis {diagnosis} is disputed.{named} Officially: {dispute.because}{meant}",
        hint="Choose the code by its official title.",
        rule=entry.id,
        citations=entry.citations + dispute.citations,
    )


def _speaks_of(rule: Rule | None, diagnosis: str) -> bool:
    ruling = rule.diagnosis(dotless(diagnosis)) if rule is not None else None
    return ruling is not None and bool(ruling.entry.excludes)


_EXCLUDING: Final = PairSieve(
    rules=lambda rule: rule is not None and rule.has_exclusions,
    speaks=_speaks_of,
    standing=lambda code_sets, diagnosis: code_sets.diagnoses.standing(diagnosis),
    meet=Standing.excludes,
)


@check("diagnosis-excludes", field="diagnoses", carc="11", sieve=_EXCLUDING)
def diagnosis_excludes(
    rule: Rule | None, diagnosis_pair: tuple[str, str], epoch: Epoch, code_sets: CodeSets
) -> Iterator[Defect]:
    """Two diagnoses of the line may not be coded together.

    What it finds:
        A pair of diagnoses of which ICD-10-CM says, in an Excludes1 note, that they exclude each
        other. A note holds for everything below the code, category, block or chapter that it stands
        at. The finding stands on the diagnosis that has the note; where a rule file cites it, in the
        words of the rule file. Notes that send the reader elsewhere or hold under a condition are
        left out, and so is everything on a date of service that the embedded list does not cover.

    Why it matters:
        An Excludes1 note says that the two cannot both hold; payers deny the contradiction.

    Example:
        {"code": "0252U", "diagnoses": ["O03.9", "Z34.90"]}

    What to do:
        Keep the diagnosis that the record supports. The guidelines allow both where the two
        conditions have nothing to do with each other.

    Sources:
        The Excludes1 notes of ICD-10-CM as of April 2026, for dates of service from 2026-04-01 to
        2026-09-30, and those that a rule file cites.
    """
    found = _excluded_by_rule(rule, diagnosis_pair)
    codes = code_sets.diagnoses
    if found is None and codes.vintage.covers(epoch.day):
        found = _excluded_by_note(codes, diagnosis_pair)
    if found is not None:
        yield Defect(
            severity=Severity.WARNING,
            index=diagnosis_pair.index(found.holder),
            value=found.holder,
            message=f"Diagnosis {found.holder} excludes {found.other}: {found.because}",
            hint="Keep the diagnosis that the record supports; both may stand only if the two "
            "conditions have nothing to do with each other.",
            rule=found.rule,
            citations=found.citations,
        )


@attrs.frozen
class _Excluded:
    """That one diagnosis excludes another, and who says so."""

    holder: str
    other: str
    because: str
    rule: str
    citations: tuple[Citation, ...]


def excluding(rule: Rule, pair: tuple[str, str]) -> tuple[str, str, Entry, Exclusion] | None:
    """What the rules say of two diagnoses that exclude each other, or None.

    Returns:
        The diagnosis that has the note, the other, the entry of the first, and the exclusion.
    """
    for holder, other in (pair, pair[::-1]):
        ruling = rule.diagnosis(dotless(holder)) if holder != other else None
        if ruling is None:
            continue
        for exclusion in ruling.entry.excludes:
            if exclusion.holds(dotless(other)):
                return holder, other, ruling.entry, exclusion
    return None


def _excluded_by_rule(rule: Rule | None, pair: tuple[str, str]) -> _Excluded | None:
    found = None if rule is None else excluding(rule, pair)
    if found is None:
        return None
    holder, other, entry, exclusion = found
    return _Excluded(holder, other, exclusion.because, entry.id, exclusion.citations)


def _excluded_by_note(codes: DiagnosisCodes, pair: tuple[str, str]) -> _Excluded | None:
    note = codes.excluded(*pair)
    if note is None:
        return None
    named = "" if note.other == note.pattern else f" as part of {note.pattern}"
    return _Excluded(
        note.holder,
        note.other,
        f"the Excludes1 note at {note.place} in {codes.vintage.name} names it{named}.",
        f"codesets/icd10cm#{note.place}",
        (Citation(codes.vintage.source, f"{note.place}: Excludes1"),),
    )


@check("diagnosis-too-many", field="diagnoses", carc="16", at_least=5)
def diagnosis_too_many(diagnoses: tuple[str, ...]) -> Iterator[Defect]:
    """The line has more diagnoses than a claim line can point to.

    What it finds:
        More than four diagnoses: a warning, since the list may be the whole claim's. More than
        twelve: an error, since a claim has room for no more.

    Why it matters:
        A line points to at most four of the claim's twelve diagnoses; the others are not read for it.

    Example:
        {"code": "0252U", "diagnoses": ["O03.9", "N96", "D64.9", "E03.9", "E66.9"]}

    What to do:
        Give the diagnoses that this line points to, the reason for the service first.

    Sources:
        X12 005010X222A1: SV107 has four pointers, HI up to twelve diagnoses.
    """
    given = [index for index, diagnosis in enumerate(diagnoses) if diagnosis]
    if len(given) <= MOST_POINTERS:
        return
    over = len(given) > MOST_DIAGNOSES
    most = MOST_DIAGNOSES if over else MOST_POINTERS
    yield Defect(
        severity=Severity.ERROR if over else Severity.WARNING,
        index=given[most],
        message=f"The line has {len(given)} diagnoses; "
        + (
            "a claim has room for twelve."
            if over
            else "a line points to at most four of the claim's diagnoses."
        ),
        hint="Give the diagnoses that this line points to, the reason for the service first.",
        citations=(Citation("x12-837p", "HI" if over else "SV107"),),
    )
