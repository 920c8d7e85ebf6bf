"""The app: Faust with our transport, our tables and our way of finishing chunks."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from functools import cached_property, partial, wraps
from typing import Any, NoReturn, cast

import faust
from faust.types import TP
from faust.types.tuples import Message

from domain.errors import BtrackerError, UsageError
from schemas.topics import CATALOGUE, DLQ_SUFFIX, Topic
from streams import epochs, topics
from streams.checkpoints import Checkpoints
from streams.chunks import Chunk, Effects
from streams.lines import Place
from streams.memory import Memory
from streams.metrics import FAILURES
from streams.options import options, refuse_unsafe
from streams.refusals import lacking
from streams.reporter import REPORTS
from streams.settings import StreamSettings
from streams.table import RowTable
from streams.transport import ChunkConsumer, ChunkTransport
from streams.writer import Writer

Work = Callable[[AsyncIterator[Chunk]], Awaitable[None]]
"""An agent: takes chunks, finishes each, returns only when there are no more."""


class River(faust.App):
    """A Faust app whose agents take chunks (see ``streams.chunks``).

    Settings are taken from the environment unless ``use`` gives others before any table or
    agent is declared.
    """

    def __init__(self) -> None:
        super().__init__("btracker")
        self._settings: StreamSettings | None = None
        self._epochs: dict[str, int] = {}
        self._outputs: dict[str, tuple[Topic, ...]] = {}
        self._current: frozenset[TP] = frozenset()
        self._recovered: frozenset[TP] = frozenset()
        self._failing: asyncio.Task[None] | None = None
        self.failure: BaseException | None = None

    @property
    def settings(self) -> StreamSettings:
        """The worker's settings."""
        if self._settings is None:
            self._settings = StreamSettings()
        return self._settings

    def use(self, settings: StreamSettings) -> None:
        """Take *settings* instead of those of the environment.

        Raises:
            UsageError: the app has been configured already.
        """
        if self.configured:
            raise UsageError("the app is configured; give it its settings before any table")
        self._settings = settings

    def table(self, name: str, *, source: Topic, value: Any, help: str = "") -> RowTable:  # noqa: A002
        """Declare a table whose rows come from *source* and are written by its one agent."""
        return cast("RowTable", self.Table(name, source=source, value=value, help=help))

    def arrow(self, source: Topic, *, to: Iterable[Topic] = ()) -> Callable[[Work], Any]:
        """Make an async function the agent of *source*; *to* names the topics it writes."""
        if source.name in self._outputs:
            raise UsageError(f"{source.name} has an agent already; one agent reads one topic")
        self._outputs[source.name] = tuple(to)

        def declare(work: Work) -> Any:
            @wraps(work)
            async def run(stream: Any) -> None:
                try:
                    await work(stream.noack())
                except Exception as error:
                    self.fail(error, stage="processing")
                    raise

            return self.agent(self.topic(source.name), concurrency=1)(run)

        return declare

    def outputs_of(self, source: str) -> tuple[Topic, ...]:
        """Return the topics that the agent of *source* writes."""
        return self._outputs.get(source, ())

    def partitions_of(self, topic: Topic) -> int:
        """Return how many partitions *topic* has."""
        return topics.partitions_of(topic, self.settings.partitions)

    def epoch_of(self, topic: str) -> int:
        """Return when *topic* was created, in microseconds since 2026-01-01."""
        return self._epochs[topic]

    @property
    def times_assigned(self) -> int:
        """How often partitions were assigned to this worker."""
        return cast("ChunkConsumer", self.consumer).times_assigned

    async def take(self, assigned: Iterable[TP]) -> None:
        """Let nobody else write what comes from *assigned*, before its tables are recovered.

        Rows of partitions that another worker had meanwhile are not ours any more: what Faust
        takes for kept is taken anew.
        """
        await self._check_epochs()
        held = [(tp.topic, tp.partition) for tp in assigned if tp.topic in self._outputs]
        kept = await self.writer.take({source: self._written_for(source) for source in held})
        rows = {TP(*place) for source in kept for place in self._rows_of(source)}
        # A recovery that partitions were assigned in the middle of has not read to the end.
        self._current, self._recovered = self._recovered & rows, frozenset()
        if self._assignment is not None:
            lost = [source for source in held if TP(*source) in self._assignment - kept]
            gone = {TP(*place) for source in lost for place in (source, *self._rows_of(source))}
            self._assignment -= gone

    async def _check_epochs(self) -> None:
        """Refuse to go on with rows of topics that are gone; a new start reads the new ones.

        Raises:
            BtrackerError: a topic was created anew since this worker started.
        """
        now = await epochs.known(self.settings.cluster)
        anew = sorted(name for name, epoch in self._epochs.items() if now.get(name) != epoch)
        if anew:
            raise BtrackerError(f"{', '.join(anew)}: created anew while this worker was running")

    def is_current(self, changelog: TP) -> bool:
        """Return whether the rows in memory are the changelog's: nobody else has written since."""
        table = next(one for one in self._row_tables() if one.topic.name == changelog.topic)
        return changelog in self._current and table.through(changelog.partition) is not None

    def note_recovered(self, changelogs: Iterable[TP], times_assigned: int) -> None:
        """Take note that the rows in memory are those of *changelogs*, through their ends.

        Not if partitions were assigned anew meanwhile: another worker may have had them since.
        """
        if times_assigned == self.times_assigned:
            self._recovered = frozenset(changelogs)

    async def finish(self, message: Message, chunk: Chunk, effects: Effects) -> None:
        """Make durable what *chunk* caused, then acknowledge *message*.

        Raises:
            BtrackerError: partitions were assigned anew since the chunk was delivered; what it
                caused was computed from rows that another worker may have changed.
        """
        if self.failure is not None:
            raise self.failure
        if chunk.generation != self.times_assigned:
            raise BtrackerError(
                f"partition {chunk.partition} of {chunk.topic} was assigned anew under a chunk"
            )
        await self.writer.finish(message, chunk, effects)

    def fail(self, error: BaseException, *, stage: str) -> None:
        """Stop the worker because of *error*; nothing is finished from here on."""
        if self.failure is None:
            self.failure = error
            FAILURES.labels(stage).inc()
            self._failing = asyncio.get_running_loop().create_task(self.crash(error))

    @cached_property
    def writer(self) -> Writer:
        """What makes chunks durable."""
        return Writer(
            self.settings,
            acknowledge=self._acknowledge,
            ends=self._ends,
            outputs_of=self.outputs_of,
            on_failure=partial(self.fail, stage="sending"),
        )

    @cached_property
    def checkpoints(self) -> Checkpoints:
        """What of the rows is on disk."""
        settings = self.settings
        return Checkpoints(settings.tables, every_s=settings.tables_every_s, epoch_of=self.epoch_of)

    @cached_property
    def memory(self) -> Memory:
        """What rows take in memory."""
        return Memory(self._row_tables, limit_mb=self.settings.rows_mb)

    def on_init_dependencies(self) -> Iterable[Any]:
        """Start what is written to first, so that it stops last."""
        return [self.checkpoints, self.writer, self.memory, *super().on_init_dependencies()]

    async def on_first_start(self) -> None:
        """Create none of Faust's folders: nothing is kept there."""

    async def on_start(self) -> None:
        """Refuse to start on settings or topics that would lose data."""
        await super().on_start()
        await self.check()
        self._epochs = await epochs.known(self.settings.cluster)

    async def check(self) -> None:
        """Check the app and the topics it needs.

        Raises:
            UsageError: something would lose data, or a topic is missing or of another size.
        """
        refuse_unsafe(self)
        kafka = self.settings.cluster
        sources = [agent.channel.get_topic_name() for agent in self.agents.values()]
        wanted = [topic for topic in CATALOGUE if topic.name in sources]
        wanted += [topic for name in sources for topic in self.outputs_of(name)]
        missing = await topics.check(kafka, partitions=self.settings.partitions, topics=wanted)
        if missing:
            raise lacking(kafka, missing)
        # Changelogs are nobody's but the worker's, so it makes its own.
        await topics.create(
            kafka,
            partitions=self.settings.partitions,
            replication=self.settings.replication,
            topics=[table.topic for table in self.tables.values()],
        )

    def _written_for(self, source: Place) -> list[Place]:
        """Return the partitions that must not be written by whoever has lost *source*."""
        topic, partition = source
        outputs = [
            (one.name, number)
            for one in self.outputs_of(topic)
            for number in ([partition] if one.public else range(self.partitions_of(one)))
        ]
        return [*self._rows_of(source), *outputs, (topic + DLQ_SUFFIX, partition), REPORTS]

    def _rows_of(self, source: Place) -> list[Place]:
        topic, partition = source
        return [(t.topic.name, partition) for t in self._row_tables() if t.source.name == topic]

    def _row_tables(self) -> Iterable[RowTable]:
        return cast("Iterable[RowTable]", self.tables.values())

    def _acknowledge(self, message: Message) -> None:
        self.consumer.ack(message)

    async def _ends(self, places: Iterable[Place]) -> dict[Place, int]:
        ends = await self.consumer.highwaters(*(TP(*place) for place in places))
        return {(tp.topic, tp.partition): end for tp, end in ends.items()}

    def _new_transport(self) -> ChunkTransport:
        return ChunkTransport(self.conf.broker_consumer, self)

    def _load_settings(self, *, silent: bool = False) -> Any:
        self._default_options = self.settings.group_id, options(self.settings)
        return super()._load_settings(silent=silent)

    def _on_autodiscovery_error(self, name: str) -> NoReturn:
        """Refuse to run without the agent of a module that cannot be imported."""
        raise UsageError(f"cannot import {name}") from sys.exception()


app = River()
