"""What one line exercises: the entries that gave a finding, and those that decided and gave none."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import attrs

from claimcheck.checks.diagnoses import excluding
from claimcheck.coverage.entries import code_entry_id, exclusion_id
from claimcheck.dates import Epoch, Period
from claimcheck.deciding import deciding_entry, values_of
from claimcheck.finding import Finding
from claimcheck.line import ClaimLine
from claimcheck.ruleset.model import Rule
from claimcheck.scalar import Checker

__all__ = ["Exercised", "exercised"]


@attrs.frozen
class Exercised:
    """The ids of the entries that fired on a line, and of those that it passed.

    ``fired`` may hold ids of rules that are no entries, such as ``codesets/modifiers#00``.
    """

    fired: frozenset[str]
    passed: frozenset[str]


def exercised(checker: Checker, rule: Rule, line: ClaimLine) -> Exercised:
    """What a line exercises, before the configuration has its say.

    Args:
        checker: whose rules and checks are asked.
        rule: the rule for the line's code, payer and date.
        line: the line.
    """
    fired = {_entry_of(finding, rule) for finding in checker.findings_of(line)}
    asked = set(_asked(rule, line, checker.epochs.of(line.service_date)))
    excluded, spared = _exclusions(rule, line)
    fired |= excluded
    return Exercised(frozenset(fired), frozenset((asked | spared) - fired))


def _entry_of(finding: Finding, rule: Rule) -> str:
    """The id of the entry that a finding names; what is said of the code itself has ids of its own."""
    if finding.code == "code-not-in-effect" and finding.rule == f"codes/{rule.code}#code":
        return code_entry_id(rule.code, "effective")
    if finding.code == "code-disputed":
        return code_entry_id(rule.code, "disputed")
    return finding.rule


def _asked(rule: Rule, line: ClaimLine, epoch: Epoch) -> Iterator[str]:
    """The entries that decided about something that the line gives, exclusions aside."""
    if epoch.day is not None and rule.period != Period():
        yield code_entry_id(rule.code, "effective")
    for section, field, _, value in values_of(line):
        entry = deciding_entry(rule, section, field, value)
        if entry is not None:
            yield entry.id
    modifiers = {modifier for modifier in line.modifiers if modifier}
    for conflict in rule.conflicts:
        if len(modifiers) > 1 and not modifiers.isdisjoint(conflict.modifiers):
            yield conflict.id


def _exclusions(rule: Rule, line: ClaimLine) -> tuple[set[str], set[str]]:
    """The exclusions that fired, and those that were held against another diagnosis in vain.

    One that is met only by a pair for which another exclusion speaks is neither.
    """
    fired: set[str] = set()
    spared: set[str] = set()
    if not rule.has_exclusions:
        return fired, spared
    given = [diagnosis for diagnosis in line.diagnoses if diagnosis]
    for pair in combinations(given, 2):
        found = excluding(rule, pair)
        if found is not None:
            fired.add(exclusion_id(found[2], found[3]))
        for holder, other in (pair, pair[::-1]):
            ruling = rule.diagnosis(holder.replace(".", ""))
            if ruling is not None and holder != other:
                spared |= {
                    exclusion_id(ruling.entry, exclusion)
                    for exclusion in ruling.entry.excludes
                    if not exclusion.holds(other.replace(".", ""))
                }
    return fired, spared - fired
