"""``btracker bench capture``: each mode at each rate, and the floor: no collector at all."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import msgspec
from aiokafka import AIOKafkaProducer

from btracker.bench.capture.chain import SLOT_S, Block, blocks
from btracker.bench.capture.ears import Ears, ears
from btracker.bench.capture.node import BenchNode
from btracker.bench.pipeline.course import ground
from btracker.bench.pipeline.machinery import Cores, Running, running, shared_cores
from btracker.bench.pipeline.salvo import Salvo
from btracker.bench.serving.load import Spread, spread
from btracker.embedded import HOST
from btracker.kafka_access import UNSECURED
from domain.errors import BtrackerError
from domain.signatures import Kind
from schemas.fields import Signature
from schemas.kafka import Kafka
from schemas.rows import DecodeRow, SignatureRow
from schemas.topics import CATALOGUE, RAW_CHAIN
from streams import topics
from streams.settings import EMBEDDED
from streams.sources.publisher import LINGER_MS
from streams.sources.solana.entries import chain_entry
from streams.sources.solana.nodes import Mode
from streams.topics import changelog_of

PARTITIONS = 4
PATIENCE_S = 60.0
LAST_S = 10.0
"""How long the last events of a run are waited for; what did not come by then is missing."""
WARM_S = 2
JUMP = 1_000
"""Slots between two runs: where an earlier collector may have been, all is said again."""
MODES = (Mode.TRANSACTIONS, Mode.BLOCKS, Mode.LOGS)
FLOOR = "floor"


class Options(NamedTuple):
    """What is measured: rates, for how long each, how long the node takes for an answer."""

    rates: Sequence[int]
    seconds: int
    answer_ms: float
    kafka: Kafka | None


class Lap(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One mode at one rate, in times from the moment a transaction was due to be told.

    ``raw``: until its raw record could be read from Kafka, so it was acknowledged; ``event``: until
    its first event could. ``asked``: until the node was asked for it, ``answer``: how long the node
    took for the answer; both in logs mode only. ``cpu_us`` and the
    most memory are the collector's.
    """

    mode: str
    per_second: int
    sent: int
    missing: int
    raw: Spread
    event: Spread
    asked: Spread | None
    answer: Spread | None
    cpu_us: float | None
    peak_memory_mib: int | None


class Spent(NamedTuple):
    """What a collector took."""

    cpu_s: float
    peak_memory_mib: int | None


