"""What our own code takes for aiokafka: a producer and a consumer on the broker in memory.

Only what that code calls is here; each call that would cross the network is a request in flight.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from random import Random
from typing import Any, NamedTuple

from aiokafka import TopicPartition

from streams.lanes import Entry
from streams.lines import Place
from tests.simulation.broker import Broker, Identity, Record


class Metadata(NamedTuple):
    """What a producer hears of a batch."""

    offset: int


class Batch:
    """Entries on their way; takes so many and no more."""

    def __init__(self, limit: int) -> None:
        self.entries: list[Entry] = []
        self._limit = limit

    def append(self, *, key: Any, value: Any, headers: Any, timestamp: int) -> object:
        """Take a record; None when there is no room for it."""
        del timestamp
        if len(self.entries) == self._limit:
            return None
        self.entries.append(Entry(key, value, headers))
        return self.entries


class _Transactions:
    """The part of a producer that knows its number and epoch."""

    producer_id, producer_epoch = -1, -1

    def __init__(self) -> None:
        self.places: list[Place] = []

    def set_pid_and_epoch(self, number: int, epoch: int) -> None:
        """Take a number and an epoch."""
        self.producer_id, self.producer_epoch = number, epoch

    def maybe_add_partition_to_txn(self, place: TopicPartition) -> None:
        """Have a marker left in a partition when the transaction ends."""
        self.places.append((place.topic, place.partition))

    @property
    def identity(self) -> Identity | None:
        """Who writes, None for a producer without a number."""
        return None if self.producer_id < 0 else (self.producer_id, self.producer_epoch)


class Producer:
    """A producer: plain, transactional, or with somebody's number."""

    def __init__(self, broker: Broker, *, transactional_id: str | None = None) -> None:
        self._broker, self._name = broker, transactional_id
        self._txn_manager = _Transactions()
        self._markers: asyncio.Future[Any] | None = None

    async def start(self) -> None:
        """Connect; be given a number and an epoch if there is a name."""
        if self._name is not None:
            identity = await self._broker.request(lambda: self._broker.initialise(self._name))
            self._txn_manager.set_pid_and_epoch(*identity)

    async def stop(self) -> None:
        """Let go of the broker; what is in flight has been waited for by whoever sent it."""

    def create_batch(self) -> Batch:
        """Return an empty batch."""
        return Batch(self._broker.batch_records)

    async def send_batch(self, batch: Batch, topic: str, *, partition: int) -> Any:
        """Send a batch; return the future of its metadata."""
        identity, entries = self._txn_manager.identity, tuple(batch.entries)

        def write() -> Metadata:
            return Metadata(self._broker.write((topic, partition), entries, identity))

        return self._broker.request(write)

    async def send_and_wait(
        self, topic: str, value: bytes, *, key: bytes, partition: int, headers: Any
    ) -> None:
        """Send one record and wait for it."""
        entries = (Entry(key, value, headers),)
        await self._broker.request(lambda: self._broker.write((topic, partition), entries, None))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """Leave markers in the partitions that are added; answered before they are written.

        The next transaction is not begun before they are.
        """
        broker, manager = self._broker, self._txn_manager
        places, identity = manager.places, (manager.producer_id, manager.producer_epoch)
        yield
        if self._markers is not None:
            await self._markers
        await broker.request(lambda: broker.refuse_older(self._name, identity))
        added, manager.places = tuple(places), []
        self._markers = broker.request(lambda: broker.mark(added, identity))


class Consumer:
    """A consumer that is given its partitions by hand; *group* is whose offsets it begins at."""

    def __init__(self, broker: Broker, rng: Random, *, group: str = "") -> None:
        self._broker, self._rng, self._group = broker, rng, group
        self._positions: dict[TopicPartition, int] = {}
        self._ends: dict[TopicPartition, int] = {}

    async def start(self) -> None:
        """Connect."""

    async def stop(self) -> None:
        """Let go of the broker."""

    def assign(self, places: Iterable[Place]) -> None:
        """Read these partitions and no others."""
        committed = self._broker.committed
        self._positions = {TopicPartition(*p): committed[self._group, p] for p in sorted(places)}
        self._ends = {}

    def assignment(self) -> Iterable[TopicPartition]:
        """Return the partitions."""
        return self._positions.keys()

    def seek(self, place: TopicPartition, offset: int) -> None:
        """Read on from *offset*."""
        self._positions[place] = offset

    async def position(self, place: TopicPartition) -> int:
        """Return the offset of the next record of a partition."""
        return self._positions[place]

    def highwater(self, place: TopicPartition) -> int | None:
        """Return where a partition ends, None before the first fetch."""
        return self._ends.get(place)

    async def end_offsets(self, places: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        """Return where partitions end."""
        asked = list(places)
        return await self._broker.request(lambda: {p: self._broker.log(p).end for p in asked})

    async def beginning_offsets(self, places: Iterable[TopicPartition]) -> dict[Any, int]:
        """Return where partitions begin: nothing is ever too old here."""
        return dict.fromkeys(places, 0)

    def behind(self) -> list[TopicPartition]:
        """Return the partitions of which there is more to read."""
        return [p for p, at in self._positions.items() if at < self._broker.log(p).end]

    async def getmany(
        self, *, timeout_ms: int, max_records: int = 1_000
    ) -> dict[TopicPartition, list[Record]]:
        """Return some of what there is, of some partitions; nothing after a while of nothing."""
        if not self.behind():
            await asyncio.sleep(timeout_ms / 1_000)
            return {}
        return await self._broker.request(lambda: self._fetch(max_records))

    def _fetch(self, most: int) -> dict[TopicPartition, list[Record]]:
        found: dict[TopicPartition, list[Record]] = {}
        behind = self.behind()
        for place in self._rng.sample(behind, self._rng.randint(1, len(behind))) if behind else ():
            log, limit = self._broker.log(place), min(most, self._rng.choice((1, 5, 1_000)))
            found[place] = log.read(self._positions[place], limit)
            is_all = len(found[place]) < limit
            self._positions[place] = log.end if is_all else found[place][-1].offset + 1
            self._ends[place] = log.end
        return {place: records for place, records in found.items() if records}

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Commit offsets, some time later."""

        def commit() -> None:
            for place, offset in offsets.items():
                self._broker.committed[self._group, tuple(place)] = offset

        await self._broker.request(commit)
