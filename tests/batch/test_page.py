"""The report page of the batch engine tells what that of single lines tells."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta

import pytest

pytest.importorskip("pyarrow")
from claimcheck.batch import check_files
from claimcheck.io import open_lines
from claimcheck.report.page.counts import PageCounts
from claimcheck.report.page.sample import Sample, ShownLine, kind_of
from claimcheck.scalar import Checker

HEADER = "line_id,claim_id,code,mod1,mod2,dx1,pos,payer,dos"


@pytest.fixture(scope="module")
def checker():
    return Checker(payer="aetna")


def rows(count, seed=1):
    draw = random.Random(seed)
    for number in range(count):
        day = date(2026, 1, 1) + timedelta(draw.randrange(200))
        yield ",".join(
            [
                f"L{number}",
                f"C{number // 3}",
                draw.choice(["0252U", "0252U", "81452", "99213", "", "Jane Doe"]),
                draw.choice(["", "80", "26", "99999"]),
                draw.choice(["", "80", "TC"]),
                draw.choice(["O03.9", "", "O99.999"]),
                draw.choice(["81", "12", "1"]),
                draw.choice(["", "Medicare", "Jane Doe", "---"]),
                draw.choice([day.isoformat(), "", "soon"]),
            ]
        )


def counted_singly(path, checker):
    counts = PageCounts()
    with open_lines(str(path)) as source:
        claims: dict[str | None, list] = {}
        for row in source:
            claims.setdefault(row.line.claim_id, []).append(row)
        for group in claims.values():
            for row, report in zip(
                group, checker.check_claim([row.line for row in group]).reports, strict=True
            ):
                found = tuple((finding, finding.index) for finding in report.findings)
                ids = report.line_id, report.claim_id
                facts = row.line.code, checker.payer_of(row.line), row.line.service_date
                counts.add(ShownLine(row.number - 1, *ids, *facts, report.status, found))
    return counts


def told(counts):
    """What a sample tells, without the index that stands beside each finding."""
    fields = ("row", "line_id", "claim_id", "code", "payer", "day", "status")
    return sorted(
        (
            tuple(str(getattr(line, name)) for name in fields),
            tuple((kind_of(finding), finding.message, index) for finding, index in line.findings),
            at,
        )
        for line, at in counts.sample.shown()
    )


@pytest.fixture
def written(tmp_path):
    path = tmp_path / "lines.csv"
    path.write_text("\n".join([HEADER, *rows(400)]) + "\n")
    return path


def test_it_is_that_of_single_lines(written, tmp_path, checker):
    single = counted_singly(written, checker)
    page = check_files([written], tmp_path / "out.parquet", checker, page=True).page
    assert single.codes.total > 1000
    for name in ("codes", "payers", "days", "fixes"):
        assert getattr(page, name).counts == getattr(single, name).counts, name
    assert page.lines_of_payer == single.lines_of_payer
    assert page.lines_of_day == single.lines_of_day
    assert told(page) == told(single)


def test_the_counts_are_those_of_the_findings_file(written, tmp_path, checker):
    result = check_files([written], tmp_path / "out.parquet", checker, page=True)
    findings = result.counts.findings
    for counts in (result.page.codes, result.page.payers, result.page.days, result.page.fixes):
        assert counts.total == findings.total()
        by_severity = Counter()
        for found in counts.counts.values():
            by_severity.update({severity.value: count for severity, count in found.items()})
        told = Counter()
        for (severity, _), count in findings.items():
            told[severity] += count
        assert by_severity == told


def test_a_sample_has_an_equal_share_of_every_kind(written, tmp_path, checker, monkeypatch):
    from claimcheck.batch import paged

    monkeypatch.setattr(paged, "PageCounts", lambda: PageCounts(sample=Sample(60)))
    result = check_files([written], tmp_path / "out.parquet", checker, page=True)
    shares = Counter(kind_of(line.findings[at][0]) for line, at in result.page.sample.shown())
    assert shares.total() == 60
    assert set(shares) == set(result.counts.findings)
    assert (
        max(shares.values())
        - min(shares[kind] for kind, count in result.counts.findings.items() if count >= 10)
        <= 1
    )


def test_rows_of_several_files_name_their_file(written, tmp_path, checker):
    other = tmp_path / "other.csv"
    other.write_text("\n".join([HEADER, *rows(3, seed=2)]) + "\n")
    page = check_files([written, other], tmp_path / "out", checker, page=True).page
    files = {line.file for line, _ in page.sample.shown()}
    assert files == {"lines.csv.findings.parquet", "other.csv.findings.parquet"}


def test_without_being_asked_nothing_is_counted(written, tmp_path, checker):
    assert check_files([written], tmp_path / "out.parquet", checker).page is None


def test_it_does_not_go_with_resume(written, tmp_path, checker):
    with pytest.raises(ValueError, match="leave out resume"):
        check_files([written], tmp_path / "out", checker, page=True, resume=True)
