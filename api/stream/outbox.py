"""What goes out to one client, in which order, and never without bound."""

import asyncio
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import NamedTuple

from api.stream.lane import SHUT, Lane, Way, refused

MAX_ANSWERS = 1000
"""Answers to commands that may wait; who asks more and reads nothing is over the limit."""

Express = Callable[[bytes], bool]
"""Takes a message at once, or not: then it waits."""


class Outbox(Way):
    """Answers first, then the heartbeat (only the newest), then the lanes by turns.

    ``express`` sends a message past the queue; it refuses while there is one, or nothing may go.
    """

    __slots__ = ("_answers", "_express", "_heartbeat", "_lanes", "_on_ready")

    def __init__(self) -> None:
        # Swapped, not asked for each message: of thousands of clients that a message goes to, every
        # object that is looked at has to be fetched from memory.
        super().__init__()
        self._answers: deque[bytes] | None = None
        self._heartbeat: bytes | None = None
        self._lanes: dict[Lane, None] = {}
        self._on_ready: Callable[[], None] = _nobody
        self._express: Express = refused

    @property
    def is_flooded(self) -> bool:
        """Whether more answers wait than a client that reads could cause."""
        return self._answers is not None and len(self._answers) > MAX_ANSWERS

    def serve(self, on_ready: Callable[[], None], *, express: Express | None = None) -> None:
        """Call *on_ready* when there is something; *express* once nothing waits (``settle``)."""
        self._on_ready, self._express = on_ready, express or refused

    def hold(self) -> None:
        """Let nothing past the queue until ``settle`` finds that it may."""
        self.express = refused

    def settle(self) -> None:
        """Let messages past the queue if there is none."""
        if not self._lanes and self._answers is None and self._heartbeat is None:
            self.express = self._express

    def say(self, body: bytes) -> None:
        """Put an answer in."""
        if self._answers is None:
            # An empty one has more than half a kilobyte, and few clients have answers waiting.
            self._answers = deque()
        self._answers.append(body)
        self.hold()
        self._on_ready()

    def beat(self, body: bytes) -> None:
        """Put a heartbeat in, in the place of one that has not gone yet."""
        if not self.express(body):
            self._heartbeat = body
            self.hold()
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

    def due(self) -> float | None:
        """Return when a lane has the next message that may go, None if none has one."""
        return min((due for lane in self._lanes if (due := lane.due()) is not None), default=None)

    def _ready(self, lane: Lane) -> None:
        self._lanes[lane] = None
        self.hold()
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
