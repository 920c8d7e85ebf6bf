"""Says on ``btracker.progress`` how far each source is, now and then and at the end."""

import asyncio
from contextlib import suppress
from typing import Self

from msgspec.structs import replace

from schemas.topics import PROGRESS
from streams.cloud_events import cloud_event
from streams.sources.frames import Cursor
from streams.sources.publisher import Publisher, Settled
from streams.sources.replay import Replay
from streams.sources.reports import progress_of

REPORT_EVERY_S = 0.5


class Reporter:
    """What is known of each source, and whether it was said."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self._known: dict[str, Settled] = {}
        self._unsaid: set[str] = set()
        self._lines: dict[str, int] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._tasks.append(asyncio.create_task(self._now_and_then()))
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        if kind is None:
            await self._say()

    def hear(self, settled: Settled) -> None:
        """Take note that all up to a frame is in Kafka."""
        self._known[settled.source] = settled
        self._unsaid.add(settled.source)

    def leave_all_but(self, current: str | None) -> None:
        """Say of sources that were not read to their end that nobody reads on."""
        for source, settled in self._known.items():
            cursor = settled.cursor
            if source != current and not cursor.done:
                reason = f"left at line {cursor.chain.seen:,}; start with it again to go on"
                left = replace(cursor, failure=cursor.failure or reason)
                self.hear(settled._replace(cursor=left))

    def count(self, replay: Replay, stop: asyncio.Event) -> None:
        """Find out, beside the replay, how many lines its recording has."""
        self._tasks.append(asyncio.create_task(self._count(replay, stop)))

    def lines(self, source: str) -> int | None:
        """Return how many chain lines a source has in all, None while it is not known."""
        return self._lines.get(source)

    async def _count(self, replay: Replay, stop: asyncio.Event) -> None:
        lines = await asyncio.to_thread(replay.reading.recording.count_lines, stop.is_set)
        self._lines[replay.source] = lines

    async def _now_and_then(self) -> None:
        while True:
            await self._say()
            await asyncio.sleep(REPORT_EVERY_S)

    async def _say(self) -> None:
        for source in list(self._unsaid):
            settled = self._known[source]
            await self._say_of(settled.name, settled.cursor, self.lines(source))
            # Only now: cancelled half-way, all of it is said again at the end.
            if self._known[source] is settled:
                self._unsaid.discard(source)

    async def _say_of(self, name: str, cursor: Cursor, lines: int | None) -> None:
        for progress in progress_of(name, cursor, lines=lines):
            key = f"collect:{name}:{progress.kind}"
            headers = cloud_event(
                PROGRESS,
                event_id=f"{key}:{progress.state}:{progress.counts.seen}",
                subject=name,
                slot=progress.head_slot,
                time=progress.chain_time or "1970-01-01T00:00:00Z",
                op="u",
            )
            await self._publisher.report(PROGRESS, key, progress, headers)
