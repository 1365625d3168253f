"""Values and names of entries: is the value in its code set, and is the name the official one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from claimcheck.authoring.audit.lists import Lists, Title
from claimcheck.authoring.audit.model import (
    PERSON,
    Answer,
    Subject,
    agrees,
    disagrees,
    unknown,
)
from claimcheck.authoring.audit.names import same_name
from claimcheck.checks.wording import edition_title
from claimcheck.codesets import icd10cm, modifiers, taxonomy
from claimcheck.codesets.store.kinds import TITLES
from claimcheck.finding import Citation
from claimcheck.ruleset.model import Section
from claimcheck.ruleset.values import parse_pattern

__all__ = ["name_answers", "value_answer"]


def value_answer(
    lists: Lists, section: Section, value: str, day: date | None, subject: Subject = "value"
) -> Answer:
    """Whether the code set of a section has a value on a day; for a prefix or range, any code of it."""
    return _VALUE[section](lists, value, day, subject)


def name_answers(
    lists: Lists,
    section: Section,
    value: str,
    day: date | None,
    named: str | None,
    subject: Subject = "name",
) -> Iterator[Answer]:
    """Whether a name is that of the official list; nothing if the list does not have the value."""
    if named is None or parse_pattern(value).kind != "exact":
        return
    title = _title(lists, section, value, day)
    if isinstance(title, str):
        if value_answer(lists, section, value, day).said != "disagrees":
            what = f"no list at hand has a name of {value} to hold `{named}` against"
            yield unknown(subject, what, title)
        return
    if title is None:
        return
    what = f"`{title}` is the name of {value} in {_list_title(title.citation)}"
    if same_name(named, title.names):
        yield agrees(subject, what, title.citation)
    else:
        yield disagrees(subject, f"{what}, and it is named `{named}` here", title.citation)


def _list_title(citation: Citation) -> str:
    embedded = {
        taxonomy.VINTAGE.source: f"the {TITLES['nucc']} ({taxonomy.VINTAGE.name})",
        "cms-place-of-service": "the CMS place of service codes",
    }
    return embedded.get(citation.source) or edition_title(citation)


def _title(lists: Lists, section: Section, value: str, day: date | None) -> Title | str | None:
    """The official name; what is needed to have one; or None if the value is in no list."""
    if section == "places":
        place = lists.sets.places.lookup(value)
        if place is None or not place.assigned:
            return None
        return Title((place.name,), Citation(lists.sets.places.vintage.source, value))
    if section == "diagnoses":
        found = lists.diagnosis_title(value.replace(".", ""))
        return found or "titles: import icd10cm with --keep-descriptions"
    if section == "taxonomies":
        return lists.taxonomy_title(value, day) or "nucc"
    known = lists.sets.modifiers.lookup(value)
    if modifiers.is_level_one_shape(value) or (known is not None and known.level == "I"):
        return f"{PERSON}: no list that can be imported has names of CPT modifiers"
    return lists.modifier_title(value) or "titles: import hcpcs with --keep-descriptions"


# --- is the value in its list ------------------------------------------------------------------------


def _place(lists: Lists, value: str, day: date | None, subject: Subject) -> Answer:
    places = lists.sets.places
    cited = Citation(places.vintage.source, value)
    pattern = parse_pattern(value)
    if pattern.kind != "exact":
        known = [f"{number:02}" for number in range(1, 100)]
        if any(places.assigned_on(code, day) for code in known if pattern.matches(code)):
            return agrees(subject, f"{value} has assigned places of service", cited)
        return disagrees(subject, f"{value} has no assigned place of service", cited)
    if places.assigned_on(value, day):
        return agrees(subject, f"{value} is an assigned place of service", cited)
    return disagrees(subject, f"{value} is no assigned place of service", cited)


def _diagnosis(lists: Lists, value: str, day: date | None, subject: Subject) -> Answer:
    codes = lists.sets.diagnoses_on(day)
    edition, cited = codes.vintage.name, Citation(codes.vintage.source, value)
    if not codes.vintage.covers(day):
        what = f"no edition of ICD-10-CM at hand covers {day}, so {value} was not looked up"
        return unknown(subject, what, "icd10cm")
    named = edition if edition.startswith("ICD-10-CM") else f"ICD-10-CM, {edition}"
    pattern = parse_pattern(value)
    if pattern.kind != "exact":
        for end in dict.fromkeys((pattern.low, pattern.high)):
            if not lists.has_diagnosis(end, day):
                what = f"{value} reaches to {icd10cm.dotted(end)}, and {named} has no such code"
                return disagrees(subject, what, cited)
        return agrees(subject, f"{value} has codes in {named}", cited)
    kind = codes.lookup(value)
    if kind is None:
        return disagrees(subject, f"{value} is not in {named}", cited)
    if kind == "header":
        below = ", ".join(codes.billable_children(value, 3))
        what = f"{value} is a header in {named}, which no line can carry (below it: {below})"
        return disagrees(subject, what, cited)
    return agrees(subject, f"{value} is a billable code in {named}", cited)


def _taxonomy(lists: Lists, value: str, day: date | None, subject: Subject) -> Answer:
    codes = lists.sets.taxonomies
    imported = codes.imported(day)
    cited = Citation(codes.vintage.source, value) if imported is None else imported.cite(value)
    pattern = parse_pattern(value)
    if pattern.kind != "exact":
        if any(pattern.matches(code) for code in lists.taxonomies(day)):
            return agrees(subject, f"{value} has codes in {_list_title(cited)}", cited)
        if imported is None:
            return unknown(subject, f"no list at hand has codes of {value}", "nucc")
        return disagrees(subject, f"{value} has no code in {_list_title(cited)}", cited)
    if not taxonomy.is_well_formed(value):
        return disagrees(subject, f"{value} has not the shape of a taxonomy code", cited)
    if lists.taxonomy_title(value, day) is not None:
        return agrees(subject, f"{value} is in {_list_title(cited)}", cited)
    if imported is not None:
        return disagrees(subject, f"{value} is not in {_list_title(cited)}", cited)
    if codes.known_absent(value):
        return disagrees(subject, f"{value} is {taxonomy.KNOWN_ABSENT[value]}", cited)
    return unknown(subject, f"{value} is not among the taxonomy codes embedded here", "nucc")


def _modifier(lists: Lists, value: str, day: date | None, subject: Subject) -> Answer:
    codes = lists.sets.modifiers
    imported = codes.imported(day)
    cited = Citation(codes.vintage.source, value)
    pattern = parse_pattern(value)
    if pattern.kind != "exact":
        known = [it.code for it in modifiers.entries()] + [*lists.modifiers(day)]
        if any(pattern.matches(code) for code in known):
            return agrees(subject, f"{value} has modifiers in the lists at hand", cited)
        if imported is None:
            return unknown(subject, f"no list at hand has modifiers of {value}", "hcpcs")
        return disagrees(subject, f"{value} has no modifier in any list", imported.cite(value))
    if codes.in_force(value, day):
        return agrees(subject, f"modifier {value} is in force", cited)
    found = codes.lookup(value)
    if found is not None:
        when = f"ended on {found.end}" if found.end is not None else f"begins on {found.start}"
        return disagrees(subject, f"modifier {value} {when}", cited)
    if codes.is_complete_for(value):
        what = f"modifier {value} does not exist: no CPT modifier has these two digits"
        return disagrees(subject, what, cited)
    if imported is not None:
        cited = imported.cite(f"modifier {value}")
        what = f"modifier {value} is neither a CPT modifier nor in {edition_title(cited)}"
        return disagrees(subject, what, cited)
    return unknown(subject, f"modifier {value} is not among those embedded here", "hcpcs")


_VALUE = {
    "modifiers": _modifier,
    "places": _place,
    "diagnoses": _diagnosis,
    "taxonomies": _taxonomy,
}
