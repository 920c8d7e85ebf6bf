"""How long a partition stands still when workers come and go, on Apache Kafka.

usage: python -m tests.load.rebalance [--rows 100000]

A steady stream of numbers is summed by workers; after each change of the group, the longest time
for which any partition said nothing is shown, in seconds. The state is checked in the end.
"""

import argparse
import asyncio
import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack

from aiokafka import AIOKafkaProducer

from schemas.topics import CATALOGUE, EVENTS, RAW_CHAIN
from streams import topics
from tests.brokers import Broker, running_broker
from tests.e2e.river.rows import ENDS, SUMS
from tests.workers import Reader, RunningWorker

PARTITIONS = 4
PER_SECOND = 400
WATCH_S = 25.0
SUMMING = "tests.e2e.river.summing"


class Stream:
    """Numbers sent at a steady pace, and what became of them."""

    def __init__(self, broker: Broker, keys: int) -> None:
        self._broker, self._keys = broker, keys
        self.sent = 0
        self.last = dict.fromkeys(range(PARTITIONS), time.monotonic())
        self.gaps: dict[int, float] = defaultdict(float)
        self.flowing = asyncio.Event()

    async def send(self) -> None:
        """Send 1 under each key in turn, as many a second as were asked for."""
        producer = AIOKafkaProducer(bootstrap_servers=self._broker.address, acks="all")
        async with producer:
            began = time.monotonic()
            while True:
                due = int((time.monotonic() - began) * PER_SECOND) - self.sent
                for _ in range(due):
                    key = f"k{self.sent % self._keys}".encode()
                    await producer.send(RAW_CHAIN.name, b"1", key=key)
                    self.sent += 1
                await asyncio.sleep(0.01)

    async def watch(self, reader: Reader) -> None:
        """Note how long each partition of the output was silent."""
        while True:
            for record in await reader.more():
                now = time.monotonic()
                gap = now - self.last[record.partition]
                self.gaps[record.partition] = max(gap, self.gaps[record.partition])
                self.last[record.partition] = now
            if len(self.gaps) == PARTITIONS:
                self.flowing.set()

    async def longest(self, change: Callable[[], object]) -> float:
        """Return the longest silence of any partition after *change*."""
        self.gaps.clear()
        change()
        await asyncio.sleep(WATCH_S)
        now = time.monotonic()
        return max(*self.gaps.values(), *(now - last for last in self.last.values()))


async def fill(broker: Broker, rows: int) -> None:
    """Give the table *rows* rows before anything starts."""
    producer = AIOKafkaProducer(bootstrap_servers=broker.address, linger_ms=20)
    async with producer:
        for number in range(rows):
            await producer.send(SUMS.name, b"[1,1,-1]", key=b"idle%d" % number)


async def measure(broker: Broker, rows: int) -> dict[str, float]:
    """Return the longest silence by what was done to the group."""
    changelogs = (SUMS, ENDS)
    await topics.create(broker.kafka, partitions=PARTITIONS, topics=(*CATALOGUE, *changelogs))
    await fill(broker, rows)
    found: dict[str, float] = {}
    with ExitStack() as stack:
        workers = [stack.enter_context(RunningWorker(broker, SUMMING)) for _ in range(2)]

        def join() -> None:
            workers.append(stack.enter_context(RunningWorker(broker, SUMMING)))

        stream = Stream(broker, keys=1_000)
        async with Reader(broker, EVENTS.name) as reader:
            tasks = [asyncio.create_task(task) for task in (stream.send(), stream.watch(reader))]
            async with asyncio.timeout(60):
                await stream.flowing.wait()
            await asyncio.sleep(5)
            found["nothing"] = await stream.longest(lambda: None)
            found["a worker joins"] = await stream.longest(join)
            found["a worker leaves"] = await stream.longest(workers[0].process.terminate)
            found["kill -9 of a worker"] = await stream.longest(workers[1].kill)
            join()
            await asyncio.sleep(10)
            found["a worker is stopped past its session"] = await stream.longest(workers[2].pause)
            for task in tasks:
                task.cancel()
            await settle(reader, stream.sent)
    return found


async def settle(reader: Reader, sent: int) -> None:
    """Wait until the newest sums add up to all that was sent."""
    async with asyncio.timeout(60):
        while sum(row[1] for row in reader.newest().values()) != sent:
            await reader.more()


def main() -> int:
    """Measure, and show the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="rows in the table beforehand")
    asked = parser.parse_args()
    with running_broker("kafka") as broker:
        found = asyncio.run(measure(broker, asked.rows))
    sys.stdout.write(json.dumps({name: round(gap, 2) for name, gap in found.items()}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
