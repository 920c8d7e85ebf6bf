"""What all parts of an audit share."""

from bisect import bisect_left
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple, TypeVar

from aiokafka import ConsumerRecord

from domain.audit.boundary import MARGIN_S, WHOLE, Boundary, Finder
from domain.audit.emitted import News
from domain.audit.findings import Gathering
from domain.decode.raw import stamp_of, tick_of
from domain.errors import UnreadableError
from schemas.claim import Claim, SourceClock
from schemas.event import Clock, Event, OnChain
from schemas.fields import ChainTime, Mint, Slot
from schemas.topics import EVENTS, METADATA, RAW_CHAIN, RAW_X
from streams.audit.cut import Cut, Part
from streams.lines import Place
from streams.log import Log, Records
from streams.partitioner import partition_of
from streams.settings import StreamSettings
from streams.standing import Standing
from streams.wire import codec

R = TypeVar("R")
T = TypeVar("T")

READERS = {"x": RAW_X.name, "metadata": METADATA.name}
"""The inputs of those who read posts and documents, by what they call themselves."""


class Case(NamedTuple):
    """A log and its cut, the offsets of dead letters, what was found; *hear* is told what is read.

    ``epochs`` are those of the topics.
    """

    log: Log
    standing: Standing
    cut: Cut
    epochs: Mapping[str, int]
    letters: Mapping[Place, AbstractSet[int]]
    found: Gathering
    settings: StreamSettings
    hear: Callable[[int], None]

    @property
    def raw_partitions(self) -> int:
        """How many partitions of raw chain input there are."""
        return self.log.partitions(RAW_CHAIN.name)

    def parts(self, topic: str) -> list[Part]:
        """Return the input partitions of a topic."""
        return [self.cut[place] for place in self.log.places([topic])]

    def letters_of(self, part: Part) -> AbstractSet[int]:
        """Return the offsets of a partition of which there is a dead letter."""
        return self.letters.get(part.place, frozenset())

    async def read(self, part: Part) -> AsyncIterator[tuple[Records, Records]]:
        """Yield the records of an input partition: those that are judged, and those behind."""
        async for records in self.log.read(part.place, part.kept):
            at = bisect_left(records, part.span.end, key=lambda record: record.offset)
            yield records[:at], records[at:]
            self.hear(len(records))

    def partitions_of(self, mint: Mint | None) -> Iterable[int]:
        """Return the partitions of ``events`` for a mint; None: a clock's."""
        count = self.log.partitions(EVENTS.name)
        return range(count) if mint is None else (partition_of(mint.encode(), count),)


def value_of(record: ConsumerRecord, schema: Any) -> Any:
    """Return what a record says, None where that cannot be read."""
    try:
        return codec(schema).decode(record.value)
    except UnreadableError:
        return None


def taken(take: Callable[[R], T], record: R, *, instead: R) -> T:
    """Return what comes of a record; of one that makes us fail, what comes of *instead*.

    The agents set it aside, so that it is to be found among the dead letters.
    """
    try:
        return take(record)
    except Exception:  # noqa: BLE001  # Whatever it is, an audit has more to look at.
        return take(instead)


async def boundary_of(case: Case, part: Part, *, margin_s: int = MARGIN_S) -> Boundary:
    """Return where a partition begins to be whole, by the clocks in it."""
    if part.is_whole:
        return WHOLE
    topic = part.place[0]
    decoders = [(RAW_CHAIN.name, one) for one in range(case.raw_partitions)]
    sources = {RAW_CHAIN.name: [part.place], EVENTS.name: decoders}
    readers = [(RAW_X.name, 0), (METADATA.name, 0)]
    finder = Finder(sources.get(topic, [*decoders, *readers]), margin_s)
    clock_in = _new_clocks() if topic == EVENTS.name else clock_of
    async for records in case.log.read(part.place, part.span):
        for record in records:
            clock = clock_in(record)
            if clock and finder.hear(clock.source, clock.time, clock.slot):
                return finder.found
    return finder.found


class Clocked(NamedTuple):
    """A clock on its way: the raw partition and offset that told it, and what it says."""

    source: Place
    offset: int
    time: ChainTime
    slot: Slot


def clock_of(record: ConsumerRecord) -> Clocked | None:
    """Return the clock that a record of raw input or claims is, None if it is none."""
    if record.topic == RAW_CHAIN.name:
        return _told(record)
    match value_of(record, Claim):
        case Clock() as clock:
            return _passed_on(clock)
        case SourceClock(source, partition, _, offset, time, slot) if source in READERS:
            return Clocked((READERS[source], partition), offset, time, slot)
    return None


def _new_clocks() -> Callable[[ConsumerRecord], Clocked | None]:
    """Return what finds the clocks in a partition of events, record after record.

    A clock that a decoder says again after a crash does not show what is gone before it. What
    stands from there to where the decoder had come counts only where it stood first: when that is
    gone, all of it is.
    """
    news = News()

    def clock_in(record: ConsumerRecord) -> Clocked | None:
        event = value_of(record, Event)
        is_new = isinstance(event, OnChain | Clock) and news.has(event)
        return _passed_on(event) if is_new and isinstance(event, Clock) else None

    return clock_in


def _passed_on(clock: Clock) -> Clocked:
    raw = clock.raw
    return Clocked((RAW_CHAIN.name, raw.partition), raw.offset, clock.time, clock.slot)


def _told(record: ConsumerRecord) -> Clocked | None:
    try:
        if stamp_of(record.headers) is not None:
            return None
        tick = tick_of(record.value or b"")
    except UnreadableError:
        return None
    return Clocked((record.topic, record.partition), record.offset, tick.time, tick.slot)
