"""Recovery has every row and skips no record; Faust's own, put back, does not."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

import pytest
from aiokafka import AIOKafkaProducer

from schemas.topics import EVENTS, RAW_CHAIN
from streams.partitioner import partition_of
from tests.brokers import Broker, on_kafka
from tests.e2e.hazards.ground import OURS, PARTITIONS, STRIPPED, Group, lay
from tests.e2e.river.numbers import KEYS, numbers, read_until, recount
from tests.e2e.river.rows import SUMS
from tests.workers import PATIENCE_S, Reader, RunningWorker, send, until

pytestmark = [pytest.mark.slow, on_kafka]

EARLY, LATE = numbers(200_000, seed=1), numbers(2_000, seed=2)
UNFENCED = {"BTRACKER_FENCING": "false"}
"""A fence leaves a marker at the end of each changelog, where the stock recovery never arrives."""
STOCK = {"STOCK": "recovery", **UNFENCED}
NEVER_S = 12.0
"""Ours takes a moment when it has read all there is."""


@pytest.fixture
async def river(broker: Broker) -> Broker:
    """Give a broker with all topics, those of the small agents too."""
    await lay(broker)
    return broker


async def end_in_a_marker(broker: Broker) -> None:
    """Leave a changelog whose last offset holds the marker of a transaction."""
    producer = AIOKafkaProducer(**broker.kafka.options, transactional_id=str(uuid.uuid4()))
    async with producer, producer.transaction():
        partition = partition_of(b"k", PARTITIONS)
        await producer.send(SUMS.name, b"[41,7,-1]", key=b"k", partition=partition)
    await send(broker, RAW_CHAIN.name, [("k", b"1")])


async def test_recovery_ends_where_the_last_offset_holds_no_record(river: Broker) -> None:
    """A changelog whose last offset is a transaction's marker is read to its end all the same."""
    await end_in_a_marker(river)
    async with Reader(river, EVENTS.name) as reader:
        with RunningWorker(river, STRIPPED):
            await read_until(reader, {"k": (42, 8)})


async def hold_an_unreadable_row(broker: Broker) -> None:
    """Leave a changelog with a row that cannot be read."""
    await send(broker, SUMS.name, [("k", b"[1,1,")], partition=partition_of(b"k", PARTITIONS))
    await send(broker, RAW_CHAIN.name, [("k", b"1")])


@pytest.mark.parametrize("lay_out", [end_in_a_marker, hold_an_unreadable_row])
async def test_the_stock_recovery_never_ends(
    river: Broker, lay_out: Callable[[Broker], Awaitable[None]]
) -> None:
    """It has got all there is, waits for more, and does not say so.

    Ours end at the marker: see above; and stop at the row: see ``test_streams_faults.py``.
    """
    await lay_out(river)
    async with Reader(river, EVENTS.name) as reader, Group(river, OURS) as group:
        with RunningWorker(river, STRIPPED, **STOCK) as worker:
            await asyncio.to_thread(until, partial(has, worker, SUMS.name))
            with pytest.raises(TimeoutError):
                await something(reader)

            assert worker.process.poll() is None
            assert [0] * PARTITIONS == await group.committed()


async def something(reader: Reader) -> None:
    """Return when there is a record, in a time in which a recovery would end many times."""
    async with asyncio.timeout(NEVER_S):
        while not await reader.more():
            pass


@asynccontextmanager
async def a_join(broker: Broker, **environment: str) -> AsyncIterator[tuple[Reader, Group]]:
    """Let a worker join another one that has much to do, and more to come."""
    busy = UNFENCED | {"CHUNK_S": "0.05", "SEEK_S": "0.3"} | environment
    await send(broker, RAW_CHAIN.name, EARLY)
    async with Reader(broker, EVENTS.name) as reader, Group(broker, OURS) as group:
        with RunningWorker(broker, STRIPPED, **busy):
            await reader.until_count(KEYS)
            with RunningWorker(broker, STRIPPED, **busy) as second:
                await asyncio.to_thread(until, partial(has, second, RAW_CHAIN.name))
                await send(broker, RAW_CHAIN.name, LATE)
                yield reader, group


def has(worker: RunningWorker, topic: str) -> bool:
    """Whether *worker* has got partitions of *topic*, and records of them."""
    labels = {"topic": topic, "outcome": "delivered"}
    return worker.count("btracker_stream_records_total", **labels) > 0


def counted(reader: Reader) -> list[int]:
    """Return how many numbers of each partition were counted, by its newest sums."""
    counts = {(r.partition, r.key): json.loads(r.value)[1] for r in reader.records}
    return [
        sum(count for (place, _), count in counts.items() if place == partition)
        for partition in range(PARTITIONS)
    ]


async def test_a_join_in_the_middle_of_work_skips_nothing(river: Broker) -> None:
    """The loop is late after a seek, as in the next test: each number is counted."""
    async with a_join(river) as (reader, group):
        await read_until(reader, recount(EARLY + LATE))
        await group.until(len(EARLY + LATE))

        assert counted(reader) == await group.committed()


async def test_the_stock_recovery_skips_what_came_since_its_seek(river: Broker) -> None:
    """It empties the queues after it; what is behind is committed with what comes after.

    That moment lasts some milliseconds, and one join in eight or so met it. Here the loop comes
    back from the seek 0.3 s later.
    """
    async with a_join(river, STOCK="recovery") as (reader, group), asyncio.timeout(PATIENCE_S):
        lost = False
        while not lost:
            done = await group.committed()
            while await reader.more():
                pass
            lost = any(before > after for before, after in zip(done, counted(reader), strict=True))
