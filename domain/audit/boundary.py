"""Where a log begins to be whole: what is older has partly been dropped, and is not judged."""

from collections.abc import Iterable
from typing import NamedTuple

from schemas.fields import ChainTime, Slot

MARGIN_S = 3_600
"""Chain seconds behind the first clocks that are kept. Copies, retractions and corrections of what
is newer can only stand behind them too: they are minutes apart, and ages are judged by the hour."""
MATCH_MARGIN_S = 25 * 3_600
"""The same for links: a post may ask for a token a day before its launch."""
NEVER = 2**62


class Boundary(NamedTuple):
    """Judged is what is newer than this chain time and slot."""

    time: ChainTime = -1
    slot: Slot = -1

    @property
    def is_whole(self) -> bool:
        """Whether nothing has been dropped."""
        return self == WHOLE


WHOLE = Boundary()


class Finder:
    """Finds the boundary of a log of which the beginning was dropped, from its clocks.

    A clock is not behind what its own source put there before it. So all that was dropped is as
    old as the first clock of its source that is kept, or older. *sources* are those there are.
    """

    def __init__(self, sources: Iterable[object], margin_s: int) -> None:
        self._silent, self._margin_s = set(sources), margin_s
        self._newest: ChainTime = 0
        self.found = Boundary(NEVER, NEVER)

    def hear(self, source: object, time: ChainTime, slot: Slot) -> bool:
        """Take in what the next clock says; return whether that is all there is to be known."""
        if source in self._silent:
            self._silent.discard(source)
            self._newest = max(self._newest, time)
        if self._silent or time < self._newest + self._margin_s:
            return False
        self.found = Boundary(self._newest + self._margin_s, slot)
        return True
