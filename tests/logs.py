"""Topics in memory, as ``streams.log`` reads them: taken from a broker, then changed at will."""

import random
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any, NamedTuple, Self

from domain.audit.findings import Gathering, Report
from schemas.kafka import Kafka
from streams import epochs
from streams.audit.run import audit_topics
from streams.log import Span, open_log
from streams.settings import StreamSettings

Place = tuple[str, int]


class Kept(NamedTuple):
    """A record of a topic."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


class MemoryLog:
    """Records by partition; ``epochs`` are those of the topics."""

    def __init__(self, records: dict[Place, list[Kept]], epochs: dict[str, int]) -> None:
        self.records, self.epochs = records, epochs

    @classmethod
    async def of(cls, kafka: Kafka) -> Self:
        """Take down all topics of ours that a broker has, but changelogs."""
        found: dict[Place, list[Kept]] = {}
        async with open_log(kafka) as log:
            names = [name for name in log._counts if not name.endswith(".changelog")]
            for place, span in (await log.spans(log.places(names))).items():
                found[place] = [
                    Kept(*place, r.offset, r.timestamp, r.key, r.value, tuple(r.headers))
                    async for records in log.read(place, span)
                    for r in records
                ]
        return cls(found, await epochs.known(kafka))

    def changed(self, place: Place, change: Callable[[list[Kept]], Iterable[Kept]]) -> "MemoryLog":
        """Return the same with other records in one partition."""
        return MemoryLog({**self.records, place: list(change(self.records[place]))}, self.epochs)

    def without(self, *lost: Kept) -> "MemoryLog":
        """Return the same with holes where some records were; what stands behind stays there.

        After a crash a record may be there more than once: all its copies are gone.
        """
        gone = {(r.topic, r.partition, r.key, r.value) for r in lost}
        found = self
        for place in {(r.topic, r.partition) for r in lost}:
            found = found.changed(
                place,
                lambda rs: [r for r in rs if (r.topic, r.partition, r.key, r.value) not in gone],
            )
        return found

    def beginning_at(self, starts: dict[Place, int]) -> "MemoryLog":
        """Return what is left when everything before some offsets has been dropped."""
        found = self
        for place, start in starts.items():
            found = found.changed(
                place, lambda rs, start=start: [r for r in rs if r.offset >= start]
            )
        return found

    def partitions(self, topic: str) -> int:
        """Return how many partitions a topic has."""
        return sum(name == topic for name, _ in self.records)

    def places(self, topics: Iterable[str]) -> list[Place]:
        """Return all partitions of some topics."""
        return [(topic, one) for topic in topics for one in range(self.partitions(topic))]

    async def spans(self, places: Iterable[Place]) -> dict[Place, Span]:
        """Return what is kept of some partitions."""
        found = {}
        for place in places:
            records = self.records[place]
            found[place] = (
                Span(records[0].offset, records[-1].offset + 1) if records else Span(0, 0)
            )
        return found

    async def read(self, place: Place, span: Span) -> AsyncIterator[list[Kept]]:
        """Yield the records of a span, up to a thousand at a time."""
        wanted = [r for r in self.records[place] if span.start <= r.offset < span.end]
        for start in range(0, len(wanted), 1_000):
            yield wanted[start : start + 1_000]

    async def first_at(self, place: Place, timestamp_ms: int) -> int | None:
        """Return the offset of the first record since a time."""
        return next((r.offset for r in self.records[place] if r.timestamp >= timestamp_ms), None)

    def all(self, topic: str) -> list[Kept]:
        """Return all records of a topic."""
        return [r for place in self.places([topic]) for r in self.records[place]]

    def some(self, topic: str, rng: random.Random, fits: Callable[[Kept], bool]) -> Kept:
        """Return a record of a topic, any that *fits*."""
        return rng.choice([record for record in self.all(topic) if fits(record)])


async def audited(log: Any, *, most: int = 1_000) -> Report:
    """Return an audit of a log; nobody is waited for."""
    found = Gathering(most)
    await audit_topics(
        log, log.epochs, found, settings=StreamSettings(), wait_s=0, hear=lambda *_: None
    )
    return found.report()
