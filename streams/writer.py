"""The writer: makes durable what chunks cause, then acknowledges them."""

from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from aiokafka import AIOKafkaProducer
from faust.types.tuples import Message
from mode import Service

from domain.errors import BtrackerError
from streams.chunks import Chunk, Effects, Rows
from streams.dead_letters import dead_letter
from streams.lanes import Entries, Lane
from streams.lines import Line, Load, Place, Waiting
from streams.metrics import IN_FLIGHT, RECORDS
from streams.outputs import Output
from streams.producers import FencedProducers, Places, Producers, SharedProducer
from streams.reporter import Ends, OutputsOf, Reporter
from streams.settings import StreamSettings

if TYPE_CHECKING:
    import asyncio

    from streams.table import RowTable

BATCH_BYTES = 1_000_000
"""Most bytes in a batch: Kafka refuses more than 1,048,588 by default."""
REQUEST_BYTES = 4 * BATCH_BYTES
RENEWAL_S = 21_600.0
"""A log forgets after a day who wrote to it last, and with it whom to refuse; Kafka forgets a
transactional id that is not used for a week."""


class Writer(Service):
    """Writes changelog rows and outputs in batches, acknowledges chunks in order."""

    def __init__(
        self,
        settings: StreamSettings,
        *,
        acknowledge: Callable[[Message], object],
        ends: Ends,
        outputs_of: OutputsOf,
        on_failure: Callable[[BaseException], None],
    ) -> None:
        super().__init__()
        self._settings = settings
        self._acknowledge = acknowledge
        self._on_failure = on_failure
        self._reporter = Reporter(
            self.send, ends=ends, outputs_of=outputs_of, on_failure=on_failure
        )
        self._producers: Producers = (
            FencedProducers(self._producer) if settings.fencing else SharedProducer(self._producer)
        )
        self._finished: Counter[tuple[str, int, int]] = Counter()
        self._tables: dict[str, RowTable] = {}
        self._lanes: dict[tuple[AIOKafkaProducer, Place], Lane] = {}
        self._lines: dict[Place, Line] = {}

    def _producer(self, **options: Any) -> AIOKafkaProducer:
        return AIOKafkaProducer(
            **self._settings.cluster.options,
            acks="all",
            max_batch_size=BATCH_BYTES,
            max_request_size=REQUEST_BYTES,
            request_timeout_ms=int(self._settings.request_timeout_s * 1_000),
            **options,
        )

    async def on_start(self) -> None:
        """Connect to Kafka."""
        await self._producers.start()

    async def on_stop(self) -> None:
        """Let go of Kafka."""
        await self._producers.stop()

    async def take(self, places: Places) -> set[Place]:
        """Write for these source partitions from now on, and let nobody else do so.

        Returns those that nobody else wrote for since this one took them last.
        """
        kept = await self._producers.take(places)
        used = {self._producers.of(source) for source in places}
        self._lanes = {key: lane for key, lane in self._lanes.items() if key[0] in used}
        return kept

    @Service.timer(RENEWAL_S)
    async def _renew(self) -> None:
        await self._producers.renew()

    async def finish(self, message: Message, chunk: Chunk, effects: Effects) -> None:
        """Start everything *effects* ask for; return when there is room for another chunk."""
        self._check_order(chunk)
        for table in effects.rows:
            await table.room()
        self._apply(chunk, effects.rows)
        self._apply(chunk, effects.last_rows)
        letters = [dead_letter(chunk, letter) for letter in effects.dead_letters]
        load = _load(chunk, effects.rows, (*effects.outputs, *letters))
        RECORDS.labels(chunk.topic, "dead_lettered").inc(len(letters))

        def on_durable(offsets: dict[Place, int]) -> None:
            IN_FLIGHT.labels(chunk.topic, chunk.partition).set(len(line))
            acknowledge = partial(self._acknowledge, message)
            self._reporter.note(chunk, offsets, effects.progress, acknowledge=acknowledge)

        line = self._line(chunk)
        IN_FLIGHT.labels(chunk.topic, chunk.partition).set(len(line) + 1)
        sent = self.send((chunk.topic, chunk.partition), load)
        await line.join(Waiting(sent, _load(chunk, effects.last_rows, ()), on_durable))

    def _check_order(self, chunk: Chunk) -> None:
        """Refuse a chunk when one before it was not finished: its records would be lost."""
        place = chunk.topic, chunk.partition, chunk.generation
        if chunk.number != self._finished[place] + 1:
            raise BtrackerError(
                f"chunk {self._finished[place] + 1} of {place} was skipped by {chunk.number}"
            )
        self._finished[place] = chunk.number

    def send(self, source: Place, load: Load) -> dict[Place, "asyncio.Future[int]"]:
        """Queue *load* for *source*; per place the offset after its last record, once durable."""
        producer = self._producers.of(source)
        return {place: self._lane(producer, place).add(entries) for place, entries in load.items()}

    def _lane(self, producer: AIOKafkaProducer, place: Place) -> Lane:
        lane = self._lanes.get((producer, place))
        if lane is None:
            on_written = partial(self._written, place)
            lane = Lane(producer, *place, on_written=on_written, on_failure=self._on_failure)
            self._lanes[producer, place] = lane
        return lane

    def _apply(self, chunk: Chunk, rows: Rows) -> None:
        for table, changes in rows.items():
            self._tables[table.topic.name] = table
            table.apply(chunk.partition, changes)

    def _written(self, place: Place, entries: Entries, end: int, sent_ms: int) -> None:
        """Tell a table what of it is durable."""
        topic, partition = place
        if topic in self._tables:
            self._tables[topic].wrote(partition, entries, end, sent_ms)

    def _line(self, chunk: Chunk) -> Line:
        place = chunk.topic, chunk.partition
        line = self._lines.get(place)
        if line is None:
            send = partial(self.send, place)
            line = self._lines[place] = Line(send, on_failure=self._on_failure)
        return line


def _load(chunk: Chunk, rows: Rows, outputs: Iterable[Output]) -> Load:
    load: Load = {}
    for table, changes in rows.items():
        if changes:
            load[table.topic.name, chunk.partition] = table.entries(changes)
    for output in outputs:
        load.setdefault((output.topic, output.partition), []).append(output)
    return load
