"""Watching a contestant from outside: how far it is, and what is in its changelogs in the end."""

import time
from collections.abc import Sequence
from typing import Any, Self

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from btracker.bench.pipeline.machinery import Running
from btracker.bench.pipeline.truth import State, written
from domain.errors import BtrackerError
from schemas.kafka import Kafka
from schemas.progress import Progress
from schemas.rows import CandleRow, CurveRow
from schemas.topics import PROGRESS
from streams.ends import ends

PATIENCE_S = 120.0
"""For so long a contestant may be silent: at its start it joins a group and recovers."""
SETTLE_S = 20.0
FETCH_WAIT_MS = 10

_progress = msgspec.json.Decoder(Progress)


class Watch:
    """Follows the progress of a contestant."""

    def __init__(self, contestant: Running, kafka: Kafka, *, partitions: int) -> None:
        self._contestant = contestant
        self._consumer = _consumer(kafka)
        self._done = [0] * partitions

    async def __aenter__(self) -> Self:
        await self._consumer.start()
        here = TopicPartition(PROGRESS.name, 0)
        self._consumer.assign([here])
        await self._consumer.seek_to_beginning(here)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._consumer.stop()

    async def until(self, goal: Sequence[int]) -> float:
        """Return when it said (seconds since 1970) that it is through *goal*, by partition.

        Raises:
            BtrackerError: it ended before, or says nothing any more.
        """
        while True:
            said_s = await self._next()
            if all(mine >= end for mine, end in zip(self._done, goal, strict=True)):
                return said_s

    async def _next(self) -> float:
        """Take the next news; return when it was written."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline and not self._contestant.ended:
            fetched = await self._consumer.getmany(timeout_ms=200)
            records = [record for some in fetched.values() for record in some]
            for record in records:
                progress = _progress.decode(record.value)
                self._done[progress.partition] = progress.offset + 1
            if records:
                return float(records[-1].timestamp) / 1_000
        said = self._contestant.last_words
        raise BtrackerError(f"A contestant is stuck or has ended; it said: {said}")


async def state_of(kafka: Kafka, changelog: str, *, partitions: int, wanted: State) -> State:
    """Return the state in the changelogs; waits a while for it to become what is *wanted*.

    *changelog* is the name of a table's changelog, with ``{}`` for the table's name.
    """
    deadline = time.monotonic() + SETTLE_S
    while True:
        curves = await _rows(kafka, changelog.format("curves"), CurveRow, partitions)
        candles = await _rows(kafka, changelog.format("candles"), CandleRow, partitions)
        state = written(curves, candles)
        if state == wanted or time.monotonic() > deadline:
            return state


async def _rows(kafka: Kafka, topic: str, kind: Any, partitions: int) -> dict[str, Any]:
    """Return the newest row of each key; stock Faust writes its keys as JSON texts."""
    rows: dict[str, Any] = {}
    decode = msgspec.json.Decoder(kind).decode
    async with _consumer(kafka) as consumer:
        places = [TopicPartition(topic, number) for number in range(partitions)]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        reported = await consumer.end_offsets(places)
        left = await ends(kafka, reported, fetch_max_wait_ms=FETCH_WAIT_MS)
        while left := {p: end for p, end in left.items() if await consumer.position(p) < end}:
            for some in (await consumer.getmany(*left, timeout_ms=200)).values():
                rows |= {r.key.decode().strip('"'): decode(r.value) for r in some}
    return rows


def _consumer(kafka: Kafka) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(
        **kafka.options, auto_offset_reset="earliest", fetch_max_wait_ms=FETCH_WAIT_MS
    )
