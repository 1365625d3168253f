"""Rule coverage as one HTML page: no script, and nothing from elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from claimcheck._version import __version__
from claimcheck.coverage.told import (
    STATES,
    EntryState,
    percent_of,
    told_percent,
)
from claimcheck.errors import ConfigurationError
from claimcheck.report.page.assets import own

if TYPE_CHECKING:
    from claimcheck.coverage.collect import RuleCoverage

__all__ = ["coverage_page"]

_FOLDER: Final = Path(__file__).parent
_WORDS: Final[dict[EntryState, str]] = {
    "fired": "fired",
    "passed": "passed",
    "never-exercised": "never exercised",
    "overridden": "overridden",
}


def coverage_page(coverage: RuleCoverage) -> str:
    """The page.

    Raises:
        ConfigurationError: jinja2 is not installed.
    """
    try:
        from jinja2 import Environment, StrictUndefined
    except ModuleNotFoundError:
        raise ConfigurationError(
            'html needs jinja2; install it with: pip install "claimcheck-lines[html]"'
        ) from None
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["grouped"] = lambda number: f"{number:,}"
    environment.filters["percent"] = lambda counts: told_percent(percent_of(counts))
    template = environment.from_string((_FOLDER / "page.html").read_text("utf-8"))
    return template.render(
        coverage=coverage,
        codes=list(coverage.codes.values()),
        counts=coverage.counts,
        states=STATES,
        words=_WORDS,
        version=__version__,
        style=f"{own('base.css')}\n{(_FOLDER / 'page.css').read_text('utf-8')}",
    )
