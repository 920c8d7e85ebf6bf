"""One request to one node over HTTP, within its budget."""

import asyncio
import time
from typing import Protocol

import msgspec
from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout
from solana.rpc.jsonrpc import JsonRpcErrorCode
from solders.rpc.requests import GetGenesisHash

from domain.errors import BtrackerError
from schemas.fields import Slot
from streams.sources.solana import metrics
from streams.sources.solana.blocks import UNREADABLE
from streams.sources.solana.budget import Budget
from streams.sources.solana.cluster import Cluster
from streams.sources.solana.nodes import Node

TIMEOUT = ClientTimeout(total=30, sock_connect=5)
BODY_BYTES = 64 << 20
"""A whole block in base64 is some megabytes."""
LIMITED_S = 1.0
"""The pause after a 429 that does not say how long."""
LONGEST_PAUSE_S = 300.0
LACKING_S = 600.0
"""How long a node is not asked again for what it does not offer."""
DOUBTED_S = 60.0
"""How long a node that gave a wrong answer is asked only where no other one answers."""
ABSENT = frozenset(
    {
        JsonRpcErrorCode.SERVER_ERROR_BLOCK_CLEANED_UP,
        JsonRpcErrorCode.SERVER_ERROR_BLOCK_NOT_AVAILABLE,
        JsonRpcErrorCode.SERVER_ERROR_BLOCK_STATUS_NOT_AVAILABLE_YET,
        JsonRpcErrorCode.SERVER_ERROR_SLOT_SKIPPED,
        JsonRpcErrorCode.SERVER_ERROR_LONG_TERM_STORAGE_SLOT_SKIPPED,
    }
)
"""A node that says this does not have the block; it need not be so of another."""


class Request(Protocol):
    """A request of JSON-RPC, as solders makes them."""

    def to_json(self) -> str:
        """Return it as it is sent."""


class RefusedError(BtrackerError):
    """A node does not answer a request; ``absent``: because it does not have what was asked for.

    ``is_said``: in so many words. ``unknown``: it does not know the method, or does not offer it.
    """

    def __init__(
        self, reason: str, *, absent: bool = False, is_said: bool = False, unknown: bool = False
    ) -> None:
        super().__init__(reason)
        self.absent, self.is_said, self.unknown = absent, is_said, unknown


class _Error(msgspec.Struct, frozen=True):
    code: int
    message: str = ""


class _Answer(msgspec.Struct, frozen=True):
    result: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    error: _Error | None = None


_answer = msgspec.json.Decoder(_Answer)
_genesis = msgspec.json.Decoder(str)


