"""Three contestants on the same backlog, one after another, never at the same time."""

import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

import msgspec

from btracker.bench.pipeline.course import Backlog, backlog, course, load
from btracker.bench.pipeline.machinery import Cores, Running, running, shared_cores
from btracker.bench.pipeline.market import Plan
from btracker.bench.pipeline.watch import Watch, state_of
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


class Contestant(NamedTuple):
    """A way of carrying records through the fold. ``changelog``: its names, ``{}`` for a table."""

    name: str
    argv: tuple[str, ...]
    changelog: str = "btracker.{}.changelog"


WORKER = Contestant("worker", ("btracker", "worker", "--agents", "fold_events"))
BARE = Contestant("bare", ("btracker.bench.pipeline.bare",))
PLAIN = Contestant("plain", ("btracker.bench.pipeline.plain",), "plain-{}-changelog")


class Size(NamedTuple):
    """How much there is to do: the plain idiom, being slow, gets the first part of the market."""

    tokens: int
    trades: int
    plain_trades: int


class Pace(NamedTuple):
    """The time that a number of events took, and the bytes in memory after them."""

    events: int
    wall_s: float
    cpu_s: float
    memory: int


class Rate(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The median of several runs, from a backlog that waits to all of it being durable."""

    events: int
    events_per_second: int
    cpu_us_per_event: float


class RaceResult(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The rates of all three, which all ended in the state that brute force expects.

    ``times_…``: the worker's events per second over the other's; ``cpu_times_…``: the other's
    processor time per event over the worker's, which a busy machine distorts less.
    """

    tokens: int
    trades: int
    partitions: int
    runs: int
    broker: str
    pinned: bool
    worker: Rate
    floor: Rate
    plain: Rate
    times_floor: float
    times_plain: float
    cpu_times_floor: float
    cpu_times_plain: float


async def race(size: Size, *, runs: int, kafka: Kafka | None) -> RaceResult:
    """Return how fast the worker, its floor and the plain idiom are; *kafka* None: embedded.

    Runs of the three alternate, so that a slow moment of the machine hits them all.

    Raises:
        BtrackerError: one of them did not get to the end, or not to the right state.
    """
    full = backlog(Plan(SEED, size.tokens, size.trades, PARTITIONS))
    part = backlog(Plan(SEED, size.tokens, size.plain_trades, PARTITIONS))
    field = ((WORKER, full), (BARE, full), (PLAIN, part))
    with shared_cores() as cores:
        laps = [
            [await lap(who, waiting, kafka=kafka, cores=cores) for who, waiting in field]
            for _ in range(runs)
        ]
    worker, floor, plain = (_rate(paces) for paces in zip(*laps, strict=True))
    return RaceResult(
        tokens=size.tokens,
        trades=size.trades,
        partitions=PARTITIONS,
        runs=runs,
        broker=str(kafka or "embedded"),
        pinned=cores.measured is not None,
        worker=worker,
        floor=floor,
        plain=plain,
        times_floor=round(worker.events_per_second / floor.events_per_second, 2),
        times_plain=round(worker.events_per_second / plain.events_per_second, 1),
        cpu_times_floor=round(floor.cpu_us_per_event / worker.cpu_us_per_event, 2),
        cpu_times_plain=round(plain.cpu_us_per_event / worker.cpu_us_per_event, 1),
    )


async def lap(who: Contestant, waiting: Backlog, *, kafka: Kafka | None, cores: Cores) -> Pace:
    """Return the pace of one contestant on a fresh course.

    Raises:
        BtrackerError: it did not get to the end, or not to the right state.
    """
    with TemporaryDirectory(prefix="btracker-bench-") as folder:
        logs = Path(folder)
        async with course(waiting, kafka=kafka, cores=cores, logs=logs) as broker:
            argv = (sys.executable, "-m", *who.argv)
            env = _environment(broker, embedded=kafka is None)
            log = logs / f"{who.name}.log"
            async with running(argv, env, cores=cores.measured, log=log) as contestant:
                pace = await _pace(contestant, waiting, broker)
            await _check(who, waiting, broker)
    return pace


async def _pace(contestant: Running, waiting: Backlog, kafka: Kafka) -> Pace:
    """Return the pace at which the trades are folded by a contestant that is warm."""
    async with Watch(contestant, kafka, partitions=waiting.plan.partitions) as watch:
        await watch.until(waiting.middle)
        contestant.pause()
        await load(kafka, waiting.trades)
        await asyncio.sleep(LONGEST_FETCH_S)
        began_s, began_cpu_s = time.time(), contestant.cpu_s
        contestant.resume()
        ended_s = await watch.until(waiting.ends)
        events = sum(map(len, waiting.trades))
        return Pace(events, ended_s - began_s, contestant.cpu_s - began_cpu_s, contestant.memory)


async def _check(who: Contestant, waiting: Backlog, kafka: Kafka) -> None:
    state = await state_of(
        kafka, who.changelog, partitions=waiting.plan.partitions, wanted=waiting.state
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


def _rate(paces: Sequence[Pace]) -> Rate:
    return Rate(
        events=paces[0].events,
        events_per_second=round(median(pace.events / pace.wall_s for pace in paces)),
        cpu_us_per_event=round(median(pace.cpu_s / pace.events for pace in paces) * 1e6, 2),
    )