class CaptureResult(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """All laps, and where they were run."""

    broker: str
    pinned: bool
    seconds: int
    answer_ms: float
    runs: int = 1
    laps: tuple[Lap, ...]


class Site(NamedTuple):
    """Where measuring happens."""

    kafka: Kafka
    is_embedded: bool
    cores: Cores
    folder: Path
    salvo: Salvo
    node: BenchNode
    ears: Ears


async def measure(options: Options) -> CaptureResult:
    """Return what was measured.

    Raises:
        BtrackerError: a process did not get to work, or ended.
    """
    with shared_cores() as cores, TemporaryDirectory(prefix="btracker-bench-") as name:
        async with _site(options, cores, Path(name)) as site:
            laps = [
                await _lap(site, mode, per_second=rate, seconds=options.seconds)
                for rate in options.rates
                for mode in (None, *MODES)
            ]
    return CaptureResult(
        broker=str(options.kafka or "embedded"),
        pinned=cores.measured is not None,
        seconds=options.seconds,
        answer_ms=options.answer_ms,
        laps=tuple(laps),
    )


@asynccontextmanager
async def _site(options: Options, cores: Cores, folder: Path) -> AsyncIterator[Site]:
    node = BenchNode(answer_s=options.answer_ms / 1_000)
    is_embedded = options.kafka is None
    async with ground(options.kafka, cores=cores, logs=folder) as kafka:
        tables = {"signatures": SignatureRow, "decoders": DecodeRow}
        changelogs = [changelog_of(table, RAW_CHAIN, row) for table, row in tables.items()]
        await topics.create(kafka, partitions=PARTITIONS, topics=[*CATALOGUE, *changelogs])
        async with node.serving(), ears(kafka) as heard:
            site = Site(kafka, is_embedded, cores, folder, Salvo(), node, heard)
            async with _worker(site) as worker:
                await _ready(site, worker)
                yield site


@asynccontextmanager
async def _worker(site: Site) -> AsyncIterator[Running]:
    argv = (sys.executable, "-m", "btracker", "worker", "--agents", "decode_transactions")
    env = _environment(site, tables="", partitions=PARTITIONS)
    async with running(argv, env, cores=None, log=site.folder / "worker.log") as worker:
        yield worker


async def _ready(site: Site, worker: Running) -> None:
    """Return when the worker decodes.

    Raises:
        BtrackerError: it does not.
    """
    one = _blocks(site, per_second=1, seconds=1)[:1]
    due = await _publish(site.kafka, one, per_second=1_000)
    waiting = asyncio.create_task(site.ears.until_all(due))
    deadline = time.monotonic() + PATIENCE_S
    while not waiting.done():
        if worker.ended or time.monotonic() > deadline:
            raise BtrackerError(f"The worker does not get to work: {worker.last_words}")
        await asyncio.wait({waiting}, timeout=0.1)


async def _lap(site: Site, mode: Mode | None, *, per_second: int, seconds: int) -> Lap:
    """Measure one mode; None: what it costs without a collector."""
    some = _blocks(site, per_second=per_second, seconds=seconds + WARM_S)
    warm = {shot.signature for block in some[: int(WARM_S / SLOT_S)] for shot in block.shots}
    if mode is None:
        due, spent = await _publish(site.kafka, some, per_second=per_second), None
    else:
        spent = await _capture(site, mode, some, per_second=per_second)
        due = {
            shot.signature: site.node.due[shot.signature] for block in some for shot in block.shots
        }
    with suppress(TimeoutError):
        await asyncio.wait_for(site.ears.until_all(due), LAST_S)
    counted = {signature: at for signature, at in due.items() if signature not in warm}
    cpu_us = spent and round(spent.cpu_s / len(due) * 1e6, 1)
    lap = _judged(site, mode, counted, per_second=per_second)
    return msgspec.structs.replace(
        lap, cpu_us=cpu_us, peak_memory_mib=spent and spent.peak_memory_mib
    )


def _judged(
    site: Site,
    mode: Mode | None,
    due: Mapping[Signature, float],
    *,
    per_second: int,
) -> Lap:
    node, heard = site.node, site.ears
    missing = len(due.keys() - heard.events.keys())
    answered = {one: node.asked[one] for one in due if one in node.answered}
    return Lap(
        mode=mode or FLOOR,
        per_second=per_second,
        sent=len(due),
        missing=missing,
        raw=_times(due, heard.raw),
        event=_times(due, heard.events),
        asked=_times(due, node.asked) if answered else None,
        answer=_times(answered, node.answered) if answered else None,
        cpu_us=None,
        peak_memory_mib=None,
    )


def _times(since: Mapping[Signature, float], until: Mapping[Signature, float]) -> Spread:
    found = [until[one] - at for one, at in since.items() if one in until]
    if not found:
        raise BtrackerError("No transaction arrived: the collector or the worker is not working.")
    return spread(found)


async def _capture(site: Site, mode: Mode, some: Sequence[Block], *, per_second: int) -> Spent:
    """Have a collector capture blocks; return what it took."""
    node, name = site.node, f"collect-{mode}-{per_second}"
    env = _environment(
        site,
        solana=f"{mode}=ws://{HOST}:{node.port},http://{HOST}:{node.port}",
        solana_requests_per_s=20_000,
        data=site.folder / name,
        fetch_documents=False,
    )
    argv, log = (sys.executable, "-m", "btracker", "collect"), site.folder / f"{name}.log"
    async with running(argv, env, cores=site.cores.measured, log=log) as collector:
        try:
            await asyncio.wait_for(node.subscribed(), PATIENCE_S)
            before = collector.cpu_s
            await node.tell(some, per_second=per_second)
        except (TimeoutError, ConnectionError) as error:
            raise BtrackerError(f"The collector is not working: {collector.last_words}") from error
        due = {shot.signature: 0.0 for block in some for shot in block.shots}
        with suppress(TimeoutError):
            await asyncio.wait_for(site.ears.until_all(due), LAST_S)
        return Spent(collector.cpu_s - before, collector.peak_memory_mib)


def _blocks(site: Site, *, per_second: int, seconds: int) -> Sequence[Block]:
    head = site.node.head
    return blocks(
        site.salvo, first=head + JUMP, parent=head, per_second=per_second, seconds=seconds
    )


async def _publish(
    kafka: Kafka, some: Sequence[Block], *, per_second: int
) -> dict[Signature, float]:
    """Put transactions on the raw topic when they are due, with a bare producer."""
    due: dict[Signature, float] = {}
    shots = [shot for block in some for shot in block.shots]
    async with AIOKafkaProducer(**kafka.options, acks="all", linger_ms=LINGER_MS) as producer:
        began = time.perf_counter()
        for number, shot in enumerate(shots):
            due[shot.signature] = at = began + number / per_second
            await asyncio.sleep(max(0.0, at - time.perf_counter()))
            entry = chain_entry(
                shot.signature, shot.value, kind=Kind.CONFIRMED, index=0, exact=False, node=FLOOR
            )
            await producer.send(
                entry.topic, entry.value, key=entry.key, headers=list(entry.headers)
            )
    return due


def _environment(site: Site, **more: object) -> Mapping[str, str]:
    own = {**dict.fromkeys(UNSECURED, ""), **EMBEDDED} if site.is_embedded else {}
    told = {**own, "kafka": site.kafka, **more}
    return {f"BTRACKER_{name.upper()}": str(value) for name, value in told.items()}
