"""Reading changelogs into the rows of their tables: to their end, or on and on."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NoReturn, Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import CorruptRecordException

from domain.errors import UnreadableError
from streams.ends import fetched_ends
from streams.metrics import RECOVERED, RECOVERING, STANDBY_LAG
from streams.settings import StreamSettings

if TYPE_CHECKING:
    from streams.table import RowTable

POLL_MS = 200
POLL_RECORDS = 2_000
"""Taken at once: the loop has other work between two polls."""
FETCH_BYTES = 4_000_000

Tables = Mapping[TopicPartition, "RowTable"]
"""Partitions of changelogs, and the tables that they are of."""


class ChangelogReader:
    """A consumer outside of any group: nobody else stops it, seeks it, or empties its queues."""

    def __init__(self, settings: StreamSettings) -> None:
        self._consumer = AIOKafkaConsumer(
            **settings.cluster.options,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=settings.fetch_max_wait_ms,
            max_partition_fetch_bytes=FETCH_BYTES,
        )

    async def __aenter__(self) -> Self:
        await self._consumer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._consumer.stop()

    async def ends(self, places: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """Return the next offset of each partition."""
        return await fetched_ends(self._consumer, await self._consumer.end_offsets(places))

    async def catch_up(self, tables: Tables, ends: Mapping[TopicPartition, int]) -> None:
        """Read partitions from where their rows are to their *ends*.

        The last offsets may hold nothing to be read: what compaction has removed, or the marker
        of a transaction. Whoever has read up to there is done.

        Raises:
            UnreadableError: a record has no key, or its row cannot be read.
        """
        behind = {place for place, table in tables.items() if _next(place, table) < ends[place]}
        self._begin({place: tables[place] for place in behind})
        while behind:
            await self._read(tables, "changelog")
            positions = {place: await self._consumer.position(place) for place in behind}
            behind = {place for place in behind if positions[place] < ends[place]}
            RECOVERING.set(sum(ends[place] - positions[place] for place in behind))
        for place, table in tables.items():
            table.reach(place.partition, ends[place] - 1)

    async def follow(self, tables: Tables) -> NoReturn:
        """Read partitions from where their rows are, until cancelled.

        Raises:
            UnreadableError: a record has no key, or its row cannot be read.
        """
        self._begin(tables)
        while True:
            await self._read(tables, "standby")
            for place, table in tables.items():
                if (end := self._consumer.highwater(place)) is not None:
                    lag = STANDBY_LAG.labels(table.name, place.partition)
                    lag.set(max(0, end - await self._consumer.position(place)))

    def _begin(self, tables: Tables) -> None:
        if tables:
            self._consumer.assign(list(tables))
        for place, table in tables.items():
            self._consumer.seek(place, _next(place, table))

    async def _read(self, tables: Tables, why: str) -> None:
        try:
            polled = await self._consumer.getmany(timeout_ms=POLL_MS, max_records=POLL_RECORDS)
        except CorruptRecordException as error:
            raise UnreadableError(f"a changelog cannot be read: {error}") from error
        for place, records in polled.items():
            await tables[place].recover(place.partition, records)
            RECOVERED.labels(tables[place].name, why).inc(len(records))
            # Rows that come without a pause must not keep everything else waiting.
            await asyncio.sleep(0)


def _next(place: TopicPartition, table: "RowTable") -> int:
    through = table.through(place.partition)
    return 0 if through is None else through + 1
