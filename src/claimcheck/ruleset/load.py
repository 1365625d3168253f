"""Reading rule files: folders of YAML -> validated models, and the problems of all files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import attrs

from claimcheck.errors import RuleProblem
from claimcheck.ruleset.schema import SCHEMAS, FileKind, FileModel, near, validate
from claimcheck.ruleset.yamlfile import Marks, TreePath, YamlProblem, read_yaml

__all__ = ["LoadedFile", "Reading", "is_test_file", "read_folder", "read_rule_file", "rule_files"]

_FOLDERS: dict[str, FileKind] = {"codes": "code", "families": "family", "payers": "overlay"}
_RULE_KINDS: tuple[FileKind, ...] = ("sources", "code", "family", "overlay")


@attrs.frozen(eq=False)
class LoadedFile:
    """A rule file whose structure is right.

    Attributes:
        label: the file as problems name it.
        path: the file.
        kind: which kind of rule file it is.
        model: its validated model.
        marks: where its keys and values stand.
    """

    label: str
    path: Path
    kind: FileKind
    model: FileModel
    marks: Marks

    @property
    def stem(self) -> str:
        """The file's name without its ending."""
        return self.path.stem.removesuffix(".test")

    def problem(self, path: TreePath, message: str, *, at_key: bool = False) -> RuleProblem:
        """A problem at the value (or key) at ``path``."""
        line, column = self.marks.key(path) if at_key else self.marks.value(path)
        return RuleProblem(self.label, line, column, message)


def is_test_file(path: Path) -> bool:
    """Whether the file has a rule's tests, and no rules."""
    return path.name.endswith(".test.yaml")


def rule_files(folder: Path) -> Iterator[Path]:
    """Every YAML file in a folder and below, in a fixed order, tests included, hidden ones not."""
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix in (".yaml", ".yml") and not hidden and path.is_file():
            yield path


@attrs.frozen
class Reading:
    """What came of reading a folder: the usable files, the names of the others, all problems."""

    files: tuple[LoadedFile, ...]
    broken: tuple[str, ...]
    problems: tuple[RuleProblem, ...]


def read_folder(folder: Path) -> Reading:
    """Read all rule files of a folder (or the one file given); test files are left out."""
    if folder.is_file():
        paths, top = [folder], folder.parent
    else:
        paths, top = list(rule_files(folder)) if folder.is_dir() else [], folder
    files, broken, problems = [], [], list[RuleProblem]()
    for path in paths:
        if is_test_file(path):
            continue
        file, found = read_rule_file(path, _RULE_KINDS)
        problems.extend(found)
        problems.extend(_misplaced(path, top, file))
        if file is None:
            broken.append(path.stem)
        else:
            files.append(file)
    if not paths:
        what = "no rule file in this folder" if folder.is_dir() else "no such file or folder"
        problems.append(RuleProblem(str(folder), 1, 1, f"{what}; rule files end in .yaml"))
    return Reading(tuple(files), tuple(broken), tuple(problems))


def read_rule_file(
    path: Path, kinds: tuple[FileKind, ...] = _RULE_KINDS
) -> tuple[LoadedFile | None, list[RuleProblem]]:
    """Read one file of one of the ``kinds``; the file is None if it cannot be used."""
    label = str(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return None, [RuleProblem(label, 1, 1, f"the file cannot be read: {reason}")]
    yaml = read_yaml(data)
    found = list(yaml.problems)
    if yaml.tree is None:
        return None, _labelled(label, found)
    kind, problem = _kind_of(yaml.tree, yaml.marks, kinds)
    if kind is None:
        return None, _labelled(label, [*found, problem] if problem else found)
    model, departures = validate(kind, yaml.tree)
    taken = {(known.line, known.column) for known in found}
    for departure in departures:
        marks = yaml.marks
        place = marks.key(departure.path) if departure.at_key else marks.value(departure.path)
        if place not in taken:
            found.append(YamlProblem(*place, departure.message))
    file = None if model is None else LoadedFile(label, path, kind, model, yaml.marks)
    return file, _labelled(label, found)


def _labelled(label: str, problems: list[YamlProblem]) -> list[RuleProblem]:
    return [RuleProblem(label, p.line, p.column, p.message) for p in sorted(set(problems))]


def _kind_of(
    tree: object, marks: Marks, kinds: tuple[FileKind, ...]
) -> tuple[FileKind | None, YamlProblem | None]:
    allowed = [schema for schema, kind in SCHEMAS.items() if kind in kinds]
    if not isinstance(tree, dict):
        message = "the file is no mapping; a rule file begins with the key `schema`"
        return None, YamlProblem(*marks.value(()), message)
    if "schema" not in tree:
        message = f"`schema` is missing; allowed: {', '.join(allowed)}"
        return None, YamlProblem(*marks.value(()), message)
    schema = tree["schema"]
    if isinstance(schema, str) and schema in allowed:
        return SCHEMAS[schema], None
    written = f"`{schema}`" if isinstance(schema, str) else "no text"
    message = f"`schema` is {written}; {near(schema, allowed)}"
    return None, YamlProblem(*marks.value(("schema",)), message)


def _misplaced(path: Path, top: Path, file: LoadedFile | None) -> Iterator[RuleProblem]:
    if path.suffix == ".yml":
        yield RuleProblem(str(path), 1, 1, "the name ends in .yml; rule files end in .yaml")
    wanted = _FOLDERS.get(path.parent.name) if path.parent != top else None
    if file is not None and wanted is not None and file.kind != wanted:
        message = f"a file of kind {file.kind} in {path.parent.name}/; allowed there: {wanted}"
        yield file.problem(("schema",), message)
