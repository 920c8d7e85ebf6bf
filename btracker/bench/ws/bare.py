"""The floor: the same handshake and the same frames, each written with ``os.write``.

Run as a module, with the port, the cache's address and the file that the times go to. A client's
first command says what it wants; nobody is told anything else.
"""

import asyncio
import os
import socket
import sys
from collections import defaultdict
from pathlib import Path
from time import perf_counter
from typing import Any, cast

import msgspec
import uvloop
from redis.asyncio import Redis
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

from api.collection import collecting
from api.open_files import open_as_many_as_may_be
from api.serve import listen
from api.settings import ApiSettings
from api.stream.framing import framed
from btracker.bench.ws.times import Times
from views.live.message import PREFIX, decode_message


class Command(msgspec.Struct, frozen=True):
    """What a client wants."""

    channel: str
    key: str


_command = msgspec.json.Decoder(Command).decode
Readers = dict[str, list[int]]


class Door(asyncio.Protocol):
    """A client's connection until it has said what it wants."""

    def __init__(self, readers: Readers) -> None:
        self._readers, self._protocol = readers, ServerProtocol()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember it."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Shake hands, and note what is wanted."""
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Request):
                self._protocol.send_response(self._protocol.accept(event))
                self._transport.write(b"".join(self._protocol.data_to_send()))
            elif isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                wanted = _command(event.data)
                number = self._transport.get_extra_info("socket").fileno()
                self._readers[f"{PREFIX}:on:{wanted.channel}:{wanted.key}"].append(number)
                self._transport.write(framed(b'{"type":"snapshot"}'))


async def relay(redis: str, readers: Readers, times: Times) -> None:
    """Write every message to everybody who wants it."""
    pubsub = Redis.from_url(redis).pubsub()
    await pubsub.psubscribe(f"{PREFIX}:on:*")
    async for answer in pubsub.listen():
        if answer["type"] == "pmessage":
            _write(answer, readers, times)


def _write(answer: dict[str, Any], readers: Readers, times: Times) -> None:
    arrived = perf_counter()
    wire = answer["channel"].decode()
    frame = framed(decode_message(answer["data"]).body)
    for number in readers.get(wire, ()):
        os.write(number, frame)
    if wire in readers:
        times.note(wire.split(":")[3], perf_counter() - arrived)


async def main(port: int, redis: str, times: Path) -> None:
    """Serve until ended."""
    open_as_many_as_may_be()
    readers: Readers = defaultdict(list)
    listener: socket.socket = listen(ApiSettings(port=port))
    loop = asyncio.get_running_loop()
    await loop.create_server(lambda: Door(readers), sock=listener, backlog=4096)
    with collecting():
        await relay(redis, readers, Times(times))


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), sys.argv[2], Path(sys.argv[3])))
