"""Messages straight onto a connection: a frame built once for everybody, never without bound."""

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Protocol

from api.stream.framing import framed
from api.stream.outbox import Outbox

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


class Pump:
    """Writes what an outbox lets out, as soon as the connection takes it.

    What it does not take stays in the outbox, where it is merged.
    """

    __slots__ = ("_due", "_held_since", "_outbox", "_timer", "_write")

    def __init__(self, outbox: Outbox, wire: Wire) -> None:
        self._held_since: float | None = None
        self._outbox = outbox
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0
        self._write = wire.attach(self)
        outbox.serve(self.run)
        self._open()

    def run(self) -> None:
        """Write all that may go now, and come back for what may go later."""
        while self._held_since is None:
            now = monotonic()
            body = self._outbox.pick(now)
            if body is None:
                self._come_back(self._outbox.due(), now)
                return
            self._write(framed(body))

    def hold(self) -> None:
        """Stop: the connection is full, or over."""
        self._held_since = monotonic()
        self._outbox.write = None

    def go_on(self) -> None:
        """Go on: there is room again."""
        self._held_since = None
        self._open()

    def since(self) -> float | None:
        """Return when the connection became full, by the monotonic clock; None: it is not."""
        return self._held_since

    def stop(self) -> None:
        """Write nothing more."""
        self.hold()
        if self._timer is not None:
            self._timer.cancel()

    def _open(self) -> None:
        """Write what waits; if all of it has gone, what comes need not wait either."""
        self.run()
        if self._held_since is None:
            self._outbox.write = self._write

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
