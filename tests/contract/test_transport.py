"""What we changed in Faust's transport, and the faults of the stock one that made us."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from aiokafka.errors import IllegalStateError
from faust.transport.consumer import Consumer
from faust.transport.producer import ProducerBuffer
from faust.types import TP
from faust.types.enums import ProcessingGuarantee
from faust.types.tuples import ConsumerMessage
from intervaltree import IntervalTree

from domain.errors import BtrackerError, UsageError
from schemas.topics import EVENTS, RAW_CHAIN
from streams.app import River
from streams.chunks import Chunk, Effects
from streams.options import refuse_unsafe
from streams.settings import EMBEDDED, StreamSettings
from streams.transport import ChunkConsumer, ChunkTopic, ChunkTransport

HERE = TP("t", 0)


@pytest.fixture
async def river() -> AsyncIterator[River]:
    """Give an app that is never started."""
    river = River()
    river.use(StreamSettings(kafka="127.0.0.1:1", **EMBEDDED))
    river.finalize()
    yield river
    if river._consumer is not None:
        river.consumer._thread.thread_loop.close()


def stock(committed: int | None, acked: list[int]) -> int | None:
    """Return what the stock consumer would commit."""
    consumer = SimpleNamespace(
        _acked={HERE: acked},
        _acked_index={HERE: set(acked)},
        _gap=defaultdict(IntervalTree),
        _committed_offset={HERE: committed},
    )
    return Consumer._new_offset(consumer, HERE)


@pytest.mark.parametrize(
    ("committed", "acked", "commits"),
    [
        (2585, [2586, 2587, 2588, 2589], 2590),  # 2585 is still in flight.
        (2585, [2587, 2588, 2589], None),
        (None, [1, 2, 3], 4),  # 0 is still in flight.
        (None, [5, 6, 7], 8),
    ],
)
def test_the_stock_consumer_commits_past_what_is_in_flight(
    committed: int | None, acked: list[int], commits: int | None
) -> None:
    """Pinned, so that a remedy in Faust is noticed: three of these four lose a record."""
    assert commits == stock(committed, acked)


async def test_the_stock_flush_returns_with_messages_in_the_buffer() -> None:
    """Pinned: after 0.1 s without progress it gives up, and the offset is committed."""
    buffer = ProducerBuffer()
    buffer.app = SimpleNamespace(conf=SimpleNamespace(producer_threaded=False))
    stall = asyncio.Event()

    async def stalled(_: object) -> None:
        await stall.wait()

    buffer._send_pending = stalled
    for number in range(10):
        buffer.put(number)
    async with buffer:
        await asyncio.wait_for(buffer.flush(), timeout=5)
        left = buffer.size
        stall.set()
        while buffer.size:
            await buffer.flush()

    assert 9 == left


def message(offset: int, generation: int = 1) -> ConsumerMessage:
    """Return the message of a chunk that ends at *offset*."""
    rest = (0.0, 0, None, None, None, None)
    return ConsumerMessage(*HERE, offset, *rest, generation_id=generation)


async def test_only_finished_chunks_are_committed(river: River) -> None:
    """Nothing before the first, then the end of the last; holes make no difference."""
    consumer = river.consumer
    river.consumer_generation_id = 1

    assert isinstance(consumer, ChunkConsumer)
    assert {} == consumer._filter_committable_offsets([HERE])
    consumer.ack(message(999))

    assert {HERE: 1_000} == consumer._filter_committable_offsets([HERE])
    consumer.ack(message(5_000))
    await consumer._add_gap(HERE, 1_000, 4_000)

    assert {HERE: 5_001} == consumer._filter_committable_offsets([HERE])
    consumer.ack(message(9_000, generation=0))

    assert {HERE: 5_001} == consumer._filter_committable_offsets([HERE])


async def test_a_seek_that_an_assignment_overtakes_is_no_failure(
    river: River, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Recovery seeks again; the worker ended over it, once in seven joins under load."""
    consumer = river.consumer
    consumer.stop_flow()

    async def fetched(_: float) -> tuple[dict[TP, list[object]], set[TP]]:
        return {}, set()

    async def overtaken() -> None:
        raise IllegalStateError("No current assignment for partition")

    monkeypatch.setattr(consumer, "_wait_next_records", fetched)
    monkeypatch.setattr(consumer, "perform_seek", overtaken)

    assert [] == [one async for one in consumer.getmany(1.0)]


