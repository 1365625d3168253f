"""The columnar engine: the checks of a ``Checker``, once per distinct combination, on whole batches.

Rows are never joined by value. Every field is a column of small numbers; a combination of numbers is
looked up in a table of outcomes; rows whose outcome is not empty are kept with their row number. So
nulls, blanks and duplicates are combinations like any other.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from itertools import chain
from typing import Any, Final

import attrs
import numpy as np
import numpy.typing as npt

from claimcheck.batch.claims import Claims
from claimcheck.batch.columns import Columns, Fields, Rows, SlotColumn
from claimcheck.batch.encode import Ids, KeyTable, Numbers
from claimcheck.batch.judged import Judged, Told, with_told
from claimcheck.batch.lines import lines_of, lines_read
from claimcheck.batch.pairs import PAIR_BITS, Sieving, pairs_of
from claimcheck.batch.suspects import Numbered, Suspects
from claimcheck.checks import Check, provider_of
from claimcheck.checks.definition import PairSieve
from claimcheck.evaluate import Axis, Outcome, axes_of, diagnosis_verdict
from claimcheck.finding import Finding
from claimcheck.io.columns import Plan
from claimcheck.line import ClaimLine
from claimcheck.ruleset.model import Rule
from claimcheck.scalar import Checker

__all__ = ["Engine"]

_MOST_REMEMBERED: Final = 1_000_000
# What becomes of a finding; ``_settle`` adds twice its number to the last two.
_OFF, _TOLD, _HELD = 0, 2, 3
_SUSPECT_LINES: Final = 8_192  # made at once
_PROVIDERS: Final = ("taxonomy", "billing_taxonomy", "ordering_taxonomy")
_LIST_OF: Final = {"modifier": "modifiers", "diagnosis": "diagnoses"}
# What the scope of a row decides: code, payer and epoch, and with them the rule and the authority.
_SCOPE: Final = frozenset({"code", "payer", "epoch", "rule", "table_authority"})
_VERDICTS: Final = (
    "indicated",
    "secondary",
    "not-indicated",
    "unlisted",
    "unreadable",
)


@attrs.define(eq=False)
class _Hits:
    rows: list[Rows] = attrs.field(factory=list)
    orders: list[Ids] = attrs.field(factory=list)
    indexes: list[Ids] = attrs.field(factory=list)
    findings: list[Ids] = attrs.field(factory=list)


@attrs.define(eq=False)
class _Batch:
    """One batch on its way: its columns, and what was derived from them so far."""

    columns: Columns
    derived: dict[str, Ids] = attrs.field(factory=dict)


class Engine:
    """Judges batches for one checker; keeps what it has learnt from batch to batch.

    Args:
        checker: gives rules, checks, code sets and configuration.

    Attributes:
        fields: what the numbers in columns stand for.
        latest: the batch judged last, as numbers.
    """

    def __init__(self, checker: Checker) -> None:
        self.checker = checker
        self.latest = Columns(0)
        axes = axes_of(checker.checks, checker.constants, checker.tables.kinds, merge=False)
        self._axes = tuple(axis for axis in axes if not _SCOPE.issuperset(axis.reads))
        self._scope_axes = tuple(axis for axis in axes if _SCOPE.issuperset(axis.reads))
        self._first_day, self._epoch_of_day = _days_to_epochs(checker)
        self._epochs_by_number = [checker.epochs.UNDATED, *checker.epochs.all]
        self._forget()

    def _forget(self) -> None:
        """Start anew: what was learnt is only a memory."""
        self.fields = Fields()
        self._rules: Numbers[Rule | None] = Numbers(None)
        self._payers: Numbers[str | None] = Numbers(None)
        self._tuples: dict[str, Numbers[tuple[int, ...]]] = {
            name: Numbers(()) for name in _LIST_OF.values()
        }
        self._providers: Numbers[tuple[str, str]] = Numbers(("", ""))
        self._keys: dict[object, KeyTable] = {}
        self._outcomes: list[Outcome] = [Outcome(())]
        self._outcome_numbers: dict[int, int] = {id(self._outcomes[0]): 0}
        self._flat = _Flat()
        self.known: list[Finding] = []
        self._finding_numbers: dict[int, int] = {}
        self._settled = 0
        self._problem_outcomes: dict[Any, int] = {}
        self._payer_of_value = np.zeros(0, np.int32)
        self._provider_of_value: dict[str, Ids] = {}
        self._pairs: Numbers[tuple[int, int]] = Numbers((0, 0))
        self._sieving: dict[PairSieve, Sieving] = {}
        self._epochs: Numbers[Any] = Numbers(self.checker.epochs.UNDATED)
        self._number_of_epoch = np.full(len(self._epochs_by_number), -1, np.int32)
        self._number_of_epoch[0] = 0
        self._scopes: Numbers[tuple[int, int, int, int]] = Numbers((0, 0, 0, 0))
        self._rule_of_scope = np.zeros(0, np.int32)
        self._outcome_of_scope = np.zeros(0, np.int32)
        self._unchecked_of_scope = np.zeros(0, np.bool_)
        self._authorities: Numbers[str] = Numbers("advisory")
        self._authority_of_payer = np.zeros(0, np.int32)
        self._suspects = Suspects(
            self.checker.running_claim_checks,
            self.checker.code_sets,
            self.fields.values["code"],
            self._epochs,
            self.fields.values["units"],
        )

    # --- one batch -------------------------------------------------------------------------------

    def judge(self, batch: Any, plan: Plan, claims: Claims | None = None) -> Judged:
        """Judge every row of a batch, and the claims in it.

        Args:
            batch: the rows, an Arrow record batch or a ``PythonBatch``.
            plan: which column gives which field.
            claims: which rows are one claim; None looks at each row by itself only.
        """
        with _no_collection():
            return self._whole(batch, plan, claims)

    def _whole(self, batch: Any, plan: Plan, claims: Claims | None) -> Judged:
        if self._remembered() > _MOST_REMEMBERED:
            self._forget()
        self.latest = self.fields.columns(batch, plan)
        work = _Batch(self.latest)
        self._derive(work)
        hits = _Hits()
        self._judge_scopes(work, hits)
        for axis in self._axes:
            self._judge_axis(axis, work, hits)
        odd = work.columns.odd
        without_rule = self._unchecked_of_scope[work.derived["scope"]]
        if odd is not None and odd.any():
            hits = _without(hits, odd)
            self._judge_alone(batch, plan, np.flatnonzero(odd), hits, without_rule)
        judged = self._sorted(work, hits, without_rule)
        if claims is None or not claims.starts.size:
            return judged
        return with_told(judged, self._claims_told(batch, plan, work, claims))

    def _claims_told(self, batch: Any, plan: Plan, work: _Batch, claims: Claims) -> Told:
        """What the checks across lines find; the code for single claims judges all suspect ones."""
        told = Told()
        checks = self.checker.running_claim_checks
        numbered = Numbered(work.columns, work.derived["epoch"])
        suspect = np.zeros(claims.starts.size, np.int64)  # per claim, a bit for each check
        for number, found in enumerate(self._suspects.among(claims, numbered)):
            suspect |= found.astype(np.int64) << min(number, 62)
        wanted = np.flatnonzero(suspect)
        for chosen in _in_parts(wanted, claims.sizes[wanted]):
            starts, sizes = claims.starts[chosen].tolist(), claims.sizes[chosen].tolist()
            rows = [
                row
                for at, count in zip(starts, sizes, strict=True)
                for row in range(at, at + count)
            ]
            lines = lines_of(self.fields, work.columns, batch, plan, np.array(rows, np.int64))
            first = 0
            for start, size, bits in zip(starts, sizes, suspect[chosen].tolist(), strict=True):
                asked = [one for at, one in enumerate(checks) if bits >> min(at, 62) & 1]
                self._judge_claim(lines[first : first + size], asked, start, told)
                first += size
        return told

    def _judge_claim(
        self, lines: list[ClaimLine], checks: list[Check], start: int, told: Told
    ) -> None:
        for position, found in self.checker.claim_findings(lines, checks):
            line = lines[position]
            finding: Finding | None = found
            if not self.checker.tells_all:
                finding = self.checker.settle(found, line.code, line.payer)
            if finding is None:
                told.suppressed += 1
            elif self.checker.is_known(finding, line.code):
                told.held.append((start + position, finding))
            else:
                told.rows.append(start + position)
                told.findings.append(finding)

    def _remembered(self) -> int:
        """How much is kept, in raw values; an outcome or a scope weighs as much as some of them."""
        tuples = sum(len(table) for table in self._tuples.values())
        heavy = 3 * len(self._outcomes) + 2 * len(self._scopes) + len(self._pairs)
        return self.fields.remembered + 2 * tuples + heavy + self._settled

    def _judge_axis(self, axis: Axis, work: _Batch, hits: _Hits) -> None:
        if axis.exploded == "problem":
            self._judge_problems(axis, work, hits)
        elif axis.exploded == "provider":
            for field in _PROVIDERS:
                numbers = work.columns.scalars.get(field)
                if numbers is not None:
                    rows = np.flatnonzero(numbers)
                    self._judge_values(axis, work, hits, self._provided(field, numbers[rows]), rows)
        elif axis.exploded == "diagnosis_pair":
            self._judge_pairs(axis, work, hits)
        elif axis.exploded is not None:
            for slot in work.columns.slots.get(_LIST_OF[axis.exploded], ()):
                self._judge_values(axis, work, hits, slot.numbers, slot.rows, slot.index)
        else:
            chosen = self._rows_of(axis, work)
            if chosen is None or chosen.size:
                self._judge_values(axis, work, hits, None, chosen)

    def _rows_of(self, axis: Axis, work: _Batch) -> Rows | None:
        """The rows that an axis can find anything on; None for all."""
        if axis.counted is None and axis.concerns is None:
            return None
        candidates: Any = np.ones(work.columns.size, np.bool_)
        if axis.counted is not None:
            filled = work.columns.filled.get(axis.counted)
            if filled is None:
                return np.empty(0, np.int64)
            candidates = filled >= axis.at_least
        if axis.concerns is not None and candidates.any():
            concerned = np.array([axis.concerns(rule) for rule in self._rules.things], np.bool_)
            candidates = candidates & concerned[work.derived["rule"]]
        return np.flatnonzero(candidates)

    def _judge_pairs(self, axis: Axis, work: _Batch, hits: _Hits) -> None:
        """Every two diagnoses of each row, but for those that the sieve of the checks holds back."""
        sieving = None
        if axis.sieve is not None:
            sieving = self._sieving.setdefault(axis.sieve, Sieving(axis.sieve))
            sieving.learn(
                self.fields.values["diagnoses"].things, self._rules.things, self.checker.code_sets
            )
            rules = sieving.rules_with_a_say(work.derived["rule"])
            work = attrs.evolve(work, derived={**work.derived, "rule": rules})
        table = self._keys.setdefault("diagnosis pair", KeyTable())
        bits = max(self._bits("diagnosis"), PAIR_BITS)
        for pair in pairs_of(work.columns.slots.get("diagnoses", ()), work.columns.size):
            if sieving is not None:
                pair = pair.only(sieving.suspects(pair, work.derived["rule"]))
            if pair.rows.size:
                parts = [(pair.one, bits), (pair.other, bits)]
                numbers = table.answers(parts, lambda it: self._pairs.of((it[0], it[1])))
                self._judge_values(axis, work, hits, numbers, pair.rows, pair.indexes)

    def _judge_values(
        self,
        axis: Axis,
        work: _Batch,
        hits: _Hits,
        exploded: Ids | None,
        rows: Rows | None,
        index: int | tuple[int, int] = -1,
    ) -> None:
        """Look up the outcome of every row (or exploded value), and keep those that are not empty."""
        if exploded is not None and exploded.size == 0:
            return
        outcomes = self._outcomes_of(axis, work, exploded, rows, axis.late)
        if axis.late:  # first whether there is a finding, then its words for those that have one
            found = np.flatnonzero(outcomes)
            if found.size == 0:
                return
            rows = found if rows is None else rows[found]
            exploded = None if exploded is None else exploded[found]
            outcomes = self._outcomes_of(axis, work, exploded, rows, frozenset())
        self._keep(hits, outcomes, rows, index)

    def _outcomes_of(
        self,
        axis: Axis,
        work: _Batch,
        exploded: Ids | None,
        rows: Rows | None,
        without: frozenset[str],
    ) -> Ids:
        """Number of the outcome of every row (or exploded value), with some names left absent."""
        names: list[str] = []
        parts: list[tuple[Ids, int]] = []
        for name in axis.reads:
            if name in without:
                continue
            if exploded is not None and name == axis.exploded:
                names.append(name)
                parts.append((exploded, self._bits(name)))
                continue
            numbers = self._numbers(name, work, rows)
            if numbers is not None:
                whole = rows is None or name in _LIST_OF.values()
                names.append(name)
                parts.append((numbers if whole else numbers[rows], self._bits(name)))

        def answer(combination: tuple[int, ...]) -> int:
            return self._outcome(axis, dict(zip(names, combination, strict=True)))

        if not parts:  # the checks read nothing that any row has
            count = work.columns.size if rows is None else rows.size
            return np.full(count, answer(()), np.int32)
        table = self._keys.setdefault((id(axis), tuple(names)), KeyTable())
        return table.answers(parts, answer)

    def _keep(
        self, hits: _Hits, outcomes: Ids, rows: Rows | None, index: int | tuple[int, int]
    ) -> None:
        found = np.flatnonzero(outcomes)
        if found.size == 0:
            return
        self._add(hits, found if rows is None else rows[found], outcomes[found], index)

    def _add(self, hits: _Hits, rows: Rows, outcomes: Ids, index: int | tuple[int, int]) -> None:
        """Add the findings of outcomes that are not empty; ``index`` is a position or those of a pair."""
        self._flatten()
        flat = self._flat
        counts = flat.counts[outcomes]
        starts = flat.starts[outcomes]
        if counts.max() > 1:
            within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
            at = np.repeat(starts, counts) + within
            rows = np.repeat(rows, counts)
        else:
            at = starts
        own = flat.indexes[at]
        hits.rows.append(rows)
        hits.orders.append(flat.orders[at])
        if isinstance(index, tuple):
            placed = np.where(own == 1, index[1], index[0])
        else:
            placed = np.where(own >= 0, own, index)
        hits.indexes.append(placed.astype(np.int32))
        hits.findings.append(flat.findings[at])

    def _judge_problems(self, axis: Axis, work: _Batch, hits: _Hits) -> None:
        told = self.fields.problems.things
        names = [name for name in axis.reads if name != "problem"]
        for rows, numbers in work.columns.problems:
            for number in np.unique(numbers).tolist():
                there = rows[numbers == number]
                for problem in told[number]:
                    self._judge_problem(axis, work, hits, problem, there, names)

    def _judge_problem(
        self, axis: Axis, work: _Batch, hits: _Hits, problem: Any, rows: Rows, names: list[str]
    ) -> None:
        index = -1 if problem.index is None else problem.index
        if not names:
            number = self._problem_outcomes.get(problem)
            if number is None:
                number = self._number_of(axis.evaluate({"problem": problem}))
                self._problem_outcomes[problem] = number
            self._keep(hits, np.full(rows.size, number, np.int32), rows, index)
            return
        columns = [self._full(name, work)[rows] for name in names]
        distinct, inverse = np.unique(np.stack(columns, axis=1), axis=0, return_inverse=True)
        answers = np.array(
            [
                self._outcome(axis, dict(zip(names, row, strict=True)), {"problem": problem})
                for row in distinct.tolist()
            ],
            np.int32,
        )
        self._keep(hits, answers[inverse.reshape(-1)], rows, index)

    def _judge_alone(
        self,
        batch: Any,
        plan: Plan,
        rows: Rows,
        hits: _Hits,
        without_rule: npt.NDArray[np.bool_],
    ) -> None:
        """Rows whose cells do not fit columns of numbers: the engine for single lines takes them."""
        order = {one.finding: at for at, one in enumerate(self.checker.checks)}
        for row, line in zip(rows.tolist(), lines_read(batch, plan, rows), strict=True):
            findings = self.checker.findings_of(line)
            without_rule[row] = not self.checker.decides_on(line)
            for finding in findings:
                hits.rows.append(np.array([row]))
                hits.orders.append(np.array([order[finding.code]], np.int32))
                hits.indexes.append(
                    np.array([-1 if finding.index is None else finding.index], np.int32)
                )
                hits.findings.append(np.array([self._finding_number(finding)], np.int32))

    # --- outcomes --------------------------------------------------------------------------------

    def _outcome(
        self, axis: Axis, combination: dict[str, int], given: dict[str, Any] | None = None
    ) -> int:
        """Number of the outcome of a combination of numbers; names left out are absent."""
        values = dict(given) if given else {}
        for name in axis.reads:
            if name not in values:
                values[name] = self._value(name, combination.get(name, 0))
        return self._number_of(axis.evaluate(values))

    def _number_of(self, outcome: Outcome) -> int:
        if not outcome.found:
            return 0
        number = self._outcome_numbers.get(id(outcome))
        if number is None:
            number = self._outcome_numbers[id(outcome)] = len(self._outcomes)
            self._outcomes.append(outcome)
        return number

    def _flatten(self) -> None:
        """Lay the findings of new outcomes end to end."""
        flat = self._flat
        new = self._outcomes[flat.done :]
        if new:
            placed = [
                (
                    order,
                    -1 if finding.index is None else finding.index,
                    self._finding_number(finding),
                )
                for outcome in new
                for order, finding in outcome.found
            ]
            flat.add([len(outcome.found) for outcome in new], placed)

    def _finding_number(self, finding: Finding) -> int:
        number = self._finding_numbers.get(id(finding))
        if number is None:
            number = self._finding_numbers[id(finding)] = len(self.known)
            self.known.append(finding)
        return number

    # --- numbers of the names that checks read ---------------------------------------------------

    def _derive(self, work: _Batch) -> None:
        """Epoch, payer, scope and rule of every row."""
        columns = work.columns
        days = columns.days
        epochs = np.zeros(columns.size, np.int32) if days is None else self._epoch_numbers(days)
        work.derived["epoch"] = epochs
        work.derived["payer"] = self._payer_numbers(columns)
        names = ["code"]
        parts = [(columns.scalars["code"], self._bits("code"))]
        if "payer" in columns.scalars:
            names.append("payer")
            parts.append((work.derived["payer"], self._bits("payer")))
        if days is not None:
            names.append("epoch")
            parts.append((epochs, self._bits("epoch")))
        default = self._default()

        def answer(combination: tuple[int, ...]) -> int:
            given = {"payer": default, "epoch": 0, **dict(zip(names, combination, strict=True))}
            code = self._value("code", given["code"])
            payer, epoch = (
                self._value("payer", given["payer"]),
                self._value("epoch", given["epoch"]),
            )
            rule = None if code is None else self.checker.resolve(code, payer, epoch)
            return self._scopes.of(
                (self._rules.of(rule), given["code"], given["payer"], given["epoch"])
            )

        table = self._keys.setdefault(("scope", tuple(names)), KeyTable())
        scopes = table.answers(parts, answer)
        self._judge_new_scopes()
        work.derived["scope"] = scopes
        work.derived["rule"] = self._rule_of_scope[scopes]

    def _epoch_numbers(self, days: Ids) -> Ids:
        """Numbers of the epochs of days, in order of first use; 0 for no day."""
        epochs = self._epoch_of_day[np.maximum(days - (self._first_day - 1), 0)]
        if days.size and days.min() == 0:
            epochs = np.where(days > 0, epochs, 0)
        numbers = self._number_of_epoch[epochs]
        if numbers.size and numbers.min() < 0:
            for epoch in np.unique(epochs[numbers < 0]).tolist():
                self._number_of_epoch[epoch] = self._epochs.of(self._epochs_by_number[epoch])
            numbers = self._number_of_epoch[epochs]
        found: Ids = numbers
        return found

    def _judge_new_scopes(self) -> None:
        """What the checks that read no more than a scope find on each new one."""
        new = self._scopes.things[len(self._rule_of_scope) :]
        if not new:
            return
        outcomes, unchecked = [], []
        for numbers in new:
            combination = dict(zip(("rule", "code", "payer", "epoch"), numbers, strict=True))
            combination["table_authority"] = int(self._authority_numbers()[numbers[2]])
            unchecked.append(self._is_unchecked(combination))
            found = [
                self._outcomes[self._outcome(axis, combination)].found for axis in self._scope_axes
            ]
            outcomes.append(self._number_of(Outcome(tuple(chain.from_iterable(found)))))
        rules = [rule for rule, *_ in new]
        self._rule_of_scope = np.append(self._rule_of_scope, np.array(rules, np.int32))
        self._outcome_of_scope = np.append(self._outcome_of_scope, np.array(outcomes, np.int32))
        self._unchecked_of_scope = np.append(
            self._unchecked_of_scope, np.array(unchecked, np.bool_)
        )

    def _is_unchecked(self, combination: dict[str, int]) -> bool:
        """Whether a scope has a code that neither a rule file nor a table decides about."""
        code = self._value("code", combination["code"])
        if code is None:
            return False
        rule, payer, epoch = (
            self._value(name, combination[name]) for name in ("rule", "payer", "epoch")
        )
        return not self.checker.is_checked(code, rule, payer, epoch)

    def _authority_numbers(self) -> Ids:
        """Per number of a payer, the number of what Medicare's tables are to it."""
        payers = self._payers.things
        known = self._authority_of_payer
        if len(known) < len(payers):
            new = [
                self._authorities.of(self.checker.authority_of(it)) for it in payers[len(known) :]
            ]
            known = self._authority_of_payer = np.append(known, np.array(new, np.int32))
        return known

    def _judge_scopes(self, work: _Batch, hits: _Hits) -> None:
        if self._outcome_of_scope.any():
            self._keep(hits, self._outcome_of_scope[work.derived["scope"]], None, -1)

    def _default(self) -> int:
        return self._payers.of(self.checker.payer_key(None))

    def _payer_numbers(self, columns: Columns) -> Ids:
        numbers = columns.scalars.get("payer")
        if numbers is None:
            return np.full(columns.size, self._default(), np.int32)
        values = self.fields.values["payer"].things
        if len(self._payer_of_value) < len(values):
            new = [
                self._payers.of(self.checker.payer_key(it))
                for it in values[len(self._payer_of_value) :]
            ]
            self._payer_of_value = np.append(self._payer_of_value, np.array(new, np.int32))
        found: Ids = self._payer_of_value[numbers]
        return found

    def _numbers(self, name: str, work: _Batch, rows: Rows | None) -> Ids | None:
        """Numbers of a name per row; None where no column gives it, so that it is absent throughout.

        For a whole list, only of ``rows``.
        """
        columns = work.columns
        if name in ("rule", "epoch"):
            return None if name == "epoch" and columns.days is None else work.derived[name]
        if name == "payer":
            return work.derived["payer"]
        if name == "table_authority":
            if name not in work.derived:
                work.derived[name] = self._authority_numbers()[work.derived["payer"]]
            return work.derived[name]
        if name == "conditions":
            return columns.conditions
        if name in _LIST_OF.values():
            return self._tuple_numbers(name, columns, rows)
        if name in ("primary_diagnosis", "diagnosis_verdicts"):
            if name not in work.derived:
                self._derive_diagnoses(work)
            return work.derived[name]
        return columns.scalars.get(name)

    def _full(self, name: str, work: _Batch) -> Ids:
        """Numbers of a name for every row, absent ones included."""
        numbers = self._numbers(name, work, None)
        return np.zeros(work.columns.size, np.int32) if numbers is None else numbers

    def _bits(self, name: str) -> int:
        if name == "diagnosis_verdicts":
            return len(_VERDICTS)
        bits = self._table(name).bits
        return max(bits, PAIR_BITS) if name == "diagnosis_pair" else bits

    def _table(self, name: str) -> Numbers[Any]:
        if name == "rule":
            return self._rules
        if name == "epoch":
            return self._epochs
        if name == "payer":
            return self._payers
        if name == "table_authority":
            return self._authorities
        if name == "conditions":
            return self.fields.conditions
        if name == "provider":
            return self._providers
        if name == "diagnosis_pair":
            return self._pairs
        if name in self._tuples:
            return self._tuples[name]
        if name in ("diagnosis", "primary_diagnosis"):
            return self.fields.values["diagnoses"]
        if name == "modifier":
            return self.fields.values["modifiers"]
        return self.fields.values[name]

    def _value(self, name: str, number: int) -> Any:
        """The value that a number of a name stands for."""
        if name == "diagnosis_verdicts":
            return frozenset(word for at, word in enumerate(_VERDICTS) if number >> at & 1)
        if name == "provider":
            return provider_of(*self._providers.things[number])
        if name == "diagnosis_pair":
            things = self.fields.values["diagnoses"].things
            return tuple(things[at] for at in self._pairs.things[number])
        if name in self._tuples:
            things = self.fields.values[name].things
            return tuple(things[at] for at in self._tuples[name].things[number])
        value = self._table(name).things[number]
        return (value or None) if name == "primary_diagnosis" else value

    def _provided(self, field: str, numbers: Ids) -> Ids:
        values = self.fields.values[field].things
        known = self._provider_of_value.get(field, np.zeros(0, np.int32))
        if len(known) < len(values):
            new = [
                0 if it is None else self._providers.of((field, it)) for it in values[len(known) :]
            ]
            known = self._provider_of_value[field] = np.append(known, np.array(new, np.int32))
        found: Ids = known[numbers]
        return found

    def _derive_diagnoses(self, work: _Batch) -> None:
        """Per row the first readable diagnosis, and the set of verdicts as bits."""
        columns = work.columns
        primary = np.zeros(columns.size, np.int32)
        verdicts = np.zeros(columns.size, np.int32)
        rules, values = self._rules.things, self.fields.values["diagnoses"].things
        seen = np.zeros(columns.size, np.int32)

        def answer(combination: tuple[int, ...]) -> int:
            rule, diagnosis = combination
            return 1 << _VERDICTS.index(diagnosis_verdict(rules[rule], values[diagnosis]))

        table = self._keys.setdefault("diagnosis verdict", KeyTable())
        for slot in columns.slots.get("diagnoses", ()):
            rule = work.derived["rule"] if slot.rows is None else work.derived["rule"][slot.rows]
            parts = [(rule, self._rules.bits), (slot.numbers, self._bits("diagnosis"))]
            bits = table.answers(parts, answer)
            _fill(primary, verdicts, seen, slot, bits)
        filled = columns.filled.get("diagnoses")
        if filled is not None:  # slots that are blank or could not be read, before the last filled
            verdicts |= np.where(filled > seen, 1 << _VERDICTS.index("unreadable"), 0).astype(
                np.int32
            )
        work.derived["primary_diagnosis"] = primary
        work.derived["diagnosis_verdicts"] = verdicts

    def _tuple_numbers(self, name: str, columns: Columns, rows: Rows | None) -> Ids | None:
        """Number of the whole list of each of ``rows``."""
        slots = columns.slots.get(name)
        if slots is None:
            return None
        chosen = np.arange(columns.size) if rows is None else rows
        width = int(columns.filled[name][chosen].max()) if chosen.size else 0
        lists = np.zeros((chosen.size, width), np.int32)
        for slot in slots:
            if slot.index < width:
                whole = np.zeros(columns.size, np.int32)
                whole[slice(None) if slot.rows is None else slot.rows] = slot.numbers
                lists[:, slot.index] = whole[chosen]
        filled = columns.filled[name][chosen]
        if width == 0:
            return np.zeros(chosen.size, np.int32)
        packed = np.ascontiguousarray(np.column_stack([filled, lists]))
        view = packed.view(np.dtype((np.void, packed.dtype.itemsize * packed.shape[1]))).reshape(-1)
        _, first, inverse = np.unique(view, return_index=True, return_inverse=True)
        table = self._tuples[name]
        numbers = np.fromiter(
            (table.of(tuple(lists[at, : filled[at]].tolist())) for at in first),
            np.int32,
            first.size,
        )
        found: Ids = numbers[inverse.reshape(-1)]
        return found

    # --- the end ---------------------------------------------------------------------------------

    def _sorted(self, work: _Batch, hits: _Hits, without_rule: npt.NDArray[np.bool_]) -> Judged:
        size = work.columns.size
        if not hits.rows:
            empty = np.empty(0, np.int32)
            return self._judged(size, np.empty(0, np.int64), empty, empty, without_rule)
        rows, orders = np.concatenate(hits.rows), np.concatenate(hits.orders)
        indexes, findings = np.concatenate(hits.indexes), np.concatenate(hits.findings)
        # Sorting is stable, and what stands in the same place came in the order of the fields.
        order = np.lexsort((indexes, orders, rows))
        rows, indexes, findings = rows[order], indexes[order], findings[order]
        if self.checker.tells_all:
            return self._judged(size, rows, indexes, findings, without_rule)
        settled = self._settle(work, rows, findings)
        findings, off, held = settled // 2 - 1, settled == _OFF, settled % 2 == _HELD % 2
        told = ~(off | held)
        judged = self._judged(size, rows[told], indexes[told], findings[told], without_rule)
        return attrs.evolve(
            judged, suppressed=int(off.sum()), held_rows=rows[held], held=findings[held]
        )

    def _judged(
        self,
        size: int,
        rows: Rows,
        indexes: Ids,
        findings: Ids,
        without_rule: npt.NDArray[np.bool_],
    ) -> Judged:
        known, none = self.known, (np.empty(0, np.int64), np.empty(0, np.int32))
        return Judged(size, rows, indexes, findings, known, len(known), (), without_rule, 0, *none)

    def _settle(self, work: _Batch, rows: Rows, findings: Ids) -> Ids:
        """What configuration and baseline make of each finding, once per distinct code and payer.

        ``_OFF`` if it is switched off; else twice its number and ``_TOLD`` or ``_HELD``.
        """
        scalars = work.columns.scalars
        names = [name for name in ("code", "payer") if name in scalars]
        parts = [(findings, max(len(self.known) - 1, 1).bit_length())]
        parts += [(scalars[name][rows], self.fields.values[name].bits) for name in names]

        def answer(combination: tuple[int, ...]) -> int:
            said = {
                name: self.fields.values[name].things[number]
                for name, number in zip(names, combination[1:], strict=True)
            }
            self._settled += 1
            found = self.known[combination[0]]
            return self._settled_anew(found, said.get("code"), said.get("payer"))

        return self._keys.setdefault(("settled", *names), KeyTable()).answers(parts, answer)

    def _settled_anew(self, finding: Finding, code: str | None, payer: str | None) -> int:
        told = self.checker.settle(finding, code, payer)
        if told is None:
            return _OFF
        known = self.checker.is_known(told, code)
        return 2 * self._finding_number(told) + (_HELD if known else _TOLD)


