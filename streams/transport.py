"""A Faust transport that delivers chunks: one message per chunk, acknowledged as a whole."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, ClassVar, cast

import aiokafka
from aiokafka.errors import IllegalStateError
from faust.topics import Topic as FaustTopic
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, EventT
from faust.types.tuples import ConsumerMessage, Message
from mode.utils.futures import notify

from streams.chunks import CHUNK_RECORDS, Chunk, Finish, Raw
from streams.ends import ends
from streams.metrics import LAG, RECORDS, RECORDS_PER_CHUNK

CHUNK_BYTES = 1_000_000
"""Most bytes of values in a chunk (a single larger record is a chunk of its own)."""


FULL_BUFFER_S = 0.005
FULL_TABLES_S = 1.0


def cut(records: Sequence[Raw]) -> Iterator[Sequence[Raw]]:
    """Cut *records* into chunks of at most ``CHUNK_RECORDS`` and ``CHUNK_BYTES``."""
    start, size = 0, 0
    for index, record in enumerate(records):
        length = len(record.value or b"")
        if index > start and (index - start == CHUNK_RECORDS or size + length > CHUNK_BYTES):
            yield records[start:index]
            start, size = index, 0
        size += length
    if start < len(records):
        yield records[start:]


class ChunkTopic(FaustTopic):
    """A topic whose events are chunks, handed over as they are: agents decode."""

    def _compile_decode(self) -> None:
        self.decode = self._as_event  # type: ignore[method-assign]  # As Faust itself does.

    async def _as_event(self, message: Message, *, propagate: bool = False) -> EventT[Any]:
        del propagate
        return self._create_event(None, message.value, {}, message=message)

    async def maybe_declare(self) -> None:
        """Do nothing: topics are created before any worker starts."""


class ChunkConsumerThread(driver.AIOKafkaConsumerThread):
    """The stock consumer thread, with our fetch wait and true ends of partitions."""

    app: Any
    times_assigned = 0
    """Counts how often partitions were assigned. Kafka's own number may come again."""
    fetched = 0
    """The assignment under which the newest fetch was answered."""

    def _create_worker_consumer(self, transport: driver.Transport) -> aiokafka.AIOKafkaConsumer:
        consumer = super()._create_worker_consumer(transport)
        # The driver says 1,500 ms. A broker that does not wake a waiting fetch adds that wait.
        consumer._fetch_max_wait_ms = self.app.settings.fetch_max_wait_ms  # noqa: SLF001
        return consumer

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Count the assignment, then let the app know."""
        self.times_assigned += 1
        # The client would begin after this: a fence that took longer than a session would cost us
        # the partitions it is for, and raised late shut out whoever has them then.
        self._ensure_consumer()._coordinator._start_heartbeat_task()  # noqa: SLF001
        await super().on_partitions_assigned(assigned, generation_id)

    async def _highwaters(self, partitions: list[TP]) -> Mapping[TP, int]:
        settings = self.app.settings
        return await ends(
            settings.cluster,
            await super()._highwaters(partitions),
            fetch_max_wait_ms=settings.fetch_max_wait_ms,
        )

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Seek to what is committed, and to the beginning where nothing is."""
        return cast("Mapping[TP, int]", await self.call_thread(self._seek_to_committed))

    async def _seek_to_committed(self) -> Mapping[TP, int | None]:
        # The client's own fails where nothing is assigned. Where nothing is committed it stays:
        # what was fetched since the assignment and dropped, before recovery, would be lost.
        consumer = self._ensure_consumer()
        changelogs = self.app.tables.changelog_topics
        places = [place for place in consumer.assignment() if place.topic not in changelogs]
        committed = {place: await consumer.committed(place) for place in places}
        for place, offset in committed.items():
            consumer.seek(place, offset or 0)
        return committed

    async def hush(self, partitions: set[TP]) -> None:
        """Fetch nothing more from *partitions* while they stay assigned."""
        await self.call_thread(self._hush, partitions)

    async def _hush(self, partitions: set[TP]) -> None:
        consumer = self._ensure_consumer()
        # Of the client's own type: it takes no other, equal as they are.
        consumer.pause(*(place for place in consumer.assignment() if place in partitions))

    async def rest(self, pause_s: float) -> Mapping[TP, list[Any]]:
        """Fetch nothing for a while; the group must not take us for dead."""
        return cast("Mapping[TP, list[Any]]", await self.call_thread(self._rest, pause_s))

    async def _rest(self, pause_s: float) -> Mapping[TP, list[Any]]:
        with self._ensure_consumer()._fetcher._subscriptions.fetch_context():  # noqa: SLF001
            await asyncio.sleep(pause_s)
        return {}

    async def _fetch_records(self, *args: Any, **options: Any) -> Mapping[TP, list[Any]]:
        records = await super()._fetch_records(*args, **options)
        # Noted here, in the consumer's thread: when the main loop gets round to the records,
        # partitions may have been assigned anew, and these would pass for the new owner's.
        self.fetched = self.times_assigned
        return records


