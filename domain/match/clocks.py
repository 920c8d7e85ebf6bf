"""How far the claims reach: the clocks of decoders and sources, and what follows from them."""

from typing import TypeVar

from msgspec.structs import replace

from schemas.claim import SourceClock
from schemas.claim_rows import Heard, MatchRow
from schemas.event import Clock
from schemas.fields import ChainTime, Slot

K = TypeVar("K", int, str)

SOURCES = frozenset({"x:0", "metadata:0"})
"""The partitions of posts and documents, whose readers must have spoken."""

LONGEST_WAIT_S = 7 * 86_400
"""A source that is silent for longer no longer holds up the expiry of what others said."""


def hear(row: MatchRow, clock: Clock | SourceClock) -> MatchRow:
    """Return the row with *clock* in it, unless a newer one of the same origin is there."""
    if isinstance(clock, Clock):
        raw = clock.raw
        heard = Heard(raw.epoch, raw.offset, clock.time, clock.slot, clock.complete)
        return replace(row, heads=_newer(row.heads, raw.partition, heard))
    heard = Heard(clock.epoch, clock.offset, clock.time, clock.complete, clock.complete)
    return replace(row, sources=_newer(row.sources, f"{clock.source}:{clock.partition}", heard))


def counted(row: MatchRow, position: tuple[int, int], *, is_readable: bool) -> MatchRow:
    """Return the row with the claim at *position* (epoch, offset) counted, at most once."""
    if position <= row.through:
        return row
    return replace(
        row,
        through=position,
        seen=row.seen + 1,
        applied=row.applied + is_readable,
        dead_lettered=row.dead_lettered + (not is_readable),
    )


def joined(row: MatchRow, *, raw_partitions: int) -> Slot:
    """Return the slot through which links and documents are complete, 0 while nobody knows.

    Every raw partition has to have spoken, and every source of ``SOURCES``: whoever tells the
    chain's clock tells it there as well. One that never names a slot (a live stream of posts)
    holds up nothing further.
    """
    if len(row.heads) < raw_partitions or not row.sources.keys() >= SOURCES:
        return 0
    sources = (heard.complete for heard in row.sources.values() if heard.complete)
    return min((*(heard.complete for heard in row.heads.values()), *sources), default=0)


def newest(row: MatchRow) -> ChainTime:
    """Return the newest chain time heard of, 0 before the first."""
    return max((heard.time for heard in row.heads.values()), default=0)


def slowest(row: MatchRow, *, raw_partitions: int) -> ChainTime:
    """Return the chain time that every origin has reached; one that has not spoken is at 0."""
    times = [heard.time for heard in (*row.heads.values(), *row.sources.values())]
    is_whole = len(row.heads) >= raw_partitions and row.sources.keys() >= SOURCES
    newest_s = max(times, default=0)
    return max(min(times) if is_whole else 0, newest_s - LONGEST_WAIT_S)


def _newer(heard_by: dict[K, Heard], origin: K, heard: Heard) -> dict[K, Heard]:
    known = heard_by.get(origin)
    if known is not None and (known.epoch, known.offset) >= (heard.epoch, heard.offset):
        return heard_by
    return {**heard_by, origin: heard}
