"""What one test run knows: its settings, the checker that they make, and what was checked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args

import attrs

from claimcheck.codesets.store.folder import STORE_NAME
from claimcheck.config import Config, FailOn, find_config, load_config
from claimcheck.errors import ClaimcheckError, ConfigurationError
from claimcheck.line import ClaimLine, read_line
from claimcheck.line_report import ClaimReport, Report
from claimcheck.scalar import Checker, LineLike
from claimcheck.testing.counts import Counts
from claimcheck.whole import whole_file

if TYPE_CHECKING:
    from claimcheck.coverage import RuleCoverage

__all__ = ["CountingChecker", "Run", "Settings"]

_FAIL_ON: Final[tuple[FailOn, ...]] = get_args(FailOn)


@attrs.frozen(kw_only=True)
class Settings:
    """What the ini options say; None or empty where they say nothing, and the settings file decides.

    Attributes:
        folder: from which a settings file is looked for, upwards.
        config: the settings file instead of the nearest.
        rules: folders or packs on top of the bundled rules and those of the settings file.
        payer: payer of lines that name none.
        fail_on: severity from which the line of a file fails.
        data: folder of imported code sets.
        baseline: file of known findings.
        measures: whether rule coverage is measured.
    """

    folder: Path
    config: Path | None = None
    rules: tuple[Path, ...] = ()
    payer: str | None = None
    fail_on: str | None = None
    data: Path | None = None
    baseline: Path | None = None
    measures: bool = False

    def read(self) -> Config:
        """The settings file with what the ini options say instead.

        Raises:
            ConfigurationError: the file, or an ini option, cannot be used.
        """
        found = self.config or find_config(self.folder)
        config = load_config(found) if found is not None else Config()
        if self.fail_on is None:
            return config
        for fail_on in _FAIL_ON:
            if self.fail_on == fail_on:
                return attrs.evolve(config, fail_on=fail_on)
        raise ConfigurationError(f"claimcheck_fail_on is one of {', '.join(_FAIL_ON)}")


class CountingChecker(Checker):
    """A checker whose test run counts every line that it checks."""

    def __init__(self, run: Run, **settings: Any) -> None:
        super().__init__(**settings)
        self._run = run
        self._counts = True

    def check(self, line: LineLike) -> Report:
        """Check one line, as ``Checker.check`` does."""
        read = read_line(line)
        del line
        report = super().check(read)
        if self._counts:
            self._run.add(read, report)
        return report

    def check_claim(self, lines: Iterable[LineLike]) -> ClaimReport:
        """Check the lines of one claim, as ``Checker.check_claim`` does."""
        read = tuple(read_line(line) for line in lines)
        del lines
        with self.uncounted():
            claim = super().check_claim(read)
        if self._counts:
            for line, report in zip(read, claim.reports, strict=True):
                self._run.add(line, report)
        return claim

    @contextmanager
    def uncounted(self) -> Iterator[None]:
        """Check without counting."""
        before, self._counts = self._counts, False
        try:
            yield
        finally:
            self._counts = before


class Run:
    """One test run. Nothing is loaded before it is asked for.

    Args:
        settings: what the ini options say.

    Attributes:
        counts: what was checked so far, in this process.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.counts = Counts()
        self._checker: CountingChecker | None = None
        self._error: str | None = None
        self._coverage: RuleCoverage | None = None

    @property
    def checker(self) -> CountingChecker:
        """The checker that the settings make.

        Raises:
            ConfigurationError: they cannot be used; said at once the second time.
        """
        __tracebackhide__ = True
        if self._error is not None:
            raise ConfigurationError(self._error)
        if self._checker is None:
            try:
                self._checker = self._made()
            except ClaimcheckError as error:
                self._error = str(error)
                raise ConfigurationError(self._error) from None
        return self._checker

    def _made(self) -> CountingChecker:
        settings = self.settings
        if settings.data is not None and not settings.data.is_dir():
            raise ConfigurationError(
                f"claimcheck_data: {settings.data} is no folder; name the one into which "
                "`claimcheck codesets import --data` has put the lists"
            )
        return CountingChecker(
            self,
            config=settings.read(),
            rules=settings.rules,
            payer=settings.payer,
            data=settings.data,
            baseline=settings.baseline,
        )

    @property
    def lacks_tables(self) -> bool:
        """Whether the ini options name a folder of code sets into which nothing was imported."""
        data = self.settings.data
        return data is not None and not (data / STORE_NAME).is_file()

    def note(self, checker: Checker, checked: Iterable[tuple[ClaimLine, Report]]) -> None:
        """Count lines that a checker has checked, unless it counts by itself."""
        if not isinstance(checker, CountingChecker):
            for line, report in checked:
                self.add(line, report)

    def add(self, line: ClaimLine, report: Report) -> None:
        """Count a line, and what it exercised of the rules."""
        self.counts.add(line, report)
        if self.settings.measures and report.ruleset == self.checker.stamp:
            self.coverage.record(line)

    @property
    def coverage(self) -> RuleCoverage:
        """What the lines exercised of the run's own rule set."""
        from claimcheck.coverage import RuleCoverage

        if self._coverage is None:
            self._coverage = RuleCoverage(self.checker)
        return self._coverage

    def coverage_told(self, wanted: str, folder: Path) -> Iterator[str]:
        """The rule coverage, row by row; or, of ``html:PATH``, where its page was written.

        Args:
            wanted: ``text`` or ``html:PATH``.
            folder: from which the path starts.
        """
        kind, _, name = wanted.partition(":")
        if kind == "text":
            yield ""
            yield from self.coverage.text().splitlines()
            return
        try:
            page = self.coverage.html()
            with whole_file(folder / name) as temporary:
                temporary.write_text(page, encoding="utf-8", newline="\n")
        except (ClaimcheckError, OSError) as error:
            cause = error.strerror if isinstance(error, OSError) else str(error)
            yield f"rule coverage: {name} could not be written ({cause})"
        else:
            yield f"rule coverage: {name}"

    def as_json(self) -> str:
        """What was checked, for another process of the run."""
        coverage = None if self._coverage is None else self._coverage.as_dict()
        return json.dumps({"counts": self.counts.as_dict(), "coverage": coverage})

    def merge(self, told: str) -> None:
        """Add what another process of the run has checked, as its ``as_json`` tells it."""
        figures = json.loads(told)
        self.counts.merge(figures["counts"])
        if figures["coverage"] is not None:
            from claimcheck.coverage import RuleCoverage

            theirs = RuleCoverage.from_dict(figures["coverage"])
            self._coverage = theirs if self._coverage is None else self._coverage.merge(theirs)

    def close(self) -> None:
        """Take note of the exceptions of the configuration that matched nothing."""
        checker = self._checker
        if checker is not None:
            self.counts.unused = [
                f"{exception}: "
                + (
                    f"expired on {exception.until}"
                    if exception.expired(checker.today)
                    else "matched nothing in this run"
                )
                + f"; reason: {exception.reason}"
                for exception in checker.unused_exceptions()
            ]
