"""Chunks: up to a thousand records of one partition, delivered and acknowledged as one.

How an agent looks (``agents/fold_events.py``)::

    \"\"\"events -> tokens, trades, candles, holders, lifecycle, progress.\"\"\"

    def open_fold(chunk: Chunk) -> PartitionFold:
        return PartitionFold(tables_of(chunk.partition), partition=chunk.partition, ...)

    folds = Kept(open_fold)

    @app.arrow(EVENTS, to=(TOKENS, TRADES, CANDLES, HOLDERS, LIFECYCLE))
    async def fold_events(chunks: AsyncIterator[Chunk]) -> None:
        async for chunk in chunks:
            events, unreadable = read(chunk, Event)
            folded, bad = attempt(
                lambda events, chunk=chunk: folds.of(chunk).fold(events),
                events,
                again=lambda chunk=chunk: folds.forget(chunk),
            )
            await chunk.finish(
                rows={curves: folded.curves, buckets: folded.buckets},
                outputs=[public(...), ...],
                last_rows={clocks: folded.clock},
                dead_letters=[*unreadable, *dead(chunk, bad)],
                progress=folded.progress,
            )

``tables/curves.py`` declares ``curves = app.table("curves", source=EVENTS, value=CurveRow)``, and
``curves.of(chunk.partition)`` is a read-only mapping of the partition's rows, live: it shows what
``finish`` wrote. Rows are written by ``finish`` only. Whatever an agent lets escape stops the
worker without an acknowledgement; nothing is lost, and nothing is skipped.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar

import msgspec

from domain.errors import UnreadableError
from schemas.progress import Progress
from streams.outputs import Output
from streams.wire import codec

if TYPE_CHECKING:
    from streams.table import RowTable

T = TypeVar("T")

CHUNK_RECORDS = 1_000
"""Most records in a chunk: 1,000 cost 3.9 us per trade, 100 cost 6.3, 20 cost 15."""

Rows = Mapping["RowTable", Mapping[str, Any]]
"""Per table the rows to write, by key; None deletes a row."""


class Raw(Protocol):
    """A record as Kafka gave it. ``timestamp`` is in milliseconds since 1970."""

    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
    offset: int
    timestamp: int


class DeadLetter(NamedTuple):
    """A record that cannot be processed, and one sentence that says why."""

    record: Raw
    error: str


class Finish(Protocol):
    """What takes over a chunk that an agent is done with."""

    async def __call__(self, chunk: "Chunk", effects: "Effects") -> None:
        """Return once there is room for the next chunk."""


class Effects(NamedTuple):
    """Everything a chunk caused."""

    rows: Rows
    outputs: Sequence[Output]
    last_rows: Rows
    dead_letters: Sequence[DeadLetter]
    progress: Progress | None


class Chunk(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Records of one partition in the order of their offsets, without gaps of our making.

    ``epoch`` is when the topic was created, in microseconds since 2026. ``generation`` grows
    whenever partitions are assigned anew; what was kept in memory for a partition holds only
    within one generation, and ``number`` counts its chunks there, from 1. Offsets between
    ``first`` and ``last`` that have no record were compacted away.
    """

    topic: str
    partition: int
    epoch: int
    generation: int
    number: int
    records: Sequence[Raw]
    on_finish: Finish

    @property
    def first(self) -> int:
        """The offset of the first record."""
        return self.records[0].offset

    @property
    def last(self) -> int:
        """The offset of the last record."""
        return self.records[-1].offset

    async def finish(
        self,
        *,
        rows: Rows | None = None,
        outputs: Sequence[Output] = (),
        last_rows: Rows | None = None,
        dead_letters: Sequence[DeadLetter] = (),
        progress: Progress | None = None,
    ) -> None:
        """Hand over everything the chunk caused; acknowledge it once all of that is durable.

        Rows show in the tables when this returns. *last_rows* are sent after everything else
        of the chunk is durable. *progress* is published after that, at most ten times a second
        (the newest wins), with ``outputs`` filled in. Returns early, except when too many chunks
        of the partition wait to become durable.
        """
        effects = Effects(rows or {}, outputs, last_rows or {}, dead_letters, progress)
        await self.on_finish(self, effects)


def read(chunk: Chunk, schema: Any) -> tuple[list[tuple[int, Any]], list[DeadLetter]]:
    """Return the chunk's values with their offsets, and a dead letter for each unreadable one."""
    values, unreadable = [], []
    decode = codec(schema).decode
    for record in chunk.records:
        try:
            values.append((record.offset, decode(record.value)))
        except UnreadableError as error:
            unreadable.append(DeadLetter(record, f"unreadable: {error}"))
    return values, unreadable


class Kept(Generic[T]):
    """What an agent keeps in memory per partition, made anew whenever partitions are assigned."""

    def __init__(self, make: Callable[[Chunk], T]) -> None:
        self._make = make
        self._kept: dict[int, tuple[int, T]] = {}

    def of(self, chunk: Chunk) -> T:
        """Return what is kept for the chunk's partition, made from *chunk* if need be."""
        generation, kept = self._kept.get(chunk.partition, (None, None))
        if kept is None or generation != chunk.generation:
            kept = self._make(chunk)
            self._kept[chunk.partition] = chunk.generation, kept
        return kept

    def forget(self, chunk: Chunk) -> None:
        """Drop what is kept for the chunk's partition; the next ``of`` makes it from the rows."""
        self._kept.pop(chunk.partition, None)
