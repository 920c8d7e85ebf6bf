"""One node: the shared chain through its own faults, and a count of what it was asked."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NoReturn

from tests.node.answers import ANSWERS
from tests.node.chain import LEAD, Chain
from tests.node.connection import Connection
from tests.node.errors import block_not_available, method_not_found, too_many, unsupported_version
from tests.node.faults import NodeFaults, happens
from tests.node.heads import progress_at
from tests.node.limits import Bucket
from tests.node.shapes import Wanted, block_body, entry
from tests.node.view import View

START = LEAD - 6
"""The step at which a chain begins: enough blocks for three heads, a few before anything occurs."""
UNKNOWN_VERSION = 2
LEDGER = frozenset({"getBlock", "getBlocksWithLimit", "getBlocks"})


class Node:
    """A node with its addresses, its faults, and what clients have done to it.

    ``asked``: calls by method, over HTTP and WebSocket, whatever was answered. ``refused``: what
    was answered with 429, by reason: ``requests_per_s``, ``connections``, ``http_429``.
    ``most_connections`` and ``most_in_flight``: the most WebSockets, and HTTP requests, at once.
    """

    def __init__(self, chain: Chain, faults: NodeFaults, *, key: str) -> None:
        self.asked: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.connections: set[Connection] = set()
        self.most_connections = self.most_in_flight = self.in_flight = self.requests = 0
        self.port = 0
        self.faults, self.key = faults, key
        self.bucket = Bucket(time.monotonic)
        self._chain, self._tip, self._step = chain, START, START
        self._standing = False
        self._nulls: Counter[str | int] = Counter()
        self._joined, self._changed = asyncio.Event(), asyncio.Event()

    @property
    def http_url(self) -> str:
        """Return the address for JSON-RPC."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws_url(self) -> str:
        """Return the address for subscriptions."""
        return f"ws://127.0.0.1:{self.port}"

    @property
    def view(self) -> View:
        """Return what the node knows now."""
        behind = self._chain.seen[self._tip] - self._chain.seen[self._step]
        return View(
            self._chain,
            self._step,
            self.faults.traits,
            behind=behind,
            hidden=self.faults.hidden,
            key=self.key,
        )

    @property
    def subscriptions(self) -> int:
        """Return how many subscriptions there are now."""
        return sum(len(each.subscriptions) for each in self.connections)

    async def until_subscribed(self, count: int = 1) -> None:
        """Return when there are *count* subscriptions at once."""
        while self.subscriptions < count:
            self._joined.clear()
            await self._joined.wait()

    def suffer(self, **changes: Any) -> None:
        """Change faults, by the names of ``NodeFaults``; what is not named stays.

        A node that may go on catches up with the next block, or soon without one.
        """
        self.faults = replace(self.faults, **changes)
        self._changed.set()
        if self.faults.down:
            self.cut()

    def cut(self) -> None:
        """End all connections without a word."""
        for connection in self.connections:
            connection.cut()

    async def fail_by_itself(self) -> None:
        """Cut all connections, and stall, as often as the faults say, for ever."""
        while True:
            self._changed.clear()
            self._standing = False
            async with asyncio.TaskGroup() as group:
                works = (self.follow(self._tip), self._cuts(), self._stalls())
                tasks = [group.create_task(each) for each in works]
                await self._changed.wait()
                for task in tasks:
                    task.cancel()

    async def _cuts(self) -> None:
        while self.faults.disconnect_every_s is not None:
            await asyncio.sleep(self.faults.disconnect_every_s)
            self.cut()

    async def _stalls(self) -> None:
        while self.faults.stall_every_s is not None:
            await asyncio.sleep(self.faults.stall_every_s)
            self._standing = True
            await asyncio.sleep(self.faults.stall_for_s)
            self._standing = False
            await self.follow(self._tip)

    async def follow(self, tip: int, *, wait: bool = True) -> None:
        """See the chain up to *tip*, as the faults allow; *wait* until subscribers were told."""
        self._tip = tip
        while self._step < tip - self.faults.lag and not (self.faults.stalled or self._standing):
            self._step += 1
            view, progress = self.view, progress_at(self._chain, self._step)
            for connection in self.connections:
                connection.tell(view, progress, self.faults, key=self.key)
            if wait:
                for connection in tuple(self.connections):
                    await connection.drained()

    def connection(self, socket: Any, transport: Any) -> Connection:
        """Return a connection that counts for this node; the caller adds and removes it."""
        return Connection(
            socket,
            transport,
            traits=lambda: self.faults.traits,
            asked=self._ask,
            joined=self._joined.set,
        )

    def allows(self, calls: int = 1) -> bool:
        """Tell whether so many more calls or connections are allowed now; if not, count that."""
        per_s = self.faults.requests_per_s
        if not per_s or self.bucket.takes(calls, per_s=per_s):
            return True
        self.refused["requests_per_s"] += 1
        return False

    def _ask(self, method: str) -> None:
        """Take note of a call over a WebSocket.

        Raises:
            RpcError: it is one too many.
        """
        self.asked[method] += 1
        if not self.allows():
            raise too_many()

    def call(self, method: str, params: list[Any]) -> Any:
        """Return what the node answers to a call over HTTP.

        Raises:
            RpcError: it answers with an error.
        """
        self.asked[method] += 1
        answer = ANSWERS.get(method)
        if answer is None or (method in LEDGER and not self.faults.traits.ledger):
            raise method_not_found()
        result = answer(self.view, params)
        if result is not None and method in {"getTransaction", "getBlock"}:
            return self._withheld(method, result, params[0])
        return result

    def _withheld(self, method: str, result: Any, asked: Any) -> Any:
        """Return the transaction or block *asked* for, or what the faults make of it."""
        by_signature = method == "getTransaction"
        if happens(self.faults.wrong, self.key, "wrong", asked):
            return self._another(method, result, asked)
        if by_signature and happens(self.faults.too_new, self.key, "too_new", asked):
            raise unsupported_version(UNKNOWN_VERSION)
        if happens(self.faults.null_share, self.key, "null", asked):
            self._nulls[asked] += 1
            if self._nulls[asked] <= self.faults.null_times:
                return None if by_signature else _unavailable(asked)
        return result

    def _another(self, method: str, result: Any, asked: Any) -> Any:
        """Return the neighbour of what was asked for."""
        if method == "getTransaction":
            place = self._chain.located[_beside(list(self._chain.located), asked)]
            other = self._chain.at(place)
            return {**result, **entry(other, Wanted(encoding="base64", max_version=1))}
        slot = _beside(self._chain.slots, asked)
        return block_body(self._chain.block(slot), Wanted(encoding="base64", max_version=1))


def _beside(keys: Sequence[Any], key: Any) -> Any:
    """Return the key before another one, behind the first."""
    place = keys.index(key)
    return keys[place - 1 if place else 1]


def _unavailable(slot: int) -> NoReturn:
    raise block_not_available(slot)
