"""Lanes and lines: order, batching, durability before acknowledgement, failure."""

import asyncio
from collections import defaultdict
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from schemas.limits import CHUNKS_IN_FLIGHT
from schemas.progress import Progress
from schemas.topics import PROGRESS, TOKENS, TRADES
from streams.chunks import Chunk
from streams.lanes import Entry, Lane
from streams.lines import Line, Place, Waiting
from streams.reporter import Reporter
from streams.wire import codec

A: Place = ("a", 0)
B: Place = ("b", 0)
CLOCK: Place = ("clock", 0)


class Broker:
    """Takes batches like a producer; they become durable when the test says so."""

    def __init__(self, batch_records: int = 1_000) -> None:
        self.batch_records = batch_records
        self.log: dict[Place, list[Entry]] = defaultdict(list)
        self.sent: list[tuple[Place, Any, asyncio.Future[Any]]] = []

    def create_batch(self) -> Any:
        """Return an empty batch."""
        entries: list[Entry] = []

        def append(*, timestamp: int, **fields: Any) -> object:
            assert timestamp > 0
            if len(entries) == self.batch_records:
                return None
            entries.append(Entry(fields["key"], fields["value"], tuple(fields["headers"])))
            return entries

        return SimpleNamespace(entries=entries, append=append)

    async def send_batch(self, batch: Any, topic: str, *, partition: int) -> asyncio.Future[Any]:
        """Take a batch."""
        done = asyncio.get_running_loop().create_future()
        self.sent.append(((topic, partition), batch, done))
        return done

    async def settle(self) -> None:
        """Let everything run that can."""
        for _ in range(20):
            await asyncio.sleep(0)

    async def write(self, place: Place | None = None) -> None:
        """Make durable what is in flight (for *place*)."""
        await self.settle()
        for one in [s for s in self.sent if place in {None, s[0]}]:
            where, batch, done = one
            self.sent.remove(one)
            offset = len(self.log[where])
            self.log[where] += batch.entries
            done.set_result(SimpleNamespace(offset=offset))
        await self.settle()

    async def write_all(self) -> None:
        """Make everything durable, also what is sent because of that."""
        await self.settle()
        while self.sent:
            await self.write()


def ignore(entries: object, end: int, sent_ms: int) -> None:
    """Take no note of what is durable."""


class Pen:
    """Lanes to a broker, and what failed."""

    def __init__(self, broker: Broker) -> None:
        self.failures: list[BaseException] = []
        self._broker = broker
        self._lanes: dict[Place, Lane] = {}

    def send(self, load: dict[Place, list[Entry]]) -> dict[Place, "asyncio.Future[int]"]:
        """Queue a load, as the writer does."""
        for place in load.keys() - self._lanes.keys():
            self._lanes[place] = Lane(
                self._broker, *place, on_written=ignore, on_failure=self.failures.append
            )
        return {place: self._lanes[place].add(entries) for place, entries in load.items()}


def entries(*values: int) -> list[Entry]:
    """Return records with these values."""
    return [Entry(b"k%d" % value, b"%d" % value) for value in values]


async def test_what_waits_leaves_together_in_order() -> None:
    """One batch is in flight; everything added meanwhile is the next one."""
    broker = Broker()
    lane = Lane(broker, *A, on_written=ignore, on_failure=pytest.fail)
    first = lane.add(entries(1, 2))
    await broker.settle()
    second, third = lane.add(entries(3)), lane.add(entries(4, 5))
    await broker.settle()

    assert 1 == len(broker.sent)
    await broker.write()

    assert [3, 4, 5] == [int(e.value or b"") for e in broker.sent[0][1].entries]
    await broker.write()

    assert [2, 3, 5] == [first.result(), second.result(), third.result()]