async def test_a_recovery_that_ends_after_the_next_assignment_is_not_believed(
    river: River,
) -> None:
    """Its rows may be those of before another worker had the partition."""
    river.consumer.times_assigned = 2
    rows = river.table("sums", source=RAW_CHAIN, value=int)
    changelog = TP(rows.topic.name, 0)
    river.note_recovered({changelog}, 1)

    assert frozenset() == river._recovered
    river.note_recovered({changelog}, 2)

    assert frozenset({changelog}) == river._recovered


async def test_nothing_is_delivered_before_the_rows_of_its_assignment_are_there(
    river: River, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An overtaken recovery lets records flow, into rows that the next one is about to drop."""
    consumer = river.consumer
    river._epochs = {HERE.topic: 1}
    record = SimpleNamespace(key=b"k", value=b"v", headers=(), offset=7, timestamp=0)

    async def fetched(_: float) -> tuple[dict[TP, list[object]], set[TP]]:
        return {HERE: [record]}, {HERE}

    monkeypatch.setattr(consumer, "_wait_next_records", fetched)
    monkeypatch.setattr(consumer, "highwater", lambda _: 8)
    consumer.resume_flow()
    consumer.times_assigned = consumer._thread.fetched = consumer._thread.times_assigned = 2
    consumer.begin(1)

    assert [] == [one async for one in consumer.getmany(1.0)]
    consumer.begin(2)

    assert [(HERE, 7)] == [(tp, one.offset) async for tp, one in consumer.getmany(1.0)]
    await consumer.on_partitions_revoked({HERE})
    consumer.resume_flow()
    consumer.begin(2)

    assert [] == [one async for one in consumer.getmany(1.0)]


async def test_a_chunk_of_an_assignment_that_is_over_is_not_finished(river: River) -> None:
    """What it caused was computed from rows that are not ours any more: nothing of it counts."""
    river.consumer.times_assigned = 2
    chunk = Chunk(
        topic=HERE.topic, partition=0, epoch=1, generation=1, number=1,
        records=[], on_finish=river.finish,
    )  # fmt: skip
    with pytest.raises(BtrackerError, match="assigned anew"):
        await river.finish(message(7), chunk, Effects({}, [], {}, [], None))


async def test_the_consumer_waits_as_long_as_we_say(river: River) -> None:
    """The driver has 1,500 ms in its code."""
    thread = river.consumer._thread
    own = thread._create_worker_consumer(river.transport)
    await own.stop()

    assert EMBEDDED["fetch_max_wait_ms"] == own._fetch_max_wait_ms
    assert isinstance(river.transport, ChunkTransport)


async def test_who_is_told_of_no_topics_soon_asks_again(river: River) -> None:
    """Partitions that were handed out by such an answer are nobody's, for five minutes by default.

    A Kafka that has just started gives it now and then.
    """
    own = river.consumer._thread._create_worker_consumer(river.transport)
    await own.stop()

    assert own._client._metadata_max_age_ms <= 10_000


async def test_events_are_the_chunks_themselves(river: River) -> None:
    """Faust decodes nothing: poison is for the agent to set aside."""
    topic = river.topic("t")
    chunk = object()
    event = await topic.decode(SimpleNamespace(value=chunk, headers={}, timestamp=0))

    assert isinstance(topic, ChunkTopic)
    assert chunk is event.value


async def test_a_topic_has_one_agent(river: River) -> None:
    """Two would share the acknowledgements of one topic."""

    async def work(_: object) -> None: ...

    river.arrow(RAW_CHAIN, to=(EVENTS,))(work)
    refuse_unsafe(river)
    with pytest.raises(Exception, match="has an agent already"):
        river.arrow(RAW_CHAIN)
    river.agent(river.topic(RAW_CHAIN.name), name="other")(work)
    with pytest.raises(Exception, match="not the only agent"):
        refuse_unsafe(river)


async def test_an_agent_runs_once(river: River) -> None:
    """With more than one at a time, chunks would finish out of order."""

    async def work(_: object) -> None: ...

    river.agent(river.topic(RAW_CHAIN.name), name="twice", concurrency=2)(work)
    with pytest.raises(Exception, match="concurrency=1"):
        refuse_unsafe(river)


async def test_exactly_once_is_refused(river: River) -> None:
    """Faust's transactions lose records; ours is at least once, with fences."""
    river.conf.processing_guarantee = ProcessingGuarantee.EXACTLY_ONCE
    with pytest.raises(Exception, match="at_least_once"):
        refuse_unsafe(river)


async def test_a_module_that_cannot_be_imported_stops_the_start(
    river: River, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Faust says so in its log, and works without its agent."""
    package = tmp_path / "broken_agents"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "one.py").write_text("import there_is_no_such_module")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UsageError, match=r"cannot import broken_agents\.one"):
        river.discover("broken_agents")
