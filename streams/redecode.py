"""``btracker redecode``: raw transactions sent again of which today's decoders read more.

What was decoded is what stands on ``events``; nothing else is believed to know it. So it may be
ended and begun again at any time: what has been decoded since is not sent again.
"""

import asyncio
from collections.abc import Callable, Iterator
from typing import NamedTuple

from aiokafka import AIOKafkaProducer, ConsumerRecord
from aiokafka.errors import KafkaError

from domain.decode import Decoded, decode, parse_transaction
from domain.decode.raw import AGAIN, stamp_of
from domain.errors import BtrackerError, UnreadableError
from domain.fold.fence import mark_of
from domain.signatures import FINAL
from schemas.chain_events import Balances, Config, Other, Trade
from schemas.event import Clock, Event, OnChain
from schemas.fields import Address, Slot
from schemas.kafka import Kafka
from schemas.place import Place
from schemas.topics import EVENTS, RAW_CHAIN
from streams import epochs
from streams.log import Log, Span, open_log
from streams.wire import codec

FLIGHTS = 500


class Wanted(NamedTuple):
    """Which transactions: of slots, both ends included, that invoke a program; None: any."""

    first: Slot
    last: Slot
    program: Address | None


class Count(NamedTuple):
    """How many raw records were looked at, and transactions sent again."""

    looked_at: int = 0
    sent: int = 0


class Whole(NamedTuple):
    """The offsets of a raw partition of which all events are on the topic: behind, and through."""

    after: int
    through: int


class Known:
    """What stands on ``events``: ids of events, and of which raw records all do."""

    def __init__(self, epoch: int) -> None:
        self.ids = set[int]()
        self._epoch = epoch
        self._clocks: dict[tuple[int, int], int] = {}
        self._firsts: dict[tuple[int, int], int] = {}

    def see(self, partition: int, event: Event | None, wanted: Wanted) -> None:
        """Take note of a record of a partition of ``events``."""
        if not isinstance(event, OnChain | Clock) or event.raw.epoch != self._epoch:
            return
        place = event.raw.partition, partition
        _, offset, _ = mark_of(event.raw)
        self._firsts.setdefault(place, offset)
        if isinstance(event, Clock):
            self._clocks[place] = max(offset, self._clocks.get(place, -1))
        elif wanted.first <= event.place.slot <= wanted.last:
            self.ids.add(hash(event.place.event_id))

    def whole(self, raw: int, partitions: dict[int, Span]) -> Whole:
        """Return of which records of a raw partition all events are among them.

        A decoder's clocks go to every partition, behind the events of what came before.
        """
        lost = [one for one, span in partitions.items() if span.start > 0]
        return Whole(
            max((self._firsts.get((raw, one), 1 << 62) for one in lost), default=-1),
            min((self._clocks.get((raw, one), -1) for one in partitions), default=-1),
        )


async def run_redecode(
    kafka: Kafka, wanted: Wanted, *, stop: asyncio.Event, hear: Callable[[Count], None]
) -> Count:
    """Send again what today's decoders read more of, until *stop*; return how many there were.

    Raises:
        UsageError: the topics are missing.
        BtrackerError: Kafka cannot be reached, or did not take a record.
    """
    try:
        epoch = (await epochs.known(kafka)).get(RAW_CHAIN.name, 0)
        async with open_log(kafka) as log, AIOKafkaProducer(**kafka.options, acks="all") as out:
            raw = await log.spans(log.places([RAW_CHAIN.name]))
            known, spans = await _known(log, epoch, wanted, stop)
            sending, count = _Sending(out), Count()
            for (topic, partition), span in raw.items():
                whole = known.whole(partition, spans)
                kept = Span(max(span.start, whole.after + 1), min(span.end, whole.through + 1))
                async for records in log.read((topic, partition), kept):
                    if stop.is_set():
                        break
                    for record in records:
                        await sending.take(record, _news(record, known, wanted))
                    count = Count(count.looked_at + len(records), sending.sent)
                    hear(count)
            await sending.flush()
            return count
    except KafkaError as error:
        raise BtrackerError(f"The Kafka at {kafka} does not answer: {error!r}.") from error


class _Sending:
    """Sends each transaction once, some at a time."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer
        self._flights: list[asyncio.Future[object]] = []
        self._done = set[int]()
        self.sent = 0

    async def take(self, record: ConsumerRecord, paths: frozenset[str]) -> None:
        """Send a record again for some paths; without any it is not sent."""
        if not paths or hash(record.key) in self._done:
            return
        self._done.add(hash(record.key))
        headers = [*record.headers, (AGAIN, ",".join(sorted(paths)).encode())]
        flight = await self._producer.send(
            record.topic,
            record.value,
            key=record.key,
            headers=headers,
            partition=record.partition,
        )
        self._flights.append(flight)
        self.sent += 1
        if len(self._flights) >= FLIGHTS:
            await self.flush()

    async def flush(self) -> None:
        """Return when all that was sent is in Kafka."""
        flights, self._flights = self._flights, []
        await asyncio.gather(*flights)


async def _known(
    log: Log, epoch: int, wanted: Wanted, stop: asyncio.Event
) -> tuple[Known, dict[int, Span]]:
    known, spans = Known(epoch), await log.spans(log.places([EVENTS.name]))
    for (topic, partition), span in spans.items():
        async for records in log.read((topic, partition), span):
            if stop.is_set():
                break
            for record in records:
                known.see(partition, _event(record), wanted)
    return known, {partition: span for (_, partition), span in spans.items()}


def _event(record: ConsumerRecord) -> Event | None:
    try:
        event: Event = codec(Event).decode(record.value)
    except UnreadableError:
        return None
    return event


def _news(record: ConsumerRecord, known: Known, wanted: Wanted) -> frozenset[str]:
    """Return the paths of a transaction that have events now and have none on the topic."""
    try:
        stamp = stamp_of(record.headers)
        if stamp is None or stamp.kind not in FINAL or stamp.again:
            return frozenset()
        decoded = decode(record.value or b"")
    except UnreadableError:
        return frozenset()  # It is a dead letter, and stays one.
    slot = decoded.slot
    if slot is None or not wanted.first <= slot <= wanted.last:
        return frozenset()
    if wanted.program is not None and wanted.program not in _programs(record.value or b""):
        return frozenset()
    return frozenset(
        path for path in _told(decoded) if hash(_id(decoded, slot, path)) not in known.ids
    )


def _told(decoded: Decoded) -> Iterator[str]:
    """Yield the paths of what the decoder emits; balances follow the events of their token."""
    for found in decoded.events:
        event = found.event
        is_silent = isinstance(event, Other | Config | Balances)
        if not is_silent and not (isinstance(event, Trade) and event.aside):
            yield found.path


def _id(decoded: Decoded, slot: Slot, path: str) -> str:
    outer, _, inner = path.partition(".")
    place = Place(slot, 0, int(outer), int(inner) if inner else -1, decoded.signature)
    return place.event_id


def _programs(value: bytes) -> frozenset[Address]:
    return frozenset(one.program for one in parse_transaction(value).instructions)


def again_in(record: ConsumerRecord) -> frozenset[str]:
    """Return the paths for which a raw record was sent again; none: it was not."""
    try:
        stamp = stamp_of(record.headers)
    except UnreadableError:
        return frozenset()
    return stamp.again if stamp else frozenset()
