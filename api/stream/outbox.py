"""What goes out to one client, in which order, and never without bound."""

import asyncio
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import NamedTuple

from api.stream.lane import Lane

MAX_ANSWERS = 1000
"""Answers to commands that may wait; who asks more and reads nothing is over the limit."""


class Outbox:
    """Answers first, then the heartbeat (only the newest), then the lanes by turns."""

    def __init__(self) -> None:
        self._answers: deque[bytes] = deque()
        self._heartbeat: bytes | None = None
        self._lanes: dict[Lane, None] = {}
        self._wake = asyncio.Event()

    @property
    def is_flooded(self) -> bool:
        """Whether more answers wait than a client that reads could cause."""
        return len(self._answers) > MAX_ANSWERS

    def say(self, body: bytes) -> None:
        """Put an answer in."""
        self._answers.append(body)
        self._wake.set()

    def beat(self, body: bytes) -> None:
        """Put a heartbeat in, in the place of one that has not gone yet."""
        self._heartbeat = body
        self._wake.set()

    def open(self, lane: Lane) -> None:
        """Let a lane's messages out from now on."""
        lane.on_ready = self._ready
        self._ready(lane)

    def shut(self, lane: Lane) -> None:
        """Let nothing more out of a lane."""
        lane.on_ready = _ignored
        self._lanes.pop(lane, None)

    async def next(self) -> bytes:
        """Return the next message as soon as there is one that may go."""
        while True:
            now = monotonic()
            found = self._pick(now)
            if found is not None:
                return found
            self._wake.clear()
            await self._wait(now)

    def _ready(self, lane: Lane) -> None:
        self._lanes[lane] = None
        self._wake.set()

    def _pick(self, now: float) -> bytes | None:
        if self._answers:
            return self._answers.popleft()
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

    async def _wait(self, now: float) -> None:
        dues = [due for lane in self._lanes if (due := lane.due()) is not None]
        try:
            async with asyncio.timeout(min(dues) - now if dues else None):
                await self._wake.wait()
        except TimeoutError:
            return


class Following(NamedTuple):
    """One channel key that is followed apart from others."""

    outbox: Outbox
    leave: Callable[[], object]

    async def next(self) -> bytes:
        """Return the next message as soon as there is one."""
        return await self.outbox.next()

    def close(self) -> None:
        """Follow it no more."""
        self.leave()


def _ignored(_: Lane) -> None:
    """Forget a frame of a subscription that has ended."""
