"""What an earlier run did with a file, and whether it still holds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from claimcheck._version import __version__
from claimcheck.batch.findings import editions_told
from claimcheck.batch.inputs import FileJob
from claimcheck.batch.outputs import OUTPUT_FORMATS
from claimcheck.batch.tally import Counts
from claimcheck.errors import InputError
from claimcheck.report.summary import Damage, Note
from claimcheck.scalar import Checker
from claimcheck.whole import whole_file

__all__ = ["FileSummary", "fingerprint", "forget", "remembered"]


@attrs.frozen(eq=False)
class FileSummary:
    """What became of one file; written beside its findings when all else is.

    Attributes:
        fingerprint: stands for the input, the rules and the settings.
        counts: of its rows and findings.
        columns_not_read, looks_like: of its columns.
        exceptions_used: exceptions of the configuration that were used up to this file.
        damage, notes: what was wrong with the file, or worth knowing of it.
        baseline_used: entries of the baseline that occurred up to this file, by their number.
    """

    fingerprint: str
    counts: Counts
    columns_not_read: int
    looks_like: str | None
    exceptions_used: tuple[str, ...]
    damage: Damage | None = None
    notes: tuple[Note, ...] = ()
    baseline_used: tuple[int, ...] = ()

    def write(self, path: Path, checker: Checker) -> None:
        """Write it as JSON; ``remembered`` reads it."""
        told = {
            "claimcheck": __version__,
            "ruleset": attrs.asdict(checker.stamp),
            "code_sets": editions_told(checker),
            "fingerprint": self.fingerprint,
            "columns_not_read": self.columns_not_read,
            "column_looks_like": self.looks_like,
            "exceptions_used": self.exceptions_used,
            "damage": None
            if self.damage is None
            else {"count": self.damage.count, "places": self.damage.places},
            "notes": [note.text for note in self.notes],
            "baseline_used": self.baseline_used,
            "counts": self.counts.as_dict(),
        }
        with whole_file(path) as temporary:
            temporary.write_text(json.dumps(told) + "\n", encoding="utf-8")


def remembered(job: FileJob, stands_for: str) -> FileSummary | None:
    """What an earlier run told of the file, if it still holds and all its outputs are there."""
    if job.summary is None:
        return None
    try:
        told = json.loads(job.summary.read_text("utf-8"))
        found = FileSummary(
            told["fingerprint"],
            Counts.from_dict(told["counts"]),
            told["columns_not_read"],
            told["column_looks_like"],
            tuple(told["exceptions_used"]),
            _damage(told["damage"], job),
            tuple(Note(str(job.source), text) for text in told["notes"]),
            tuple(told["baseline_used"]),
        )
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None
    wanted = [job.findings, *([job.lines] if job.lines else [])]
    if found.counts.rejected:
        wanted.append(job.rejects)
    fits = found.fingerprint == stands_for and all(path.is_file() for path in wanted)
    return found if fits else None


def _damage(told: dict[str, Any] | None, job: FileJob) -> Damage | None:
    if told is None:
        return None
    return Damage(str(job.source), tuple(told["places"]), told["count"])


def forget(job: FileJob) -> None:
    """Remove the outputs of an earlier run in a folder: they do not hold any more."""
    if job.summary is not None:
        job.summary.unlink(missing_ok=True)  # first: without it the others are not believed
    job.rejects.unlink(missing_ok=True)
    for path in (job.findings, job.lines):
        for ending in OUTPUT_FORMATS:
            if path is not None:
                path.with_suffix(f".{ending}").unlink(missing_ok=True)


def fingerprint(
    job: FileJob,
    checker: Checker,
    kind: str,
    lines: bool,
    input_format: str | None,
    mapping: Mapping[str, str],
    group_by: Sequence[str] | None,
    known: str,
) -> str:
    """Stands for the input, the rules and the settings of a file's findings.

    Raises:
        InputError: the input is gone.
    """
    try:
        status = job.source.stat()
    except OSError:
        raise InputError(f"{job.source}: there is no such file any more") from None
    parts: tuple[Any, ...] = (
        __version__,
        job.source.name,
        status.st_size,
        status.st_mtime_ns,
        job.constants,
        checker.stamp.hash,
        repr(checker.config),
        checker.payer,
        str(checker.today) if checker.config.exceptions else "",
        [one.finding for one in (*checker.checks, *checker.claim_checks)],
        [str(vintage) for vintage in checker.code_sets.vintages()],
        kind,
        lines,
        input_format,
        list(mapping.items()),
        group_by,
        known,
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()