class Rpc:
    """A node's HTTP. Whoever asks waits until the budget allows it.

    A node of another *cluster* is asked nothing but of which it is.
    """

    def __init__(self, node: Node, session: ClientSession, *, per_s: int, cluster: Cluster) -> None:
        self.node, self._session, self._cluster = node, session, cluster
        self._genesis: str | None = None
        self._introducing, self._is_introduced = asyncio.Lock(), False
        self.budget, self._per_s, self._waiting = Budget(per_s), per_s, 0
        self.head: Slot = 0
        self._turn = asyncio.Lock()
        self.failures = 0
        self._doubted_until = float("-inf")
        self._lacking: dict[str, float] = {}

    def lacks(self, method: str, now: float) -> bool:
        """Say whether it said not long ago that it does not offer a method."""
        return self._lacking.get(method, float("-inf")) > now

    def doubt(self) -> None:
        """Take note that it said what cannot be: for a while others are asked before it."""
        self._doubted_until = time.monotonic() + DOUBTED_S

    def is_doubted(self, now: float) -> bool:
        """Say whether it said what cannot be not long ago."""
        return self._doubted_until > now

    async def ask(self, request: Request) -> bytes:
        """Return the result of a request, as the node wrote it.

        Raises:
            RefusedError: there is none; the reason holds nothing of the node's address.
        """
        await self.introduce()
        if not self.is_ours:
            raise RefusedError("it is of another cluster")
        return await self._ask(request)

    @property
    def is_ours(self) -> bool:
        """Whether it is of the cluster that the other nodes are of, as far as it says."""
        return self._cluster.has(self._genesis)

    async def introduce(self) -> None:
        """Find out of which cluster it is, once.

        Raises:
            RefusedError: it does not answer.
        """
        async with self._introducing:
            if self._is_introduced:
                return
            try:
                self._genesis = _genesis.decode(await self._ask(GetGenesisHash()))
            except RefusedError as refused:
                if not refused.is_said:
                    raise
            except msgspec.MsgspecError:
                return  # Whatever it was, it need not be so the next time.
            self._is_introduced = True

    async def _ask(self, request: Request) -> bytes:
        await self.wait()
        method = type(request).__name__
        try:
            result = await self._post(request)
        except RefusedError as refused:
            self._count(method, "refused" if refused.absent else "failed")
            self.failures += not (refused.absent or refused.unknown)
            if refused.unknown:
                self._lacking[method] = time.monotonic() + LACKING_S
            raise
        except (ClientError, TimeoutError, OSError) as error:
            self._count(method, "failed")
            self.failures += 1
            # Its text may hold the address, and with it a key.
            raise RefusedError(type(error).__name__) from None
        self._count(method, "answered")
        self.failures = 0
        return result

    async def wait(self) -> None:
        """Wait for a place in the budget."""
        began = time.monotonic()
        self._waiting += 1
        try:
            async with self._turn:  # In the order in which they came.
                while (wait_s := self.budget.take(time.monotonic())) > 0:  # noqa: ASYNC110
                    await asyncio.sleep(wait_s)
        finally:
            self._waiting -= 1
        metrics.WAITS_SECONDS.labels(self.node.name).inc(time.monotonic() - began)

    def wait_s(self, now: float) -> float:
        """Return in about how many seconds it would be asked: after all that wait already."""
        return self.budget.wait_s(now) + self._waiting / self._per_s

    async def _post(self, request: Request) -> bytes:
        async with self._session.post(
            self.node.http,
            data=request.to_json().encode(),
            headers={"Content-Type": "application/json"},
            timeout=TIMEOUT,
            allow_redirects=False,
        ) as response:
            body = await _body_of(response)
            if response.status == 429:
                self._pause(response.headers.get("Retry-After"))
                self._count(type(request).__name__, "limited")
            # Errors of JSON-RPC may come with any status.
            return result_in(response.status, body)

    def _pause(self, retry_after: str | None) -> None:
        pause_s = seconds_of(retry_after)
        self.budget.pause(time.monotonic() + pause_s)

    def _count(self, method: str, outcome: str) -> None:
        metrics.REQUESTS.labels(self.node.name, method, outcome).inc()


def seconds_of(retry_after: str | None) -> float:
    """Return how long a node asks to be left alone; a date, or nothing, is a second."""
    if retry_after is None or not (retry_after.isascii() and retry_after.strip().isdigit()):
        return LIMITED_S
    return min(LONGEST_PAUSE_S, max(LIMITED_S, float(retry_after)))


async def _body_of(response: ClientResponse) -> bytes:
    """Return a body of bearable size.

    Raises:
        RefusedError: it is larger.
    """
    parts, size = list[bytes](), 0
    async for part in response.content.iter_any():
        parts.append(part)
        size += len(part)
        if size > BODY_BYTES:
            raise RefusedError(f"an answer of more than {BODY_BYTES:,} bytes")
    return b"".join(parts)


def result_in(status: int, body: bytes) -> bytes:
    """Return the result in an answer.

    Raises:
        RefusedError: there is none.
    """
    try:
        answer = _answer.decode(body)
    except UNREADABLE:
        raise RefusedError(f"HTTP {status}") from None
    if answer.error is not None:
        code = answer.error.code
        raise RefusedError(
            f"error {code}",
            absent=code in ABSENT,
            is_said=status == 200,
            unknown=code == JsonRpcErrorCode.METHOD_NOT_FOUND,
        )
    if answer.result is msgspec.UNSET or status != 200:
        raise RefusedError(f"HTTP {status}")
    return bytes(answer.result)
