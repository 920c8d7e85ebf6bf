"""The course that contestants run: a Kafka with nothing on it but the backlog."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from btracker.bench.pipeline.machinery import Cores, running
from btracker.bench.pipeline.market import Plan, market
from btracker.bench.pipeline.truth import State, expected
from btracker.embedded import HOST, broker_spec, free_port, kafka_answers
from domain.errors import BtrackerError, UsageError
from schemas.rows import (
    AccountRow,
    BucketRow,
    CandleRow,
    ClockRow,
    CurveRow,
    FactRow,
    LifeRow,
    TraderRow,
)
from schemas.topics import CATALOGUE, EVENTS, Topic
from streams import topics
from streams.partitioner import partition_of
from streams.topics import changelog_of

ROWS = {
    "curves": CurveRow, "buckets": BucketRow, "candles": CandleRow, "traders": TraderRow,
    "accounts": AccountRow, "lives": LifeRow, "facts": FactRow, "clocks": ClockRow,
}  # fmt: skip
"""The fold's tables."""
CLOCK = b"clock"
BATCH_BYTES = 500_000
LOOK_EVERY_S = 0.1


class Backlog(NamedTuple):
    """A market as records of events, by partition, and the state it has to end in."""

    plan: Plan
    partitions: Sequence[Sequence[tuple[bytes, bytes]]]
    state: State

    @property
    def events(self) -> int:
        """How many records there are, a clock once for each partition."""
        return sum(map(len, self.partitions))


def backlog(plan: Plan) -> Backlog:
    """Return the records of a market, spread as the decoder spreads them."""
    told, count = list(market(plan)), plan.partitions
    partitions: list[list[tuple[bytes, bytes]]] = [[] for _ in range(count)]
    for mint, event in told:
        value = msgspec.json.encode(event)
        key = CLOCK if mint is None else mint.encode()
        for partition in range(count) if mint is None else (partition_of(key, count),):
            partitions[partition].append((key, value))
    return Backlog(plan, partitions, expected(told))


@asynccontextmanager
async def course(
    waiting: Backlog, *, kafka: str | None, cores: Cores, logs: Path
) -> AsyncIterator[str]:
    """Give a Kafka (host:port) on which only *waiting* is; None: the embedded broker.

    Raises:
        UsageError: the Kafka has topics of Btracker already.
    """
    if kafka is None:
        async with _embedded(cores, logs) as address:
            await _lay_out(address, waiting)
            yield address
        return
    if await _ours(kafka):
        raise UsageError(
            f"The Kafka at {kafka} holds topics of Btracker, which a measurement would mix with "
            "its own; name one without, or leave --kafka out."
        )
    try:
        await _lay_out(kafka, waiting)
        yield kafka
    finally:
        await _clear(kafka)


@asynccontextmanager
async def _embedded(cores: Cores, logs: Path) -> AsyncIterator[str]:
    port = free_port()
    spec = broker_spec(port)
    async with running(spec.argv, {}, cores=cores.others, log=logs / "broker.log") as broker:
        while not await _answers(port):
            if broker.ended:
                raise BtrackerError(f"The embedded broker ended: {broker.last_words}")
            await asyncio.sleep(LOOK_EVERY_S)
        yield f"{HOST}:{port}"


async def _answers(port: int) -> bool:
    """Return whether a Kafka answers there; aiokafka would log that nobody listens yet."""
    try:
        _, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return False
    writer.close()
    return await kafka_answers(f"{HOST}:{port}")


async def _lay_out(kafka: str, waiting: Backlog) -> None:
    """Create all topics and put the backlog on them."""
    changelogs = [changelog_of(name, EVENTS, row) for name, row in ROWS.items()]
    wanted: list[Topic] = [*CATALOGUE, *changelogs]
    await topics.create(kafka, partitions=waiting.plan.partitions, topics=wanted)
    async with AIOKafkaProducer(
        bootstrap_servers=kafka, acks="all", max_batch_size=BATCH_BYTES
    ) as producer:
        for partition, records in enumerate(waiting.partitions):
            await _put(producer, partition, records)


async def _put(
    producer: AIOKafkaProducer, partition: int, records: Sequence[tuple[bytes, bytes]]
) -> None:
    batch = producer.create_batch()
    for key, value in records:
        if batch.append(key=key, value=value, timestamp=None) is None:
            await (await producer.send_batch(batch, EVENTS.name, partition=partition))
            batch = producer.create_batch()
            batch.append(key=key, value=value, timestamp=None)
    await (await producer.send_batch(batch, EVENTS.name, partition=partition))


async def _ours(kafka: str) -> list[str]:
    """Return the topics there that are Btracker's, or a contestant's."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        return [name for name in await admin.list_topics() if name.startswith("btracker")]
    finally:
        await admin.close()


async def _clear(kafka: str) -> None:
    """Delete what a run has left, and wait until it is gone."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        await admin.delete_topics(await _ours(kafka))
        while True:
            if not await _ours(kafka):
                return
            await asyncio.sleep(LOOK_EVERY_S)
    finally:
        await admin.close()
