"""Reading public topics: waiting for them, their epochs and partitions, a consumer on them."""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from schemas.kafka import Kafka
from schemas.topics import TOPICS_CREATED, Topic

RETRY_S = 0.25
ATTEMPT_S = 2.5
"""How long a broker may take to answer; one that hangs must not hold up a stop for longer."""
_ENTRY = msgspec.json.Decoder(dict[str, int])


log = logging.getLogger(__name__)


class Layout(NamedTuple):
    """Topics as they are: when each was created (µs since 2026), and all their partitions."""

    epochs: Mapping[str, int]
    partitions: tuple[TopicPartition, ...]


async def wait_for(kafka: Kafka, topics: Iterable[Topic], stop: asyncio.Event) -> Layout | None:
    """Return the layout of *topics* once all are created and registered; None at *stop*.

    What is waited for is said once, not at each attempt.
    """
    names, said = [topic.name for topic in topics], ""
    while not stop.is_set():
        lack = "lacks some of our topics (btracker topics create makes them)"
        try:
            async with asyncio.timeout(ATTEMPT_S):
                if found := await _layout(kafka, names):
                    return found
        except (KafkaError, OSError, TimeoutError):
            lack = "does not answer"
        if lack != said:
            log.warning("The Kafka at %s %s; waiting for it.", kafka, lack)
            said = lack
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), RETRY_S)
    return None


def consumer(
    kafka: Kafka, *, group: str | None, fetch_max_wait_ms: int, max_records: int
) -> AIOKafkaConsumer:
    """Return a consumer that is given its partitions by hand and commits by hand."""
    return AIOKafkaConsumer(
        **kafka.options,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        fetch_max_wait_ms=fetch_max_wait_ms,
        max_poll_records=max_records,
    )


async def _layout(kafka: Kafka, names: Sequence[str]) -> Layout | None:
    counts = await _partition_counts(kafka)
    if any(name not in counts for name in (*names, TOPICS_CREATED.name)):
        return None
    epochs = await _epochs(kafka)
    if any(name not in epochs for name in names):
        return None
    partitions = tuple(TopicPartition(name, p) for name in names for p in range(counts[name]))
    return Layout({name: epochs[name] for name in names}, partitions)


async def _partition_counts(kafka: Kafka) -> dict[str, int]:
    """Return the partitions of every topic; asking by name would make some brokers create them."""
    admin = AIOKafkaAdminClient(**kafka.options)
    try:
        await admin.start()
        return {one["topic"]: len(one["partitions"]) for one in await admin.describe_topics()}
    finally:
        await admin.close()


async def _epochs(kafka: Kafka) -> dict[str, int]:
    """Return when each registered topic was created."""
    here = TopicPartition(TOPICS_CREATED.name, 0)
    found: dict[str, int] = {}
    # Earliest, because the reset of a fresh assignment may win over the seek.
    reader = AIOKafkaConsumer(**kafka.options, fetch_max_wait_ms=10, auto_offset_reset="earliest")
    try:
        await reader.start()
        reader.assign([here])
        end = (await reader.end_offsets([here]))[here]
        await reader.seek_to_beginning(here)
        while await reader.position(here) < end:
            for record in (await reader.getmany(here, timeout_ms=200)).get(here, ()):
                found[record.key.decode()] = _ENTRY.decode(record.value)["created"]
    finally:
        await reader.stop()
    return found
