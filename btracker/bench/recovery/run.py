"""One worker after another on the same rows: cold, warm, and taking over from another."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import msgspec
from aiokafka import AIOKafkaProducer

from btracker.bench.pipeline.course import ROWS, ground
from btracker.bench.pipeline.machinery import Cores, Running, running, shared_cores
from btracker.bench.pipeline.watch import Watch
from btracker.bench.recovery.metrics import Metrics
from btracker.bench.recovery.rows import BEGAN, write
from btracker.embedded import free_port
from btracker.kafka_access import UNSECURED
from domain.errors import BtrackerError
from schemas.event import Clock
from schemas.kafka import Kafka
from schemas.place import RawPosition
from schemas.topics import CATALOGUE, EVENTS
from streams import topics
from streams.settings import EMBEDDED
from streams.topics import changelog_of

PARTITIONS = 4
SESSION_S = 10
PATIENCE_S = 600.0
LOOK_S = 0.05


class Start(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A worker that takes partitions.

    ``recovery_s`` is until it may work; ``until_work_s`` from the start of the process (or the end
    of the one before) until it has worked in every partition.
    """

    from_checkpoint: int
    from_changelog: int
    recovery_s: float
    until_work_s: float
    cpu_us_per_row: float
    memory: int
    peak_memory_mib: int | None


