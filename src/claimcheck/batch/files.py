"""From files to files: findings of files, patterns and folders, in constant memory.

One input gives one output file. Several give a folder with one findings file for each, under the same
relative names, and a ``.summary.json`` beside each that says what became of its rows; with ``resume`` a
file whose summary still fits is not done again. Every output appears whole or not at all.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from claimcheck.baseline import Baseline, BaselineTally, KnownFinding
from claimcheck.batch.claims import Grouper, grouped_pieces
from claimcheck.batch.engine import Engine
from claimcheck.batch.findings import FINDINGS_SCHEMA, PLACE, FindingsWriter, stamped
from claimcheck.batch.inputs import FileJob, Jobs, plan_jobs
from claimcheck.batch.judged import Judged
from claimcheck.batch.known import count_for_baseline
from claimcheck.batch.outputs import OutputFormat, format_of
from claimcheck.batch.paged import Pager
from claimcheck.batch.pieces import Piece, Source, prefetched
from claimcheck.batch.resume import FileSummary, fingerprint, forget, remembered
from claimcheck.batch.returning import ReturningHashes
from claimcheck.batch.sources import open_source
from claimcheck.batch.tally import Counts
from claimcheck.batch.written import Written
from claimcheck.config import FindingException
from claimcheck.errors import InputError
from claimcheck.io.claims import checked_grouping
from claimcheck.io.columns import checked_mapping
from claimcheck.report.page.counts import PageCounts
from claimcheck.report.summary import Damage, Note
from claimcheck.scalar import Checker
from claimcheck.whole import remove_leftovers

__all__ = ["JobResult", "Progress", "check_files"]


@attrs.frozen
class Progress:
    """Where a job stands.

    Attributes:
        file: the file at hand.
        files_done, files: number of files done, and to do.
        rows: rows read so far.
        findings: findings so far.
        seconds: time so far.
        done: share of the bytes to read that has been read, from 0 to 1.
    """

    file: str
    files_done: int
    files: int
    rows: int
    findings: int
    seconds: float
    done: float


@attrs.frozen(eq=False)
class JobResult:
    """What a job did.

    Attributes:
        counts: of all files, those done earlier included.
        files: number of files done now.
        skipped: number of files that an earlier run had done.
        failed: files that could not be read at all, with the reason.
        passed_over: number of files in the input folders that were not read, by their endings.
        rejects: files that hold rejected rows.
        seconds: time taken now.
        rows_now: rows read now.
        columns_not_read, looks_like: the most columns of a file that give no field, and what one
            of them seems to be meant for.
        unused_exceptions: exceptions of the configuration that did nothing in any file.
        damaged: what was wrong with files that were read to their end, of each that has damage.
        notes: what is no damage and still worth knowing, with the file it concerns.
        inputs: the input files, in the order in which they were done.
        page: what the report page tells, if it was asked for.
        unused_baseline_entries: entries of the baseline that occurred in no file.
        baseline: everything that was found, if it was asked for.
    """

    counts: Counts
    files: int
    skipped: int
    failed: tuple[tuple[str, str], ...]
    passed_over: int
    rejects: tuple[str, ...]
    seconds: float
    rows_now: int
    columns_not_read: int
    looks_like: str | None
    unused_exceptions: tuple[FindingException, ...]
    damaged: tuple[Damage, ...] = ()
    notes: tuple[Note, ...] = ()
    inputs: tuple[str, ...] = ()
    page: PageCounts | None = None
    unused_baseline_entries: tuple[KnownFinding, ...] = ()
    baseline: Baseline | None = None


def check_files(
    inputs: Sequence[str | Path],
    output: str | Path,
    checker: Checker | None = None,
    *,
    output_format: OutputFormat | None = None,
    lines: str | Path | None = None,
    rejects: str | Path | None = None,
    mapping: Mapping[str, str] | None = None,
    group_by: Sequence[str] | None = None,
    input_format: str | None = None,
    resume: bool = False,
    progress: Callable[[Progress], None] | None = None,
    page: bool = False,
    as_baseline: bool = False,
) -> JobResult:
    """Check files of claim lines and write their findings to files.

    Args:
        inputs: files, patterns (``claims/*.parquet``) or folders, which are searched; the name of a
            folder such as ``payer=aetna`` gives its files a column.
        output: a file for one input file; a folder for several, for a pattern, or for a folder.
        checker: rules and configuration; default is the bundled rules.
        output_format: ``parquet``, ``csv`` or ``jsonl``; default by the output's ending, else parquet.
        lines: where to write the input's lines with ``status``, ``errors`` and ``warnings`` beside
            them: a file or a folder, as ``output``. A CSV or JSON Lines input gives its fields as text.
        rejects: file for rejected rows, with row (counted from 0) and reason; by default beside the
            output. It is only written if there are any. With several inputs each has its own.
        mapping: column name to field, where the name does not say it.
        group_by: names of the columns that together tell which claim a row belongs to: consecutive
            rows of a file with the same values are one claim. Default is the column that gives
            ``claim_id``; ``()`` looks at each row by itself only.
        input_format: ``parquet``, ``csv``, ``jsonl``, ``x12`` or ``fhir``; default: told from each
            file's content.
        resume: leave out files whose findings an earlier, interrupted run wrote from the same input
            with the same rules, settings and checks (a check of your own is known by its finding).
        progress: told after every batch.
        page: also count what the report page tells; not together with ``resume``, since the files
            done earlier are not read again.
        as_baseline: also make a baseline of everything found, what the checker's own baseline knows
            included; not together with ``resume`` either.

    Returns:
        What was done. Rows read are rows reported on plus rows rejected.

    Raises:
        ValueError: ``page`` or ``as_baseline`` with ``resume``.
        InputError: no input, the one input cannot be read, its columns give no line, or the output
            cannot be used.
        OSError: an output cannot be written (a full disk); what was whole stays, nothing else.
    """
    if page and resume:
        raise ValueError("page counts while files are checked; leave out resume")
    if as_baseline and resume:
        raise ValueError("a baseline is made while files are checked; leave out resume")
    checker = Checker() if checker is None else checker
    chosen = checked_mapping(mapping)
    grouping = checked_grouping(group_by)
    jobs = plan_jobs(inputs, output, output_format, lines, rejects, chosen)
    kind = output_format or _format_of_output(Path(output), jobs.folder is None)
    if jobs.folder is not None:
        _make_folders(jobs, lines, resume)
    run = _Run(checker, jobs, kind, chosen, grouping, input_format, progress, page, as_baseline)
    run.do_all(resume)
    return run.result()


def _format_of_output(output: Path, is_file: bool) -> OutputFormat:
    """The format that the output's ending asks for; Parquet for a folder or without ending.

    Raises:
        InputError: a file with an ending that asks for none.
    """
    kind = format_of(output) if is_file and output.suffix else "parquet"
    if kind is None:
        raise InputError(
            f"{output}: its ending names no format; end it in .parquet, .csv or .jsonl, or name the "
            "format"
        )
    return kind


class _Run:
    """A job on its way."""

    def __init__(
        self,
        checker: Checker,
        jobs: Jobs,
        kind: OutputFormat,
        mapping: dict[str, str],
        group_by: tuple[str, ...] | None,
        input_format: str | None,
        progress: Callable[[Progress], None] | None,
        page: bool,
        as_baseline: bool,
    ) -> None:
        self.checker = checker
        self.jobs = jobs
        self._kind: OutputFormat = kind
        self._mapping = mapping
        self._group_by = group_by
        self._input_format = input_format
        self._progress = _Teller(progress)
        self._engine = Engine(checker)
        self._pager = Pager(checker) if page else None
        self._found = BaselineTally() if as_baseline else None
        self._known = () if checker.baseline is None else checker.baseline.entries
        self._known_hash = _hash_of(checker.baseline)
        self._counts = Counts()
        self._done: list[FileSummary] = []
        self._skipped = self._rows = 0
        self._failed: list[tuple[str, str]] = []
        self._rejects: list[str] = []
        self._started = time.monotonic()

    def do_all(self, resume: bool) -> None:
        """Do every file that was not done before."""
        todo = []
        for job in self.jobs.files:
            for path in job.outputs:
                remove_leftovers(path)
            told = remembered(job, self._fingerprint(job)) if resume else None
            if told is None:
                todo.append(job)
            else:
                self._skipped += 1
                self._add(job, told)
        self._progress.start([job.source for job in todo])
        for job in todo:
            try:
                self._do(job)
            except InputError as error:
                if self.jobs.folder is None:
                    raise
                self._failed.append((str(job.source), str(error)))
            self._progress.next()

    def result(self) -> JobResult:
        """What was done."""
        used = {text for told in self._done for text in told.exceptions_used}
        occurred = {number for told in self._done for number in told.baseline_used}
        if self._found is not None:
            self._found.checked_by(self.checker.stamp)
        return JobResult(
            self._counts,
            len(self._done) - self._skipped,
            self._skipped,
            tuple(self._failed),
            self.jobs.passed_over,
            tuple(self._rejects),
            time.monotonic() - self._started,
            self._rows,
            max((told.columns_not_read for told in self._done), default=0),
            next((told.looks_like for told in self._done if told.looks_like), None),
            tuple(e for e in self.checker.unused_exceptions() if str(e) not in used),
            tuple(told.damage for told in self._done if told.damage is not None),
            tuple(note for told in self._done for note in told.notes),
            tuple(str(job.source) for job in self.jobs.files),
            None if self._pager is None else self._pager.counts,
            tuple(e for number, e in enumerate(self._known) if number not in occurred),
            None if self._found is None else self._found.baseline(written=self.checker.today),
        )

    def _add(self, job: FileJob, told: FileSummary) -> None:
        self._counts.join(told.counts, None if self.jobs.folder is None else str(job.source))
        self._done.append(told)
        if told.counts.rejected:
            self._rejects.append(str(job.rejects))

    def _fingerprint(self, job: FileJob) -> str:
        settings = (self._kind, job.lines is not None, self._input_format, self._mapping)
        return fingerprint(job, self.checker, *settings, self._group_by, self._known_hash)

    def _do(self, job: FileJob) -> None:
        """Check one file and write its outputs."""
        if job.summary is not None:
            forget(job)
        stands_for = self._fingerprint(job)  # before reading: the file may change meanwhile
        source = open_source(
            job.source,
            self._mapping,
            self._input_format,
            dict(job.constants),
            self._group_by,
            whole=job.lines is not None,
        )
        counts = Counts()
        try:
            self._stream(job, source, counts)
        finally:
            source.close()
        unused = self.checker.unused_exceptions()
        gone = set(self.checker.unused_baseline_entries())
        told = FileSummary(
            stands_for,
            counts,
            source.plan.not_read,
            source.plan.looks_like,
            tuple(str(e) for e in self.checker.config.exceptions if e not in unused),
            None if source.damage is None else Damage.of(str(job.source), source.damage),
            tuple(Note(str(job.source), note) for note in source.notes),
            tuple(number for number, entry in enumerate(self._known) if entry not in gone),
        )
        self._add(job, told)
        if job.summary is not None:
            told.write(job.summary, self.checker)

    def _stream(self, job: FileJob, source: Source, counts: Counts) -> None:
        """Judge every piece; files get their names only when all are whole."""
        places_at = source.places_at
        schema = FINDINGS_SCHEMA if places_at is None else FINDINGS_SCHEMA.append(PLACE)
        schema = stamped(schema, self.checker)
        writer = FindingsWriter(schema)
        returning = ReturningHashes()
        grouped = grouped_pieces(source.pieces(), Grouper(source.plan, returning))
        with Written(job, self._kind, schema, source) as written:
            pieces = prefetched(grouped)
            try:
                for piece in pieces:
                    if piece.rejected:
                        counts.reject(piece.rejected)
                        written.rejected(piece.rejected)
                    if piece.batch.num_rows:
                        judged = self._engine.judge(piece.batch, source.plan, piece.claims)
                        counts.add(judged)
                        places = None if places_at is None else piece.batch.column(places_at)
                        found = writer.batch(
                            judged, piece.batch, source.plan, piece.positions, places
                        )
                        written.judged(found, piece.batch, judged)
                        self._page(judged, piece, job, source)
                        if self._found is not None:
                            engine = self._engine
                            count_for_baseline(self._found, judged, engine.fields, engine.latest)
                        self._progress.findings += found.num_rows
                    self._rows += piece.batch.num_rows + len(piece.rejected)
                    self._progress.tell(self._rows, piece.done)
            finally:
                pieces.close()
            counts.claims_apart = returning.count
            counts.settle()
            written.settle(source.damage)

    def _page(self, judged: Judged, piece: Piece, job: FileJob, source: Source) -> None:
        """Count a batch for the report page, if it is wanted."""
        if self._pager is None:
            return
        folder = self.jobs.folder
        file = None if folder is None else str(job.findings.relative_to(folder))
        engine = self._engine
        numbers = engine.fields, engine.latest
        self._pager.add(judged, *numbers, piece.batch, source.plan, piece.positions, file)


def _hash_of(baseline: Baseline | None) -> str:
    """Stands for what a baseline holds."""
    return "" if baseline is None else hashlib.sha256(baseline.text().encode()).hexdigest()


class _Teller:
    """Tells the progress, if anybody wants to know."""

    def __init__(self, told: Callable[[Progress], None] | None) -> None:
        self._told = told
        self._files: list[Path] = []
        self._sizes: list[int] = []
        self._at = 0
        self._started = time.monotonic()
        self.findings = 0

    def start(self, files: list[Path]) -> None:
        """Take the files that are to be read."""
        self._files = files
        self._sizes = [_size(file) for file in files]

    def next(self) -> None:
        """Go to the next file."""
        self._at += 1

    def tell(self, rows: int, done: float) -> None:
        """Tell how far the job is, with this share of the file at hand read."""
        if self._told is None:
            return
        read = sum(self._sizes[: self._at]) + self._sizes[self._at] * done
        self._told(
            Progress(
                str(self._files[self._at]),
                self._at,
                len(self._files),
                rows,
                self.findings,
                time.monotonic() - self._started,
                min(read / max(sum(self._sizes), 1), 1.0),
            )
        )


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _make_folders(jobs: Jobs, lines: str | Path | None, resume: bool) -> None:
    """Make the folders of the outputs.

    Raises:
        InputError: one of them has something in it already, and no job is continued.
    """
    wanted = [folder for folder in (jobs.folder, Path(lines) if lines else None) if folder]
    for folder in wanted:
        if not resume and folder.is_dir() and any(map(_is_shown, folder.iterdir())):
            raise InputError(
                f"{folder}: is not empty; name another folder, or continue an interrupted job "
                "(--resume)"
            )
    for folder in _parents(jobs):
        folder.mkdir(parents=True, exist_ok=True)


def _parents(jobs: Jobs) -> Iterable[Path]:
    return {path.parent: None for job in jobs.files for path in job.outputs}


def _is_shown(path: Any) -> bool:
    return not path.name.startswith(".")
