"""The indexer: reads public topics, writes batches, commits offsets after the write."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any, NamedTuple

import msgspec
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from domain.errors import StoreError, UnreadableError
from schemas.progress import Counts, Progress
from schemas.topics import DLQ_SUFFIX, PROGRESS
from views import metrics
from views.contract import Views
from views.index.aside import STAGE, Aside
from views.index.gate import Gate, Waiting
from views.index.own import Own
from views.index.reading import BY_TOPIC, batch_of, read
from views.index.standing import stands
from views.writes import RejectedError, Write

log = logging.getLogger(__name__)

SAID_RECENTLY = 20_000
"""Progress records that are read again at each start: a store that was put back from a copy needs
the newest of each stage, also of one that has nothing more to say. About a second's work."""
_RETRY_FIRST_S = 0.1
_RETRY_MOST_S = 5.0
_MOST_REASON_BYTES = 1_000
encode = msgspec.json.Encoder().encode


class Entry(NamedTuple):
    """A record and the write that it stands for."""

    record: ConsumerRecord
    write: Write[Any]


class Refused(NamedTuple):
    """A record that cannot be read, or that no store can take, and why."""

    record: ConsumerRecord
    reason: str


class Indexer:
    """Carries the partitions it is given into one store, each record at least once."""

    def __init__(
        self,
        views: Views,
        consumer: AIOKafkaConsumer,
        producer: AIOKafkaProducer,
        *,
        epochs: Mapping[str, int],
        linger_s: float,
    ) -> None:
        self._views, self._consumer, self._producer = views, consumer, producer
        self._epochs, self._linger_s = epochs, linger_s
        self._gate = Gate()
        self._aside, self._own = Aside(epochs, ()), Own(epochs)

    async def run(self, stop: asyncio.Event) -> None:
        """Index until *stop*; what has been read by then is written and committed."""
        await self._take_back()
        await self._take_up()
        while not stop.is_set():
            records = await self._records()
            if records:
                await self.index(records)
            elif not self._gate.is_empty:
                await self._let_pass()
            await _wait(stop, self._linger_s)

    async def index(self, records: Sequence[ConsumerRecord]) -> None:
        """Put some records into the store, then commit what has been read."""
        entries, refused = list[Entry](), list[Refused]()
        for record in records:
            try:
                at = self._epochs[record.topic] + record.offset
                write = read(record.topic, record.key, record.value, at=at)
            except UnreadableError as error:
                refused.append(Refused(record, str(error)))
                continue
            if record.topic == PROGRESS.name:
                self._gate.hold(Waiting(record.offset, write))
            else:
                entries.append(Entry(record, write))
        await self._set_aside([*refused, *await self._put(entries)])
        await self._let_pass()

    async def _take_back(self) -> None:
        """Unsay the progress of topics that are gone: in the new ones nothing is complete yet.

        The documents stay until newer ones come; what is told of these topics has a version that
        is greater, and is not touched.
        """
        version = self._epochs[PROGRESS.name] - 1
        unsaid = [unsay(progress) for progress in await self._views.progress()]
        writes = [read(PROGRESS.name, None, encode(progress), at=version) for progress in unsaid]
        if writes:
            await self._write({PROGRESS.name: writes})

    async def _take_up(self) -> None:
        """Read on from where the store stands: what was committed may speak of another one.

        A store that is new, or was put back from a copy, lacks what the group has read since.
        """
        said = [one for one in await self._views.progress() if self._is_current(one)]
        self._aside, stood = Aside(self._epochs, said), stands(said)
        begins = await self._consumer.beginning_offsets(self._consumer.assignment())
        for place, end in (await self._ends()).items():
            recent = max(0, end - SAID_RECENTLY) if stood and place.topic == PROGRESS.name else 0
            start = max(begins[place], stood.get((place.topic, place.partition), recent))
            if start < end:
                self._consumer.seek(place, start)

    def _is_current(self, progress: Progress) -> bool:
        """Return whether what we said ourselves is of a topic as it is now."""
        return progress.stage != STAGE or progress.epoch == self._epochs.get(progress.source or "")

    async def _records(self) -> list[ConsumerRecord]:
        """Return what has come; an empty list after a while of nothing."""
        try:
            found = await self._consumer.getmany(timeout_ms=int(self._linger_s * 1000))
        except KafkaError as error:
            log.warning("The broker gives nothing just now (%s); trying again.", error)
            metrics.RETRIES.labels("receiving").inc()
            return []
        return [record for listed in found.values() for record in listed]

    async def _let_pass(self) -> None:
        """Make progress visible that speaks only of what is in the store; commit."""
        ends = await self._ends()
        reached = {(p.topic, p.partition): end for p, end in ends.items()}
        passing = [*self._gate.passing(reached), *self._own.news(reached)]
        if passing:
            await self._write({PROGRESS.name: passing})
        await self._commit(ends)

    async def _put(self, entries: Sequence[Entry]) -> list[Refused]:
        """Write entries but those that the store can never take, which are returned."""
        if not entries:
            return []
        writes: dict[str, list[Write[Any]]] = {}
        for entry in entries:
            writes.setdefault(entry.record.topic, []).append(entry.write)
        try:
            await self._write(writes)
        except RejectedError as error:
            named, rest = told_apart(entries, error)
            if not named:
                raise
            return [*named, *await self._put(rest)]
        except Exception as error:  # noqa: BLE001 - Whatever it is, trying again would not help.
            if len(entries) == 1:
                return [Refused(entries[0].record, f"{type(error).__name__}: {error}")]
            half = len(entries) // 2
            return [*await self._put(entries[:half]), *await self._put(entries[half:])]
        for topic, listed in writes.items():
            metrics.RECORDS.labels(topic, "written").inc(len(listed))
        return []

    async def _set_aside(self, refused: Sequence[Refused]) -> None:
        """Let each become a dead letter, unless it is one; the store says so afterwards.

        A crash in between makes a second letter of it, but it counts once.
        """
        said = []
        for record, reason in sorted(refused, key=lambda one: one.record.offset):
            place = record.topic, record.partition, record.offset
            if not self._aside.has(*place):
                await self._dead_letter(record, reason)
                said.append(self._aside.add(*place))
        if said:
            await self._write({PROGRESS.name: said})

    async def _write(self, writes: Mapping[str, list[Write[Any]]]) -> None:
        """Write a batch, again and again while the store is out of reach: the stream waits."""
        batch, delay_s = batch_of(writes), _RETRY_FIRST_S
        while True:
            began = perf_counter()
            try:
                await self._views.write(batch)
            except StoreError as error:
                log.warning("%s Trying again in %.1f s.", error, delay_s)
                metrics.RETRIES.labels("sending").inc()
                await asyncio.sleep(delay_s)
                delay_s = min(2 * delay_s, _RETRY_MOST_S)
            else:
                metrics.WRITE_SECONDS.observe(perf_counter() - began)
                return

    async def _dead_letter(self, record: ConsumerRecord, reason: str) -> None:
        headers = [
            *record.headers,
            ("error", reason.encode()[:_MOST_REASON_BYTES]),
            ("source_partition", str(record.partition).encode()),
            ("source_offset", str(record.offset).encode()),
        ]
        await self._producer.send_and_wait(
            record.topic + DLQ_SUFFIX,
            record.value,
            key=record.key,
            partition=record.partition,
            headers=headers,
        )
        metrics.RECORDS.labels(record.topic, "dead_lettered").inc()
        log.warning("A record of %s was set aside: %s", record.topic, reason)

    async def _ends(self) -> dict[TopicPartition, int]:
        """Return the offsets before which every record has been dealt with."""
        consumer = self._consumer
        return {
            partition: await consumer.position(partition) for partition in consumer.assignment()
        }

    async def _commit(self, ends: Mapping[TopicPartition, int]) -> None:
        """Commit what has been written; of progress only what need not be read again."""
        held = self._gate.first_offset()
        offsets = {
            partition: end if held is None or partition.topic != PROGRESS.name else held
            for partition, end in ends.items()
        }
        try:
            await self._consumer.commit(offsets)
        except KafkaError as error:
            # Nothing is lost: what is read again is written again, and changes nothing.
            log.warning("Offsets were not committed (%s); they will be with the next batch.", error)
            metrics.RETRIES.labels("committing").inc()


def unsay(progress: Progress) -> Progress:
    """Return what is left of a progress record when its topics begin anew: how far it had been."""
    return msgspec.structs.replace(
        progress,
        complete_through_slot=0,
        joined_through_slot=0,
        counts=Counts(),
        outputs={},
        state=None,
        detail=None,
    )


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


def told_apart(entries: Sequence[Entry], error: RejectedError) -> tuple[list[Refused], list[Entry]]:
    """Return those of *entries* that the store has named, with its reason, and the rest."""
    why = {(one.noun, one.key, one.version): one.why for one in error.rejected}
    named, rest = [], []
    for entry in entries:
        reason = why.get((BY_TOPIC[entry.record.topic].field, entry.write.key, entry.write.version))
        if reason is None:
            rest.append(entry)
        else:
            named.append(Refused(entry.record, reason))
    return named, rest