async def test_rows_are_as_old_as_their_sending(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not as the answer: who stood still in between would take a day-old checkpoint for young."""
    broker, written = Broker(), list[tuple[int, int]]()
    clock = iter((1_000_000_000, 86_400_000_000_000))
    monkeypatch.setattr("streams.lanes.time", SimpleNamespace(time_ns=lambda: next(clock)))
    lane = Lane(
        broker, *A, on_written=lambda _, *when: written.append(when), on_failure=pytest.fail
    )
    lane.add(entries(1))
    await broker.settle()
    lane.add(entries(2))
    await broker.write_all()

    assert [(1, 1_000), (2, 86_400_000)] == written


async def test_loads_larger_than_a_batch_are_spread_over_batches() -> None:
    """Nothing is lost or reordered where a batch is full in the middle of a load."""
    broker = Broker(batch_records=3)
    lane = Lane(broker, *A, on_written=ignore, on_failure=pytest.fail)
    loads = [lane.add(entries(*range(i, i + 4))) for i in (0, 4, 8)]
    await broker.write_all()

    assert entries(*range(12)) == broker.log[A]
    assert [4, 8, 12] == [load.result() for load in loads]


async def test_after_a_failure_nothing_more_is_sent() -> None:
    """What follows a failed batch would stand on a hole."""
    broker = Broker()
    pen = Pen(broker)
    first = pen.send({A: entries(1)})[A]
    await broker.settle()
    waiting = pen.send({A: entries(2)})[A]
    broker.sent.pop()[2].set_exception(OSError("gone"))
    await broker.settle()
    later = pen.send({A: entries(3)})[A]
    await broker.settle()

    assert [] == broker.sent
    assert ["gone"] * 3 == [str(one.exception()) for one in (first, waiting, later)]
    assert ["gone"] == [str(one) for one in pen.failures]


async def test_chunks_are_acknowledged_in_order_whatever_is_durable_first() -> None:
    """The second chunk waits for the first, though its own records are there already."""
    broker, acknowledged = Broker(), list[int]()
    pen = Pen(broker)
    line = Line(pen.send, on_failure=pytest.fail)
    for number, place in enumerate((A, B)):
        sent = pen.send({place: entries(number)})
        await line.join(Waiting(sent, {}, lambda _, n=number: acknowledged.append(n)))
    await broker.write(B)

    assert [] == acknowledged
    await broker.write(A)

    assert [0, 1] == acknowledged


async def test_last_rows_wait_for_everything_else_and_the_acknowledgement_for_them() -> None:
    """Rows and outputs first, then the clock row, then the acknowledgement."""
    broker, acknowledged = Broker(), list[dict[Place, int]]()
    pen = Pen(broker)
    line = Line(pen.send, on_failure=pytest.fail)
    sent = pen.send({A: entries(1), B: entries(2)})
    await line.join(Waiting(sent, {CLOCK: entries(3)}, acknowledged.append))
    await broker.write(A)

    assert [B] == [place for place, _, _ in broker.sent]
    await broker.write(B)

    assert [CLOCK] == [place for place, _, _ in broker.sent]
    assert [] == acknowledged
    await broker.write(CLOCK)

    assert [{A: 1, B: 1}] == acknowledged


async def test_of_several_last_rows_the_newest_is_written() -> None:
    """Chunks that became durable together share one write of the clock row."""
    broker, acknowledged = Broker(), list[int]()
    pen = Pen(broker)
    line = Line(pen.send, on_failure=pytest.fail)
    for number in range(3):
        last = {CLOCK: [Entry(b"0", b"%d" % number)]}
        sent = pen.send({A: entries(number)})
        await line.join(Waiting(sent, last, lambda _, n=number: acknowledged.append(n)))
    await broker.write_all()

    assert [0, 1, 2] == acknowledged
    assert b"2" == broker.log[CLOCK][-1].value
    assert len(broker.log[CLOCK]) < 3


async def test_a_full_line_makes_its_agent_wait() -> None:
    """No more than so many chunks are in flight; room is made by what becomes durable."""
    broker = Broker()
    pen = Pen(broker)
    line = Line(pen.send, on_failure=pytest.fail)

    def join() -> asyncio.Task[None]:
        sent = pen.send({A: entries(1)})
        return asyncio.create_task(line.join(Waiting(sent, {}, lambda _: None)))

    joins = [join() for _ in range(CHUNKS_IN_FLIGHT)]
    await broker.settle()

    assert [False] == [one.done() for one in joins if not one.done()]
    await broker.write_all()

    assert all(one.done() for one in joins)


async def test_a_chunk_without_effects_is_acknowledged_in_its_turn() -> None:
    """Nothing to write is durable at once, but not before what came earlier."""
    broker, acknowledged = Broker(), list[int]()
    pen = Pen(broker)
    line = Line(pen.send, on_failure=pytest.fail)
    sent = pen.send({A: entries(1)})
    await line.join(Waiting(sent, {}, lambda _: acknowledged.append(1)))
    await line.join(Waiting({}, {}, lambda _: acknowledged.append(2)))
    await broker.settle()

    assert [] == acknowledged
    await broker.write_all()

    assert [1, 2] == acknowledged


async def test_a_failed_chunk_is_never_acknowledged() -> None:
    """Nor is anything after it; the line tells the worker to stop."""
    broker, acknowledged, failures = Broker(), list[int](), list[BaseException]()
    pen = Pen(broker)
    line = Line(pen.send, on_failure=failures.append)
    for number, place in enumerate((A, B)):
        sent = pen.send({place: entries(number)})
        await line.join(Waiting(sent, {}, lambda _, n=number: acknowledged.append(n)))
    await broker.settle()
    broker.sent.pop(0)[2].set_exception(OSError("gone"))
    await broker.write_all()

    assert [] == acknowledged
    assert ["gone"] == [str(error) for error in failures]


def chunk(generation: int = 1) -> Chunk:
    """Return a chunk of partition 2."""
    return Chunk(
        topic="t", partition=2, epoch=1, generation=generation, number=1,
        records=(), on_finish=None,
    )  # fmt: skip


async def test_the_newest_progress_is_published_with_the_ends_of_its_outputs() -> None:
    """Outputs from before this worker count, those of other partitions and topics do not.

    What is reported is acknowledged when the report is durable, not before; in order, all of it.
    """
    broker = Broker()
    pen = Pen(broker)

    async def ends(places: Any) -> dict[Place, int]:
        return dict.fromkeys(places, 40)

    def send(source: Place, load: dict[Place, list[Entry]]) -> dict[Place, Any]:
        assert ("t", 2) == source
        return pen.send(load)

    reporter = Reporter(
        send, ends=ends, outputs_of=lambda _: (TOKENS, TRADES), on_failure=pytest.fail
    )
    progress = [Progress(stage="fold", partition=2, offset=offset) for offset in (1, 2, 3)]
    offsets = {(TOKENS.name, 2): 50, (TOKENS.name, 1): 99, ("t.dlq", 2): 7}
    acknowledged: list[int] = []
    for one in progress:
        acknowledge = partial(acknowledged.append, one.offset)
        reporter.note(chunk(), offsets, one, acknowledge=acknowledge)
    await broker.settle()
    before = list(acknowledged)
    await broker.write_all()
    values = [codec(Progress).decode(e.value) for e in broker.log[PROGRESS.name, 0]]

    assert 3 == values[-1].offset
    assert {TOKENS.name: 50, TRADES.name: 40} == values[-1].outputs
    assert len(values) < len(progress)
    assert ([], [1, 2, 3]) == (before, acknowledged)
