"""All nodes as whom to ask: each request goes to the one that is likely to answer it first."""

import time
from collections.abc import Callable, Collection, Sequence
from typing import Generic, NamedTuple, TypeVar

from aiohttp import ClientSession

from domain.errors import BtrackerError, UnreadableError
from schemas.fields import Slot
from streams.sources.solana import metrics
from streams.sources.solana.blocks import UNREADABLE
from streams.sources.solana.cluster import Cluster
from streams.sources.solana.rpc import RefusedError, Request, Rpc
from streams.sources.solana.settings import SolanaSettings

T = TypeVar("T")


class Answered(NamedTuple, Generic[T]):
    """What was read of a result, the result as it came, and who gave it."""

    value: T
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
    """The nodes, in the order of their configuration, and the cluster they have to be of."""

    def __init__(self, nodes: Sequence[Rpc], cluster: Cluster | None = None) -> None:
        self.nodes, self.cluster = nodes, cluster or Cluster()

    async def ask(
        self,
        request: Request,
        read: Callable[[bytes], T],
        *,
        slot: Slot,
        unless: Collection[Rpc] = (),
    ) -> Answered[T]:
        """Return what one of the nodes answers; *slot* is what it must have seen to know.

        A node that does not have it, or cannot be reached, hands on to the next, and so does one
        whose answer *read* refuses, being nonsense or the answer to something else: that is
        counted, and the node is asked last for a while. *unless*: nodes that are not asked.

        Raises:
            UnansweredError: none of them does.
        """
        said: list[str] = []
        absent = True
        for node in self._ordered(slot):
            if node in unless or node.lacks(type(request).__name__, time.monotonic()):
                continue
            try:
                result = await node.ask(request)
                return Answered(read(result), result, node)
            except RefusedError as refused:
                said.append(f"{node.node.name}: {refused}")
                absent = absent and refused.absent
            except (*UNREADABLE, UnreadableError) as error:
                node.doubt()
                metrics.WRONG.labels(node.node.name, type(request).__name__).inc()
                said.append(f"{node.node.name}: a wrong answer ({str(error)[:200]})")
                absent = False
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
            key=lambda node: (
                node.is_doubted(now),
                node.head < slot,
                node.failures > 0,
                node.wait_s(now),
            ),
        )


def open_pool(settings: SolanaSettings, session: ClientSession) -> Pool:
    """Return the nodes that are configured; they have to be of one cluster."""
    per_s, cluster = settings.solana_requests_per_s, Cluster()
    nodes = [Rpc(node, session, per_s=per_s, cluster=cluster) for node in settings.nodes]
    return Pool(nodes, cluster)
