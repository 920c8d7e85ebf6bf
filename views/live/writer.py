"""The live writer: reads public topics beside the indexer and publishes what is new."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from time import monotonic
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from msgspec.structs import replace
from redis.exceptions import RedisError

from domain.errors import StoreError, UnreadableError, UsageError
from schemas.token import Token
from schemas.topics import TOKENS
from views import metrics
from views.boards import BOARDS
from views.contract import Views
from views.index.reading import BY_TOPIC, read, record_of
from views.live.drafting import ALL, Drafting
from views.live.heads import Heads
from views.live.message import Draft, Place
from views.live.publisher import Publisher
from views.live.ranking import RESERVE, Board, candidate
from views.topics import Layout
from views.writes import Write

log = logging.getLogger(__name__)

_RETRY_S = 0.25
Starts = Mapping[TopicPartition, int]
"""Offsets at which reading begins."""
_decode_token = msgspec.json.Decoder(Token).decode


class LiveWriter:
    """Reads every partition; there is one such writer per deployment."""

    def __init__(
        self,
        views: Views,
        consumer: AIOKafkaConsumer,
        publisher: Publisher,
        *,
        layout: Layout,
        board_size: int,
        board_interval_s: float,
    ) -> None:
        self._views, self._consumer, self._publisher = views, consumer, publisher
        self._layout, self._interval_s = layout, board_interval_s
        self._drafting = Drafting()
        self._boards = [Board(name, query, size=board_size) for name, query in BOARDS.items()]
        self._heads = Heads(partitions=sum(p.topic == TOKENS.name for p in layout.partitions))
        self._slow_due = 0.0
        self._status: bytes | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Publish until *stop*; while the cache is out of reach, wait and then go on from there."""
        starts: Starts | None = await self._starts()
        await self._load_boards()
        is_paused = False
        while not stop.is_set():
            try:
                await self._resume(starts)
                starts = None
                metrics.LIVE_PAUSED.set(0)
                if is_paused:
                    log.info("The live feed goes on: the cache is back.")
                is_paused = False
                while not stop.is_set():
                    await self._step()
            except (RedisError, OSError) as error:
                if not is_paused:
                    log.warning("The live feed pauses: the cache is out of reach (%s).", error)
                is_paused = True
                metrics.LIVE_PAUSED.set(1)
                await asyncio.sleep(_RETRY_S)

    async def _resume(self, starts: Starts | None) -> None:
        """Put the consumer where the last published batch ended, or where a new epoch begins.

        Tokens are read from *starts* on, where the boards were loaded; what of them has been
        published is recognised by its version.
        """
        notes = await self._publisher.resume() or {}
        if not all(self._is_current(notes.get(_name(p)), p) for p in self._layout.partitions):
            # The start is settled before anybody can subscribe, so that nobody misses what follows.
            begin = starts or await self._starts()
            notes = {_name(p): self._noted(p, offset) for p, offset in begin.items()}
            await self._publisher.begin_epoch(notes)
        for partition in self._layout.partitions:
            offset = int(notes[_name(partition)].partition(":")[2])
            if starts and partition.topic == TOKENS.name:
                offset = min(offset, starts[partition])
            self._consumer.seek(partition, offset)
        self._drafting, self._status = Drafting(), None
        for board in self._boards:
            board.forget_shown()

    def _is_current(self, note: str | None, partition: TopicPartition) -> bool:
        """Return whether a note speaks of a partition of the topic as it is now."""
        epoch = str(self._layout.epochs[partition.topic])
        return note is not None and note.partition(":")[0] == epoch

    def _noted(self, partition: TopicPartition, offset: int) -> str:
        return f"{self._layout.epochs[partition.topic]}:{offset}"

    async def _starts(self) -> Starts:
        """Return where the store is, else the beginning: what it has need not be sent."""
        partitions, reader = self._layout.partitions, self._consumer
        committed = {p: await reader.committed(p) for p in partitions}
        beginning = await reader.beginning_offsets(partitions)
        return {p: beginning[p] if committed[p] is None else committed[p] for p in partitions}

    async def _step(self) -> None:
        """Publish what has come, and the boards and the head where they are due."""
        records = await self._records()
        writes, notes = self._read(records)
        self._follow(writes)
        await self._publisher.recall((w.key for w in writes.get("tokens", ())), self._drafting)
        drafts = [*self._drafting.drafts(writes), *await self._slow()]
        if drafts or notes:
            await self._publisher.publish(drafts, notes=notes)

    def _follow(self, writes: dict[str, list[Write[Any]]]) -> None:
        """Bring boards and head up to date; drop what cannot be ranked, as it cannot be stored."""
        ranked = []
        for write in writes.get("tokens", ()):
            with suppress(UsageError):
                found = candidate(record_of(write), write.body)
                ranked.append(write)
                for board in self._boards:
                    board.take(found)
        writes["tokens"] = ranked
        for write in writes.get("progress", ()):
            self._heads.take(record_of(write))

    async def _records(self) -> list[ConsumerRecord]:
        try:
            found = await self._consumer.getmany(timeout_ms=int(self._interval_s * 1000))
        except KafkaError as error:
            log.warning("The broker gives nothing just now (%s); trying again.", error)
            metrics.RETRIES.labels("receiving").inc()
            return []
        return [record for listed in found.values() for record in listed]

    def _read(
        self, records: Sequence[ConsumerRecord]
    ) -> tuple[dict[str, list[Write[Any]]], dict[str, str]]:
        """Return the writes by member of ``Batch``, and how far each partition has been read.

        What cannot be read is left to the indexer, which sets it aside.
        """
        writes: dict[str, list[Write[Any]]] = {}
        notes: dict[str, str] = {}
        for record in records:
            partition = TopicPartition(record.topic, record.partition)
            notes[_name(partition)] = self._noted(partition, record.offset + 1)
            at = self._layout.epochs[record.topic] + record.offset
            try:
                write = read(record.topic, record.key, record.value, at=at)
            except UnreadableError:
                continue
            writes.setdefault(BY_TOPIC[record.topic].field, []).append(write)
        return writes, notes

    async def _slow(self) -> list[Draft]:
        """Return the frames of boards and head, at most so often."""
        if monotonic() < self._slow_due:
            return []
        self._slow_due = monotonic() + self._interval_s
        if any(board.needs_more() for board in self._boards):
            await self._load_boards()
        found = [board.draft() for board in self._boards]
        return [draft for draft in (*found, self._status_draft()) if draft is not None]

    def _status_draft(self) -> Draft | None:
        head = self._heads.head()
        data = msgspec.json.encode(head)
        if data == self._status or not head.head_slot:
            return None
        self._status = data
        return Draft(Place("status", ALL), "delta", head.head_slot, data, state=data)

    async def _load_boards(self) -> None:
        """Fill the boards from the store; what is newer comes from the topics."""
        for board in self._boards:
            query = replace(BOARDS[board.place.key], limit=min(1000, board.size * RESERVE))
            try:
                page = await self._views.tokens(query)
            except StoreError as error:
                log.warning("%s The boards begin with what comes.", error)
                return
            board.refill(candidate(_decode_token(t.body), bytes(t.body)) for t in page.items)


def _name(partition: TopicPartition) -> str:
    """Return what a partition is called in the notes."""
    return f"{partition.topic}:{partition.partition}"
