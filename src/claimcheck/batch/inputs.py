"""Which files a job reads, and where the outputs of each go."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias
from urllib.parse import unquote

import attrs

from claimcheck.batch.outputs import OUTPUT_FORMATS, OutputFormat, format_of
from claimcheck.errors import InputError
from claimcheck.io.columns import field_of

__all__ = ["FileJob", "Jobs", "plan_jobs"]

_TABLES: Final = (".parquet", ".csv", ".jsonl", ".ndjson", ".json", ".tsv", ".txt")
_ENDINGS: Final = (*_TABLES, ".837", ".837p", ".837i", ".x12", ".edi")
_HIVE_NULL: Final = "__HIVE_DEFAULT_PARTITION__"

Given: TypeAlias = str | Path


@attrs.frozen
class FileJob:
    """One input file and where its outputs go (None: not wanted).

    Attributes:
        source: the input.
        findings, lines, rejects, summary: the outputs.
        constants: fields that the names of its folders give (``payer=aetna/``).
    """

    source: Path
    findings: Path
    lines: Path | None
    rejects: Path
    summary: Path | None
    constants: tuple[tuple[str, str], ...] = ()

    @property
    def outputs(self) -> tuple[Path, ...]:
        """Every file that may be written."""
        paths = (self.findings, self.lines, self.rejects, self.summary)
        return tuple(path for path in paths if path is not None)


@attrs.frozen
class Jobs:
    """What is to be done.

    Attributes:
        files: one job for each input file, sorted.
        folder: where the outputs go; None if there is one input file and one output file.
        passed_over: number of files in the input folders that are not read, by their endings.
    """

    files: tuple[FileJob, ...]
    folder: Path | None
    passed_over: int


def plan_jobs(
    inputs: Sequence[Given],
    output: Given,
    output_format: OutputFormat | None = None,
    lines: Given | None = None,
    rejects: Given | None = None,
    mapping: Mapping[str, str] | None = None,
) -> Jobs:
    """Find the input files and name the outputs of each; nothing is written.

    Raises:
        InputError: an input means no file, or an output cannot be used.
    """
    found = _Found()
    for given in inputs:
        found.add(given)
    files = sorted(found.files.items())
    if not files:
        raise InputError("no input was given")
    if _is_single(inputs, files, output):
        job = _one(files[0][0], output, lines, rejects, mapping or {})
        _refuse_special(job)
        _refuse_same([job])
        return Jobs((job,), None, found.passed_over)
    if rejects is not None:
        raise InputError("several inputs write their rejected rows beside their findings")
    folders = [_folder(output, len(files)), *([_folder(lines, len(files))] if lines else [])]
    for folder in folders:
        found.refuse_within(folder)
    ending = output_format or "parquet"
    jobs = [
        _in_folder(file, name, folders[0], folders[1] if lines else None, ending, mapping or {})
        for file, name in files
    ]
    _refuse_same(jobs)
    return Jobs(tuple(jobs), folders[0], found.passed_over)


class _Found:
    """The files that the inputs mean, each with its name below the input's folder."""

    def __init__(self) -> None:
        self.files: dict[Path, Path] = {}
        self.passed_over = 0
        self._searched: list[Path] = []

    def add(self, given: Given) -> None:
        """Add what one input means."""
        path = Path(given)
        if str(given) == "-":
            raise InputError("standard input is no file; for it there is `claimcheck check -`")
        if path.is_dir():
            self._add_folder(path)
        elif not path.exists() and glob.has_magic(str(given)):
            self._add_pattern(str(given))
        elif path.exists():
            self.files.setdefault(path, Path(path.name))
        else:
            raise InputError(f"{path}: there is no such file")

    def refuse_within(self, folder: Path) -> None:
        """Raise InputError if outputs in the folder would be inputs the next time."""
        inside = folder.resolve()
        for searched in self._searched:
            if inside.is_relative_to(searched.resolve()):
                raise InputError(f"{folder}: is within the input {searched}; name another folder")
        for file in self.files:
            if file.resolve().is_relative_to(inside):
                raise InputError(f"{folder}: holds an input; name another folder for the outputs")

    def _add_folder(self, folder: Path) -> None:
        self._searched.append(folder)
        there = [path for path in sorted(folder.rglob("*")) if _is_shown(path, folder)]
        files = [path for path in there if path.suffix.lower() in _ENDINGS]
        if not files:
            raise InputError(f"{folder}: the folder has no file that ends in {', '.join(_ENDINGS)}")
        self.passed_over += len(there) - len(files)
        for file in files:
            self.files.setdefault(file, file.relative_to(folder))

    def _add_pattern(self, pattern: str) -> None:
        base = Path(*_before_the_pattern(Path(pattern)))
        if "**" in pattern:
            self._searched.append(base)
        matches = sorted(Path(match) for match in glob.glob(pattern, recursive=True))
        files = [path for path in matches if path.is_file()]
        if not files:
            raise InputError(f"{pattern}: no file matches the pattern")
        for file in files:
            self.files.setdefault(file, file.relative_to(base))


