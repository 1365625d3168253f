"""Reports made by hand, so that what is written does not depend on any rule."""

from __future__ import annotations

import io

import pytest

from claimcheck.finding import Citation, Finding
from claimcheck.line_report import COVERED, Coverage, Judgement, Report, RuleSetStamp
from claimcheck.report import CodeSetEdition, Context, Tally, UnusedException, open_writer
from claimcheck.verdict import Severity

STAMP = RuleSetStamp("a-rule-set", "1.2.3", "ab" * 32)
ERROR = Finding(
    code="modifier-not-applicable",
    severity=Severity.ERROR,
    field="modifiers",
    index=0,
    value="80",
    message="Modifier 80 does not fit 0252U: nobody assists at surgery in a laboratory test.",
    hint="Remove modifier 80 if it does not describe this service.",
    rule="codes/0252U#modifiers/80",
    citations=(
        Citation("a-page", "row 80"),
        Citation("a-list", "80"),
        Citation("a-page", "row 81"),
    ),
    carc="4",
)
WARNING = Finding(
    code="diagnosis-missing",
    severity=Severity.WARNING,
    field="diagnoses",
    message="The line has no diagnosis.",
    hint="Give one.",
    rule="checks#diagnosis-missing",
    carc="999",
)
INFO = Finding(
    code="code-no-rule",
    severity=Severity.INFO,
    field="code",
    value="99213",
    message="No rule file speaks of 99213.",
    hint="Nothing to do.",
    rule="checks#code-no-rule",
)


def report_of(*findings, status="findings", line_id=None, claim_id=None, suppressed=0):
    coverage = Coverage(("checked",) * len(COVERED))
    return Report(line_id, claim_id, Judgement(findings, status, coverage, STAMP, suppressed))


CLEAN = report_of(status="clean", line_id="1")
BAD = report_of(ERROR, WARNING, line_id="1", claim_id="CLM-7", suppressed=2)
NOT_CHECKED = report_of(INFO, status="not-checked")


@pytest.fixture
def write():
    """Write rows (a report, or a text that rejects) in a format; gives what was written."""

    def write_rows(
        name, *rows, width=100, colour=False, columns_not_read=0, looks_like=None, **told
    ):
        out = io.StringIO()
        context = Context(
            ruleset=STAMP,
            sources={"a-page": "The page of a code"},
            width=width,
            colour=colour,
            version="9.9.9",
        )
        writer = open_writer(name, out, context)
        tally = Tally()
        writer.start()
        for number, row in enumerate(rows, start=1):
            if isinstance(row, str):
                tally.reject(number, row)
                writer.rejected(number, row)
            else:
                tally.add(row)
                writer.line(number, row, "0252U")
        writer.finish(
            tally.summary(
                ruleset=STAMP,
                code_sets=[CodeSetEdition("ICD-10-CM", "2026", "2026-04-01", "2026-09-30")],
                unused_exceptions=[
                    UnusedException("ignore place", "we know", "expired on 2026-01-31")
                ],
                columns_not_read=columns_not_read,
                looks_like=looks_like,
                **told,
            )
        )
        return out.getvalue()

    write_rows.clean = CLEAN
    write_rows.bad = BAD
    write_rows.not_checked = NOT_CHECKED
    write_rows.report_of = report_of
    write_rows.error = ERROR
    write_rows.stamp = STAMP
    return write_rows
