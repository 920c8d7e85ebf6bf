"""The floor: the same fold between a bare aiokafka consumer and producer. No Faust, no recovery.

It does what the worker does: chunks of the same size, the same rows in the same changelogs, the
same outputs, clock rows once the rest is durable, then progress, then the commit. Run as a module,
with a worker's settings in its environment.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from agents.fold_events import output
from btracker.bench.pipeline.course import ROWS
from domain.fold.partition import PartitionFold
from domain.fold.state import Folded, Tables
from schemas.event import Event
from schemas.progress import Progress
from schemas.topics import EVENTS, PROGRESS, RAW_CHAIN
from streams.chunks import CHUNK_RECORDS
from streams.settings import StreamSettings
from streams.topics import changelog_of, partitions_of
from streams.writer import BATCH_BYTES, REQUEST_BYTES

Record = tuple[bytes | None, bytes | None, list[tuple[str, bytes]]]
Load = dict[tuple[str, int], list[Record]]

PROGRESS_EVERY_S = 0.1
COMMIT_EVERY_S = 1.0
POLL_RECORDS = 4_000
CHANGELOGS = {name: changelog_of(name, EVENTS, row).name for name, row in ROWS.items()}

_decode = msgspec.json.Decoder(Event).decode
_encode = msgspec.json.Encoder().encode


class Sent(NamedTuple):
    """A poll on its way: what becomes of its records, and what is to follow once they are safe."""

    futures: Sequence["asyncio.Future[Any]"]
    clocks: Load
    progress: Sequence[Progress]
    offsets: Mapping[TopicPartition, int]


class Bare:
    """Folds what it polls; while the records of one poll are being written, folds the next."""

    def __init__(self, settings: StreamSettings, consumer: Any, producer: Any) -> None:
        self._settings, self._consumer, self._producer = settings, consumer, producer
        self._tables: dict[int, Tables] = {}
        self._folds: dict[int, PartitionFold] = {}
        self._progress: dict[int, Progress] = {}
        self._told_at = self._committed_at = 0.0

    async def run(self) -> None:
        """Go on until cancelled."""
        before: Sent | None = None
        while True:
            # With something on its way, do not wait for more before it is finished.
            patience_ms = 200 if before is None else 0
            polled = await self._consumer.getmany(timeout_ms=patience_ms, max_records=POLL_RECORDS)
            sent = await self._take(polled) if polled else None
            if before is not None:
                await self._finish(before)
            before = sent

    async def _take(self, polled: Mapping[TopicPartition, Sequence[Any]]) -> Sent:
        load: Load = defaultdict(list)
        clocks: Load = {}
        progress = {}
        for place, records in polled.items():
            for start in range(0, len(records), CHUNK_RECORDS):
                chunk = records[start : start + CHUNK_RECORDS]
                folded = self._fold(place.partition, [(r.offset, _decode(r.value)) for r in chunk])
                _collect(load, folded, place.partition)
                clocks.update(_clock_load(folded, place.partition))
                progress[place.partition] = folded.progress
        futures = await self._send(load)
        offsets = {place: records[-1].offset + 1 for place, records in polled.items()}
        return Sent(futures, clocks, list(progress.values()), offsets)

    def _fold(self, partition: int, events: Sequence[tuple[int, Event]]) -> Folded:
        if partition not in self._folds:
            self._open(partition)
        folded = self._folds[partition].fold(events)
        for name, rows in folded.rows().items():
            _apply(getattr(self._tables[partition], name), rows)
        return folded

    def _open(self, partition: int) -> None:
        tables = self._tables[partition] = Tables()
        self._folds[partition] = PartitionFold(
            tables,
            partition=partition,
            raw_partitions=partitions_of(RAW_CHAIN, self._settings.partitions),
            events_epoch=0,
            retention_s=self._settings.retention_hours * 3_600,
        )

    async def _finish(self, sent: Sent) -> None:
        await asyncio.gather(*sent.futures)
        await asyncio.gather(*await self._send(sent.clocks))
        self._progress.update((one.partition, one) for one in sent.progress)
        now = time.monotonic()
        if now - self._told_at >= PROGRESS_EVERY_S or self._is_idle():
            self._told_at = now
            await self._tell()
        if now - self._committed_at >= COMMIT_EVERY_S:
            self._committed_at = now
            await self._consumer.commit(dict(sent.offsets))

    def _is_idle(self) -> bool:
        highwater = self._consumer.highwater
        return all(
            progress.offset + 1 == highwater(TopicPartition(EVENTS.name, partition))
            for partition, progress in self._progress.items()
        )

    async def _tell(self) -> None:
        records: list[Record] = [(None, _encode(one), []) for one in self._progress.values()]
        await asyncio.gather(*await self._send({(PROGRESS.name, 0): records}))

    async def _send(self, load: Load) -> list["asyncio.Future[Any]"]:
        sending = [self._send_all(place, records) for place, records in load.items()]
        return [future for futures in await asyncio.gather(*sending) for future in futures]

    async def _send_all(
        self, place: tuple[str, int], records: Iterable[Record]
    ) -> list["asyncio.Future[Any]"]:
        topic, partition = place
        now = time.time_ns() // 1_000_000
        batch, futures = self._producer.create_batch(), []
        for key, value, headers in records:
            if batch.append(timestamp=now, key=key, value=value, headers=headers) is None:
                futures.append(await self._producer.send_batch(batch, topic, partition=partition))
                batch = self._producer.create_batch()
                batch.append(timestamp=now, key=key, value=value, headers=headers)
        futures.append(await self._producer.send_batch(batch, topic, partition=partition))
        return futures


def _apply(table: dict[str, Any], rows: Mapping[str, Any]) -> None:
    for key, row in rows.items():
        if row is None:
            table.pop(key, None)
        else:
            table[key] = row


def _collect(load: Load, folded: Folded, partition: int) -> None:
    """Add the rows and outputs of a chunk to *load*."""
    for name, rows in folded.rows().items():
        if rows:
            load[CHANGELOGS[name], partition] += [
                (key.encode(), None if row is None else _encode(row), [])
                for key, row in rows.items()
            ]
    for publication in folded.publications:
        one = output(publication, partition)
        load[one.topic, partition].append((one.key, one.value, list(one.headers)))


def _clock_load(folded: Folded, partition: int) -> Load:
    rows: list[Record] = [(key.encode(), _encode(row), []) for key, row in folded.clock.items()]
    return {(CHANGELOGS["clocks"], partition): rows}


async def main() -> None:
    """Run until ended."""
    settings = StreamSettings()
    consumer = AIOKafkaConsumer(
        EVENTS.name,
        **settings.cluster.options,
        group_id="bare",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        fetch_max_wait_ms=settings.fetch_max_wait_ms,
        session_timeout_ms=int(settings.session_timeout_s * 1_000),
        rebalance_timeout_ms=int(settings.rebalance_timeout_s * 1_000),
        heartbeat_interval_ms=int(settings.heartbeat_interval_s * 1_000),
    )
    producer = AIOKafkaProducer(
        **settings.cluster.options,
        acks="all",
        max_batch_size=BATCH_BYTES,
        max_request_size=REQUEST_BYTES,
    )
    async with producer, consumer:
        await Bare(settings, consumer, producer).run()


if __name__ == "__main__":
    uvloop.run(main())
