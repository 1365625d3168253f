"""Whether two names mean one thing, by their words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

__all__ = ["same_name"]

_WORD: Final = re.compile(r"[a-z0-9]+")
_APOSTROPHE: Final = re.compile(r"['’]")
# Letters with dots are one word: "M.D.", "Ph.D.".
_INITIALS: Final = re.compile(r"\b(?:[A-Za-z]{1,2}\.){2,}")
# Words that carry no meaning here. `with`, `without` and `no` do, and stay.
_EMPTY: Final = frozenset({"a", "an", "and", "by", "for", "in", "of", "on", "or", "the", "to"})
# NUCC writes it after every medical specialty, and documents do not.
_COMMON: Final = frozenset({"physician"})
_NOT_PLURAL: Final = ("ss", "us", "is")


def same_name(named: str, officials: Iterable[str]) -> bool:
    """Whether the words of a name are among those of an official one, or the other way round.

    Case, punctuation, ``&`` and ``and``, plurals, the order of the words and the word ``physician``
    make no difference. A name without any word is like no other.
    """
    own = _words(named)
    for official in officials:
        other = _words(official)
        if own and other and (own <= other or other <= own):
            return True
    return False


def _words(name: str) -> frozenset[str]:
    text = _INITIALS.sub(lambda found: found[0].replace(".", ""), name)
    found = {_singular(word) for word in _WORD.findall(_APOSTROPHE.sub("", text).lower())}
    words = found - _EMPTY
    return frozenset((words - _COMMON) or words)


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(_NOT_PLURAL):
        return word[:-1]
    return word
