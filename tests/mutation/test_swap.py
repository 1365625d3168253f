"""A changed function is found and put into place; a change outside of functions is not."""

from __future__ import annotations

import importlib.util
import sys
from functools import lru_cache
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).parent


def by_path(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


swap = by_path("claimcheck_mutation_swap", HERE / "swap.py")

BEFORE = '''
LIMIT = 5

def wrapped(function):
    return {"function": function}

@wrapped
def over(value):
    """Whether it is."""
    if value > LIMIT:
        yield "over"
        return
    yield from (it for it in "ab")

class Thing:
    kind = "thing"

    def name(self, prefix="a"):
        return prefix + self.kind

late = lambda value: value + 1
'''


@pytest.fixture
def live(tmp_path, request):
    path = tmp_path / f"swapped_{abs(hash(request.node.name))}.py"
    path.write_text(BEFORE)
    module = by_path(path.stem, path)
    return module, lambda after: swap.find_swap(
        str(path), BEFORE, after, swap.live_functions(str(tmp_path))
    )


def put(found):
    functions, code = found
    for function in functions:
        function.__code__ = code


def test_a_decorated_generator(live):
    module, find = live
    put(find(BEFORE.replace("value > LIMIT", "value <= LIMIT")))
    assert list(module.over["function"](1)) == ["over"]


def test_what_stands_inside_of_a_function(live):
    module, find = live
    put(find(BEFORE.replace('in "ab"', 'in "cd"')))
    assert list(module.over["function"](1)) == ["c", "d"]


def test_a_method_and_a_lambda_also_where_lines_move(live):
    module, find = live
    shorter = BEFORE.replace('        yield "over"\n        return\n', "        return\n")
    put(find(shorter))
    assert list(module.over["function"](9)) == []
    put(find(BEFORE.replace("prefix + self", "self.kind + prefix, self")))
    assert module.Thing().name() == ("thinga", "thing")
    put(find(BEFORE.replace("value + 1", "value - 1")))
    assert module.late(1) == 0


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("LIMIT = 5", "LIMIT = 6"),
        ('kind = "thing"', 'kind = "other"'),
        ('prefix="a"', 'prefix="b"'),
        ("@wrapped", ""),
        ("late = lambda value: value + 1", ""),
    ],
)
def test_what_runs_at_import_cannot_be_swapped(live, old, new):
    _, find = live
    assert find(BEFORE.replace(old, new)) is None


def test_memories_are_found():
    @lru_cache
    def remembering():
        return 1

    remembering.__module__ = "a_package.module"
    name = f"a_package.module.{remembering.__qualname__}"
    assert [it is remembering for it in swap.memories("a_package", frozenset())] == [True]
    assert swap.memories("a_package", frozenset({name})) == []
