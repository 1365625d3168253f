"""Reports: the findings of one line or claim, with what was checked and against what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, TypeAlias

import attrs

from claimcheck.codesets.store.kinds import KINDS
from claimcheck.finding import Finding
from claimcheck.verdict import Severity

__all__ = [
    "COVERED",
    "COVERED_FIELDS",
    "ClaimReport",
    "Coverage",
    "CoverageState",
    "Judgement",
    "Report",
    "RuleSetStamp",
    "Status",
]

Status: TypeAlias = Literal["clean", "findings", "not-checked"]
CoverageState: TypeAlias = Literal[
    "checked",
    "no-value",
    "malformed",
    "no-rule",
    "out-of-date-range",
    "payer-not-examined",
    "absent",
    "unstated",
    "no-row",
    "ignored",
]
"""What became of one field, or what one official list had to say of the line.

``checked``: its value was held against rules or tables; or the list speaks of the code.
``no-value``: the line does not give it. ``malformed``: it could not be read. ``no-rule``: no loaded
rule or table speaks of it for this code. ``out-of-date-range``: rules, code set or table do not cover
the date of service. ``payer-not-examined``: the line's payer is not among those that the rule's source
examined. Of lists alone: ``absent`` (not imported), ``unstated`` (imported, and nothing tells which
dates it covers), ``no-row`` (it does not have the code), ``ignored`` (the configuration says that the
payer does not follow it).
"""

COVERED_FIELDS: Final = (
    "code",
    "modifiers",
    "place_of_service",
    "diagnoses",
    "taxonomy",
    "billing_taxonomy",
    "ordering_taxonomy",
    "payer",
    "service_date",
    "units",
)


@attrs.frozen
class RuleSetStamp:
    """Which rules were used: name, version, and SHA-256 of their content."""

    name: str
    version: str
    hash: str

    def __str__(self) -> str:
        return f"{self.name} {self.version} ({self.hash[:12]})"

    def as_dict(self) -> dict[str, str]:
        """The stamp as JSON-ready values; written out, since every line of a report has it."""
        return {"name": self.name, "version": self.version, "hash": self.hash}


COVERED: Final = (*COVERED_FIELDS, *KINDS)
"""What coverage tells of: the fields of a line, then the official lists."""


@attrs.frozen
class Coverage(Mapping[str, CoverageState]):
    """What became of each field and what each list had to say; a read-only mapping.

    Attributes:
        states: the states, in the order of ``COVERED``.
        editions: name of the edition of each list that was asked, by the list's name.
    """

    states: tuple[CoverageState, ...]
    editions: tuple[tuple[str, str], ...] = ()

    def __getitem__(self, name: str) -> CoverageState:
        try:
            return self.states[COVERED.index(name)]
        except ValueError:
            raise KeyError(name) from None

    def __iter__(self) -> Iterator[str]:
        return iter(COVERED)

    def __len__(self) -> int:
        return len(COVERED)

    @property
    def absent(self) -> tuple[str, ...]:
        """The lists that are not imported."""
        return tuple(name for name in COVERED if self[name] == "absent")


@attrs.frozen
class Judgement:
    """What checking gave, without the line's ids: the same for every line of the same content."""

    findings: tuple[Finding, ...]
    status: Status
    coverage: Coverage
    ruleset: RuleSetStamp
    suppressed: int = 0
    known: tuple[Finding, ...] = ()
    code: str | None = None


@attrs.frozen
class Report:
    """The findings of one line.

    Attributes:
        line_id, claim_id: the caller's own ids, or None.
        code: procedure code of the line, or None.
        findings: in the order check, position.
        status: ``clean`` (checked, and nothing to tell), ``findings``, or ``not-checked`` (no rule
            file and no national table has the code; shapes and code sets may still have given
            findings).
        ok: whether no finding is an error.
        coverage: per field and per official list, what became of it.
        editions: per official list that was asked, its edition.
        ruleset: name, version and hash of the rules.
        suppressed: number of findings that the configuration switched off.
        known: number of findings that the baseline knows, and that are therefore not among
            ``findings``.
        known_findings: those findings.
    """

    line_id: str | None
    claim_id: str | None
    _judgement: Judgement = attrs.field(repr=False)

    @property
    def code(self) -> str | None:
        return self._judgement.code

    @property
    def findings(self) -> tuple[Finding, ...]:
        return self._judgement.findings

    @property
    def status(self) -> Status:
        return self._judgement.status

    @property
    def coverage(self) -> Coverage:
        return self._judgement.coverage

    @property
    def editions(self) -> dict[str, str]:
        return dict(self._judgement.coverage.editions)

    @property
    def ruleset(self) -> RuleSetStamp:
        return self._judgement.ruleset

    @property
    def suppressed(self) -> int:
        return self._judgement.suppressed

    @property
    def known(self) -> int:
        return len(self._judgement.known)

    @property
    def known_findings(self) -> tuple[Finding, ...]:
        return self._judgement.known

    @property
    def ok(self) -> bool:
        return all(finding.severity is not Severity.ERROR for finding in self.findings)

    @property
    def worst(self) -> Severity | None:
        """The highest severity among the findings, or None."""
        return max((f.severity for f in self.findings), key=lambda s: s.rank, default=None)

    def with_findings(self, findings: tuple[Finding, ...]) -> Report:
        """The same report with its findings put in other words; no more and no fewer of them."""
        judgement = attrs.evolve(self._judgement, findings=findings)
        return Report(self.line_id, self.claim_id, judgement)

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON-ready values, in a fixed order."""
        return {
            "line_id": self.line_id,
            "claim_id": self.claim_id,
            "status": self.status,
            "ok": self.ok,
            "findings": [finding.as_dict() for finding in self.findings],
            "suppressed": self.suppressed,
            "known": self.known,
            "coverage": dict(zip(COVERED, self.coverage.states, strict=True)),
            "editions": self.editions,
            "ruleset": self.ruleset.as_dict(),
        }


@attrs.frozen
class ClaimReport:
    """The reports of the lines of one claim, findings across lines included where they stand.

    Attributes:
        claim_id: the id that all lines share, or None.
        reports: one per line, in order.
    """

    claim_id: str | None
    reports: tuple[Report, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, line by line."""
        return tuple(finding for report in self.reports for finding in report.findings)

    @property
    def ok(self) -> bool:
        """Whether no finding is an error."""
        return all(report.ok for report in self.reports)

    @property
    def status(self) -> Status:
        """``findings`` if a line has any, else ``not-checked`` if a line was not, else ``clean``."""
        states = {report.status for report in self.reports}
        if "findings" in states:
            return "findings"
        return "not-checked" if "not-checked" in states or not states else "clean"

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON-ready values, in a fixed order."""
        return {
            "claim_id": self.claim_id,
            "status": self.status,
            "ok": self.ok,
            "lines": [report.as_dict() for report in self.reports],
        }
