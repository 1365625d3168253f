"""The engine for one line, a stream of lines, or one claim."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from itertools import combinations
from pathlib import Path
from typing import Any, Final, TypeAlias

import attrs

from claimcheck.baseline import Baseline, KnownFinding
from claimcheck.checks import CHECKS, CLAIM_CHECKS, Check, provider_of
from claimcheck.checks.code import is_checked
from claimcheck.checks.definition import PairSieve
from claimcheck.codesets.bundle import CodeSets, code_sets_with
from claimcheck.codesets.national.tables import NationalTables, tables_of
from claimcheck.codesets.store.folder import DATA_VARIABLE
from claimcheck.config import Config, FindingException, load_config
from claimcheck.coverage_states import Given, coverage_of, states_if_given
from claimcheck.dates import Epoch, Epochs
from claimcheck.errors import CheckDefinitionError, ConfigurationError
from claimcheck.evaluate import (
    Placed,
    Position,
    axes_of,
    diagnosis_verdicts,
    finding_of,
    runs,
)
from claimcheck.finding import Finding
from claimcheck.line import ClaimLine, payer_slug, raw_key, read_line
from claimcheck.line_report import ClaimReport, Judgement, Report, RuleSetStamp, Status
from claimcheck.proof import with_proven_fixes, with_proven_fixes_of_claim
from claimcheck.ruleset import RuleSet, load_rules
from claimcheck.ruleset.model import Rule
from claimcheck.table_policy import Authority

__all__ = ["Checker", "LineLike", "check", "check_claim", "check_lines", "explain"]

LineLike: TypeAlias = Mapping[str, Any] | ClaimLine
_REMEMBERED: Final = 65_536


class Checker:
    """Checks lines against a rule set. Building one loads rules; use it for many lines.

    Attributes:
        running_claim_checks: the checks across lines that can find anything with the tables at hand.

    Args:
        rules: folders of rule files or packs on top of the bundled rules; or a ``RuleSet``.
        payer: the payer of lines that name none.
        config: a ``Config``, or the path of a ``claimcheck.toml`` or ``pyproject.toml``.
        checks: further checks of your own, made with ``claimcheck.define_check``.
        data: folder of imported code sets; default is what the environment variable
            ``CLAIMCHECK_DATA`` names, else the configuration, else the user's own data folder. What
            is not there is not claimed: the coverage of every report says so.
        today: the day on which exceptions of the configuration expire; default is the current day.
        baseline: a ``Baseline``, or the path of one: its findings are left out of reports, which count
            them in ``known``. Default is the baseline of the configuration, if it names one.

    Raises:
        RuleFileError: a rule file cannot be used; it lists every problem.
        ConfigurationError: a setting cannot be used, or the store of code sets is damaged.
        BaselineError: the baseline cannot be used.
        CheckDefinitionError: a check of your own gives a finding that is taken.
    """

    def __init__(
        self,
        *,
        rules: Iterable[str | os.PathLike[str]] | RuleSet = (),
        payer: str | None = None,
        config: Config | str | os.PathLike[str] | None = None,
        checks: Sequence[Check] = (),
        data: str | os.PathLike[str] | NationalTables | None = None,
        today: date | None = None,
        baseline: Baseline | str | os.PathLike[str] | None = None,
    ) -> None:
        self.config = _config(config)
        self.baseline = _baseline(baseline, self.config)
        self.ruleset = rules if isinstance(rules, RuleSet) else _rules(rules, self.config)
        self.checks, self.claim_checks = _checks(checks)
        _refuse_unknown_findings(self.config, (*self.checks, *self.claim_checks))
        self.tables = _tables(data, self.config)
        self._policy = self.config.tables.with_keys(self.ruleset.payer_key)
        self.code_sets: CodeSets = code_sets_with(self.tables)
        self.stamp = RuleSetStamp(self.ruleset.name, self.ruleset.version, self.ruleset.hash)
        self.today = today or date.today()
        chosen = payer if payer is not None else self.config.payer
        self.payer = payer_slug(chosen) if chosen else None
        if self.payer == "":
            raise ConfigurationError("payer has no letter or digit; give a name such as aetna")
        self.epochs = Epochs(self.ruleset.boundaries | self.code_sets.boundaries)
        self._exceptions = tuple(e for e in self.config.exceptions if not e.expired(self.today))
        self._used: set[FindingException] = set()
        self._occurred: set[KnownFinding] = set()
        self._plain = not self._exceptions and not self.config.select and self.baseline is None
        self.has_own_checks = bool(checks)
        self.constants: dict[str, Any] = {
            "code_sets": self.code_sets,
            "known_conditions": self.ruleset.conditions,
        }
        if not self.tables.kinds:
            self.constants["table_authority"] = "ignored"
        self._axes = axes_of(self.checks, self.constants, self.tables.kinds)
        self.running_claim_checks = tuple(
            one for one in self.claim_checks if runs(one, self.tables.kinds)
        )
        self._judged: dict[object, Judgement] = {}
        self._judged_raw: dict[object, Judgement] = {}
        self._resolved: dict[tuple[str, str | None, int], Rule | None] = {}
        self._payers: dict[str, str] = {}
        self._given: dict[object, Given] = {}
        self._listeners: list[Callable[[LineLike], object]] = []

    def __reduce__(self) -> tuple[Any, ...]:
        # What was learnt from lines stays here: it is only a memory, and may hold what they say.
        own = [*self.checks[len(CHECKS) :], *self.claim_checks[len(CLAIM_CHECKS) :]]
        return _checker, (
            *(self.ruleset, self.payer, self.config, own),
            *(self.tables, self.today, self.baseline),
        )

    def check(self, line: LineLike) -> Report:
        """Check one line.

        Args:
            line: a mapping of field names to values, or a ``ClaimLine``.

        Returns:
            The report. Nothing that the line says raises.
        """
        if type(line) is ClaimLine:
            return Report(line.line_id, line.claim_id, self._judgement(line))
        key = raw_key(line)
        if key is None:
            read = read_line(line)
            return Report(read.line_id, read.claim_id, self._judgement(read))
        line_id, claim_id, content = key
        judged = self._judged_raw.get(content)
        if judged is None:
            read = read_line(line)
            judged = self._judgement(read)
            if not read.problems:  # what could not be read may be a person's: it is not kept
                _remember(self._judged_raw, content, judged)
        return Report(line_id, claim_id, judged)

    def _judgement(self, line: ClaimLine) -> Judgement:
        epoch = self.epochs.of(line.service_date)
        key = (line._content, epoch.number)
        judged = self._judged.get(key)
        if judged is None:
            judged = self._judge(line, epoch)
            _remember(self._judged, key, judged)
        return judged

    def check_lines(self, lines: Iterable[LineLike]) -> Iterator[Report]:
        """Check a stream of lines; one report per line, in order, one at a time."""
        return map(self.check, lines)

    def check_claim(self, lines: Iterable[LineLike]) -> ClaimReport:
        """Check the lines of one claim, each by itself and all together."""
        read = tuple(map(read_line, lines))
        reports = list(map(self.check, read))
        for position, finding in self.claim_findings(read):
            reports[position] = self._with(reports[position], finding, read[position])
        if len(self.running_claim_checks) > 1 or self._exceptions:
            reports = with_proven_fixes_of_claim(self, reports, read)
        ids = {line.claim_id for line in read}
        return ClaimReport(ids.pop() if len(ids) == 1 else None, tuple(reports))

    def claim_findings(
        self, lines: Sequence[ClaimLine], checks: Sequence[Check] | None = None
    ) -> list[tuple[int, Finding]]:
        """What the checks across lines find on a claim, before the configuration has its say.

        Args:
            lines: of one claim.
            checks: some of ``running_claim_checks``, in their order; None for all.

        Returns:
            Position of the line and finding, in the order in which a line's findings are told.
        """
        read = tuple(lines)
        given: dict[str, Any] = {"lines": read, "code_sets": self.code_sets}
        wanted = self.running_claim_checks if checks is None else checks
        if any("table_authorities" in one.reads for one in wanted):
            given["table_authorities"] = tuple(
                self.authority_of(self.payer_of(line)) for line in read
            )
        return [
            (defect.line or 0, finding_of(one, defect))
            for one in wanted
            for defect in one.function(*[given[name] for name in one.reads])
        ]

    def add_listener(self, listener: Callable[[LineLike], object]) -> None:
        """Have every line that is checked from now on handed to ``listener``, too.

        Whole tables (``claimcheck.batch``) are not heard. Without listeners checking costs what it did:
        only a checker that has one puts another ``check`` before its own.
        """
        self._listeners.append(listener)
        vars(self)["check"] = self._check_heard

    def remove_listener(self, listener: Callable[[LineLike], object]) -> None:
        """Hand no more lines to ``listener``.

        Raises:
            ValueError: it was not added.
        """
        self._listeners.remove(listener)
        if not self._listeners:
            del vars(self)["check"]

    def _check_heard(self, line: LineLike) -> Report:
        for listener in self._listeners:
            listener(line)
        return type(self).check(self, line)

    def explain(self, line: LineLike) -> Any:
        """Tell every rule that was considered for a line, fired or not. See ``Explanation``."""
        from claimcheck.explanation import explain_line

        return explain_line(self, read_line(line))

    def payer_of(self, line: ClaimLine) -> str | None:
        """The key of the line's payer, by any way of writing that a rule knows; else its slug."""
        return self.payer_key(line.payer)

    def payer_key(self, payer: str | None) -> str | None:
        """The key of a payer as a line has it; None is the checker's own payer."""
        payer = payer if payer is not None else self.payer
        if payer is None:
            return None
        key = self._payers.get(payer)
        if key is None:
            key = self.ruleset.payer_key(payer) or payer
            _remember(self._payers, payer, key)
        return key

    def authority_of(self, payer: str | None) -> Authority:
        """What Medicare's tables are to a payer, by its key."""
        return self._policy.authority(payer)

    def is_checked(self, code: str, rule: Rule | None, payer: str | None, epoch: Epoch) -> bool:
        """Whether a rule file or a national table decides about a code."""
        return is_checked(code, rule, epoch, self.authority_of(payer), self.code_sets)

    def decides_on(self, line: ClaimLine) -> bool:
        """Whether a rule file or a national table decides about the line's code, if it has one."""
        if line.code is None:
            return True
        epoch = self.epochs.of(line.service_date)
        return self.is_checked(line.code, self.rule_of(line, epoch), self.payer_of(line), epoch)

    def rule_of(self, line: ClaimLine, epoch: Epoch | None = None) -> Rule | None:
        """The rule for the line's code, payer and date of service; None if no rule file speaks."""
        if line.code is None:
            return None
        if epoch is None:
            epoch = self.epochs.of(line.service_date)
        return self.resolve(line.code, self.payer_of(line), epoch)

    def resolve(self, code: str, payer: str | None, epoch: Epoch) -> Rule | None:
        """The rule for a code, a payer key and an epoch."""
        key = (code, payer, epoch.number)
        try:
            return self._resolved[key]
        except KeyError:
            pass
        rule = self.ruleset.rule(code, payer, epoch.day)
        _remember(self._resolved, key, rule)
        return rule

    def unused_exceptions(self) -> tuple[FindingException, ...]:
        """Exceptions of the configuration that matched no finding so far, the expired ones included."""
        return tuple(e for e in self.config.exceptions if e not in self._used)

    def expired_exceptions(self) -> tuple[FindingException, ...]:
        """Exceptions of the configuration whose last day is over; they switch nothing off."""
        return tuple(e for e in self.config.exceptions if e.expired(self.today))

    def unused_baseline_entries(self) -> tuple[KnownFinding, ...]:
        """Entries of the baseline that occurred on no line so far."""
        entries = () if self.baseline is None else self.baseline.entries
        return tuple(entry for entry in entries if entry not in self._occurred)

    def findings_of(self, line: ClaimLine) -> tuple[Finding, ...]:
        """What the checks find on a line, before the configuration has its say."""
        return self._found(line, self.epochs.of(line.service_date))

    def _judge(self, line: ClaimLine, epoch: Epoch) -> Judgement:
        told, suppressed, held = self._told(self._found(line, epoch), line)
        if any(finding.fix is not None for finding in told):
            told = with_proven_fixes(self, told, line, told)
        if any(finding.fix is not None for finding in held):
            held = with_proven_fixes(self, held, line, told)
        rule, payer = self.rule_of(line, epoch), self.payer_of(line)
        # Without tables a code says no more than its rule, so codes without one share an answer.
        code = line.code if self.tables.kinds else None
        known = (-1 if rule is None else rule.number, code, epoch.number, payer)
        given = self._given.get(known)
        if given is None:
            authority = self.authority_of(payer)
            given = states_if_given(rule, code, epoch, payer, authority, self.code_sets)
            _remember(self._given, known, given)
        coverage = coverage_of(line, payer, given)
        status = self._status(told, line)
        return Judgement(told, status, coverage, self.stamp, suppressed, held, line.code)

    def _status(self, findings: Sequence[Finding], line: ClaimLine) -> Status:
        if not self.decides_on(line):
            return "not-checked"
        return "findings" if findings else "clean"

    def _found(self, line: ClaimLine, epoch: Epoch) -> tuple[Finding, ...]:
        rule = self.rule_of(line, epoch)
        payer = self.payer_of(line)
        keys: dict[str, Any] = {
            "rule": -1 if rule is None else rule.number,
            "epoch": epoch.number,
            "code": line.code,
            "modifiers": line.modifiers,
            "place_of_service": line.place_of_service,
            "diagnoses": line.diagnoses,
            "primary_diagnosis": next(filter(None, line.diagnoses), None),
            "diagnosis_verdicts": diagnosis_verdicts(rule, line.diagnoses),
            "taxonomy": line.taxonomy,
            "billing_taxonomy": line.billing_taxonomy,
            "ordering_taxonomy": line.ordering_taxonomy,
            "payer": payer,
            "units": line.units,
            "conditions": line.conditions,
            "table_authority": self.authority_of(payer),
        }
        values = {**keys, "rule": rule, "epoch": epoch}
        placed: list[Placed] = []
        for axis in self._axes:
            name = axis.exploded
            if name is None:
                if axis.counted is not None and len(keys[axis.counted]) < axis.at_least:
                    continue
                outcome = axis.outcome(keys, values)
                if outcome.found:
                    placed += outcome.at(None)
                continue
            exploded = (
                _exploded(name, line)
                if axis.sieve is None
                else _suspects(axis.sieve, line, rule, self.code_sets)
            )
            for index, value in exploded:
                keys[name] = values[name] = value
                outcome = axis.outcome(keys, values)
                if outcome.found:
                    placed += outcome.at(index)
        placed.sort(key=_by_place)
        return tuple([finding for *_, finding in placed])

    @property
    def tells_all(self) -> bool:
        """Whether neither the configuration nor a baseline has a say about any finding."""
        return self._plain

    def _told(
        self, findings: Sequence[Finding], line: ClaimLine
    ) -> tuple[tuple[Finding, ...], int, tuple[Finding, ...]]:
        """The findings that are told, the number switched off, and those that the baseline knows."""
        if self._plain or not findings:
            return tuple(findings), 0, ()
        settled = [self.settle(finding, line.code, line.payer) for finding in findings]
        left = [finding for finding in settled if finding is not None]
        known = [self.is_known(finding, line.code) for finding in left]
        told = tuple(finding for finding, held in zip(left, known, strict=True) if not held)
        held = tuple(finding for finding, held in zip(left, known, strict=True) if held)
        return told, len(findings) - len(left), held

    def is_known(self, finding: Finding, code: str | None) -> bool:
        """Whether the baseline knows a finding, as it is told, on a line with this code."""
        if self.baseline is None:
            return False
        entry = self.baseline.entry_of(finding, code)
        if entry is None:
            return False
        self._occurred.add(entry)
        return True

    def settle(self, finding: Finding, code: str | None, payer: str | None) -> Finding | None:
        """What the configuration makes of a finding on a line with this code and payer.

        Returns:
            The finding, with another severity or as it was; None if it is switched off.
        """
        if not self.config.selects(finding.code):
            return None
        exception = self._exception_of(finding, code, payer)
        if exception is None:
            return finding
        self._used.add(exception)
        if exception.severity is None:
            return None
        return attrs.evolve(finding, severity=exception.severity)

    def _exception_of(
        self, finding: Finding, code: str | None, payer: str | None
    ) -> FindingException | None:
        """The exception of the configuration that decides about a finding."""
        key = self.payer_key(payer)
        for exception in self._exceptions:
            wanted = None if exception.payer is None else self.payer_key(exception.payer)
            if exception.covers(finding.code, finding.value, code) and wanted in (None, key):
                return exception
        return None

    def would_tell(self, finding: Finding, code: str | None, payer: str | None) -> Finding | None:
        """What ``settle`` and the baseline leave of a finding on a line that is only imagined.

        Nothing counts as used by it.
        """
        if not self.config.selects(finding.code):
            return None
        exception = self._exception_of(finding, code, payer)
        if exception is not None:
            if exception.severity is None:
                return None
            finding = attrs.evolve(finding, severity=exception.severity)
        if self.baseline is not None and self.baseline.entry_of(finding, code) is not None:
            return None
        return finding

    def _with(self, report: Report, finding: Finding, line: ClaimLine) -> Report:
        before = report._judgement
        told, suppressed, held = self._told([finding], line)
        told = with_proven_fixes(self, told, line, before.findings)
        held = with_proven_fixes(self, held, line, before.findings)
        findings = before.findings + told
        judgement = attrs.evolve(
            before,
            findings=findings,
            status=self._status(findings, line),
            suppressed=before.suppressed + suppressed,
            known=before.known + held,
        )
        return Report(report.line_id, report.claim_id, judgement)


