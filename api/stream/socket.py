"""The live WebSocket: carries a session's messages over ASGI."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
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
from api.stream.session import Ending, Session, ending_of

log = logging.getLogger(__name__)

CUT = "btracker.cut"
"""The server's extension that closes a connection whose client does not read."""
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
        self._talk, self._subprotocol = talk or self._native, subprotocol

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection until one of the two sides ends it."""
        await receive()
        chosen = self._subprotocol if self._subprotocol in scope["subprotocols"] else None
        await send({"type": "websocket.accept", "subprotocol": chosen})
        if self._hub.is_full:
            await self._close(Ending(protocol.OVER_LIMIT, "too many connections"), scope, send)
            return
        headers = dict(scope["headers"])
        request_id = request_id_of(headers).decode()
        admission = await self._gate.admit_live(scope, headers, request_id=request_id)
        caller = admission.caller
        refused = admission.problem or self._hub.refusal_of(caller, request_id=request_id)
        if refused:
            await self._close(ending_of(refused), scope, send)
            return
        scope = {**scope, REQUEST_ID: request_id}
        with self._hub.session(caller, request_id=request_id) as session:
            ending = await self._serve(session, scope, receive, send)
        if ending:
            await self._close(ending, scope, send)

    async def _serve(
        self, session: Session, scope: Scope, receive: Receive, send: Send
    ) -> Ending | None:
        talking = asyncio.create_task(self._talk(session, scope, receive, send))
        talking.add_done_callback(partial(_finished, session))
        try:
            return await session.ended
        finally:
            talking.cancel()
            await asyncio.gather(talking, return_exceptions=True)

    async def _native(self, session: Session, _scope: Scope, receive: Receive, send: Send) -> None:
        session.welcome()
        async with asyncio.TaskGroup() as both:
            both.create_task(_read(session, receive))
            both.create_task(self._write(session, send))

    async def _write(self, session: Session, send: Send) -> None:
        try:
            while True:
                body = await session.outbox.next()
                session.sending_since = monotonic()
                await send({"type": "websocket.send", "text": body.decode()})
                session.sending_since = None
                self._metrics.sent.inc()
        except OSError:
            # The client has gone while something was under way to it.
            session.end(None)

    async def _close(self, ending: Ending, scope: Scope, send: Send) -> None:
        self._metrics.closed.labels(str(ending.code)).inc()
        cut = scope.get("extensions", {}).get(CUT)
        if cut and ending.code == protocol.TOO_SLOW:
            cut(ending.code, ending.reason)
            return
        message = {"type": "websocket.close", "code": ending.code, "reason": ending.reason}
        with suppress(OSError, TimeoutError):
            await asyncio.wait_for(send(message), CLOSE_TIMEOUT_S)


async def _read(session: Session, receive: Receive) -> None:
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            session.end(None)
            return
        await session.handle(message.get("text"))


def _finished(session: Session, task: asyncio.Task[None]) -> None:
    """End the session of a task that ended by itself."""
    error = None if task.cancelled() else task.exception()
    if error:
        log.error("A live session failed", exc_info=error)
    session.end(Ending(INTERNAL_ERROR, "internal error") if error else None)
