"""What ``btracker doctor`` says of a Solana node, whatever is wrong with it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from btracker.deployment import DEMO
from domain.errors import BtrackerError
from streams.sources.solana.nodes import Node, parse_nodes
from streams.sources.solana.trying import try_node
from tests.node.chain import chain_of
from tests.node.faults import NodeFaults
from tests.node.loading import recording
from tests.node.serving import Nodes, serve_nodes

KEY = "secret-key-of-ours"


@asynccontextmanager
async def node(**faults: object) -> AsyncIterator[tuple[Nodes, Node]]:
    """Give a node whose chain grows while it is looked at, and how it is named."""
    chain = chain_of(recording(DEMO, count=20), empty_share=0.05)
    async with serve_nodes(chain, [NodeFaults(**faults)]) as nodes:  # type: ignore[arg-type]
        (named,) = parse_nodes(f"{nodes[0].ws_url}/?key={KEY},{nodes[0].http_url}/?key={KEY}")
        playing = asyncio.create_task(nodes.play(speed=20))
        try:
            yield nodes, named
        finally:
            playing.cancel()


async def test_a_node_that_answers_and_streams_is_well() -> None:
    """Nothing is said of it."""
    async with node() as (_, named):
        await try_node(named)


@pytest.mark.parametrize(
    ("faults", "sentence"),
    [
        ({"down": True}, "does not answer over HTTP"),
        ({"http_500": 1.0}, "does not answer over HTTP (HTTP 500)"),
        ({"stalled": True}, "no new slot within"),
    ],
)
async def test_what_is_wrong_is_said_without_the_key(
    monkeypatch: pytest.MonkeyPatch, faults: dict[str, object], sentence: str
) -> None:
    """Each fault has a sentence of its own, and none of them holds the key in the address."""
    monkeypatch.setattr("streams.sources.solana.trying.PATIENCE_S", 0.5)
    async with node(**faults) as (_, named):
        with pytest.raises(BtrackerError) as refused:
            await try_node(named)

    assert sentence in str(refused.value)
    assert KEY not in str(refused.value)


async def test_an_address_where_nothing_streams_is_said() -> None:
    """HTTP that answers and a WebSocket that does not are told apart."""
    async with node() as (_, named):
        with pytest.raises(BtrackerError, match="Its WebSocket cannot be used"):
            await try_node(named._replace(ws=f"ws://127.0.0.1:1/?key={KEY}"))