def _checker(
    ruleset: RuleSet,
    payer: str | None,
    config: Config,
    own: Sequence[Check],
    tables: NationalTables,
    today: date,
    baseline: Baseline | None,
) -> Checker:
    return Checker(
        rules=ruleset,
        payer=payer,
        config=config,
        checks=own,
        data=tables,
        today=today,
        baseline=baseline,
    )


def _remember(memory: dict[Any, Any], key: object, value: object) -> None:
    """Keep an outcome in a bounded memory; a full one starts anew."""
    if len(memory) >= _REMEMBERED:
        memory.clear()
    memory[key] = value


def _by_place(placed: Placed) -> tuple[int, int]:
    return placed[0], placed[1]


def _exploded(name: str, line: ClaimLine) -> Iterable[tuple[Position, Any]]:
    """The single values (or pairs) of an exploded name, with their position in a list field."""
    if name == "modifier":
        return [(index, value) for index, value in enumerate(line.modifiers) if value]
    if name == "diagnosis":
        return [(index, value) for index, value in enumerate(line.diagnoses) if value]
    if name == "diagnosis_pair":
        given = [(index, value) for index, value in enumerate(line.diagnoses) if value]
        return [((i, j), (one, other)) for (i, one), (j, other) in combinations(given, 2)]
    if name == "problem":
        return [(problem.index, problem) for problem in line.problems]
    return [
        (None, provider_of(field, taxonomy))
        for field, taxonomy in (
            ("taxonomy", line.taxonomy),
            ("billing_taxonomy", line.billing_taxonomy),
            ("ordering_taxonomy", line.ordering_taxonomy),
        )
        if taxonomy is not None
    ]


