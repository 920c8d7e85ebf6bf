"""Progress becomes visible only when all it speaks of is; pure."""

from collections.abc import Mapping
from typing import NamedTuple

from schemas.progress import Progress
from views.index.reading import BY_TOPIC
from views.writes import Write

Ends = Mapping[tuple[str, int], int]
"""Per topic and partition the offset up to which everything is in the store."""
KEPT = 32
"""Waiting records per stage and partition; the newest is always among them."""


class Waiting(NamedTuple):
    """A progress record, where it stands in its topic, and its write."""

    offset: int
    write: Write[Progress]


class Gate:
    """Holds progress records until the outputs that they name have been written."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[Waiting]] = {}

    def hold(self, waiting: Waiting) -> None:
        """Take a record in; of too many an older one in the middle is given up."""
        listed = self._waiting.setdefault(waiting.write.key, [])
        listed.append(waiting)
        if len(listed) > KEPT:
            del listed[KEPT // 2]

    def passing(self, ends: Ends) -> list[Write[Progress]]:
        """Return the newest record of each part that may be seen, and forget the older ones."""
        found = []
        for key, listed in list(self._waiting.items()):
            ready = [n for n, waiting in enumerate(listed) if is_visible(waiting.write, ends)]
            if ready:
                found.append(listed[ready[-1]].write)
                self._waiting[key] = listed[ready[-1] + 1 :]
        return found

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return self.first_offset() is None

    def first_offset(self) -> int | None:
        """Return the offset of the oldest record that still waits."""
        return min((w.offset for listed in self._waiting.values() for w in listed), default=None)


def is_visible(write: Write[Progress], ends: Ends) -> bool:
    """Return whether everything that a record names is in the store, up to *ends*."""
    record = write.record
    return record is None or all(
        ends.get((topic, record.partition), 0) >= offset
        for topic, offset in record.outputs.items()
        if topic in BY_TOPIC
    )
