"""What a node allows its clients."""

from collections.abc import Callable


class Bucket:
    """Requests a second, as many at once as in one second; it fills up evenly."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._left: float | None = None
        self._at = 0.0

    def takes(self, count: int, *, per_s: float) -> bool:
        """Take *count* requests, if as many are left."""
        now = self._clock()
        left = per_s if self._left is None else self._left + (now - self._at) * per_s
        left, self._at = min(left, max(per_s, 1.0)), now
        self._left = left - count if left >= count else left
        return left >= count
