"""Frames -> Kafka, in order, acknowledged; the clock goes to every partition it speaks for."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, Self

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from domain.errors import BtrackerError
from schemas.claim import SourceClock
from schemas.kafka import Kafka
from schemas.topics import METADATA, RAW_CHAIN, RAW_X, Topic
from streams.refusals import silent
from streams.sources.frames import CLOCK_KEY, Cursor, Entry, Frame, Headers, Position, Tick

FLIGHTS = 8
LINGER_MS = 2
BATCH_BYTES = 1 << 18
REQUEST_BYTES = 1 << 22
CLOCK_EVERY_S = 0.1
CLOCK_HEADERS = (("bt_kind", b"clock"),)

_encode = msgspec.json.Encoder().encode


class Settled(NamedTuple):
    """A frame that is safe in the broker; ``position`` is its place in the journal, if any."""

    source: str
    name: str
    cursor: Cursor
    position: Position | None


class Flight(NamedTuple):
    """Records on their way, a future for each; what to say when they have arrived, if anything."""

    futures: Sequence[asyncio.Future[Any]]
    settled: Settled | None = None


class Publisher:
    """The one producer of a collector. ``on_settled`` hears of each frame, in order.

    ``reached``: where the partitions of the chain's raw topic ended when the last record arrived.
    """

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer
        self._flights: deque[Flight] = deque()
        self._told = Tick(0, 0, 0)
        self._pending: Tick | None = None
        self._told_at = 0.0
        self._turn = asyncio.Lock()
        self.on_settled: Callable[[Settled], None] = lambda _: None
        self.reached: dict[int, int] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._producer.stop()

    async def publish(self, frame: Frame, position: Position | None = None) -> None:
        """Send a frame's records, then its clock; waits while too many frames are on their way.

        Raises:
            BtrackerError: Kafka did not take a record.
        """
        while len(self._flights) >= FLIGHTS:
            await self._settle()
        futures = [await self._send(entry) for entry in frame.entries]
        settled = Settled(frame.source, frame.name, frame.cursor, position)
        self._flights.append(Flight(futures, settled))
        if frame.tick:
            await self.tick(frame.tick)
        while self._flights and all(future.done() for future in self._flights[0].futures):
            await self._settle()

    async def hand_on(self, frame: Frame, keep: Callable[[Frame], Position | None]) -> None:
        """Let *keep* journal a frame, then publish it, both before anybody else's next one.

        What is behind it in the journal must not be acknowledged before it is.

        Raises:
            BtrackerError: Kafka did not take a record.
        """
        async with self._turn:
            await self.publish(frame, keep(frame))

    async def tick(self, tick: Tick) -> None:
        """Let the chain's clock be told, unless it stands still or was told just now."""
        self._pending = tick
        if time.monotonic() - self._told_at >= CLOCK_EVERY_S and tick.time > self._told.time:
            await self._tell(tick)

    async def drain(self) -> None:
        """Return when all that was published is in Kafka, the last clock included."""
        async with self._turn:
            if self._pending and self._pending != self._told:
                await self._tell(self._pending)
            while self._flights:
                await self._settle()

    async def report(self, topic: Topic, key: str, value: Any, headers: Headers) -> None:
        """Send a record of our own making (None: its tombstone), and wait until Kafka has it."""
        body = None if value is None else _encode(value)
        future = await self._send(Entry(topic.name, key.encode(), body, headers))
        await self._arrive([future])

    async def _send(self, entry: Entry, partition: int | None = None) -> asyncio.Future[Any]:
        with _explained():
            future: asyncio.Future[Any] = await self._producer.send(
                entry.topic,
                entry.value,
                key=entry.key,
                partition=partition,
                headers=list(entry.headers),
            )
            return future

    async def _tell(self, tick: Tick) -> None:
        self._told, self._told_at = tick, time.monotonic()
        clock = _encode({"time": tick.time, "slot": tick.slot, "complete": tick.complete})
        documents = SourceClock("metadata", 0, 0, 0, tick.time, tick.complete)
        futures = [
            *await self._broadcast(RAW_CHAIN, clock),
            *await self._broadcast(RAW_X, clock),
            *await self._broadcast(METADATA, _encode(documents)),
        ]
        self._flights.append(Flight(futures))

    async def _broadcast(self, topic: Topic, value: bytes) -> list[asyncio.Future[Any]]:
        partitions = sorted(await self._producer.partitions_for(topic.name))
        entry = Entry(topic.name, CLOCK_KEY, value, CLOCK_HEADERS)
        return [await self._send(entry, partition) for partition in partitions]

    async def _settle(self) -> None:
        flight = self._flights.popleft()
        await self._arrive(flight.futures)
        if flight.settled:
            self.on_settled(flight.settled)

    async def _arrive(self, futures: Sequence[Awaitable[Any]]) -> None:
        with _explained():
            for arrived in await asyncio.gather(*futures):
                if arrived.topic == RAW_CHAIN.name:
                    end = arrived.offset + 1
                    self.reached[arrived.partition] = max(
                        self.reached.get(arrived.partition, 0), end
                    )


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except KafkaError as error:
        raise BtrackerError(f"Kafka did not take a record: {error!r}.") from error


async def open_publisher(kafka: Kafka, *, record_bytes_max: int) -> Publisher:
    """Return a publisher on the Kafka at *kafka* (host:port).

    Raises:
        BtrackerError: nothing answers there.
    """
    producer = AIOKafkaProducer(
        **kafka.options,
        acks="all",
        linger_ms=LINGER_MS,
        max_batch_size=BATCH_BYTES,
        max_request_size=max(REQUEST_BYTES, 2 * record_bytes_max),
    )
    try:
        await producer.start()
    except KafkaError as error:
        await producer.stop()
        raise silent(kafka) from error
    return Publisher(producer)
