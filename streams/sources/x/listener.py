"""Connections to X, kept: made anew after whatever ended them, never more than X allows."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable

from streams.sources.x import metrics
from streams.sources.x.backoff import Cause, EndedError, pause_s
from streams.sources.x.standing import Standing

log = logging.getLogger(__name__)


class Listener:
    """Keeps one connection. ``open`` connects, and raises why it has ended."""

    def __init__(
        self,
        standing: Standing,
        *,
        opens: Callable[[], Awaitable[object]],
        connect_wait_s: Callable[[], float],
        budget_wait_s: Callable[[], float],
    ) -> None:
        self._standing, self._connect_wait_s = standing, connect_wait_s
        self._opens, self._budget_wait_s = opens, budget_wait_s

    async def run(self) -> None:
        """Listen for ever; return only where X does not want us."""
        failures = 0
        while True:
            await self._until_allowed()
            metrics.CONNECTS.labels(self._standing.name).inc()
            ended = await self._listen()
            metrics.RECONNECTS.labels(self._standing.name, ended.cause).inc()
            if ended.cause is Cause.DENIED:
                log.error("The %s of X is not listened to: %s.", self._standing.name, ended)
                self._standing.give_up(str(ended))
                return
            failures = 1 if self._standing.has_lived else failures + 1
            self._standing.leave(str(ended), is_stalled=ended.cause is Cause.STALLED)
            await asyncio.sleep(pause_s(ended, failures=failures, jitter=random.random()))  # noqa: S311  # Nothing to guess.

    async def _until_allowed(self) -> None:
        while True:
            if (wait_s := self._budget_wait_s()) > 0:
                self._standing.rest("the budget of the day is used up")
            elif (wait_s := self._connect_wait_s()) > 0:
                self._standing.rest("as many connections were made as are allowed in 15 minutes")
            else:
                return
            await asyncio.sleep(min(wait_s, 60.0))

    async def _listen(self) -> EndedError:
        try:
            await self._opens()
        except EndedError as ended:
            return ended
        return EndedError(Cause.CLOSED, "The connection has ended")
