"""Lanes: records on their way to one partition of one topic."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence

import msgspec
from aiokafka import AIOKafkaProducer

from streams.metrics import RECORDS
from streams.outputs import Headers, Output


class Entry(msgspec.Struct, frozen=True, gc=False):
    """A record as it goes into a batch."""

    key: bytes | None
    value: bytes | None
    headers: Headers = ()


Entries = Sequence[Entry | Output]


class _Load:
    """Entries that were added together. ``done`` gets the offset after the last of them."""

    __slots__ = ("done", "entries", "taken")

    def __init__(self, entries: Entries, done: asyncio.Future[int]) -> None:
        self.entries = entries
        self.taken = 0
        self.done = done


class Lane:
    """One batch is in flight; what is added meanwhile leaves together in the next, in order.

    *on_written* hears of entries that are durable, with the offset after them and when they were
    sent (ms since 1970). After a batch has failed nothing more is sent: what follows would stand on
    a hole.
    """

    def __init__(
        self,
        producer: AIOKafkaProducer,
        topic: str,
        partition: int,
        *,
        on_written: Callable[[Entries, int, int], None],
        on_failure: Callable[[BaseException], None],
    ) -> None:
        self._producer = producer
        self._topic = topic
        self._partition = partition
        self._on_written = on_written
        self._on_failure = on_failure
        self._loads: deque[_Load] = deque()
        self._sender: asyncio.Task[None] | None = None
        self._failure: BaseException | None = None
        self._written = RECORDS.labels(topic, "written")

    def add(self, entries: Entries) -> asyncio.Future[int]:
        """Queue *entries*; the answer is the offset after the last one, once all are durable."""
        done = asyncio.get_running_loop().create_future()
        self._loads.append(_Load(entries, done))
        if self._failure is not None:
            self._refuse(self._failure)
        elif self._sender is None:
            self._sender = asyncio.create_task(self._send())
        return done

    async def _send(self) -> None:
        try:
            while self._loads:
                await self._send_batch()
        except Exception as error:  # noqa: BLE001  # Whatever it is, it stops the worker.
            self._failure = error
            self._refuse(error)
            self._on_failure(error)
        finally:
            self._sender = None

    async def _send_batch(self) -> None:
        batch = self._producer.create_batch()
        filled: list[tuple[_Load, int]] = []
        count, now = 0, time.time_ns() // 1_000_000
        for load in self._loads:
            count += _fill(batch, load, now)
            if load.taken < len(load.entries):
                break
            filled.append((load, count))
        sent = await self._producer.send_batch(batch, self._topic, partition=self._partition)
        written = await sent
        self._written.inc(count)
        for load, position in filled:
            self._loads.popleft()
            self._on_written(load.entries, written.offset + position, now)
            load.done.set_result(written.offset + position)

    def _refuse(self, error: BaseException) -> None:
        while self._loads:
            done = self._loads.popleft().done
            if not done.done():
                done.set_exception(error)
                # Whoever waits for it hears of it; nobody waiting is no second failure.
                done.exception()


def _fill(batch: object, load: _Load, now: int) -> int:
    """Move entries of *load* into *batch* until it is full; return how many."""
    append = batch.append  # type: ignore[attr-defined]
    before = load.taken
    for entry in load.entries[before:]:
        headers = list(entry.headers)
        if append(timestamp=now, key=entry.key, value=entry.value, headers=headers) is None:
            break
        load.taken += 1
    return load.taken - before