@attrs.define(eq=False)
class _Flat:
    """The findings of all outcomes, end to end; ``starts`` and ``counts`` are per outcome."""

    done: int = 0
    starts: Ids = attrs.field(factory=lambda: np.empty(0, np.int32))
    counts: Ids = attrs.field(factory=lambda: np.empty(0, np.int32))
    orders: Ids = attrs.field(factory=lambda: np.empty(0, np.int32))
    indexes: Ids = attrs.field(factory=lambda: np.empty(0, np.int32))
    findings: Ids = attrs.field(factory=lambda: np.empty(0, np.int32))

    def add(self, counts: list[int], placed: list[tuple[int, int, int]]) -> None:
        """Lay down the findings of further outcomes: order of the check, position, number."""
        first = len(self.findings)
        number = np.array(counts, np.int32)
        self.starts = np.append(self.starts, (first + np.cumsum(number) - number).astype(np.int32))
        self.counts = np.append(self.counts, number)
        laid = np.array(placed, np.int32).reshape(-1, 3)
        self.orders = np.append(self.orders, laid[:, 0])
        self.indexes = np.append(self.indexes, laid[:, 1])
        self.findings = np.append(self.findings, laid[:, 2])
        self.done += len(counts)


def _fill(primary: Ids, verdicts: Ids, seen: Ids, slot: SlotColumn, bits: Ids) -> None:
    if slot.rows is None:
        np.copyto(primary, slot.numbers, where=primary == 0)
        verdicts |= bits
        seen += 1
        return
    rows = slot.rows
    verdicts[rows] |= bits
    seen[rows] += 1
    first = rows[primary[rows] == 0]
    if first.size == rows.size:
        primary[rows] = slot.numbers
    elif first.size:
        primary[first] = slot.numbers[primary[rows] == 0]


