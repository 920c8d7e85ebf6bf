"""A fetch that waits holds nobody up: two hops are quick also while the loop is busy."""

import asyncio
import statistics
import time

import pytest
from aiokafka import AIOKafkaProducer

from schemas.topics import LIFECYCLE, RAW_CHAIN
from tests.brokers import Broker, on_kafka
from tests.e2e.hazards.ground import STRIPPED, lay
from tests.workers import Reader, RunningWorker

pytestmark = [pytest.mark.slow, on_kafka]

ROUNDS = 5
LOOP_S = 0.15
"""What nobody takes for 0.1 s is left out of the next fetch, which waits for other partitions."""
GAP_S = 0.12


async def medians_s(broker: Broker, *parts: str) -> list[float]:
    """Return, for each stock part, how long three records in a row take through two agents."""
    medians, sent = [], 0
    async with (
        Reader(broker, LIFECYCLE.name) as reader,
        AIOKafkaProducer(**broker.kafka.options) as producer,
    ):

        async def pass_through(count: int) -> float:
            nonlocal sent
            began = time.monotonic()
            for _ in range(count):
                await producer.send_and_wait(RAW_CHAIN.name, b"1", key=b"k")
                await asyncio.sleep(GAP_S)
            sent += count
            while reader.newest().get("k", [0, 0])[1] < sent:
                await reader.more()
            return time.monotonic() - began

        for part in parts:
            with RunningWorker(broker, STRIPPED, STOCK=part, LOOP_S=str(LOOP_S)) as worker:
                await pass_through(1)
                medians.append(statistics.median([await pass_through(3) for _ in range(ROUNDS)]))
                worker.stop()
    return medians


async def test_two_hops_do_not_wait_for_a_fetch_of_other_partitions(broker: Broker) -> None:
    """Records that come while a chunk keeps the loop: with the stock wait, 1.5 s for a fetch.

    Kafka answers a fetch as soon as there is something for it. What holds records up is a fetch
    that was sent without their partition: no other one is sent before its end.
    """
    await lay(broker)
    ours, stock = await medians_s(broker, "", "fetch wait")

    assert stock - ours > 0.5
