"""A node over HTTP: JSON-RPC by POST, WebSocket by upgrade, ``/health``; with its faults."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from aiohttp import web

from tests.node.errors import RpcError, too_many
from tests.node.faults import happens
from tests.node.node import Node
from tests.node.rpc import answered, read

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
TYPE = "application/json; charset=utf-8"
BURST = 5
"""Requests that are refused one after the other, where a node refuses a share of them."""


def app_of(node: Node) -> web.Application:
    """Return the server of a node."""
    app = web.Application(client_max_size=1 << 30, middlewares=[_down_of(node)])
    app.add_routes(
        [
            web.get("/health", _health_of(node)),
            web.get("/", _upgrade_of(node)),
            web.post("/", _post_of(node)),
        ]
    )
    return app


def _down_of(node: Node) -> Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]:
    @web.middleware
    async def down(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not node.faults.down:
            return await handler(request)
        if request.transport:
            request.transport.abort()
        return web.Response(status=503)

    return down


def _health_of(node: Node) -> Handler:
    async def health(_: web.Request) -> web.Response:
        try:
            return web.Response(text=str(node.call("getHealth", [])))
        except RpcError:
            return web.Response(text="behind")

    return health


def _upgrade_of(node: Node) -> Handler:
    async def upgrade(request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() != "websocket":
            return web.Response(
                status=405, text="Used HTTP Method is not allowed. POST or OPTIONS is required\n"
            )
        allowed = node.faults.connections
        if allowed is not None and len(node.connections) >= allowed:
            node.refused["connections"] += 1
            return _too_many(node, None)
        if not node.allows():
            return _too_many(node, None)
        # As real nodes: no compression, pings are answered, and none are sent.
        socket = web.WebSocketResponse(compress=False, max_msg_size=1 << 20)
        await socket.prepare(request)
        connection = node.connection(socket, request.transport)
        node.connections.add(connection)
        node.most_connections = max(node.most_connections, len(node.connections))
        try:
            await connection.run()
        finally:
            node.connections.discard(connection)
        return socket

    return upgrade


def _post_of(node: Node) -> Handler:
    async def post(request: web.Request) -> web.Response:
        node.in_flight += 1
        node.most_in_flight = max(node.most_in_flight, node.in_flight)
        try:
            return await _posted(node, request)
        finally:
            node.in_flight -= 1

    return post


async def _posted(node: Node, request: web.Request) -> web.Response:
    if request.content_type != "application/json":
        why = "Supplied content type is not allowed. Content-Type: application/json is required\n"
        return web.Response(status=415, text=why)
    body = await request.read()
    if len(body) > node.faults.traits.body_bytes:
        return web.Response(status=413, text="Payload is too large.\n")
    try:
        found = read(body)
    except RpcError as error:
        return _json({"jsonrpc": "2.0", "error": error.body(), "id": None})
    return await _failed(node, found) or _answer(node, found)


async def _failed(node: Node, found: Any) -> web.Response | None:
    """Return the answer of a node that fails this request; None if it does not."""
    node.requests += 1
    faults, key = node.faults, (node.key, node.requests)
    calls = len(found) if isinstance(found, list) else 1
    if not node.allows(calls):
        return _too_many(node, found)
    if happens(faults.http_429, node.key, node.requests // BURST, "429"):
        node.refused["http_429"] += 1
        return _too_many(node, found)
    if happens(faults.hang, *key, "hang"):
        await asyncio.sleep(faults.hang_s)
    if happens(faults.http_500, *key, "500"):
        return web.Response(status=500, text="Internal Server Error")
    return None


def _answer(node: Node, found: Any) -> web.Response:
    if not isinstance(found, list):
        return _json(answered(found, node.call))
    answers = [answer for each in found if (answer := answered(each, node.call)) is not None]
    return _json(answers or None)


def _too_many(node: Node, found: Any) -> web.Response:
    """Refuse, as the public nodes of mainnet do."""
    error = too_many().body()
    number = found.get("id") if isinstance(found, dict) else None
    wait = node.faults.retry_after_s
    return _json(
        {"jsonrpc": "2.0", "error": error, "id": number},
        status=429,
        headers={} if wait is None else {"Retry-After": str(wait)},
    )


def _json(body: Any, **more: Any) -> web.Response:
    """Return JSON with the end of line that real nodes send; nothing where no answer is due."""
    text = b"" if body is None else msgspec.json.encode(body) + b"\n"
    headers = {"Content-Type": TYPE, **more.pop("headers", {})}
    return web.Response(body=text, headers=headers, **more)
