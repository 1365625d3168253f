"""The claim keys of a batch as numbers: where the key changes, where it is blank, and hashes of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import attrs
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from claimcheck.batch.columns import Rows
from claimcheck.batch.encode import to_python
from claimcheck.io.claims import key_hash
from claimcheck.line import INVISIBLE, key_text

__all__ = ["Hashes", "Keys", "keys_of", "mixed"]

Flags: TypeAlias = npt.NDArray[np.bool_]
Hashes: TypeAlias = npt.NDArray[np.uint64]

_BLANKS: Final = "".join(sign for sign in map(chr, range(0x3001)) if sign.isspace())
_WHOLE: Final = 2.0**53


@attrs.frozen(eq=False)
class Keys:
    """The keys of the rows of a batch.

    Attributes:
        changed: per row, whether its key is another one than that of the row before.
        blank: per row, whether it has no key.
    """

    changed: Flags
    blank: Flags
    _parts: tuple[Any, ...]

    def hashes(self, rows: Rows) -> Hashes:
        """For some rows, numbers that stand for their keys."""
        found = np.zeros(rows.size, np.uint64)
        for part in self._parts:
            found = mixed(found ^ _hashes(part, rows))
        return found


def keys_of(columns: Sequence[Any]) -> Keys:
    """The keys that columns give together: Arrow arrays, or one list of ``ClaimKey``."""
    parts = tuple(column if isinstance(column, list) else _comparable(column) for column in columns)
    size = len(parts[0])
    changed, blank = np.zeros(size, np.bool_), np.ones(size, np.bool_)
    changed[:1] = True
    for part in parts:
        empty = _absent(part)
        changed[1:] |= _differs(part) | (empty[1:] != empty[:-1])
        blank &= empty
    return Keys(changed, blank, parts)


# --- one column: a list of keys, or an Arrow array of texts or 64-bit numbers --------------------


def _comparable(column: Any) -> Any:
    """A column as texts or whole numbers, which are equal where the keys are; null where blank."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _comparable(column.cast(kind.value_type))
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _trimmed(column) if _has_margins(column) else column
    if pa.types.is_signed_integer(kind) or kind in (pa.uint8(), pa.uint16(), pa.uint32()):
        return column.cast(pa.int64())
    if pa.types.is_date32(kind):
        return column.cast(pa.int32()).cast(pa.int64())
    if pa.types.is_date64(kind) or pa.types.is_timestamp(kind):
        return column.cast(pa.int64())
    if kind in (pa.float32(), pa.float64()):
        values = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
        absent = np.isnan(values)
        whole = np.where(absent, 0.0, values)
        if (np.abs(whole) < _WHOLE).all() and (whole == np.floor(whole)).all():
            return pa.array(whole.astype(np.int64), mask=absent)
    return pa.array([key_text(raw) for raw in to_python(column)], pa.large_string())


def _trimmed(column: Any) -> Any:
    texts = pc.utf8_trim(pc.utf8_trim(column, characters=_BLANKS), characters=INVISIBLE)
    return pc.if_else(pc.equal(pc.binary_length(texts), 0), pa.scalar(None, texts.type), texts)


def _has_margins(column: Any) -> bool:
    """Whether a text may begin or end in something that is not seen, or is empty."""
    text, starts, ends = _bytes_of(column)
    lengths = ends - starts
    there = lengths > 0
    empty = ~there
    if column.null_count:
        empty &= pc.is_valid(column).to_numpy(zero_copy_only=False)
    if empty.any():
        return True
    first, last = text[starts[there]], text[ends[there] - 1]
    return bool(((first <= 32) | (first >= 127) | (last <= 32) | (last >= 127)).any())


def _bytes_of(column: Any) -> tuple[npt.NDArray[np.uint8], Rows, Rows]:
    """The bytes of a column of texts, and where each text starts and ends in them."""
    kind = np.int64 if pa.types.is_large_string(column.type) else np.int32
    _, offsets, text = column.buffers()
    if offsets is None or len(column) == 0:
        nothing = np.zeros(len(column), np.int64)
        return np.zeros(0, np.uint8), nothing, nothing
    bounds = np.frombuffer(offsets, kind)[column.offset : column.offset + len(column) + 1]
    wide: Rows = bounds.astype(np.int64)
    low = int(wide[0])
    raw = np.zeros(0, np.uint8) if text is None else np.frombuffer(text, np.uint8)
    return raw[low : int(wide[-1])], wide[:-1] - low, wide[1:] - low


def _absent(part: Any) -> Flags:
    if isinstance(part, list):
        return np.fromiter((key is None for key in part), np.bool_, len(part))
    if not part.null_count:
        return np.zeros(len(part), np.bool_)
    absent: Flags = pc.is_null(part).to_numpy(zero_copy_only=False)
    return absent


def _differs(part: Any) -> Flags:
    """Per row but the first, whether it differs from the one before; of blank ones it says nothing."""
    count = max(len(part) - 1, 0)
    if isinstance(part, list):
        return np.fromiter((part[at] != part[at + 1] for at in range(count)), np.bool_, count)
    told = pc.not_equal(part.slice(1), part.slice(0, count))
    if told.null_count:
        told = told.fill_null(False)
    differs: Flags = told.to_numpy(zero_copy_only=False)
    return differs


# --- hashes --------------------------------------------------------------------------------------


def _hashes(part: Any, rows: Rows) -> Hashes:
    if isinstance(part, list):
        return np.fromiter((key_hash(part[row]) for row in rows.tolist()), np.uint64, rows.size)
    if pa.types.is_integer(part.type):
        numbers = part.fill_null(-1).to_numpy(zero_copy_only=False)[rows]
        return mixed(numbers.astype(np.int64).view(np.uint64))
    return _text_hashes(part, rows)


def _text_hashes(part: Any, rows: Rows) -> Hashes:
    """Eight bytes at a time; nulls are like empty texts, of which there are none."""
    text, starts, ends = _bytes_of(part)
    starts, lengths = starts[rows], (ends - starts)[rows]
    padded = np.concatenate([text, np.zeros(8, np.uint8)])
    words = np.ndarray((padded.size - 7,), "<u8", padded.data, strides=(1,))
    found = lengths.astype(np.uint64)
    for offset in range(0, int(lengths.max(initial=0)), 8):
        there = np.flatnonzero(lengths > offset)
        word = words[starts[there] + offset].astype(np.uint64)
        unused = np.maximum(8 - (lengths[there] - offset), 0).astype(np.uint64) * np.uint64(8)
        word &= np.uint64(0xFFFFFFFFFFFFFFFF) >> unused
        found[there] = mixed(found[there] ^ word)
    return found


def mixed(numbers: Hashes) -> Hashes:
    """Every bit spread over all others (the finisher of splitmix64, Steele et al. 2014)."""
    numbers = numbers + np.uint64(0x9E3779B97F4A7C15)
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))
