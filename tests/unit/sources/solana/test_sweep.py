"""The sweep: whatever one node says, another one that has the chain brings it on."""

import asyncio
from typing import Any

import msgspec
import pytest
from solders.rpc.requests import GetBlock, GetBlocksWithLimit

from streams.sources.frames import Cursor
from streams.sources.solana.blocks import Mentions
from streams.sources.solana.cluster import Cluster
from streams.sources.solana.desk import Desk
from streams.sources.solana.nodes import parse_nodes
from streams.sources.solana.pool import Pool
from streams.sources.solana.rpc import RefusedError, Request, Rpc
from streams.sources.solana.sweep import AHEAD, Sweep

FIRST, LAST = 11, 300
NOWHERE: Any = None


class Honest(Rpc):
    """A node that has all blocks of a chain, none of them skipped, and says so."""

    def __init__(self, name: str, *, head: int = LAST) -> None:
        super().__init__(parse_nodes(f"ws://{name}")[0], NOWHERE, per_s=1_000, cluster=Cluster())
        self.head = head

    async def ask(self, request: Request) -> bytes:
        """Answer at once."""
        params = msgspec.json.decode(request.to_json())["params"]
        if isinstance(request, GetBlocksWithLimit):
            return self.listed(params[0])
        assert isinstance(request, GetBlock)
        return self.block(params[0])

    def listed(self, first: int) -> bytes:
        """List what comes from a slot on."""
        return msgspec.json.encode(list(range(first, min(LAST, first + AHEAD - 1) + 1)))

    def block(self, slot: int) -> bytes:
        """Return a block."""
        if slot > LAST:
            raise RefusedError("error -32007", absent=True)
        return msgspec.json.encode({"parentSlot": slot - 1, "blockTime": 5, "transactions": []})


class Empty(Honest):
    """A node that has seen more than all others, it says, and lists nothing."""

    def listed(self, first: int) -> bytes:
        """List nothing."""
        return b"[]"


class Elsewhere(Honest):
    """A node that lists slots which nobody has, more than were asked for."""

    def listed(self, first: int) -> bytes:
        """List slots of another chain."""
        return msgspec.json.encode(list(range(first + 10**6, first + 10**6 + 5_000)))


class Absurd(Honest):
    """A node that answers what is no list, and no block."""

    def listed(self, first: int) -> bytes:
        """List nonsense."""
        return b'[1e400,{"a":"\xff"}]'

    def block(self, slot: int) -> bytes:
        """Return a transaction that is not even text."""
        entry = {"transaction": ["\u00e9", "base64"], "meta": {}}
        return msgspec.json.encode({"parentSlot": 1, "transactions": [entry]})


@pytest.mark.parametrize("other", [Empty, Elsewhere, Absurd])
async def test_the_other_node_brings_it_on(other: type[Honest]) -> None:
    """A node that claims to be far ahead does not keep all from being complete."""
    desk = Desk(Cursor(slot=FIRST - 1), doubtful=-1, bytes_max=10_000)
    pool = Pool([other("liar", head=2**62), Honest("honest")])
    sweep = Sweep(desk, pool, Mentions(), every_s=0.001, until=LAST)
    await asyncio.wait_for(sweep.run(asyncio.Event()), 60)

    assert LAST == desk.walk.through
