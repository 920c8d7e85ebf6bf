"""Nodes that serve one chain, in this process."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from aiohttp import web

from tests.node.chain import SLOT_MS, Chain
from tests.node.faults import NodeFaults
from tests.node.http import app_of
from tests.node.node import START, Node


class Nodes(Sequence[Node]):
    """Nodes that see one chain grow, each in its own way."""

    def __init__(self, chain: Chain, nodes: Sequence[Node]) -> None:
        self.chain = chain
        self._nodes = nodes
        self._step = START

    def __getitem__(self, index: int) -> Node:
        return self._nodes[index]

    def __len__(self) -> int:
        return len(self._nodes)

    def __iter__(self) -> Iterator[Node]:
        return iter(self._nodes)

    @property
    def solana(self) -> str:
        """Return the addresses as ``btracker up --solana`` takes them."""
        return ",".join(f"{node.ws_url},{node.http_url}" for node in self)

    @property
    def ended(self) -> bool:
        """Tell whether the chain will grow no more."""
        return self._step == len(self.chain.seen) - 1

    async def advance(self, blocks: int = 1, *, wait: bool = True) -> None:
        """Let the chain grow by *blocks*; *wait* until all subscribers were sent what they say.

        Blocks that do not exist are none; what a lagging node still has to tell stays untold.
        """
        for _ in range(min(blocks, len(self.chain.seen) - 1 - self._step)):
            self._step += 1
            for node in self:
                await node.follow(self._step, wait=wait)
            await asyncio.sleep(0)  # Where nobody listens, nothing above lets others run.

    async def play(self, speed: float | None = None) -> None:
        """Let the chain grow to its end, so many times as fast as its slots say.

        Without a speed it grows as fast as the slowest subscriber reads.
        """
        loop = asyncio.get_running_loop()
        began, first = loop.time(), self.chain.seen[self._step]
        while not self.ended:
            if speed is not None:
                slots = self.chain.seen[self._step + 1] - first
                await asyncio.sleep(began + slots * SLOT_MS / 1_000 / speed - loop.time())
            await self.advance(wait=speed is None)


@asynccontextmanager
async def serve_nodes(
    chain: Chain,
    faults: Sequence[NodeFaults] = (NodeFaults(),),
    *,
    seed: int = 0,
    host: str = "127.0.0.1",
    port: int = 0,
) -> AsyncIterator[Nodes]:
    """Serve *chain* by as many nodes as there are *faults*; it grows by command only.

    ``port``: of the first node, the others have the ones after it; 0 takes any free ones.
    """
    nodes = [Node(chain, each, key=f"{seed}/{place}") for place, each in enumerate(faults)]
    async with AsyncExitStack() as stack:
        for place, node in enumerate(nodes):
            await stack.enter_async_context(_served(node, host, port and port + place))
        yield Nodes(chain, nodes)


@asynccontextmanager
async def _served(node: Node, host: str, port: int) -> AsyncIterator[None]:
    runner = web.AppRunner(app_of(node), access_log=None, shutdown_timeout=1)
    await runner.setup()
    failing = asyncio.create_task(node.fail_by_itself())
    try:
        await web.TCPSite(runner, host, port).start()
        node.port = runner.addresses[0][1]
        yield
    finally:
        failing.cancel()
        with suppress(asyncio.CancelledError):
            await failing
        node.cut()
        await runner.cleanup()
