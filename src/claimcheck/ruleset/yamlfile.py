"""Strict YAML: text, lists and mappings, each with its place in the file; nothing else.

Built from the parser's events, because a loaded document has already lost what is to be refused:
quotes, duplicate keys, anchors and places. ``00`` must not become 0, nor ``NO`` false.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, TypeAlias

import attrs
import yaml
from yaml import events as ev

__all__ = ["QUOTED_KEYS", "Marks", "TreePath", "YamlFile", "YamlProblem", "read_yaml"]

TreePath: TypeAlias = tuple[str | int, ...]
Tree: TypeAlias = Any
"""``str``, ``list`` of trees or ``dict`` of trees by text."""

QUOTED_KEYS = frozenset(
    {
        "billing_taxonomy",
        "code",
        "codes",
        "date",
        "diagnoses",
        "diagnosis",
        "from",
        "meant",
        "modifier",
        "modifiers",
        "ordering_taxonomy",
        "place",
        "place_of_service",
        "service_date",
        "taxonomy",
        "to",
        "value",
    }
)
"""Keys whose values are codes or dates and stand in quotes, always."""

_LIST_KEYS = frozenset({"codes", "diagnoses", "meant", "modifiers"})
_UNQUOTED_WORDS = frozenset({"unstated"})
# Editors that read YAML 1.2 see more numbers than PyYAML does: 089, 1e3, 0o17.
_NUMBER_1_2 = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0o[0-7]+")
_DEEPEST = 20
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_KINDS = {
    "int": "a number",
    "float": "a number",
    "bool": "true or false",
    "null": "nothing",
    "timestamp": "a date",
}


@attrs.frozen(order=True)
class YamlProblem:
    """A problem at a place; lines and columns count from 1."""

    line: int
    column: int
    message: str


class Marks:
    """Places of the keys and values of one file, by path; where there is none, the parent's."""

    __slots__ = ("_keys", "_values")

    def __init__(self) -> None:
        self._keys: dict[TreePath, tuple[int, int]] = {}
        self._values: dict[TreePath, tuple[int, int]] = {}

    def key(self, path: TreePath) -> tuple[int, int]:
        """Line and column of the key at ``path``; of the value, where it is an item of a list."""
        return self._keys.get(path) or self.value(path)

    def value(self, path: TreePath) -> tuple[int, int]:
        """Line and column of the value at ``path``."""
        while path and path not in self._values:
            path = path[:-1]
        return self._values.get(path, (1, 1))

    def __contains__(self, path: TreePath) -> bool:
        return path in self._values


@attrs.frozen
class YamlFile:
    """What was read: the tree (None if there is none or it is broken), places and problems."""

    tree: Tree
    marks: Marks
    problems: tuple[YamlProblem, ...]


