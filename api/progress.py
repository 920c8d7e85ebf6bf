"""What the stages' progress says about the chain, the sources and the counts. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from schemas.base import Record
from schemas.fields import Slot, Timestamp
from schemas.progress import GONE, Progress
from views.contract import StoreCounts

SourceState = Literal["connecting", "running", "stalled", "done"]


JOINING = ("read", "match")
"""Stages whose own records, posts and links, reach the store apart from those of the fold."""


class Chain(msgspec.Struct, frozen=True, kw_only=True):
    """How far the chain is known. Slots are 0 and the time None before anything is.

    ``indexed_slot`` is the head that the state in the store has, ``complete_through_slot`` the
    slot through which nothing is missing in it; ``joined_through_slot`` the same for posts and
    documents.
    """

    head_slot: Slot
    chain_time: Timestamp | None
    complete_through_slot: Slot
    indexed_slot: Slot
    joined_through_slot: Slot = 0

    def lag_ms(self, *, now_ms: int) -> int | None:
        """Return how far the chain time is behind the wall clock, at least 0."""
        at = self.seconds
        return None if at is None else max(0, now_ms - at * 1000)

    @property
    def seconds(self) -> int | None:
        """The chain time in seconds since 1970."""
        return int(datetime.fromisoformat(self.chain_time).timestamp()) if self.chain_time else None


class ChainStatus(Record, frozen=True, kw_only=True, rename="camel"):
    """The chain in ``GET /status``. ``lag_ms`` is the wall clock minus chain time."""

    head_slot: Slot
    chain_time: Timestamp | None
    complete_through_slot: Slot
    lag_ms: int | None


class SourceStatus(Record, frozen=True, kw_only=True, rename="camel"):
    """A source; done only when everything it delivered can be seen here."""

    name: str
    kind: str
    state: SourceState
    detail: str | None


class TotalCounts(Record, frozen=True, kw_only=True, rename="camel"):
    """What became of everything seen. ``transactions`` counts each one once, failed included."""

    transactions: int
    failed: int
    events: int
    trades: int
    tokens: int
    posts: int
    links: int
    dead_lettered: int
    duplicates: int


class StoreStatus(Record, frozen=True, kw_only=True, rename="camel"):
    """The store that answers."""

    kind: str
    indexed_slot: Slot


class Status(Record, frozen=True, kw_only=True, rename="camel"):
    """The answer of ``GET /status``."""

    chain: ChainStatus
    sources: tuple[SourceStatus, ...]
    counts: TotalCounts
    store: StoreStatus


def chain(progress: Sequence[Progress], *, partitions: int) -> Chain:
    """Return how far the chain is visible, from the newest progress of every stage.

    A minimum over *partitions* is 0 until the stage has spoken of each of them. The decoder counts
    with the fold, else the counts of what it saw would be behind a chain that is called complete.
    """
    folds = [record for record in progress if record.stage == "fold"]
    decoders = [record for record in progress if record.stage == "decode"]
    whole = len(folds) >= partitions
    counted = whole and len(decoders) >= partitions
    joins = [record for record in progress if record.stage in JOINING]
    return Chain(
        head_slot=max((record.head_slot for record in progress), default=0),
        chain_time=max((r.chain_time for r in folds if r.chain_time), default=None),
        complete_through_slot=min(
            (record.complete_through_slot for record in (*folds, *decoders) if counted), default=0
        ),
        indexed_slot=max((f.head_slot for f in folds), default=0),
        joined_through_slot=min(
            (record.joined_through_slot for record in (*folds, *joins) if whole), default=0
        ),
    )


def sources(progress: Sequence[Progress], visible: Chain) -> tuple[SourceStatus, ...]:
    """Return the state of every source that has reported and is not gone, by name and kind."""
    found = [one for one in progress if one.stage == "collect" and one.state != GONE]
    return tuple(_source(r, visible) for r in sorted(found, key=lambda r: (r.source, r.kind)))


def _source(record: Progress, visible: Chain) -> SourceStatus:
    seen = visible.complete_through_slot if record.kind == "chain" else visible.joined_through_slot
    waiting = record.state == "done" and seen < record.complete_through_slot
    told = (record.detail, f"visible through slot {seen:,}" if waiting else None)
    return SourceStatus(
        name=record.source or "",
        kind=record.kind or "",
        state=msgspec.convert("running" if waiting else record.state or "connecting", SourceState),
        detail=", ".join(filter(None, told)) or None,
    )


def totals(progress: Sequence[Progress], visible: StoreCounts) -> TotalCounts:
    """Return the counts of all stages together with what is visible in the store."""
    decoded = [record.counts for record in progress if record.stage == "decode"]
    return TotalCounts(
        transactions=sum(counts.applied for counts in decoded),
        failed=sum(counts.failed for counts in decoded),
        events=sum(counts.events for counts in decoded),
        trades=visible.trades,
        tokens=visible.tokens,
        posts=visible.posts,
        links=visible.links,
        dead_lettered=sum(record.counts.dead_lettered for record in progress),
        duplicates=sum(counts.duplicate for counts in decoded),
    )
