"""One deployment for all tests of audit and rebuild, and its log."""

import asyncio
import json
import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator

import pytest
from aiokafka import AIOKafkaProducer

from schemas.kafka import Kafka
from schemas.topics import RAW_CHAIN, RAW_X
from tests.e2e.deployment import Deployment
from tests.logs import MemoryLog
from tests.recordings import lines_of, write
from tests.shared import MARKET as RECORDING

LINES = 1_500
GARBAGE = (RAW_CHAIN.name, b"nobody", b"{"), (RAW_X.name, b"nobody", b"{")


@pytest.fixture(scope="package")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """A deployment that has replayed some hours; its worker was killed in the middle of them.

    Two records that nobody can read were put on its raw topics.
    """
    if not RECORDING.exists():
        pytest.skip("the recorded market is not here")
    folder = tmp_path_factory.mktemp("audit")
    lines = lines_of(RECORDING)[:LINES]
    recording = write(folder / "recording", lines, like=RECORDING)
    options = ("--recording", str(recording), "--speed", "4000")
    with Deployment(folder / "data", *options) as running:
        until(lambda: count(running, "transactions") > LINES // 3)
        os.kill(int((running.data / "run" / "worker-0.pid").read_text()), signal.SIGKILL)
        running.wait(json.loads(lines[-1])["slot"])
        asyncio.run(produce(running.kafka(), GARBAGE))
        until(lambda: count(running, "deadLettered") == len(GARBAGE))
        yield running


@pytest.fixture(scope="package")
def log(up: Deployment) -> MemoryLog:
    """All that stands on its topics."""
    return asyncio.run(MemoryLog.of(Kafka(up.kafka())))


def until(question: Callable[[], bool], within_s: float = 120) -> None:
    """Wait until a question is answered with yes."""
    deadline = time.monotonic() + within_s
    while not question():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def count(up: Deployment, name: str) -> int:
    """Return a count of its status, 0 before it answers."""
    status = up.status()
    return int(status["counts"][name]) if status else 0


async def produce(kafka: str, records: Iterable[tuple[str, bytes, bytes]]) -> None:
    """Put records on their topics."""
    async with AIOKafkaProducer(bootstrap_servers=kafka) as producer:
        for topic, key, value in records:
            await producer.send_and_wait(topic, value, key=key)
