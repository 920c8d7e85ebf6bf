"""How often a caller may ask: a generic cell rate algorithm, in memory. Pure."""

from functools import lru_cache
from math import ceil

import msgspec

from api.access.keys import Rate

EPSILON_S = 1e-6
"""Sums of intervals round: a millionth of a second is no reason to refuse."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a request may go on, and what is left of the quota.

    ``reset_s`` is when the whole quota is back, ``retry_after_s`` when one more request fits.
    """

    allowed: bool
    remaining: int
    reset_s: int
    retry_after_s: int = 0


class Buckets:
    """Allows each subject its burst at once and its rate on average.

    Remembers the last *subjects* seen or more, in two generations, so that a flood of addresses
    costs neither memory nor time. Times are monotonic, in seconds.
    """

    def __init__(self, *, subjects: int) -> None:
        self._subjects = subjects
        self._young: dict[str, float] = {}
        self._old: dict[str, float] = {}

    def take(self, subject: str, rate: Rate, *, now: float) -> Verdict:
        """Charge one request of *subject*; what is refused is not charged."""
        interval = rate.interval_s
        debt, quota = self.debt(subject, now=now) + interval, rate.burst * interval
        if debt > quota + EPSILON_S:
            reset, wait = ceil(debt - interval), ceil(debt - quota)
            return Verdict(allowed=False, remaining=0, reset_s=reset, retry_after_s=wait)
        self.set_debt(subject, debt, now=now)
        remaining = int((quota - debt) / interval + EPSILON_S)
        return Verdict(allowed=True, remaining=remaining, reset_s=ceil(debt))

    def give_back(self, subject: str, rate: Rate, *, now: float) -> Verdict:
        """Take back what one request of *subject* was charged."""
        interval = rate.interval_s
        debt, quota = max(self.debt(subject, now=now) - interval, 0.0), rate.burst * interval
        self.set_debt(subject, debt, now=now)
        remaining = int((quota - debt) / interval + EPSILON_S)
        return Verdict(allowed=True, remaining=remaining, reset_s=ceil(debt))

    def debt(self, subject: str, *, now: float) -> float:
        """Return in how many seconds all that *subject* was charged will be paid off."""
        due = self._young.get(subject) or self._old.get(subject, now)
        return max(due - now, 0.0)

    def set_debt(self, subject: str, debt: float, *, now: float) -> None:
        """Let *subject* owe so many seconds."""
        if len(self._young) >= self._subjects:
            self._young, self._old = {}, self._young
        self._young[subject] = now + debt


@lru_cache(maxsize=4096)
def policy(name: str, rate: Rate) -> str:
    """Return a rate as ``RateLimit-Policy`` says it."""
    return f'"{name}";q={rate.burst};w={ceil(rate.burst * rate.interval_s)}'
