"""Thousands of WebSocket clients in one process: they count what comes, and no more than that."""

import asyncio
import base64
import secrets
from collections import Counter
from collections.abc import Callable
from time import perf_counter
from typing import cast

import msgspec
from websockets.frames import Frame, Opcode

from btracker.embedded import HOST
from domain.errors import BtrackerError

END = b"\r\n\r\n"
KINDS = {
    b"delta": "delta", b"snaps": "snapshot", b"event": "event", b"heart": "heartbeat",
    b"reset": "reset", b"error": "error",
}  # fmt: skip
TYPE_AT = len(b'{"type":"')
PATIENCE_S = 60.0
QUIET_S = 1.0
SWITCHING = b"HTTP/1.1 101"


class Client(asyncio.Protocol):
    """One connection; ``seconds`` from its beginning to the end of the handshake."""

    def __init__(self, clients: "Clients") -> None:
        self._clients, self._began = clients, perf_counter()
        self._rest, self._is_open = b"", False
        self.closed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the WebSocket."""
        self.transport = cast("asyncio.Transport", transport)
        self._clients.transports.append(self.transport)
        self.transport.write(self._clients.handshake)

    def connection_lost(self, _: Exception | None) -> None:
        """Be counted."""
        self.closed = True
        self._clients.lost += 1
        self._clients.changed.set()

    def subscribe(self, channel: str, key: str) -> None:
        """Say what is wanted."""
        command = {"op": "subscribe", "channel": channel, "key": key}
        frame = Frame(Opcode.TEXT, msgspec.json.encode(command))
        self.transport.write(frame.serialize(mask=True))

    def data_received(self, data: bytes) -> None:
        """Count the messages in what has come."""
        if self._rest:
            data, self._rest = self._rest + data, b""
        if not self._is_open:
            head, found, data = data.partition(END)
            if not found:
                self._rest = head
                return
            self._is_open = True
            self._clients.shaken(perf_counter() - self._began, good=head.startswith(SWITCHING))
        at = 0
        while (end := frame_end(data, at)) is not None:
            self._count(data, at)
            at = end
        self._rest = data[at:]

    def _count(self, data: bytes, at: int) -> None:
        opcode = data[at] & 0x0F
        if opcode == Opcode.PING:
            self.transport.write(Frame(Opcode.PONG, data[at + 2 : at + 6]).serialize(mask=True))
        elif opcode == Opcode.TEXT:
            start = at + header_length(data[at + 1]) + TYPE_AT
            kind = KINDS.get(data[start : start + 5])
            if kind == "error":
                self._clients.refused(data[start - TYPE_AT : frame_end(data, at)])
            if kind is not None:
                self._clients.counted(kind)


class Clients:
    """All of them; ``handshakes`` in seconds, ``got`` by type of message."""

    def __init__(self, port: int, *, key: str) -> None:
        self.port = port
        given = f"x-api-key: {key}\r\n" if key else ""
        nonce = base64.b64encode(secrets.token_bytes(16)).decode()
        self.handshake = (
            f"GET /v1/stream HTTP/1.1\r\nhost: bench\r\nupgrade: websocket\r\n"
            f"connection: Upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: {nonce}\r\n"
            f"sec-websocket-protocol: btracker.v1+json\r\n{given}\r\n"
        ).encode()
        self.all: list[Client] = []
        self.transports: list[asyncio.Transport] = []
        self.handshakes: list[float] = []
        self.failed = self.lost = 0
        self.refusal = ""
        self.got: Counter[str] = Counter()
        self.changed = asyncio.Event()

    async def connect(self, count: int, *, per_second: float) -> None:
        """Open so many connections at a rate, whatever became of those before.

        Raises:
            BtrackerError: not all of them were shaken hands with.
        """
        loop, began = asyncio.get_running_loop(), perf_counter()
        opening = set()
        for number in range(count):
            due = began + number / per_second
            if perf_counter() < due:
                await asyncio.sleep(due - perf_counter())
            opening.add(asyncio.ensure_future(self._open(loop)))
        await asyncio.gather(*opening)
        await self.until(lambda: len(self.handshakes) + self.failed >= count, "handshakes")

    async def _open(self, loop: asyncio.AbstractEventLoop) -> None:
        client = Client(self)
        try:
            await loop.create_connection(lambda: client, HOST, self.port)
        except OSError as error:
            raise BtrackerError(
                f"No connection beyond {len(self.all)} ({error.strerror}); allow more open files, "
                "or measure with fewer --connections."
            ) from error
        self.all.append(client)

    def shaken(self, seconds: float, *, good: bool) -> None:
        """Note the end of a handshake."""
        if good:
            self.handshakes.append(seconds)
        else:
            self.failed += 1
        self.changed.set()

    def counted(self, kind: str) -> None:
        """Note a message."""
        self.got[kind] += 1
        self.changed.set()

    def refused(self, message: bytes) -> None:
        """Keep the first refusal, for whoever wonders why something has not come."""
        self.refusal = self.refusal or message.decode()

    async def until_got(self, kind: str, count: int) -> None:
        """Wait for so many messages of a type.

        Raises:
            BtrackerError: they do not come.
        """
        await self.until(lambda: self.got[kind] >= count, f"messages of type {kind}")

    async def until_quiet(self, kind: str) -> None:
        """Wait until no more messages of a type come: it is not known how many were joined."""
        before = -1
        while self.got[kind] != before:
            before = self.got[kind]
            await asyncio.sleep(QUIET_S)

    async def until(self, look: Callable[[], bool], what: str) -> None:
        """Wait until *look* says yes.

        Raises:
            BtrackerError: it does not in time.
        """
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not look():
                    self.changed.clear()
                    await self.changed.wait()
        except TimeoutError:
            refusal = f" The first refusal: {self.refusal}" if self.refusal else ""
            raise BtrackerError(f"Not all {what} have come: {dict(self.got)}.{refusal}") from None

    def close(self) -> None:
        """Close all connections."""
        for transport in self.transports:
            transport.abort()


def header_length(second: int) -> int:
    """Return how long a frame's header is, from its second byte; servers do not mask."""
    return 2 if second < 126 else 4 if second == 126 else 10


def frame_end(data: bytes, at: int) -> int | None:
    """Return where the frame at *at* ends; None if not all of it has come."""
    if len(data) < at + 2:
        return None
    length = header_length(data[at + 1])
    if len(data) < at + length:
        return None
    size = data[at + 1] if length == 2 else int.from_bytes(data[at + 2 : at + length])
    end = at + length + size
    return end if end <= len(data) else None
