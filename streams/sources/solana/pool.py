"""All nodes as whom to ask: each request goes to the one that is likely to answer it first."""

import time
from collections.abc import Sequence
from typing import NamedTuple

from aiohttp import ClientSession

from domain.errors import BtrackerError
from schemas.fields import Slot
from streams.sources.solana.cluster import Cluster
from streams.sources.solana.rpc import RefusedError, Request, Rpc
from streams.sources.solana.settings import SolanaSettings


class Answered(NamedTuple):
    """A result, and who gave it."""

    result: bytes
    node: Rpc


class UnansweredError(BtrackerError):
    """No node answers a request; the sentence says what each of them said.

    ``absent``: all of them answer that they do not have it.
    """

    def __init__(self, reason: str, *, absent: bool = False) -> None:
        super().__init__(reason)
        self.absent = absent


class Pool:
    """The nodes, in the order of their configuration."""

    def __init__(self, nodes: Sequence[Rpc]) -> None:
        self.nodes = nodes

    async def ask(self, request: Request, *, slot: Slot, unless: Rpc | None = None) -> Answered:
        """Return what one of the nodes answers; *slot* is what it must have seen to know.

        A node that does not have it, or cannot be reached, hands on to the next. *unless*: the
        node whose answer made no sense.

        Raises:
            UnansweredError: none of them does.
        """
        said: list[str] = []
        absent = True
        for node in self._ordered(slot):
            if node is unless or node.lacks(type(request).__name__, time.monotonic()):
                continue
            try:
                return Answered(await node.ask(request), node)
            except RefusedError as refused:
                said.append(f"{node.node.name}: {refused}")
                absent = absent and refused.absent
        raise UnansweredError("; ".join(said) or "no other node", absent=absent and bool(said))

    def lacks(self, *methods: str) -> bool:
        """Say whether no node offers one of some methods."""
        now = time.monotonic()
        return any(all(node.lacks(method, now) for node in self.nodes) for method in methods)

    def wait_s(self) -> float:
        """Return in how many seconds one of them would be asked."""
        now = time.monotonic()
        return min(node.wait_s(now) for node in self.nodes)

    def _ordered(self, slot: Slot) -> list[Rpc]:
        now = time.monotonic()
        return sorted(
            self.nodes,
            key=lambda node: (node.head < slot, node.failures > 0, node.wait_s(now)),
        )


def open_pool(settings: SolanaSettings, session: ClientSession) -> Pool:
    """Return the nodes that are configured; they have to be of one cluster."""
    per_s, cluster = settings.solana_requests_per_s, Cluster()
    return Pool([Rpc(node, session, per_s=per_s, cluster=cluster) for node in settings.nodes])
