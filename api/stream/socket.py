"""The live WebSocket: carries a session's messages over ASGI."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from time import monotonic
from typing import Any, Never

from fastapi import APIRouter
from starlette.types import Receive, Scope, Send

from api.access.gate import REQUEST_ID, Gate
from api.envelope import request_id_of
from api.metrics import Metrics
from api.problem import Problem
from api.stream import protocol
from api.stream.hub import Hub
from api.stream.outbox import Queue
from api.stream.session import Ending, Session, ending_of
from api.stream.wire import WIRE, Pump, Wire

log = logging.getLogger(__name__)

CLOSE_TIMEOUT_S = 2.0
INTERNAL_ERROR = 1011

router = APIRouter(include_in_schema=False)


@router.get("/v1/stream", response_model=None)
async def plain_http() -> Never:
    """Refuse a request that does not ask for a WebSocket.

    Raises:
        Problem: saying what to do instead (426).
    """
    raise Problem(
        426,
        "upgradeRequired",
        f"This is a WebSocket of subprotocol {protocol.SUBPROTOCOL}: connect with ws:// or wss://; "
        "over plain HTTP the same messages are at /v1/sse/{channel}/{key}.",
        headers={"Upgrade": "websocket", "Connection": "Upgrade"},
    )


Talk = Callable[[Session, Scope, Receive, Send], Coroutine[Any, Any, None]]
"""Serves a session in the words of a subprotocol, until it has ended or is cancelled."""


class LiveSocket:
    """An ASGI application that lets live clients in, and sees that they go."""

    def __init__(
        self,
        hub: Hub,
        gate: Gate,
        *,
        metrics: Metrics,
        talk: Talk | None = None,
        subprotocol: str = protocol.SUBPROTOCOL,
    ) -> None:
        self._hub, self._gate, self._metrics = hub, gate, metrics
        self._talk, self._subprotocol = talk, subprotocol

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection until one of the two sides ends it."""
        await receive()
        chosen = self._subprotocol if self._subprotocol in scope["subprotocols"] else None
        await send({"type": "websocket.accept", "subprotocol": chosen})
        wire: Wire | None = scope.get("extensions", {}).get(WIRE)
        if self._hub.is_full:
            await self._close(Ending(protocol.OVER_LIMIT, "too many connections"), wire, send)
            return
        headers = dict(scope["headers"])
        request_id = request_id_of(headers).decode()
        admission = await self._gate.admit_live(scope, headers, request_id=request_id)
        caller = admission.caller
        refused = admission.problem or self._hub.refusal_of(caller, request_id=request_id)
        if refused:
            await self._close(ending_of(refused), wire, send)
            return
        del headers, admission
        with self._hub.session(caller, request_id=request_id) as session:
            if self._talk is None:
                # Nobody asks for it any more, and it is a seventh of what a connection takes.
                scope.clear()
                ending = await self._native(session, wire, receive, send)
            else:
                talking = self._talk(session, {**scope, REQUEST_ID: request_id}, receive, send)
                ending = await _other(session, talking)
        if ending:
            await self._close(ending, wire, send)

    async def _native(
        self, session: Session, wire: Wire | None, receive: Receive, send: Send
    ) -> Ending | None:
        session.welcome()
        with self._pumped(session, wire) if wire else self._sent(session, send):
            return await _talk(session, receive)

    @contextmanager
    def _pumped(self, session: Session, wire: Wire) -> Iterator[None]:
        """Carry a session's messages straight to its connection."""
        pump = Pump(session.outbox, wire)
        session.sending_since = pump.since
        try:
            yield
        finally:
            pump.stop()

    @contextmanager
    def _sent(self, session: Session, send: Send) -> Iterator[None]:
        """Carry a session's messages over a server that knows no other way than ASGI's."""
        sending = Sending(session, send)
        task = asyncio.create_task(sending.run())
        task.add_done_callback(partial(_finished, session))
        try:
            yield
        finally:
            task.cancel()

    async def _close(self, ending: Ending, wire: Wire | None, send: Send) -> None:
        self._metrics.closed.labels(str(ending.code)).inc()
        if wire and ending.code == protocol.TOO_SLOW:
            wire.cut(ending.code, ending.reason)
            return
        message = {"type": "websocket.close", "code": ending.code, "reason": ending.reason}
        with suppress(OSError, TimeoutError):
            await asyncio.wait_for(send(message), CLOSE_TIMEOUT_S)


class Sending:
    """Sends a session's messages one after the other, as ASGI has it."""

    def __init__(self, session: Session, send: Send) -> None:
        self._queue, self._send = Queue(session.outbox), send
        self._session = session
        self._since: float | None = None
        session.sending_since = lambda: self._since

    async def run(self) -> None:
        """Send until the client has gone."""
        try:
            while True:
                body = await self._queue.next()
                self._since = monotonic()
                await self._send({"type": "websocket.send", "text": body.decode()})
                self._since = None
        except OSError:
            # The client has gone while something was under way to it.
            self._session.end(None)


class Interrupt:
    """Wakes the task that talks to a client when its session is ended by somebody else."""

    def __init__(self) -> None:
        self._task = asyncio.current_task()
        self.is_over = self.was_sent = False

    def __call__(self, _: object) -> None:
        """Interrupt it, unless it has finished by itself."""
        if self._task is not None and not self.is_over:
            self.was_sent = self._task.cancel()

    def is_ours(self) -> bool:
        """Return whether a cancellation was this one, and no other."""
        return self._task is not None and self.was_sent and not self._task.uncancel()


async def _talk(session: Session, receive: Receive) -> Ending | None:
    """Do what a client asks until its session ends, in the task of the connection itself."""
    interrupt = Interrupt()
    session.ended.add_done_callback(interrupt)
    try:
        while not session.ended.done():
            message = await receive()
            if message["type"] == "websocket.disconnect":
                session.end(None)
            else:
                await session.handle(message.get("text"))
    except asyncio.CancelledError:
        if not interrupt.is_ours():
            raise
    except Exception:
        log.exception("A live session failed")
        session.end(Ending(INTERNAL_ERROR, "internal error"))
    finally:
        interrupt.is_over = True
    return await session.ended


async def _other(session: Session, talking: Coroutine[Any, Any, None]) -> Ending | None:
    """Let another subprotocol be talked until the session ends."""
    task = asyncio.create_task(talking)
    task.add_done_callback(partial(_finished, session))
    try:
        return await session.ended
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _finished(session: Session, task: asyncio.Task[None]) -> None:
    """End the session of a task that ended by itself."""
    error = None if task.cancelled() else task.exception()
    if error:
        log.error("A live session failed", exc_info=error)
    session.end(Ending(INTERNAL_ERROR, "internal error") if error else None)
