"""``btracker collect``: the journal first, then what is configured from where it was left."""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

from domain.amounts import timestamp
from domain.errors import UsageError
from schemas.kafka import Kafka
from schemas.topics import (
    ACCOUNTS,
    CURSORS,
    DOLLARS,
    LAUNCHES,
    METADATA,
    PROGRESS,
    RAW_CHAIN,
    RAW_X,
    TOPICS_CREATED,
    WANTED,
)
from streams import epochs, topics
from streams.sources.frames import Cursor, Entry, Frame
from streams.sources.framing import Reading
from streams.sources.journal import Journal
from streams.sources.pausing import unless
from streams.sources.publisher import Publisher, Settled, open_publisher
from streams.sources.recording import first_time, open_recording
from streams.sources.replay import Replay, beginning, replay_of, run_replay
from streams.sources.reporter import Reporter
from streams.sources.settings import CollectSettings
from streams.sources.solana.collector import Ground, run_nodes
from streams.sources.solana.settings import SolanaSettings
from streams.sources.tasks import end
from streams.sources.x.collector import Ground as PostGround
from streams.sources.x.collector import run_x
from streams.sources.x.desk import SOURCE as X
from streams.sources.x.settings import XSettings

HOUR_S = 3600

log = logging.getLogger(__name__)


async def run_collect(
    settings: CollectSettings, solana: SolanaSettings, x: XSettings, stop: asyncio.Event
) -> bool:
    """Collect until *stop*; return whether every source could be read to its end.

    Raises:
        UsageError: the recording is not one, a node is written wrong, there are both, or the
            topics are missing.
        BtrackerError: Kafka cannot be reached, or did not take a record.
    """
    replay = configured(settings) if settings.recording else None
    if replay and solana.nodes:
        raise UsageError(
            "A recording and Solana nodes are two chains; name one of them, with "
            "BTRACKER_RECORDING or BTRACKER_SOLANA."
        )
    async with await open_publisher(
        settings.cluster, record_bytes_max=settings.record_bytes_max
    ) as publisher:
        with Journal(settings.journal, keep_s=settings.journal_s) as journal:
            epoch = await raw_epoch(settings.cluster)
            if replay:
                check_age(replay, journal, retention_hours=settings.retention_hours)
            collecting = _Collecting(publisher, journal, epoch, stop)
            chain = asyncio.create_task(collecting.chain(settings, solana, replay))
            posts = asyncio.create_task(collecting.posts(settings, x, alone=replay is None))
            await both(chain, posts)
            return chain.result()


async def both(*tasks: asyncio.Task[Any]) -> None:
    """Wait for all *tasks*; what one raises ends the others and is raised."""
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()
    finally:
        await end(tasks)


async def require_topics(kafka: Kafka) -> None:
    """Make sure that all topics are there that a collector reads or writes.

    Raises:
        UsageError: one is not.
    """
    needed = (
        TOPICS_CREATED, CURSORS, RAW_CHAIN, RAW_X, LAUNCHES, METADATA, DOLLARS, PROGRESS,
        WANTED, ACCOUNTS,
    )  # fmt: skip
    await topics.require(kafka, needed)


async def replay_once(
    settings: CollectSettings,
    stop: asyncio.Event,
    hear: Callable[[Cursor, int | None], None],
) -> Cursor:
    """Publish the recording of *settings* from its beginning, without a journal.

    *hear* is told each cursor that is safe in Kafka, and the lines in all once they are counted.

    Raises:
        UsageError: the recording is not one, or the topics are missing.
        BtrackerError: Kafka cannot be reached, or did not take a record.
    """
    replay = configured(settings)
    await require_topics(settings.cluster)
    async with (
        await open_publisher(
            settings.cluster, record_bytes_max=settings.record_bytes_max
        ) as publisher,
        Reporter(publisher) as reporter,
    ):

        def settled(frame: Settled) -> None:
            reporter.hear(frame)
            hear(frame.cursor, reporter.lines(frame.source))

        await raw_epoch(settings.cluster)
        publisher.on_settled = settled
        reporter.count(replay, stop)
        cursor = await run_replay(
            replay, beginning(replay, time.time()), publisher=publisher, journal=None, stop=stop
        )
        reporter.leave_all_but(None)
        return cursor


async def raw_epoch(kafka: Kafka) -> int:
    """Return when the raw topic of the chain was created.

    Raises:
        UsageError: it was not.
    """
    epoch = (await epochs.known(kafka)).get(RAW_CHAIN.name)
    if epoch is None:
        raise UsageError(
            f"The Kafka at {kafka} has none of our topics; run: btracker topics create"
        )
    return epoch