class RecoveryResult(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How long recoveries take; no takeover where the broker cannot shut a worker out."""

    keys: int
    bytes: int
    partitions: int
    broker: str
    pinned: bool
    runs: int = 1
    floor_s: float
    cold: Start
    warm: Start
    takeover: Start | None


class Site(NamedTuple):
    """Where measuring happens."""

    kafka: Kafka
    is_embedded: bool
    cores: Cores
    folder: Path
    clocks: "Clocks"


class Clocks:
    """Gives a worker something to do in every partition."""

    def __init__(self, kafka: Kafka) -> None:
        self._kafka = kafka
        self._told = 0

    async def tell(self) -> list[int]:
        """Write a clock to each partition; return the offsets after them."""
        raw = RawPosition(0, 1, self._told, 0)
        value = msgspec.json.encode(Clock(raw, BEGAN + self._told, 1 + self._told, self._told))
        async with AIOKafkaProducer(**self._kafka.options, acks="all") as producer:
            for partition in range(PARTITIONS):
                await producer.send_and_wait(EVENTS.name, value, key=b"clock", partition=partition)
        self._told += 1
        return [self._told] * PARTITIONS


async def measure(*, keys: int, kafka: Kafka | None) -> RecoveryResult:
    """Return how long it takes to recover so many rows; *kafka* None: embedded.

    Raises:
        BtrackerError: a worker did not get to work, or not with all rows.
    """
    with shared_cores() as cores, TemporaryDirectory(prefix="btracker-bench-") as name:
        folder = Path(name)
        async with ground(kafka, cores=cores, logs=folder) as broker:
            changelogs = [changelog_of(table, EVENTS, row) for table, row in ROWS.items()]
            await topics.create(broker, partitions=PARTITIONS, topics=[*CATALOGUE, *changelogs])
            size = await write(broker, count=keys, partitions=PARTITIONS)
            site = Site(broker, kafka is None, cores, folder, Clocks(broker))
            floor_s = await _floor(site)
            cold = _complete(await _cold(site, keys=keys), keys)
            warm = _complete(await _warm(site), keys)
            takeover = await _takeover(site, keys=keys) if kafka else None
    return RecoveryResult(
        keys=keys,
        bytes=size,
        partitions=PARTITIONS,
        broker=str(kafka or "embedded"),
        pinned=cores.measured is not None,
        floor_s=floor_s,
        cold=cold,
        warm=warm,
        takeover=takeover,
    )


def _complete(start: Start, keys: int) -> Start:
    found = start.from_checkpoint + start.from_changelog
    if found < keys:
        raise BtrackerError(f"A worker began with {found:,} of {keys:,} rows: this means nothing.")
    return start


async def _floor(site: Site) -> float:
    argv, log = (sys.executable, "-m", "btracker.bench.recovery.bare"), site.folder / "floor.log"
    async with running(argv, _environment(site), cores=site.cores.measured, log=log) as bare:
        await _until(lambda: bare.ended, bare)
        return round(float(bare.last_words.split()[-1]), 2)


async def _cold(site: Site, *, keys: int) -> Start:
    """Start without a checkpoint; leave one behind."""
    began = time.time()
    async with _worker(site, "one") as (worker, metrics):
        start = await _start(site, worker, metrics, began)
        written = "btracker_checkpoint_written_rows_total"
        await _until(lambda: metrics.sum(written) >= keys, worker)
    return start


async def _warm(site: Site) -> Start:
    began = time.time()
    async with _worker(site, "one") as (worker, metrics):
        return await _start(site, worker, metrics, began)


async def _takeover(site: Site, *, keys: int) -> Start:
    """Have a worker that keeps rows ready take over from one that ends."""
    async with _worker(site, "two", standby=1) as (second, metrics):
        async with _worker(site, "one", standby=1) as (first, _):
            await _until(_is_ready(metrics, keys), first, second)
            before = metrics.recovered("changelog"), metrics.recovered("checkpoint")
        ended = time.time()
        start = await _start(site, second, metrics, ended)
    return msgspec.structs.replace(
        start,
        from_changelog=start.from_changelog - before[0],
        from_checkpoint=start.from_checkpoint - before[1],
    )


def _is_ready(metrics: Metrics, keys: int) -> Callable[[], bool]:
    """Return what tells whether a worker has all rows, its own and those of another."""

    def is_ready() -> bool:
        lag = metrics.samples("btracker_standby_lag_records")
        return len(lag) >= PARTITIONS // 2 and not sum(lag) and metrics.rows() >= keys

    return is_ready


async def _start(site: Site, worker: Running, metrics: Metrics, began: float) -> Start:
    goal = await site.clocks.tell()
    async with Watch(worker, site.kafka, partitions=PARTITIONS) as watch:
        worked = await watch.until(goal)
    read = metrics.recovered("checkpoint"), metrics.recovered("changelog")
    return Start(
        from_checkpoint=read[0],
        from_changelog=read[1],
        recovery_s=round(metrics.sum("btracker_recovery_seconds"), 2),
        until_work_s=round(worked - began, 2),
        cpu_us_per_row=round(worker.cpu_s / max(1, sum(read)) * 1e6, 2),
        memory=worker.memory,
        peak_memory_mib=worker.peak_memory_mib,
    )


@asynccontextmanager
async def _worker(
    site: Site, name: str, *, standby: int = 0
) -> AsyncIterator[tuple[Running, Metrics]]:
    argv = (sys.executable, "-m", "btracker", "worker", "--agents", "fold_events")
    port = free_port()
    told = {
        "tables": site.folder / name,
        "tables_every_s": 1,
        "stream_metrics_port": port,
        "standby_replicas": standby,
    }
    env = _environment(site, **told)
    log = site.folder / f"{name}.log"
    async with running(argv, env, cores=site.cores.measured, log=log) as worker:
        yield worker, Metrics(port)


def _environment(site: Site, **more: Any) -> Mapping[str, str]:
    own = {**dict.fromkeys(UNSECURED, ""), **EMBEDDED} if site.is_embedded else {}
    told = {"kafka": site.kafka, "partitions": PARTITIONS, "session_timeout_s": SESSION_S}
    return {
        f"BTRACKER_{name.upper()}": str(value) for name, value in {**own, **told, **more}.items()
    }


async def _until(is_so: Callable[[], bool], *workers: Running) -> None:
    """Wait until something is so.

    Raises:
        BtrackerError: it does not become so.
    """
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        ended = [worker for worker in workers if worker.ended]
        if ended or time.monotonic() > deadline:
            said = " ".join(worker.last_words for worker in ended or workers)
            raise BtrackerError(f"A worker is stuck or has ended; it said: {said}")
        await asyncio.sleep(LOOK_S)
