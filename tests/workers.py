"""Workers as processes of their own, and what tests ask of the topics around them."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self
from urllib.error import URLError
from urllib.request import urlopen

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.structs import ConsumerRecord
from prometheus_client.parser import text_string_to_metric_families

from streams.settings import EMBEDDED
from tests.brokers import Broker
from tests.ports import free_port

ROOT = Path(__file__).parents[1]
PATIENCE_S = 60.0
GROUP = {"session_timeout_s": 6.0, "rebalance_timeout_s": 10.0, "heartbeat_interval_s": 1.0}
"""Apache Kafka allows no shorter session."""
START = (
    "import logging, sys; logging.basicConfig(); from streams.settings import StreamSettings; "
    "from streams.worker import run_worker; run_worker(StreamSettings(), sys.argv[1:])"
)


class RunningWorker:
    """A worker process; killed at the end if it still runs."""

    program: Sequence[str] = ("-c", START)

    def __init__(self, broker: Broker, *agents: str, **environment: str) -> None:
        usual = EMBEDDED if broker.kind == "embedded" else GROUP
        settings = {f"BTRACKER_{name.upper()}": str(value) for name, value in usual.items()}
        self._port = free_port()
        where = {"KAFKA": broker.address, "STREAM_METRICS_PORT": str(self._port)}
        own = {f"BTRACKER_{name}": value for name, value in where.items()} | settings | environment
        self._printed = tempfile.TemporaryFile()  # noqa: SIM115  # Closed with the worker.
        self.process = subprocess.Popen(
            [sys.executable, *self.program, *agents],
            env=os.environ | own,
            cwd=ROOT,
            stdout=self._printed,
            stderr=subprocess.STDOUT,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, error: object, *_: object) -> None:
        self.kill()
        if error is not None:
            sys.stdout.write(self.output())
        self._printed.close()

    def kill(self) -> None:
        """Kill it at once, as a crash of its machine would."""
        self.process.kill()
        self.process.wait()

    def pause(self) -> None:
        """Stop it in the middle of whatever it does, as a machine without memory would."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on as if nothing had happened."""
        self.process.send_signal(signal.SIGCONT)

    def stop(self, within_s: float = 10.0) -> int:
        """Ask it to stop, and return its exit code."""
        self.process.terminate()
        return self.wait(within_s)

    def wait(self, within_s: float = PATIENCE_S) -> int:
        """Wait for its end, and return its exit code."""
        return self.process.wait(within_s)

    def count(self, name: str, **labels: str) -> float:
        """Return the sum of its metrics of that name with these labels; 0 before it has any."""
        try:
            with urlopen(f"http://127.0.0.1:{self._port}/metrics", timeout=5) as answer:
                text = answer.read().decode()
        except URLError:
            return 0.0
        samples = (one for family in text_string_to_metric_families(text) for one in family.samples)
        return sum(
            one.value
            for one in samples
            if one.name == name and labels.items() <= one.labels.items()
        )

    def output(self) -> str:
        """Return what it has printed."""
        self._printed.seek(0)
        return self._printed.read().decode()


def until(is_so: Callable[[], bool], within_s: float = PATIENCE_S) -> None:
    """Return when something is so."""
    deadline = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < deadline, f"not so within {within_s} s"
        time.sleep(0.05)


async def send(
    broker: Broker, topic: str, records: Iterable[tuple[str, bytes | None]], **options: Any
) -> None:
    """Write *records* (key, value) to *topic* and wait until they are there."""
    async with AIOKafkaProducer(**broker.kafka.options, linger_ms=5) as producer:
        for key, value in records:
            await producer.send(topic, value, key=key.encode(), **options)
        await producer.flush()


class Reader:
    """Reads all partitions of some topics from their beginning."""

    def __init__(self, broker: Broker, *topics: str) -> None:
        self._topics = topics
        self._consumer = AIOKafkaConsumer(
            **broker.kafka.options, auto_offset_reset="earliest", fetch_max_wait_ms=2
        )
        self.records: list[ConsumerRecord[bytes, bytes]] = []

    async def __aenter__(self) -> Self:
        await self._consumer.start()
        places = [
            TopicPartition(topic, partition)
            for topic in self._topics
            for partition in await self._partitions(topic)
        ]
        self._consumer.assign(places)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._consumer.stop()

    async def _partitions(self, topic: str) -> Sequence[int]:
        await self._consumer._client._wait_on_metadata(topic)
        return sorted(self._consumer.partitions_for_topic(topic) or ())

    async def more(self) -> list[ConsumerRecord[bytes, bytes]]:
        """Return what came since (waiting a little), and remember it."""
        fetched = await self._consumer.getmany(timeout_ms=500)
        new = [record for records in fetched.values() for record in records]
        self.records += new
        return new

    def newest(self) -> dict[str, Any]:
        """Return the newest value per key, as JSON; without deleted ones."""
        values = {r.key.decode(): r.value for r in self.records if r.key is not None}
        return {key: json.loads(value) for key, value in values.items() if value is not None}

    async def until(self, expected: Mapping[str, Any], within_s: float = PATIENCE_S) -> None:
        """Read until the newest values are the *expected* ones."""
        deadline = time.monotonic() + within_s
        while self.newest() != expected:
            await self.more()
            if time.monotonic() > deadline:
                assert expected == self.newest()

    async def until_count(self, count: int, within_s: float = PATIENCE_S) -> None:
        """Read until there are *count* records."""
        deadline = time.monotonic() + within_s
        while len(self.records) < count:
            await self.more()
            if time.monotonic() > deadline:
                assert count == len(self.records)
