"""Where a promise can be kept: the scenes, by payer, code and days, that hold the fewest findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

import attrs

from claimcheck.testing.strategies.scenes import Scene, Window, Workbench

__all__ = ["Held", "Search"]

T = TypeVar("T")


@attrs.frozen
class Held(Generic[T]):
    """What a scene holds: how many findings stand there beside the promised ones, and the things."""

    others: int
    things: T


class Search(Generic[T]):
    """Scenes that keep a promise. Which ones is found out as they are drawn, and remembered.

    Args:
        bench: the workbench.
        payers, codes, windows: of the scenes, each the simplest first.
        more_payers: that may take the first one's place on a line.
        hold: what a scene holds; None if it cannot keep the promise.
        for_x12: whether the scenes are for an 837P.
    """

    def __init__(
        self,
        bench: Workbench,
        payers: Sequence[str | None],
        codes: Sequence[str],
        windows: Sequence[Window],
        hold: Callable[[Scene], Held[T] | None],
        *,
        more_payers: Sequence[str] = (),
        for_x12: bool = False,
    ) -> None:
        self._bench = bench
        self.payers, self.codes, self.windows = payers, codes, windows
        self.more_payers = more_payers
        self._hold = hold
        self._for_x12 = for_x12
        self._held: dict[tuple[int, int, int], tuple[Scene, Held[T]] | None] = {}
        self._least: tuple[int, tuple[int, int, int]] | None = None
        self._looked = False

    @property
    def possible(self) -> bool:
        """Whether any scene keeps the promise."""
        return self._home() is not None

    def scene(self, payer: int, code: int, window: int) -> tuple[Scene, T]:
        """The first scene from these numbers on, in circles, that holds the fewest other findings."""
        home = self._home()
        if home is None:
            raise LookupError("no scene keeps the promise")
        least, place = home
        for at_code in _circle(code, len(self.codes)):
            for at_window in _circle(window, len(self.windows)):
                held = self._at(payer, at_code, at_window)
                if held is not None and held[1].others == least:
                    return held[0], held[1].things
        found = self._at(*place)
        assert found is not None  # noqa: S101 - it is where the least was found
        return found[0], found[1].things

    def tried(self) -> Iterator[Scene]:
        """Every scene, in order."""
        for payer in self.payers:
            for code in self.codes:
                for window in self.windows:
                    yield self._bench.scene(code, payer, window, self._for_x12)

    def _home(self) -> tuple[int, tuple[int, int, int]] | None:
        """The fewest other findings of any scene, and the first scene that has no more."""
        if not self._looked:
            self._looked = True
            self._least = self._look()
        return self._least

    def _look(self) -> tuple[int, tuple[int, int, int]] | None:
        least: tuple[int, tuple[int, int, int]] | None = None
        for payer in range(len(self.payers)):
            for code in range(len(self.codes)):
                for window in range(len(self.windows)):
                    held = self._at(payer, code, window)
                    if held is not None and (least is None or held[1].others < least[0]):
                        least = held[1].others, (payer, code, window)
                    if least is not None and least[0] == 0:
                        return least
        return least

    def _at(self, payer: int, code: int, window: int) -> tuple[Scene, Held[T]] | None:
        key = (payer, code, window)
        if key not in self._held:
            scene = self._bench.scene(
                self.codes[code], self.payers[payer], self.windows[window], self._for_x12
            )
            held = self._hold(scene)
            self._held[key] = None if held is None else (scene, held)
        return self._held[key]


def _circle(start: int, count: int) -> Iterator[int]:
    for step in range(count):
        yield (start + step) % count
