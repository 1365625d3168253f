"""``claimcheck rules audit``: hold rule files against the official lists at hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from claimcheck.cli.explain import print_json
from claimcheck.cli.output import text_width
from claimcheck.cli.settings import config_option, data_option, read_settings, rules_option

if TYPE_CHECKING:
    from claimcheck.authoring.audit import Audit, AuditItem, Outcome

__all__ = ["audit"]

_HEADINGS: Final[dict[Outcome, str]] = {
    "disagrees": "A list contradicts the entry, and it is not marked disputed",
    "disputed-stale": "Marked disputed, and no longer true",
    "disputed-confirmed": "Marked disputed, and confirmed",
    "not-checkable": "Not checkable with the lists at hand",
    "agrees": "Agrees",
}


@click.command(short_help="Hold rule files against the official lists at hand.")
@rules_option
@data_option
@config_option
@click.option(
    "--format", "output_format", type=click.Choice(("text", "json", "sarif")), default="text"
)
@click.option("--strict", is_flag=True, help="Also end with 1 if something could not be checked.")
def audit(
    folders: tuple[Path, ...],
    data: Path | None,
    config_file: Path | None,
    output_format: str,
    strict: bool,
) -> None:
    """Hold every entry of the rule files, and every name in them, against the official lists at hand.

    The lists are the embedded ones and those imported into the data folder. Ends with 1 if a list
    contradicts an entry that is not marked disputed, or if a mark is no longer true.
    """
    from claimcheck.authoring.audit import audit_rules
    from claimcheck.codesets.bundle import code_sets_with
    from claimcheck.codesets.national import tables_of

    rules = [*read_settings(config_file).rules, *folders]
    done = audit_rules(rules, code_sets_with(tables_of(data)))
    if output_format == "json":
        print_json(_as_dict(done))
    elif output_format == "sarif":
        print_json(_as_sarif(done))
    else:
        for row in _rows(done, text_width()):
            click.echo(row)
    open_ones = len(done.of("not-checkable"))
    click.echo(
        f"claimcheck: {_counted(len(done.of('disagrees')), 'disagreement')}, "
        f"{_counted(len(done.of('disputed-stale')), 'stale mark')}, "
        f"{_counted(open_ones, 'statement')} not checkable",
        err=True,
    )
    failed = not done.passed or (strict and open_ones > 0)
    click.get_current_context().exit(int(failed))


def _counted(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _as_dict(done: Audit) -> dict[str, Any]:
    from claimcheck.authoring.audit import OUTCOMES

    return {
        "passed": done.passed,
        "files": done.files,
        "counts": {outcome: len(done.of(outcome)) for outcome in OUTCOMES},
        "lists": [
            {"title": one.title, "edition": one.edition, "imported": one.imported}
            for one in done.lists
        ],
        "items": [
            {
                "file": item.place.file,
                "line": item.place.line,
                "column": item.place.column,
                "entry": item.entry,
                "subject": item.subject,
                "outcome": item.outcome,
                "what": item.what,
                "needs": item.needs,
                "citations": [{"source": it.source, "at": it.at} for it in item.citations],
            }
            for item in done.items
        ],
    }


_LEVELS: Final[dict[Outcome, str]] = {
    "disagrees": "error",
    "disputed-stale": "error",
    "disputed-confirmed": "note",
}


def _as_sarif(done: Audit) -> dict[str, Any]:
    """What a list contradicts, and stale marks; confirmed disputes as notes. All else is no result."""
    from claimcheck.report.sarif import Described, Noted, sarif_log

    rules = [
        Described(f"audit-{outcome}", f"{_HEADINGS[outcome]}.", "See `claimcheck rules audit`.")
        for outcome in _LEVELS
    ]
    noted = [
        Noted(
            f"audit-{item.outcome}",
            level,
            f"{item.entry} ({item.subject}): {item.what}.",
            item.place.file,
            item.place.line,
            item.place.column,
            {"entry": item.entry, "citations": [str(citation) for citation in item.citations]},
        )
        for outcome, level in _LEVELS.items()
        for item in done.of(outcome)
    ]
    return sarif_log(rules, noted)


def _rows(done: Audit, width: int) -> Iterator[str]:
    """The text: what must be seen to in full, confirmed disputes a line each, the rest as counts."""
    from claimcheck.authoring.audit import OUTCOMES

    for outcome in OUTCOMES:
        items = done.of(outcome)
        yield f"{_HEADINGS[outcome]}: {len(items)}"
        if outcome in ("disagrees", "disputed-stale"):
            for item in items:
                yield from _in_full(item, width)
        elif outcome == "disputed-confirmed":
            for item in items:
                yield f"  {item.entry}: {item.what}"
        elif outcome == "not-checkable":
            yield from _needs(items)
    yield ""
    yield f"Rules: {_counted(done.files, 'file')}"
    yield "Lists:"
    for one in done.lists:
        yield f"  {one.title}: {one.edition} ({'imported' if one.imported else 'embedded'})"


def _in_full(item: AuditItem, width: int) -> Iterator[str]:
    from claimcheck.report.explained import wrapped

    place = item.place
    yield f"  {place.file}:{place.line}:{place.column}: {item.entry} ({item.subject})"
    yield from wrapped(item.what, width, 4)
    for citation in item.citations:
        yield from wrapped(str(citation), width, 4, 8)


def _needs(items: tuple[AuditItem, ...]) -> Iterator[str]:
    needed = Counter(item.needs or "" for item in items)
    for needs, count in sorted(needed.items(), key=lambda pair: (-pair[1], pair[0])):
        yield f"  {count:4} needs {needs}"
