"""Events by their raw position: those that raw records cause, and those that are there."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from typing import NamedTuple

import msgspec

from domain.audit.digests import Block, digest
from domain.audit.findings import Finding, Kind
from domain.decode.chunk import DecodedChunk
from domain.fold.fence import Mark, mark_of
from schemas.event import Clock, Event, OnChain
from schemas.fields import ChainTime, Mint, Slot
from schemas.place import RawPosition
from schemas.topics import EVENTS, RAW_CHAIN

BLOCK_RECORDS = 1_024
CLOCK_KEY = b"clock"

PartitionsOf = Callable[[Mint | None], Iterable[int]]
"""Tells the partitions of ``events`` for a mint; None: a clock, which goes to all."""

encode = msgspec.json.Encoder().encode


class Emitted(NamedTuple):
    """An event in a partition of ``events``; ``what`` stands for its key and all it says."""

    raw: RawPosition
    partition: int
    what: int
    time: ChainTime
    slot: Slot

    @property
    def block(self) -> Block:
        """The block of raw records that it came from."""
        return self.raw.partition, self.raw.offset // BLOCK_RECORDS


def emitted_by(decoded: DecodedChunk, partitions_of: PartitionsOf) -> Iterator[Emitted]:
    """Yield what should stand on ``events`` because of *decoded*."""
    for mint, event in decoded.events:
        key = CLOCK_KEY if mint is None else mint.encode()
        for partition in partitions_of(mint):
            yield _emitted(partition, key, event)


class News:
    """What is new among the events of one partition, read in the order of its offsets.

    What a decoder says again after a crash stands at or below what it had said, as the fence of
    the fold has it: only what is above is news.
    """

    def __init__(self) -> None:
        self._highest: dict[int, Mark] = {}
        self.first: dict[int, Mark] = {}
        """Per raw partition the first position that is there."""

    def has(self, event: OnChain | Clock) -> bool:
        """Say whether the next event is news."""
        raw, mark = event.raw, mark_of(event.raw)
        self.first.setdefault(raw.partition, mark)
        highest = self._highest.get(raw.partition)
        if highest is not None and mark <= highest:
            return False
        self._highest[raw.partition] = mark
        return True


class Sight:
    """One partition of ``events``, read in the order of its offsets."""

    def __init__(self, partition: int) -> None:
        self._partition = partition
        self._news = News()

    @property
    def first(self) -> Mapping[int, Mark]:
        """Per raw partition the first position that is there."""
        return self._news.first

    def see(self, key: bytes | None, event: Event | None) -> Emitted | None:
        """Return what a record says for the first time, None if it is none of a decoder."""
        if not isinstance(event, OnChain | Clock) or not self._news.has(event):
            return None
        return _emitted(self._partition, key or b"", event)


def _emitted(partition: int, key: bytes, event: OnChain | Clock) -> Emitted:
    slot = event.slot if isinstance(event, Clock) else event.place.slot
    return Emitted(event.raw, partition, digest(key, encode(event)), event.time, slot)


def compared(expected: Iterable[Emitted], found: Iterable[Emitted]) -> Iterator[Finding]:
    """Yield a finding per raw record whose events are not all there, or that has others."""
    should = {(one.raw, one.partition): one for one in expected}
    there = {(one.raw, one.partition): one for one in found}
    wrong = [(one, _kind(one, there.get(place))) for place, one in should.items()]
    wrong += [(one, "unexplained") for place, one in there.items() if place not in should]
    listed = sorted(((one, kind) for one, kind in wrong if kind), key=_record)
    for (partition, offset, kind), same in groupby(listed, key=_record):
        yield _finding((partition, offset), kind, [one for one, _ in same])


def _record(found: tuple[Emitted, Kind]) -> tuple[int, int, Kind]:
    one, kind = found
    return one.raw.partition, one.raw.offset, kind


def _kind(expected: Emitted, found: Emitted | None) -> Kind | None:
    if found is None:
        return "missing"
    return None if found.what == expected.what else "different"


_SAID: dict[Kind, str] = {
    "missing": "not on",
    "different": "another on",
    "unexplained": "caused by no record, but on",
}


def _finding(raw: tuple[int, int], kind: Kind, events: list[Emitted]) -> Finding:
    partition, offset = raw
    slots = [one.slot for one in events]
    where = ", ".join(str(one) for one in sorted({one.partition for one in events}))
    said = "1 event is" if len(events) == 1 else f"{len(events):,} events are"
    return Finding(
        stage="decode",
        partition=partition,
        kind=kind,
        topic=EVENTS.name,
        what=f"{said} {_SAID[kind]} {EVENTS.name} {where}",
        input=RAW_CHAIN.name,
        offsets=(offset, offset),
        slots=(min(slots), max(slots)),
        count=len(events),
    )
