"""What is on the desk -> journal, Kafka; the cursor behind what is safe there."""

import asyncio
import time

from streams.sources.cursors import CursorWriter
from streams.sources.journal import Journal
from streams.sources.pausing import pause
from streams.sources.publisher import Publisher, Settled
from streams.sources.x.desk import Desk

LOOK_S = 0.25


class Outlet:
    """Publishes what is on a desk, in order; ``settled`` is to hear of each frame that is safe."""

    def __init__(
        self, desk: Desk, publisher: Publisher, journal: Journal, cursors: CursorWriter
    ) -> None:
        self._desk, self._publisher = desk, publisher
        self._journal, self._cursors = journal, cursors
        self._safe = desk.count

    async def run(self, stop: asyncio.Event) -> None:
        """Publish until *stop*; cancelled, it would lose the frame that it is about to publish.

        Raises:
            BtrackerError: Kafka did not take a record.
        """
        while not stop.is_set():
            await self.flush()
            await pause(self._desk.has_news, LOOK_S)

    async def flush(self) -> None:
        """Publish what there is, and wait until it is safe."""
        if self._desk.has_news.is_set():
            self._desk.reach(self._desk.through)
        while frame := self._desk.frame(time.time()):
            await self._publisher.hand_on(frame, self._journal.append)
        await self._publisher.drain()
        self._note()

    def settled(self, frame: Settled) -> None:
        """Take note that all up to a frame is in Kafka."""
        self._safe = frame.cursor.posts.seen
        self._note()

    def _note(self) -> None:
        if (cursor := self._desk.settled(self._safe)) is not None:
            self._cursors.note(cursor)
