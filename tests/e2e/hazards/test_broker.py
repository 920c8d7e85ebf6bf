"""What happens to a broker and its workers in production, on Apache Kafka: no number is lost."""

import asyncio
from contextlib import ExitStack
from subprocess import TimeoutExpired

import pytest

from schemas.topics import EVENTS, RAW_CHAIN
from tests.brokers import Broker, on_kafka
from tests.e2e.hazards.ground import SETTLE_S, STRIPPED, kept, lay
from tests.e2e.river.numbers import KEYS, numbers, read_until, recount
from tests.e2e.river.rows import SUMS
from tests.kafka.server import KafkaServer
from tests.workers import Reader, RunningWorker, send

pytestmark = [pytest.mark.slow, on_kafka]

SUMMING = "tests.e2e.river.summing"
SOON = {"BTRACKER_REQUEST_TIMEOUT_S": "6"}
"""No longer than a session, and over before the broker is back."""
AWAY_S = 7.0


@pytest.fixture
async def river(broker: Broker) -> Broker:
    """Give a broker with all topics, those of the small agents too."""
    await lay(broker)
    return broker


@pytest.mark.parametrize(
    ("stall_s", "timeout_s"), [(1, 8), (12, 8), (60, 30)], ids=["short", "session", "minute"]
)
async def test_a_broker_that_stalls_loses_nothing(
    river: Broker, stall_s: int, timeout_s: int
) -> None:
    """For a moment, or for longer than sessions and writes may take (which ends the worker).

    Plain Faust loses what it has buffered when it is killed then: see ``test_acknowledged.py``.
    """
    early, late = numbers(30_000, seed=1), numbers(5_000, seed=2)
    await send(river, RAW_CHAIN.name, early)
    waits = {"BTRACKER_REQUEST_TIMEOUT_S": str(timeout_s)}
    async with Reader(river, EVENTS.name) as reader, kept(river, SUMMING, **waits):
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
    """Three times, once for longer than a write waits; the log it keeps is all the state there is.

    Plain Faust logs that a write has failed, and commits what caused it if it lives so long: it
    lost numbers in most runs, not in all, so nothing is asked of it here.
    """
    parts = [numbers(10_000, seed=seed) for seed in (4, 5, 6)]
    sent = list(parts[0])
    await send(river, RAW_CHAIN.name, sent)
    async with kept(river, SUMMING, **SOON):
        for part, away_s in zip((*parts[1:], []), (AWAY_S, 0, 0), strict=True):
            await until_it_works(river)
            river.kill()
            await asyncio.sleep(away_s)
            river.start()
            await send(river, RAW_CHAIN.name, part)
            sent += part
        async with Reader(river, EVENTS.name) as reader:
            await read_until(reader, recount(sent), SETTLE_S)


async def test_a_broker_whose_disk_is_full_loses_nothing(river: Broker) -> None:
    """It ends by itself; started again with room, the work goes on where it was.

    Of plain Faust nothing is asked, as where a broker is killed.
    """
    server = river.server
    assert isinstance(server, KafkaServer)
    sent = numbers(30_000, seed=7)
    await send(river, RAW_CHAIN.name, sent)
    async with kept(river, SUMMING, **SOON):
        await until_it_works(river)
        server.fill_disk()
        await asyncio.to_thread(server.wait)
        river.kill()
        await asyncio.sleep(AWAY_S)
        river.start()
        async with Reader(river, EVENTS.name) as reader:
            await read_until(reader, recount(sent), SETTLE_S)


async def until_it_works(broker: Broker) -> None:
    """Return when a worker has written some of it."""
    async with Reader(broker, EVENTS.name) as reader:
        await reader.until_count(KEYS)


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


async def test_only_the_timer_of_ours_ends_a_worker_whose_broker_is_gone(river: Broker) -> None:
    """Without it SIGTERM is not enough. With it: see ``test_streams_faults.py``."""
    await send(river, RAW_CHAIN.name, [("k", b"1")])
    with RunningWorker(river, STRIPPED, STOCK="stop") as worker:
        async with Reader(river, EVENTS.name) as events:
            await events.until({"k": [1, 1, 0]})
        river.kill()
        with pytest.raises(TimeoutExpired):
            worker.stop(within_s=16)
