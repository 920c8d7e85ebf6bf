"""What ``btracker doctor`` looks at: is it there, and if not, what to do."""

import asyncio
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from aiokafka.errors import KafkaError

from btracker.embedded import HOST, broker_spec, cache_spec, check_port
from btracker.external import redis_answers_at
from btracker.kafka_access import enter
from btracker.run_folder import Identity, RunFolder
from btracker.standstill import standstills
from btracker.urls import masked
from domain.errors import BtrackerError
from schemas.kafka import Kafka
from streams import topics
from streams.sources.dollars.poller import try_prices
from streams.sources.dollars.settings import DollarSettings
from streams.sources.fetch import Failed
from streams.sources.solana.nodes import Node
from streams.sources.solana.trying import try_node
from streams.sources.x.settings import XSettings
from streams.sources.x.trying import try_x
from views.open import open_existing

DISK_BYTES = 1 << 30


class Finding(NamedTuple):
    """One thing that was looked at; ``remedy`` None: all is well."""

    what: str
    remedy: str | None = None


class Parts(NamedTuple):
    """The servers of a deployment, as far as they are known."""

    kafka: Kafka | None
    store: str | None
    redis: str | None
    nodes: tuple[Node, ...] = ()
    x: XSettings = XSettings(x="")
    dollars: DollarSettings | None = None


def findings(
    parts: Parts, runs: RunFolder | None, *, data: Path, port: int, partitions: int
) -> list[Finding]:
    """Return what was found of a deployment, and of what starting one needs.

    *runs*: the folder of the ``up`` that runs on *data*, None if none does.
    """
    needed = [
        Finding(f"Python {sys.version.split()[0]}"),
        _look(f"data folder {data}", lambda: _folder(data.resolve())),
        _look("program of the embedded broker", lambda: broker_spec(0)),
        _look("program of the embedded cache", lambda: cache_spec(0)),
    ]
    if runs is None:
        needed.append(_look(f"port {port} for the API", lambda: check_port(HOST, port)))
    else:
        needed += [_process(name, identity) for name, identity in runs.processes().items()]
    return [*needed, *_servers(parts, partitions)]


def _servers(parts: Parts, partitions: int) -> Iterator[Finding]:
    """Yield what was found of the servers; of the stages only where Kafka and store are well."""
    kafka, store, redis, nodes, x, dollars = parts
    found = []
    if kafka:
        found.append(_look(f"Kafka at {kafka}", lambda: asyncio.run(_kafka(kafka, partitions))))
    if store:
        found.append(_look(f"store {masked(store)}", lambda: asyncio.run(_store(store))))
    yield from found
    if redis:
        yield _look(f"cache at {masked(redis)}", lambda: asyncio.run(_cache(redis)))
    for node in nodes:
        yield _look(f"node {node.name}", partial(asyncio.run, try_node(node)))
    if x.x:
        yield _look(f"X at {masked(x.x)}", lambda: asyncio.run(try_x(x)))
    if dollars:
        for name, wrong in asyncio.run(_dollars(dollars)).items():
            yield Finding(f"dollar price of {name}", wrong)
    if kafka and all(one.remedy is None for one in found):
        for stage, wrong in asyncio.run(_stages(kafka, store)).items():
            yield Finding(f"stage {stage} gets on", wrong)


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


def _process(name: str, identity: Identity) -> Finding:
    what = f"process {name} ({identity.pid})"
    if not identity.alive:
        return Finding(what, f"it has ended; see log/{name}.jsonl in the data folder.")
    if identity.is_stopped:
        return Finding(
            what, f"somebody has stopped it; let it go on with: kill -CONT {identity.pid}"
        )
    return Finding(what)


async def _stages(kafka: Kafka, store: str | None) -> dict[str, str | None]:
    views = open_existing(store) if store else None
    try:
        return await standstills(kafka, views)
    finally:
        if views:
            await views.close()


async def _kafka(kafka: Kafka, partitions: int) -> None:
    await enter(kafka)
    try:
        missing = await topics.check(kafka, partitions=partitions)
    except KafkaError as error:
        raise BtrackerError(f"It does not answer ({error!r}); start it.") from error
    if missing:
        raise BtrackerError(f"It lacks {', '.join(missing)}; run: btracker topics create")


async def _dollars(settings: DollarSettings) -> dict[str, str | None]:
    found = await try_prices(settings)
    return {
        name: f"{one.cause}: {one.reason}; see BTRACKER_DOLLAR_FEEDS."
        if isinstance(one, Failed)
        else None
        for name, one in found.items()
    }


async def _cache(redis: str) -> None:
    if not await redis_answers_at(redis):
        raise BtrackerError("It does not answer; start it, or name another with BTRACKER_REDIS.")


async def _store(store: str) -> None:
    views = open_existing(store)
    try:
        await views.counts()
    finally:
        await views.close()
