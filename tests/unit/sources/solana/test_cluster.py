"""One cluster: a node of another one is not believed a word."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from domain.errors import UsageError
from schemas.cursor import SourceCursor
from streams.sources.frames import Cursor
from streams.sources.solana.beginning import cluster_of, newest_slot
from streams.sources.solana.pool import Pool, open_pool
from streams.sources.solana.requests import get_slot
from streams.sources.solana.rpc import RefusedError
from streams.sources.solana.settings import SolanaSettings

NO_METHOD = {"error": {"code": -32601, "message": "Method not found"}}
UNREADABLE = (b"1e400", b"null", b"-1", b'""', b"99999999999999999999999", b"[]")


def answering(answers: dict[str, Any]) -> web.Application:
    """Return a node that answers each method with the same."""

    async def answer(request: web.Request) -> web.Response:
        said = answers[(await request.json())["method"]]
        if isinstance(said, bytes):
            return web.Response(body=b'{"result":' + said + b"}")
        return web.json_response(said if isinstance(said, dict) else {"result": said})

    app = web.Application()
    app.router.add_post("/", answer)
    return app


@asynccontextmanager
async def nodes(*told: dict[str, Any]) -> AsyncIterator[Pool]:
    """Serve nodes; give whoever asks them."""
    async with AsyncExitStack() as stack:
        servers = [await stack.enter_async_context(TestServer(answering(one))) for one in told]
        named = " ".join(f"ws://127.0.0.1:1,{server.make_url('/')}" for server in servers)
        session = await stack.enter_async_context(ClientSession())
        yield open_pool(SolanaSettings(solana=SecretStr(named)), session)


async def test_nodes_of_two_clusters_are_not_taken_together() -> None:
    """The first one that is named says which cluster is meant; the sentence names the other."""
    async with nodes({"getGenesisHash": "a"}, {"getGenesisHash": "b"}) as pool:
        with pytest.raises(UsageError, match=pool.nodes[1].node.name):
            await newest_slot(pool)
        with pytest.raises(RefusedError, match="cluster"):
            await pool.nodes[1].ask(get_slot())


async def test_what_was_collected_before_says_which_cluster_is_ours() -> None:
    """After a restart with nodes of another one nothing is collected on top of it."""
    said = {"getGenesisHash": "b", "getSlot": 7}
    kept = SourceCursor(through=5, cluster="a")
    async with nodes(said) as pool:
        pool.cluster.expect(cluster_of(kept=kept, journaled=None))
        with pytest.raises(UsageError, match="collected before"):
            await newest_slot(pool)
    async with nodes(said) as pool:
        pool.cluster.expect(cluster_of(kept=None, journaled=Cursor(cluster="b")))

        assert 7 == await newest_slot(pool)
        assert "b" == pool.cluster.genesis


async def test_a_node_that_does_not_say_is_believed() -> None:
    """Not every provider answers; a node that cannot be reached is asked when it can."""
    said = {"getGenesisHash": NO_METHOD, "getSlot": 7}
    async with nodes(said, {"getGenesisHash": "b", "getSlot": 6}) as pool:
        assert 7 == await newest_slot(pool)


@pytest.mark.parametrize("slot", UNREADABLE)
async def test_a_slot_that_is_none_is_left_out(slot: bytes) -> None:
    """One node's nonsense does not keep the others from being begun with."""
    same = {"getGenesisHash": "a"}
    async with nodes(same | {"getSlot": slot}, same | {"getSlot": 0}) as pool:
        assert 0 == await newest_slot(pool)
