"""The live posts: streams listened to, gaps searched, deletions obeyed, cursors kept."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from aiokafka.errors import KafkaError

from domain.errors import BtrackerError
from schemas.cursor import SourceCursor
from schemas.kafka import Kafka
from streams.sources.cursors import CursorWriter, known_cursors
from streams.sources.journal import Journal
from streams.sources.publisher import Publisher, Settled
from streams.sources.tasks import end, until_one_fails
from streams.sources.x.budget import Budget, Limits, Spent
from streams.sources.x.burial import Burial
from streams.sources.x.checks import Checks
from streams.sources.x.client import XClient
from streams.sources.x.connects import Connects
from streams.sources.x.desk import SOURCE, Desk
from streams.sources.x.engagement import Engagements
from streams.sources.x.outlet import Outlet
from streams.sources.x.reporting import Reporting
from streams.sources.x.rules import query_of, rules_of
from streams.sources.x.settings import MICRO, XSettings
from streams.sources.x.streams import Streams
from streams.sources.x.sweep import Sweep
from streams.sources.x.taking import Taking
from streams.sources.x.watch import Watch, recall, recall_raw


class Ground(NamedTuple):
    """What a collector works with: settings, and the parts it shares with other sources.

    ``alone``: all posts that are kept came of X, and may be looked up there.
    """

    settings: XSettings
    kafka: Kafka
    publisher: Publisher
    journal: Journal
    record_bytes_max: int
    alone: bool


async def run_x(
    ground: Ground, stop: asyncio.Event, on_settled: Callable[[Callable[[Settled], None]], None]
) -> None:
    """Collect posts until *stop*; *on_settled* is told who wants to hear of frames.

    Raises:
        BtrackerError: Kafka cannot be reached, or did not take a record.
    """
    watch = Watch()
    try:
        cursor = (await known_cursors(ground.kafka)).get(SOURCE, SourceCursor(through=0))
        if ground.alone:
            await recall(ground.kafka, watch)
        missing = await recall_raw(ground.kafka, watch)
    except KafkaError as error:
        raise BtrackerError(f"The Kafka at {ground.kafka} has failed: {error!r}.") from error
    kept = (one for post in watch.kept.values() for one in post.versions)
    live = _Live(ground, cursor, watch, [one for one in kept if one not in missing])
    on_settled(live.outlet.settled)
    await live.run(stop)


class _Live:
    """All that runs while X is listened to."""

    def __init__(
        self, ground: Ground, cursor: SourceCursor, watch: Watch, known: Sequence[str]
    ) -> None:
        settings = ground.settings
        budget = Budget(
            Limits(settings.x_posts_per_day, int(settings.x_usd_per_day * MICRO)),
            settings.prices,
            Spent(cursor.day, cursor.posts_read, cursor.users_read),
        )
        connects = Connects(settings.x_connects, cursor.connected)
        self._desk = Desk(cursor, budget, connects, bytes_max=ground.record_bytes_max)
        self._desk.recall(known)
        self._cursors = CursorWriter(ground.publisher, SOURCE)
        self.outlet = Outlet(self._desk, ground.publisher, ground.journal, self._cursors)
        rules = rules_of(settings.launchers)
        client = XClient(settings.base, settings.token)
        self._sweep = Sweep(client, self._desk, query=query_of(rules), every_s=settings.x_sweep_s)
        self._burial = Burial(ground.kafka, self._desk)
        self._checks = Checks(
            client, self._desk, watch, self._burial,
            every_s=settings.x_check_hours * 3_600, per_day=settings.x_checks_per_day,
        )  # fmt: skip
        self._kafka = ground.kafka
        self._engagements = Engagements(
            settings, client, self._desk, watch, ground.publisher, on_gone=self._checks.forget
        )
        self._taking = Taking(self._desk, watch)
        self._streams = Streams(settings, self._taking, self._sweep, self._checks, rules)
        self._reporting = Reporting(
            ground.publisher, self._desk, self._streams.standings, self._troubles
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Run until *stop*, then publish what is left.

        Raises:
            BtrackerError: Kafka did not take a record.
        """
        parts = [
            *self._streams.parts(),
            self._sweep.run(),
            self._checks.run(),
            self._burial.run(),
            self._engagements.follow(self._kafka),
            self._engagements.run(),
            self._taking.run(),
            self._cursors.run(stop),
            self._reporting.run(),
        ]
        publishing = asyncio.create_task(self.outlet.run(stop))
        others = [asyncio.create_task(part) for part in parts]
        try:
            await until_one_fails([publishing, *others], stop)
            await end(others)
            # It ends by itself: cancelled, it would lose a frame.
            await publishing
        finally:
            await end([publishing, *others])
        self._taking.rest()
        await self.outlet.flush()
        await self._cursors.write()
        await self._reporting.end()

    def _troubles(self) -> Iterator[str]:
        if self._sweep.trouble:
            yield f"search: {self._sweep.trouble}"
        if self._checks.trouble:
            yield f"look-up: {self._checks.trouble}"
        if self._engagements.trouble:
            yield f"engagement: {self._engagements.trouble}"
