"""A peer: the same fold between a consumer and a producer of confluent-kafka, and nothing else.

It does what the floor does, in the same chunks. Run as a module, with a worker's settings in its
environment.
"""

import time
from collections.abc import Mapping, Sequence
from itertools import groupby, islice
from typing import Any

from confluent_kafka import Consumer, Producer

from btracker.bench.pipeline.folds import (
    COMMIT_EVERY_S,
    POLL_RECORDS,
    PROGRESS_EVERY_S,
    Folds,
    Load,
    clock_load,
    decode,
    encode,
    load_of,
)
from schemas.progress import Progress
from schemas.topics import EVENTS, PROGRESS
from streams.chunks import CHUNK_RECORDS
from streams.settings import StreamSettings
from streams.writer import BATCH_BYTES

GROUP = "btracker-confluent"
PATIENCE_S = 0.01
"""A poll goes on for so long unless it is full before."""
QUEUED = 1_000_000
"""Most records that wait to be sent; the library refuses more than 100,000 unless told so."""


class Confluent:
    """Folds what it polls; goes on once all that came of it is written."""

    def __init__(self, settings: StreamSettings, consumer: Any, producer: Any) -> None:
        self._consumer, self._producer = consumer, producer
        self._folds = Folds(settings)
        self._progress: dict[int, Progress] = {}
        self._told_at = self._committed_at = 0.0

    def run(self) -> None:
        """Go on until ended.

        Raises:
            RuntimeError: a record is an error.
        """
        while True:
            records = self._consumer.consume(POLL_RECORDS, PATIENCE_S)
            for record in records:
                if record.error():
                    raise RuntimeError(record.error())
            if records:
                self._take(records)

    def _take(self, records: Sequence[Any]) -> None:
        clocks: Load = {}
        progress: dict[int, Progress] = {}
        # A poll brings runs of records of one partition after another.
        for partition, run in groupby(records, key=lambda record: record.partition()):
            while chunk := list(islice(run, CHUNK_RECORDS)):
                events = [(record.offset(), decode(record.value())) for record in chunk]
                folded = self._folds.fold(partition, events)
                self._send(load_of(folded, partition))
                clocks.update(clock_load(folded, partition))
                progress[partition] = folded.progress
        self._producer.flush()
        self._send(clocks)
        self._producer.flush()
        self._progress |= progress
        self._finish(is_last=len(records) < POLL_RECORDS)

    def _finish(self, *, is_last: bool) -> None:
        now = time.monotonic()
        if is_last or now - self._told_at >= PROGRESS_EVERY_S:
            self._tell(now)
        if now - self._committed_at >= COMMIT_EVERY_S:
            self._committed_at = now
            self._consumer.commit(asynchronous=True)

    def _tell(self, now: float) -> None:
        told, self._progress, self._told_at = self._progress, {}, now
        self._send({(PROGRESS.name, 0): [(None, encode(one), []) for one in told.values()]})
        self._producer.poll(0)

    def _send(self, load: Load) -> None:
        for (topic, partition), records in load.items():
            for key, value, headers in records:
                self._producer.produce(
                    topic, value=value, key=key, partition=partition, headers=headers
                )


def reach(settings: StreamSettings) -> Mapping[str, str]:
    """Return how librdkafka reaches the Kafka of *settings*, which has to be open to all."""
    return {"bootstrap.servers": settings.cluster.servers}


def main() -> None:
    """Run until ended."""
    settings = StreamSettings()
    consumer = Consumer(
        {
            **reach(settings),
            "group.id": GROUP,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "fetch.wait.max.ms": settings.fetch_max_wait_ms,
            "session.timeout.ms": int(settings.session_timeout_s * 1_000),
            # The embedded broker holds a join back for half of this, which is 5 minutes otherwise.
            "max.poll.interval.ms": int(settings.session_timeout_s * 1_000),
            "heartbeat.interval.ms": int(settings.heartbeat_interval_s * 1_000),
        }
    )
    producer = Producer(
        {
            **reach(settings),
            "acks": "all",
            "linger.ms": 0,
            "batch.size": BATCH_BYTES,
            "batch.num.messages": QUEUED,
            "queue.buffering.max.messages": QUEUED,
        }
    )
    consumer.subscribe([EVENTS.name])
    Confluent(settings, consumer, producer).run()


if __name__ == "__main__":
    main()
