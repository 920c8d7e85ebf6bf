"""How many requests a node is asked: so many in any second, none while it asks for a pause."""

MARGIN = 1.05
"""A second of a provider's is a little longer than ours: requests bunch up on their way."""


class Budget:
    """Places for requests, at most *per_s* of them in any second. Times are in seconds."""

    def __init__(self, per_s: int) -> None:
        # In any second there is room for one burst and for what flows in meanwhile: together not
        # more than was allowed.
        self._burst = max(1, per_s // 4)
        flow = per_s - self._burst if per_s > self._burst else per_s
        self._gap_s = MARGIN / flow
        self._level = float("-inf")
        self._paused_until = float("-inf")

    def take(self, now: float) -> float:
        """Take a place if there is one now (0), else return in how many seconds to try again."""
        at = self._next(now)
        if at > now:
            return at - now
        self._level = max(self._level, now) + self._gap_s
        return 0.0

    def wait_s(self, now: float) -> float:
        """Return in how many seconds the next place would come."""
        return self._next(now) - now

    def pause(self, until: float) -> None:
        """Give no place before *until*, and then one after the other."""
        self._paused_until = max(self._paused_until, until)
        self._level = max(self._level, until + (self._burst - 1) * self._gap_s)

    def _next(self, now: float) -> float:
        return max(now, self._paused_until, self._level - (self._burst - 1) * self._gap_s)
