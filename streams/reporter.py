"""Publishes how far each partition is: the newest progress record, at most ten a second.

A chunk is acknowledged when that is durable, too. Else a worker that died in between would leave a
report unsaid for as long as nothing more comes, and what is complete would not seem so.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

import msgspec

from schemas.progress import Progress
from schemas.topics import CATALOGUE, PROGRESS, Topic
from streams.chunks import Chunk
from streams.lanes import Entry
from streams.lines import Load, Place, durable
from streams.outputs import public

INTERVAL_S = 0.1
REPORTS: Place = (PROGRESS.name, 0)
PUBLIC = frozenset(topic.name for topic in CATALOGUE if topic.public)

Acknowledge = Callable[[], object]
Ends = Callable[[Iterable[Place]], Awaitable[dict[Place, int]]]
"""Tells the offset that the next record of each place will get."""
OutputsOf = Callable[[str], tuple[Topic, ...]]
"""Tells which topics are written from the topic of that name."""
Send = Callable[[Place, Load], dict[Place, "asyncio.Future[int]"]]
"""Writes what a source partition causes; per place the offset after it, once it is durable."""


def event_id(progress: Progress) -> str:
    """Return what tells a progress record from every other; a stage may read several topics."""
    stage = ":".join(filter(None, (progress.stage, progress.source)))
    return f"{stage}:{progress.partition}:{progress.epoch}:{progress.offset}"


class _Source:
    """One input partition: the newest record about it, and the next offsets of its outputs.

    The offsets are complete once those from before this worker had the partition are in them.
    ``waiting`` acknowledge the chunks that the newest record speaks of.
    """

    def __init__(self, generation: int) -> None:
        self.generation = generation
        self.newest: Progress | None = None
        self.waiting: list[Acknowledge] = []
        self.offsets: dict[str, int] = {}
        self.is_complete = False

    def reach(self, offsets: Iterable[tuple[str, int]]) -> None:
        """Raise the next offsets to *offsets*."""
        for topic, offset in offsets:
            self.offsets[topic] = max(offset, self.offsets.get(topic, 0))


class Reporter:
    """Newest wins per input partition; the last one is always sent."""

    def __init__(
        self,
        send: Send,
        *,
        ends: Ends,
        outputs_of: OutputsOf,
        on_failure: Callable[[BaseException], None],
    ) -> None:
        self._send = send
        self._ends = ends
        self._outputs_of = outputs_of
        self._on_failure = on_failure
        self._sources: dict[Place, _Source] = {}
        self._publisher: asyncio.Task[None] | None = None

    def note(
        self,
        chunk: Chunk,
        offsets: dict[Place, int],
        progress: Progress | None,
        *,
        acknowledge: Acknowledge,
    ) -> None:
        """Report that all of *chunk* is durable, its outputs before *offsets*; then acknowledge it.

        Without *progress* there is nothing to report, and it is acknowledged at once.
        """
        source = self._source(chunk)
        source.reach(
            (topic, offset)
            for (topic, partition), offset in offsets.items()
            if topic in PUBLIC and partition == chunk.partition
        )
        if progress is None:
            acknowledge()
            return
        source.newest = progress
        source.waiting.append(acknowledge)
        if self._publisher is None:
            self._publisher = asyncio.create_task(self._publish())

    def _source(self, chunk: Chunk) -> _Source:
        place = chunk.topic, chunk.partition
        source = self._sources.get(place)
        if source is None or source.generation != chunk.generation:
            # Of an assignment that is over nothing is committed any more, but it is waited for.
            for acknowledge in source.waiting if source else ():
                acknowledge()
            source = self._sources[place] = _Source(chunk.generation)
        return source

    async def _publish(self) -> None:
        try:
            while any(source.newest for source in self._sources.values()):
                await self._send_newest()
                await asyncio.sleep(INTERVAL_S)
        except Exception as error:  # noqa: BLE001  # Whatever it is, it stops the worker.
            self._on_failure(error)
        finally:
            self._publisher = None

    async def _send_newest(self) -> None:
        sent: list[asyncio.Future[int]] = []
        reported: list[Acknowledge] = []
        for place, source in list(self._sources.items()):
            if source.newest is not None:
                await self._complete(place, source)
                entry = _entry(source.newest, source.offsets)
                reported += source.waiting
                source.newest, source.waiting = None, []
                sent += self._send(place, {REPORTS: [entry]}).values()
        await durable(sent)
        for acknowledge in reported:
            acknowledge()

    async def _complete(self, place: Place, source: _Source) -> None:
        if not source.is_complete:
            topic, partition = place
            outputs = [(one.name, partition) for one in self._outputs_of(topic) if one.public]
            ends = await self._ends(outputs)
            source.reach((name, offset) for (name, _), offset in ends.items())
            source.is_complete = True


def _entry(progress: Progress, offsets: dict[str, int]) -> Entry:
    output = public(
        PROGRESS,
        key=str(progress.partition),
        value=msgspec.structs.replace(progress, outputs=dict(offsets)),
        partition=0,
        event_id=event_id(progress),
        subject=str(progress.partition),
        slot=progress.head_slot,
        time=progress.chain_time,
        op="u",
    )
    return Entry(output.key, output.value, output.headers)
