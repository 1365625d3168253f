"""Strategies of single values: modifiers and diagnoses, by what the rules say of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final

from hypothesis import strategies as st

from claimcheck.codesets import icd10cm
from claimcheck.dates import parse_date
from claimcheck.errors import StrategyError
from claimcheck.ruleset.model import Rule, Ruling
from claimcheck.ruleset.values import parse_pattern
from claimcheck.scalar import Checker
from claimcheck.testing.slugs import nearest
from claimcheck.testing.strategies import values
from claimcheck.testing.strategies.arguments import code_of, of_checker, payers_of
from claimcheck.testing.strategies.scenes import Workbench

__all__ = ["diagnoses", "modifiers"]

_MODIFIER_WORDS: Final = ("applicable", "conditional", "not-applicable", "disputed", "unlisted")
_DIAGNOSIS_WORDS: Final = ("indicated", "secondary", "not-indicated", "disputed", "unlisted")


def modifiers(
    code: str | None = None,
    verdict: str | None = None,
    *,
    payer: str | None = None,
    on: date | str | None = None,
    checker: Checker | None = None,
) -> st.SearchStrategy[str]:
    """Draw modifiers: texts of two characters.

    Args:
        code: a procedure code; without it, modifiers that are in force, whatever the code.
        verdict: what the rules say of the modifier on the code: ``applicable``, ``conditional``,
            ``not-applicable``, ``disputed`` (whatever else they say), or ``unlisted`` (nothing).
        payer: whose overlay counts; None takes the checker's own.
        on: date of service; None is a line without one.
        checker: whose rules and code sets count; None takes that of the pytest
            plugin, else that of ``claimcheck.check``.

    Raises:
        StrategyError: there is no such modifier, or an argument is wrong.
    """

    def made(bench: Workbench) -> st.SearchStrategy[str]:
        day, code_sets = _day(on), bench.checker.code_sets
        _refuse_wrong_verdict(verdict, _MODIFIER_WORDS, code)
        rule = _rule(bench, code, payer, day)
        tried = values.all_modifiers(rule, code_sets)
        if verdict in (None, "unlisted"):
            tried = tuple(one for one in tried if code_sets.modifiers.in_force(one, day))
        found = _of_verdict(tried, verdict, rule.modifier if rule is not None else None)
        return _sampled(found, "modifier", code, verdict)

    return of_checker(checker, made)


def diagnoses(
    code: str | None = None,
    verdict: str | None = None,
    *,
    billable: bool = True,
    payer: str | None = None,
    on: date | str | None = None,
    checker: Checker | None = None,
) -> st.SearchStrategy[str]:
    """Draw ICD-10-CM codes, with their dot.

    Args:
        code: a procedure code; without it, any diagnosis.
        verdict: what the rules say of the diagnosis on the code: ``indicated``, ``secondary``,
            ``not-indicated``, ``disputed`` (whatever else they say), or ``unlisted`` (nothing).
        billable: codes that can be billed; if false, headers, which cannot.
        payer: whose overlay counts; None takes the checker's own.
        on: date of service, which chooses the edition; None takes the newest.
        checker: whose rules and code sets count; None takes that of the pytest
            plugin, else that of ``claimcheck.check``.

    Raises:
        StrategyError: there is no such diagnosis, or an argument is wrong.
    """

    def made(bench: Workbench) -> st.SearchStrategy[str]:
        day = _day(on)
        _refuse_wrong_verdict(verdict, _DIAGNOSIS_WORDS, code)
        rule = _rule(bench, code, payer, day)
        codes = values.icd_codes(bench.checker.code_sets.diagnoses_on(day), billable=billable)
        if verdict is None:
            return _sampled(codes, "diagnosis", code, verdict).map(icd10cm.dotted)
        tried = codes
        if verdict != "unlisted":
            entries = values.entries_of(rule, "diagnoses")
            patterns = [parse_pattern(entry.value) for entry in entries]
            meant = {one for pattern in patterns for one in values.diagnoses_of(pattern, codes)}
            tried = tuple(sorted(meant, key=lambda one: (len(one), one)))
        found = _of_verdict(tried, verdict, rule.diagnosis if rule is not None else None)
        return _sampled(found, "diagnosis", code, verdict).map(icd10cm.dotted)

    return of_checker(checker, made)


def _of_verdict(
    tried: tuple[str, ...], verdict: str | None, ruling_of: Callable[[str], Ruling | None] | None
) -> tuple[str, ...]:
    if verdict is None or ruling_of is None:
        return tried
    return tuple(one for one in tried if _word(ruling_of(one)) == verdict)


def _word(ruling: Ruling | None) -> str:
    """What the rules say, in one word."""
    if ruling is None:
        return "unlisted"
    return "disputed" if ruling.entry.dispute is not None else ruling.entry.verdict


def _sampled(
    found: tuple[str, ...], what: str, code: str | None, verdict: str | None
) -> st.SearchStrategy[str]:
    if not found:
        said = "" if verdict is None else f" of which the rules say {verdict} on {code}"
        raise StrategyError(f"there is no {what}{said}")
    return st.sampled_from(found)


def _day(on: date | str | None) -> date | None:
    if on is None or isinstance(on, date):
        return on
    day = parse_date(on) if isinstance(on, str) else None
    if day is None:
        raise StrategyError("on is a date of service such as 2026-05-04, or None")
    return day


def _refuse_wrong_verdict(verdict: str | None, words: tuple[str, ...], code: str | None) -> None:
    if verdict is None:
        return
    if verdict not in words:
        near = nearest(str(verdict), words)
        raise StrategyError(
            f"verdict is one of {', '.join(words)}, and not {verdict!r}; the nearest is {near}"
        )
    if code is None:
        raise StrategyError(f"verdict {verdict} is said of a procedure code; name it with code")


def _rule(bench: Workbench, code: str | None, payer: str | None, day: date | None) -> Rule | None:
    code, checker = code_of(code), bench.checker
    payers_of(bench, payer)
    if code is None:
        return None
    rule = checker.resolve(code, checker.payer_key(payer), checker.epochs.of(day))
    if rule is None:
        raise StrategyError(
            f"no rule file speaks of {code}; the rule set has "
            f"{', '.join(checker.ruleset.codes[:10]) or 'no codes'}"
        )
    return rule
