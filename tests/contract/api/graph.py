"""Clients of GraphQL: whole answers of a query, and a WebSocket within the process."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
from fastapi import FastAPI
from graphql import GraphQLObjectType, GraphQLSchema, build_client_schema, get_introspection_query
from graphql.type import get_named_type

PATH = "/v1/graphql"
OPEN = frozenset({"windows", "highlights", "scores"})
"""Members of REST with keys of their own, which GraphQL has as lists."""
SUBPROTOCOL = "graphql-transport-ws"


async def ask(
    client: httpx.AsyncClient, query: str, variables: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the answer to a query, which is always one."""
    answer = await client.post(PATH, json={"query": query, "variables": variables})

    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def code_of(client: httpx.AsyncClient, query: str, **variables: Any) -> str:
    """Return the code with which a query is refused, of which nothing is done."""
    answer = await ask(client, query, variables)

    assert answer["data"] is None, answer
    codes = {error["extensions"]["code"] for error in answer["errors"]}
    assert len(codes) == 1, answer
    return str(codes.pop())


async def schema_of(client: httpx.AsyncClient) -> GraphQLSchema:
    """Return the schema as a client learns it."""
    return build_client_schema((await ask(client, get_introspection_query()))["data"])


def everything(schema: GraphQLSchema, name: str) -> str:
    """Return the selection of all that an object is, without the fields that are read apart."""
    kind = schema.type_map[name]
    if not isinstance(kind, GraphQLObjectType):
        return ""
    parts = [
        f"{field} {everything(schema, get_named_type(given.type).name)}"
        for field, given in kind.fields.items()
        if not (given.description or "").startswith("As /v1")
    ]
    return "{ " + " ".join(parts) + " }"


def as_rest(found: Any) -> Any:
    """Return an answer as REST writes it: what came as keys and values is an object again."""
    if isinstance(found, dict):
        return {
            name: {one["key"]: as_rest(one["value"]) for one in value}
            if name in OPEN
            else as_rest(value)
            for name, value in found.items()
        }
    return [as_rest(one) for one in found] if isinstance(found, list) else found


class Wire:
    """One WebSocket, without a network.

    ``reads`` not set: the client reads nothing, and is ``stuck`` as soon as there is something.
    """

    def __init__(self) -> None:
        self.reads, self.stuck = asyncio.Event(), asyncio.Event()
        self.reads.set()
        self._to_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._from_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def say(self, said: Any) -> None:
        """Send a message: text as it is, bytes as a binary one, all else as JSON."""
        kind = "bytes" if isinstance(said, bytes) else "text"
        body = said if isinstance(said, str | bytes) else json.dumps(said)
        await self._to_app.put({"type": "websocket.receive", kind: body})

    async def next(self) -> dict[str, Any]:
        """Return the next message of the app; ``{"closed": code}`` for its end."""
        async with asyncio.timeout(20):
            message = await self._from_app.get()
        if message["type"] == "websocket.close":
            assert len(message["reason"].encode()) <= 123
            return {"closed": message["code"]}
        found: dict[str, Any] = json.loads(message["text"])
        return found

    async def next_of(self, *kinds: str) -> dict[str, Any]:
        """Return the next message, skipping all that are of other kinds."""
        while (message := await self.next()).get("type") not in kinds:
            assert "closed" not in message, message
        return message

    async def receive(self) -> dict[str, Any]:
        """Give the app what the client said."""
        return await self._to_app.get()

    async def send(self, message: dict[str, Any]) -> None:
        """Take what the app says, as soon as the client reads."""
        if not self.reads.is_set():
            self.stuck.set()
        await self.reads.wait()
        if message["type"] != "websocket.accept":
            await self._from_app.put(message)

    async def go(self) -> None:
        """Leave."""
        await self._to_app.put({"type": "websocket.disconnect", "code": 1001})


@asynccontextmanager
async def connected(
    app: FastAPI,
    path: str = PATH,
    *,
    subprotocol: str = SUBPROTOCOL,
    address: str = "127.0.0.1",
    headers: Mapping[str, str] | None = None,
) -> AsyncIterator[Wire]:
    """Give a connection to an app, and see that the app lets go of it."""
    wire = Wire()
    given = [(name.encode(), value.encode()) for name, value in (headers or {}).items()]
    scope = {
        "type": "websocket", "path": path, "raw_path": path.encode(), "query_string": b"",
        "root_path": "", "headers": given, "subprotocols": [subprotocol],
        "client": (address, 4711), "server": ("127.0.0.1", 80), "scheme": "ws", "extensions": {},
    }  # fmt: skip
    await wire._to_app.put({"type": "websocket.connect"})
    serving = asyncio.create_task(app(scope, wire.receive, wire.send))  # type: ignore[arg-type]
    try:
        yield wire
    finally:
        wire.reads.set()
        await wire.go()
        async with asyncio.timeout(20):
            await serving


@asynccontextmanager
async def begun(
    app: FastAPI, *, payload: Mapping[str, Any] | None = None, **options: Any
) -> AsyncIterator[Wire]:
    """Give a connection over which the client may subscribe."""
    async with connected(app, **options) as wire:
        await wire.say({"type": "connection_init", "payload": payload or {}})

        assert (await wire.next())["type"] == "connection_ack"
        yield wire
