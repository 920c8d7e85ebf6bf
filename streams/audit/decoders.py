"""Raw chain input decoded anew, against ``events``, ``claims``, ``launches`` and dead letters."""

from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet

from aiokafka import ConsumerRecord

from domain.audit.decoding import RawRecount, late_in, said_by
from domain.audit.digests import Block, Tally
from domain.audit.emitted import Emitted, compared, emitted_by
from domain.audit.findings import Finding, Judged
from domain.decode.again import Withheld, withheld_by
from domain.decode.chunk import DecodedChunk
from domain.decode.raw import RawDelivery
from schemas.event import OnChain
from schemas.topics import RAW_CHAIN
from streams.audit.case import Case, taken
from streams.audit.claims import ClaimsRead
from streams.audit.counting import Counting, counting
from streams.audit.cut import Part
from streams.audit.events import Bound, Bounds, EventsRead, emitted_of
from streams.audit.letters import check_letters
from streams.redecode import again_in

Take = Callable[[ConsumerRecord, DecodedChunk], None]


async def audit_decoders(
    case: Case, bounds: Bounds, events: EventsRead, claims: ClaimsRead
) -> None:
    """Decode every raw partition anew; name what is not there of what its records caused."""
    tally = Tally()
    for bound in bounds.raw:
        await _audit_partition(case, bound, bounds=bounds, tally=tally, claims=claims)
    blocks = tally.differing(events.tally)
    if blocks:
        expected = await _expected(case, bounds, blocks)
        for finding in compared(expected, await emitted_of(case, bounds, blocks)):
            case.found.add(finding)


async def _audit_partition(
    case: Case, bound: Bound, *, bounds: Bounds, tally: Tally, claims: ClaimsRead
) -> None:
    part, boundary = bound
    counts = await counting(case, part)

    def take(record: ConsumerRecord, decoded: DecodedChunk) -> None:
        for one in emitted_by(decoded, case.partitions_of):
            if bounds.has(one):
                tally.add(one.block, one.what)
        for said in said_by(decoded, record.offset):
            if said.time > boundary.time:
                claims.check(case, part, said)
        check_letters(case, part, {refused.offset for refused in decoded.refused})
        late = [] if again_in(record) else late_in(decoded)
        if late := [one for one in late if one.time > boundary.time]:
            case.found.add(_late(part, record.offset, late, complete=decoded.row.complete))

    recount = await _decode(case, part, counts=counts, take=take)
    await counts.check(recount.progress)
    case.found.judge(
        Judged(
            stage="decode",
            partition=part.place[1],
            counts=recount.progress.counts,
            from_slot=max(0, boundary.slot),
            through_offset=part.span.end - 1,
            behind=part.behind,
        )
    )


async def _expected(case: Case, bounds: Bounds, blocks: AbstractSet[Block]) -> list[Emitted]:
    """Return the events that should be there of some blocks of raw records."""
    found: list[Emitted] = []

    def take(_: ConsumerRecord, decoded: DecodedChunk) -> None:
        emitted = emitted_by(decoded, case.partitions_of)
        found.extend(one for one in emitted if one.block in blocks and bounds.has(one))

    for partition in sorted({partition for partition, _ in blocks}):
        await _decode(case, bounds.raw[partition].part, counts=None, take=take)
    return found


async def _decode(case: Case, part: Part, *, counts: Counting | None, take: Take) -> RawRecount:
    recount = RawRecount(
        partition=part.place[1],
        epoch=case.epochs[RAW_CHAIN.name],
        retention_s=case.settings.retention_hours * 3_600,
        set_aside=case.letters_of(part),
        withheld=await _withheld(case, part),
    )
    async for judged, _ in case.read(part):
        for run in counts.runs(judged, lambda: recount.progress.counts) if counts else [judged]:
            for record in run:
                nothing = RawDelivery(record.offset, record.key, b"", ())
                decoded = taken(recount.take, _delivery(record), instead=nothing)
                if decoded is not None:
                    take(record, decoded)
    return recount


async def _withheld(case: Case, part: Part) -> Withheld:
    """Return what was decoded only when it was sent again."""
    found: list[tuple[bytes, int, frozenset[str]]] = []
    async for records in case.log.read(part.place, part.span):
        found += [
            (record.key, record.offset, paths)
            for record in records
            if record.key and (paths := again_in(record))
        ]
    return withheld_by(found)


def _delivery(record: ConsumerRecord) -> RawDelivery:
    return RawDelivery(record.offset, record.key, record.value or b"", record.headers)


def _late(part: Part, offset: int, events: Iterable[OnChain], *, complete: int) -> Finding:
    slots = [event.place.slot for event in events]
    return Finding(
        stage="decode",
        partition=part.place[1],
        kind="late",
        topic=RAW_CHAIN.name,
        what=f"a record came when all through slot {complete:,} was said to be there",
        input=RAW_CHAIN.name,
        offsets=(offset, offset),
        slots=(min(slots), max(slots)),
    )
