"""Each operator of our own makes the change that its docstring tells."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

pytest.importorskip("cosmic_ray", reason="the extra mutation-test is not installed")
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import MutationVisitor

spec = importlib.util.spec_from_file_location(
    "claimcheck_mutation_operators", Path(__file__).with_name("operators.py")
)
assert spec is not None
assert spec.loader is not None
operators = importlib.util.module_from_spec(spec)
spec.loader.exec_module(operators)


def changes(name, before):
    operator = operators.OPERATORS[name]
    nodes = list(ast_nodes(get_ast(before)))
    count = sum(1 for node in nodes for _ in operator.mutation_positions(node))
    return [MutationVisitor.mutate_code(before, operator, number) for number in range(count)]


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("ChangeText", 'a = "b"\n', ['a = "XXbXX"\n']),
        ("ChangeText", 'a = rb"b"\n', ['a = rb"XXbXX"\n']),
        ("ChangeText", 'a = ""\n', ['a = "XXXX"\n']),
        ("ChangeText", 'a = f"b{c}d"\n', ['a = f"XXbXX{c}d"\n', 'a = f"b{c}XXdXX"\n']),
        ("ChangeText", '"""A docstring."""\n', []),
        ("SwapIn", "a in b\n", ["a not in b\n"]),
        ("SwapIn", "a not in b\n", ["a in b\n"]),
        ("SwapIn", "for a in b:\n    pass\n", []),
        ("ReturnNone", "def f():\n    return 1\n", ["def f():\n    return None\n"]),
        ("ReturnNone", "def f():\n    return\n", []),
        ("DropArgument", "f(a, b=1, c=2)\n", ["f(a, c=2)\n", "f(a, b=1,)\n"]),
        ("DropArgument", "f(b=1)\n", ["f()\n"]),
        ("DropArgument", "@f(b=1)\ndef g(): pass\n", ["@f()\ndef g(): pass\n"]),
        ("DropStatement", "f()\n", ["pass\n"]),
        ("DropStatement", "a += 1\n", ["pass\n"]),
        ("DropStatement", "def f():\n    yield 1\n", ["def f():\n    yield from ()\n"]),
        ("DropStatement", "raise a\n", ["pass\n"]),
        ("DropStatement", "a = 1\n", []),
    ],
)
def test_what_becomes_of_it(name, before, after):
    assert [" ".join(text.split(" ")) for text in changes(name, before)] == after


@pytest.mark.parametrize(
    ("before", "kept"),
    [
        ("def f(a: 'b' = 'c') -> 'd': return 'e'\n", ["'c'", "'e'"]),
        ("a: 'b' = 'c'\n", ["'c'"]),
        ("__all__ = ['a']\nT = TypeVar('T')\nA: TypeAlias = 'b'\n", []),
        ("if TYPE_CHECKING:\n    a = 'b'\nelse:\n    a = 'c'\n", []),
    ],
)
def test_what_does_not_run_is_left_alone(before, kept):
    nodes = [node for node in ast_nodes(get_ast(before)) if node.type == "string"]
    assert [node.value for node in nodes if not operators.is_skipped(node)] == kept
