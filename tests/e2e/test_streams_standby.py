"""Standby workers: rows of partitions are kept ready, and taken over without reading them anew."""

import asyncio

import pytest

from schemas.topics import CATALOGUE, EVENTS, RAW_CHAIN
from streams import topics
from tests.brokers import Broker, on_kafka
from tests.e2e.river.numbers import KEYS, numbers, read_until, recount
from tests.e2e.river.rows import ENDS, SUMS
from tests.workers import Reader, RunningWorker, send, until

pytestmark = [pytest.mark.slow, on_kafka]

SUMMING = "tests.e2e.river.summing"
RECOVERED = "btracker_recovered_records_total"
ONES = [(f"k{key}", b"1") for key in range(KEYS)]


@pytest.fixture
async def river(broker: Broker) -> Broker:
    """Give a broker with all topics, those of the summing agents too."""
    changelogs = (SUMS, ENDS)
    await topics.create(broker.kafka, partitions=4, topics=(*CATALOGUE, *changelogs))
    return broker


def worker(river: Broker) -> RunningWorker:
    """Return a worker that keeps the rows of others."""
    return RunningWorker(river, SUMMING, BTRACKER_STANDBY_REPLICAS="1")


def until_warm(worker: RunningWorker) -> None:
    """Return when a worker has all rows of others."""
    until(lambda: worker.count(RECOVERED, table="sums", source="standby") > 0)
    until(lambda: worker.count("btracker_standby_lag_records") == 0)


async def test_a_death_is_taken_over_without_reading_rows_anew(river: Broker) -> None:
    """The survivor has the rows already: it reads nothing but what it had not seen yet."""
    parts = [numbers(5_000, seed=seed) for seed in (1, 2, 3)]
    async with Reader(river, EVENTS.name) as reader:
        with worker(river) as first:
            await send(river, RAW_CHAIN.name, parts[0])
            await read_until(reader, recount(parts[0]))
            with worker(river) as second:
                until_warm(second)
                await send(river, RAW_CHAIN.name, parts[1])
                await read_until(reader, recount(parts[0] + parts[1]))
                until_warm(first)
                until_warm(second)
                read = second.count(RECOVERED, table="sums", source="changelog")
                first.kill()
                await send(river, RAW_CHAIN.name, [*parts[2], *ONES])
                await read_until(reader, recount([*parts[0], *parts[1], *parts[2], *ONES]))

                assert read == second.count(RECOVERED, table="sums", source="changelog")
                assert 0 == second.stop()


async def test_rows_go_back_and_forth(river: Broker) -> None:
    """Taken over and given back under load, by deaths and joins: no number is lost or doubled."""
    sent = numbers(2_000, seed=4)
    await send(river, RAW_CHAIN.name, sent)
    async with Reader(river, EVENTS.name) as reader:
        workers = [worker(river), worker(river)]
        try:
            for turn in range(4):
                await read_until(reader, recount(sent))
                more = numbers(3_000, seed=5 + turn)
                sending = asyncio.create_task(send(river, RAW_CHAIN.name, more))
                dying = workers.pop(0)
                dying.kill()
                dying.__exit__(None)
                workers.append(worker(river))
                await sending
                sent += more
            await read_until(reader, recount(sent))
        finally:
            for one in workers:
                one.__exit__(None)


async def test_a_standby_stops_at_what_it_cannot_read(river: Broker) -> None:
    """It would take over with a row missing, and nobody would know."""
    sent = numbers(1_000, seed=9)
    await send(river, RAW_CHAIN.name, sent)
    async with Reader(river, EVENTS.name) as reader:
        with worker(river):
            await read_until(reader, recount(sent))
            with worker(river) as second:
                until_warm(second)
                for partition in range(4):
                    await send(river, SUMS.name, [("k", b"[1,")], partition=partition)

                assert second.wait() not in {0, None}
                assert f"the changelog {SUMS.name} cannot be read" in second.output()