@contextmanager
def _no_collection() -> Iterator[None]:
    """No search for cycles meanwhile: a batch makes many objects and no cycle of them."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _without(hits: _Hits, odd: npt.NDArray[np.bool_]) -> _Hits:
    """The hits that are not on odd rows."""
    kept = _Hits()
    for rows, orders, indexes, findings in zip(
        hits.rows, hits.orders, hits.indexes, hits.findings, strict=True
    ):
        usual = ~odd[rows]
        kept.rows.append(rows[usual])
        kept.orders.append(orders[usual])
        kept.indexes.append(indexes[usual])
        kept.findings.append(findings[usual])
    return kept


def _in_parts(claims: Rows, sizes: Rows) -> list[Rows]:
    """The claims in order, with some thousand lines at a time."""
    if not claims.size:
        return []
    part = np.cumsum(sizes) // _SUSPECT_LINES
    return np.split(claims, np.flatnonzero(np.diff(part)) + 1)


def _days_to_epochs(checker: Checker) -> tuple[int, Ids]:
    """Day of the first boundary, and per day from the one before it the number of the epoch plus 1."""
    starts = [day.toordinal() for day in checker.epochs.starts]
    if not starts:
        return 1, np.ones(date.max.toordinal() + 1, np.int32)
    first, last = starts[0], starts[-1]
    numbers = np.ones(date.max.toordinal() - first + 2, np.int32)
    for start in starts:
        numbers[start - first + 1 :] += 1
    del last
    return first, numbers
