"""All live clients of this process: their heartbeat, their number, their end."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import cycle
from time import monotonic, time

import msgspec

from api.access.callers import Caller
from api.access.gate import Gate
from api.metrics import Metrics
from api.problem import Problem
from api.settings import ApiSettings
from api.stream import protocol
from api.stream.session import Ending, Session
from api.stream.visitor import Visitor, too_many
from views.live.contract import LiveFeed

HEARTBEAT_S = 1.0
PARTS = 250
"""Heartbeats to everybody at once would hold up all else; so each part has its own moment."""
LATEST_S = 0.5
"""So late a heartbeat may be where messages go first; a client waits for one five seconds."""


class Hub:
    """Knows every session; beats once a second, and ends those who read nothing."""

    def __init__(
        self, feed: LiveFeed, gate: Gate, *, settings: ApiSettings, metrics: Metrics
    ) -> None:
        self.closing = False
        self._feed, self._gate = feed, gate
        self._settings, self._metrics = settings, metrics
        self._parts: list[set[Session]] = [set() for _ in range(PARTS)]
        self._begun = self._left = 0
        self._seats: Counter[str | None] = Counter()
        self._beating: asyncio.Task[None] | None = None

    @property
    def is_full(self) -> bool:
        """Whether one more client is over the limit of this process."""
        return self._begun - self._left >= self._settings.ws_connections

    async def start(self) -> None:
        """Connect to the feed and begin to beat."""
        await self._feed.start()
        self._beating = asyncio.create_task(self._beat_for_ever())

    async def stop(self) -> None:
        """Send every client away and disconnect from the feed."""
        self.dismiss()
        if self._beating:
            self._beating.cancel()
            with suppress(asyncio.CancelledError):
                await self._beating
        await self._feed.close()

    def dismiss(self) -> None:
        """Tell every client to come back a little later, not all at the same moment."""
        self.closing = True
        for session in [session for part in self._parts for session in part]:
            delay_ms = self._settings.ws_reconnect_ms * (1 + random.random())  # noqa: S311
            reason = msgspec.json.encode({"reconnectInMs": int(delay_ms)}).decode()
            session.end(Ending(protocol.RESTART, reason))

    def is_full_for(self, caller: Caller) -> bool:
        """Return whether one more live client is over the caller's own limit here."""
        return caller.connections is not None and self._seats[caller.subject] >= caller.connections

    def refusal_of(self, caller: Caller, *, request_id: str) -> Problem | None:
        """Return why a caller may not have one more live client here, None if it may."""
        if not self.is_full_for(caller):
            return None
        problem = too_many()
        self._gate.deny(problem, caller, action="live connect", request_id=request_id)
        return problem

    @contextmanager
    def session(self, caller: Caller, *, request_id: str) -> Iterator[Session]:
        """Give a session to a client for as long as it stays."""
        session = Session(
            self._feed,
            Visitor(caller, self._gate, self.is_full_for, self._move, request_id),
            settings=self._settings,
            metrics=self._metrics,
        )
        part = self._parts[self._begun % PARTS]
        part.add(session)
        self._begun += 1
        self._seats[caller.subject] += 1
        self._metrics.connections.inc()
        try:
            yield session
        finally:
            session.close()
            self._leave(session.visitor.caller)
            part.discard(session)
            self._left += 1
            self._metrics.connections.dec()

    def _move(self, before: Caller, after: Caller) -> None:
        self._leave(before)
        self._seats[after.subject] += 1

    def _leave(self, caller: Caller) -> None:
        self._seats[caller.subject] -= 1
        if not self._seats[caller.subject]:
            del self._seats[caller.subject]

    def beat(self, parts: Iterable[int] = range(PARTS), *, now: float, at_s: float) -> None:
        """Send a heartbeat to some parts of all, at monotonic time *now* and wall time *at_s*."""
        head = self._feed.head
        lag_s = None if head.chain_time is None else max(0.0, at_s - head.chain_time)
        body = protocol.heartbeat(
            slot=head.slot,
            lag_ms=None if lag_s is None else int(lag_s * 1000),
            paused=head.paused,
            at_s=int(at_s),
        )
        for session in [session for part in parts for session in self._parts[part]]:
            session.outbox.beat(body)
            if session.is_stalled(now=now):
                session.end(Ending(protocol.TOO_SLOW, "nothing was read for too long"))
                # Plain HTTP ends only when the client reads again; until then nothing is kept.
                session.close()
            elif refused := session.visitor.overstays(now=now, within_s=self._settings.ws_auth_s):
                session.refuse(refused)

    async def _beat_for_ever(self) -> None:
        due = monotonic()
        for part in cycle(range(PARTS)):
            if self._parts[part] or part == 0:
                await self._turn(due)
                self.beat((part,), now=monotonic(), at_s=time())
            # Part by part it makes up for what messages have cost it, and for no more than that.
            due = max(due, monotonic() - LATEST_S) + HEARTBEAT_S / PARTS

    async def _turn(self, due: float) -> None:
        """Return when a heartbeat is due and no message is on its way to a crowd, or at last."""
        await asyncio.sleep(due - monotonic())
        with suppress(TimeoutError):
            async with asyncio.timeout(due + LATEST_S - monotonic()):
                await self._feed.gone_round()
