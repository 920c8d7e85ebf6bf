"""What topics of one partition hold, and what comes to them."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas.kafka import Kafka
from streams.ends import ends
from streams.everything import FETCH_MAX_WAIT_MS

POLL_MS = 500


class Come(NamedTuple):
    """Some records, those of a topic in order; ``is_all``: what was there at first has come."""

    records: list[Any]
    is_all: bool


async def onward(kafka: Kafka, topics: Sequence[str]) -> AsyncIterator[Come]:
    """Yield all records of *topics* from their beginnings, for ever; now and then none.

    Raises:
        KafkaError: Kafka does not answer.
    """
    places = [TopicPartition(topic, 0) for topic in topics]
    async with AIOKafkaConsumer(
        **kafka.options, enable_auto_commit=False, auto_offset_reset="earliest"
    ) as consumer:
        consumer.assign(places)
        reported = await consumer.end_offsets(places)
        end = await ends(kafka, reported, fetch_max_wait_ms=FETCH_MAX_WAIT_MS)
        await consumer.seek_to_beginning(*places)
        while True:
            found = await consumer.getmany(timeout_ms=POLL_MS)
            here = [await consumer.position(place) >= end[place] for place in places]
            yield Come([one for records in found.values() for one in records], all(here))
