"""The sweep: whatever one node says, another one that has the chain brings it on."""

import asyncio
import time
from base64 import b64decode, b64encode
from typing import Any

import msgspec
import pytest
from solders.rpc.requests import GetBlock, GetBlocksWithLimit

from domain.decode.parse import parse_transaction
from domain.errors import UnreadableError
from streams.sources.frames import Cursor
from streams.sources.solana.blocks import Mentions
from streams.sources.solana.cluster import Cluster
from streams.sources.solana.desk import Desk
from streams.sources.solana.metrics import CONTRADICTIONS, WRONG
from streams.sources.solana.nodes import parse_nodes
from streams.sources.solana.pool import Pool
from streams.sources.solana.rpc import RefusedError, Request, Rpc
from streams.sources.solana.sweep import AHEAD, Sweep
from tests.shared import market_lines

FIRST, LAST, RICH = 11, 300, 70
NOWHERE: Any = None
LINE = market_lines()[0]
WIRE = b64decode(msgspec.json.decode(LINE)["transaction"][0])
SIGNATURE = parse_transaction(LINE).signature


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


class Blank(Honest):
    """A node whose blocks have nothing of ours in them."""


class Rich(Honest):
    """A node that has a transaction of ours in one block."""

    def block(self, slot: int) -> bytes:
        """Return a block."""
        told = msgspec.json.decode(super().block(slot))
        entry = {"transaction": [b64encode(WIRE).decode(), "base64"], "meta": {"err": None}}
        return msgspec.json.encode(told | {"transactions": [entry] if slot == RICH else []})


def swept(desk: Desk, *nodes: Honest) -> Sweep:
    """Return a sweep over some nodes."""
    return Sweep(desk, Pool(list(nodes)), Mentions(), every_s=0.001, until=LAST)


def told_desk() -> Desk:
    """Return a desk that was told of the transaction, as confirmed."""
    desk = Desk(Cursor(slot=FIRST - 1), doubtful=-1, bytes_max=10_000)
    desk.tell(RICH, SIGNATURE, b"{}", final=True, node="streams", time=5)
    return desk


async def test_a_block_that_lacks_what_was_told_is_asked_of_others() -> None:
    """Whoever has what a stream told of as confirmed is believed, and the other asked last."""
    blank, rich, desk = Blank("blank"), Rich("rich"), told_desk()
    before = CONTRADICTIONS._value.get()  # A counter has no other way to tell.
    await asyncio.wait_for(swept(desk, blank, rich).run(asyncio.Event()), 60)

    assert LAST == desk.walk.through
    assert before + 1 == CONTRADICTIONS._value.get()
    assert (True, False) == (blank.is_doubted(time.monotonic()), rich.is_doubted(0))


@pytest.mark.parametrize("count", [1, 2])
async def test_what_all_nodes_lack_is_taken_and_said(
    count: int, caplog: pytest.LogCaptureFixture
) -> None:
    """One that told of what no block has does not keep all from being complete."""
    desk = told_desk()
    nodes = [Blank(f"blank{number}") for number in range(count)]
    await asyncio.wait_for(swept(desk, *nodes).run(asyncio.Event()), 60)

    assert LAST == desk.walk.through
    assert SIGNATURE in caplog.text


async def test_an_answer_to_something_else_is_counted_and_asked_elsewhere() -> None:
    """A transaction that was not asked for is refused whatever it is, and so is its node."""
    liar, honest = Rich("liar"), Rich("honest")
    pool = Pool([liar, honest])
    before = WRONG.labels("solana:liar:80", "GetBlock")._value.get()

    def read(raw: bytes) -> str:
        if not liar.is_doubted(time.monotonic()):
            raise UnreadableError("it is another transaction")
        return raw.decode()

    answer = await pool.ask(GetBlock(RICH), read, slot=RICH)

    assert (honest, before + 1) == (
        answer.node,
        WRONG.labels("solana:liar:80", "GetBlock")._value.get(),
    )
    assert honest is (await pool.ask(GetBlock(RICH), bytes, slot=RICH)).node
