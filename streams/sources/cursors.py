"""Cursors of live sources in Kafka: read at the start, written behind what is safe there."""

import asyncio
import time

from schemas.cursor import SourceCursor
from schemas.kafka import Kafka
from schemas.topics import CURSORS
from streams.everything import everything
from streams.sources.pausing import pause
from streams.sources.publisher import Publisher
from streams.wire import codec

WRITE_EVERY_S = 1.0


async def known_cursors(kafka: Kafka) -> dict[str, SourceCursor]:
    """Return the newest cursor of each source.

    Raises:
        KafkaError: Kafka does not answer.
    """
    return {
        record.key.decode(): codec(SourceCursor).decode(record.value)
        async for record in everything(kafka, CURSORS.name)
    }


class CursorWriter:
    """Writes the newest cursor of a source, now and then and at the end."""

    def __init__(self, publisher: Publisher, source: str) -> None:
        self._publisher, self._source = publisher, source
        self._newest: SourceCursor | None = None
        self._written: SourceCursor | None = None

    def note(self, cursor: SourceCursor) -> None:
        """Take note that all before a cursor is safe."""
        self._newest = cursor

    async def run(self, stop: asyncio.Event) -> None:
        """Write until *stop*."""
        while not stop.is_set():
            began = time.monotonic()
            await self.write()
            await pause(stop, max(0.01, began + WRITE_EVERY_S - time.monotonic()))

    async def write(self) -> None:
        """Write the newest cursor, if it is news.

        Raises:
            BtrackerError: Kafka did not take it.
        """
        newest = self._newest
        if newest is not None and newest != self._written:
            await self._publisher.report(CURSORS, self._source, newest, ())
            self._written = newest
