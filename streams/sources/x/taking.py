"""Lines that streams brought -> the desk; between them a queue with an end."""

import asyncio
import time
from datetime import datetime

from streams.sources.x import metrics
from streams.sources.x.backoff import Cause, EndedError
from streams.sources.x.desk import Desk
from streams.sources.x.watch import Watch
from streams.sources.x.wire import Seen

QUEUED_MAX = 10_000
POST = b'{"data"'
"""How X begins the line of a post; others are looked at before they are queued."""


class Taking:
    """Takes what is heard; a stream that brings more than can be taken waits."""

    def __init__(self, desk: Desk, watch: Watch) -> None:
        self._desk, self._watch = desk, watch
        self._queue = asyncio.Queue[bytes](QUEUED_MAX)

    async def hear(self, line: bytes) -> None:
        """Queue a line.

        Raises:
            EndedError: it says that the connection is over, or the budget of the day is used up.
        """
        if not line.startswith(POST):
            self._take(line)
            return
        await self._queue.put(line)
        metrics.QUEUED.set(self._queue.qsize())
        if not self._desk.budget.room(time.time()):
            raise EndedError(Cause.CLOSED, "the budget of the day is used up")

    def budget_wait_s(self) -> float:
        """Return in how many seconds the budget allows to read more, 0: now."""
        return self._desk.budget.wait_s(time.time())

    def connect_wait_s(self) -> float:
        """Take a place for a connection and return 0, else in how many seconds to try again."""
        wait_s = self._desk.connects.take(time.time())
        if not wait_s:
            # The next collector is to know of it.
            self._desk.reach(self._desk.through)
        return wait_s

    async def run(self) -> None:
        """Take for ever."""
        while True:
            self._take(await self._queue.get())
            metrics.QUEUED.set(self._queue.qsize())

    def rest(self) -> None:
        """Take what is left when nobody listens any more."""
        while not self._queue.empty():
            self._take(self._queue.get_nowait())

    def _take(self, line: bytes) -> None:
        now = time.time()
        seen = self._desk.take(line, now=now)
        if seen is not None:
            self._watch.keep(seen.versions, now, seen.author)
            _observe(seen, now)


def _observe(seen: Seen, now: float) -> None:
    try:
        metrics.LAG_SECONDS.observe(now - datetime.fromisoformat(seen.created_at or "").timestamp())
    except ValueError:
        return
