"""Where a partition ends: recovery reads that far, so the number must be the broker's true one."""

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from schemas.kafka import Kafka
from streams.ends import ends
from tests.brokers import Broker, on_both_brokers

pytestmark = [pytest.mark.slow, on_both_brokers]
WRITTEN, EMPTY = TopicPartition("btracker.ends", 0), TopicPartition("btracker.ends", 1)


async def create(kafka: Kafka) -> None:
    """Create the topic with two partitions."""
    admin = AIOKafkaAdminClient(**kafka.options)
    await admin.start()
    await admin.create_topics([NewTopic(WRITTEN.topic, 2, 1)])
    await admin.close()


async def test_ends_count_every_record_of_the_last_batch(broker: Broker) -> None:
    """After each batch the end is the number of records written, whatever ListOffsets says."""
    async with (
        AIOKafkaProducer(**broker.kafka.options) as producer,
        AIOKafkaConsumer(**broker.kafka.options) as consumer,
    ):
        await create(broker.kafka)
        written = 0
        for size in (1, 5, 38):
            batch = producer.create_batch()
            for _ in range(size):
                batch.append(key=b"k", value=b"v", timestamp=None)
            await (await producer.send_batch(batch, WRITTEN.topic, partition=0))
            written += size
            reported = await consumer.end_offsets([WRITTEN, EMPTY])
            found = await ends(broker.kafka, reported, fetch_max_wait_ms=5)

            assert {WRITTEN: written, EMPTY: 0} == found
