"""A worker whose rows take too much memory waits: it loses nothing, and others can relieve it."""

import pytest

from schemas.topics import CATALOGUE, EVENTS, RAW_CHAIN
from streams import topics
from tests.brokers import Broker, on_kafka
from tests.e2e.river.numbers import read_until, recount
from tests.e2e.river.rows import ENDS, SUMS
from tests.workers import Reader, RunningWorker, send, until

pytestmark = [pytest.mark.slow, on_kafka]

SUMMING = "tests.e2e.river.summing"
DELIVERED = "btracker_stream_records_total"


@pytest.fixture
async def river(broker: Broker) -> Broker:
    """Give a broker with all topics, those of the summing agents too."""
    changelogs = (SUMS, ENDS)
    await topics.create(broker.kafka, partitions=4, topics=(*CATALOGUE, *changelogs))
    return broker


def taken(worker: RunningWorker) -> float:
    """Return how many numbers a worker has taken."""
    return worker.count(DELIVERED, topic=RAW_CHAIN.name, outcome="delivered")


async def test_a_full_worker_takes_nothing_new_and_gives_way(river: Broker) -> None:
    """It stays in the group and says why it waits; another one takes over, and all is summed."""
    many = [(f"key-{number}", b"1") for number in range(20_000)]
    more = [(f"more-{number}", b"1") for number in range(1_000)]
    await send(river, RAW_CHAIN.name, many)
    async with Reader(river, EVENTS.name) as reader:
        with RunningWorker(river, SUMMING, BTRACKER_ROWS_MB="1") as full:
            await read_until(reader, recount(many))
            until(lambda: full.count("btracker_tables_full") == 1)
            await send(river, RAW_CHAIN.name, more)
            with RunningWorker(river, SUMMING) as other:
                assert "nothing new is taken until other workers" in full.output()
                assert 0 == full.stop()
                await read_until(reader, recount(many + more))

                # What was on its way when it was full may have gone to the first.
                assert taken(other) <= len(more)
