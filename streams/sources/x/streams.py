"""The streams of X: the filtered one, and the compliance stream where the plan has it."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Iterator
from itertools import product
from typing import Any

from domain.errors import UnreadableError
from streams.sources.x import metrics
from streams.sources.x.backoff import Cause, EndedError, pause_s
from streams.sources.x.checks import Checks
from streams.sources.x.client import Hear, XStream
from streams.sources.x.connects import Connects
from streams.sources.x.listener import Listener
from streams.sources.x.rules import Rule
from streams.sources.x.ruling import keep_rules
from streams.sources.x.settings import XSettings
from streams.sources.x.standing import Standing
from streams.sources.x.sweep import Sweep
from streams.sources.x.taking import Taking
from streams.sources.x.wire import read_told

COMPLIANCE_PARTITIONS = (1, 2, 3, 4)
COMPLIANCE_STREAMS = ("tweets", "users")
"""Of posts and of accounts; each has four partitions. Source: docs.x.com, compliance streams."""

log = logging.getLogger(__name__)


class Streams:
    """All connections; ``standings``: of those that bring posts."""

    def __init__(
        self,
        settings: XSettings,
        taking: Taking,
        sweep: Sweep,
        checks: Checks,
        rules: tuple[Rule, ...],
    ) -> None:
        self._settings, self._taking, self._rules = settings, taking, rules
        self._sweep, self._checks = sweep, checks
        self.standings = [Standing(f"stream-{n + 1}") for n in range(settings.x_connections)]

    def parts(self) -> Iterator[Coroutine[Any, Any, None]]:
        """Yield what is to run, for ever or until X does not want us."""
        yield self._listen()
        if self._settings.x_compliance:
            for of, partition in product(COMPLIANCE_STREAMS, COMPLIANCE_PARTITIONS):
                yield self._comply(of, partition)

    async def _listen(self) -> None:
        """Keep the rules, then the connections."""
        if not await self._rule():
            return
        await asyncio.gather(*(self._keep(standing) for standing in self.standings))

    async def _keep(self, standing: Standing) -> None:
        await Listener(
            standing,
            opens=lambda: self._posts(standing).listen(),
            connect_wait_s=self._taking.connect_wait_s,
            budget_wait_s=self._taking.budget_wait_s,
        ).run()

    async def _rule(self) -> bool:
        """Make the rules ours, however long that takes; return whether X wants us at all."""
        stream, failures = self._posts(self.standings[0]), 0
        while True:
            try:
                await keep_rules(stream, self._rules)
            except EndedError as ended:
                metrics.REQUESTS.labels("rules", ended.cause).inc()
                failures += 1
                if ended.cause is Cause.DENIED:
                    log.error("Posts of X are not collected: %s.", ended)  # noqa: TRY400  # One sentence is enough.
                    for standing in self.standings:
                        standing.give_up(str(ended))
                    return False
                if ended.cause is Cause.PROTOCOL:
                    # What X has of rules may bring what is wanted, or some of it.
                    log.error("The rules of X's stream stay as they are: %s.", ended)  # noqa: TRY400  # One sentence is enough.
                    return True
                for standing in self.standings:
                    standing.leave(str(ended), is_stalled=False)
                await asyncio.sleep(pause_s(ended, failures=failures, jitter=0.5))
            else:
                metrics.REQUESTS.labels("rules", "answered").inc()
                return True

    async def _comply(self, of: str, partition: int) -> None:
        standing = Standing(f"compliance-{of}-{partition}")

        async def hear(line: bytes) -> None:
            standing.hear()
            try:
                self._checks.obey(read_told(line))
            except UnreadableError:
                metrics.LINES.labels("broken").inc()

        # Its connections are counted by themselves. Source: docs.x.com, compliance streams.
        connects = Connects(self._settings.x_connects)
        await Listener(
            standing,
            opens=lambda: self._open(hear, standing.connect).comply(of, partition),
            connect_wait_s=lambda: connects.take(time.time()),
            budget_wait_s=lambda: 0.0,
        ).run()

    def _posts(self, standing: Standing) -> XStream:
        async def hear(line: bytes) -> None:
            standing.hear()
            await self._taking.hear(line)

        def live() -> None:
            standing.connect()
            # What came while nobody listened is to be searched for.
            self._sweep.wanted.set()

        return self._open(hear, live)

    def _open(self, hear: Hear, live: Callable[[], None]) -> XStream:
        settings = self._settings
        return XStream(
            settings.base, settings.token, stall_s=settings.x_stall_s, hear=hear, on_live=live
        )
