"""What goes out to one client, in which order, and never without bound."""

import asyncio
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import NamedTuple

from api.stream.framing import framed
from api.stream.lane import SHUT, Lane, Way
from api.tallies import Tally

MAX_ANSWERS = 1000
"""Answers to commands that may wait; who asks more and reads nothing is over the limit."""


class Outbox(Way):
    """Answers first, then the heartbeat (only the newest), then the lanes by turns.

    ``write`` leads past the queue. Whoever serves an outbox opens it while the connection takes
    everything at once, since then nothing waits but what is not due yet. *sent* counts what goes
    out.
    """

    __slots__ = ("_answers", "_heartbeat", "_lanes", "_on_ready")

    def __init__(self, *, sent: Tally) -> None:
        super().__init__(sent=sent)
        self._answers: deque[bytes] | None = None
        self._heartbeat: bytes | None = None
        self._lanes: dict[Lane, None] = {}
        self._on_ready: Callable[[], None] = _nobody

    @property
    def is_flooded(self) -> bool:
        """Whether more answers wait than a client that reads could cause."""
        return self._answers is not None and len(self._answers) > MAX_ANSWERS

    def serve(self, on_ready: Callable[[], None]) -> None:
        """Call *on_ready* when there is something."""
        self._on_ready = on_ready

    def say(self, body: bytes) -> None:
        """Put an answer in."""
        if self._answers is None:
            # An empty one has more than half a kilobyte, and few clients have answers waiting.
            self._answers = deque()
        self._answers.append(body)
        self._on_ready()

    def beat(self, body: bytes) -> None:
        """Put a heartbeat in, in the place of one that has not gone yet."""
        if self.write is not None:
            self.write(framed(body))
            self.sent.count += 1
        else:
            self._heartbeat = body
            self._on_ready()

    def open(self, lane: Lane) -> None:
        """Let a lane's messages out from now on."""
        lane.on_ready, lane.way = self._ready, self
        self._ready(lane)

    def shut(self, lane: Lane) -> None:
        """Let nothing more out of a lane."""
        lane.on_ready, lane.way = _ignored, SHUT
        self._lanes.pop(lane, None)

    def pick(self, now: float) -> bytes | None:
        """Return the next message that may go at a monotonic time, None if there is none."""
        body = self._next(now)
        self.sent.count += body is not None
        return body

    def due(self) -> float | None:
        """Return when a lane has the next message that may go, None if none has one."""
        return min((due for lane in self._lanes if (due := lane.due()) is not None), default=None)

    def _next(self, now: float) -> bytes | None:
        if self._answers is not None:
            body = self._answers.popleft()
            if not self._answers:
                self._answers = None
            return body
        if self._heartbeat is not None:
            body, self._heartbeat = self._heartbeat, None
            return body
        for lane in list(self._lanes):
            due = lane.due()
            if due is None:
                del self._lanes[lane]
            elif due <= now:
                # To the end of the line: one busy lane must not starve the others.
                del self._lanes[lane]
                self._lanes[lane] = None
                return lane.take(now=now)
        return None

    def _ready(self, lane: Lane) -> None:
        self._lanes[lane] = None
        self._on_ready()


class Queue:
    """An outbox as somebody sees it who fetches one message after the other."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox, self._wake = outbox, asyncio.Event()
        outbox.serve(self._wake.set)

    async def next(self) -> bytes:
        """Return the next message as soon as there is one that may go."""
        while True:
            now = monotonic()
            found = self._outbox.pick(now)
            if found is not None:
                return found
            self._wake.clear()
            await self._wait(now)

    async def _wait(self, now: float) -> None:
        due = self._outbox.due()
        try:
            async with asyncio.timeout(None if due is None else due - now):
                await self._wake.wait()
        except TimeoutError:
            return


class Following(NamedTuple):
    """One channel key that is followed apart from others."""

    queue: Queue
    leave: Callable[[], object]

    async def next(self) -> bytes:
        """Return the next message as soon as there is one."""
        return await self.queue.next()

    def close(self) -> None:
        """Follow it no more."""
        self.leave()


def _ignored(_: Lane) -> None:
    """Forget a frame of a subscription that has ended."""


def _nobody() -> None:
    """Wait until somebody serves."""
