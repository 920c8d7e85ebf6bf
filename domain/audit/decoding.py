"""A raw partition decoded from scratch, and what else than events its records cause."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from msgspec.structs import replace

from domain.audit.digests import digest
from domain.audit.emitted import CLOCK_KEY, encode
from domain.decode.again import NOTHING_WITHHELD, Withheld
from domain.decode.chunk import DecodedChunk
from domain.decode.partition import PartitionDecoder
from domain.decode.raw import RawDelivery
from schemas.event import Clock, OnChain, Op
from schemas.fields import ChainTime, Signature, Slot
from schemas.progress import Progress
from schemas.rows import DecodeRow, SignatureRow
from schemas.topics import CLAIMS, LAUNCHES


class Said(NamedTuple):
    """Something to be found on *topic* because of the record at *offset* of its input.

    ``time`` is the chain's at that record.
    """

    topic: str
    what: int
    offset: int
    slot: Slot
    time: ChainTime


class RawRecount:
    """The decoder of one raw partition, with tables of its own.

    It remembers a signature for as long as the worker's does: some 400 bytes for each transaction
    of a program we know, within the retention. *set_aside*: offsets of which there is a dead
    letter. What an earlier version could not read is no longer judged, else it would be missed,
    unless it was sent again since: *withheld* tells what was decoded only then.
    """

    def __init__(
        self,
        *,
        partition: int,
        epoch: int,
        retention_s: int,
        set_aside: AbstractSet[int],
        withheld: Withheld = NOTHING_WITHHELD,
    ) -> None:
        self._signatures: dict[Signature, SignatureRow] = {}
        self._rows: dict[str, DecodeRow] = {}
        self._key = str(partition)
        self._decoder = PartitionDecoder(
            self._signatures,
            self._rows,
            partition=partition,
            epoch=epoch,
            retention_s=retention_s,
            withheld=withheld,
        )
        self._set_aside, self._withheld = set_aside, withheld
        self._aside = 0
        self._progress = Progress(stage="decode", partition=partition)

    def take(self, record: RawDelivery) -> DecodedChunk | None:
        """Return what the next record causes, None if it was set aside."""
        decoded = self._decoder.take([record])
        is_aside = record.offset in self._set_aside and record.key not in self._withheld
        if is_aside and not decoded.refused:
            self._aside += 1
            return None
        for signature, row in decoded.signatures.items():
            if row is None:
                self._signatures.pop(signature, None)
            else:
                self._signatures[signature] = row
        self._rows[self._key] = decoded.row
        self._progress = decoded.progress
        return decoded

    @property
    def progress(self) -> Progress:
        """How far it is, and what became of the records."""
        counts = self._progress.counts
        return replace(
            self._progress,
            counts=replace(
                counts,
                seen=counts.seen + self._aside,
                dead_lettered=counts.dead_lettered + self._aside,
            ),
        )


def said_by(decoded: DecodedChunk, offset: int) -> Iterator[Said]:
    """Yield what should stand on ``claims`` and ``launches`` because of the record at *offset*."""
    time, slot = decoded.row.head_time, decoded.row.head_slot
    for config in decoded.configs:
        yield Said(CLAIMS.name, what_of(config.config, config), offset, slot, time)
    for claim in decoded.launches:
        what = what_of(claim.launch.mint, claim)
        for topic in (LAUNCHES, CLAIMS):
            yield Said(topic.name, what, offset, claim.place.slot, time)
    for _, event in decoded.events:
        if isinstance(event, Clock):
            yield Said(CLAIMS.name, digest(CLOCK_KEY, encode(event)), offset, event.slot, time)


def what_of(key: str, value: object) -> int:
    """Return what stands for a record of an internal topic."""
    return digest(key.encode(), encode(value))


def late_in(decoded: DecodedChunk) -> list[OnChain]:
    """Return what came after its slot was said to be complete.

    What is older than the retention is not among it: it changes no state, and is counted apart.
    """
    complete = decoded.row.complete
    events = (event for _, event in decoded.events if isinstance(event, OnChain))
    return [event for event in events if event.op is not Op.LOG and event.place.slot <= complete]
