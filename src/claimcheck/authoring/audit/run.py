"""Reading the rule files, and holding every statement of them against the lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import attrs

from claimcheck.authoring.audit.fees import Concerned
from claimcheck.authoring.audit.lists import Lists
from claimcheck.authoring.audit.marks import weighed
from claimcheck.authoring.audit.model import Answer, Audit, AuditedList, AuditItem
from claimcheck.authoring.audit.procedures import period_answers, procedure_answer
from claimcheck.authoring.audit.statements import (
    conflict_answers,
    entry_answers,
    fact_answers,
    mark_answers,
    related_answers,
)
from claimcheck.codesets import taxonomy
from claimcheck.codesets.bundle import CodeSets
from claimcheck.codesets.store.kinds import TITLES, Kind
from claimcheck.dates import Period
from claimcheck.errors import ConfigurationError
from claimcheck.ruleset import RuleSet, bundled_folder
from claimcheck.ruleset.build import Assembly, assemble
from claimcheck.ruleset.compile import VALUE_KEYS
from claimcheck.ruleset.load import LoadedFile
from claimcheck.ruleset.model import ALWAYS, SECTIONS, CodeFile, Dispute, Entry, Section, Statements
from claimcheck.ruleset.pack import is_pack
from claimcheck.ruleset.ruleset import empty_rules
from claimcheck.ruleset.yamlfile import TreePath

__all__ = ["audit_rules"]

_ASKED: Final[tuple[Kind, ...]] = ("nucc", "icd10cm", "mpfs", "clfs", "pla", "hcpcs", "addon")


def audit_rules(folders: Sequence[Path], code_sets: CodeSets) -> Audit:
    """Hold the bundled rule files, and those of folders on top of them, against the lists at hand.

    An entry that is still in force is held against the newest editions, one that has ended against
    those of its last day.

    Args:
        folders: folders of rule files, or single files. A folder with families that the bundled rules
            have is a rule set of its own, and is audited alone.
        code_sets: the lists: embedded, or with imported tables (``code_sets_with``).

    Raises:
        RuleFileError: a rule file cannot be used; it lists every problem of all of them.
        ConfigurationError: a pack is among the folders; it has no places to tell.
    """
    for folder in folders:
        if is_pack(folder):
            raise ConfigurationError(
                f"{folder}: is a pack, which does not tell where its entries were written; "
                "give the folder that it was made from"
            )
    lists = Lists(code_sets)
    items: list[AuditItem] = []
    count = 0
    for assembly in _assemblies(folders):
        rules = assembly.or_raise()
        for file in assembly.files:
            count += 1
            items += _Auditor(lists, rules, file).items()
    return Audit(tuple(items), _lists_asked(code_sets), count)


def _assemblies(folders: Sequence[Path]) -> Iterator[Assembly]:
    bundled = assemble([bundled_folder()], empty_rules(), "bundled")
    below = bundled.or_raise()
    if folders and _brings_families(folders, below):
        yield assemble(folders, empty_rules(), "audited")
        return
    yield bundled
    if folders:
        yield assemble(folders, below, "audited")


def _brings_families(folders: Iterable[Path], below: RuleSet) -> bool:
    return any(
        (folder / "families" / f"{name}.yaml").is_file()
        for folder in folders
        for name in below.families
    )


def _lists_asked(sets: CodeSets) -> tuple[AuditedList, ...]:
    tables = sets.tables
    deciding = sets.diagnoses_on(None).vintage
    imported = deciding.source.startswith("icd10cm-")
    asked = [
        AuditedList(TITLES["icd10cm"], deciding.name, imported),
        AuditedList("CMS place of service", sets.places.vintage.name, False),
        AuditedList("modifiers", sets.modifiers.vintage.name, False),
    ]
    if tables.edition("nucc", None) is None:
        edition = f"{taxonomy.VINTAGE.name}, only the codes that the bundled rules name"
        asked.append(AuditedList(TITLES["nucc"], edition, False))
    for kind in (*_ASKED, tables.mue_kind):
        found = tables.edition(kind, None)
        if found is not None and not (kind == "icd10cm" and imported):
            asked.append(AuditedList(TITLES[kind], found.name, True))
    return tuple(asked)


@attrs.frozen
class _Part:
    """What a file says of one code or one family, and the codes that it concerns."""

    path: TreePath
    statements: Statements
    codes: tuple[str, ...]
    payer: str | None = None
    period: Period = ALWAYS


class _Auditor:
    """Audits one file."""

    def __init__(self, lists: Lists, rules: RuleSet, file: LoadedFile) -> None:
        self.lists = lists
        self.rules = rules
        self.file = file

    def items(self) -> Iterator[AuditItem]:
        """An item for each statement of the file, in its order."""
        model: Any = self.file.model
        if self.file.kind == "code":
            code = self.rules.code_file(model.code)
            if code is not None:
                yield from self._code(code)
        for part in self._parts():
            for section in SECTIONS:
                for number, entry in enumerate(getattr(part.statements, section)):
                    yield from self._entry(part, section, number, entry)
            yield from self._others(part)

    def _parts(self) -> Iterator[_Part]:
        model: Any = self.file.model
        rules = self.rules
        if self.file.kind == "code":
            code = rules.code_file(model.code)
            if code is not None:
                yield _Part((), code.statements, (code.code,), period=code.period)
        elif self.file.kind == "family":
            statements = rules.families[model.family].statements
            yield _Part((), statements, self._members(model.family))
        elif self.file.kind == "overlay":
            overlay = next(it for it in rules.overlays if it.name == model.overlay)
            for number, said in enumerate(overlay.statements):
                codes = self._members(said.family) if said.code is None else (said.code,)
                path = ("statements", number)
                yield _Part(path, said.statements, codes, overlay.payer)

    def _members(self, family: str | None) -> tuple[str, ...]:
        """The codes whose families include this one."""
        found = []
        for name in self.rules.codes:
            code = self.rules.code_file(name)
            if code is not None and any(
                one.name == family for one in self.rules.family_chain(code.family)
            ):
                found.append(name)
        return tuple(found)

    def _code(self, code: CodeFile) -> Iterator[AuditItem]:
        day, tables = code.period.last, self.lists.sets.tables
        answers = [
            procedure_answer(tables, code.code, day, code.period.first, "value"),
            *period_answers(tables, code.code, code.period, day),
            *mark_answers(self.lists, None, code.code, code.dispute, day),
        ]
        places: dict[str, TreePath] = {"period": ("effective",)}
        yield from self._weighed(
            f"codes/{code.code}", answers, code.dispute, ("code",), places, ("disputed",)
        )

    def _entry(
        self, part: _Part, section: Section, number: int, entry: Entry
    ) -> Iterator[AuditItem]:
        day = entry.period.last or part.period.last
        codes = [
            Concerned(code, self._overruled(part, section, entry, code, day)) for code in part.codes
        ]
        path = (*part.path, section, number)
        answers = list(entry_answers(self.lists, section, entry, codes, day))
        places: dict[str, TreePath] = {
            "name": (*path, "named"),
            "verdict": (*path, "verdict"),
            "excludes": (*path, "excludes"),
        }
        yield from self._weighed(
            entry.id,
            answers,
            entry.dispute,
            (*path, VALUE_KEYS[section]),
            places,
            (*path, "disputed"),
        )

    def _overruled(
        self, part: _Part, section: Section, entry: Entry, code: str, day: date | None
    ) -> bool:
        """Whether a narrower layer speaks of the entry's modifier for this code."""
        rule = self.rules.rule(code, part.payer, day)
        ruling = None if rule is None or section != "modifiers" else rule.modifier(entry.value)
        return ruling is not None and ruling.entry.layer != entry.layer

    def _others(self, part: _Part) -> Iterator[AuditItem]:
        statements = part.statements
        for number, conflict in enumerate(statements.conflicts):
            path = (*part.path, "conflicts", number)
            day = conflict.period.last or part.period.last
            answers = list(conflict_answers(self.lists, conflict, day))
            yield from self._weighed(conflict.id, answers, None, (*path, "modifiers"), {}, path)
        for number, related in enumerate(statements.related):
            path = (*part.path, "related", number)
            day = related.period.last or part.period.last
            answers = list(related_answers(self.lists, related, day))
            places: dict[str, TreePath] = {"name": (*path, "named")}
            yield from self._weighed(
                related.id, answers, related.dispute, (*path, "code"), places, (*path, "disputed")
            )
        for number, fact in enumerate(statements.facts):
            path = (*part.path, "facts", number)
            day = fact.period.last or part.period.last
            answers = list(fact_answers(self.lists, fact, day))
            yield from self._weighed(
                fact.id, answers, fact.dispute, (*path, "says"), {}, (*path, "disputed")
            )

    def _weighed(
        self,
        entry: str,
        answers: Sequence[Answer],
        dispute: Dispute | None,
        path: TreePath,
        places: dict[str, TreePath],
        mark: TreePath,
    ) -> Iterator[AuditItem]:
        """Items of one entry: at ``path``, or where ``places`` has the subject, there."""
        of_mark = {
            "mark": mark,
            "meant": (*mark, "meant"),
            "official-name": (*mark, "official-name"),
        }
        for answer, outcome, what in weighed(answers, dispute):
            at = {**of_mark, **places}.get(answer.subject, path)
            yield AuditItem(
                self.file.problem(at, what),
                entry,
                answer.subject,
                outcome,
                what,
                answer.citations,
                answer.needs if outcome == "not-checkable" else None,
            )
