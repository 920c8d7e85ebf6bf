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

import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from btracker.bench.pipeline.folds import (
    COMMIT_EVERY_S,
    POLL_RECORDS,
    PROGRESS_EVERY_S,
    Folds,
    Load,
    Record,
    clock_load,
    decode,
    encode,
    load_of,
)
from schemas.progress import Progress
from schemas.topics import EVENTS, PROGRESS
from streams.chunks import CHUNK_RECORDS
from streams.settings import StreamSettings
from streams.writer import BATCH_BYTES, REQUEST_BYTES


class Sent(NamedTuple):
    """A poll on its way: what becomes of its records, and what is to follow once they are safe."""

    futures: Sequence["asyncio.Future[Any]"]
    clocks: Load
    progress: Sequence[Progress]
    offsets: Mapping[TopicPartition, int]


class Bare:
    """Folds what it polls; while the records of one poll are being written, folds the next."""

    def __init__(self, settings: StreamSettings, consumer: Any, producer: Any) -> None:
        self._consumer, self._producer = consumer, producer
        self._folds = Folds(settings)
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
                events = [(record.offset, decode(record.value)) for record in chunk]
                folded = self._folds.fold(place.partition, events)
                for to, some in load_of(folded, place.partition).items():
                    load[to] += some
                clocks.update(clock_load(folded, place.partition))
                progress[place.partition] = folded.progress
        futures = await self._send(load)
        offsets = {place: records[-1].offset + 1 for place, records in polled.items()}
        return Sent(futures, clocks, list(progress.values()), offsets)

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
        records: list[Record] = [(None, encode(one), []) for one in self._progress.values()]
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
