"""Hostile clients: each takes a connection, does what it should not, and leaves as it likes."""

import asyncio
import random
from collections import Counter
from contextlib import suppress

from tests.contract.api.market import Market
from tests.load.hostile import requests

PER_CONNECTION = 25
PATIENCE_S = 3.0
GONE = (OSError, EOFError, asyncio.LimitOverrunError)
CLOSE = 0x88


class Seen:
    """How much was sent, and what was answered: statuses, and codes of closed WebSockets."""

    def __init__(self) -> None:
        self.sent, self.statuses, self.closed = Counter[str](), Counter[int](), Counter[int]()


class Attacker:
    """Attacks one server; the same for a seed but for the order of what is answered."""

    def __init__(self, port: int, market: Market, rng: random.Random, seen: Seen) -> None:
        self._port, self._market, self._rng, self._seen = port, market, rng, seen

    async def attack(self) -> None:
        """Do one thing to the server, with a connection of its own."""
        attack = self._rng.choices(
            [self._ask, self._spoil, self._stream, self._listen], weights=[6, 2, 3, 1]
        )[0]
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port, limit=2**20)
        try:
            async with asyncio.timeout(PATIENCE_S):
                await attack(reader, writer)
        except GONE:
            pass
        finally:
            self._leave(writer)

    def _leave(self, writer: asyncio.StreamWriter) -> None:
        if self._rng.random() < 0.5:
            writer.transport.abort()
        writer.close()

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Ask one thing after the other that makes no sense, and read the answers."""
        for _ in range(PER_CONNECTION):
            asked = requests.request(self._rng, self._market)
            self._seen.sent["request"] += 1
            writer.write(asked)
            await self._answer(reader, has_body=not asked.startswith(b"HEAD"))

    async def _spoil(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Send what is no request, half close, and wait for whatever comes."""
        self._seen.sent["garbage"] += 1
        writer.write(requests.garbage(self._rng))
        if self._rng.random() < 0.7:
            with suppress(*GONE):
                writer.write_eof()
            with suppress(*GONE, TimeoutError):
                async with asyncio.timeout(0.5):
                    await self._answer(reader, has_body=True)

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Follow a token over server-sent events, for a moment."""
        mint = self._rng.choice(self._market.tokens).mint
        self._seen.sent["request"] += 1
        writer.write(f"GET /v1/sse/token/{mint} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        self._seen.statuses[int(head.split(b" ", 2)[1])] += 1

    async def _stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Say things on a WebSocket until it is closed, reading only now and then."""
        writer.write(requests.upgrade(self._rng))
        head = await reader.readuntil(b"\r\n\r\n")
        self._seen.statuses[int(head.split(b" ", 2)[1])] += 1
        for _ in range(PER_CONNECTION * 4):
            self._seen.sent["message"] += 1
            writer.write(requests.frame(self._rng, self._market))
            if self._rng.random() < 0.3:
                await writer.drain()
        if self._rng.random() < 0.5:
            writer.write(requests.masked(self._rng, 8, b"\x03\xe8"))
            await self._closing(reader)

    async def _closing(self, reader: asyncio.StreamReader) -> None:
        """Read frames until the server closes, and note its code."""
        while True:
            first, second = await reader.readexactly(2)
            size = second & 0x7F
            if size > 125:
                size = int.from_bytes(await reader.readexactly(2 if size == 126 else 8), "big")
            payload = await reader.readexactly(size)
            if first == CLOSE:
                self._seen.closed[int.from_bytes(payload[:2], "big")] += 1
                return

    async def _answer(self, reader: asyncio.StreamReader, *, has_body: bool) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1])
        self._seen.statuses[status] += 1
        length = next(
            (
                int(line.partition(b":")[2])
                for line in head.lower().split(b"\r\n")
                if line.startswith(b"content-length:")
            ),
            0,
        )
        if has_body and status not in (204, 304):
            await reader.readexactly(length)