class ChunkConsumer(driver.Consumer):
    """The stock consumer, with chunks for messages and whole chunks acknowledged in order.

    ``times_assigned`` is the thread's, as far as it has come to our ears. A recovery that is
    overtaken by the next assignment lets records flow all the same: what they would be folded
    into is about to be dropped.
    """

    app: Any
    _thread: ChunkConsumerThread

    def __init__(self, *args: Any, **options: Any) -> None:
        self.times_assigned = self._ready = self._over = 0
        self._finished: dict[TP, int] = {}
        self._delivered: Counter[TP] = Counter()
        self._room = asyncio.Event()
        super().__init__(*args, **options)

    def _new_consumer_thread(self) -> ChunkConsumerThread:
        return ChunkConsumerThread(self, loop=self.loop, beacon=self.beacon)

    async def hush(self, partitions: set[TP]) -> None:
        """Fetch nothing more from *partitions* while they stay assigned.

        Faust leaves them out of what it takes, but they would be fetched all the same: what
        nobody takes holds up every fetch from the same broker, for 0.1 s a partition.
        """
        await self._thread.hush(partitions)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Message]]:  # noqa: ASYNC109
        """Fetch, and yield what came as chunks, partition after partition."""
        records, active = await self._wait_next_records(timeout)
        if records is None or self.should_stop:
            return
        if not self.flow_active:
            # Partitions are being assigned anew, maybe just now: then recovery will seek.
            with suppress(IllegalStateError):
                await self.perform_seek()
            return
        for tp, some in records.items():
            if active is None or tp in active or tp in self._buffered_partitions:
                for chunk in cut(some):
                    if not self._is_current():
                        return
                    yield tp, self._deliver(tp, chunk)

    async def _wait_next_records(self, timeout: float) -> Any:  # noqa: ASYNC109
        if self.flow_active and self._buffered_partitions and not self._get_active_partitions():
            # Faust would sleep for a second; all we wait for is an agent taking a chunk.
            self._room.clear()
            await self.wait_first(self._room.wait(), self.suspend_flow.wait())
        return await super()._wait_next_records(timeout)

    async def _getmany(self, active_partitions: Any, timeout: float) -> Any:  # noqa: ASYNC109
        if self.app.memory.is_full:
            return await self._thread.rest(FULL_TABLES_S)
        # While a partition is left out for its full buffer, wait only shortly for the others.
        patience = FULL_BUFFER_S if self._buffered_partitions else timeout
        # A copy: the consumer's thread must not see partitions that are resumed meanwhile.
        return await super()._getmany(set(active_partitions), patience)

    def on_buffer_drop(self, tp: TP) -> None:
        """Fetch from *tp* again."""
        super().on_buffer_drop(tp)
        self._room.set()

    def begin(self, times_assigned: int) -> None:
        """Deliver what is fetched under an assignment, whose rows are there; unless it is over."""
        self._ready = times_assigned

    def _is_current(self) -> bool:
        """Whether the newest fetch is of partitions as they are assigned now, with their rows."""
        thread = self._thread
        is_newest = self._over < self._ready == thread.fetched == thread.times_assigned
        return self.flow_active and is_newest

    def _deliver(self, tp: TP, records: Sequence[Raw]) -> Message:
        self._measure(tp, records)
        newest = records[-1]
        message = ConsumerMessage(
            tp.topic, tp.partition, newest.offset, newest.timestamp / 1_000, 0,
            [], None, None, None, 0, 0, tp, generation_id=self.app.consumer_generation_id,
        )  # fmt: skip
        chunk = Chunk(
            topic=tp.topic,
            partition=tp.partition,
            epoch=self.app.epoch_of(tp.topic),
            generation=self._thread.fetched,
            number=self._next_number(tp),
            records=records,
            on_finish=cast("Finish", partial(self.app.finish, message)),
        )
        message.value = cast("Any", chunk)
        return message

    def _next_number(self, tp: TP) -> int:
        self._delivered[tp] += 1
        return self._delivered[tp]

    def _measure(self, tp: TP, records: Sequence[Raw]) -> None:
        highwater = self.highwater(tp)
        self.app.monitor.track_tp_end_offset(tp, highwater)
        RECORDS.labels(tp.topic, "delivered").inc(len(records))
        RECORDS_PER_CHUNK.labels(tp.topic).observe(len(records))
        LAG.labels(tp.topic, tp.partition).set(max(0, (highwater or 0) - records[-1].offset - 1))

    def ack(self, message: Message) -> bool:
        """Let the chunk's whole range be committed; chunks must come in order."""
        message.acked = True
        self._unacked_messages.discard(message)
        is_current = bool(message.generation_id == self.app.consumer_generation_id)
        if is_current:
            self._finished[message.tp] = message.offset + 1
        notify(self._waiting_for_ack)
        return is_current

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:
        return (tp for tp in self._finished if topics is None or {tp, tp.topic} & set(topics))

    def _new_offset(self, tp: TP) -> int | None:
        """Return the offset after the last finished chunk; chunks finish in order."""
        return self._finished.get(tp)

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Do nothing: what a chunk leaves out was compacted away, and is finished with it."""

    async def wait_empty(self) -> None:
        """Wait for what is in flight; after a failure for nothing."""
        if self.app.failure is None:
            await super().wait_empty()

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Fetch nothing until recovery says so: Faust would, where there was nothing before."""
        self.stop_flow()
        self.times_assigned += 1
        try:
            await self.app.take(assigned)
        except Exception as error:  # noqa: BLE001  # The client would log it and go on.
            self.app.fail(error, stage="fencing")
            return
        await super().on_partitions_assigned(assigned, generation_id)

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Finish and commit what is in flight, take nothing more, then forget the partitions."""
        self._over = self.times_assigned
        await super().on_partitions_revoked(revoked)
        self._delivered.clear()
        for tp in revoked:
            self._finished.pop(tp, None)


class ChunkTransport(driver.Transport):
    """The stock transport with our consumer."""

    Consumer: ClassVar[Any] = ChunkConsumer
