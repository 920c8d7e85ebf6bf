"""Warm starts: rows come from the checkpoint, the rest from the changelog, and nothing is wrong."""

import asyncio
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from prometheus_client import REGISTRY

from schemas.topics import CATALOGUE, EVENTS, RAW_CHAIN, TOPICS_CREATED
from streams import epochs, topics
from streams.app import River
from streams.changelogs import ChangelogReader
from streams.settings import StreamSettings
from tests.brokers import Broker, on_kafka
from tests.e2e.river.numbers import KEYS, Numbers, numbers, read_until, recount
from tests.e2e.river.rows import ENDS, SUMS, Sum
from tests.workers import Reader, RunningWorker, send, until

pytestmark = [pytest.mark.slow, on_kafka]

SUMMING = "tests.e2e.river.summing"
RECOVERED = "btracker_recovered_records_total"
OFTEN_S = "0.05"
PARTITIONS = 4


@pytest.fixture
async def river(broker: Broker) -> Broker:
    """Give a broker with all topics, those of the summing agents too."""
    changelogs = (SUMS, ENDS)
    await topics.create(broker.kafka, partitions=PARTITIONS, topics=(*CATALOGUE, *changelogs))
    return broker


def worker(river: Broker, folder: Path, *, every_s: str = OFTEN_S, **more: str) -> RunningWorker:
    """Return a worker with checkpoints in *folder*."""
    told = {"BTRACKER_TABLES": str(folder), "BTRACKER_TABLES_EVERY_S": every_s}
    return RunningWorker(river, SUMMING, **told, **more)


def ones() -> Numbers:
    """Return the number 1 for each key: the sum it is added to shows what was there before."""
    return [(f"k{key}", b"1") for key in range(KEYS)]


async def test_a_warm_start_reads_only_the_rest(river: Broker, tmp_path: Path) -> None:
    """What was written after the last checkpoint is all that is read from the changelog."""
    sent = numbers(30_000, seed=1)
    await send(river, RAW_CHAIN.name, sent)
    async with Reader(river, EVENTS.name) as reader:
        with worker(river, tmp_path) as first:
            await read_until(reader, recount(sent))

            assert 0 == first.stop()
        # No checkpoint is written while these are summed, and there is no time for one at the end.
        with worker(river, tmp_path, every_s="600") as second:
            await send(river, RAW_CHAIN.name, ones())
            await read_until(reader, recount(sent + ones()))

            assert KEYS == second.count(RECOVERED, table="sums", source="checkpoint")
            assert 0 == second.count(RECOVERED, table="sums", source="changelog")
            second.kill()
        with worker(river, tmp_path) as third:
            await send(river, RAW_CHAIN.name, ones())
            await read_until(reader, recount(sent + ones() + ones()))

            assert KEYS == third.count(RECOVERED, table="sums", source="checkpoint")
            assert KEYS == third.count(RECOVERED, table="sums", source="changelog")


async def rows(river: Broker, table: str, folder: Path | None) -> Mapping[int, Mapping[str, Any]]:
    """Return all rows of a table as a starting worker has them, with and without checkpoints."""
    app = River()
    app.use(StreamSettings(kafka=river.address, tables=folder))
    rows = app.table(table, source=RAW_CHAIN, value=Sum)
    app.finalize()
    app._epochs = await epochs.known(river.kafka)
    places = {TopicPartition(rows.topic.name, number): rows for number in range(PARTITIONS)}
    async with ChangelogReader(app.settings) as reader:
        ends = await reader.ends(list(places))
        for place in places:
            source = RAW_CHAIN.name, place.partition
            await app.checkpoints.load(source, [rows], {rows.topic.name: ends[place]})
            rows.hold(place.partition)
        await reader.catch_up(places, ends)
    await app.checkpoints.on_stop()
    return {number: dict(rows.of(number)) for number in range(PARTITIONS)}


def loaded() -> float | None:
    """Return how many rows this process has loaded from checkpoints."""
    return REGISTRY.get_sample_value(RECOVERED, {"table": "sums", "source": "checkpoint"})


async def test_warm_rows_are_cold_rows(river: Broker, tmp_path: Path) -> None:
    """Row for row, after a worker that was killed while it summed and wrote checkpoints."""
    await send(river, RAW_CHAIN.name, numbers(1_000, seed=2))
    async with Reader(river, EVENTS.name) as reader:
        with worker(river, tmp_path) as killed:
            until(lambda: killed.count("btracker_checkpoint_written_rows_total") > 0)
            await send(river, RAW_CHAIN.name, numbers(30_000, seed=3))
            await reader.until_count(3 * KEYS)
            killed.kill()
    cold = await rows(river, "sums", None)

    assert not loaded()
    assert any(cold.values())
    assert cold == await rows(river, "sums", tmp_path)
    assert loaded()


