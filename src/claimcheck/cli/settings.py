"""What the commands share: options, settings from a file, and the checker they make."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import attrs
import click

from claimcheck.cli.group import Failure, nearest
from claimcheck.config import Config, find_config, load_config

if TYPE_CHECKING:
    from claimcheck.scalar import Checker

__all__ = [
    "column_mapping",
    "config_option",
    "data_option",
    "group_by_option",
    "grouping_columns",
    "make_checker",
    "payer_option",
    "read_settings",
    "rules_option",
    "split_names",
]

Command = TypeVar("Command", bound=Callable[..., Any])


def rules_option(command: Command) -> Command:
    """``--rules``: folders or packs on top of the bundled rules."""
    return click.option(
        "--rules",
        "folders",
        multiple=True,
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Folder or pack of rules on top of the bundled ones; may be given again.",
    )(command)


def payer_option(command: Command) -> Command:
    """``--payer``: of lines that name none."""
    return click.option("--payer", metavar="NAME", help="Payer of lines that name none.")(command)


def group_by_option(command: Command) -> Command:
    """``--group-by``: the columns that tell the claim."""
    return click.option(
        "--group-by",
        "group_by",
        multiple=True,
        metavar="COLUMN",
        help="Column that tells which claim a row belongs to; may be given again. none: no claims.  "
        "[default: claim_id]",
    )(command)


def grouping_columns(group_by: Sequence[str]) -> tuple[str, ...] | None:
    """What ``--group-by`` says: column names, none of them for ``none``, None if it is not given.

    Raises:
        UsageError: ``none`` beside a column, or a blank name.
    """
    names = tuple(name.strip() for name in group_by)
    if not names:
        return None
    if names == ("none",):
        return ()
    if "none" in names or "" in names:
        raise click.UsageError("--group-by takes the name of a column, or none alone")
    return names


def config_option(command: Command) -> Command:
    """``--config``: instead of the nearest settings file."""
    return click.option(
        "--config",
        "config_file",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Settings; default: the nearest claimcheck.toml or pyproject.toml.",
    )(command)


def data_option(command: Command) -> Command:
    """``--data``: where imported code sets are."""
    return click.option(
        "--data",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Folder of imported code sets; default: $CLAIMCHECK_DATA, else the user's data folder.",
    )(command)


def read_settings(
    config_file: Path | None, select: Sequence[str] = (), ignore: Sequence[str] = ()
) -> Config:
    """The settings of the file, and what the command line adds to them; the command line wins.

    Raises:
        Failure: a finding that there is not.
        ConfigurationError: the file cannot be used.
    """
    found = config_file or find_config(Path.cwd())
    config = load_config(found) if found is not None else Config()
    for option, given in (("--select", select), ("--ignore", ignore)):
        _refuse_unknown(option, given)
    return config.adding(ignore, select)


def _refuse_unknown(option: str, given: Iterable[str]) -> None:
    from claimcheck.checks import CHECKS, CLAIM_CHECKS

    slugs = [one.finding for one in (*CHECKS, *CLAIM_CHECKS)]
    words = {slug.split("-")[0] for slug in slugs}
    for name in given:
        if name not in words and name not in slugs:
            near = nearest(name, [*slugs, *words])
            raise Failure(f"{option} {name}: there is no such finding{near}")


def split_names(given: Iterable[str]) -> tuple[str, ...]:
    """The names in options that take several, separated by commas."""
    return tuple(name.strip() for text in given for name in text.split(",") if name.strip())


def column_mapping(mapped: Iterable[str]) -> dict[str, str]:
    """What ``--map`` says, column to field.

    Raises:
        UsageError: one is not written ``COLUMN=FIELD``, or names a column twice.
    """
    mapping: dict[str, str] = {}
    for text in mapped:
        column, equals, field = text.rpartition("=")
        if not equals or not column.strip() or not field.strip():
            raise click.UsageError("--map is written COLUMN=FIELD, for example --map cpt4=code")
        if column.strip() in mapping:
            raise click.UsageError("--map names one column twice")
        mapping[column.strip()] = field.strip()
    return mapping


def make_checker(
    config: Config,
    folders: Sequence[Path],
    payer: str | None,
    data: Path | None = None,
    baseline: Path | None = None,
) -> Checker:
    """The checker for these settings, with this baseline and not that of the settings.

    Raises:
        BaselineError: the baseline cannot be used.
        RuleFileError: a rule file cannot be used.
        ConfigurationError: the store of imported code sets is damaged.
    """
    if data is not None:
        from claimcheck.codesets.store.folder import STORE_NAME

        if not (data / STORE_NAME).is_file():
            click.echo(
                f"claimcheck: no code sets are imported in {data}; no table is asked", err=True
            )

    from claimcheck.scalar import Checker

    chosen = attrs.evolve(config, baseline=baseline)
    return Checker(rules=folders, payer=payer, config=chosen, data=data)
