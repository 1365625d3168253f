"""What is changed in the code: cosmic-ray's operators that are chosen here, and five of our own.

cosmic-ray swaps every operator for every other. Of its comparisons the opposite and the neighbour
are taken, of its arithmetic one partner each. It leaves texts, ``in``, arguments, statements and
what is returned alone; a library that mostly says things needs those too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import parso
from cosmic_ray.operators.operator import Operator
from cosmic_ray.operators.provider import OperatorProvider

__all__ = ["OPERATORS", "is_skipped"]

_CHOSEN = (
    "core/AddNot",
    "core/ReplaceTrueWithFalse",
    "core/ReplaceFalseWithTrue",
    "core/ReplaceAndWithOr",
    "core/ReplaceOrWithAnd",
    "core/ReplaceBreakWithContinue",
    "core/ReplaceContinueWithBreak",
    "core/ExceptionReplacer",
    "core/NumberReplacer",
    "core/ZeroIterationForLoop",
    "core/ReplaceUnaryOperator_Delete_Not",
    "core/ReplaceUnaryOperator_USub_UAdd",
    "core/ReplaceComparisonOperator_Eq_NotEq",
    "core/ReplaceComparisonOperator_NotEq_Eq",
    "core/ReplaceComparisonOperator_Is_IsNot",
    "core/ReplaceComparisonOperator_IsNot_Is",
    "core/ReplaceComparisonOperator_Lt_LtE",
    "core/ReplaceComparisonOperator_Lt_GtE",
    "core/ReplaceComparisonOperator_LtE_Lt",
    "core/ReplaceComparisonOperator_LtE_Gt",
    "core/ReplaceComparisonOperator_Gt_GtE",
    "core/ReplaceComparisonOperator_Gt_LtE",
    "core/ReplaceComparisonOperator_GtE_Gt",
    "core/ReplaceComparisonOperator_GtE_Lt",
    "core/ReplaceBinaryOperator_Add_Sub",
    "core/ReplaceBinaryOperator_Sub_Add",
    "core/ReplaceBinaryOperator_Mul_Add",
    "core/ReplaceBinaryOperator_FloorDiv_Mul",
    "core/ReplaceBinaryOperator_Mod_Mul",
    "core/ReplaceBinaryOperator_BitOr_BitAnd",
    "core/ReplaceBinaryOperator_BitAnd_BitOr",
)
_TEXT = re.compile(r"""([A-Za-z]*)(\"\"\"|'''|"|')(.*)\2""", re.DOTALL)


class _Own(Operator):  # type: ignore[misc]
    """An operator whose places are nodes; a subclass says which, and what becomes of one."""

    def places(self, node: Any) -> Iterator[Any]:
        raise NotImplementedError

    def change(self, node: Any, place: Any) -> Any:
        raise NotImplementedError

    def mutation_positions(self, node: Any) -> Iterator[tuple[Any, Any]]:
        for place in self.places(node):
            yield place.start_pos, place.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        return self.change(node, list(self.places(node))[index])

    @classmethod
    def examples(cls) -> tuple[()]:
        return ()


class ChangeText(_Own):
    """``"text"`` -> ``"XXtextXX"``; of an f-string each part that is text."""

    def places(self, node: Any) -> Iterator[Any]:
        if node.type == "fstring_string" or (
            node.type == "string" and node.parent.type != "simple_stmt"
        ):
            yield node

    def change(self, node: Any, place: Any) -> Any:
        if node.type == "fstring_string":
            node.value = f"XX{node.value}XX"
        else:
            prefix, quote, text = _TEXT.fullmatch(node.value).groups()  # type: ignore[union-attr]
            node.value = f"{prefix}{quote}XX{text}XX{quote}"
        return node


class SwapIn(_Own):
    """``in`` <-> ``not in``."""

    def places(self, node: Any) -> Iterator[Any]:
        if node.type == "comparison":
            for sign in node.children[1::2]:
                if sign.get_code().split() in (["in"], ["not", "in"]):
                    yield sign

    def change(self, node: Any, place: Any) -> Any:
        at = node.children.index(place)
        now = " in" if "not" in place.get_code() else " not in"
        node.children[at] = parso.parse(now)
        return node


class ReturnNone(_Own):
    """``return value`` -> ``return None``."""

    def places(self, node: Any) -> Iterator[Any]:
        if node.type == "return_stmt" and node.children[1].get_code().strip() != "None":
            yield node.children[1]

    def change(self, node: Any, place: Any) -> Any:
        node.children[1] = parso.parse(" None")
        return node


class DropArgument(_Own):
    """``f(x, name=value)`` -> ``f(x)``."""

    def places(self, node: Any) -> Iterator[Any]:
        children = getattr(node, "children", ())
        if node.type == "arglist" or (children and "(" in [_word(child) for child in children]):
            for child in children:
                if child.type == "argument" and _word(child.children[1]) == "=":
                    yield child

    def change(self, node: Any, place: Any) -> Any:
        at = node.children.index(place)
        comma = at + 1 < len(node.children) and _word(node.children[at + 1]) == ","
        del node.children[at : at + (2 if comma else 1)]
        return node


class DropStatement(_Own):
    """A call, a ``raise`` or an ``x += ...`` -> ``pass``; a ``yield`` -> ``yield from ()``."""

    def places(self, node: Any) -> Iterator[Any]:
        if node.type == "simple_stmt":
            what = node.children[0]
            grows = what.type == "expr_stmt" and _word(what.children[1]).endswith("=")
            grows = grows and _word(what.children[1]) != "="
            if grows or what.type in ("atom_expr", "yield_expr", "raise_stmt"):
                yield what

    def change(self, node: Any, place: Any) -> Any:
        first = place.get_first_leaf()
        now = "yield from ()" if place.type == "yield_expr" else "pass"
        node.children[0] = parso.parse(first.prefix + now)
        return node


def _word(node: Any) -> str:
    return str(getattr(node, "value", ""))


_PROVIDER = OperatorProvider()
OPERATORS: dict[str, Operator] = {
    **{name.removeprefix("core/"): _PROVIDER[name.removeprefix("core/")]() for name in _CHOSEN},
    **{
        kind.__name__: kind()
        for kind in (ChangeText, SwapIn, ReturnNone, DropArgument, DropStatement)
    },
}
"""Every operator by its name."""


def is_skipped(node: Any) -> bool:
    """Whether a node is nothing that runs: an annotation, ``__all__``, a TypeVar's name, an import."""
    if node.type == "if_stmt" and _word(node.children[1]) == "TYPE_CHECKING":
        return True
    child = node
    while (parent := child.parent) is not None:
        if parent.type == "tfpdef" or (parent.type == "annassign" and child is parent.children[1]):
            return True
        if parent.type == "funcdef" and child is parent.annotation:
            return True
        if parent.type == "expr_stmt":
            code = parent.get_code(include_prefix=False)
            if code.startswith("__all__") or "= TypeVar(" in code or ": TypeAlias" in code:
                return True
        if parent.type == "if_stmt" and _word(parent.children[1]) == "TYPE_CHECKING":
            return True
        child = parent
    return False
