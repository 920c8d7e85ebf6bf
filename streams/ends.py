"""Where partitions end, as a fetch tells it."""

from collections.abc import Mapping
from typing import TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas.kafka import Kafka

P = TypeVar("P", bound=TopicPartition)

POLL_MS = 50


async def ends(kafka: Kafka, reported: Mapping[P, int], *, fetch_max_wait_ms: int) -> dict[P, int]:
    """Return the next offset of each partition; *reported* is what ListOffsets said."""
    if not any(reported.values()):
        return dict(reported)
    consumer = AIOKafkaConsumer(
        **kafka.options,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=fetch_max_wait_ms,
    )
    async with consumer:
        return await fetched_ends(consumer, reported)


async def fetched_ends(consumer: AIOKafkaConsumer, reported: Mapping[P, int]) -> dict[P, int]:
    """Return the same with a consumer that has nothing else to do; what it reads is lost.

    The embedded broker answers ListOffsets with the first offset of the last batch plus one, so a
    recovery that believed it would miss most of that batch. What comes with a fetch is right.
    """
    begun = [place for place, end in reported.items() if end > 0]
    if begun:
        consumer.assign(begun)
    for place in begun:
        consumer.seek(place, reported[place] - 1)
    while any(consumer.highwater(place) is None for place in begun):
        await consumer.getmany(timeout_ms=POLL_MS)
    return {**reported, **{place: consumer.highwater(place) for place in begun}}
