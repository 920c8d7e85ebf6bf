"""Both kinds of workers, and what tests of hazards ask of Kafka or do to it."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import ConsumerRecord

from schemas.topics import CATALOGUE, RAW_CHAIN
from streams import topics
from tests.brokers import Broker
from tests.e2e.hazards.plain import PASSED
from tests.e2e.river.rows import ENDS, SUMS
from tests.workers import PATIENCE_S, RunningWorker

PARTITIONS = 4
SETTLE_S = 90.0
STRIPPED = "tests.e2e.hazards.stripped"
OURS = f"btracker.{STRIPPED}"
"""The group of the stripped workers."""


class PlainWorker(RunningWorker):
    """A worker of plain Faust."""

    program = ("-m", "tests.e2e.hazards.plain")


async def lay(broker: Broker) -> None:
    """Create all topics, those of the small agents too."""
    small = (SUMS, ENDS, PASSED)
    await topics.create(broker.kafka, partitions=PARTITIONS, topics=(*CATALOGUE, *small))


@asynccontextmanager
async def kept(broker: Broker, *agents: str, **environment: str) -> AsyncIterator[None]:
    """Keep a worker running: start another when it ends, as a supervisor would."""

    async def keep() -> None:
        while True:
            with RunningWorker(broker, *agents, **environment) as worker:
                await asyncio.to_thread(worker.process.wait)

    keeper = asyncio.create_task(keep())
    try:
        yield
    finally:
        keeper.cancel()
        await asyncio.wait([keeper])


class Group:
    """What a consumer group has committed of ``raw.chain``."""

    def __init__(self, broker: Broker, name: str) -> None:
        self._consumer = AIOKafkaConsumer(
            **broker.kafka.options, group_id=name, enable_auto_commit=False
        )

    async def __aenter__(self) -> Self:
        await self._consumer.start()
        self._consumer.assign(_places(RAW_CHAIN.name))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._consumer.stop()

    async def committed(self) -> list[int]:
        """Return the offset of each partition; nothing yet is 0."""
        return [await self._consumer.committed(place) or 0 for place in _places(RAW_CHAIN.name)]

    async def until(self, count: int) -> None:
        """Return when *count* records are committed."""
        async with asyncio.timeout(PATIENCE_S):
            while sum(await self.committed()) < count:
                pass

    async def until_past(self, topic: str, each: int) -> None:
        """Return when more is committed than is in *topic*, *each* for a record."""
        async with asyncio.timeout(PATIENCE_S):
            while sum(await self.committed()) * each <= await self._written(topic):
                pass

    async def _written(self, topic: str) -> int:
        return sum((await self._consumer.end_offsets(_places(topic))).values())


def _places(topic: str) -> list[TopicPartition]:
    return [TopicPartition(topic, partition) for partition in range(PARTITIONS)]


def values(records: Iterable[ConsumerRecord[bytes, bytes]]) -> set[bytes]:
    """Return the values of *records*."""
    return {record.value for record in records}
