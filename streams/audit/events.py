"""``events``, read for those who write them: decoders and matcher."""

from collections.abc import Set as AbstractSet
from typing import NamedTuple

from aiokafka import ConsumerRecord

from domain.audit.boundary import Boundary
from domain.audit.digests import Block, Tally
from domain.audit.emitted import Emitted, Sight
from domain.audit.joining import FactsSeen
from domain.fold.fence import Mark, mark_of
from schemas.event import Event
from schemas.topics import CLAIMS, EVENTS, RAW_CHAIN
from streams.audit.case import Case, boundary_of, value_of
from streams.audit.cut import Part
from streams.audit.folds import PUBLIC, audit_fold


class Bound(NamedTuple):
    """What is judged of a raw partition: its records in a span, newer than a boundary."""

    part: Part
    boundary: Boundary


class Bounds(NamedTuple):
    """What is judged of all raw partitions, those of ``epoch``.

    ``firsts``: of each raw partition, in a partition of events that has lost its beginning, the
    first position that is kept.
    """

    epoch: int
    raw: tuple[Bound, ...]
    firsts: dict[tuple[int, int], Mark]

    def has(self, one: Emitted) -> bool:
        """Say whether an event is to be compared."""
        partition = one.raw.partition
        if one.raw.epoch != self.epoch or partition >= len(self.raw):
            return False
        span, boundary = self.raw[partition].part.span, self.raw[partition].boundary
        if not span.start <= one.raw.offset < span.end or one.time <= boundary.time:
            return False
        first = self.firsts.get((partition, one.partition))
        return first is None or mark_of(one.raw) >= first


class EventsRead(NamedTuple):
    """What the events say of those who wrote them."""

    tally: Tally
    facts: FactsSeen


async def bounds_of(case: Case) -> Bounds:
    """Return what is to be judged of the raw partitions."""
    parts = case.parts(RAW_CHAIN.name)
    raw = tuple([Bound(part, await boundary_of(case, part)) for part in parts])
    return Bounds(case.epochs[RAW_CHAIN.name], raw, {})


async def audit_events(case: Case, bounds: Bounds) -> EventsRead:
    """Audit the fold of each partition, and take down what the events say of their writers."""
    claims = case.cut[CLAIMS.name, 0]
    facts_before = case.epochs[CLAIMS.name] + claims.span.end
    read = EventsRead(Tally(), FactsSeen(facts_before))
    public = await case.log.spans(case.log.places(topic.name for topic in PUBLIC))
    for part in case.parts(EVENTS.name):
        partition, sight = part.place[1], Sight(part.place[1])

        def hear(
            record: ConsumerRecord,
            event: Event | None,
            *,
            partition: int = partition,
            sight: Sight = sight,
        ) -> None:
            read.facts.see(partition, event)
            one = sight.see(record.key, event)
            if one and bounds.has(one):
                read.tally.add(one.block, one.what)

        await audit_fold(case, part, hear, public=public)
        if not part.is_whole:
            _remember_firsts(case, bounds, part, sight)
    return read


def _remember_firsts(case: Case, bounds: Bounds, part: Part, sight: Sight) -> None:
    """Note where what is kept of a partition of events begins, for each raw partition."""
    never = (1 << 62, 0, 0)
    for raw in range(case.raw_partitions):
        bounds.firsts[raw, part.place[1]] = sight.first.get(raw, never)


async def emitted_of(case: Case, bounds: Bounds, blocks: AbstractSet[Block]) -> list[Emitted]:
    """Return the events that stand there of some blocks of raw records."""
    found: list[Emitted] = []
    for part in case.parts(EVENTS.name):
        sight = Sight(part.place[1])
        async for judged, behind in case.read(part):
            for record in (*judged, *behind):
                one = sight.see(record.key, value_of(record, Event))
                if one and one.block in blocks and bounds.has(one):
                    found.append(one)
    return found
