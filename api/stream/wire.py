"""Messages straight onto a connection: a frame built once for everybody, never without bound."""

import asyncio
from time import monotonic
from typing import Protocol

from websockets.frames import Frame, Opcode

from api.stream.outbox import Outbox
from api.tallies import Tally

WIRE = "btracker.wire"
"""The server's extension that lets a session past the sending of ASGI."""


class Wire(Protocol):
    """A connection that has been accepted."""

    def write(self, frame: bytes) -> bool:
        """Write a whole WebSocket frame; False, and nothing written, while it is full or over."""

    def attach(self, source: "Source") -> None:
        """Tell *source* from now on when the connection is full, and when it is not any more."""

    def cut(self, code: int, reason: str) -> None:
        """Close without waiting for a client that does not read."""


class Source(Protocol):
    """Whoever writes to a wire."""

    def hold(self) -> None:
        """Stop: the connection is full."""

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

    __slots__ = ("_due", "_frames", "_held_since", "_outbox", "_sent", "_timer", "_wire")

    def __init__(self, outbox: Outbox, wire: Wire, *, frames: Frames, sent: Tally) -> None:
        self._held_since: float | None = None
        self._outbox, self._wire, self._frames, self._sent = outbox, wire, frames, sent
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0
        outbox.serve(self.run, express=self.express)
        wire.attach(self)
        self.run()

    def express(self, body: bytes) -> bool:
        """Write a message that nothing waits before; False where it has to wait."""
        # Thousands of times in a row: that is why it looks itself whether the frame is there.
        frames = self._frames
        frame = frames.frame if body is frames.body else frames.of(body)
        if self._held_since is not None or not self._wire.write(frame):
            return False
        self._sent.count += 1
        return True

    def run(self) -> None:
        """Write all that may go now, and come back for what may go later."""
        while self._held_since is None:
            now = monotonic()
            body = self._outbox.pick(now)
            if body is None:
                self._come_back(self._outbox.due(), now)
                return
            if not self._wire.write(self._frames.of(body)):
                return
            self._sent.count += 1

    def hold(self) -> None:
        """Stop: the connection is full."""
        self._held_since = monotonic()

    def go_on(self) -> None:
        """Go on: there is room again."""
        self._held_since = None
        self.run()

    def since(self) -> float | None:
        """Return when the connection became full, by the monotonic clock; None: it is not."""
        return self._held_since

    def stop(self) -> None:
        """Write nothing more."""
        self._held_since = monotonic()
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
