"""Watching a contestant from outside: how far it is, and what is in its changelogs in the end."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, Self

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from btracker.bench.pipeline.machinery import Running
from btracker.bench.pipeline.truth import State, written
from domain.errors import BtrackerError
from schemas.kafka import Kafka
from schemas.progress import Progress
from schemas.rows import CandleRow, CurveRow
from schemas.topics import EVENTS, PROGRESS
from streams.ends import ends

PATIENCE_S = 120.0
"""For so long a contestant may be silent: at its start it joins a group and recovers."""
SETTLE_S = 20.0
FETCH_WAIT_MS = 10
LOOK_EVERY_S = 0.02

_progress = msgspec.json.Decoder(Progress)


class Watching(Protocol):
    """Knows when a contestant is through."""

    async def until(self, goal: Sequence[int]) -> float:
        """Return when (seconds since 1970) all before *goal*, by partition, was durable.

        Raises:
            BtrackerError: the contestant ended before, or says nothing any more.
        """


class Watch:
    """Follows the progress of a contestant that tells it."""

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
        """Return when it said so."""
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
        raise _stuck(self._contestant)


class CommitWatch:
    """Follows the offsets that a contestant commits when all before them is durable."""

    def __init__(self, contestant: Running, kafka: Kafka, *, group: str, partitions: int) -> None:
        self._contestant, self._group = contestant, group
        self._admin = AIOKafkaAdminClient(**kafka.options)
        self._places = [TopicPartition(EVENTS.name, number) for number in range(partitions)]

    async def __aenter__(self) -> Self:
        await self._admin.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._admin.close()

    async def until(self, goal: Sequence[int]) -> float:
        """Return when they were found there."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline and not self._contestant.ended:
            committed = await self._committed()
            if all(mine >= end for mine, end in zip(committed, goal, strict=True)):
                return time.time()
            await asyncio.sleep(LOOK_EVERY_S)
        raise _stuck(self._contestant)

    async def _committed(self) -> list[int]:
        try:
            found = await self._admin.list_consumer_group_offsets(
                self._group, partitions=self._places
            )
        except KafkaError:  # There is no such group yet.
            return [-1] * len(self._places)
        return [found[place].offset if place in found else -1 for place in self._places]


def _stuck(contestant: Running) -> BtrackerError:
    return BtrackerError(
        f"A contestant is stuck or has ended; it said: {contestant.last_words or 'nothing'}"
    )


Name = Callable[[str, str], str | None]
"""From a table's name and the text of a record's key to the row's key; None: of another table."""


def bare_name(table: str, key: str) -> str | None:
    """Return the key of a row in a changelog of its own; stock Faust writes keys as JSON texts."""
    del table
    return key.strip('"')


async def state_of(
    kafka: Kafka, changelog: str, name: Name, *, partitions: int, wanted: State
) -> State:
    """Return the state in the changelogs; waits a while for it to become what is *wanted*.

    *changelog* is the name of a table's changelog, with ``{}`` for the table's name.
    """
    deadline = time.monotonic() + SETTLE_S
    while True:
        records = {
            table: await _records(kafka, changelog.format(table), partitions)
            for table in ("curves", "candles")
        }
        curves = _rows(records["curves"], CurveRow, lambda key: name("curves", key))
        candles = _rows(records["candles"], CandleRow, lambda key: name("candles", key))
        state = written(curves, candles)
        if state == wanted or time.monotonic() > deadline:
            return state


def _rows(
    records: Mapping[str, bytes], kind: Any, name: Callable[[str], str | None]
) -> dict[str, Any]:
    decode = msgspec.json.Decoder(kind).decode
    named = ((name(key), value) for key, value in records.items())
    return {key: decode(value) for key, value in named if key is not None}


async def _records(kafka: Kafka, topic: str, partitions: int) -> dict[str, bytes]:
    """Return the newest value of each key that was not deleted."""
    found: dict[str, bytes] = {}
    async with _consumer(kafka) as consumer:
        places = [TopicPartition(topic, number) for number in range(partitions)]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        reported = await consumer.end_offsets(places)
        left = await ends(kafka, reported, fetch_max_wait_ms=FETCH_WAIT_MS)
        while left := {p: end for p, end in left.items() if await consumer.position(p) < end}:
            for some in (await consumer.getmany(*left, timeout_ms=200)).values():
                found |= {record.key.decode(): record.value for record in some}
    return {key: value for key, value in found.items() if value is not None}


def _consumer(kafka: Kafka) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(
        **kafka.options, auto_offset_reset="earliest", fetch_max_wait_ms=FETCH_WAIT_MS
    )
