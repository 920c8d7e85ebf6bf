"""All that a topic of one partition holds just now."""

from collections.abc import AsyncIterator
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas.kafka import Kafka
from streams.ends import ends

FETCH_MAX_WAIT_MS, POLL_MS = 10, 200


async def everything(kafka: Kafka, topic: str) -> AsyncIterator[Any]:
    """Yield all records of a topic of one partition, up to its end now, as aiokafka has them.

    Raises:
        KafkaError: Kafka does not answer.
    """
    here = TopicPartition(topic, 0)
    async with AIOKafkaConsumer(
        **kafka.options,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=FETCH_MAX_WAIT_MS,
    ) as consumer:
        consumer.assign([here])
        reported = await consumer.end_offsets([here])
        end = (await ends(kafka, reported, fetch_max_wait_ms=FETCH_MAX_WAIT_MS))[here]
        await consumer.seek_to_beginning(here)
        while await consumer.position(here) < end:
            for record in (await consumer.getmany(timeout_ms=POLL_MS)).get(here, ()):
                yield record
