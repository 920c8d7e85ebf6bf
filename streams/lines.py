"""Lines: the chunks of one partition, finished strictly in the order they came."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from itertools import takewhile
from typing import NamedTuple

from schemas.limits import CHUNKS_IN_FLIGHT
from streams.lanes import Entry
from streams.outputs import Output

Place = tuple[str, int]
"""A topic and one of its partitions."""
Load = dict[Place, list[Entry | Output]]
"""What is to be written, by topic and partition, each in order."""
Send = Callable[[Load], dict[Place, "asyncio.Future[int]"]]


class Waiting(NamedTuple):
    """A chunk whose effects are on their way.

    ``sent`` tells the next offset per place when durable; ``last`` is to be written after that;
    ``on_durable`` is called when everything is, with the next offsets.
    """

    sent: dict[Place, "asyncio.Future[int]"]
    last: Load
    on_durable: Callable[[dict[Place, int]], None]

    @property
    def is_durable(self) -> bool:
        """Whether everything but ``last`` is durable."""
        return all(f.done() and f.exception() is None for f in self.sent.values())


class Line:
    """The chunks of one partition that wait to become durable."""

    def __init__(self, send: Send, *, on_failure: Callable[[BaseException], None]) -> None:
        self._send = send
        self._on_failure = on_failure
        self._waiting: deque[Waiting] = deque()
        self._room = asyncio.Event()
        self._room.set()
        self._finisher: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._waiting)

    async def join(self, chunk: Waiting) -> None:
        """Take *chunk* over; return when there is room for another one."""
        self._waiting.append(chunk)
        if self._finisher is None:
            self._finisher = asyncio.create_task(self._finish())
        if len(self._waiting) >= CHUNKS_IN_FLIGHT:
            self._room.clear()
            await self._room.wait()

    async def _finish(self) -> None:
        try:
            while self._waiting:
                await durable(self._waiting[0].sent.values())
                await self._finish_all(list(takewhile(lambda w: w.is_durable, self._waiting)))
        except Exception as error:  # noqa: BLE001  # Whatever it is, it stops the worker.
            self._on_failure(error)
        finally:
            self._finisher = None

    async def _finish_all(self, chunks: Sequence[Waiting]) -> None:
        """Write the last rows of *chunks*, of each row the newest; then let go of the chunks."""
        last = self._send(_newest(chunk.last for chunk in chunks))
        await durable(last.values())
        for chunk in chunks:
            self._waiting.popleft()
            chunk.on_durable({place: future.result() for place, future in chunk.sent.items()})
        self._room.set()


async def durable(futures: Iterable["asyncio.Future[int]"]) -> None:
    """Wait for *futures* without ever cancelling them, then raise what one of them raised."""
    waiting = list(futures)
    if waiting:
        await asyncio.wait(waiting)
    for future in waiting:
        future.result()


def _newest(loads: Iterable[Load]) -> Load:
    """Return *loads* as one, with only the newest entry per place and key."""
    merged: dict[Place, dict[bytes | None, Entry | Output]] = {}
    for load in loads:
        for place, entries in load.items():
            merged.setdefault(place, {}).update((entry.key, entry) for entry in entries)
    return {place: list(entries.values()) for place, entries in merged.items()}
