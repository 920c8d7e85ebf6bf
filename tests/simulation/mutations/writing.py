"""How it is made durable, wrong."""

import asyncio
from typing import Any

from streams import chunks, lanes, loading, producers, writer
from streams.changelogs import ChangelogReader
from streams.checkpoints import Checkpoints
from streams.lines import Line, durable
from streams.reporter import Reporter
from streams.table import RowStore, RowTable
from tests.simulation.clients import Metadata
from tests.simulation.mutations.registry import Patch, Patches, mutation
from tests.simulation.worker import Worker

Writer = writer.Writer


@mutation("chunks are acknowledged before they are durable")
def _() -> Patches:
    real, real_init = Writer.finish, Writer.__init__

    def init(self: Any, *given: Any, acknowledge: Any, **options: Any) -> None:
        real_init(self, *given, acknowledge=lambda _: None, **options)
        self.at_once = acknowledge

    async def finish(self: Any, message: Any, chunk: Any, effects: Any) -> None:
        self.at_once(message)
        await real(self, message, chunk, effects)

    return [Patch(Writer, "__init__", init), Patch(Writer, "finish", finish)]


@mutation("a chunk is acknowledged though one before it is not durable")
def _() -> Patches:
    async def join(self: Any, chunk: Any) -> None:
        async def finish() -> None:
            try:
                await durable(chunk.sent.values())
                await durable(self._send(chunk.last).values())
            except Exception as error:  # noqa: BLE001 - As the line does.
                self._on_failure(error)
            else:
                chunk.on_durable({place: one.result() for place, one in chunk.sent.items()})

        self.task = asyncio.create_task(finish())

    return [Patch(Line, "join", join)]


@mutation("chunks are acknowledged before it is durable how far they are")
def _() -> Patches:
    real = Reporter.note

    def note(self: Any, *given: Any, acknowledge: Any) -> None:
        acknowledge()
        real(self, *given, acknowledge=lambda: None)

    return [Patch(Reporter, "note", note)]


@mutation("the clock row goes with the other rows")
def _() -> Patches:
    real = Writer.finish

    async def finish(self: Any, message: Any, chunk: Any, effects: Any) -> None:
        rows = {**effects.rows, **effects.last_rows}
        await real(self, message, chunk, effects._replace(rows=rows, last_rows={}))

    return [Patch(Writer, "finish", finish)]


@mutation("the clock row goes before the outputs")
def _() -> Patches:
    real = Writer.finish

    async def finish(self: Any, message: Any, chunk: Any, effects: Any) -> None:
        last = writer._load(chunk, effects.last_rows, ())
        await durable(self.send((chunk.topic, chunk.partition), last).values())
        await real(self, message, chunk, effects)

    return [Patch(Writer, "finish", finish)]


@mutation("the clock row is lost")
def _() -> Patches:
    real = Writer.finish

    async def finish(self: Any, message: Any, chunk: Any, effects: Any) -> None:
        await real(self, message, chunk, effects._replace(last_rows={}))

    return [Patch(Writer, "finish", finish)]


class _Through:
    """A producer that passes on what it is asked."""

    def __init__(self, producer: Any) -> None:
        self._producer = producer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._producer, name)


def _lane_with(kind: type[_Through]) -> Patches:
    real = lanes.Lane.__init__

    def init(self: Any, producer: Any, *place: Any, **options: Any) -> None:
        real(self, kind(producer), *place, **options)

    return [Patch(lanes.Lane, "__init__", init)]


@mutation("a batch counts as durable when it is sent")
def _() -> Patches:
    class Hasty(_Through):
        async def send_batch(self, *batch: Any, **place: Any) -> Any:
            await self._producer.send_batch(*batch, **place)
            done = asyncio.get_running_loop().create_future()
            done.set_result(Metadata(0))
            return done

    return _lane_with(Hasty)


@mutation("a lane goes on after a failed batch")
def _() -> Patches:
    class Stubborn(_Through):
        async def send_batch(self, *batch: Any, **place: Any) -> Any:
            sent = await self._producer.send_batch(*batch, **place)

            async def answer() -> Metadata:
                try:
                    return await sent
                except Exception:  # noqa: BLE001 - Whatever it is, it is ignored.
                    return Metadata(0)

            return asyncio.ensure_future(answer())

    return _lane_with(Stubborn)


@mutation("a full batch loses what did not fit")
def _() -> Patches:
    real = lanes._fill

    def fill(batch: Any, load: Any, now: int) -> int:
        taken = real(batch, load, now)
        load.taken = len(load.entries)
        return taken

    return [Patch(lanes, "_fill", fill)]


@mutation("what waits in a lane leaves last first")
def _() -> Patches:
    real = lanes._fill

    def fill(batch: Any, load: Any, now: int) -> int:
        if not load.taken:
            load.entries = list(reversed(load.entries))
        return real(batch, load, now)

    return [Patch(lanes, "_fill", fill)]


@mutation("workers that lost a partition still write for it")
def _() -> Patches:
    return [Patch(writer, "FencedProducers", producers.SharedProducer)]


@mutation("a fence stands before the last of its partitions only")
def _() -> Patches:
    real = producers._Fence.build
    return [Patch(producers._Fence, "build", lambda self, places: real(self, places[-1:]))]


@mutation("rows are taken for current though somebody else wrote some meanwhile")
def _() -> Patches:
    def is_current(self: Any, changelog: Any) -> bool:
        return self.tp_to_table[changelog].through(changelog.partition) is not None

    return [Patch(Worker, "is_current", is_current)]


@mutation("a checkpoint of other topics is believed")
def _() -> Patches:
    return [Patch(loading, "doubt", lambda *_, **__: None)]


@mutation("a checkpoint says more than it holds")
def _() -> Patches:
    real = Checkpoints._mark
    return [
        Patch(Checkpoints, "_mark", lambda self, table, end, at: real(self, table, end + 2, at))
    ]


@mutation("a checkpoint lacks what was recovered")
def _() -> Patches:
    async def recover(self: Any, partition: int, records: Any) -> None:
        self._row_store.recover(partition, records)

    return [Patch(RowTable, "recover", recover)]


@mutation("recovery does not read to the end")
def _() -> Patches:
    real = ChangelogReader.ends

    async def ends(self: Any, places: Any) -> Any:
        return {place: max(end - 2, 0) for place, end in (await real(self, places)).items()}

    return [Patch(ChangelogReader, "ends", ends)]


@mutation("deleted rows are not deleted in recovery")
def _() -> Patches:
    real = RowStore._apply

    def apply(self: Any, rows: Any, record: Any) -> None:
        if record.value is not None:
            real(self, rows, record)

    return [Patch(RowStore, "_apply", apply)]


@mutation("what agents keep in memory outlives the assignment")
def _() -> Patches:
    def of(self: Any, chunk: Any) -> Any:
        if chunk.partition not in self._kept:
            self._kept[chunk.partition] = chunk.generation, self._make(chunk)
        return self._kept[chunk.partition][1]

    return [Patch(chunks.Kept, "of", of)]
