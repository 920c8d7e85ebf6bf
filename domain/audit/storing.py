"""What a store has, against the newest records that it says it has taken in."""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from domain.audit.digests import digest
from domain.audit.findings import Finding, Kind
from schemas.fields import Slot

SLICE_KEYS = 2_000_000
"""Keys that are compared at a time, at some 300 bytes each."""


class Newest(NamedTuple):
    """The newest record of a key: its version, what stands for its bytes, where it stands."""

    version: int
    what: int
    partition: int
    slot: Slot


class StoreComparison:
    """One noun, or every so-manieth key of it: records first, then documents.

    Only a part of the keys is kept in memory at a time: the *number*-th of *slices*.
    """

    def __init__(self, topic: str, *, number: int, slices: int) -> None:
        self._topic, self._number, self._slices = topic, number, slices
        self._newest: dict[int, Newest] = {}
        self._found: dict[int, tuple[Kind, str]] = {}
        self._newer: dict[int, tuple[int, str]] = {}
        self._seen = set[int]()

    def expect(self, key: str, version: int, body: bytes, *, partition: int, slot: Slot) -> None:
        """Take in the next record that the store says it has; an equal version replaces."""
        at = self._at(key)
        if at is None:
            return
        known = self._newest.get(at)
        if known is None or known.version <= version:
            self._newest[at] = Newest(version, digest(body), partition, slot)

    def see(self, key: str, version: int, body: bytes) -> None:
        """Take in a document of the store, with its bytes (none: it is deleted)."""
        at = self._at(key)
        if at is None or at not in self._newest:
            return
        self._seen.add(at)
        expected = self._newest[at]
        if version > expected.version:
            self._newer[at] = version, key
        elif version < expected.version:
            self._found[at] = "missing", key
        elif digest(body) != expected.what:
            self._found[at] = "different", key

    @property
    def is_settled(self) -> bool:
        """Whether no second look at the records is needed: for names, and for newer ones."""
        return not self._newer and self._newest.keys() <= self._seen

    def look(self, key: str, version: int) -> None:
        """Take in the records once more, and all that came since."""
        at = self._at(key)
        if at is None:
            return
        if at in self._newest and at not in self._seen:
            self._found[at] = "missing", key
        if at in self._newer and self._newer[at][0] <= version:
            del self._newer[at]

    def findings(self) -> Iterator[Finding]:
        """Yield what is not in the store as it should be."""
        found = [
            (at, kind, key, _SAID[kind, at in self._seen])
            for at, (kind, key) in self._found.items()
        ]
        found += [
            (at, "different", key, "is newer in the store than on its topic")
            for at, (_, key) in self._newer.items()
        ]
        for at, kind, key, said in sorted(found, key=lambda one: one[2]):
            newest = self._newest[at]
            yield Finding(
                stage="store",
                partition=newest.partition,
                kind=kind,
                topic=self._topic,
                what=f"{key} of {self._topic} {newest.partition} {said}",
                slots=(newest.slot, newest.slot) if newest.slot else None,
            )

    def judged(self) -> dict[int, int]:
        """Return how many keys were compared, by partition."""
        counts = defaultdict[int, int](int)
        for newest in self._newest.values():
            counts[newest.partition] += 1
        return counts

    def _at(self, key: str) -> int | None:
        at = digest(key.encode())
        return at if at % self._slices == self._number else None


_SAID: dict[tuple[Kind, bool], str] = {
    ("missing", False): "is not in the store",
    ("missing", True): "is older in the store",
    ("different", True): "is another in the store",
}
"""By kind, and by whether there is any document of that key."""
