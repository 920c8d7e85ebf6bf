"""Two hops of the river are quick, and progress says how far they got."""

import json
import statistics
import time

import pytest

from schemas.topics import CATALOGUE, EVENTS, LIFECYCLE, PROGRESS, RAW_CHAIN
from streams import epochs, topics
from streams.partitioner import partition_of
from tests.brokers import Broker
from tests.e2e.river.rows import ENDS, SUMS
from tests.workers import Reader, RunningWorker, send

pytestmark = pytest.mark.slow

SUMMING = "tests.e2e.river.summing"
ROUNDS = 60
MEDIAN_MS = 60.0
"""Some 10 ms on a quiet machine; Faust's own fetch wait on the embedded broker makes 420."""


async def test_a_record_passes_two_agents_quickly(broker: Broker) -> None:
    """From its raw topic through a table and a second agent to a public topic."""
    changelogs = (SUMS, ENDS)
    await topics.create(broker.kafka, partitions=4, topics=(*CATALOGUE, *changelogs))
    took = []
    async with Reader(broker, LIFECYCLE.name) as reader:
        with RunningWorker(broker, SUMMING):
            for count in range(1, ROUNDS + 1):
                began = time.monotonic()
                await send(broker, RAW_CHAIN.name, [("k", b"1")])
                await reader.until_count(count)
                took.append((time.monotonic() - began) * 1_000)

    # The first ones wait for the worker to start.
    assert statistics.median(took[ROUNDS // 3 :]) < MEDIAN_MS


async def test_the_last_progress_names_the_ends_of_the_outputs(broker: Broker) -> None:
    """Whoever has read the outputs that far has everything the record speaks of."""
    changelogs = (SUMS, ENDS)
    await topics.create(broker.kafka, partitions=4, topics=(*CATALOGUE, *changelogs))
    partition = partition_of(b"k", 4)
    await send(broker, RAW_CHAIN.name, [("k", b"1")] * 50)
    async with (
        Reader(broker, LIFECYCLE.name) as lifecycle,
        Reader(broker, EVENTS.name) as events,
        Reader(broker, PROGRESS.name) as progress,
    ):
        with RunningWorker(broker, SUMMING) as worker:
            await lifecycle.until({"k": [50, 50, 49]})
            await send(broker, RAW_CHAIN.name, [("k", b"1")])
            await lifecycle.until({"k": [51, 51, 50]})

            assert 0 == worker.stop()
        for reader in (lifecycle, events, progress):
            while await reader.more():
                pass
    last = json.loads(progress.records[-1].value)
    known = await epochs.known(broker.kafka)

    assert (partition, events.records[-1].offset) == (last["partition"], last["offset"])
    assert known[EVENTS.name] == last["epoch"]
    assert {LIFECYCLE.name: lifecycle.records[-1].offset + 1} == last["outputs"]
