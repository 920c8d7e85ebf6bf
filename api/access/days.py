"""What a key has used of its quota of a day: counted here, and by every other replica. Pure."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

DAY_S = 86_400


class Counter(NamedTuple):
    """One key on one day, UTC."""

    key_id: str
    day: str


class Days:
    """Counts per key, day and replica; a replica raises its own count alone.

    So counts can be told and heard again and again, in any order, and by who is not theirs: of
    two the greater is the newer one. What a cache has lost comes back from whoever heard it.
    """

    def __init__(self, replica: str) -> None:
        self._replica = replica
        self._counts: dict[Counter, dict[str, int]] = {}
        self._used: dict[Counter, int] = {}
        self._untold: set[Counter] = set()
        self._credit: dict[Counter, int] = {}

    def used(self, counter: Counter) -> int:
        """Return how much of a day is used, as far as it is known here."""
        return self._used.get(counter, 0)

    def add(self, counter: Counter) -> None:
        """Count one request."""
        self._used[counter] = self.used(counter) + 1
        if credit := self._credit.pop(counter, 0):
            if credit > 1:
                self._credit[counter] = credit - 1
            return
        counts = self._counts.setdefault(counter, {})
        counts[self._replica] = counts.get(self._replica, 0) + 1
        self._untold.add(counter)

    def give_back(self, counter: Counter) -> None:
        """Let one request that was counted be free.

        A count never goes down, for others may have heard it: the next request uses it instead.
        """
        self._used[counter] = self.used(counter) - 1
        self._credit[counter] = self._credit.get(counter, 0) + 1

    def untold(self) -> list[Counter]:
        """Return what was counted here since it was told."""
        return list(self._untold)

    def counts(self, counter: Counter) -> Mapping[str, int]:
        """Return what is known of a day, by replica."""
        return self._counts.get(counter, {})

    def told(self, counter: Counter, counts: Mapping[str, int]) -> None:
        """Note that others know these counts of a day."""
        if counts.get(self._replica) == self.counts(counter).get(self._replica):
            self._untold.discard(counter)

    def learn(self, counter: Counter, counts: Mapping[str, int]) -> None:
        """Take what others know of a day; nothing goes down."""
        known = self._counts.setdefault(counter, {})
        for replica, count in counts.items():
            known[replica] = max(count, known.get(replica, 0))
        self._used[counter] = sum(known.values()) - self._credit.get(counter, 0)

    def forget(self, *, before: str) -> None:
        """Forget the days before a day."""
        for counter in [counter for counter in self._counts if counter.day < before]:
            del self._counts[counter], self._used[counter]
            self._untold.discard(counter)
            self._credit.pop(counter, None)


def day_of(at: float, *, back: int = 0) -> str:
    """Return the day of a wall time, UTC, or one so many days *back*.

    >>> day_of(1_790_093_255), day_of(1_790_093_255, back=22)
    ('2026-09-22', '2026-08-31')
    """
    return _day(int(at // DAY_S) - back)


def seconds_left(at: float) -> int:
    """Return in how many seconds the day of a wall time ends, rounded up.

    >>> seconds_left(1_790_093_255.5)
    28345
    """
    return DAY_S - int(at % DAY_S)


@lru_cache(maxsize=16)
def _day(number: int) -> str:
    return (date(1970, 1, 1) + timedelta(days=number)).isoformat()
