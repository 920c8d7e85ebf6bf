"""Subscriptions over a WebSocket: the library's protocol, within a live client's session."""

import asyncio
from datetime import timedelta
from time import monotonic
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from starlette.types import Message, Receive, Scope, Send
from strawberry.asgi import GraphQL
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from api.access.gate import REQUEST_ID
from api.graphql.context import Context
from api.graphql.schema import schema
from api.problem import Problem
from api.services import Services
from api.stream.session import Ending, Session, short
from api.stream.socket import LiveSocket

CONTEXT = "btracker.graphql"
Id = Annotated[str, Meta(min_length=1, max_length=128)]
Members = dict[str, Any]


class _Init(msgspec.Struct, frozen=True, tag_field="type", tag="connection_init"):
    payload: Members | None = None


class _Ping(msgspec.Struct, frozen=True, tag_field="type", tag="ping"):
    payload: Members | None = None


class _Pong(msgspec.Struct, frozen=True, tag_field="type", tag="pong"):
    payload: Members | None = None


class _Operation(msgspec.Struct, frozen=True, rename="camel"):
    query: str
    variables: Members | None = None
    operation_name: str | None = None
    extensions: Members | None = None


class _Subscribe(msgspec.Struct, frozen=True, tag_field="type", tag="subscribe"):
    id: Id
    payload: _Operation


class _Complete(msgspec.Struct, frozen=True, tag_field="type", tag="complete"):
    id: Id


_MESSAGES = msgspec.json.Decoder(_Init | _Ping | _Pong | _Subscribe | _Complete)


class _Library(GraphQL[Context, None]):
    """The library's side of a connection."""

    async def get_context(self, request: Any, response: Any) -> Context:  # noqa: ARG002
        """Return the context that the connection was given."""
        context: Context = request.scope[CONTEXT]
        return context

    def encode_json(self, data: object) -> str:
        """Return what is sent as text."""
        return msgspec.json.encode(data).decode()


class _Wire:
    """Stands between the library and a connection: nothing gets past the session's limits."""

    def __init__(self, session: Session, receive: Receive, send: Send) -> None:
        self._session, self._receive, self._send = session, receive, send
        self._sending, self._has_begun = asyncio.Lock(), False
        self._since: float | None = None
        session.sending_since = lambda: self._since

    async def receive(self) -> Message:
        """Return the next message that the library may handle."""
        if not self._has_begun:
            # The connection is accepted already, but the library wants to do that.
            self._has_begun = True
            return {"type": "websocket.connect"}
        message = await self._receive()
        if message["type"] == "websocket.disconnect":
            self._session.end(None)
        elif not self._understood(message.get("text")):
            return {"type": "websocket.disconnect", "code": 1000}
        return message

    async def send(self, message: Message) -> None:
        """Send a message, one at a time; the end of the session says goodbye."""
        if message["type"] == "websocket.close":
            self._session.end(Ending(message["code"], short(message["reason"])))
        elif message["type"] == "websocket.send":
            async with self._sending:
                await self._deliver(message)

    async def _deliver(self, message: Message) -> None:
        self._since = monotonic()
        try:
            await self._send(message)
        except OSError:
            self._session.end(None)
            raise
        self._since = None

    def _understood(self, text: str | None) -> bool:
        """Return whether a message is one of the protocol; the session ends over one that is not.

        A key or token in the first message is shown here.
        """
        if not self._session.accepts(text):
            return False
        try:
            message = _MESSAGES.decode(text or "")
        except (ValueError, RecursionError) as error:
            self._session.misread(str(error))
            return False
        shown = (message.payload or {}).get("token") if isinstance(message, _Init) else None
        if isinstance(shown, str):
            try:
                self._session.visitor.show(shown)
            except Problem as problem:
                self._session.refuse(problem)
                return False
        return True


def graphql_socket(use: Services) -> LiveSocket:
    """Return the ASGI application behind the WebSocket of GraphQL."""
    library = _Library(
        schema(),
        graphql_ide=None,
        subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL],
        connection_init_wait_timeout=timedelta(seconds=use.settings.ws_auth_s),
        # The session has its own limit, which it shares with the other WebSocket.
        max_subscriptions_per_connection=None,
        # As there, any page may connect: nothing that a browser sends by itself opens a door.
        allowed_origins=["*"],
    )

    async def talk(session: Session, scope: Scope, receive: Receive, send: Send) -> None:
        context = Context(use, session.visitor.caller, scope[REQUEST_ID], session)
        wire = _Wire(session, receive, send)
        await library({**scope, CONTEXT: context}, wire.receive, wire.send)

    return LiveSocket(
        use.hub,
        use.gate,
        metrics=use.metrics,
        talk=talk,
        subprotocol=GRAPHQL_TRANSPORT_WS_PROTOCOL,
    )