def _suspects(
    sieve: PairSieve, line: ClaimLine, rule: Rule | None, code_sets: CodeSets
) -> list[tuple[Position, Any]]:
    """The pairs of diagnoses, with their positions, that a sieve lets through."""
    given = [
        (index, value, sieve.standing(code_sets, value), sieve.speaks(rule, value))
        for index, value in enumerate(line.diagnoses)
        if value
    ]
    return [
        ((i, j), (one, other))
        for (i, one, first, spoken), (j, other, second, said) in combinations(given, 2)
        if spoken or said or (first and second and sieve.meet(first, second))
    ]


def _status(findings: Sequence[Finding], code: str | None, rule: Rule | None) -> Status:
    if code is not None and rule is None:
        return "not-checked"
    return "findings" if findings else "clean"


def _config(config: Config | str | os.PathLike[str] | None) -> Config:
    if config is None:
        return Config()
    if isinstance(config, Config):
        return config
    if isinstance(config, str | os.PathLike):
        return load_config(Path(config))
    raise ConfigurationError("config is a claimcheck.Config or the path of a TOML file")


def _baseline(
    baseline: Baseline | str | os.PathLike[str] | None, config: Config
) -> Baseline | None:
    chosen = config.baseline if baseline is None else baseline
    if chosen is None or isinstance(chosen, Baseline):
        return chosen
    return Baseline.load(chosen)


