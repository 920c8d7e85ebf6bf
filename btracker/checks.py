"""What ``btracker doctor`` looks at: is it there, and if not, what to do."""

import asyncio
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from aiokafka.errors import KafkaError

from btracker.embedded import HOST, broker_spec, cache_spec, check_port
from btracker.external import redis_answers_at
from btracker.kafka_access import enter
from btracker.run_folder import Addresses
from btracker.urls import masked
from domain.errors import BtrackerError
from schemas.kafka import Kafka
from streams import topics
from views.open import open_views

DISK_BYTES = 1 << 30


class Finding(NamedTuple):
    """One thing that was looked at; ``remedy`` None: all is well."""

    what: str
    remedy: str | None = None


def findings(
    deployment: Addresses | None,
    kafka: Kafka | None,
    *,
    data: Path,
    port: int,
    partitions: int,
) -> list[Finding]:
    """Return what was found of a running deployment, or of what starting one needs (None).

    *kafka*: that of the deployment, or another that is to be used.
    """
    found = [
        Finding(f"Python {sys.version.split()[0]}"),
        _look(f"data folder {data}", lambda: _folder(data.resolve())),
        _look("program of the embedded broker", lambda: broker_spec(0)),
        _look("program of the embedded cache", lambda: cache_spec(0)),
    ]
    if kafka:
        found.append(_look(f"Kafka at {kafka}", lambda: asyncio.run(_kafka(kafka, partitions))))
    if deployment is None:
        return [*found, _look(f"port {port} for the API", lambda: check_port(HOST, port))]
    redis, store = deployment.redis, deployment.store
    return [
        *found,
        _look(f"cache at {masked(redis)}", lambda: asyncio.run(_cache(redis))),
        _look(f"store {masked(store)}", lambda: asyncio.run(_store(store))),
    ]


def _look(what: str, check: Callable[[], object]) -> Finding:
    try:
        check()
    except (BtrackerError, OSError) as error:
        return Finding(what, str(error))
    return Finding(what)


def _folder(data: Path) -> None:
    there = next(one for one in (data, *data.parents) if one.exists())
    if not os.access(there, os.W_OK):
        raise BtrackerError(f"{there} cannot be written; choose another folder with --data.")
    free = shutil.disk_usage(there).free
    if free < DISK_BYTES:
        raise BtrackerError(f"Only {free >> 20:,} MiB are free; make room or choose another disk.")


async def _kafka(kafka: Kafka, partitions: int) -> None:
    await enter(kafka)
    try:
        missing = await topics.check(kafka, partitions=partitions)
    except KafkaError as error:
        raise BtrackerError(f"It does not answer ({error!r}); start it.") from error
    if missing:
        raise BtrackerError(f"It lacks {', '.join(missing)}; run: btracker topics create")


async def _cache(redis: str) -> None:
    if not await redis_answers_at(redis):
        raise BtrackerError("It does not answer; start it, or name another with BTRACKER_REDIS.")


async def _store(store: str) -> None:
    views = open_views(store)
    try:
        await views.counts()
    finally:
        await views.close()
