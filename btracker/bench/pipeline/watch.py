"""Watching a contestant from outside: how far it is, and what is in its changelogs in the end."""

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from btracker.bench.pipeline.machinery import Running
from btracker.bench.pipeline.truth import State, written
from domain.errors import BtrackerError
from schemas.progress import Progress
from schemas.rows import CandleRow, CurveRow
from schemas.topics import PROGRESS

PATIENCE_S = 120.0
"""For so long a contestant may be silent: at its start it joins a group and recovers."""
SETTLE_S = 20.0
FETCH_WAIT_MS = 10

_progress = msgspec.json.Decoder(Progress)


class Pace(NamedTuple):
    """What was done between the first and the last progress record of a contestant."""

    events: int
    wall_s: float
    cpu_s: float


class _Sight(NamedTuple):
    """A moment: when (seconds), how many events were done, and with how much processor time."""

    at_s: float
    events: int
    cpu_s: float


async def pace_of(contestant: Running, kafka: str, *, ends: Sequence[int]) -> Pace:
    """Return the pace at which a contestant reaches *ends*, the next offset of each partition.

    Raises:
        BtrackerError: it ended before, or says nothing any more.
    """
    done = [0] * len(ends)
    first: _Sight | None = None
    async with _consumer(kafka) as consumer:
        here = TopicPartition(PROGRESS.name, 0)
        consumer.assign([here])
        await consumer.seek_to_beginning(here)
        while True:
            at_s = await _next(consumer, contestant, done)
            last = _Sight(at_s, sum(done), contestant.cpu_s)
            first = first or last
            if all(mine >= end for mine, end in zip(done, ends, strict=True)):
                events = last.events - first.events
                return Pace(events, last.at_s - first.at_s, last.cpu_s - first.cpu_s)


async def _next(consumer: AIOKafkaConsumer, contestant: Running, done: list[int]) -> float:
    """Put the next news of how far a contestant is into *done*; return when it was written."""
    deadline = asyncio.get_running_loop().time() + PATIENCE_S
    while asyncio.get_running_loop().time() < deadline and not contestant.ended:
        fetched = await consumer.getmany(timeout_ms=200)
        records = [record for some in fetched.values() for record in some]
        for record in records:
            progress = _progress.decode(record.value)
            done[progress.partition] = progress.offset + 1
        if records:
            return float(records[-1].timestamp) / 1_000
    raise BtrackerError(f"A contestant is stuck or has ended; it said: {contestant.last_words}")


async def state_of(kafka: str, changelog: str, *, partitions: int, wanted: State) -> State:
    """Return the state in the changelogs; waits a while for it to become what is *wanted*.

    *changelog* is the name of a table's changelog, with ``{}`` for the table's name.
    """
    deadline = asyncio.get_running_loop().time() + SETTLE_S
    while True:
        curves = await _rows(kafka, changelog.format("curves"), CurveRow, partitions)
        candles = await _rows(kafka, changelog.format("candles"), CandleRow, partitions)
        state = written(curves, candles)
        if state == wanted or asyncio.get_running_loop().time() > deadline:
            return state


async def _rows(kafka: str, topic: str, kind: Any, partitions: int) -> dict[str, Any]:
    """Return the newest row of each key; stock Faust writes its keys as JSON texts."""
    rows: dict[str, Any] = {}
    decode = msgspec.json.Decoder(kind).decode
    async with _consumer(kafka) as consumer:
        places = [TopicPartition(topic, number) for number in range(partitions)]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        left = await consumer.end_offsets(places)
        while left := {p: end for p, end in left.items() if await consumer.position(p) < end}:
            for some in (await consumer.getmany(*left, timeout_ms=200)).values():
                rows |= {r.key.decode().strip('"'): decode(r.value) for r in some}
    return rows


def _consumer(kafka: str) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(
        bootstrap_servers=kafka, auto_offset_reset="earliest", fetch_max_wait_ms=FETCH_WAIT_MS
    )
