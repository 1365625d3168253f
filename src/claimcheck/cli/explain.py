"""``claimcheck explain``: what the rules say of a code, or what a finding means."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from claimcheck.cli.group import Failure, nearest
from claimcheck.cli.output import text_width
from claimcheck.cli.settings import (
    config_option,
    data_option,
    make_checker,
    payer_option,
    read_settings,
    rules_option,
)
from claimcheck.line import CODE_SHAPE

if TYPE_CHECKING:
    from claimcheck.checks import Check
    from claimcheck.scalar import Checker

__all__ = ["explain", "print_json"]


@click.command(short_help="Tell what the rules say, and why.")
@click.argument("subject", metavar="CODE|FINDING")
@click.argument("values", nargs=-1, metavar="[VALUE]...")
@click.option("--format", "output_format", type=click.Choice(("text", "json")), default="text")
@click.option("--date", "day", metavar="DATE", help="Date of service, for example 2026-05-04.")
@payer_option
@rules_option
@data_option
@config_option
def explain(
    subject: str,
    values: tuple[str, ...],
    output_format: str,
    day: str | None,
    payer: str | None,
    folders: tuple[Path, ...],
    data: Path | None,
    config_file: Path | None,
) -> None:
    r"""Tell what the rules say of a procedure code, or what a finding means.

    \b
      claimcheck explain 0252U               all that the rules say of the code
      claimcheck explain 0252U 80 O03.9      only of these values
      claimcheck explain modifier-disputed   what the finding means, and what to do

    VALUE is a modifier, a place of service, a diagnosis or a taxonomy.
    """
    if "-" in subject.strip("-") and not any(map(str.isdigit, subject)):
        if values:
            raise click.UsageError("a finding is explained without values")
        _explain_finding(subject.lower(), output_format)
        return
    config = read_settings(config_file)
    checker = make_checker(config, folders, payer, data)
    code = _known_code(subject, checker, _day(day))
    from claimcheck.explanation import explain_code

    try:
        explanation = explain_code(checker, code, values, _day(day))
    except ValueError as error:
        raise Failure(str(error)) from None
    if output_format == "json":
        print_json(explanation.as_dict())
    else:
        click.echo(explanation.as_text(text_width()), nl=False)


def print_json(value: object) -> None:
    """Print JSON-ready values, indented."""
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode("utf-8"))


def _known_code(subject: str, checker: Checker, day: date | None) -> str:
    from claimcheck.codesets.national import table_facts

    code, codes = subject.strip().upper(), checker.ruleset.codes
    if code in codes or any(table_facts(checker.tables, code, (), day)):
        return code
    slugs = [one.finding for one in _checks()]
    if subject in slugs:
        return code
    near = nearest(code, codes) or nearest(subject.lower(), slugs)
    if CODE_SHAPE.fullmatch(code):
        listed = near or f"; rule files are there for {', '.join(codes[:10])}" * bool(codes)
        tables = " and no imported table" if checker.tables.kinds else ""
        raise Failure(f"no rule file{tables} speaks of {code}{listed}")
    raise Failure(f"{subject} is neither a procedure code with rules nor a finding{near}")


def _day(text: str | None) -> date | None:
    from claimcheck.dates import parse_date

    if text is None:
        return None
    day = parse_date(text)
    if day is None:
        raise click.UsageError("--date is a day such as 2026-05-04")
    return day


def _checks() -> tuple[Check, ...]:
    from claimcheck.checks import CHECKS, CLAIM_CHECKS

    return (*CHECKS, *CLAIM_CHECKS)


def _explain_finding(slug: str, output_format: str) -> None:
    checks = {one.finding: one for one in _checks()}
    found = checks.get(slug)
    if found is None:
        raise Failure(f"there is no finding {slug}{nearest(slug, checks)}")
    if output_format == "json":
        sections = found.sections
        print_json(
            {
                "finding": slug,
                "field": found.field,
                "carc": found.carc,
                "summary": sections.pop("", ""),
                "sections": sections,
            }
        )
        return
    click.echo("\n".join(_finding_rows(found, text_width())))


def _finding_rows(found: Check, width: int) -> Iterator[str]:
    from claimcheck.codesets import carc
    from claimcheck.report.explained import wrapped

    sections = found.sections
    yield from wrapped(f"{found.finding}: {sections.get('', '')}", width, 0, 4)
    for heading, text in sections.items():
        if not heading:
            continue
        yield ""
        yield heading
        if heading == "Example":
            yield from (f"  {row}" for row in text.splitlines())
        else:
            for paragraph in text.split("\n\n"):
                yield from wrapped(" ".join(paragraph.split()), width, 2)
    if found.carc:
        meaning = carc.meaning(found.carc)
        yield ""
        yield "Denial ahead"
        yield f"  CARC {found.carc}" + (f" - {meaning}" if meaning else "")
