"""Workers that lost their partitions without noticing: nothing they still write is kept."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from functools import partial

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import ProducerFenced

from schemas.topics import CATALOGUE, EVENTS, RAW_CHAIN
from streams import topics
from streams.lines import Place
from streams.producers import FencedProducers, Make
from tests.brokers import Broker, on_kafka
from tests.e2e.river.numbers import KEYS, numbers, read_until, recount
from tests.e2e.river.rows import ENDS, SUMS
from tests.workers import Reader, RunningWorker, send, until

pytestmark = [pytest.mark.slow, on_kafka]

SUMMING = "tests.e2e.river.summing"


@pytest.fixture
async def river(broker: Broker) -> Broker:
    """Give a broker with all topics, those of the summing agents too."""
    changelogs = (SUMS, ENDS)
    await topics.create(broker.kafka, partitions=4, topics=(*CATALOGUE, *changelogs))
    return broker


def maker(broker: Broker) -> Make:
    """Return what makes producers as the writer does."""
    return partial(AIOKafkaProducer, bootstrap_servers=broker.address, acks="all")


def steps_back(reader: Reader) -> int:
    """Return how many rows lie behind a newer row of their key."""
    through: dict[bytes, int] = defaultdict(lambda: -1)
    back = 0
    for record in reader.records:
        offset = int(record.value.rsplit(b",", 1)[1].rstrip(b"]"))
        back += offset < through[record.key]
        through[record.key] = max(offset, through[record.key])
    return back


async def test_a_worker_stopped_in_its_work_writes_nothing_when_it_goes_on(river: Broker) -> None:
    """Its successor has gone on from there; the broker refuses the old rows, and it ends."""
    early, late = numbers(60_000, seed=1), numbers(5_000, seed=2)
    async with Reader(river, EVENTS.name) as reader, Reader(river, SUMS.name) as rows:
        with RunningWorker(river, SUMMING) as stopped:
            await send(river, RAW_CHAIN.name, early[:1_000])
            await reader.until_count(KEYS // 2)
            sending = asyncio.create_task(send(river, RAW_CHAIN.name, early[1_000:]))
            await reader.until_count(len(reader.records) + 2 * KEYS)
            stopped.pause()
            await sending
            with RunningWorker(river, SUMMING) as successor:
                await read_until(reader, recount(early))
                stopped.resume()

                assert stopped.wait() not in {0, None}
                await send(river, RAW_CHAIN.name, late)
                await read_until(reader, recount(early + late))
                await read_until(rows, recount(early + late))

                assert 0 == steps_back(reader)
                assert 0 == steps_back(rows)
                assert 0 == successor.stop()


async def test_a_worker_stopped_at_rest_takes_up_what_was_done_meanwhile(river: Broker) -> None:
    """It finds that it has lost its partitions, or the broker tells it: no number is lost."""
    parts = [numbers(3_000, seed=seed) for seed in (3, 4, 5)]
    async with Reader(river, EVENTS.name) as reader:
        with RunningWorker(river, SUMMING) as first:
            await send(river, RAW_CHAIN.name, parts[0])
            await read_until(reader, recount(parts[0]))
            first.pause()
            with RunningWorker(river, SUMMING) as second:
                await send(river, RAW_CHAIN.name, parts[1])
                await read_until(reader, recount(parts[0] + parts[1]))

                assert 0 == second.stop()
            first.resume()
            with RunningWorker(river, SUMMING) as third:
                await send(river, RAW_CHAIN.name, parts[2])
                await read_until(reader, recount(parts[0] + parts[1] + parts[2]))

                assert 0 == third.stop()


async def test_a_worker_of_another_group_shuts_out_the_first(river: Broker) -> None:
    """Both have all partitions, as far as the group of each knows: they must not both write."""
    parts = [numbers(3_000, seed=seed) for seed in (6, 7)]
    async with Reader(river, EVENTS.name) as reader:
        with RunningWorker(river, SUMMING) as first:
            await send(river, RAW_CHAIN.name, parts[0])
            await read_until(reader, recount(parts[0]))
            with RunningWorker(river, SUMMING, BTRACKER_GROUP="other") as second:
                until(lambda: second.count("btracker_stream_records_total") > 0)
                await send(river, RAW_CHAIN.name, parts[1])

                assert first.wait() not in {0, None}
                await read_until(reader, recount(parts[0] + parts[1]))
                assert 0 == second.stop()


async def write(producers: FencedProducers, source: Place, place: Place) -> None:
    """Write a record to *place* for *source*, and wait until it is there."""
    producer = producers.of(source)
    batch = producer.create_batch()
    batch.append(timestamp=1, key=b"k", value=b"[1,1,1]", headers=[])
    await (await producer.send_batch(batch, place[0], partition=place[1]))


async def test_whoever_takes_a_partition_shuts_out_all_before(river: Broker) -> None:
    """For that partition alone; taking it again tells whether somebody else had it meanwhile."""
    sources = {(RAW_CHAIN.name, n): [(SUMS.name, n), (EVENTS.name, n)] for n in range(2)}
    mine, other = sources
    old, new = (FencedProducers(maker(river)) for _ in range(2))

    assert set() == await old.take(sources)
    assert set(sources) == await old.take(sources)
    await write(old, mine, sources[mine][0])
    await old.renew()
    await write(old, mine, sources[mine][0])
    await new.take({mine: sources[mine]})
    for place in sources[mine]:
        with pytest.raises(ProducerFenced):
            await write(old, mine, place)
        await write(new, mine, place)
    for place in sources[other]:
        await write(old, other, place)

    assert {other} == await old.take(sources)
    with pytest.raises(ProducerFenced):
        await write(new, mine, sources[mine][0])
    await asyncio.gather(old.stop(), new.stop())


async def test_a_fence_is_renewed_wherever_it_stands(river: Broker) -> None:
    """A log forgets whose turn it is when that one leaves nothing there for a day."""
    source = RAW_CHAIN.name, 0
    places = [(SUMS.name, 0), (EVENTS.name, 0), (EVENTS.name, 1)]
    producers = FencedProducers(maker(river))
    await producers.take({source: places})
    before = await next_offsets(river, places)

    await producers.renew()

    # A marker is in the log a moment after the answer; a second renewal has to wait for it.
    await producers.renew()
    after = await next_offsets(river, places)
    assert [place for place in places if after[place] == before[place]] == []
    await producers.stop()


async def next_offsets(river: Broker, places: Sequence[Place]) -> dict[Place, int]:
    """Return the offset that the next record of each place will get."""
    async with AIOKafkaConsumer(**river.kafka.options) as consumer:
        ends = await consumer.end_offsets([TopicPartition(*place) for place in places])
    return {(place.topic, place.partition): end for place, end in ends.items()}
