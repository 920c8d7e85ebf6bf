"""How many connections are made, over restarts too: X counts them, whoever makes them."""

from collections import deque
from collections.abc import Iterable
from math import ceil

WINDOW_S = 900.0


class Connects:
    """At most so many in any 15 minutes, *made* ones among them. Times are seconds since 1970."""

    def __init__(self, most: int, made: Iterable[int] = ()) -> None:
        self._most = most
        self._made = deque[float](made)

    @property
    def made(self) -> tuple[int, ...]:
        """When the last ones were made, rounded up."""
        return tuple(ceil(at) for at in self._made)

    def take(self, now: float) -> float:
        """Take a place if there is one now (0), else return in how many seconds to try again."""
        while self._made and self._made[0] <= now - WINDOW_S:
            self._made.popleft()
        if len(self._made) >= self._most:
            return self._made[0] + WINDOW_S - now
        self._made.append(now)
        return 0.0
