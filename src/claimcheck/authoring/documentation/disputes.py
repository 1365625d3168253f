"""The section of a rule's page that tells where its source and the official lists differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from claimcheck.authoring.documentation.markdown import cell, citations
from claimcheck.finding import Citation
from claimcheck.ruleset.model import CodeFile, Dispute, Statements
from claimcheck.verdict import severity_of_dispute

__all__ = ["dispute_section"]

_SOURCES_PAGE: Final = "sources.md"
_EFFECTS: Final = {
    "unfit": "the value does not fit the line",
    "misnamed": "only the name or the wording is wrong",
}


def dispute_section(said: Statements, file: CodeFile | None) -> list[str]:
    """Every dispute of a rule file with both sides; empty if there is none."""
    rows = [row for part in _all(said, file) for row in part]
    return ["## Where official lists disagree", "", *rows] if rows else []


def _all(said: Statements, file: CodeFile | None) -> Iterator[list[str]]:
    if file is not None and file.dispute is not None:
        yield _one(f"The code {file.code}", file.title, (), file.dispute)
    groups = (("Modifier", said.modifiers), ("Diagnosis", said.diagnoses))
    for kind, entries in groups:
        for entry in entries:
            if entry.dispute is not None:
                # A modifier's name is not repeated: it may be the wording of CPT.
                named = entry.named if kind == "Diagnosis" else None
                words = f"{named}. {entry.because}" if named else entry.because
                yield _one(f"{kind} {entry.value}", words, entry.citations, entry.dispute)
    for entry in said.taxonomies:
        if entry.dispute is not None:
            words = f"{entry.named}. {entry.because}" if entry.named else entry.because
            title = f"Taxonomy {entry.value} ({entry.role})"
            yield _one(title, words, entry.citations, entry.dispute)
    for related in said.related:
        if related.dispute is not None:
            words = f"{related.named or related.relation}. {related.because or ''}".strip()
            title = f"Related code {related.code}"
            yield _one(title, words, related.citations, related.dispute)
    for fact in said.facts:
        if fact.dispute is not None:
            yield _one(f"Fact {fact.fact}", fact.says, fact.citations, fact.dispute)


def _one(title: str, said: str, cited: tuple[Citation, ...], dispute: Dispute) -> list[str]:
    meant = f" Probably meant: {', '.join(dispute.meant)}." if dispute.meant else ""
    from_source = f" ({_run(cited)})" if cited else ""
    severity = severity_of_dispute(dispute.effect)
    return [
        f"### {title}",
        "",
        f"- The source says: {cell(said)}{from_source}",
        f"- Officially: {cell(dispute.because)}{meant} ({_run(dispute.citations)})",
        f"- Effect: {severity}, {_EFFECTS[dispute.effect]}.",
        "",
    ]


def _run(cited: tuple[Citation, ...]) -> str:
    return citations(cited, _SOURCES_PAGE, "; ")
