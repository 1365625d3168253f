"""Compiled rules as bytes, one way only: what equals has equal bytes, and so an equal hash."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache
from hashlib import sha256
from typing import Any, TypeVar

import attrs
import msgspec

__all__ = ["content_hash", "decode", "digest", "encode"]

T = TypeVar("T")
_ENCODER = msgspec.msgpack.Encoder(order="deterministic")


def encode(thing: object) -> bytes:
    """The canonical bytes of a compiled thing. Fields at their defaults are left out."""
    return _ENCODER.encode(_plain(thing))


def decode(data: bytes | memoryview, kind: type[T]) -> T:
    """Read what ``encode`` wrote.

    Raises:
        msgspec.MsgspecError: these are not the bytes of a ``kind``.
    """
    decoder: msgspec.msgpack.Decoder[T] = _decoder(kind)  # type: ignore[arg-type]  # a type is hashable
    return decoder.decode(data)


def digest(blob: bytes | memoryview) -> bytes:
    """The SHA-256 digest of a blob."""
    return sha256(blob).digest()


def content_hash(parts: Iterable[tuple[str, bytes]]) -> str:
    """The hash (hexadecimal SHA-256) of named parts with their digests, in the order given."""
    whole = sha256(b"claimcheck rule set 1\n")
    for name, part in parts:
        whole.update(f"{name} {part.hex()}\n".encode())
    return whole.hexdigest()


@cache
def _decoder(kind: type[Any]) -> msgspec.msgpack.Decoder[Any]:
    return msgspec.msgpack.Decoder(kind)


@cache
def _fields(kind: type[Any]) -> tuple[tuple[str, object], ...]:
    return tuple((field.name, _default(field)) for field in attrs.fields(kind))


def _default(field: Any) -> object:
    # A factory's outcome (Period()) is compared by value, like a plain default.
    default = field.default
    return default.factory() if isinstance(default, attrs.Factory) else default  # type: ignore[arg-type]


def _plain(thing: Any) -> Any:
    kind = thing.__class__
    if kind is str or thing is None or kind is bool or kind is date or kind is bytes:
        return thing
    if kind is tuple:
        return [_plain(item) for item in thing]
    if not attrs.has(kind):
        return thing
    plain = {}
    for name, default in _fields(kind):
        value = getattr(thing, name)
        if value is not default and value != default:
            plain[name] = _plain(value)
    return plain
