"""Putting a changed function into a process that has imported the module already."""

from __future__ import annotations

import gc
import inspect
from functools import _lru_cache_wrapper
from types import CodeType, FunctionType
from typing import Any

__all__ = ["Swap", "find_swap", "live_functions", "memories"]

Swap = tuple[list[FunctionType], CodeType]


def live_functions(package: str) -> dict[CodeType, list[FunctionType]]:
    """All functions below a folder that the process has, by their code."""
    found: dict[CodeType, list[FunctionType]] = {}
    for thing in gc.get_objects():
        if type(thing) is FunctionType and thing.__code__.co_filename.startswith(package):
            found.setdefault(thing.__code__, []).append(thing)
    return found


def find_swap(
    path: str, before: str, after: str, live: dict[CodeType, list[FunctionType]]
) -> Swap | None:
    """What to swap; None if the change is not inside one function (a default, a class, a table)."""
    frames_before, functions_before = _cut(compile(before, path, "exec", dont_inherit=True))
    frames_after, functions_after = _cut(compile(after, path, "exec", dont_inherit=True))
    if frames_before != frames_after or len(functions_before) != len(functions_after):
        return None
    pairs = zip(functions_before, functions_after, strict=True)
    differing = [(old, new) for old, new in pairs if _essence(old) != _essence(new)]
    if len(differing) != 1:
        return None
    (old, new) = differing[0]
    functions = live.get(old, [])
    same = old.co_freevars == new.co_freevars and old.co_name == new.co_name
    return (functions, new) if functions and same and not old.co_name.startswith("<g") else None


def _cut(code: CodeType) -> tuple[list[object], list[CodeType]]:
    """What runs at import (the module and its classes), and the functions in it."""
    functions: list[CodeType] = []
    kept: list[object] = [code.co_code, code.co_names]
    for constant in code.co_consts:
        if "__firstlineno__" in code.co_names and constant == code.co_firstlineno:
            continue  # from Python 3.13 on a class knows its line
        if not isinstance(constant, CodeType):
            kept.append(repr(constant))
        elif constant.co_flags & inspect.CO_OPTIMIZED:
            functions.append(constant)
            kept.append(constant.co_name)
            if constant.co_name.startswith("<") and constant.co_name != "<lambda>":
                kept.append(_essence(constant))
        else:
            inner, more = _cut(constant)
            kept.append(inner)
            functions += more
    return kept, functions


def _essence(code: CodeType) -> object:
    """What a function does, wherever it stands."""
    inside = [_essence(c) if isinstance(c, CodeType) else repr(c) for c in code.co_consts]
    return (code.co_code, code.co_names, code.co_varnames, code.co_exceptiontable, inside)


def memories(package: str, kept: frozenset[str]) -> list[Any]:
    """Every remembering function of the package, those named in ``kept`` aside."""
    return [
        thing
        for thing in gc.get_objects()
        if isinstance(thing, _lru_cache_wrapper)
        and str(thing.__module__).startswith(package)
        and f"{thing.__module__}.{thing.__qualname__}" not in kept
    ]
