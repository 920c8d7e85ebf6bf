"""State survives: kill -9, recovery, rebalance, redelivery."""

import pytest

from schemas.topics import CATALOGUE, EVENTS, RAW_CHAIN
from streams import topics
from tests.brokers import Broker, on_both_brokers
from tests.e2e.river.numbers import KEYS, numbers, read_until, recount
from tests.e2e.river.rows import ENDS, SUMS
from tests.workers import Reader, RunningWorker, send

pytestmark = pytest.mark.slow

SUMMING = "tests.e2e.river.summing"


@pytest.fixture
async def river(broker: Broker) -> Broker:
    """Give a broker with all topics, those of the summing agents too."""
    changelogs = (SUMS, ENDS)
    await topics.create(broker.kafka, partitions=4, topics=(*CATALOGUE, *changelogs))
    return broker


@on_both_brokers
async def test_kill_and_recover_gives_the_same_table(river: Broker) -> None:
    """A worker killed mid-way and started anew ends with exactly the sums of all numbers."""
    first, second = numbers(20_000, seed=1), numbers(20_000, seed=2)
    await send(river, RAW_CHAIN.name, first)
    async with Reader(river, EVENTS.name) as reader:
        with RunningWorker(river, SUMMING) as worker:
            await reader.until_count(KEYS // 2)
            worker.kill()
        await send(river, RAW_CHAIN.name, second)
        with RunningWorker(river, SUMMING) as worker:
            await read_until(reader, recount(first + second))

            assert 0 == worker.stop()
    async with Reader(river, SUMS.name) as changelog:
        await read_until(changelog, recount(first + second))


@on_both_brokers
async def test_recovered_rows_are_those_of_the_changelog(river: Broker) -> None:
    """After a restart the next number is added to the recovered sum, for every key."""
    sent = numbers(5_000, seed=3)
    await send(river, RAW_CHAIN.name, sent)
    async with Reader(river, EVENTS.name) as reader:
        with RunningWorker(river, SUMMING) as worker:
            await read_until(reader, recount(sent))
            worker.kill()
        more = [(key, b"1") for key in recount(sent)]
        await send(river, RAW_CHAIN.name, more)
        with RunningWorker(river, SUMMING):
            await read_until(reader, recount(sent + more))


@on_both_brokers
async def test_a_second_worker_and_the_death_of_the_first_change_nothing(river: Broker) -> None:
    """Partitions that move, by a join and by a death, carry their rows with them."""
    parts = [numbers(5_000, seed=seed) for seed in (4, 5, 6)]
    async with Reader(river, EVENTS.name) as reader:
        with RunningWorker(river, SUMMING) as first:
            await send(river, RAW_CHAIN.name, parts[0])
            await read_until(reader, recount(parts[0]))
            with RunningWorker(river, SUMMING) as second:
                await send(river, RAW_CHAIN.name, parts[1])
                await read_until(reader, recount(parts[0] + parts[1]))
                first.kill()
                await send(river, RAW_CHAIN.name, parts[2])
                await read_until(reader, recount(parts[0] + parts[1] + parts[2]))

                assert 0 == second.stop()
