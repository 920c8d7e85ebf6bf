"""A worker as a simulated process: what Faust and the transport make of the app, without them.

Partitions come and go, rows are read from changelogs, chunks are handed to the agents, what is
acknowledged is committed. All else is real: agents, domain, writer, lines, lanes, producers and
their fences, reporter.
"""

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Literal, NamedTuple

from faust.types import TP

from agents.decode_transactions import decode_transactions
from agents.fold_events import fold_events
from schemas.topics import EVENTS, RAW_CHAIN
from streams.app import River, app
from streams.checkpoints import Checkpoints
from streams.chunks import Chunk
from streams.lines import Place
from streams.recovery import OwnRecovery
from streams.table import RowStore, RowTable
from streams.writer import Writer
from tests.simulation.broker import Broker, Record
from tests.simulation.disk import Thread
from tests.simulation.loop import Loop, Process

AGENTS = {RAW_CHAIN.name: decode_transactions, EVENTS.name: fold_events}
GROUP = "btracker"
MOST_WAITING = 3
"""Chunks that wait for their agent, per worker and topic."""


class Delivered(NamedTuple):
    """What Faust's message says of a chunk."""

    source: Place
    last: int
    generation: int


class Worker(Process):
    """A worker process, from its start to its death."""

    take, finish = River.take, River.finish
    is_current, note_recovered = River.is_current, River.note_recovered
    _check_epochs = River._check_epochs
    outputs_of, partitions_of = River.outputs_of, River.partitions_of
    _written_for, _rows_of = River._written_for, River._rows_of
    _restore, _load, _tables = OwnRecovery._restore, OwnRecovery._load, OwnRecovery._tables
    standby_tps: Mapping[TP, None] = {}

    def __init__(
        self,
        loop: Loop,
        name: str,
        broker: Broker,
        rng: Random,
        *,
        epochs: Mapping[str, int],
        folder: Path,
        has_disk: bool,
    ) -> None:
        super().__init__(loop, name)
        self.broker, self.epochs, self.folder, self.rng = broker, epochs, folder, rng
        self.app = self.consumer = self  # What recovery asks of both is here.
        self.active_tps: Mapping[TP, None] = {}
        self.settings, self.tables, self._outputs = app.settings, app.tables, app._outputs
        self.failure: BaseException | None = None
        self.is_member: Callable[[], bool] = lambda: False
        self.kept: dict[int, Any] = defaultdict(dict)
        self.state: Literal["free", "taking", "recovering", "holding", "leaving"] = "free"
        self._recovery: asyncio.Task[None] | None = None
        self.times_assigned = 0
        self.positions: dict[Place, int] = {}
        self._epochs = epochs
        self._assignment: set[TP] = set()
        self._current = self._recovered = frozenset[TP]()
        self._stores: dict[str, RowStore] = {}
        self._finished: dict[Place, int] = {}
        self._numbers = Counter[Place]()
        self._unacknowledged = 0
        self._queues = {topic: deque[Chunk]() for topic in AGENTS}
        self._wakers: dict[str, asyncio.Future[None]] = {}
        numbers = range(self.settings.partitions)
        self.tp_to_table = {TP(t.topic.name, n): t for t in self._row_tables() for n in numbers}
        self._is_saving = False
        self.checkpoints = Checkpoints(
            folder if has_disk else None, every_s=1, epoch_of=self._epoch_of
        )
        self.checkpoints._thread = Thread(broker)
        self.writer = self.call(self._make_writer)
        for topic in AGENTS:
            self.start(self._work(topic))
        self.start(self.writer.on_start())

    def _make_writer(self) -> Writer:
        return Writer(
            self.settings,
            acknowledge=self._acknowledge,
            ends=self._ends,
            outputs_of=self.outputs_of,
            on_failure=self._fail,
        )

    def store(self, table: RowTable) -> RowStore:
        """Return the rows of *table* in the memory of this worker."""
        store = self._stores.get(table.name)
        if store is None:
            store = self._stores[table.name] = table._new_store()
        return store

    # Partitions come and go.

    @property
    def is_flowing(self) -> bool:
        """Whether chunks are delivered."""
        return self.state == "holding" and not self.is_paused

    def leave(self) -> None:
        """Let go of all partitions: deliver nothing more, finish what is in flight, report it."""
        self.state = "leaving"
        self.start(self._let_go())

    def take_over(self, partitions: Iterable[int]) -> None:
        """Take partitions: fence them, recover the rows of those that are new, go on.

        A recovery before this one that has been overtaken goes on until these are fenced.
        """
        self.state = "taking"
        self.start(self._receive(partitions))

    async def _let_go(self) -> None:
        try:
            for queue in self._queues.values():
                self._unacknowledged -= len(queue)
                queue.clear()
            while self._unacknowledged and self.failure is None:  # noqa: ASYNC110 - As Faust.
                await asyncio.sleep(0.01)
        except Exception as error:  # noqa: BLE001 - Whatever it is, the worker ends.
            self._fail(error)
            return
        self.commit()
        self.state = "free"

    async def _receive(self, partitions: Iterable[int]) -> None:
        sources = [(topic, number) for topic in AGENTS for number in partitions]
        rows = [row for source in sources for row in self._rows_of(source)]
        assigned = {TP(*place) for place in (*sources, *rows)}
        self.times_assigned += 1
        try:
            await self.take(sorted(assigned))
            for _ in range(self.rng.choice((0, 5, 50))):
                await asyncio.sleep(0)  # Faust tells others first.
        except Exception as error:  # noqa: BLE001 - Whatever it is, the worker ends.
            self._fail(error)
            return
        before, self._assignment = self._assignment, assigned
        for topic, partition in sorted(before ^ assigned):
            if (table := self.tp_to_table.get(TP(topic, partition))) is not None:
                table.drop(partition)
        # In one order, whatever strings hash to: a seed has to replay.
        self.active_tps = dict.fromkeys(TP(*place) for place in sorted(rows))
        if self._recovery is not None:
            self._recovery.cancel()
        self.state = "recovering"
        self._recovery = asyncio.ensure_future(self._recover(sources, self.times_assigned))

    async def _recover(self, sources: Sequence[Place], times_assigned: int) -> None:
        try:
            await self._restore(times_assigned)
        except Exception as error:  # noqa: BLE001 - Whatever it is, the worker ends.
            self._fail(error)
            return
        if self.state != "recovering" or times_assigned != self.times_assigned:
            return  # It has been overtaken.
        self._numbers.clear()
        self._finished.clear()
        self.positions = {place: self.broker.committed[GROUP, place] for place in sources}
        self.state = "holding"

    def interrupt(self) -> None:
        """Let go of partitions whose rows are still being read; Faust reads on meanwhile."""
        self.state = "free"

    def _row_tables(self) -> list[RowTable]:
        return [table for table in self.tables.values() if table.source.name in AGENTS]

    def _epoch_of(self, topic: str) -> int:
        return self.epochs.get(topic, self.epochs[EVENTS.name])

    async def hush(self, partitions: object) -> None:
        """Do nothing: here, nobody fetches changelogs but who recovers from them."""

    def save(self) -> None:
        """Write to disk what is durable, as the product does every few seconds."""
        if self.state == "holding" and not self._is_saving:
            self._is_saving = True
            self.start(self._save())

    async def _save(self) -> None:
        for place in list(self.checkpoints._kept):
            await self.checkpoints._write(place)
        self._is_saving = False

    # Chunks come, and are acknowledged.

    def wants(self) -> Iterator[Place]:
        """Yield the partitions of which there is something to deliver, and room for it."""
        for place, position in self.positions.items():
            has_room = len(self._queues[place[0]]) < MOST_WAITING
            if has_room and position < self.broker.log(place).end:
                yield place

    def deliver(self, place: Place, limit: int) -> None:
        """Hand the next records of a partition to its agent, as one chunk."""
        log = self.broker.log(place)
        records = log.read(self.positions[place], limit)
        self.positions[place] = records[-1].offset + 1 if len(records) == limit else log.end
        if records:
            self._numbers[place] += 1
            self._queues[place[0]].append(
                self._chunk(place, records, number=self._numbers[place])
            )  # fmt: skip
            self._unacknowledged += 1
            waker = self._wakers.pop(place[0], None)
            if waker is not None:
                self.call(waker.set_result, None)

    def _chunk(self, place: Place, records: Sequence[Record], *, number: int) -> Chunk:
        message = Delivered(tuple(place), records[-1].offset, self.times_assigned)
        return Chunk(
            topic=place[0],
            partition=place[1],
            epoch=self.epochs.get(place[0], 0),
            generation=self.times_assigned,
            number=number,
            records=records,
            on_finish=partial(self.finish, message),
        )

    async def _chunks(self, topic: str) -> AsyncIterator[Chunk]:
        queue = self._queues[topic]
        while True:
            while not queue:
                waker = self._wakers[topic] = self.loop.create_future()
                await waker
            yield queue.popleft()

    async def _work(self, topic: str) -> None:
        try:
            await AGENTS[topic].fun.__wrapped__(self._chunks(topic))
        except Exception as error:  # noqa: BLE001 - As the app does.
            self._fail(error)

    def _acknowledge(self, message: Delivered) -> None:
        self._unacknowledged -= 1
        if message.generation == self.times_assigned:
            self._finished[message.source] = message.last + 1

    def commit(self) -> None:
        """Commit what is finished, unless the group has gone on without us."""
        if self.is_member():
            for place, offset in self._finished.items():
                self.broker.committed[GROUP, place] = offset

    @property
    def is_done(self) -> bool:
        """Whether all there is has been taken, acknowledged, committed and reported."""
        reported = self.writer._reporter._sources.values()
        return (
            self.state == "holding"
            and not self.ready
            and not self._unacknowledged
            and not any(True for _ in self.wants())
            and all(self.broker.committed[GROUP, p] == end for p, end in self._finished.items())
            and not any(source.newest for source in reported)
        )

    def _fail(self, error: BaseException) -> None:
        if self.failure is None:
            self.failure = error

    async def _ends(self, places: Iterable[Place]) -> dict[Place, int]:
        wanted = list(places)
        return await self.broker.request(lambda: {p: self.broker.log(p).end for p in wanted})
