"""What is acknowledged is done: in order, written, without a fault; with plain Faust it is lost."""

import asyncio

import pytest

from schemas.topics import DLQ_SUFFIX, EVENTS, RAW_CHAIN
from streams import topics
from tests.brokers import Broker, on_kafka
from tests.e2e.hazards.ground import Group, PlainWorker, lay, values
from tests.e2e.hazards.plain import GROUP as PLAIN
from tests.e2e.hazards.plain import MANY, PASSED
from tests.workers import PATIENCE_S, Reader, RunningWorker, send

pytestmark = [pytest.mark.slow, on_kafka]

SUMMING = "tests.e2e.river.summing"
OURS = f"btracker.{SUMMING}"
HERE, ELSEWHERE = 0, 1
"""Two partitions; a commit is for all of them, so that one can tell the time for the other."""
LETTERS = RAW_CHAIN.name + DLQ_SUFFIX
NEXT = [("l", b"2"), ("m", b"3")]


@pytest.fixture
async def river(broker: Broker) -> Broker:
    """Give a broker with all topics, those of the small agents too."""
    await lay(broker)
    return broker


async def two_commits(broker: Broker, group: Group) -> None:
    """Return when *group* has committed twice from here on."""
    async with asyncio.timeout(PATIENCE_S):
        for _ in range(2):
            before = (await group.committed())[ELSEWHERE]
            await send(broker, RAW_CHAIN.name, [("elsewhere", b"1")], partition=ELSEWHERE)
            while (await group.committed())[ELSEWHERE] == before:
                pass


async def until_keys(reader: Reader, *keys: bytes) -> None:
    """Read until there are records of all *keys*."""
    async with asyncio.timeout(PATIENCE_S):
        while not {*keys} <= {record.key for record in reader.records}:
            await reader.more()


async def test_nothing_is_committed_past_what_is_in_flight(river: Broker) -> None:
    """A dead letter cannot be written: what came after it waits, and is delivered again with it.

    Plain Faust, with an agent that runs twice, is past it and never writes it.
    """
    async with (
        Reader(river, EVENTS.name) as events,
        Reader(river, PASSED.name) as passed,
        Group(river, OURS) as our_group,
        Group(river, PLAIN) as plain_group,
    ):
        with RunningWorker(river, SUMMING) as ours, PlainWorker(river, PLAIN_WAY="two") as plain:
            await send(river, RAW_CHAIN.name, [("k", b"1")], partition=HERE)
            await asyncio.gather(until_keys(events, b"k"), until_keys(passed, b"k"))
            async with topics.admin(river.kafka) as client:
                await client.delete_topics([LETTERS])
            await send(river, RAW_CHAIN.name, [("bad", b"{"), *NEXT], partition=HERE)
            await until_keys(passed, b"l", b"m")
            await asyncio.gather(two_commits(river, our_group), two_commits(river, plain_group))
            ours.kill()
            plain.kill()

        assert (await our_group.committed())[HERE] <= 1
        assert (await plain_group.committed())[HERE] == 4
        await lay(river)
        async with Reader(river, LETTERS) as letters:
            with PlainWorker(river, PLAIN_WAY="two"):
                await send(river, RAW_CHAIN.name, [("n", b"4")], partition=HERE)
                await until_keys(passed, b"n")
            await letters.more()

            assert [] == letters.records
            with RunningWorker(river, SUMMING):
                await until_keys(letters, b"bad")
                await until_keys(events, b"l", b"m", b"n")


async def test_plain_faust_commits_what_its_buffer_still_holds(river: Broker) -> None:
    """The broker stalls for longer than a commit interval, so that the flush gives up; then a kill.

    Ours are killed in the same moment, and lose nothing: see ``test_broker.py``.
    """
    await send(river, RAW_CHAIN.name, [("k", b"0")])
    async with Reader(river, PASSED.name) as reader, Group(river, PLAIN) as group:
        with PlainWorker(river, PLAIN_WAY="many") as worker:
            await reader.until_count(1)
            river.pause()
            await asyncio.sleep(2)
            river.resume()
            await group.until_past(PASSED.name, each=MANY)
            worker.kill()
        await send(river, RAW_CHAIN.name, [("k", b"%d" % MANY)])
        with PlainWorker(river, PLAIN_WAY="many"):
            await group.until(2)
        while await reader.more():
            pass

    assert len(values(reader.records)) < 2 * MANY


@pytest.mark.parametrize(
    ("way", "record"), [("raise", ("bad", b"2")), ("typed", ("k", b"{"))], ids=["raise", "poison"]
)
async def test_plain_faust_acknowledges_what_made_it_fail(
    river: Broker, way: str, record: tuple[str, bytes]
) -> None:
    """What raises, or cannot be read, is committed: neither passed on nor a dead letter.

    Ours stop, or set it aside: see ``test_streams_faults.py``.
    """
    await send(river, RAW_CHAIN.name, [("k", b"1"), record, ("k", b"3")], partition=HERE)
    async with Group(river, PLAIN) as group:
        with PlainWorker(river, PLAIN_WAY=way):
            await group.until(3)
    async with Reader(river, PASSED.name, LETTERS) as reader:
        await reader.until_count(2)
        await reader.more()

        assert {b"1", b"3"} == values(reader.records)
