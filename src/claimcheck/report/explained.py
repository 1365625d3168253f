"""An explanation as text, made from its JSON-ready values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import Any, Final

from claimcheck.finding import Citation
from claimcheck.report.text import cited, counted

__all__ = ["explained_text", "wrapped"]

_FIELDS: Final = {
    "modifiers": "Modifiers",
    "place_of_service": "Places of service",
    "diagnoses": "Diagnoses",
    "taxonomy": "Taxonomies",
    "billing_taxonomy": "Billing taxonomy",
    "ordering_taxonomy": "Ordering taxonomy",
}
_STATES: Final = {
    "decides": "decides",
    "overruled": "overruled",
    "not-in-force": "not in force on the date",
    "other-role": "speaks of another role",
    "meant": "names it as the code that was meant",
}


def wrapped(text: str, width: int, margin: int, hang: int = 0) -> Iterator[str]:
    """The rows of a text, with a margin; words are never broken."""
    yield from wrap(
        text,
        max(40, width),
        initial_indent=" " * margin,
        subsequent_indent=" " * (margin + hang),
        break_long_words=False,
        break_on_hyphens=False,
    )


def explained_text(told: Mapping[str, Any], width: int) -> str:
    """The explanation for people.

    Args:
        told: what ``Explanation.as_dict`` gives.
        width: columns that the text may take.
    """
    parts = (
        _head(told, width),
        _values(told, width),
        _tables(told, width),
        _outcome(told, width),
        _lists(told, width),
    )
    rows = [row for part in parts for row in part]
    return "\n".join(rows).rstrip() + "\n"


def _head(told: Mapping[str, Any], width: int) -> Iterator[str]:
    code = told["code"] or told["family"] or "no readable procedure code"
    if told["title"] is None:
        yield f"{code}: no rule file speaks of it"
        yield ""
        return
    yield from wrapped(f"{code}: {told['title']}", width, 0, 4)
    layers = f"layers: {' < '.join(told['layers'])} (the narrowest decides)"
    yield from wrapped(layers, width, 2, 4)
    if told["in_effect"] is not None:
        period = told["effective"]
        outside = "" if told["in_effect"] else ", not on the date of service"
        yield f"  in effect: from {period['from']}, to {period['to']}{outside}"
    yield f"  rule file: {told['status']}"
    if told["payer"]:
        yield f"  payer: {told['payer']}"
    if told["payers_examined"]:
        yield from wrapped(f"payers examined: {', '.join(told['payers_examined'])}", width, 2, 4)
    yield from _disputed(told["disputed"], told["sources"], width, 2)
    yield ""


def _values(told: Mapping[str, Any], width: int) -> Iterator[str]:
    field = None
    for value in told["values"]:
        if value["field"] != field:
            field = value["field"]
            yield _FIELDS[field]
        at = "" if value["index"] is None else f"  {field}[{value['index']}]"
        yield f"  {value['value']}{at}"
        if not value["entries"]:
            yield "    no rule mentions it"
        for entry in value["entries"]:
            yield from _entry(entry, value["value"], told["sources"], width)
        for finding in value["findings"]:
            yield f"    -> {finding['severity']} {finding['code']}"
        yield ""


def _entry(
    entry: Mapping[str, Any], value: str, sources: Mapping[str, str], width: int
) -> Iterator[str]:
    verdict = entry["verdict"] + (" (hedged)" if entry.get("hedged") else "")
    role = f", {entry['role']}" if "role" in entry else ""
    written = f", written {entry['value']}" if entry["value"] != value else ""
    yield f"    {verdict}{role}{written}: {_STATES[entry['state']]}"
    yield f"      {entry['id']}"
    period = entry["effective"]
    if period != {"from": "unstated", "to": "unstated"}:
        yield f"      in force: from {period['from']}, to {period['to']}"
    for label, name in (("named", "named"), ("when", "when"), ("document", "document")):
        if name in entry:
            yield from wrapped(f"{label}: {entry[name]}", width, 6, 4)
    if "belongs_to" in entry:
        yield from wrapped(f"belongs to: {entry['belongs_to']}", width, 6, 4)
    yield from wrapped(entry["because"], width, 6)
    if "derived" in entry:
        yield from wrapped(f"derived: {entry['derived']}", width, 6, 4)
    if "excludes" in entry:
        yield from wrapped(f"excludes: {', '.join(entry['excludes'])}", width, 6, 4)
    yield from _cited(entry, sources, width, 6)
    yield from _disputed(entry.get("disputed"), sources, width, 6)


def _disputed(
    dispute: Mapping[str, Any] | None, sources: Mapping[str, str], width: int, margin: int
) -> Iterator[str]:
    if dispute is None:
        return
    meant = f" Meant: {', '.join(dispute['meant'])}." if dispute["meant"] else ""
    text = f"disputed ({dispute['effect']}): {dispute['because']}{meant}"
    yield from wrapped(text, width, margin, 4)
    yield from _cited(dispute, sources, width, margin + 4)


def _cited(
    thing: Mapping[str, Any], sources: Mapping[str, str], width: int, margin: int
) -> Iterator[str]:
    for told in cited((Citation(**c) for c in thing.get("citations", ())), sources):
        yield from wrapped(f"source: {told}", width, margin, 4)


def _lists(told: Mapping[str, Any], width: int) -> Iterator[str]:
    """Conflicts, related codes and facts."""
    for heading, name in (
        ("Modifiers that conflict", "conflicts"),
        ("Related codes", "related"),
        ("Facts", "facts"),
    ):
        if not told[name]:
            continue
        yield heading
        for thing in told[name]:
            yield from wrapped(_what(name, thing), width, 2, 4)
            if name != "facts" and "because" in thing:
                yield from wrapped(thing["because"], width, 4)
            yield from _cited(thing, told["sources"], width, 4)
            yield from _disputed(thing.get("disputed"), told["sources"], width, 4)
        yield ""


def _tables(told: Mapping[str, Any], width: int) -> Iterator[str]:
    """What the imported tables have of the code."""
    if not told["tables"]:
        return
    yield "Imported tables"
    for fact in told["tables"]:
        yield from wrapped(fact["says"], width, 2, 4)
        yield from _cited(fact, told["sources"], width, 4)
    yield ""


def _what(name: str, thing: Mapping[str, Any]) -> str:
    if name == "conflicts":
        return " with ".join(thing["modifiers"])
    if name == "related":
        return f"{thing['code']}: {thing['relation']}"
    return f"{thing['fact']}: {thing['says']}"


def _outcome(told: Mapping[str, Any], width: int) -> Iterator[str]:
    report = told["report"]
    if report is None:
        return
    if told["other_findings"]:
        yield "Findings that belong to no single value"
        for finding in told["other_findings"]:
            yield f"  {finding['severity']} {finding['code']}"
            yield from wrapped(finding["message"], width, 4)
        yield ""
    yield f"Outcome: {report['status']}, {counted(len(report['findings']), 'finding')}"
    missing = [field for field, state in report["coverage"].items() if state != "checked"]
    states = (f"{field} {report['coverage'][field]}" for field in missing)
    yield from wrapped(f"not checked: {', '.join(states)}" if missing else "", width, 2, 4)
    stamp = report["ruleset"]
    yield f"  rules: {stamp['name']} {stamp['version']}, content {stamp['hash'][:16]}"
    yield ""
