"""Topics as Kafka keeps them, read from beginning to end outside of any group."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from domain.errors import BtrackerError, UsageError
from schemas.kafka import Kafka
from streams.ends import ends
from streams.lines import Place
from streams.topics import counted

POLL_MS = 200
FETCH_MAX_WAIT_MS = 20
READ_RECORDS = 1_000
STALLED_S = 30.0
STOP_S = 2.0
LOOK_BACK = (16, 256, 4_096, 1 << 16, 1 << 62)

Records = Sequence[ConsumerRecord]


class Span(NamedTuple):
    """What is kept of a partition: from this offset up to before that one.

    ``end`` is the offset behind the last record: what stands behind it, markers of transactions
    or holes that compaction left, nobody will ever read.
    """

    start: int
    end: int


class Log:
    """The partitions of one Kafka."""

    def __init__(self, kafka: Kafka, consumer: AIOKafkaConsumer, counts: dict[str, int]) -> None:
        self._kafka, self._consumer, self._counts = kafka, consumer, counts

    def partitions(self, topic: str) -> int:
        """Return how many partitions a topic has, 0 where it is not there."""
        return self._counts.get(topic, 0)

    def places(self, topics: Iterable[str]) -> list[Place]:
        """Return all partitions of some topics."""
        return [(topic, one) for topic in topics for one in range(self.partitions(topic))]

    async def spans(self, places: Iterable[Place]) -> dict[Place, Span]:
        """Return what is kept of some partitions now."""
        wanted = [TopicPartition(*place) for place in places]
        starts = await self._consumer.beginning_offsets(wanted)
        reported = await self._consumer.end_offsets(wanted)
        true = await ends(self._kafka, reported, fetch_max_wait_ms=FETCH_MAX_WAIT_MS)
        begun = [tp for tp in wanted if true[tp] > starts[tp]]
        last = await self._with_a_last_record(begun, true)
        return {
            (tp.topic, tp.partition): Span(starts[tp], true[tp])
            if tp in last or tp not in begun
            else await self._span(tp, starts[tp], true[tp])
            for tp in wanted
        }

    async def read(self, place: Place, span: Span) -> AsyncIterator[Records]:
        """Yield the records of a span in their order, some at a time."""
        here = TopicPartition(*place)
        if span.start >= span.end:
            return
        self._consumer.assign([here])
        self._consumer.seek(here, span.start)
        position, moved = span.start, time.monotonic()
        while position < span.end:
            found = await self._consumer.getmany(here, timeout_ms=POLL_MS, max_records=READ_RECORDS)
            records = [r for r in found.get(here, ()) if r.offset < span.end]
            if records:
                yield records
            before, position = position, await self._consumer.position(here)
            moved = time.monotonic() if position > before else moved
            if time.monotonic() > moved + STALLED_S:
                raise BtrackerError(
                    f"{here.topic} {here.partition} gives nothing from offset {position:,} on; is "
                    "its Kafka well?"
                )

    async def first_at(self, place: Place, timestamp_ms: int) -> int | None:
        """Return the offset of the first record since a time, None where there is none."""
        here = TopicPartition(*place)
        found = await self._consumer.offsets_for_times({here: timestamp_ms})
        return found[here].offset if found.get(here) else None

    async def _with_a_last_record(
        self, places: Sequence[TopicPartition], ends: Mapping[TopicPartition, int]
    ) -> set[TopicPartition]:
        """Return the partitions of which the last offset is that of a record: most of them."""
        consumer, found = self._consumer, set[TopicPartition]()
        consumer.assign(places)
        for place in places:
            consumer.seek(place, ends[place] - 1)
        waiting, until = set(places), time.monotonic() + STALLED_S
        while waiting and time.monotonic() < until:
            found.update(await consumer.getmany(timeout_ms=POLL_MS))
            waiting = {p for p in waiting - found if await consumer.position(p) < ends[p]}
        return found

    async def _span(self, here: TopicPartition, start: int, end: int) -> Span:
        """Return what is kept of a partition at whose end is no record."""
        place = here.topic, here.partition
        for back in LOOK_BACK:
            since, last = max(start, end - back), None
            async for records in self.read(place, Span(since, end)):
                last = records[-1].offset
            if last is not None:
                return Span(start, last + 1)
            if since == start:
                break
        return Span(start, start)


@asynccontextmanager
async def open_log(kafka: Kafka) -> AsyncIterator[Log]:
    """Give the log of a Kafka.

    Raises:
        UsageError: it has none of our topics.
        BtrackerError: it does not answer.
    """
    try:
        counts = await counted(kafka)
        if not any(name.startswith("btracker.") for name in counts):
            raise UsageError(
                f"The Kafka at {kafka} has no topics of ours; run: btracker topics create"
            )
        consumer = AIOKafkaConsumer(
            **kafka.options,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            fetch_max_wait_ms=FETCH_MAX_WAIT_MS,
        )
        try:
            await consumer.start()
            yield Log(kafka, consumer, counts)
        finally:
            # One that was given other partitions just before may miss that it is to stop.
            await asyncio.wait([asyncio.ensure_future(consumer.stop())], timeout=STOP_S)
    except KafkaError as error:
        raise BtrackerError(f"The Kafka at {kafka} does not answer: {error}.") from error