async def test_kills_while_checkpoints_are_written_change_no_sum(
    river: Broker, tmp_path: Path
) -> None:
    """Again and again, wherever in its work: the last worker ends with the sums of all numbers."""
    dice, sent = random.Random(3), list[tuple[str, bytes]]()
    async with Reader(river, EVENTS.name) as reader:
        for turn in range(5):
            with worker(river, tmp_path, every_s="0.001") as killed:
                more = numbers(5_000, seed=10 + turn)
                sent += more
                await send(river, RAW_CHAIN.name, more)
                await reader.until_count(len(reader.records) + dice.randint(1, KEYS))
                killed.kill()
        with worker(river, tmp_path) as last:
            await read_until(reader, recount(sent))
            await send(river, RAW_CHAIN.name, ones())
            await read_until(reader, recount(sent + ones()))

            assert last.count(RECOVERED, table="sums", source="checkpoint") > 0
            assert 0 == last.stop()


def flip_bits(folder: Path) -> None:
    """Damage each file of rows in one place."""
    for file in folder.glob("*/*.sst"):
        data = bytearray(file.read_bytes())
        data[len(data) // 3] ^= 4
        file.write_bytes(data)


async def test_a_damaged_checkpoint_is_made_anew(river: Broker, tmp_path: Path) -> None:
    """A flipped bit: the worker says so, reads the changelog, and the next start is warm again."""
    sent = numbers(5_000, seed=4)
    await send(river, RAW_CHAIN.name, sent)
    async with Reader(river, EVENTS.name) as reader:
        with worker(river, tmp_path) as first:
            await read_until(reader, recount(sent))

            assert 0 == first.stop()
        flip_bits(tmp_path)
        with worker(river, tmp_path) as second:
            await send(river, RAW_CHAIN.name, ones())
            await read_until(reader, recount(sent + ones()))

            assert "is damaged and made anew" in second.output()
            assert second.count(RECOVERED, table="sums", source="changelog") >= KEYS
            assert 0 == second.stop()
        with worker(river, tmp_path) as third:
            until(lambda: third.count(RECOVERED, table="sums", source="checkpoint") >= KEYS)
            await send(river, RAW_CHAIN.name, ones())
            await read_until(reader, recount(sent + ones() + ones()))

            assert 0 == third.count(RECOVERED, table="sums", source="changelog")


async def test_rows_of_topics_that_are_gone_are_not_used(river: Broker, tmp_path: Path) -> None:
    """Topics created anew begin with nothing, whatever is in the folder."""
    before, after = numbers(5_000, seed=5), numbers(500, seed=6)
    await send(river, RAW_CHAIN.name, before)
    async with Reader(river, EVENTS.name) as reader:
        with worker(river, tmp_path) as first:
            await read_until(reader, recount(before))

            assert 0 == first.stop()
    await recreate(river)
    await send(river, RAW_CHAIN.name, after)
    async with Reader(river, EVENTS.name) as reader:
        with worker(river, tmp_path) as second:
            await read_until(reader, recount(after))

            assert "their topics have been created anew" in second.output()
            assert 0 == second.count(RECOVERED, source="checkpoint")


async def recreate(river: Broker) -> None:
    """Delete all topics but the register of them, with what was committed; create them anew."""
    changelogs = (SUMS, ENDS)
    names = [topic.name for topic in (*CATALOGUE, *changelogs) if topic is not TOPICS_CREATED]
    admin = AIOKafkaAdminClient(**river.kafka.options)
    await admin.start()
    try:
        await admin.delete_topics(names)
        for _ in range(300):
            if not set(names) & set(await admin.list_topics()):
                break
            await asyncio.sleep(0.1)
    finally:
        await admin.close()
    await topics.create(river.kafka, partitions=PARTITIONS, topics=(*CATALOGUE, *changelogs))


async def test_a_second_worker_on_the_folder_does_not_start(river: Broker, tmp_path: Path) -> None:
    """It says in one sentence why, and leaves the first alone."""
    with worker(river, tmp_path) as first, worker(river, tmp_path) as second:
        both = (first, second)
        until(lambda: any(one.process.poll() is not None for one in both))

        assert [1] == [one.wait() for one in both if one.process.poll() is not None]
        said = first.output() + second.output()
        assert "are in use by another worker; give each a folder of its own" in said