def check_age(replay: Replay, journal: Journal, *, retention_hours: int) -> None:
    """Refuse a recording that begins where nothing counts any more.

    What is older than the newest chain time by more than is kept goes to no candle and no window,
    and what is launched then is no token.

    Raises:
        UsageError: it does.
    """
    if replay.source in journal.cursors or not journal.time:
        return
    recording = replay.reading.recording
    begins = first_time(recording) + beginning(replay, time.time()).shift.seconds
    if begins < journal.time - retention_hours * HOUR_S:
        raise UsageError(
            f"{recording.folder} begins at {timestamp(begins)}, and the data folder is at "
            f"{timestamp(journal.time)} already: that is too old to count. Name another folder "
            "with --data."
        )


def configured(settings: CollectSettings) -> Replay:
    """Return the replay that *settings* ask for.

    Raises:
        UsageError: they name no recording, or what they name is none.
    """
    if settings.recording is None:
        raise UsageError("No recording is named; name its folder with BTRACKER_RECORDING.")
    reading = Reading(open_recording(settings.recording), settings.record_bytes_max)
    return replay_of(
        reading,
        speed=settings.chain_seconds_per_second,
        as_live=settings.as_live,
        head_start_s=int(settings.head_start_hours * 3_600),
    )


class _Collecting:
    """One run of a collector: what was said before goes first."""

    def __init__(
        self, publisher: Publisher, journal: Journal, epoch: int, stop: asyncio.Event
    ) -> None:
        self._publisher, self._journal = publisher, journal
        self._epoch, self._stop = epoch, stop
        self._caught_up = asyncio.Event()
        self._hear: Callable[[Settled], None] = lambda _: None
        self._hear_x: Callable[[Settled], None] = lambda _: None
        publisher.on_settled = self._settled

    async def chain(
        self, settings: CollectSettings, solana: SolanaSettings, replay: Replay | None
    ) -> bool:
        """Collect the chain until *stop*; return whether all of it could be read."""
        if solana.nodes:
            await self._listen(settings, solana)
            return True
        cursor = await self._replay(replay)
        await self._stop.wait()
        return cursor is None or cursor.failure is None

    async def posts(self, settings: CollectSettings, x: XSettings, *, alone: bool) -> None:
        """Listen to X until *stop*, if it is configured; *alone*: no recording brings posts."""
        if not x.base or await unless(self._stop, self._caught_up.wait()) is None:
            return
        ground = PostGround(
            x, settings.cluster, self._publisher, self._journal, settings.record_bytes_max, alone
        )
        await run_x(ground, self._stop, self._tell_x)

    async def _replay(self, replay: Replay | None) -> Cursor | None:
        """Return how far the replay got, None where there is none or *stop* came before it."""
        publisher, journal, stop = self._publisher, self._journal, self._stop
        async with Reporter(publisher) as reporter:
            self._tell(reporter.hear)
            await self._catch_up()
            reporter.leave_all_but(replay.source if replay else None)
            if replay is None or stop.is_set():
                return None
            reporter.count(replay, stop)
            cursor = journal.cursors.get(replay.source) or beginning(replay, time.time())
            log.info("Replaying %s from line %d on.", replay.name, cursor.chain.seen + 1)
            cursor = await run_replay(
                replay, cursor, publisher=publisher, journal=journal, stop=stop
            )
            if cursor.failure:
                log.error(cursor.failure)
            elif cursor.done:
                log.info("All %d lines of %s are in Kafka.", cursor.chain.seen, replay.name)
            return cursor

    async def _listen(self, settings: CollectSettings, solana: SolanaSettings) -> None:
        """Listen to nodes until *stop*."""
        await self._catch_up()
        ground = Ground(
            solana, settings.cluster, self._publisher, self._journal, settings.record_bytes_max
        )
        await run_nodes(ground, self._stop, self._tell)

    async def _catch_up(self) -> None:
        await catch_up(self._publisher, self._journal, self._epoch, self._stop)
        self._caught_up.set()

    def _tell(self, hear: Callable[[Settled], None]) -> None:
        self._hear = hear

    def _tell_x(self, hear: Callable[[Settled], None]) -> None:
        self._hear_x = hear

    def _settled(self, frame: Settled) -> None:
        """Note how far the journal is safe, and tell whose frame it is."""
        if frame.position:
            self._journal.acknowledge(self._epoch, frame.position)
        (self._hear_x if frame.source == X else self._hear)(frame)


async def catch_up(publisher: Publisher, journal: Journal, epoch: int, stop: asyncio.Event) -> None:
    """Publish what the journal has and the broker of *epoch* did not acknowledge."""
    since, count = journal.acknowledged(epoch), 0
    for frame, position in journal.read(since):
        if stop.is_set():
            break
        await publisher.publish(frame, position)
        count += len(frame.entries)
    if deletions := journal.deletions():
        # The journal still has these posts, for a day.
        gone = tuple(Entry(RAW_X.name, post_id.encode(), None) for post_id in deletions)
        await publisher.publish(Frame(X, X, gone, None, Cursor()))
    await publisher.drain()
    if count:
        log.info("Replayed %d records from the journal.", count)
