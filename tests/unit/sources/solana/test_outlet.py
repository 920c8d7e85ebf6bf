"""The outlet: what a desk says reaches Kafka whole, or its cursor does not pass it."""

import asyncio
from pathlib import Path
from typing import Any, NamedTuple

from schemas.topics import RAW_CHAIN
from streams.sources.cursors import CursorWriter
from streams.sources.frames import Cursor
from streams.sources.journal import Journal
from streams.sources.publisher import FLIGHTS, Publisher, Settled
from streams.sources.solana.desk import FRAME_ENTRIES, SOURCE, Desk
from streams.sources.solana.outlet import Outlet
from tests.unit.sources.solana.blocks import block


class Arrived(NamedTuple):
    """What a broker says of a record that it has."""

    topic: str
    partition: int
    offset: int


class SlowKafka:
    """A producer whose broker acknowledges nothing before it is told to."""

    def __init__(self) -> None:
        self.keys: list[bytes] = []
        self.acknowledging, self.busy = asyncio.Event(), asyncio.Event()

    async def send(self, topic: str, _: bytes, *, key: bytes, **__: Any) -> asyncio.Task[Arrived]:
        """Take a record."""
        if topic == RAW_CHAIN.name and key != b"clock":
            self.keys.append(key)
        if len(self.keys) == FLIGHTS * FRAME_ENTRIES:
            self.busy.set()
        return asyncio.create_task(self._acknowledge(topic, len(self.keys)))

    async def partitions_for(self, _: str) -> set[int]:
        """Say that every topic has one partition."""
        return {0}

    async def _acknowledge(self, topic: str, offset: int) -> Arrived:
        await self.acknowledging.wait()
        return Arrived(topic, 0, offset)


async def test_a_stop_in_the_midst_of_a_frame_loses_nothing(tmp_path: Path) -> None:
    """Stopped while frames wait for a slow broker, all of them arrive before the cursor moves."""
    names = [f"s{number:05}" for number in range((FLIGHTS + 4) * FRAME_ENTRIES)]
    kafka, stop, settled = SlowKafka(), asyncio.Event(), list[Settled]()
    publisher: Any = Publisher(kafka)
    publisher.on_settled = settled.append
    desk = Desk(Cursor(slot=10), doubtful=-1, bytes_max=10_000)
    desk.take(block(11, 10, names), node="n")
    with Journal(tmp_path, keep_s=None) as journal:
        outlet = Outlet(
            desk, publisher, journal, CursorWriter(publisher, SOURCE),
            doubtful=-1, offsets={}, nodes=(),
        )  # fmt: skip
        running = asyncio.create_task(outlet.run(stop))
        await kafka.busy.wait()
        assert 10 == max([10, *(one.cursor.slot for one in settled)])
        stop.set()
        kafka.acknowledging.set()
        await running
        await outlet.flush()

    assert [name.encode() for name in names] == kafka.keys
    assert 11 == settled[-1].cursor.slot
