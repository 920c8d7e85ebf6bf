"""When topics were created: the epochs of positions and versions, kept in ``btracker.topics``."""

import time
from collections.abc import Iterable

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from schemas.kafka import Kafka
from schemas.topics import EPOCH_ZERO_US, TOPICS_CREATED
from streams.wire import codec

_CREATED = "created"


def epoch_now() -> int:
    """Return the wall clock in microseconds since 2026-01-01."""
    return time.time_ns() // 1_000 - EPOCH_ZERO_US


async def register(kafka: Kafka, names: Iterable[str], *, epoch: int) -> None:
    """Write down that the topics *names* were created at *epoch*."""
    async with AIOKafkaProducer(**kafka.options, acks="all") as producer:
        for name in names:
            value = codec(TOPICS_CREATED.value).encode({_CREATED: epoch})
            await producer.send_and_wait(TOPICS_CREATED.name, value, key=name.encode())


async def known(kafka: Kafka) -> dict[str, int]:
    """Return when each registered topic was created, in microseconds since 2026-01-01."""
    here = TopicPartition(TOPICS_CREATED.name, 0)
    found: dict[str, int] = {}
    # Not seek_to_beginning: a reset to the latest offset under way since assign may win over it.
    consumer = AIOKafkaConsumer(**kafka.options, auto_offset_reset="earliest", fetch_max_wait_ms=10)
    async with consumer:
        consumer.assign([here])
        end = (await consumer.end_offsets([here]))[here]
        while await consumer.position(here) < end:
            for record in (await consumer.getmany(timeout_ms=200)).get(here, ()):
                entry = codec(TOPICS_CREATED.value).decode(record.value)
                found[record.key.decode()] = entry[_CREATED]
    return found
