"""Faults: poison is set aside, a fault of ours stops the worker, nothing is skipped."""

import pytest

from schemas.topics import CATALOGUE, DLQ_SUFFIX, EVENTS, RAW_CHAIN
from streams import topics
from streams.partitioner import partition_of
from tests.brokers import Broker, on_both_brokers
from tests.e2e.river.rows import ENDS, SUMS
from tests.workers import Reader, RunningWorker, send

pytestmark = [pytest.mark.slow, on_both_brokers]

SUMMING = "tests.e2e.river.summing"
DEAF = "tests.e2e.river.deaf"


@pytest.fixture
async def river(broker: Broker) -> Broker:
    """Give a broker with all topics, those of the summing agents too."""
    changelogs = (SUMS, ENDS)
    await topics.create(broker.kafka, partitions=4, topics=(*CATALOGUE, *changelogs))
    return broker


async def test_poison_becomes_a_dead_letter_and_the_rest_is_processed(river: Broker) -> None:
    """Unreadable values are in the dead letter topic as they came; the next one is counted."""
    poison = [b"", b"{", b'"text"', b"\xff", None]
    records = [("k", value) for value in (b"1", *poison, b"2")]
    await send(river, RAW_CHAIN.name, records, headers=[("bt_kind", b"confirmed")])
    async with (
        Reader(river, EVENTS.name) as events,
        Reader(river, RAW_CHAIN.name + DLQ_SUFFIX) as letters,
    ):
        with RunningWorker(river, SUMMING) as worker:
            await events.until({"k": [3, 2, 6]})
            await letters.until_count(len(poison))

            assert 0 == worker.stop()

    partition = partition_of(b"k", 4)

    assert poison == [letter.value for letter in letters.records]
    assert {b"k"} == {letter.key for letter in letters.records}
    assert {partition} == {letter.partition for letter in letters.records}
    for offset, letter in enumerate(letters.records, start=1):
        headers = dict(letter.headers)

        assert b"confirmed" == headers["bt_kind"]
        assert b"%d" % partition == headers["source_partition"]
        assert b"%d" % offset == headers["source_offset"]
        assert headers["error"].startswith(b"unreadable: ")


@pytest.mark.parametrize("bug", ["raise", "nowhere"])
async def test_a_fault_stops_the_worker_and_its_chunk_is_delivered_again(
    river: Broker, bug: str
) -> None:
    """An error in an agent, or a record that cannot be written, acknowledges nothing."""
    await send(river, RAW_CHAIN.name, [("good", b"1"), ("bad", b"2")])
    with RunningWorker(river, SUMMING, SUMMING_BUG=bug) as broken:
        assert broken.wait() not in {0, None}

    async with Reader(river, EVENTS.name) as events:
        with RunningWorker(river, SUMMING):
            await events.until({"good": [1, 1, 0], "bad": [2, 1, 0]})


async def test_a_worker_that_cannot_start_ends(river: Broker) -> None:
    """Also where it cannot stop either: whoever keeps it running has to see it go."""
    with RunningWorker(river, DEAF, BTRACKER_STOP_GRACE_S="2") as deaf:
        assert deaf.wait(within_s=40) not in {0, None}
        assert "a fault of ours" in deaf.output()


@pytest.mark.parametrize("position", ["middle", "last"])
async def test_an_unreadable_changelog_record_stops_the_worker(
    river: Broker, position: str
) -> None:
    """A row that cannot be read is never taken for a row that is not there."""
    partition = partition_of(b"k", 4)
    rows: list[tuple[str, bytes | None]] = [("a", b"[1,1,0]"), ("k", b"[1,1,"), ("b", b"[1,1,0]")]
    written = rows if position == "middle" else rows[:2]
    await send(river, SUMS.name, written, partition=partition)
    await send(river, RAW_CHAIN.name, [("k", b"1")])
    with RunningWorker(river, SUMMING) as worker:
        assert worker.wait() not in {0, None}
        assert f"the changelog {SUMS.name} cannot be read" in worker.output()
    async with Reader(river, EVENTS.name) as events:
        await events.more()

        assert [] == events.records


async def test_a_worker_stops_in_time_although_the_broker_is_gone(river: Broker) -> None:
    """SIGTERM ends a worker within ten seconds, whatever has become of its broker; no traceback."""
    await send(river, RAW_CHAIN.name, [("k", b"1")])
    with RunningWorker(river, SUMMING) as worker:
        async with Reader(river, EVENTS.name) as events:
            await events.until({"k": [1, 1, 0]})
        river.kill()
        worker.stop(within_s=10)
        assert "Exception in thread" not in worker.output()


async def test_a_worker_without_its_topics_says_what_to_do(broker: Broker) -> None:
    """Missing topics are one sentence with a remedy, and no worker."""
    with RunningWorker(broker, SUMMING) as worker:
        assert 0 != worker.wait()
        assert "run: btracker topics create" in worker.output()
