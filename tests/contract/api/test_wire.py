"""Frames past ASGI: the same bytes that a server would send, in order, never without bound."""

import json
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from websockets.protocol import State
from websockets.server import ServerProtocol

from api.metrics import Metrics
from api.stream.framing import framed
from api.stream.lane import Lane
from api.stream.outbox import Outbox
from api.stream.wire import Pump, Source
from tests.contract.api.door import until
from tests.contract.api.feed import FakeFeed
from tests.contract.api.test_api_live import M, running

METRICS = Metrics()


class Pipe:
    """A connection that takes so many frames until somebody reads."""

    def __init__(self, room: int) -> None:
        self.frames: list[bytes] = []
        self.room, self.source = room, None

    def attach(self, source: Source) -> Callable[[bytes], object]:
        """Tell it when there is room."""
        self.source: Source | None = source
        return self.write

    def write(self, frame: bytes) -> None:
        """Take a frame, and say when that was the last one."""
        assert self.room > 0
        self.room -= 1
        self.frames.append(frame)
        if not self.room and self.source:
            self.source.hold()

    def cut(self, code: int, reason: str) -> None:
        """Close."""

    def read(self, room: int) -> list[int]:
        """Return the numbers of what has come, and make room."""
        found = [json.loads(frame[frame.index(b"{") :])["seq"] for frame in self.frames]
        self.frames, self.room = [], room
        if self.source:
            self.source.go_on()
        return found


def opened(pipe: Pipe, feed: FakeFeed, *, limit: int = 4, interval_s: float = 0.0) -> Lane:
    """Return a lane of trades that goes out over a pipe."""
    outbox = Outbox(sent=METRICS.sent)
    lane = Lane("trades", M, limit=limit, interval_s=interval_s, after=0, metrics=METRICS)
    Pump(outbox, pipe)
    outbox.open(lane)
    feed.sinks["trades", M] = [lane]
    return lane


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 200_000])
def test_a_shared_frame_is_what_a_server_sends(size: int) -> None:
    """Whatever its length, byte for byte."""
    body = "ü".encode() * (size // 2) + b"x" * (size % 2)
    server = ServerProtocol(state=State.OPEN)
    server.send_text(body)

    assert b"".join(server.data_to_send()) == framed(body)


def test_a_frame_is_built_once_for_all() -> None:
    """Who is sent the same message is sent the same bytes, and nobody the bytes of another."""
    one, other = b'{"a":1}', b'{"a":2}'

    assert framed(one) is framed(one)
    assert framed(other).endswith(other)
    assert framed(one).endswith(one)


async def test_what_a_full_connection_does_not_take_is_bounded() -> None:
    """While nobody reads nothing is written; then comes a gap over what was lost, and the rest."""
    feed, pipe = FakeFeed(), Pipe(room=2)
    opened(pipe, feed, limit=3)
    for number in range(12):
        feed.publish("trades", M, {"n": number}, "event")

    assert [1, 2] == pipe.read(room=100)

    found = [json.loads(frame[frame.index(b"{") :]) for frame in pipe.frames]

    assert "gap" == found[0]["type"]
    assert (3, 12) == (found[0]["data"]["fromSeq"], found[-1]["seq"])
    assert [2, *(message["seq"] for message in found[:-1])] == [m["prevSeq"] for m in found]


async def test_what_goes_at_once_does_not_overtake() -> None:
    """What waits goes first, also where the next frame finds the connection free again."""
    feed, pipe = FakeFeed(), Pipe(room=1)
    opened(pipe, feed, limit=100)
    for number in range(3):
        feed.publish("trades", M, {"n": number}, "event")

    assert [1] == pipe.read(room=1)

    feed.publish("trades", M, {"n": 3}, "event")

    assert [2] == pipe.read(room=10)
    assert [3, 4] == pipe.read(room=10)


@pytest.mark.slow
async def test_a_client_that_reads_nothing_is_gone_in_time(tmp_path: Path) -> None:
    """Its connection is given up soon after it was closed, though it never reads the close."""
    big = {"text": "x" * 50_000}
    async with (
        running(tmp_path, ws_stall_s=1, ws_queue_messages=8) as server,
        server.client(max_queue=1) as slow,
    ):
        await slow.subscribe("trades", M)
        process = psutil.Process()

        async def is_closed() -> bool:
            # One burst may fit into the kernel's buffers, and then nothing stalls.
            server.feed.publish("trades", M, big, "event")
            connections = process.net_connections("tcp")
            return not any(c.raddr and c.laddr.port == server.port for c in connections)

        assert not await is_closed()
        await until(is_closed, within_s=15)
