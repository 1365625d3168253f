"""Values as small numbers: each distinct raw value is read once, by the same readers as a single line's.

Number 0 is always the absent value. Tables live as long as the engine, so that a value seen in an
earlier batch keeps its number.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Final, Generic, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from claimcheck.line import ClaimLine, Problem

__all__ = [
    "HashTable",
    "Ids",
    "KeyTable",
    "Numbers",
    "RawTable",
    "dictionary_of",
    "read_field",
    "to_python",
]

Ids: TypeAlias = npt.NDArray[np.int32]
_LARGEST_TABLE: Final = 1 << 23
_MOST_BITS: Final = 62

T = TypeVar("T", bound=Hashable)


class Numbers(Generic[T]):
    """Things by number and numbers by thing; the first thing has number 0."""

    __slots__ = ("_numbers", "things")

    def __init__(self, first: T) -> None:
        self.things: list[T] = [first]
        self._numbers: dict[T, int] = {first: 0}

    def __len__(self) -> int:
        return len(self.things)

    def of(self, thing: T) -> int:
        """The number of a thing; a new one if it has none."""
        number = self._numbers.get(thing)
        if number is None:
            number = self._numbers[thing] = len(self.things)
            self.things.append(thing)
        return number

    @property
    def bits(self) -> int:
        """How many bits hold every number, with room to grow."""
        return max(len(self.things) - 1, 1).bit_length()


def read_field(field: str, raw: object) -> tuple[Any, tuple[Problem, ...]]:
    """Read one field of a line alone: its value, and what could not be read."""
    given: dict[str, Any] = {field: raw}
    line = ClaimLine(**given)
    problems = line.problems
    if field != "code":
        problems = tuple(problem for problem in problems if problem.defect != "code-missing")
    return getattr(line, field), problems


class RawTable:
    """What the distinct raw values of one column mean.

    Args:
        read: raw value -> (number of the value, number of its problems).
    """

    __slots__ = ("_known", "_last", "_problems", "_read", "_values")

    def __init__(self, read: Callable[[Any], tuple[int, int]]) -> None:
        self._read = read
        self._known: dict[Any, tuple[int, int]] = {}
        self._last: Any = None
        self._values = self._problems = np.empty(0, np.int32)

    def __len__(self) -> int:
        return len(self._known)

    def encode(self, column: Any) -> tuple[Ids, Ids | None]:
        """Numbers of the values of a column, and of their problems (None if there are none)."""
        indices, raws = dictionary_of(column)
        if self._last is None or not _same(self._last, raws):
            self._number(raws)
        found = self._problems[indices] if self._problems.any() else None
        return self._values[indices], found

    def _number(self, raws: Any) -> None:
        """Number the distinct raw values of a batch; the next one often has the same."""
        values = np.empty(len(raws) + 1, np.int32)
        problems = np.empty(len(raws) + 1, np.int32)
        for at, raw in enumerate(raws if isinstance(raws, list) else to_python(raws)):
            values[at], problems[at] = self.of(raw)
        values[-1], problems[-1] = self.of(None)  # an index of -1 is a null
        self._last, self._values, self._problems = raws, values, problems

    def of(self, raw: object) -> tuple[int, int]:
        """The numbers of one raw value."""
        # True and 1 are equal as keys, and not as values.
        kind = type(raw)
        key: Any = raw if kind is str else (kind, tuple(raw) if isinstance(raw, list) else raw)
        if kind is float:
            key = (kind, repr(raw))  # 0.0 and -0.0 are equal, and NaN is not equal to itself
        try:
            known = self._known.get(key)
        except TypeError:  # a list or a mapping in a cell
            return self._read(raw)
        if known is None:
            known = self._known[key] = self._read(raw)
        return known


def _same(one: Any, other: Any) -> bool:
    """Whether two dictionaries are the same; lists are not compared."""
    if isinstance(one, list) or isinstance(other, list) or len(one) != len(other):
        return False
    return bool(one.type == other.type and one.equals(other))


def dictionary_of(column: Any) -> tuple[Ids, Any]:
    """A column as indices (-1: null) into its distinct raw values, a list or an Arrow array."""
    if isinstance(column, list):
        return _of_list(column)
    kind = column.type
    if pa.types.is_null(kind):
        return np.full(len(column), -1, np.int32), []
    if pa.types.is_nested(kind):
        return _by_hand(column)
    if pa.types.is_floating(kind) and kind != pa.float16():
        # By their bits: as numbers, 0.0 and -0.0 are equal, and NaN is not equal to itself.
        bits = pa.int64() if kind == pa.float64() else pa.int32()
        encoded = pc.dictionary_encode(column.view(bits))
        return _indices(encoded), encoded.dictionary.view(kind)
    if pa.types.is_string_view(kind):
        column = column.cast(pa.large_string())
    if not pa.types.is_dictionary(kind):
        column = pc.dictionary_encode(column)
    numbers, raws = _indices(column), column.dictionary
    if len(raws) > max(4 * len(column), 4096):
        return _used_only(numbers, raws)
    return numbers, raws


def _indices(column: Any) -> Ids:
    indices = column.indices
    if indices.null_count:
        indices = indices.cast(pa.int32()).fill_null(-1)
    numbers: Ids = indices.to_numpy(zero_copy_only=False).astype(np.int32, copy=False)
    return numbers


def _of_list(column: list[Any]) -> tuple[Ids, list[Any]]:
    known: dict[Any, int] = {}
    raws: list[Any] = []
    numbers = np.empty(len(column), np.int32)
    for at, raw in enumerate(column):
        kind = type(raw)
        if raw is None:
            numbers[at] = -1
            continue
        key = raw if kind is str else (kind, tuple(raw) if kind is list else raw)
        try:
            number = known.get(key)
        except TypeError:  # what cannot be a key is a value of its own
            number = key = None
        if number is None:
            number = len(raws)
            raws.append(raw)
            if key is not None:
                known[key] = number
        numbers[at] = number
    return numbers, raws


def _used_only(indices: Ids, raws: Any) -> tuple[Ids, Any]:
    """The same with only the values that the indices name (a batch may carry its file's dictionary)."""
    used, inverse = np.unique(indices, return_inverse=True)
    missing = int(used.size > 0 and used[0] < 0)
    return (inverse.reshape(-1) - missing).astype(np.int32), raws.take(pa.array(used[missing:]))


def _by_hand(column: pa.Array) -> tuple[Ids, list[Any]]:
    """For types that cannot be encoded faithfully (nested ones, and NaN among floats)."""
    raws = to_python(column)
    return np.arange(len(raws), dtype=np.int32), raws


class Unreadable:
    """Stands for a cell that Python has no value for, such as a date after the year 9999."""


def to_python(column: Any) -> list[Any]:
    """The cells of an Arrow array; ``Unreadable`` for those that cannot be Python values."""
    try:
        values: list[Any] = column.to_pylist()
    except (ValueError, OverflowError, TypeError, NotImplementedError, pa.ArrowException):
        return [_cell(cell) for cell in column]
    return values


def _cell(cell: Any) -> Any:
    try:
        return cell.as_py()
    except (ValueError, OverflowError, TypeError, NotImplementedError, pa.ArrowException):
        return Unreadable()


class KeyTable:
    """Combinations of numbers, and the number of what was found out about each.

    A key packs the numbers of a combination into one integer. Small key spaces are looked up in an
    array, large ones in a hash table.
    """

    __slots__ = ("_array", "_hashed", "_head", "_heads", "_widths")

    def __init__(self) -> None:
        self._head: KeyTable | None = None
        self._heads: Numbers[tuple[int, ...]] = Numbers(())
        self._widths: tuple[int, ...] = ()
        self._array = np.empty(0, np.int32)
        self._hashed = HashTable()

    def answers(
        self,
        parts: list[tuple[Ids, int]],
        answer: Callable[[tuple[int, ...]], int],
    ) -> Ids:
        """The answer for each row.

        Args:
            parts: per name the numbers of the rows, and the bits that hold them.
            answer: tells the answer for a combination; called once for each new one.
        """
        if sum(bits for _, bits in parts) > _MOST_BITS:
            return self._in_two_steps(parts, answer)
        widths = tuple(bits for _, bits in parts)
        if widths != self._widths:
            self._widen(widths)
        dense = self._array.size > 0
        keys = _packed(parts, np.int32 if dense else np.int64)
        found: Ids = self._array[keys] if dense else self._hashed.find(keys)
        if found.size and found.min() < 0:
            new = np.unique(keys[found < 0]).tolist()
            told = [answer(_unpacked(key, widths)) for key in new]
            if dense:
                self._array[new] = told
                found = self._array[keys]
            else:
                self._hashed.add(new, told)
                found = self._hashed.find(keys)
        return found

    def _in_two_steps(
        self, parts: list[tuple[Ids, int]], answer: Callable[[tuple[int, ...]], int]
    ) -> Ids:
        """The same for keys that do not fit one integer: number the first half, then look up."""
        half = len(parts) // 2
        if self._head is None:
            self._head, self._widths = KeyTable(), ()
            self._array, self._hashed = np.empty(0, np.int32), HashTable()
        heads = self._head.answers(parts[:half], self._heads.of)
        known = self._heads.things
        return self.answers(
            [(heads, self._heads.bits), *parts[half:]],
            lambda combination: answer((*known[combination[0]], *combination[1:])),
        )

    def _widen(self, widths: tuple[int, ...]) -> None:
        """Make room for larger numbers, keeping what is known."""
        dense = np.flatnonzero(self._array >= 0)
        known = self._hashed.items() + list(
            zip(dense.tolist(), self._array[dense].tolist(), strict=True)
        )
        moved = [_repacked(key, self._widths, widths) for key, _ in known]
        numbers = [number for _, number in known]
        self._widths, self._hashed = widths, HashTable()
        size = 1 << sum(widths)
        if size <= _LARGEST_TABLE:
            self._array = np.full(size, -1, np.int32)
            if moved:
                self._array[moved] = numbers
        else:
            self._array = np.empty(0, np.int32)
            self._hashed.add(moved, numbers)


class HashTable:
    """Numbers by key, looked up for whole columns of keys at once; open addressing, a quarter full."""

    __slots__ = ("_count", "_keys", "_numbers", "_shift")

    def __init__(self) -> None:
        self._count = 0
        self._resize(16)

    def _resize(self, bits: int) -> None:
        self._shift = np.uint64(64 - bits)
        self._keys = np.full(1 << bits, -1, np.int64)
        self._numbers = np.full(1 << bits, -1, np.int32)

    def _slots(self, keys: Any) -> Any:
        return ((keys.view(np.uint64) * _SPREAD) >> self._shift).view(np.int64)

    def find(self, keys: Any) -> Ids:
        """The number of each key; -1 for keys that are not there."""
        slots = self._slots(keys)
        there = self._keys[slots]
        found: Ids = self._numbers[slots]
        astray = np.flatnonzero((there != keys) & (there >= 0))
        last = len(self._keys) - 1
        while astray.size:
            slots[astray] = (slots[astray] + 1) & last
            there = self._keys[slots[astray]]
            found[astray] = self._numbers[slots[astray]]
            astray = astray[(there != keys[astray]) & (there >= 0)]
        return found

    def add(self, keys: list[int], numbers: list[int]) -> None:
        """Add keys that are not there yet."""
        self._count += len(keys)
        if self._count * 4 > len(self._keys):
            old = self.items()
            self._resize(max((self._count * 8).bit_length(), 16))
            keys, numbers = [k for k, _ in old] + keys, [n for _, n in old] + numbers
        last = len(self._keys) - 1
        slots = self._slots(np.array(keys, np.int64)).tolist()
        taken = self._keys
        for key, number, slot in zip(keys, numbers, slots, strict=True):
            while taken[slot] >= 0:
                slot = (slot + 1) & last
            taken[slot] = key
            self._numbers[slot] = number

    def items(self) -> list[tuple[int, int]]:
        """All keys with their numbers."""
        used = np.flatnonzero(self._keys >= 0)
        return list(zip(self._keys[used].tolist(), self._numbers[used].tolist(), strict=True))


# 2**64 divided by the golden ratio: spreads keys that differ in few bits (Knuth).
_SPREAD: Final = np.uint64(0x9E3779B97F4A7C15)


def _unpacked(key: int, widths: tuple[int, ...]) -> tuple[int, ...]:
    numbers = []
    for width in reversed(widths):
        numbers.append(key & ((1 << width) - 1))
        key >>= width
    numbers.reverse()
    return tuple(numbers)


def _repacked(key: int, old: tuple[int, ...], new: tuple[int, ...]) -> int:
    moved = 0
    for number, width in zip(_unpacked(key, old), new, strict=True):
        moved = moved << width | number
    return moved


def _packed(parts: list[tuple[Ids, int]], kind: Any) -> Any:
    (first, _), *others = parts
    keys = first.astype(kind, copy=False)
    for numbers, bits in others:
        keys = (keys << kind(bits)) | numbers
    return keys
