"""Messages straight onto a connection: a frame built once for everybody, never without bound."""

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Protocol

from websockets.frames import Frame, Opcode

from api.stream.outbox import Outbox

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
        self._body, self._frame = b"", text_frame(b"")

    def of(self, body: bytes) -> bytes:
        """Return the frame of a message."""
        if body is not self._body:
            self._body, self._frame = body, text_frame(body)
        return self._frame


def text_frame(body: bytes) -> bytes:
    """Return a message as a server sends it where nothing is compressed."""
    return Frame(Opcode.TEXT, body).serialize(mask=False)


class Pump:
    """Writes what an outbox lets out, as soon as the connection takes it.

    What it does not take stays in the outbox, where it is merged.
    """

    __slots__ = ("_count", "_due", "_frames", "_held_since", "_outbox", "_timer", "_wire")

    def __init__(
        self, outbox: Outbox, wire: Wire, *, frames: Frames, count: Callable[[], None]
    ) -> None:
        self._held_since: float | None = None
        self._outbox, self._wire, self._frames, self._count = outbox, wire, frames, count
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0
        outbox.serve(self.run, express=self.express)
        wire.attach(self)
        self.run()

    def express(self, body: bytes) -> bool:
        """Write a message that nothing waits before; False where it has to wait."""
        written = self._held_since is None and self._wire.write(self._frames.of(body))
        if written:
            self._count()
        return written

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
            self._count()

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
