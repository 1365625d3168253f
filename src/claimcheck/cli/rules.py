"""``claimcheck rules``: list, show, lint, test, audit and pack rule files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from claimcheck.cli.explain import print_json
from claimcheck.cli.group import Failure, LazyGroup, nearest
from claimcheck.cli.output import text_width
from claimcheck.cli.settings import config_option, payer_option, read_settings, rules_option

if TYPE_CHECKING:
    from claimcheck.errors import RuleProblem
    from claimcheck.ruleset import RuleSet
    from claimcheck.ruleset.model import Family

__all__ = ["rules"]


@click.group(
    cls=LazyGroup,
    short_help="List, show, check and pack rule files.",
    lazy={
        "audit": ("claimcheck.cli.audit:audit", "Hold rule files against the official lists."),
    },
)
def rules() -> None:
    """List, show, check and pack rule files."""


def _load(config_file: Path | None, folders: Sequence[Path]) -> RuleSet:
    from claimcheck.ruleset import load_rules

    return load_rules(*read_settings(config_file).rules, *folders)


@rules.command("list")
@rules_option
@config_option
@click.option("--format", "output_format", type=click.Choice(("text", "json")), default="text")
def list_rules(folders: tuple[Path, ...], config_file: Path | None, output_format: str) -> None:
    """List the codes, families and overlays that have rules."""
    ruleset = _load(config_file, folders)
    codes = [file for code in ruleset.codes if (file := ruleset.code_file(code)) is not None]
    if output_format == "json":
        print_json(
            {
                "name": ruleset.name,
                "version": ruleset.version,
                "hash": ruleset.hash,
                "codes": [
                    {"code": f.code, "title": f.title, "family": f.family, "status": f.status}
                    for f in codes
                ],
                "families": [
                    {"family": f.name, "title": f.title, "extends": f.extends, "status": f.status}
                    for f in ruleset.families.values()
                ],
                "overlays": [{"overlay": o.name, "payer": o.payer} for o in ruleset.overlays],
            }
        )
        return
    _columns("Codes", [(f.code, f.family or "no family", f.status, f.title) for f in codes])
    _columns("Families", [(f.name, _base(f), f.status, f.title) for f in ruleset.families.values()])
    _columns("Overlays", [(o.name, _whose(o.payer)) for o in ruleset.overlays])
    click.echo(f"{ruleset.name} {ruleset.version}, content {ruleset.hash[:16]}")


def _base(family: Family) -> str:
    return f"extends {family.extends}" if family.extends else "widest"


def _whose(payer: str | None) -> str:
    return f"payer {payer}" if payer else "site"


def _columns(heading: str, rows: Sequence[tuple[str, ...]]) -> None:
    if not rows:
        return
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]) - 1)]
    room = max(20, text_width() - sum(widths) - 2 * len(widths) - 2)
    click.echo(heading)
    for row in rows:
        last = row[-1] if len(row[-1]) <= room else row[-1][: room - 3].rstrip() + "..."
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        click.echo(f"  {'  '.join([*cells, last])}".rstrip())
    click.echo()


@rules.command()
@click.argument("subject", metavar="CODE|FAMILY")
@payer_option
@rules_option
@config_option
@click.option("--format", "output_format", type=click.Choice(("text", "json")), default="text")
def show(
    subject: str,
    payer: str | None,
    folders: tuple[Path, ...],
    config_file: Path | None,
    output_format: str,
) -> None:
    """Show all entries of a code (with its families and overlays) or of a family."""
    from claimcheck.explanation import explain_code, explain_family
    from claimcheck.scalar import Checker

    config = read_settings(config_file)
    checker = Checker(rules=folders, config=config, payer=payer)
    ruleset = checker.ruleset
    code = subject.strip().upper()
    if code in ruleset.codes:
        explanation = explain_code(checker, code)
    elif subject in ruleset.families:
        explanation = explain_family(checker, subject)
    else:
        near = nearest(code, ruleset.codes) or nearest(subject, ruleset.families)
        raise Failure(f"there are no rules for {subject}{near}")
    if output_format == "json":
        print_json(explanation.as_dict())
    else:
        click.echo(explanation.as_text(text_width()), nl=False)


@rules.command()
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path), metavar="[DIR]...")
@click.option("--format", "output_format", type=click.Choice(("text", "sarif")), default="text")
def lint(folders: tuple[Path, ...], output_format: str) -> None:
    """Find everything that can be said against rule files (default: the bundled ones).

    Ends with 1 if there is a problem.
    """
    from claimcheck.authoring.lint import lint_rules
    from claimcheck.ruleset import bundled_folder

    for folder in folders:
        if not folder.exists():
            raise Failure(f"{folder}: there is no such folder")
    problems = lint_rules(list(folders) or [bundled_folder()])
    if output_format == "sarif":
        print_json(_as_sarif(problems))
    else:
        for problem in problems:
            click.echo(str(problem))
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    click.echo(f"claimcheck: {count}", err=True)
    click.get_current_context().exit(int(bool(problems)))


def _as_sarif(problems: Sequence[RuleProblem]) -> dict[str, Any]:
    from claimcheck.report.sarif import Described, Noted, sarif_log

    rule = Described(
        "rule-file-problem",
        "A rule file says something that cannot stand.",
        "Correct the place that the message names; `claimcheck rules lint` tells all of them.",
    )
    noted = [Noted(rule.name, "error", p.message, p.file, p.line, p.column) for p in problems]
    return sarif_log([rule], noted)


@rules.command("test")
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path), metavar="[DIR]...")
@click.option(
    "--rules",
    "more",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder or pack of rules on top of the bundled ones; may be given again.",
)
@config_option
def run_tests(folders: tuple[Path, ...], more: tuple[Path, ...], config_file: Path | None) -> None:
    """Run the tests beside rule files (default: the bundled ones).

    The rules of the settings and of --rules are loaded; DIR says where the *.test.yaml files are.
    Ends with 1 if a case gives other findings than it expects.
    """
    from claimcheck.authoring.rule_tests import run_rule_tests
    from claimcheck.ruleset import bundled_folder
    from claimcheck.scalar import Checker

    checker = Checker(rules=more, config=read_settings(config_file))
    count = failed = 0
    for result in run_rule_tests(list(folders) or [bundled_folder()], checker):
        count += 1
        if not result.passed:
            failed += 1
            click.echo(str(result))
    if not count:
        raise Failure("there are no tests; they stand in *.test.yaml beside the rule files")
    click.echo(f"claimcheck: {count - failed} of {count} cases passed", err=True)
    click.get_current_context().exit(int(bool(failed)))


@rules.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The pack to write.",
)
def pack(folder: Path, output: Path) -> None:
    """Compile a folder of rule files into one file that loads fast.

    The bundled rules go into the pack, too, unless the folder brings its own families.
    """
    from claimcheck.ruleset import load_rules, write_pack

    if not folder.exists():
        raise Failure(f"{folder}: there is no such folder")
    own = (folder / "families").is_dir() and (folder / "sources.yaml").is_file()
    ruleset = load_rules(folder, bundled=not own)
    try:
        write_pack(ruleset, output)
    except OSError as error:
        raise Failure(f"{output}: cannot be written ({error.strerror})") from None
    click.echo(
        f"claimcheck: {len(ruleset.codes)} codes, content {ruleset.hash[:16]}, in {output}",
        err=True,
    )
