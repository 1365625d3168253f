"""``claimcheck codesets``: import official lists and tables, and list what there is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import click

from claimcheck.cli.group import LazyGroup
from claimcheck.cli.settings import data_option
from claimcheck.codesets.store.folder import STORE_NAME, data_folder
from claimcheck.codesets.store.kinds import KINDS, TITLES, Kind

if TYPE_CHECKING:
    from claimcheck.codesets.store import StoredVintage

__all__ = ["codesets"]

_HASH_SHOWN: Final = 12
_WIDEST_KIND: Final = max(map(len, KINDS))


def _day(_: click.Context, __: click.Parameter, text: str | None) -> date | None:
    """The date that an option gives."""
    from claimcheck.dates import parse_date

    day = None if text is None else parse_date(text)
    if text is not None and day is None:
        raise click.BadParameter("is no date; write it 2026-07-01")
    return day


_KINDS_TOLD: Final = "\n".join(f"  {kind:{_WIDEST_KIND}}  {TITLES[kind]}" for kind in KINDS)


@click.group(cls=LazyGroup, short_help="Import official lists and tables, and list what there is.")
def codesets() -> None:
    """Import official lists and tables, and list what there is."""


@codesets.command(
    "import",
    short_help="Put one edition of an official list into the store.",
    help=(
        "Put one edition of an official list or table into the store. Give its files as they were "
        "downloaded (a ZIP as it is), all parts in one command; descriptor texts are dropped.\n\n"
        f"\b\nKinds\n{_KINDS_TOLD}"
    ),
)
@click.argument("kind", metavar="KIND", type=click.Choice(KINDS))
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@data_option
@click.option("--edition", metavar="NAME", help="The edition, for example 2026Q3, 25.1 or FY2026.")
@click.option("--from", "first", callback=_day, metavar="DATE", help="First date of service.")
@click.option("--to", "last", callback=_day, metavar="DATE", help="Last date of service.")
@click.option(
    "--keep-descriptions", is_flag=True, help="Keep descriptor texts; mind their licence."
)
@click.option("--replace", is_flag=True, help="Replace this edition if it came from other files.")
def import_(
    kind: str,
    files: tuple[Path, ...],
    data: Path | None,
    edition: str | None,
    first: date | None,
    last: date | None,
    keep_descriptions: bool,
    replace: bool,
) -> None:
    """Put one edition of an official list or table into the store."""
    from claimcheck.codesets.imports import import_files
    from claimcheck.codesets.imports.doubts import few_rows

    done = import_files(
        cast("Kind", kind),
        files,
        data,
        edition=edition,
        first=first,
        last=last,
        keep_descriptions=keep_descriptions,
        replace=replace,
    )
    few = few_rows(done.vintage)
    for note in (*done.notes, *((few,) if few else ())):
        click.echo(f"claimcheck: note: {note}", err=True)
    vintage = done.vintage
    click.echo(f"{done.outcome}: {kind} {vintage.name} ({TITLES[vintage.kind]})")
    click.echo(f"  {_days(vintage)}")
    click.echo(f"  {vintage.rows_read:,} rows read, {vintage.rows:,} kept; {_texts(vintage)}")
    for line in _files(vintage):
        click.echo(f"  {line}")
    click.echo(f"  store: {data_folder(data) / STORE_NAME}")


@codesets.command("list")
@data_option
@click.option("--format", "output_format", type=click.Choice(("text", "json")), default="text")
def list_(data: Path | None, output_format: str) -> None:
    """List the code sets that claimcheck carries, and those that were imported."""
    from claimcheck.cli.explain import print_json
    from claimcheck.codesets.store import open_store

    store = open_store(data)
    vintages = () if store is None else store.vintages
    if store is not None:
        store.close()
    path = data_folder(data) / STORE_NAME
    absent = [kind for kind in KINDS if all(vintage.kind != kind for vintage in vintages)]
    if output_format == "json":
        print_json(
            {
                "embedded": _embedded(),
                "store": str(path),
                "imported": [_as_dict(vintage) for vintage in vintages],
                "absent": absent,
            }
        )
        return
    click.echo("Embedded")
    for one in _embedded():
        click.echo(f"  {one['list']}: {one['edition']}, {_period(one['from'], one['to'])}")
    click.echo(f"\nImported, in {path}")
    for vintage in vintages:
        click.echo(
            f"  {vintage.kind:{_WIDEST_KIND}}  {vintage.name}: {vintage.rows:,} rows, "
            f"{_days(vintage)}"
        )
        for line in _files(vintage):
            click.echo(f"    {line}")
    if not vintages:
        click.echo("  nothing")
    if absent:
        click.echo(f"\nAbsent: {', '.join(absent)}")


def _embedded() -> list[dict[str, str | None]]:
    from claimcheck.codesets.bundle import embedded_code_sets

    return [
        {
            "list": name,
            "edition": vintage.name,
            "from": vintage.first.isoformat() if vintage.first else None,
            "to": vintage.last.isoformat() if vintage.last else None,
        }
        for name, vintage in embedded_code_sets().vintages()
    ]


def _as_dict(vintage: StoredVintage) -> dict[str, object]:
    return {
        "kind": vintage.kind,
        "title": TITLES[vintage.kind],
        "edition": vintage.name,
        "stated": vintage.stated,
        "from": vintage.first.isoformat() if vintage.first else None,
        "to": vintage.last.isoformat() if vintage.last else None,
        "rows_read": vintage.rows_read,
        "rows": vintage.rows,
        "descriptions": vintage.descriptions,
        "files": [{"name": file.name, "sha256": file.sha256} for file in vintage.files],
    }


def _files(vintage: StoredVintage) -> Iterator[str]:
    for file in vintage.files:
        yield f"{file.name}, sha256 {file.sha256[:_HASH_SHOWN]}"


def _texts(vintage: StoredVintage) -> str:
    return "descriptor texts kept" if vintage.descriptions else "no descriptor texts"


def _days(vintage: StoredVintage) -> str:
    if not vintage.stated:
        return "no date of service (the edition is unstated)"
    return _period(
        vintage.first.isoformat() if vintage.first else None,
        vintage.last.isoformat() if vintage.last else None,
    )


def _period(first: str | None, last: str | None) -> str:
    if first is None and last is None:
        return "all dates of service"
    if first is None:
        return f"dates of service to {last}"
    if last is None:
        return f"dates of service from {first}"
    return f"dates of service {first} to {last}"