def _tables(data: str | os.PathLike[str] | NationalTables | None, config: Config) -> NationalTables:
    if isinstance(data, NationalTables):
        return data
    if data is None and config.data is not None and not os.environ.get(DATA_VARIABLE, "").strip():
        data = config.data
    return tables_of(data, config.tables.setting)


def _rules(rules: Iterable[str | os.PathLike[str]], config: Config) -> RuleSet:
    if isinstance(rules, str | os.PathLike):
        rules = [rules]
    return load_rules(*config.rules, *(Path(folder) for folder in rules))


def _checks(more: Sequence[Check]) -> tuple[tuple[Check, ...], tuple[Check, ...]]:
    taken = {one.finding for one in (*CHECKS, *CLAIM_CHECKS)}
    for one in more:
        if not isinstance(one, Check):
            raise CheckDefinitionError(
                "checks are made with claimcheck.define_check; a plain function is none"
            )
        if one.finding in taken:
            raise CheckDefinitionError(f"the finding {one.finding} is taken by another check")
        taken.add(one.finding)
    return (
        (*CHECKS, *(one for one in more if not one.across_lines)),
        (*CLAIM_CHECKS, *(one for one in more if one.across_lines)),
    )


def _refuse_unknown_findings(config: Config, checks: Sequence[Check]) -> None:
    """A misspelt slug would select or ignore nothing, in silence."""
    slugs = [one.finding for one in checks]
    known = {*slugs, *(slug.split("-", 1)[0] for slug in slugs)}
    named = [(f"{config.where}select", slug) for slug in config.select]
    named += [(exception.where, exception.finding) for exception in config.exceptions]
    for where, slug in named:
        if slug not in known:
            near = get_close_matches(slug, sorted(known), 1, 0.0)[0]
            place = f"{where}: " if where else ""
            raise ConfigurationError(f"{place}no finding is called {slug!r}; the nearest is {near}")


_DEFAULT: list[Checker] = []


def _default_checker() -> Checker:
    if not _DEFAULT:
        _DEFAULT.append(Checker())
    return _DEFAULT[0]


def check(line: LineLike) -> Report:
    """Check one line against the bundled rules. See ``Checker.check``."""
    return _default_checker().check(line)


def check_lines(lines: Iterable[LineLike]) -> Iterator[Report]:
    """Check a stream of lines against the bundled rules. See ``Checker.check_lines``."""
    return _default_checker().check_lines(lines)


def check_claim(lines: Iterable[LineLike]) -> ClaimReport:
    """Check the lines of one claim against the bundled rules. See ``Checker.check_claim``."""
    return _default_checker().check_claim(lines)


def explain(line: LineLike) -> Any:
    """Tell every rule considered for a line. See ``Checker.explain``."""
    return _default_checker().explain(line)
