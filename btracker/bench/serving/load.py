"""Requests at a steady rate, whatever became of those before, over connections that stay open."""

import asyncio
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from time import perf_counter
from typing import NamedTuple, cast

import msgspec

from btracker.embedded import HOST
from domain.errors import BtrackerError

CONNECTIONS = 64
END = b"\r\n\r\n"
LENGTH = b"content-length: "
PATIENCE_S = 30.0


class Spread(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Times in milliseconds."""

    p50_ms: float
    p99_ms: float
    max_ms: float


class Told(NamedTuple):
    """A request, as bytes, and the moment at which it was due."""

    request: bytes
    due: float


class Connection(asyncio.Protocol):
    """One connection, which carries one request at a time."""

    def __init__(self, load: "Load") -> None:
        self._load, self._due = load, 0.0
        self._answer, self._left = b"", 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Be free."""
        self._transport = cast("asyncio.Transport", transport)
        self._load.free(self)

    def ask(self, told: Told) -> None:
        """Send a request."""
        self._due = told.due
        self._transport.write(told.request)

    def data_received(self, data: bytes) -> None:
        """Take a part of the answer, which may be the last one."""
        if self._left:
            self._left -= len(data)
        else:
            self._answer += data
            head = self._answer.find(END)
            if head < 0:
                return
            self._left = head + len(END) + _length(self._answer[:head]) - len(self._answer)
        if self._left:
            return
        status, self._answer = self._answer[9:12], b""
        self._load.answered(status, perf_counter() - self._due)
        self._load.free(self)


class Load:
    """Asks at a rate; a request that finds no free connection waits, and its time is running."""

    def __init__(self, requests: Sequence[bytes], *, per_second: float) -> None:
        self._requests = requests
        self._per_second = per_second
        self._free: deque[Connection] = deque()
        self._waiting: deque[Told] = deque()
        self._done = asyncio.Event()
        self.seconds: list[float] = []
        self._refused: Counter[str] = Counter()

    def free(self, connection: Connection) -> None:
        """Take a connection that can carry the next request."""
        if self._waiting:
            connection.ask(self._waiting.popleft())
        else:
            self._free.append(connection)

    def answered(self, status: bytes, seconds: float) -> None:
        """Note an answer."""
        self.seconds.append(seconds)
        if status not in (b"200", b"304"):
            self._refused[status.decode()] += 1
        if len(self.seconds) == len(self._requests):
            self._done.set()

    async def run(self, port: int) -> float:
        """Ask for everything; return how many seconds that took.

        Raises:
            BtrackerError: not everything was answered, or not well.
        """
        loop = asyncio.get_running_loop()
        opened = [
            await loop.create_connection(lambda: Connection(self), HOST, port)
            for _ in range(CONNECTIONS)
        ]
        began = perf_counter()
        for told in self._told(began):
            if perf_counter() < told.due:
                await asyncio.sleep(told.due - perf_counter())
            if self._free:
                self._free.popleft().ask(told)
            else:
                self._waiting.append(told)
        try:
            await asyncio.wait_for(self._done.wait(), PATIENCE_S)
        except TimeoutError:
            raise BtrackerError("Not every request was answered.") from None
        finally:
            for transport, _ in opened:
                transport.close()
        if self._refused:
            found = ", ".join(f"{count} with {status}" for status, count in self._refused.items())
            raise BtrackerError(f"Requests were not answered with 200 or 304: {found}.")
        return perf_counter() - began

    def _told(self, began: float) -> Iterator[Told]:
        for number, request in enumerate(self._requests):
            yield Told(request, began + number / self._per_second)


def get(path: str, *, key: str, **headers: str) -> bytes:
    """Return a GET as it goes over the wire."""
    more = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"GET {path} HTTP/1.1\r\nhost: bench\r\nx-api-key: {key}\r\n{more}\r\n".encode()


def spread(seconds: Sequence[float]) -> Spread:
    """Return times as milliseconds."""
    ordered = sorted(seconds)
    return Spread(
        p50_ms=round(ordered[len(ordered) // 2] * 1000, 2),
        p99_ms=round(ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)] * 1000, 2),
        max_ms=round(ordered[-1] * 1000, 2),
    )


def _length(head: bytes) -> int:
    at = head.find(LENGTH)
    return int(head[at + len(LENGTH) :].partition(b"\r")[0]) if at >= 0 else 0
