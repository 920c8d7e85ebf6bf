"""The course that contestants run: a Kafka with nothing on it but a made-up market."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from btracker.bench.pipeline.machinery import Cores, running
from btracker.bench.pipeline.market import Plan, Told, market
from btracker.bench.pipeline.truth import State, expected
from btracker.embedded import HOST, broker_spec, free_port, kafka_answers
from domain.errors import BtrackerError, UsageError
from schemas.chain_events import Trade
from schemas.event import OnChain
from schemas.kafka import Kafka
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


Records = Sequence[Sequence[tuple[bytes, bytes]]]
"""Keys and values, by partition."""


class Backlog(NamedTuple):
    """A market as records of events, and the state it has to end in.

    ``launches`` are for warming up, ``trades`` (with balances and clocks) are what is measured.
    """

    plan: Plan
    launches: Records
    trades: Records
    state: State

    @property
    def middle(self) -> list[int]:
        """The next offset of each partition after the launches."""
        return [len(some) for some in self.launches]

    @property
    def ends(self) -> list[int]:
        """The next offset of each partition after everything."""
        return [start + len(some) for start, some in zip(self.middle, self.trades, strict=True)]


def backlog(plan: Plan) -> Backlog:
    """Return the records of a market."""
    told = list(market(plan))
    first = next(number for number, one in enumerate(told) if _is_trade(one))
    launches, trades = _spread(told[:first], plan), _spread(told[first:], plan)
    return Backlog(plan, launches, trades, expected(told))


def _is_trade(told: Told) -> bool:
    return isinstance(told.event, OnChain) and isinstance(told.event.event, Trade)


def _spread(told: Iterable[Told], plan: Plan) -> Records:
    """Return records spread over the partitions as the decoder spreads them."""
    count = plan.partitions
    partitions: list[list[tuple[bytes, bytes]]] = [[] for _ in range(count)]
    for mint, event in told:
        value = msgspec.json.encode(event)
        key = CLOCK if mint is None else mint.encode()
        for partition in range(count) if mint is None else (partition_of(key, count),):
            partitions[partition].append((key, value))
    return partitions


@asynccontextmanager
async def course(
    waiting: Backlog, *, kafka: Kafka | None, cores: Cores, logs: Path
) -> AsyncIterator[Kafka]:
    """Give a Kafka with all topics and the launches; None: the embedded broker.

    Raises:
        UsageError: the Kafka has topics of Btracker already.
    """
    async with ground(kafka, cores=cores, logs=logs) as broker:
        await _lay_out(broker, waiting)
        yield broker


@asynccontextmanager
async def ground(kafka: Kafka | None, *, cores: Cores, logs: Path) -> AsyncIterator[Kafka]:
    """Give a Kafka without any topic; None: the embedded broker.

    Raises:
        UsageError: the Kafka has topics of Btracker already.
    """
    if kafka is None:
        async with _embedded(cores, logs) as broker:
            yield broker
        return
    async with vacant(kafka):
        yield kafka


@asynccontextmanager
async def vacant(kafka: Kafka) -> AsyncIterator[None]:
    """Make sure that a Kafka has no topics of Btracker, and leave it so.

    Raises:
        UsageError: it has.
    """
    if await _ours(kafka):
        raise UsageError(
            f"The Kafka at {kafka} holds topics of Btracker, which a measurement would mix with "
            "its own; name one without, or leave --kafka out."
        )
    try:
        yield
    finally:
        await _clear(kafka)


@asynccontextmanager
async def _embedded(cores: Cores, logs: Path) -> AsyncIterator[Kafka]:
    port = free_port()
    spec = broker_spec(port)
    async with running(spec.argv, {}, cores=cores.others, log=logs / "broker.log") as broker:
        while not await _answers(port):
            if broker.ended:
                raise BtrackerError(f"The embedded broker ended: {broker.last_words}")
            await asyncio.sleep(LOOK_EVERY_S)
        yield Kafka(f"{HOST}:{port}")


async def _answers(port: int) -> bool:
    """Return whether a Kafka answers there; aiokafka would log that nobody listens yet."""
    try:
        _, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return False
    writer.close()
    return await kafka_answers(Kafka(f"{HOST}:{port}"))


async def _lay_out(kafka: Kafka, waiting: Backlog) -> None:
    """Create all topics and put the launches on them."""
    changelogs = [changelog_of(name, EVENTS, row) for name, row in ROWS.items()]
    wanted: list[Topic] = [*CATALOGUE, *changelogs]
    await topics.create(kafka, partitions=waiting.plan.partitions, topics=wanted)
    await load(kafka, waiting.launches)


async def load(kafka: Kafka, records: Records) -> None:
    """Put records on the topic of events."""
    async with AIOKafkaProducer(
        **kafka.options, acks="all", max_batch_size=BATCH_BYTES
    ) as producer:
        for partition, some in enumerate(records):
            await _put(producer, partition, some)


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


async def _ours(kafka: Kafka) -> list[str]:
    """Return the topics there that are Btracker's, or a contestant's."""
    admin = AIOKafkaAdminClient(**kafka.options)
    await admin.start()
    try:
        return [name for name in await admin.list_topics() if "btracker" in name]
    finally:
        await admin.close()


async def _clear(kafka: Kafka) -> None:
    """Delete what a run has left, and wait until it is gone."""
    admin = AIOKafkaAdminClient(**kafka.options)
    await admin.start()
    try:
        await admin.delete_topics(await _ours(kafka))
        while True:
            if not await _ours(kafka):
                return
            await asyncio.sleep(LOOK_EVERY_S)
    finally:
        await admin.close()
