"""Contestants on the same backlog, one after another, never at the same time."""

import asyncio
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

import msgspec

from btracker.bench.pipeline.contestants import FIELD, WORKER, Contestant, absent
from btracker.bench.pipeline.course import Backlog, backlog, course, load
from btracker.bench.pipeline.machinery import Cores, Running, running, shared_cores
from btracker.bench.pipeline.market import Plan
from btracker.bench.pipeline.watch import CommitWatch, Watch, Watching, state_of
from btracker.kafka_access import UNSECURED
from domain.errors import BtrackerError
from schemas.kafka import Kafka
from streams.settings import EMBEDDED

SEED = 20260101
PARTITIONS = 4
SESSION_S = 25
"""Kafka must not give a contestant up while it stands still."""
LONGEST_FETCH_S = 2.0
"""A fetch that stock Faust sent before the backlog was there is answered after 1.5 s at most."""


class Size(NamedTuple):
    """How much there is to do: the plain idiom, being slow, gets the first part of the market."""

    tokens: int
    trades: int
    plain_trades: int


class Pace(NamedTuple):
    """The time that a number of events took, and bytes: after them, before them, at most."""

    events: int
    wall_s: float
    cpu_s: float
    memory: int
    idle_memory: int
    peak_memory: int | None


class Rate(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The median of several runs, from a backlog that waits to all of it being durable.

    ``times``: the worker's events per second over this one's; ``cpu_times``: this one's processor
    time per event over the worker's, which a busy machine distorts less.
    """

    label: str
    events: int
    events_per_second: int
    cpu_us_per_event: float
    peak_memory_mib: int | None
    times: float
    cpu_times: float


class RaceResult(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The rates of all that took part, which all ended in the state that brute force expects.

    ``absent``: why others did not.
    """

    tokens: int
    trades: int
    partitions: int
    runs: int
    broker: str
    pinned: bool
    contestants: dict[str, Rate]
    absent: Mapping[str, str]


async def race(size: Size, *, runs: int, kafka: Kafka | None) -> RaceResult:
    """Return how fast the worker and the others are; *kafka* None: embedded.

    Runs of all alternate, so that a slow moment of the machine hits them all.

    Raises:
        BtrackerError: one of them did not get to the end, or not to the right state.
    """
    full = backlog(Plan(SEED, size.tokens, size.trades, PARTITIONS))
    part = backlog(Plan(SEED, size.tokens, size.plain_trades, PARTITIONS))
    reasons = absent(FIELD, kafka)
    field = [who for who in FIELD if who.name not in reasons]
    paces: dict[str, list[Pace]] = {who.name: [] for who in field}
    with shared_cores() as cores:
        for _ in range(runs):
            for who in field:
                waiting = part if who.is_slow else full
                paces[who.name].append(await lap(who, waiting, kafka=kafka, cores=cores))
    return RaceResult(
        tokens=size.tokens,
        trades=size.trades,
        partitions=PARTITIONS,
        runs=runs,
        broker=str(kafka or "embedded"),
        pinned=cores.measured is not None,
        contestants={who.name: _rate(who, paces) for who in field},
        absent=reasons,
    )


async def lap(who: Contestant, waiting: Backlog, *, kafka: Kafka | None, cores: Cores) -> Pace:
    """Return the pace of one contestant on a fresh course.

    Raises:
        BtrackerError: it did not get to the end, or not to the right state.
    """
    with TemporaryDirectory(prefix="btracker-bench-") as folder:
        logs = Path(folder)
        async with course(waiting, kafka=kafka, cores=cores, logs=logs) as broker:
            events = sum(waiting.ends)
            argv = (sys.executable, "-m", *_told(who, events=events, folder=logs / "own"))
            env = _environment(broker, embedded=kafka is None)
            log = logs / f"{who.name}.log"
            async with (
                running(argv, env, cores=cores.measured, log=log) as contestant,
                _watching(who, contestant, broker) as watch,
            ):
                pace = await _pace(contestant, waiting, broker, watch)
            await _check(who, waiting, broker)
    return pace


def _told(who: Contestant, *, events: int, folder: Path) -> list[str]:
    return [part.format(events=events, folder=folder) for part in who.argv]


def _watching(
    who: Contestant, contestant: Running, kafka: Kafka
) -> AbstractAsyncContextManager[Watching]:
    if who.group is None:
        return Watch(contestant, kafka, partitions=PARTITIONS)
    return CommitWatch(contestant, kafka, group=who.group, partitions=PARTITIONS)


async def _pace(contestant: Running, waiting: Backlog, kafka: Kafka, watch: Watching) -> Pace:
    """Return the pace at which the trades are folded by a contestant that is warm."""
    await watch.until(waiting.middle)
    contestant.pause()
    await load(kafka, waiting.trades)
    await asyncio.sleep(LONGEST_FETCH_S)
    idle = contestant.memory
    began_s, began_cpu_s = time.time(), contestant.cpu_s
    contestant.resume()
    ended_s = await watch.until(waiting.ends)
    return Pace(
        events=sum(map(len, waiting.trades)),
        wall_s=ended_s - began_s,
        cpu_s=contestant.cpu_s - began_cpu_s,
        memory=contestant.memory,
        idle_memory=idle,
        peak_memory=contestant.peak_memory,
    )


async def _check(who: Contestant, waiting: Backlog, kafka: Kafka) -> None:
    state = await state_of(
        kafka, who.changelog, who.row, partitions=waiting.plan.partitions, wanted=waiting.state
    )
    if state != waiting.state:
        raise BtrackerError(
            f"{who.name} ended in state {state.digest}, not {waiting.state.digest}: its figures "
            "mean nothing."
        )


def _environment(kafka: Kafka, *, embedded: bool) -> dict[str, str]:
    own = {**dict.fromkeys(UNSECURED, ""), **EMBEDDED} if embedded else {}
    told = {"kafka": kafka, "partitions": PARTITIONS, **own}
    told["session_timeout_s"] = SESSION_S
    return {f"BTRACKER_{name.upper()}": str(value) for name, value in told.items()}


def _rate(who: Contestant, paces: Mapping[str, Sequence[Pace]]) -> Rate:
    mine, workers = paces[who.name], paces[WORKER.name]
    peaks = [pace.peak_memory for pace in mine if pace.peak_memory is not None]
    return Rate(
        label=who.label,
        events=mine[0].events,
        events_per_second=round(_per_second(mine)),
        cpu_us_per_event=round(_cpu_us(mine), 2),
        peak_memory_mib=max(peaks) >> 20 if peaks else None,
        times=round(_per_second(workers) / _per_second(mine), 2),
        cpu_times=round(_cpu_us(mine) / _cpu_us(workers), 2),
    )


def _per_second(paces: Sequence[Pace]) -> float:
    return median(pace.events / pace.wall_s for pace in paces)


def _cpu_us(paces: Sequence[Pace]) -> float:
    return median(pace.cpu_s / pace.events for pace in paces) * 1e6
