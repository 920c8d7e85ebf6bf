"""The live chain: nodes listened to, blocks swept, frames published, cursors kept."""

import asyncio
from collections.abc import Callable, Sequence
from typing import NamedTuple

from aiohttp import ClientSession, DummyCookieJar
from aiokafka.errors import KafkaError
from msgspec.structs import replace
from solana.rpc.commitment import Commitment

from domain.errors import BtrackerError
from schemas.cursor import SourceCursor
from schemas.fields import Slot
from schemas.kafka import Kafka
from streams.sources.cursors import CursorWriter, known_cursors
from streams.sources.journal import Journal
from streams.sources.pausing import unless
from streams.sources.publisher import Publisher, Settled
from streams.sources.solana.beginning import beginning_at, cluster_of, newest_slot
from streams.sources.solana.blocks import Mentions
from streams.sources.solana.desk import SOURCE, Desk
from streams.sources.solana.fetching import Fetching
from streams.sources.solana.hearing import Hearing
from streams.sources.solana.listener import Listener, Listening
from streams.sources.solana.nodes import Mode
from streams.sources.solana.outlet import Outlet
from streams.sources.solana.pool import Pool, open_pool
from streams.sources.solana.recall import recall
from streams.sources.solana.reporting import Reporting
from streams.sources.solana.settings import SolanaSettings
from streams.sources.solana.standing import Standing
from streams.sources.solana.sweep import Sweep
from streams.sources.solana.timing import Timing
from streams.sources.tasks import end, until_one_fails


class Ground(NamedTuple):
    """What a collector works with: settings, and the parts it shares with other sources."""

    settings: SolanaSettings
    kafka: Kafka
    publisher: Publisher
    journal: Journal
    record_bytes_max: int


class _Start(NamedTuple):
    """What goes on from one run to the next. ``gone``: nodes of an earlier one alone."""

    desk: Desk
    outlet: Outlet
    cursors: CursorWriter
    gone: tuple[str, ...]


async def run_nodes(
    ground: Ground, stop: asyncio.Event, on_settled: Callable[[Callable[[Settled], None]], None]
) -> None:
    """Collect from all nodes until *stop*; *on_settled* is told who wants to hear of frames.

    Raises:
        BtrackerError: Kafka cannot be reached, or did not take a record.
    """
    settings = ground.settings
    # The cookies and the environment of others are none of a node's business.
    async with ClientSession(cookie_jar=DummyCookieJar(), trust_env=False) as session:
        pool = open_pool(settings, session)
        try:
            kept = (await known_cursors(ground.kafka)).get(SOURCE)
            journaled = ground.journal.cursors.get(SOURCE)
            pool.cluster.expect(cluster_of(kept=kept, journaled=journaled))
            head = await unless(stop, newest_slot(pool))
            if head is None:
                return
            start = await _start(ground, pool, kept, head)
        except KafkaError as error:
            raise BtrackerError(f"The Kafka at {ground.kafka} has failed: {error!r}.") from error
        on_settled(start.outlet.settled)
        await _Live(ground, start, pool).run(stop)


async def _start(ground: Ground, pool: Pool, kept: SourceCursor | None, head: Slot) -> _Start:
    """Return where the last collector ended; where none was, that is written down first."""
    cursors = CursorWriter(ground.publisher, SOURCE)
    begin = beginning_at(
        kept=kept,
        journaled=ground.journal.cursors.get(SOURCE),
        first=ground.settings.solana_from_slot,
        head=head,
    )
    # A node that said nothing of its cluster at the start may do so later.
    cursor = replace(begin.cursor, cluster=pool.cluster.genesis)
    desk = Desk(cursor, doubtful=begin.doubtful, bytes_max=ground.record_bytes_max)
    offsets = kept.offsets if kept else {}
    # Whoever was here before may have listened to processed transactions, whatever we do.
    if kept or Commitment(ground.settings.solana_commitment) is Commitment.PROCESSED:
        await recall(ground.kafka, desk, offsets)
    names = tuple(node.name for node in ground.settings.nodes)
    outlet = Outlet(
        desk, ground.publisher, ground.journal, cursors,
        doubtful=begin.doubtful, offsets=offsets, nodes=names,
    )  # fmt: skip
    outlet.note(cursor)
    await cursors.write()
    gone = tuple(name for name in (kept.nodes if kept else ()) if name not in names)
    return _Start(desk, outlet, cursors, gone)


class _Live:
    """All that runs while nodes are listened to."""

    def __init__(self, ground: Ground, start: _Start, pool: Pool) -> None:
        settings, mentions, desk = ground.settings, Mentions(), start.desk
        self._outlet, self._cursors = start.outlet, start.cursors
        standings = [Standing(rpc.node.name) for rpc in pool.nodes]
        commitment = Commitment(settings.solana_commitment)
        final = commitment is Commitment.CONFIRMED
        self._fetching, self._timing = Fetching(desk, pool), Timing(desk, pool, final=final)
        self._sweep = Sweep(
            desk, pool, mentions,
            every_s=settings.solana_sweep_s, has_blocks=lambda: has_blocks(standings),
        )  # fmt: skip
        self._reporting = Reporting(ground.publisher, desk, self._sweep, standings, gone=start.gone)
        hearing = Hearing(desk, self._fetching, self._timing, standings, final=final)
        listening = Listening(commitment, settings.solana_stall_s, mentions)
        self._listeners = [
            Listener(rpc, standing, listening, hearing.hear)
            for rpc, standing in zip(pool.nodes, standings, strict=True)
        ]

    async def run(self, stop: asyncio.Event) -> None:
        """Run until *stop*, then publish what is left.

        Raises:
            BtrackerError: Kafka did not take a record.
        """
        parts = [
            self._sweep.run(stop),
            self._fetching.run(),
            self._timing.run(),
            self._cursors.run(stop),
            self._reporting.run(),
            *(listener.run() for listener in self._listeners),
        ]
        publishing = asyncio.create_task(self._outlet.run(stop))
        telling = [asyncio.create_task(part) for part in parts]
        try:
            await until_one_fails([publishing, *telling], stop)
            await end(telling)
            # It ends by itself: what follows a frame that it gave up would pass for complete.
            await publishing
        finally:
            await end([publishing, *telling])
        await self._outlet.flush()
        await self._cursors.write()
        await self._reporting.end()


def has_blocks(standings: Sequence[Standing]) -> bool:
    """Say whether a node streams whole blocks just now."""
    return any(one.state == "running" and one.mode is Mode.BLOCKS for one in standings)
