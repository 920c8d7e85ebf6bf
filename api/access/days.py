"""What a key has used of its quota of a day: counted here, and by every other replica."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

DAY_S = 86_400


class Counter(NamedTuple):
    """One key on one day, UTC."""

    key_id: str
    day: str


class Days:
    """Counts per key and day. What was not told to the others yet is kept apart.

    A *batch* is what is being told. It stays the same until it is known to have arrived, so that
    it can be told twice and still counts once.
    """

    def __init__(self) -> None:
        self._told: dict[Counter, int] = {}
        self._new: dict[Counter, int] = {}
        self._batch: dict[Counter, int] = {}
        self.batch_number = 0

    def used(self, counter: Counter) -> int:
        """Return how much of a day is used, as far as it is known here."""
        here = self._new.get(counter, 0) + self._batch.get(counter, 0)
        return self._told.get(counter, 0) + here

    def add(self, counter: Counter) -> None:
        """Count one request."""
        self._new[counter] = self._new.get(counter, 0) + 1

    def batch(self) -> Mapping[Counter, int]:
        """Return what is to be told: the batch before if that may not have arrived."""
        if not self._batch:
            self._batch, self._new = self._new, {}
            self.batch_number += 1
        return self._batch

    def told(self, counter: Counter) -> int:
        """Return what everybody is known to know."""
        return self._told.get(counter, 0)

    def arrived(self, totals: Mapping[Counter, int]) -> None:
        """Take the totals, of at least the batch, that include it."""
        self._batch = {}
        self.learn(totals)

    def learn(self, totals: Mapping[Counter, int]) -> None:
        """Take totals that others know of; none goes down."""
        for counter, total in totals.items():
            self._told[counter] = max(total, self.told(counter))

    def forget(self, *, before: str) -> None:
        """Forget the days before a day."""
        self._told = {c: n for c, n in self._told.items() if c.day >= before}


def day_of(at: float, *, back: int = 0) -> str:
    """Return the day of a wall time, UTC, or one so many days *back*.

    >>> day_of(1_790_093_255), day_of(1_790_093_255, back=22)
    ('2026-09-22', '2026-08-31')
    """
    return (datetime.fromtimestamp(at, UTC) - timedelta(days=back)).strftime("%Y-%m-%d")


def seconds_left(at: float) -> int:
    """Return in how many seconds the day of a wall time ends, rounded up.

    >>> seconds_left(1_790_093_255.5)
    28345
    """
    return DAY_S - int(at % DAY_S)