def read_yaml(data: bytes) -> YamlFile:
    """Read one strict YAML document and collect all of its problems."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        message = f"byte 0x{data[error.start]:02X} is not UTF-8; rule files are UTF-8"
        return YamlFile(None, Marks(), (YamlProblem(line, column, message),))
    reader = _Reader(text)
    tree = reader.read()
    return YamlFile(tree, reader.marks, tuple(sorted(reader.problems)))


class _UnreadableError(Exception):
    """The rest of the file cannot be understood."""


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.marks = Marks()
        self.problems: list[YamlProblem] = []
        self._anchored: dict[str, Tree] = {}

    def read(self) -> Tree:
        try:
            loader = _LOADER(self.text)
        except yaml.reader.ReaderError as error:
            self._unprintable(error)
            return None
        try:
            return self._document(loader.get_event)
        except yaml.reader.ReaderError as error:
            self._unprintable(error)
        except yaml.MarkedYAMLError as error:
            self._syntax(error)
        except _UnreadableError:
            pass
        finally:
            loader.dispose()
        return None

    def _document(self, next_event: Any) -> Tree:
        next_event()
        event = next_event()
        if isinstance(event, ev.StreamEndEvent):
            self.problems.append(
                YamlProblem(1, 1, "the file is empty; a rule file begins with the key `schema`")
            )
            return None
        self._next = next_event
        tree = self._node(next_event(), (), None)
        next_event()
        event = next_event()
        if not isinstance(event, ev.StreamEndEvent):
            self._problem(event.start_mark, "a second document begins; a rule file is one document")
        return tree

    def _problem(self, mark: Any, message: str) -> None:
        self.problems.append(YamlProblem(mark.line + 1, mark.column + 1, message))

    def _syntax(self, error: yaml.MarkedYAMLError) -> None:
        mark = error.problem_mark or error.context_mark
        at, column = (mark.line, mark.column) if mark is not None else (0, 0)
        lines = self.text.split("\n")
        if at >= len(lines):  # libyaml puts the end of a file on a line of its own
            at, column = len(lines) - 1, len(lines[-1])
        line = lines[at]
        if "\t" in line[: column + 1]:
            message = "a tab stands here; YAML indents with blanks"
        else:
            message = f"not YAML from here on: {error.problem or error.context}"
        self.problems.append(YamlProblem(at + 1, column + 1, message))

    def _unprintable(self, error: yaml.reader.ReaderError) -> None:
        found = next((n for n, c in enumerate(self.text) if not _is_printable(c)), 0)
        before = self.text[:found]
        code = f"U+{ord(self.text[found]):04X}"
        message = f"character {code} stands here; rule files have printable characters only"
        line, column = before.count("\n") + 1, found - before.rfind("\n")
        self.problems.append(YamlProblem(line, column, message))

    def _node(self, event: Any, path: TreePath, key: str | None) -> Tree:
        mark = event.start_mark
        self.marks._values[path] = (mark.line + 1, mark.column + 1)
        if isinstance(event, ev.AliasEvent):
            self._problem(mark, f"alias `*{event.anchor}`; write the value out")
            return self._anchored.get(str(event.anchor), "")
        if event.anchor is not None:
            self._problem(mark, f"anchor `&{event.anchor}`; write the value out where it is needed")
        if event.tag is not None:
            self._problem(mark, f"tag `{event.tag}`; every value is text, a list or a mapping")
        if len(path) > _DEEPEST:
            self._problem(mark, f"nested deeper than {_DEEPEST} levels")
            raise _UnreadableError
        if isinstance(event, ev.ScalarEvent):
            tree: Tree = self._scalar(event, path, key)
        elif isinstance(event, ev.SequenceStartEvent):
            tree = self._sequence(path, key)
        else:
            tree = self._mapping(path)
        if event.anchor is not None:
            self._anchored[event.anchor] = tree
        return tree

    def _scalar(self, event: Any, path: TreePath, key: str | None) -> str:
        value: str = event.value
        if not event.style and event.tag is None:
            if value == "":
                self._problem(
                    event.start_mark, "nothing stands here; write a value, or drop the key"
                )
            elif _needs_quotes(path, key) and value not in _UNQUOTED_WORDS:
                message = f'`{value}` is not in quotes; `{key}` is written "{value}"'
                self._problem(event.start_mark, message)
            elif (kind := _read_as(value)) is not None:
                message = f'`{value}` would be read as {kind}; in quotes it is text: "{value}"'
                self._problem(event.start_mark, message)
        return value

    def _sequence(self, path: TreePath, key: str | None) -> list[Tree]:
        items: list[Tree] = []
        while not isinstance(event := self._next(), ev.SequenceEndEvent):
            items.append(self._node(event, (*path, len(items)), key))
        return items

    def _mapping(self, path: TreePath) -> dict[str, Tree]:
        found: dict[str, Tree] = {}
        while not isinstance(event := self._next(), ev.MappingEndEvent):
            mark = event.start_mark
            if not isinstance(event, ev.ScalarEvent):
                self._problem(mark, "a key that is no text; a key is one word")
                raise _UnreadableError
            if event.anchor is not None or event.tag is not None:
                self._problem(
                    mark, f"an anchor or a tag on the key `{event.value}`; write it plain"
                )
            key = event.value
            where = (*path, key)
            if key in found:
                first = self.marks.key(where)
                message = f"`{key}` stands twice; it stands in line {first[0]} already"
                self._problem(mark, message)
                self._node(self._next(), (*path, f"{key} (again)"), key)
                continue
            self.marks._keys[where] = (mark.line + 1, mark.column + 1)
            found[key] = self._node(self._next(), where, key)
        return found


def _needs_quotes(path: TreePath, key: str | None) -> bool:
    # Where a list of codes is wanted, text is the wrong type; quotes would not mend it.
    return key in QUOTED_KEYS and (key not in _LIST_KEYS or isinstance(path[-1], int))


def _is_printable(character: str) -> bool:
    return yaml.reader.Reader.NON_PRINTABLE.match(character) is None


@lru_cache(maxsize=65536)
def _read_as(value: str) -> str | None:
    """What YAML 1.1 or 1.2 would make of an unquoted scalar, in words; None for text."""
    if _NUMBER_1_2.fullmatch(value):
        return "a number"
    for tag, pattern in yaml.SafeLoader.yaml_implicit_resolvers.get(value[0], ()):
        if pattern.match(value):
            return _KINDS.get(tag.rpartition(":")[2], "something that is no text")
    return None
