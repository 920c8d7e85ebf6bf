"""What happens around an assignment: no record is passed over, nobody drops out of the group."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas.topics import CATALOGUE, EVENTS, RAW_CHAIN
from streams import topics
from streams.app import River
from streams.settings import EMBEDDED, StreamSettings
from streams.transport import ChunkConsumerThread
from tests.brokers import Broker, on_both_brokers, on_kafka
from tests.e2e.river.numbers import numbers, read_until, recount
from tests.e2e.river.rows import ENDS, SUMS
from tests.workers import Reader, RunningWorker, send

pytestmark = pytest.mark.slow

SLOW, SUMMING = "tests.e2e.river.slow", "tests.e2e.river.summing"


@pytest.fixture
async def river(broker: Broker) -> Broker:
    """Give a broker with all topics, those of the summing agents too."""
    changelogs = (SUMS, ENDS)
    await topics.create(broker.kafka, partitions=4, topics=(*CATALOGUE, *changelogs))
    return broker


@asynccontextmanager
async def joined(river: Broker) -> AsyncIterator[tuple[ChunkConsumerThread, AIOKafkaConsumer]]:
    """Give the consumer of a worker, and the thread that has it, on this test's own loop."""
    app = River()
    app.use(StreamSettings(kafka=river.address, **EMBEDDED))
    app.finalize()
    thread = app.consumer._thread
    thread._consumer = thread._create_worker_consumer(app.transport)
    try:
        async with thread._consumer as consumer:
            yield thread, consumer
    finally:
        thread.thread_loop.close()


async def fetch(consumer: AIOKafkaConsumer, count: int) -> set[tuple[TopicPartition, int]]:
    """Return where the next *count* records stand."""
    found = set[tuple[TopicPartition, int]]()
    while len(found) < count:
        for place, records in (await consumer.getmany(timeout_ms=200)).items():
            found |= {(place, record.offset) for record in records}
    return found


@on_both_brokers
async def test_what_was_fetched_and_dropped_is_fetched_again(river: Broker) -> None:
    """Though nothing was committed yet: the client's own seek stays behind it, and it is lost."""
    await send(river, RAW_CHAIN.name, numbers(100, seed=1))
    async with joined(river) as (thread, consumer):
        consumer.subscribe([RAW_CHAIN.name])
        dropped = await fetch(consumer, 100)
        await consumer.seek_to_committed()
        positions = [await consumer.position(place) for place in consumer.assignment()]
        await thread._seek_to_committed()

        assert 100 == sum(positions)
        assert dropped == await fetch(consumer, 100)


async def test_whoever_is_assigned_nothing_has_nowhere_to_seek(river: Broker) -> None:
    """The client's own seek fails, which ended workers that had no partitions in a rebalance."""
    async with joined(river) as (thread, consumer):
        with pytest.raises(AssertionError, match="No partitions"):
            await consumer.seek_to_committed()

        assert {} == await thread._seek_to_committed()


async def committed(river: Broker, group: str) -> int:
    """Return how many records of raw.chain a group has committed."""
    async with AIOKafkaConsumer(**river.kafka.options, group_id=group) as consumer:
        places = [TopicPartition(RAW_CHAIN.name, number) for number in range(4)]
        return sum([await consumer.committed(place) or 0 for place in places])


@on_kafka
async def test_fences_that_take_longer_than_a_session_cost_no_partitions(river: Broker) -> None:
    """A worker is heard of meanwhile; else the group goes on without it, and takes no commit."""
    sent = numbers(5_000, seed=2)
    await send(river, RAW_CHAIN.name, sent)
    async with Reader(river, EVENTS.name) as reader:
        with RunningWorker(river, SLOW) as worker:
            await read_until(reader, recount(sent))

            assert 0 == worker.stop()
    assert len(sent) == await committed(river, f"btracker.{SLOW}")


async def test_a_kafka_without_transactions_is_refused_with_the_remedy(river: Broker) -> None:
    """It answers the first fence with an unknown error, which says nothing to whoever reads it."""
    with RunningWorker(river, SUMMING, BTRACKER_FENCING="true") as worker:
        assert 0 != worker.wait()
        assert "BTRACKER_FENCING=false" in worker.output()
