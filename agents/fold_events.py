"""events -> tokens, trades, candles, holders, lifecycle, wanted: the fold of every token."""

from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from typing import Any

from domain.fold.partition import PartitionFold
from domain.fold.state import Folded, Publication, Tables
from schemas.event import Event
from schemas.topics import CANDLES, EVENTS, HOLDERS, LIFECYCLE, RAW_CHAIN, TOKENS, TRADES, WANTED
from streams.app import app
from streams.attempts import attempt, dead, unread
from streams.chunks import Chunk, Kept, read
from streams.outputs import Output, internal, public
from streams.table import RowTable
from tables.accounts import accounts
from tables.buckets import buckets
from tables.candles import candles
from tables.clocks import clocks
from tables.curves import curves
from tables.facts import facts
from tables.lives import lives
from tables.traders import traders

STATE = {
    "curves": curves, "buckets": buckets, "candles": candles, "traders": traders,
    "accounts": accounts, "lives": lives, "facts": facts,
}  # fmt: skip


def open_fold(chunk: Chunk) -> PartitionFold:
    """Return the fold of a chunk's partition, from its rows."""
    own = {name: table.of(chunk.partition) for name, table in STATE.items()}
    return PartitionFold(
        Tables(**own, clocks=clocks.of(chunk.partition)),
        partition=chunk.partition,
        raw_partitions=app.partitions_of(RAW_CHAIN),
        events_epoch=chunk.epoch,
        retention_s=app.settings.retention_hours * 3_600,
    )


opened = Kept(open_fold)


@app.arrow(EVENTS, to=(TOKENS, TRADES, CANDLES, HOLDERS, LIFECYCLE, WANTED))
async def fold_events(chunks: AsyncIterator[Chunk]) -> None:
    """Fold chunks; an event that cannot be folded is dead-lettered, the rest counts."""
    async for chunk in chunks:
        events, unreadable = read(chunk, Event)
        folded, bad = attempt(
            partial(fold, chunk),
            in_order(events, [letter.record.offset for letter in unreadable]),
            again=partial(opened.forget, chunk),
            instead=unread,
        )
        await chunk.finish(
            rows=rows(folded),
            outputs=outputs(folded, chunk.partition),
            last_rows={clocks: folded.clock},
            dead_letters=[*unreadable, *dead(chunk, bad)],
            progress=folded.progress,
        )


def fold(chunk: Chunk, events: Sequence[tuple[int, Event | None]]) -> Folded:
    """Fold events into the state of the chunk's partition."""
    return opened.of(chunk).fold(events)


def in_order(
    events: Sequence[tuple[int, Event]], unreadable: Sequence[int]
) -> list[tuple[int, Event | None]]:
    """Return the events by offset, with None where a record could not be read."""
    return sorted([*events, *((offset, None) for offset in unreadable)], key=lambda item: item[0])


def rows(folded: Folded) -> dict[RowTable, Mapping[str, Any]]:
    """Return the rows of a fold by their tables."""
    return {STATE[name]: changed for name, changed in folded.rows().items()}


def outputs(folded: Folded, partition: int) -> list[Output]:
    """Return what a fold made public, and what it lacks."""
    asked = [internal(WANTED, key=one.mint, value=one, partition=0) for one in folded.wanted]
    return [*(output(publication, partition) for publication in folded.publications), *asked]


def output(publication: Publication, partition: int) -> Output:
    """Return a publication as a record, in the partition of its events."""
    return public(
        publication.topic,
        key=publication.key,
        value=publication.value,
        partition=partition,
        event_id=publication.event_id,
        subject=publication.mint,
        slot=publication.slot,
        time=publication.time,
        op=publication.op,
    )
