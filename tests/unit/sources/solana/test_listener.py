"""The listener: it connects to where a node was said to be, and to nowhere else."""

import asyncio
from http import HTTPStatus

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from solana.rpc.commitment import Commitment
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from streams.sources.solana.blocks import Mentions
from streams.sources.solana.cluster import Cluster
from streams.sources.solana.listener import Listener, Listening
from streams.sources.solana.nodes import parse_nodes
from streams.sources.solana.rpc import Rpc
from streams.sources.solana.standing import Standing


class Left(Standing):
    """How a node stands, and that it was left."""

    def __init__(self) -> None:
        super().__init__("n")
        self.left = asyncio.Event()

    def leave(self, trouble: str, *, is_stalled: bool) -> None:
        """Take note of the end."""
        super().leave(trouble, is_stalled=is_stalled)
        self.left.set()


async def test_no_redirect_is_followed() -> None:
    """A node that sends elsewhere is refused; nobody there is connected to."""
    came: list[str] = []

    async def take(socket: ServerConnection) -> None:
        came.append(socket.request.path if socket.request else "")

    async with serve(take, "127.0.0.1", 0) as inside:
        target = inside.sockets[0].getsockname()[1]

        def redirect(socket: ServerConnection, _: Request) -> Response:
            response = socket.respond(HTTPStatus.FOUND, "")
            response.headers["Location"] = f"ws://127.0.0.1:{target}/inside"
            return response

        async with (
            serve(take, "127.0.0.1", 0, process_request=redirect) as outside,
            ClientSession() as session,
        ):
            port = outside.sockets[0].getsockname()[1]
            rpc = Rpc(parse_nodes(f"ws://127.0.0.1:{port}")[0], session, per_s=8, cluster=Cluster())
            standing = Left()
            listening = Listening(Commitment("confirmed"), 30, Mentions())
            running = asyncio.create_task(
                Listener(rpc, standing, listening, lambda _, __: None).run()
            )
            await standing.left.wait()
            running.cancel()

    assert [] == came
    assert "refused: HTTP 302" == standing.trouble


class Counted(Rpc):
    """A node's HTTP that counts the places taken in its budget."""

    places = 0

    async def wait(self) -> None:
        """Take a place."""
        self.places += 1


async def test_every_connection_and_all_that_is_asked_over_it_has_a_place_in_the_budget() -> None:
    """A node that hangs up again and again counts as many as we asked it for."""
    asked = 0
    enough = asyncio.Event()

    async def post(_: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        return web.json_response({"result": "g"})

    async def connect(request: web.Request) -> web.WebSocketResponse:
        nonlocal asked
        asked += 1
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for _ in socket:
            asked += 1
            break
        await socket.close()
        if asked > 6:
            enough.set()
        return socket

    app = web.Application()
    app.add_routes([web.get("/", connect), web.post("/", post)])
    async with TestServer(app) as server, ClientSession() as session:
        node = parse_nodes(f"ws://127.0.0.1:{server.port},http://127.0.0.1:{server.port}")[0]
        rpc = Counted(node, session, per_s=8, cluster=Cluster())
        listening = Listening(Commitment("confirmed"), 30, Mentions())
        running = asyncio.create_task(
            Listener(rpc, Standing("n"), listening, lambda _, __: None).run()
        )
        await enough.wait()
        running.cancel()

    assert asked == rpc.places
