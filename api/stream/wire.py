"""Messages straight onto a connection: a frame built once for everybody, never without bound."""

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Protocol

from websockets.frames import Frame, Opcode

from api.stream.outbox import Outbox
from api.tallies import Tally

WIRE = "btracker.wire"
"""The server's extension that lets a session past the sending of ASGI."""


class Wire(Protocol):
    """A connection that has been accepted."""

    def attach(self, source: "Source") -> Callable[[bytes], object]:
        """Return what writes a whole WebSocket frame, except while *source* has to hold.

        It is told when the connection is full or over, and when it is not full any more.
        """

    def cut(self, code: int, reason: str) -> None:
        """Close without waiting for a client that does not read."""


class Source(Protocol):
    """Whoever writes to a wire."""

    def hold(self) -> None:
        """Stop: the connection is full, or over."""

    def go_on(self) -> None:
        """Go on: there is room again."""


class Frames:
    """Turns messages into WebSocket frames; one that goes to many is built once.

    Who is sent the same message comes one after another, so only the last one is kept.
    """

    def __init__(self) -> None:
        self.body, self.frame = b"", text_frame(b"")

    def of(self, body: bytes) -> bytes:
        """Return the frame of a message."""
        if body is not self.body:
            self.body, self.frame = body, text_frame(body)
        return self.frame


def text_frame(body: bytes) -> bytes:
    """Return a message as a server sends it where nothing is compressed."""
    return Frame(Opcode.TEXT, body).serialize(mask=False)


class Pump:
    """Writes what an outbox lets out, as soon as the connection takes it.

    What it does not take stays in the outbox, where it is merged.
    """

    __slots__ = ("_due", "_frames", "_held_since", "_outbox", "_sent", "_timer", "_write")

    def __init__(self, outbox: Outbox, wire: Wire, *, frames: Frames, sent: Tally) -> None:
        self._held_since: float | None = None
        self._outbox, self._frames, self._sent = outbox, frames, sent
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0
        outbox.serve(self.run, express=self.express)
        self._write = wire.attach(self)
        self.run()

    def express(self, body: bytes) -> bool:
        """Write a message that nothing waits before, which the outbox sees to."""
        # Thousands of times in a row: that is why it looks itself whether the frame is there.
        frames = self._frames
        self._write(frames.frame if body is frames.body else frames.of(body))
        self._sent.count += 1
        return True

    def run(self) -> None:
        """Write all that may go now, and come back for what may go later."""
        while self._held_since is None:
            now = monotonic()
            body = self._outbox.pick(now)
            if body is None:
                self._come_back(self._outbox.due(), now)
                self._outbox.settle()
                return
            self._write(self._frames.of(body))
            self._sent.count += 1

    def hold(self) -> None:
        """Stop: the connection is full, or over."""
        self._held_since = monotonic()
        self._outbox.hold()

    def go_on(self) -> None:
        """Go on: there is room again."""
        self._held_since = None
        self.run()

    def since(self) -> float | None:
        """Return when the connection became full, by the monotonic clock; None: it is not."""
        return self._held_since

    def stop(self) -> None:
        """Write nothing more."""
        self.hold()
        if self._timer is not None:
            self._timer.cancel()

    def _come_back(self, due: float | None, now: float) -> None:
        if due is None or (self._timer is not None and self._due <= due):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._due = due
        self._timer = asyncio.get_running_loop().call_later(due - now, self._on_time)

    def _on_time(self) -> None:
        self._timer = None
        self.run()
