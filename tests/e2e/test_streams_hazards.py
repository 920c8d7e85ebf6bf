"""What happens to a broker and its workers in production, on Apache Kafka: no number is lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager

import pytest

from schemas.topics import CATALOGUE, EVENTS, RAW_CHAIN
from streams import topics
from tests.brokers import Broker, on_kafka
from tests.e2e.river.numbers import KEYS, numbers, read_until, recount
from tests.e2e.river.rows import ENDS, SUMS
from tests.kafka.server import KafkaServer
from tests.workers import Reader, RunningWorker, send

pytestmark = [pytest.mark.slow, on_kafka]

SUMMING = "tests.e2e.river.summing"
SETTLE_S = 90.0


@pytest.fixture
async def river(broker: Broker) -> Broker:
    """Give a broker with all topics, those of the summing agents too."""
    changelogs = (SUMS, ENDS)
    await topics.create(broker.kafka, partitions=4, topics=(*CATALOGUE, *changelogs))
    return broker


@asynccontextmanager
async def kept(broker: Broker, **environment: str) -> AsyncIterator[None]:
    """Keep a worker running: start another when it ends, as a supervisor would."""

    async def keep() -> None:
        while True:
            with RunningWorker(broker, SUMMING, **environment) as worker:
                await asyncio.to_thread(worker.process.wait)

    keeper = asyncio.create_task(keep())
    try:
        yield
    finally:
        keeper.cancel()
        await asyncio.wait([keeper])


@pytest.mark.parametrize("stall_s", [1, 12])
async def test_a_broker_that_stalls_loses_nothing(river: Broker, stall_s: int) -> None:
    """For a moment, or for longer than sessions and writes may take (which ends the worker)."""
    early, late = numbers(30_000, seed=1), numbers(5_000, seed=2)
    await send(river, RAW_CHAIN.name, early)
    async with Reader(river, EVENTS.name) as reader, kept(river, BTRACKER_REQUEST_TIMEOUT_S="8"):
        await reader.until_count(KEYS)
        river.pause()
        await asyncio.sleep(stall_s)
        river.resume()
        await send(river, RAW_CHAIN.name, late)
        await read_until(reader, recount(early + late), SETTLE_S)


async def test_a_worker_killed_while_its_broker_stalls_loses_nothing(river: Broker) -> None:
    """Whatever it had handed over and not seen answered is delivered again, and counted once."""
    sent = numbers(40_000, seed=3)
    await send(river, RAW_CHAIN.name, sent)
    async with Reader(river, EVENTS.name) as reader:
        for count in (1, 20, 60):
            with RunningWorker(river, SUMMING) as worker:
                await reader.until_count(len(reader.records) + count)
                river.pause()
                await asyncio.sleep(0.3)
                worker.kill()
                river.resume()
        with RunningWorker(river, SUMMING):
            await read_until(reader, recount(sent), SETTLE_S)


async def test_a_broker_that_is_killed_and_comes_back_loses_nothing(river: Broker) -> None:
    """Three times, under load; the log it keeps is all the state there is."""
    parts = [numbers(10_000, seed=seed) for seed in (4, 5, 6)]
    sent = list(parts[0])
    await send(river, RAW_CHAIN.name, sent)
    async with kept(river):
        for part in (*parts[1:], []):
            async with Reader(river, EVENTS.name) as reader:
                await reader.until_count(KEYS)
            river.kill()
            river.start()
            await send(river, RAW_CHAIN.name, part)
            sent += part
        async with Reader(river, EVENTS.name) as reader:
            await read_until(reader, recount(sent), SETTLE_S)


async def test_a_broker_whose_disk_is_full_loses_nothing(river: Broker) -> None:
    """It ends by itself; started again with room, the work goes on where it was."""
    server = river.server
    assert isinstance(server, KafkaServer)
    sent = numbers(60_000, seed=7)
    await send(river, RAW_CHAIN.name, sent)
    async with kept(river):
        async with Reader(river, EVENTS.name) as reader:
            await reader.until_count(KEYS)
        server.fill_disk()
        await asyncio.to_thread(server.wait)
        river.kill()
        river.start()
        async with Reader(river, EVENTS.name) as reader:
            await read_until(reader, recount(sent), SETTLE_S)


async def test_workers_that_join_while_others_recover_lose_nothing(river: Broker) -> None:
    """Each join overtakes the recovery that the one before began."""
    parts = [numbers(5_000, seed=seed) for seed in (8, 9)]
    idle = [(f"idle{number}", b"[1,1,-1]") for number in range(100_000)]
    await send(river, SUMS.name, idle)
    await send(river, RAW_CHAIN.name, parts[0])
    async with Reader(river, EVENTS.name) as reader:
        with RunningWorker(river, SUMMING):
            await read_until(reader, recount(parts[0]))
        with ExitStack() as stack:
            workers = []
            for _ in range(4):
                workers.append(stack.enter_context(RunningWorker(river, SUMMING)))
                await asyncio.sleep(0.7)
            workers[1].kill()
            await send(river, RAW_CHAIN.name, parts[1])
            await read_until(reader, recount(parts[0] + parts[1]), SETTLE_S)
