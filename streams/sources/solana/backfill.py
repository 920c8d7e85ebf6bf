"""``btracker backfill``: blocks of the past, read again, for one program or all of ours."""

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from aiohttp import ClientSession, DummyCookieJar
from aiokafka.errors import KafkaError
from msgspec.structs import replace

from domain.errors import BtrackerError, UsageError
from schemas.cursor import SourceCursor
from schemas.fields import Address, Slot
from schemas.kafka import Kafka
from schemas.topics import CURSORS, RAW_CHAIN
from streams import topics
from streams.sources.cursors import CursorWriter, known_cursors
from streams.sources.frames import Cursor, Tally
from streams.sources.pausing import pause, unless
from streams.sources.publisher import Publisher, Settled
from streams.sources.solana.beginning import cluster_of, newest_slot
from streams.sources.solana.blocks import PROGRAM_IDS, Mentions
from streams.sources.solana.desk import SOURCE, Desk
from streams.sources.solana.pool import open_pool
from streams.sources.solana.settings import SolanaSettings
from streams.sources.solana.sweep import Sweep

LOOK_S = 0.25


class Span(NamedTuple):
    """What to read: slots, both ends included, and whose transactions; None: all of ours."""

    first: Slot
    last: Slot
    program: Address | None = None

    @property
    def source(self) -> str:
        """What it is called among the cursors: the same span goes on where it was left."""
        return f"backfill:{self.program or 'all'}:{self.first}:{self.last}"


def check_span(span: Span) -> None:
    """Refuse what makes no sense before anything is asked.

    Raises:
        UsageError: the span is empty, or nobody decodes the program.
    """
    if span.last < span.first:
        raise UsageError(
            f"There is nothing from {span.first} to {span.last}; swap --from and --to."
        )
    if span.program is not None and span.program not in PROGRAM_IDS:
        raise UsageError(
            f"{span.program} is no program that is decoded; name one of {', '.join(PROGRAM_IDS)}."
        )


async def run_backfill(
    kafka: Kafka,
    publisher: Publisher,
    solana: SolanaSettings,
    span: Span,
    *,
    record_bytes_max: int,
    stop: asyncio.Event,
    hear: Callable[[SourceCursor], None],
) -> SourceCursor | None:
    """Publish the transactions of a span that are ours, until its end or *stop*.

    *hear* is told each cursor that is safe in Kafka; the last one is returned, None: nothing was.
    It moves no clock. What is older than is kept goes to the log of trades alone.

    Raises:
        UsageError: no node is named, or the span ends in the future.
        BtrackerError: Kafka cannot be reached, or did not take a record.
    """
    if not solana.nodes:
        raise UsageError("No Solana node is named; name one with --solana or BTRACKER_SOLANA.")
    kept, cluster = await _kept(kafka, span)
    async with ClientSession(cookie_jar=DummyCookieJar(), trust_env=False) as session:
        pool = open_pool(solana, session)
        pool.cluster.expect(cluster)
        head = await unless(stop, newest_slot(pool))
        if head is None:
            return kept
        if span.last > head:
            raise UsageError(f"Slot {span.last} is not confirmed; the newest is {head}.")
        through, count = (kept.through, kept.published) if kept else (span.first - 1, 0)
        cursor = Cursor(slot=through, chain=Tally(count))
        desk = Desk(cursor, doubtful=-1, bytes_max=record_bytes_max)
        mentions = Mentions((span.program,)) if span.program else Mentions()
        sweep = Sweep(desk, pool, mentions, every_s=solana.solana_sweep_s, until=span.last)
        told = _Told(CursorWriter(publisher, span.source), kept, hear)
        publisher.on_settled = told.settled
        await _fill(desk, sweep, publisher, told, stop)
        return told.newest


async def _kept(kafka: Kafka, span: Span) -> tuple[SourceCursor | None, str]:
    """Return where the same span was left (None: it is new), and the cluster that is collected."""
    try:
        await topics.require(kafka, (CURSORS, RAW_CHAIN))
        cursors = await known_cursors(kafka)
    except KafkaError as error:
        raise BtrackerError(f"The Kafka at {kafka} has failed: {error!r}.") from error
    return cursors.get(span.source), cluster_of(kept=cursors.get(SOURCE), journaled=None)


class _Told:
    """The newest cursor that is safe, written and told."""

    def __init__(
        self,
        cursors: CursorWriter,
        newest: SourceCursor | None,
        hear: Callable[[SourceCursor], None],
    ) -> None:
        self.cursors, self.newest, self._hear = cursors, newest, hear

    def settled(self, frame: Settled) -> None:
        """Take note that all up to a frame is in Kafka."""
        cursor = frame.cursor
        self.newest = SourceCursor(
            through=cursor.slot, time=cursor.time, published=cursor.chain.seen
        )
        self.cursors.note(self.newest)
        self._hear(self.newest)


async def _fill(
    desk: Desk, sweep: Sweep, publisher: Publisher, told: _Told, stop: asyncio.Event
) -> None:
    sweeping = asyncio.create_task(sweep.run(stop))
    try:
        while True:
            is_last = sweeping.done() or stop.is_set()
            while frame := desk.frame():
                await publisher.publish(replace(frame, tick=None))
            await publisher.drain()
            await told.cursors.write()
            if is_last:
                return sweeping.result() if sweeping.done() else None
            await pause(desk.has_news, LOOK_S)
    finally:
        sweeping.cancel()
        await asyncio.gather(sweeping, return_exceptions=True)