def _before_the_pattern(path: Path) -> Iterator[str]:
    for part in path.parts[:-1]:
        if glob.has_magic(part):
            return
        yield part


def _is_shown(path: Path, folder: Path) -> bool:
    hidden = any(part.startswith((".", "_")) for part in path.relative_to(folder).parts)
    return not hidden and path.is_file()


def _is_single(inputs: Sequence[Given], files: Sequence[object], output: Given) -> bool:
    """Whether one input file gives one output file: told by what was asked for, not by what is there.

    A pattern that matches one file today may match two tomorrow.
    """
    if len(files) != 1 or str(output).endswith(os.sep) or Path(output).is_dir():
        return False
    one = Path(inputs[0])
    return not one.is_dir() and (one.exists() or format_of(Path(output)) is not None)


def _one(
    source: Path,
    output: Given,
    lines: Given | None,
    rejects: Given | None,
    mapping: Mapping[str, str],
) -> FileJob:
    findings = _behind_link(Path(output))
    return FileJob(
        source,
        findings,
        _behind_link(Path(lines)) if lines else None,
        _behind_link(Path(rejects))
        if rejects
        else findings.with_name(f"{findings.stem}.rejects.csv"),
        None,
        tuple(_constants(source, mapping).items()),
    )


def _in_folder(
    source: Path,
    name: Path,
    folder: Path,
    lines: Path | None,
    ending: str,
    mapping: Mapping[str, str],
) -> FileJob:
    base = folder / name
    return FileJob(
        source,
        base.with_name(f"{name.name}.findings.{ending}"),
        (lines / name).with_name(f"{name.name}.lines.{ending}") if lines else None,
        base.with_name(f"{name.name}.rejects.csv"),
        base.with_name(f"{name.name}.summary.json"),
        tuple(_constants(source, mapping).items()),
    )


def _constants(source: Path, mapping: Mapping[str, str]) -> dict[str, str]:
    """Fields that folders of the shape ``payer=aetna`` give."""
    found = {}
    for part in source.parts[:-1]:
        key, equals, value = part.partition("=")
        field = field_of(key, mapping) if equals else None
        if field is not None and value and value != _HIVE_NULL:
            found[field] = unquote(value)
    return found


def _behind_link(path: Path) -> Path:
    return path.resolve() if path.is_symlink() else path


def _folder(given: Given, count: int) -> Path:
    """The folder of several outputs.

    Raises:
        InputError: it is a file, or named like one.
    """
    folder = Path(given)
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder}: is a file; several inputs need a folder")
    if not folder.exists() and format_of(folder) in OUTPUT_FORMATS:
        files = "1 file" if count == 1 else f"{count} files"
        raise InputError(f"{folder}: {files} of a folder or pattern give a folder, not a file")
    return folder


def _refuse_special(job: FileJob) -> None:
    for path in job.outputs:
        if path.name in ("", "-") or (path.exists() and not path.is_file()):
            raise InputError(f"{path}: is no file that can be written whole; name a file")
        if not path.parent.is_dir():
            raise InputError(f"{path.parent}: there is no such folder")


def _refuse_same(jobs: Sequence[FileJob]) -> None:
    """No output may be an input or another output."""
    outputs = [path.resolve() for job in jobs for path in job.outputs]
    for job in jobs:
        if job.source.resolve() in outputs:
            raise InputError(f"{job.source}: is the input; name another file for the output")
    if len(set(outputs)) != len(outputs):
        raise InputError(
            "two outputs have the same name"
            if len(jobs) == 1
            else "two inputs have the same name; give their common folder instead"
        )
