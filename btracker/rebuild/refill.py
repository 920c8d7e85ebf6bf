"""The public topics into a store, as the index process would."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from aiokafka import ConsumerRecord

from domain.errors import StoreError, UnreadableError
from schemas.topics import PROGRESS
from streams.lines import Place
from streams.log import Log, Span
from views.contract import Views
from views.index.gate import Gate, Waiting
from views.index.reading import NOUNS, batch_of, read
from views.writes import Write

TOPICS = tuple(noun.topic.name for noun in NOUNS if noun.topic is not PROGRESS)

Spans = Mapping[Place, Span]


class Refill(NamedTuple):
    """Carries records into stores; *hear* is told how many.

    ``epochs`` are those of the topics.
    """

    log: Log
    epochs: Mapping[str, int]
    hear: Callable[[int], None]

    async def fill(self, views: Views, spans: Spans) -> None:
        """Write the records of some spans into a store, what no store can take left out."""
        for place, span in spans.items():
            async for records in self.log.read(place, span):
                writes = [write for record in records if (write := self._write(record))]
                await _put(views, place[0], writes)
                self.hear(len(records))

    async def fill_progress(self, views: Views, spans: Spans) -> None:
        """Write the newest progress that speaks only of what is in *spans*."""
        gate, here = Gate(), (PROGRESS.name, 0)
        span = (await self.log.spans([here]))[here]
        async for records in self.log.read(here, span):
            for record in records:
                if write := self._write(record):
                    gate.hold(Waiting(record.offset, write))
        passing = gate.passing({place: span.end for place, span in spans.items()})
        await _put(views, PROGRESS.name, list(passing))

    def _write(self, record: ConsumerRecord) -> Write[Any] | None:
        at = self.epochs[record.topic] + record.offset
        try:
            return read(record.topic, record.key, record.value, at=at)
        except UnreadableError:
            return None


async def _put(views: Views, topic: str, writes: Sequence[Write[Any]]) -> None:
    """Write some records; one that no store can take, as the indexer finds, is left out alone."""
    if not writes:
        return
    try:
        await views.write(batch_of({topic: list(writes)}))
    except StoreError:
        raise
    except Exception:  # noqa: BLE001  # As in the indexer, which has set it aside.
        if len(writes) == 1:
            return
        half = len(writes) // 2
        await _put(views, topic, writes[:half])
        await _put(views, topic, writes[half:])
